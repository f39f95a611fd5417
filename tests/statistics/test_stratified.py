"""Thresholds by stratum: collapse cases, and a likelihood that is maximised by scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.stratified import fit_with_strata

EXACT = 1e-8
"""Both solvers stop where a step is smaller than this."""


def data(levels: tuple[int, ...], seed: int = 3, clusters: int = 60, each: int = 6) -> tuple[np.ndarray, ...]:
    """Simulated scores 0 to N of questions with N answers: outcome, model, cluster, N."""
    chance = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), each)
    asked = np.asarray(levels)[cluster % len(levels)]
    model = np.tile(np.arange(each) % 2, clusters).astype(float)
    ease = chance.normal(size=clusters)[cluster]
    right = chance.binomial(asked, expit(0.5 + 0.6 * model + ease))
    return 100.0 * right / asked, model, cluster, asked


@pytest.mark.parametrize("covariance", ["robust", "bias_reduced", "naive"])
def test_one_stratum_is_the_ordinary_fit(covariance: str) -> None:
    outcome, model, cluster, asked = data((3,))
    design = pd.DataFrame({"model": model})
    ours = fit_with_strata(outcome, design, cluster, asked, covariance=covariance)  # type: ignore[arg-type]
    ordinary = fit_ordinal_gee(outcome, design, cluster, covariance=covariance, engine="vectorised")  # type: ignore[arg-type]
    assert ours.thresholds == pytest.approx(ordinary.thresholds, abs=EXACT)
    assert ours.terms[0].log_odds_ratio == pytest.approx(ordinary.terms[0].log_odds_ratio, abs=EXACT)
    assert ours.terms[0].standard_error == pytest.approx(ordinary.terms[0].standard_error, abs=EXACT)


def test_two_binary_strata_are_a_logistic_model_with_an_indicator() -> None:
    outcome, model, cluster, _ = data((1,))
    stratum = cluster % 2
    ours = fit_with_strata(outcome, pd.DataFrame({"model": model}), cluster, stratum)
    indicator = fit_ordinal_gee(outcome, pd.DataFrame({"model": model, "stratum": stratum}), cluster)
    assert ours.terms[0].log_odds_ratio == pytest.approx(indicator.terms[0].log_odds_ratio, abs=EXACT)
    assert ours.terms[0].standard_error == pytest.approx(indicator.terms[0].standard_error, abs=EXACT)


@pytest.mark.slow
def test_mixed_strata_have_the_largest_likelihood() -> None:
    """By scipy's own search over the same likelihood, written row by row."""
    outcome, model, cluster, asked = data((1, 2, 3))

    def negative(parameters: np.ndarray) -> float:
        thresholds = {1: parameters[:1], 2: parameters[1:3], 3: parameters[3:6]}
        total = 0.0
        for score, x, n in zip(outcome, model, asked, strict=True):
            above = np.r_[1.0, expit(thresholds[n] + parameters[6] * x), 0.0]
            level = round(score * n / 100)
            total -= np.log(max(above[level] - above[level + 1], 1e-300))
        return total

    ours = fit_with_strata(outcome, pd.DataFrame({"model": model}), cluster, asked)
    found = np.r_[ours.thresholds, ours.terms[0].log_odds_ratio]
    best = minimize(
        negative, found + 0.1, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 8000}
    )
    assert best.x == pytest.approx(found, abs=1e-3)  # a simplex stops near the top, not on it
    assert negative(found) <= best.fun + 1e-9


def test_the_scale_grows_with_the_answers_asked_for_and_that_of_a_line_does_not() -> None:
    """A line odds ratio of 1.8, without differences between questions: N = 1 gives 1.8, N = 10 about 3.7 (issue 19)."""
    chance = np.random.default_rng(5)
    model = np.tile([0.0, 1.0], 40_000)
    found = {}
    for asked in (1, 10):
        right = chance.binomial(asked, expit(0.4 + np.log(1.8) * model + 0.0))
        fit = fit_ordinal_gee(right, pd.DataFrame({"model": model}), np.arange(len(model)), engine="vectorised")
        found[asked] = fit.terms[0].odds_ratio
    assert found[1] == pytest.approx(1.8, abs=0.06)
    assert found[10] > 3.3


def test_a_stratum_with_one_score_tells_nothing() -> None:
    outcome, model, cluster, asked = data((1, 3))
    certain = np.where(asked == 1, 100.0, outcome)
    design = pd.DataFrame({"model": model})
    ours = fit_with_strata(certain, design, cluster, asked)
    rest = asked == 3
    alone = fit_ordinal_gee(certain[rest], design[rest], cluster[rest], engine="vectorised", interval="normal")
    assert ours.terms[0].log_odds_ratio == pytest.approx(alone.terms[0].log_odds_ratio, abs=EXACT)
    assert ours.terms[0].standard_error == pytest.approx(alone.terms[0].standard_error, abs=EXACT)
    with pytest.raises(CannotEstimate, match="one score only"):
        fit_with_strata(np.where(asked == 1, 0.0, 100.0), design, cluster, asked)
