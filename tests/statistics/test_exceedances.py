"""True indicators give the ordinary fit; estimated exceedances give what a slow, independent solver finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike
from reference_data import DATASETS, dataset
from scipy.optimize import root
from scipy.special import expit

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.errors import CannotEstimate
from samp_eval.literals import Covariance
from samp_eval.statistics.gee.exceedances import fit_exceedances

SAME_EQUATIONS = 1e-10
"""Two ways of solving the same equations; steps end at 1e-9 of a parameter, and Newton's last step squares that."""
STATSMODELS_STEPS = 1e-6
"""statsmodels ends at a larger change of its parameters."""


def indicators(outcome: ArrayLike, levels: tuple[float, ...]) -> np.ndarray:
    """1 where the score is above a level, for each level but the highest."""
    return (np.asarray(outcome)[:, None] > np.array(levels[:-1])[None, :] + 1e-9).astype(float)


@pytest.mark.parametrize("covariance", ["robust", "bias_reduced"])
@pytest.mark.parametrize("name", DATASETS)
def test_indicators_give_the_ordinary_fit(name: str, covariance: Covariance) -> None:
    outcome, design, cluster = dataset(name)
    expected = fit_ordinal_gee(outcome, design, cluster, covariance=covariance, engine="vectorised")
    found = fit_exceedances(
        indicators(outcome, expected.levels), design, cluster, covariance=covariance, levels=expected.levels
    )
    np.testing.assert_allclose(found.log_odds_ratios, expected.log_odds_ratios, rtol=0, atol=SAME_EQUATIONS)
    np.testing.assert_allclose(found.thresholds, expected.thresholds, rtol=0, atol=SAME_EQUATIONS)
    np.testing.assert_allclose(found.parameter_covariance, expected.parameter_covariance, rtol=0, atol=SAME_EQUATIONS)
    for term, reference in zip(found.terms, expected.terms, strict=True):
        assert term.p_value == pytest.approx(reference.p_value, rel=1e-6)
        assert term.ci_low == pytest.approx(reference.ci_low, rel=1e-8)


def test_indicators_give_what_statsmodels_finds() -> None:
    outcome, design, cluster = dataset("balanced")
    expected = fit_ordinal_gee(outcome, design, cluster, engine="statsmodels")
    found = fit_exceedances(indicators(outcome, expected.levels), design, cluster)
    np.testing.assert_allclose(found.log_odds_ratios, expected.log_odds_ratios, rtol=0, atol=STATSMODELS_STEPS)
    np.testing.assert_allclose(found.covariance_matrix, expected.covariance_matrix, rtol=0, atol=STATSMODELS_STEPS)


def slow_solution(above: np.ndarray, design: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The same estimating equations by dense matrices, one row at a time, and a general root finder."""
    n_cuts = above.shape[1]

    def equations(parameters: np.ndarray) -> np.ndarray:
        total = np.zeros(len(parameters))
        for row, exceeded in zip(design, above, strict=True):
            expected = expit(parameters[:n_cuts] + row @ parameters[n_cuts:])
            variance = np.minimum.outer(expected, expected) - np.outer(expected, expected)
            slope = expected * (1 - expected)
            derivative = np.column_stack([np.diag(slope), np.outer(slope, row)])
            total += derivative.T @ np.linalg.solve(variance, exceeded - expected)
        return total / len(above)

    found = root(equations, start, tol=1e-13)
    assert np.abs(equations(found.x)).max() < 1e-10
    return np.asarray(found.x)


def noisy_study(seed: int) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Corrected predictions: below 0, above 1, and rising with the level in some rows."""
    generator = np.random.default_rng(seed)
    questions, rounds = 40, 3
    cluster = np.repeat(np.arange(questions), 2 * rounds)
    treated = np.tile(np.repeat([0.0, 1.0], rounds), questions)
    later = np.tile([0.0, 1.0, 1.0], 2 * questions)
    latent = 0.8 * treated + generator.normal(size=questions)[cluster] + generator.logistic(size=len(cluster))
    true = (latent[:, None] > np.array([-1.0, 0.2, 1.2])[None, :]).astype(float)
    predicted = np.clip(0.7 * true + 0.3 * generator.random(true.shape), 0, 1)
    drawn = (generator.permutation(questions) < questions // 2)[cluster]
    above = predicted + np.where(drawn, 2.0, 0.0)[:, None] * (true - predicted)
    return above, pd.DataFrame({"treated": treated, "later": later}), cluster


@pytest.mark.parametrize("seed", range(5))
def test_values_outside_0_and_1_are_solved_as_by_a_slow_solver(seed: int) -> None:
    above, design, cluster = noisy_study(seed)
    assert above.min() < 0 < 1 < above.max(), "the hard case"
    assert (np.diff(above, axis=1) > 0).any(), "levels out of order"
    found = fit_exceedances(above, design, cluster)
    estimates = np.r_[found.thresholds, found.log_odds_ratios]
    slow = slow_solution(above, design.to_numpy(), estimates + 0.05)
    np.testing.assert_allclose(estimates, slow, rtol=0, atol=1e-8)


def test_the_covariance_is_the_sandwich_over_clusters() -> None:
    above, design, cluster = noisy_study(3)
    found = fit_exceedances(above, design, cluster)
    estimates, rows = np.r_[found.thresholds, found.log_odds_ratios], design.to_numpy()
    n_cuts = above.shape[1]
    bread, scores = np.zeros((len(estimates),) * 2), np.zeros((cluster.max() + 1, len(estimates)))
    for row, exceeded, label in zip(rows, above, cluster, strict=True):
        expected = expit(estimates[:n_cuts] + row @ estimates[n_cuts:])
        variance = np.minimum.outer(expected, expected) - np.outer(expected, expected)
        derivative = np.column_stack([np.diag(expected * (1 - expected)), np.outer(expected * (1 - expected), row)])
        bread += derivative.T @ np.linalg.solve(variance, derivative)
        scores[label] += derivative.T @ np.linalg.solve(variance, exceeded - expected)
    inverse = np.linalg.inv(bread)
    np.testing.assert_allclose(found.parameter_covariance, inverse @ scores.T @ scores @ inverse, rtol=1e-8)


def test_a_level_with_a_negative_total_is_merged_and_named() -> None:
    above, design, cluster = noisy_study(0)
    above = np.insert(above, 1, above[:, 0] + 0.01, axis=1)  # the level between them has a total of less than nothing
    found = fit_exceedances(above, design, cluster, levels=(0.0, 25.0, 50.0, 75.0, 100.0))
    assert len(found.levels) == 4
    assert found.warnings == (
        "Score levels were merged because too few responses are estimated to have them: 0 with 25.",
    )


def test_no_solution_is_refused() -> None:
    _, design, cluster = noisy_study(0)
    with pytest.raises(CannotEstimate, match="no solution"):
        fit_exceedances(np.full((len(design), 2), 1.2), design, cluster)
    separated = np.repeat(design["treated"].to_numpy()[:, None], 2, axis=1)
    with pytest.raises(CannotEstimate, match="no solution"):
        fit_exceedances(separated, design, cluster)


def test_missing_values_and_wrong_shapes_are_named() -> None:
    above, design, cluster = noisy_study(0)
    with pytest.raises(ValueError, match="levels names 2"):
        fit_exceedances(above, design, cluster, levels=(0, 1))
    with pytest.raises(ValueError, match="differ in length"):
        fit_exceedances(above[:-1], design, cluster)
    with pytest.raises(ValueError, match="robust, bias_reduced"):
        fit_exceedances(above, design, cluster, covariance="naive")
    above[0, 0] = np.nan
    with pytest.raises(CannotEstimate, match="1 of 240 responses have neither marks nor a prediction"):
        fit_exceedances(above, design, cluster)


def test_degrees_of_freedom_widen_the_interval() -> None:
    above, design, cluster = noisy_study(1)
    wide, usual = (
        fit_exceedances(above, design, cluster, degrees_of_freedom=19),
        fit_exceedances(above, design, cluster),
    )
    assert (wide.interval, wide.degrees_of_freedom) == ("t", 19)
    assert wide.terms[0].ci_low < usual.terms[0].ci_low
