"""The table on studies of another size: the errors of its components, and reasons in the place of figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sample import sample_records

from samp_eval.analysis.generalisability import DifferenceError
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.tables.generalisability_table import generalisability_table
from samp_eval.statistics.generalisability import Components
from samp_eval.statistics.not_estimated import NotEstimated


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return sample_records(questions=40).content()


def test_a_study_of_its_own_size_has_the_error_of_its_questions(content: ReportContent) -> None:
    (found, *_) = content.difference_errors
    components = found.components
    assert isinstance(components, Components)
    table = generalisability_table(content)
    own = [row for row in table.rows if len(row.cells) > 1 and row.cells[0].value == components.n_questions]
    assert own[0].cells[2].value == pytest.approx(components.standard_error(components.n_questions, 1))
    errors = [row.cells[2].value or 0.0 for row in table.rows if row.kind == "body"][:5]
    assert errors == sorted(errors, reverse=True), "more questions, less error"


def test_errors_of_reviewers_by_hand(content: ReportContent) -> None:
    """100 / 20 + 80 / 20 + 4 / 2 + 0 + 0 = 11 for 20 questions, one round and two reviewers."""
    components = Components(100.0, 80.0, 4.0, -3.0, 0.0, 77, 5, 2)
    shown = replace(content, difference_errors=(DifferenceError("key", "b", "a", components),))
    table = generalisability_table(shown)
    row = next(row for row in table.rows if [cell.text for cell in row.cells[:2]] == ["20", "2"])
    assert table.rows[0].cells[0].text == "By the answer key: b v a"
    assert row.cells[2].value == pytest.approx(np.sqrt(11))
    assert any("reviewers on questions 0 (estimate \N{MINUS SIGN}3.0)" in note for note in table.notes)


def test_what_cannot_be_told_is_a_remark(content: ReportContent) -> None:
    reason = NotEstimated("there is one round only")
    shown = replace(content, difference_errors=(DifferenceError("key", "b", "a", reason),))
    table = generalisability_table(shown)
    assert [(row.kind, row.cells[0].text) for row in table.rows] == [
        ("group", "By the answer key: b v a"),
        ("remark", "Not estimated: there is one round only."),
    ]
    assert len(table.notes) == 1
