"""What the report adds where one odds ratio does not serve: by cut point, and by condition."""

from __future__ import annotations

from dataclasses import replace

from sample import sample_records

from samp_eval.analysis.model.cut_points import partial_odds
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.numbers import p_sentence, ratio
from samp_eval.report.renderers.html import render_html
from samp_eval.report.tables.effect_tables import partial_odds_table, respondent_by_condition_table
from samp_eval.statistics.gee.partial_odds import PartialOdds
from samp_eval.statistics.gee.proportional_odds import ProportionalOddsCheck
from samp_eval.statistics.not_estimated import NotEstimated


def failing(content: ReportContent, p_value: float) -> ReportContent:
    """The same study with another p-value of the first term's test."""
    effects = content.effects[0]
    check = effects.proportional_odds
    assert isinstance(check, ProportionalOddsCheck)
    by_term = (replace(check.by_term[0], p_value=p_value), *(replace(one, p_value=0.9) for one in check.by_term[1:]))
    check = replace(check, by_term=by_term)
    shown = replace(effects, proportional_odds=check, partial_odds=partial_odds(content.fits[effects.basis], check))
    return replace(content, effects=(shown,))


def test_partial_proportional_odds_stand_where_proportional_odds_fail() -> None:
    content = sample_records(questions=40).content()
    assert partial_odds_table(failing(content, 0.2)) is None
    shown = failing(content, 0.01)
    table, fitted = partial_odds_table(shown), shown.effects[0].partial_odds
    assert table is not None
    assert isinstance(fitted, PartialOdds)
    check = content.effects[0].proportional_odds
    assert isinstance(check, ProportionalOddsCheck)
    assert [cut.above for cut in fitted.cut_points] == [cut.above for cut in check.cut_points]
    texts = [[cell.text for cell in row.cells] for row in table.rows if row.kind != "group"]
    assert [row[1] for row in texts[: len(check.cut_points)]] == [f"above {cut.above:.0f}%" for cut in check.cut_points]
    assert texts[0][2] == ratio(fitted.cut_points[0].terms[0].odds_ratio)
    assert {row[1] for row in texts[len(check.cut_points) :]} == {"above any"}
    assert len(texts) == len(check.cut_points) + len(check.by_term) - 1
    assert any("joint Wald test" in note and p_sentence(fitted.equal[0].p_value) in note for note in table.notes)
    page = render_html(shown)
    assert "for terms whose test of proportional odds is below the level" in page
    assert "in a partial proportional-odds model" in page
    assert "Peterson B, Harrell FE." in page
    assert "Peterson" not in render_html(failing(content, 0.2))


def test_cut_points_stand_by_themselves_where_the_joint_model_has_no_solution() -> None:
    shown = failing(sample_records(questions=40).content(), 0.01)
    effects = replace(shown.effects[0], partial_odds=NotEstimated("The model has no solution."))
    table = partial_odds_table(replace(shown, effects=(effects,)))
    assert table is not None
    assert table.rows[1].cells[0].text == "Each cut point by itself (logistic fits): The model has no solution."
    check = effects.proportional_odds
    assert isinstance(check, ProportionalOddsCheck)
    assert [row.cells[2].text for row in table.rows[2:]] == [ratio(cut.terms[0].odds_ratio) for cut in check.cut_points]


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
