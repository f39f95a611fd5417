"""What the report adds where one odds ratio does not serve: by cut point, and by condition."""

from __future__ import annotations

from dataclasses import replace

from sample import sample_records

from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.renderers.html import render_html
from samp_eval.report.tables.effect_tables import cut_points_table, respondent_by_condition_table
from samp_eval.statistics.gee.proportional_odds import ProportionalOddsCheck
from samp_eval.statistics.not_estimated import NotEstimated


def failing(content: ReportContent, p_value: float) -> ReportContent:
    """The same study with another p-value of the first term's test."""
    effects = content.effects[0]
    check = effects.proportional_odds
    assert isinstance(check, ProportionalOddsCheck)
    by_term = (replace(check.by_term[0], p_value=p_value), *(replace(one, p_value=0.9) for one in check.by_term[1:]))
    shown = replace(effects, proportional_odds=replace(check, by_term=by_term))
    return replace(content, effects=(shown,))


def test_odds_ratios_by_cut_point_stand_where_proportional_odds_fail() -> None:
    content = sample_records(questions=40).content()
    assert cut_points_table(failing(content, 0.2)) is None
    table = cut_points_table(failing(content, 0.01))
    assert table is not None
    check = content.effects[0].proportional_odds
    assert isinstance(check, ProportionalOddsCheck)
    texts = [[cell.text for cell in row.cells] for row in table.rows if row.kind != "group"]
    assert len(texts) == len(check.cut_points)
    assert texts[0][1] == "above 0%"
    assert "for terms whose test of proportional odds is below the level" in render_html(failing(content, 0.01))


def test_respondents_stand_under_each_condition() -> None:
    content = sample_records(questions=40).content()
    table = respondent_by_condition_table(content)
    assert table is not None
    texts = [[cell.text for cell in row.cells] for row in table.rows if row.kind != "group"]
    assert [row[1] for row in texts[:6]] == ["bare", "prompted", "fresh", "regenerated", "asked first", "asked later"]
    assert texts[0][0] == "gpt-4 v gpt-3.5-turbo"
    assert "Odds ratios of the respondents under each condition" in render_html(content)


def test_why_proportional_odds_were_not_checked_is_a_remark_and_no_heading() -> None:
    content = sample_records(questions=6).content()
    effects = replace(content.effects[0], proportional_odds=NotEstimated("There are too few clusters."))
    page = render_html(replace(content, effects=(effects, *content.effects[1:])))
    assert '<tr class="remark"><td colspan="4">Not checked: There are too few clusters.</td></tr>' in page
