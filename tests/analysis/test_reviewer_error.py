"""Reviewers' errors: rates and chances by hand, and draws combined by Rubin's rules."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from samp_eval.analysis.model.reviewer_error import ErrorRates, Marks, chance_right, combined, error_rates
from samp_eval.analysis.model.study_fit import fit_study
from samp_eval.errors import CannotEstimate
from samp_eval.review.people.reviewers import Reviewer

ANN, BOB = Reviewer("Ann"), Reviewer("Bob")


def marks(ann: str, bob: str, ruling: str | None = None) -> Marks:
    return {ANN: ann, BOB: bob}, ruling


def test_rates_are_counts_against_what_was_settled() -> None:
    """Right: three answers, of which Ann missed one; wrong: two, of which Bob credited one. Half an error is added."""
    given = [marks("A", "B"), marks("A", "A"), marks("0", "A", "A"), marks("0", "0"), marks("0", "A", "0")]
    open_and_single: list[Marks] = [marks("A", "0"), ({ANN: "A"}, None)]
    rates = error_rates([*given, *open_and_single])
    assert rates[ANN] == ErrorRates(missed=1.5 / 4, credited_wrongly=0.5 / 3)
    assert rates[BOB] == ErrorRates(missed=0.5 / 4, credited_wrongly=1.5 / 3)


def test_chances_follow_from_the_rates() -> None:
    """By Bayes: both credit, 0.81 / (0.81 + 0.01); one does, and the third person too, 0.081 / (0.081 + 0.009)."""
    rates = {ANN: ErrorRates(0.1, 0.1), BOB: ErrorRates(0.1, 0.1)}
    assert chance_right(marks("A", "A"), rates, 0.5) == pytest.approx(0.81 / 0.82)
    assert chance_right(marks("A", "0", "A"), rates, 0.5) == pytest.approx(0.9)
    assert chance_right(marks("A", "0"), rates, 0.5) == pytest.approx(0.5)
    assert chance_right(({ANN: "0"}, None), rates, 0.8) == pytest.approx(0.08 / 0.26)


def test_draws_are_combined_by_rubin() -> None:
    """Slopes 1 and 3 with error 1: mean 2, variance 1 + 1.5 x 2 = 4."""
    rows = [
        (f"q{place:02d}", f"c{place:02d}", name, 1, 100.0 * ((place + shift) % 3 > 0))
        for name, shift in (("a", 0), ("b", 1))
        for place in range(60)
    ]
    table = pd.DataFrame(rows, columns=["question_id", "case_id", "respondent", "round", "score_percent"]).assign(
        basis="key", requested=1, prompted=True, regenerated=False, later=False
    )
    fit = fit_study(table, basis="key", respondents=["a", "b"], engine="vectorised")
    (term,) = fit.terms
    drawn = [replace(fit, terms=(replace(term, log_odds_ratio=slope, standard_error=1.0),)) for slope in (1.0, 3.0)]
    (found,) = combined(drawn).terms
    assert (found.log_odds_ratio, found.standard_error) == pytest.approx((2.0, 2.0))
    assert found.ci_low < 0.01
    assert found.ci_high > 100  # t with (1 + 1 / 3) ** 2 = 1.8 degrees of freedom
    assert found.n_questions == term.n_questions
    with pytest.raises(CannotEstimate, match="without an odds ratio"):
        combined([fit, replace(fit, terms=())])
