"""The odds ratio of a right line, beside that of scores."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sample import sample_records

from samp_eval.analysis.model.sensitivity import LINES, lines_of
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.report.prose.summary import summary_sentences
from samp_eval.report.tables.sensitivity_table import sensitivity_table
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee


def test_lines_have_the_odds_ratio_of_their_counts() -> None:
    """By hand: model a has 5 of 8 lines right, model b 7 of 8; (7 / 1) / (5 / 3) = 4.2."""
    scored = pd.DataFrame(
        {
            "question_id": ["q1", "q2", "q3", "q4"] * 2,
            "respondent": ["a"] * 4 + ["b"] * 4,
            "requested": [1, 2, 2, 3] * 2,
            "correct": [1.0, 2.0, 0.0, 2.0, 1.0, 2.0, 1.0, 3.0],
        }
    ).assign(score_percent=lambda rows: 100 * rows["correct"] / rows["requested"])
    lines = lines_of(scored)
    assert len(lines) == 16
    assert set(lines["score_percent"]) == {0.0, 100.0}
    right = lines.groupby("respondent")["correct"].sum()
    assert right.to_dict() == {"a": 5.0, "b": 7.0}
    assert lines.groupby(["respondent", "question_id"])["correct"].sum().tolist() == scored["correct"].tolist()
    design = pd.DataFrame({"b": (lines["respondent"] == "b").astype(float)})
    fit = fit_ordinal_gee(lines["score_percent"], design, lines.index, engine="vectorised")
    assert fit.terms[0].odds_ratio == pytest.approx(4.2, abs=1e-7)


def test_the_summary_begins_with_the_scale_that_every_bank_has() -> None:
    content = sample_records(questions=40).content()
    of_lines = [variation for variation in content.variations if variation.what == LINES]
    assert [variation.basis for variation in of_lines] == list(content.bases)
    fit = of_lines[0].outcome
    assert isinstance(fit, StudyFit)
    estimates = next(sentence for sentence in summary_sentences(content) if "the odds" in sentence)
    ratio = f"{fit.terms[0].odds_ratio:.2f}"
    assert f"is right were {ratio} times" in estimates
    assert estimates.index("is right were") < estimates.index("the odds of a higher score")
    assert "which depends on how many lines a question asks for" in estimates
    table = sensitivity_table(content)
    words = [row.cells[0].text for row in table.rows]
    assert "Outcome: each line right or wrong" in words
    assert any("on a scale that does not depend on how many lines" in note for note in table.notes)


def test_without_lines_nothing_is_said_of_them() -> None:
    content = sample_records(questions=40).content()
    without = replace(content, variations=tuple(one for one in content.variations if one.what != LINES))
    assert not any("a line" in sentence for sentence in summary_sentences(without))
    assert not any("Each line" in note for note in sensitivity_table(without).notes)
