"""Respondent by condition: the products' model, by another parametrisation, and where a condition cannot be had."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.analysis.model.design import study_design
from samp_eval.analysis.model.effects import respondent_by_condition, study_effects
from samp_eval.analysis.model.study_fit import fit_study

REFIT_TOLERANCE = 1e-7
"""The same model with other columns, both by the vectorised solver."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The new model gains from the prompt, the old one does not."""
    rng = np.random.default_rng(3)
    rows = [
        (f"q{question:02d}", f"c{question // 4}", respondent, number, number in (1, 2, 5), number in (2, 4))
        for question in range(60)
        for respondent in ("old", "new")
        for number in range(1, 6)
    ]
    names = ["question_id", "case_id", "respondent", "round", "prompted", "regenerated"]
    frame = pd.DataFrame(rows, columns=names).assign(later=False, basis="key")
    logit = 0.2 + 1.5 * ((frame["respondent"] == "new") & frame["prompted"])
    return frame.assign(score_percent=rng.binomial(2, expit(logit)) * 50.0)


def test_odds_ratios_are_those_of_columns_for_each_condition(table: pd.DataFrame) -> None:
    found = fit_study(table, basis="key", respondents=["old", "new"])
    design = study_design(table, respondents=["old", "new"]).design
    by_condition = respondent_by_condition(table, found, design, ["new"])
    assert [(one.condition, one.reference) for one in by_condition.effects] == [
        ("prompted", "bare"),
        ("regenerated", "fresh"),
    ]
    prompted = by_condition.effects[0]
    other = design.assign(bare=design["new"] * (1 - design["prompted"]), prompt=design["new"] * design["prompted"])
    fit = fit_ordinal_gee(
        table["score_percent"],
        other[["bare", "prompt", "prompted", "regenerated"]],
        table["question_id"],
        engine="vectorised",
    )
    for ours, theirs in zip((prompted.under_reference, prompted.under_condition), fit.terms[:2], strict=True):
        assert (ours.term, ours.reference) == ("new", "old")
        assert ours.log_odds_ratio == pytest.approx(theirs.log_odds_ratio, abs=REFIT_TOLERANCE)
        assert ours.standard_error == pytest.approx(theirs.standard_error, abs=REFIT_TOLERANCE)
    ratio = prompted.under_condition.log_odds_ratio - prompted.under_reference.log_odds_ratio
    assert prompted.interaction.log_odds_ratio == pytest.approx(ratio)
    assert prompted.interaction.p_value < 0.001
    assert by_condition.effects[1].interaction.p_value > 0.05


def test_a_condition_that_separates_is_named(table: pd.DataFrame) -> None:
    top = (table["respondent"] == "new") & table["prompted"]
    certain = table.assign(score_percent=table["score_percent"].mask(top, 100.0))
    found = fit_study(certain, basis="key", respondents=["old", "new"])
    effects = study_effects(certain, found).by_condition
    assert [one.condition for one in effects.effects] == ["regenerated"]
    assert effects.left_out[0].startswith("prompted against bare: An odds ratio would be infinite")
