"""Partial proportional odds: VGAM's estimates with sandwich covariances by hand in R, and both limits of the model."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset, reference

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.partial_odds import PartialOdds, fit_partial_odds
from samp_eval.statistics.gee.proportional_odds import check_proportional_odds
from samp_eval.statistics.gee.terms import Covariance

R_TOLERANCE = 2e-7
"""VGAM ends at a relative change of the likelihood of 1e-12, which is about 1e-7 in the estimates."""

IDENTITY = 1e-8
"""Two solvers of the same equations."""

CASES = {
    "three_respondents": (["gpt4"], None),
    "balanced": (["gpt4", "bare"], None),
    "arthritis": (["drug"], None),
    "continuous": (["words"], None),
    "ten_levels": (["gpt4"], [0, 3, 7]),
}
"""Varying columns; places of the levels at which a slope begins."""


def fitted(name: str, covariance: Literal["robust", "bias_reduced"]) -> PartialOdds:
    outcome, design, cluster = dataset(name)
    varying, places = CASES[name]
    levels = sorted(set(outcome))
    above = None if places is None else [levels[place] for place in places]
    return fit_partial_odds(outcome, design, cluster, varying, cut_points=above, covariance=covariance)


def in_order_of_r(found: PartialOdds) -> dict[str, tuple[float, float]]:
    """Estimate and standard error by R's name of the parameter."""
    errors = np.sqrt(np.diag(found.parameter_covariance)).tolist()
    values = {f"threshold:{place}": (value, errors[place - 1]) for place, value in enumerate(found.thresholds, start=1)}
    values |= {term.term: (term.log_odds_ratio, term.standard_error) for term in found.common}
    for place, cut in enumerate(found.cut_points, start=1):
        values |= {f"{term.term}:{place}": (term.log_odds_ratio, term.standard_error) for term in cut.terms}
    return values


@pytest.mark.parametrize("covariance", ["robust", "bias_reduced"])
@pytest.mark.parametrize("name", CASES)
def test_estimates_are_those_of_vgam_and_errors_its_sandwich(
    name: str, covariance: Literal["robust", "bias_reduced"]
) -> None:
    expected = reference("partial_odds").query("dataset == @name").set_index("parameter")
    found = fitted(name, covariance)
    values = in_order_of_r(found)
    assert set(values) == {parameter for parameter in expected.index if not parameter.startswith("wald")}
    for parameter, (estimate, error) in values.items():
        assert estimate == pytest.approx(expected.loc[parameter, "estimate"], abs=R_TOLERANCE)
        assert error == pytest.approx(expected.loc[parameter, f"{covariance}_se"], abs=R_TOLERANCE)
    if covariance == "robust":
        for test in found.equal:
            assert test.statistic == pytest.approx(expected.loc[f"wald:{test.tested}", "estimate"], rel=1e-5)


@pytest.mark.parametrize("covariance", ["robust", "bias_reduced"])
@pytest.mark.parametrize("name", ["arthritis", "binary", "koch", "missing_rounds"])
def test_without_a_varying_term_it_is_the_proportional_odds_model(name: str, covariance: Covariance) -> None:
    outcome, design, cluster = dataset(name)
    assert covariance != "naive"
    found = fit_partial_odds(outcome, design, cluster, [], covariance=covariance)
    expected = fit_ordinal_gee(outcome, design, cluster, covariance=covariance, engine="statsmodels")
    assert [term.log_odds_ratio for term in found.common] == pytest.approx(expected.log_odds_ratios, abs=IDENTITY)
    assert found.thresholds == pytest.approx(expected.thresholds, abs=IDENTITY)
    assert found.parameter_covariance == pytest.approx(expected.parameter_covariance, abs=IDENTITY)
    assert [term.ci_low for term in found.common] == pytest.approx([term.ci_low for term in expected.terms])


def test_of_one_varying_term_it_is_the_logistic_fits() -> None:
    """A single 0/1 column without proportional odds is saturated: nothing is shared between the cut points."""
    outcome, design, cluster = dataset("three_respondents")
    alone = design[["gpt4"]]
    found = fit_partial_odds(outcome, alone, cluster, ["gpt4"])
    check = check_proportional_odds(outcome, alone, cluster)
    for mine, theirs in zip(found.cut_points, check.cut_points, strict=True):
        assert mine.above == theirs.above
        assert mine.terms[0].log_odds_ratio == pytest.approx(theirs.terms[0].log_odds_ratio, abs=IDENTITY)
        assert mine.terms[0].standard_error == pytest.approx(theirs.terms[0].standard_error, rel=1e-2)
    assert found.equal[0].statistic == pytest.approx(check.by_term[0].statistic, rel=1e-2)


def test_a_level_that_is_not_named_shares_the_odds_ratio_below_it() -> None:
    outcome, design, cluster = dataset("balanced")
    levels = sorted(set(outcome))
    found = fit_partial_odds(outcome, design, cluster, ["gpt4"], cut_points=levels[1:3])
    assert [cut.above for cut in found.cut_points] == levels[1:3]
    assert len(found.thresholds) == len(levels) - 1
    assert found.equal[0].degrees_of_freedom == 1
    one = fit_partial_odds(outcome, design, cluster, ["gpt4"], cut_points=levels[1:2])
    expected = fit_ordinal_gee(outcome, design, cluster).terms[0]
    assert one.cut_points[0].terms[0].log_odds_ratio == pytest.approx(expected.log_odds_ratio, abs=IDENTITY)
    assert one.equal == ()


def test_what_the_data_do_not_determine_is_refused() -> None:
    """Without x no score is above 1, so that the odds ratio of scoring above 1 is infinite."""
    generator = np.random.default_rng(1)
    design, cluster = pd.DataFrame({"x": np.tile([0.0, 1.0], 150)}), np.repeat(np.arange(30), 10)
    scores = np.where((design["x"] == 1) & (generator.random(300) < 0.5), 2, generator.integers(0, 2, 300))
    with pytest.raises(CannotEstimate, match="has no solution"):
        fit_partial_odds(scores, design, cluster, ["x"])
    outcome, design, judge = dataset("wine")
    with pytest.raises(CannotEstimate, match="too few for odds ratios at each cut point"):
        fit_partial_odds(outcome, design, judge % 6, list(design.columns))
    with pytest.raises(ValueError, match="varying names 'sweet'"):
        fit_partial_odds(outcome, design, judge, ["sweet"])
    with pytest.raises(ValueError, match="cut_points is"):
        fit_partial_odds(outcome, design, judge, ["warm"], cut_points=[7])
