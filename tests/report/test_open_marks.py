"""What open marks could change, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample import sample_records

from samp_eval.analysis.description import describe_study
from samp_eval.analysis.model.sensitivity import planned_fits, sensitivity
from samp_eval.analysis.open_marks import open_bounds, open_marks_as
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.report.prose.summary import right_sentence


def with_open_marks() -> ScoredStudy:
    """Nobody has marked ``Travel``, the wrong third line of most responses."""
    records = sample_records()
    answer_ids = {study_id for study_id, text in zip(*_answers(records.scored()), strict=True) if text == "Travel"}
    marks = tuple(mark for mark in records.marks if mark.answer_id not in answer_ids)
    return replace(records, marks=marks).scored()


def _answers(study: ScoredStudy) -> tuple[list[str], list[str]]:
    places = study.lines.answer.tolist()
    return [study.lines.answer_ids[place] for place in places], list(study.lines.texts)


def test_bounds_are_the_scores_with_every_open_line_wrong_and_right() -> None:
    study, whole = with_open_marks(), sample_records().scored()
    of_basis = whole.table[whole.table["basis"] == "key"]
    wrong, right = (open_marks_as(study, "key", credit) for credit in (0.0, 1.0))
    assert wrong["correct"].tolist() == of_basis["correct"].tolist()  # Travel is wrong
    has_travel = study.table.loc[study.table["basis"] == "key", "score_percent"].isna()
    assert right["correct"].tolist() == (of_basis["correct"].to_numpy() + has_travel.to_numpy()).tolist()
    for bounds in open_bounds(study):
        own = of_basis["respondent"] == bounds.respondent
        share = 100 * of_basis.loc[own, "correct"].sum() / of_basis.loc[own, "requested"].sum()
        if bounds.basis == "key":
            assert bounds.as_wrong == pytest.approx(share)
            assert bounds.as_right == pytest.approx(share + 100 * bounds.open / (3 * bounds.responses))


def test_a_study_without_open_marks_has_no_bounds() -> None:
    study = sample_records().scored()
    assert open_bounds(study) == describe_study(study).open_bounds == ()
    assert not any(one.what == "open marks" for one in sensitivity(study, planned_fits(study)))


def test_the_sensitivity_has_a_row_for_each_end_and_the_summary_the_bounds() -> None:
    study = with_open_marks()
    rows = [one.choice for one in sensitivity(study, planned_fits(study)) if one.what == "open marks"]
    assert rows == ["counted as wrong", "counted as right"] * 2
    records = sample_records()
    words = right_sentence(replace(records, marks=study.marks).content()).replace("\xa0", " ")
    assert "of whose 60 responses have a score, answered" in words
    first = next(one for one in open_bounds(study) if one.basis == "key")
    assert (
        f"; {first.as_wrong:.1f} to {first.as_right:.1f}% of all lines with the open marks as wrong or right)" in words
    )
