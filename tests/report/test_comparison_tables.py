"""What stands beside the model in a report, and what a table says where there is no statistic."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page import read_page
from sample import sample_records

from samp_eval.report.renderers.html import render_html
from samp_eval.report.tables.comparison_tables import comparison_tables, simpler_statistics_tables
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.study import AnalysisPlan


def test_the_report_holds_the_simpler_statistics_of_every_basis() -> None:
    records = sample_records()
    content = replace(
        records, study=records.study.model_copy(update={"analysis": AnalysisPlan(pass_mark=60)})
    ).content()
    page = read_page(render_html(content))
    for basis in ("key", "judgement"):
        found = next(one for one in content.comparisons if one.choices.basis == basis)
        rows = page.tables[f"table-mean-scores-{basis}"]
        assert rows[0][-2:] == ["Mean above 60, p", "Responses at 60 or more, %"]
        assert [row[0] for row in rows[1:]] == ["gpt-3.5-turbo", "gpt-4"]
        for row, score in zip(rows[1:], found.scores, strict=True):
            assert not isinstance(score.mean, NotEstimated)
            assert row[5] == f"{score.mean.mean:.2f}"
        assert rows[2][3] == "1"
        assert f"table-mean-differences-{basis}" in page.tables
        assert page.tables[f"table-compared-odds-ratios-{basis}"][1][0] == "Answer line: correct or not"


def test_the_failure_lowers_the_mean_that_counts_it() -> None:
    (key, _) = sample_records().content().comparisons
    score = key.scores[1]
    assert (score.respondent, score.failures, score.responses) == ("gpt-4", 1, 59)
    assert score.mean_failures_zero == pytest.approx((score.mean_failures_missing or 0) * 59 / 60)


def test_where_there_is_no_statistic_the_table_says_why() -> None:
    content = sample_records(models={"gpt-4": 1.0}).content()
    (key, _) = content.comparisons
    tables = {one.name: one for one in comparison_tables(key)}
    (row,) = tables["mean-scores-key"].rows
    assert row.cells[6].text == f"{100 * 0.025 ** (1 / 12):.2f}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}100.00"
    assert "Not estimated: " in tables["compared-odds-ratios-key"].rows[0].cells[1].text
    assert "mean-differences-key" not in tables
    assert simpler_statistics_tables(content)
