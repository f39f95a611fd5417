"""One global odds ratio: against R, on sparse data, and where nothing can be learnt about it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_data import DATASETS, dataset, reference
from statsmodels.genmod.cov_struct import GlobalOddsRatio
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.errors import CannotEstimate
from samp_eval.literals import Covariance
from samp_eval.statistics.gee.exchangeable import joint_probability

R_TOLERANCE = 1e-9
"""Both iterations stop where a step is below 1e-9; seen: 5e-11 at most, on ten_levels."""

GEEPACK_TOLERANCE = 1e-6
"""geepack's iteration stops sooner."""


@pytest.mark.parametrize("name", [name for name in DATASETS if name != "one_per_cluster"])
@pytest.mark.parametrize("covariance", ["robust", "bias_reduced", "naive"])
def test_exchangeable_agrees_with_r(name: str, covariance: Covariance) -> None:
    expected = reference("exchangeable").query("dataset == @name")
    outcome, design, cluster = dataset(name)
    fit = fit_ordinal_gee(outcome, design, cluster, association="exchangeable", covariance=covariance)
    assert fit.association_odds_ratio is not None
    estimates = [*fit.thresholds, *fit.log_odds_ratios, np.log(fit.association_odds_ratio)]
    np.testing.assert_allclose(estimates, expected["estimate"], rtol=0, atol=R_TOLERANCE)
    errors = np.sqrt(np.diag(fit.parameter_covariance))
    np.testing.assert_allclose(errors, expected[f"{covariance}_se"].to_numpy()[:-1], rtol=0, atol=R_TOLERANCE)


@pytest.mark.parametrize("name", ["binary", "one_line"])
def test_two_levels_agree_with_geepack(name: str) -> None:
    expected = reference("exchangeable").query("dataset == @name")
    fit = fit_ordinal_gee(*dataset(name), association="exchangeable")
    assert fit.association_odds_ratio is not None
    estimates = [*fit.thresholds, *fit.log_odds_ratios, np.log(fit.association_odds_ratio)]
    np.testing.assert_allclose(estimates, expected["geepack_estimate"], rtol=0, atol=GEEPACK_TOLERANCE)
    errors = np.sqrt(np.diag(fit.parameter_covariance))
    np.testing.assert_allclose(errors, expected["geepack_robust_se"].to_numpy()[:-1], rtol=0, atol=GEEPACK_TOLERANCE)


@pytest.mark.parametrize("name", ["arthritis", "missing_rounds", "continuous"])
def test_it_does_not_matter_which_end_of_the_scale_is_called_high(name: str) -> None:
    outcome, design, cluster = dataset(name)
    one = fit_ordinal_gee(outcome, design, cluster, association="exchangeable")
    other = fit_ordinal_gee(-np.asarray(outcome, dtype=float), design, cluster, association="exchangeable")
    assert other.association_odds_ratio == pytest.approx(one.association_odds_ratio, rel=1e-8)
    np.testing.assert_allclose(other.log_odds_ratios, -one.log_odds_ratios, atol=1e-8)
    np.testing.assert_allclose(other.covariance_matrix, one.covariance_matrix, atol=1e-8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["sparse_levels", "ceiling", "arthritis"])
def test_statsmodels_own_structure_fails_where_ours_fits(name: str) -> None:
    outcome, design, cluster = dataset(name)
    codes = outcome.rank(method="dense").astype(int) - 1
    theirs = OrdinalGEE(codes.to_numpy(), design.to_numpy(), groups=cluster, cov_struct=GlobalOddsRatio("ordinal"))
    with pytest.raises(ValueError, match="infs or NaNs"):
        theirs.fit()
    odds_ratio = fit_ordinal_gee(outcome, design, cluster, association="exchangeable").association_odds_ratio
    assert odds_ratio is not None
    assert odds_ratio > 1


def test_joint_probability_by_hand() -> None:
    first, second = np.array([0.3, 0.5, 0.9]), np.array([0.6, 0.5, 0.2])
    np.testing.assert_allclose(joint_probability(first, second, 1.0), first * second)
    both = joint_probability(first, second, 4.0)
    odds = both * (1 - first - second + both) / ((first - both) * (second - both))
    np.testing.assert_allclose(odds, 4.0)
    assert joint_probability(np.array(0.5), np.array(0.5), 9.0) == pytest.approx(0.375)


def test_independent_rows_have_an_odds_ratio_near_one() -> None:
    rng = np.random.default_rng(5)
    outcome, cluster = rng.integers(0, 4, 2000), np.repeat(np.arange(200), 10)
    design = pd.DataFrame({"x": rng.integers(0, 2, 2000)})
    fit = fit_ordinal_gee(outcome, design, cluster, association="exchangeable")
    assert fit.association_odds_ratio == pytest.approx(1, abs=0.1)


def test_order_within_a_cluster_does_not_matter() -> None:
    outcome, design, cluster = dataset("koch")
    order = np.random.default_rng(2).permutation(len(outcome))
    one = fit_ordinal_gee(outcome, design, cluster, association="exchangeable")
    other = fit_ordinal_gee(outcome[order], design.iloc[order], cluster[order], association="exchangeable")
    assert one.association_odds_ratio == pytest.approx(other.association_odds_ratio, abs=R_TOLERANCE)


def test_no_pairs_no_association() -> None:
    outcome, design, cluster = dataset("one_per_cluster")
    fit = fit_ordinal_gee(outcome, design, cluster, association="exchangeable")
    assert fit.association_odds_ratio == 1
    assert "No cluster holds two responses" in fit.warnings[0]


def test_perfect_agreement_is_held_at_a_limit_and_said() -> None:
    rng = np.random.default_rng(3)
    score, respondent = rng.integers(0, 3, 60), rng.integers(0, 2, 60)
    design = pd.DataFrame({"x": np.repeat(respondent, 3)})
    fit = fit_ordinal_gee(np.repeat(score, 3), design, np.repeat(np.arange(60), 3), association="exchangeable")
    assert fit.association_odds_ratio == pytest.approx(1e4)
    assert any("almost perfectly" in warning for warning in fit.warnings)


def test_huge_clusters_are_refused_before_memory_runs_out() -> None:
    rng = np.random.default_rng(4)
    design = pd.DataFrame({"x": rng.integers(0, 2, 20_000)})
    with pytest.raises(CannotEstimate, match="too many for the exchangeable association"):
        fit_ordinal_gee(rng.integers(0, 4, 20_000), design, np.arange(20_000) % 8, association="exchangeable")


def test_turns_that_swing_to_and_fro_settle() -> None:
    """Simulated scores with many rows left out: undamped, the odds ratio swings ever wider until it is no number."""
    frame = pd.read_csv(Path(__file__).parent / "data" / "swinging.csv")
    design = frame.drop(columns=["cluster", "y"])
    fit = fit_ordinal_gee(frame["y"], design, frame["cluster"], association="exchangeable")
    assert fit.association_odds_ratio == pytest.approx(1.86902, abs=1e-5)
    independent = fit_ordinal_gee(frame["y"], design, frame["cluster"])
    assert fit.terms[0].log_odds_ratio == pytest.approx(independent.terms[0].log_odds_ratio, abs=0.05)


def test_association_below_what_clusters_of_the_size_allow_is_held_and_said() -> None:
    """Two levels in clusters of eight, of which always four are 1: no joint distribution goes further apart."""
    rng = np.random.default_rng(4)
    outcome = np.concatenate([rng.permutation([0, 0, 0, 0, 1, 1, 1, 1]) for _ in range(12)])
    design = pd.DataFrame({"x": rng.integers(0, 2, 96)})
    fit = fit_ordinal_gee(outcome, design, np.repeat(np.arange(12), 8), association="exchangeable")
    assert fit.association_odds_ratio is not None
    assert 0.2 < fit.association_odds_ratio < 1
    assert any("held where the working covariance exists" in warning for warning in fit.warnings)
    independent = fit_ordinal_gee(outcome, design, np.repeat(np.arange(12), 8)).terms[0]
    assert fit.terms[0].log_odds_ratio == pytest.approx(independent.log_odds_ratio, abs=independent.standard_error)


def test_pairs_that_are_always_opposed_are_held_at_the_limit_and_said() -> None:
    first = np.tile([0, 1], 20)
    design = pd.DataFrame({"x": np.random.default_rng(1).integers(0, 2, 80)})
    opposed = np.column_stack([first, 1 - first]).ravel()
    fit = fit_ordinal_gee(opposed, design, np.repeat(np.arange(40), 2), association="exchangeable")
    assert fit.association_odds_ratio == pytest.approx(1e-4)
    assert any("opposed to each other almost perfectly" in warning for warning in fit.warnings)


def test_a_first_step_too_far_holds_nothing_back() -> None:
    """Simulated opposed scores whose association exists, though the first steps lead beyond where any does."""
    rng = np.random.default_rng(7)
    cluster = np.repeat(np.arange(30), 4)
    held = 0
    for _ in range(40):
        noise = rng.normal(size=(30, 4))
        latent = (noise - 0.9 * noise.mean(axis=1, keepdims=True)).ravel() * 1.8
        outcome = np.digitize(latent, np.quantile(latent, [0.25, 0.5, 0.75]))
        design = pd.DataFrame(rng.integers(0, 2, (120, 2)) * 1.0, columns=["a", "b"])
        fit = fit_ordinal_gee(outcome, design, cluster, association="exchangeable")
        assert fit.association_odds_ratio is not None
        assert 0.05 < fit.association_odds_ratio < 1
        held += any("held where" in warning for warning in fit.warnings)
    assert held <= 4


def steep_pairs() -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Twelve simulated clusters of two that agree almost always; turns that were halved too far once ended at 433."""
    outcome = np.array([3, 3, 3, 3, 3, 3, 1, 1, 3, 1, 3, 3, 2, 2, 3, 2, 1, 2, 2, 2, 1, 1, 3, 3])
    other = [0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0]
    return outcome, pd.DataFrame({"a": np.tile([0.0, 1.0], 12), "b": other}), np.repeat(np.arange(12), 2)


def swinging() -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    frame = pd.read_csv(Path(__file__).parent / "data" / "swinging.csv")
    return frame["y"].to_numpy(), frame.drop(columns=["cluster", "y"]), frame["cluster"].to_numpy()


def moments(chances: list[tuple[float, float]]) -> tuple[float, float]:
    """Mean and variance of a number that takes these values with these chances."""
    mean = sum(value * chance for value, chance in chances)
    return mean, sum(value**2 * chance for value, chance in chances) - mean**2


@pytest.mark.parametrize("data", [steep_pairs, swinging, lambda: dataset("missing_rounds")])
def test_both_estimating_equations_hold_at_the_solution(data: Callable[[], Any]) -> None:
    """Written down anew, cluster by cluster and pair by pair."""
    outcome, design, cluster = data()
    fit = fit_ordinal_gee(outcome, design, cluster, association="exchangeable")
    thresholds, slopes = np.array(fit.thresholds), fit.log_odds_ratios
    cuts, odds_ratio = len(thresholds), fit.association_odds_ratio
    assert odds_ratio is not None
    codes = np.unique(outcome, return_inverse=True)[1]
    mean_score, mean_information = np.zeros(1), np.zeros(1)
    odds_score, odds_information = 0.0, 0.0
    for label in np.unique(cluster):
        rows = np.flatnonzero(cluster == label)
        covariates = design.to_numpy(float)[rows]
        means = 1 / (1 + np.exp(-(thresholds + (covariates @ slopes)[:, None])))
        exceeds = (codes[rows][:, None] > np.arange(cuts)).astype(float)
        derivative = np.concatenate(
            [
                np.hstack([np.diag(m * (1 - m)), np.outer(m * (1 - m), x)])
                for m, x in zip(means, covariates, strict=True)
            ]
        )
        size = len(rows) * cuts
        working = np.empty((size, size))
        for one, other in product(range(size), repeat=2):
            first, second = means.ravel()[one], means.ravel()[other]
            same = one // cuts == other // cuts
            both = min(first, second) if same else float(joint_probability(first, second, odds_ratio))
            working[one, other] = both - first * second
            if one // cuts < other // cuts:
                slope = 1 / (1 / both + 1 / (first - both) + 1 / (second - both) + 1 / (1 - first - second + both))
                chances = {(1, 1): both, (1, 0): first - both, (0, 1): second - both}
                chances[0, 0] = 1 - sum(chances.values())
                products = [((a - first) * (b - second), chance) for (a, b), chance in chances.items()]
                expected, variance = moments(products)
                residuals = (exceeds - means).ravel()
                odds_score += slope / variance * (residuals[one] * residuals[other] - expected)
                odds_information += slope**2 / variance
        weights = np.linalg.solve(working, derivative)
        mean_score = mean_score + weights.T @ (exceeds - means).ravel()
        mean_information = mean_information + derivative.T @ weights
    assert np.abs(np.linalg.solve(mean_information, mean_score)).max() < 1e-8
    assert abs(odds_score / odds_information) < 1e-8
