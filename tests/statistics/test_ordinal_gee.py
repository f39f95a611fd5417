"""The fit against R, in its collapse cases, and past the traps of statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from reference_data import DATASETS, dataset, reference
from scipy import stats

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.literals import Covariance

ESTIMATE_TOLERANCE = 1e-5
"""statsmodels stops when the norm of the score is below 1e-6: up to 3e-6 in thresholds of sparse levels."""

ERROR_TOLERANCE = 1e-5
"""Standard errors inherit the distance of the estimates."""

EXACT = 1e-8
"""The same arithmetic by two routes."""


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("covariance", ["robust", "bias_reduced", "naive"])
def test_independence_agrees_with_r(name: str, covariance: Covariance) -> None:
    expected = reference("ordinal_independence").query("dataset == @name")
    outcome, design, cluster = dataset(name)
    fit = fit_ordinal_gee(outcome, design, cluster, covariance=covariance)
    assert [term.term for term in fit.terms] == expected["parameter"].tolist()[len(fit.thresholds) :]
    estimates = [*fit.thresholds, *fit.log_odds_ratios]
    np.testing.assert_allclose(estimates, expected["estimate"], rtol=0, atol=ESTIMATE_TOLERANCE)
    errors = np.sqrt(np.diag(fit.parameter_covariance))
    np.testing.assert_allclose(errors, expected[f"{covariance}_se"], rtol=0, atol=ERROR_TOLERANCE)


def test_r_agrees_with_itself() -> None:
    known = reference("ordinal_independence").dropna(subset=["vgam_naive_se"])
    assert known["dataset"].nunique() == len(DATASETS)
    np.testing.assert_allclose(known["naive_se"], known["vgam_naive_se"], atol=1e-6)
    by_multgee = known.dropna(subset=["multgee_robust_se"])
    assert by_multgee["dataset"].nunique() == 11
    np.testing.assert_allclose(by_multgee["robust_se"], by_multgee["multgee_robust_se"], atol=EXACT)


def test_two_levels_are_a_logistic_gee() -> None:
    outcome, design, cluster = dataset("binary")
    fit = fit_ordinal_gee(outcome, design, cluster)
    logistic = sm.GEE(outcome / 100, sm.add_constant(design), groups=cluster, family=sm.families.Binomial()).fit()
    np.testing.assert_allclose([*fit.thresholds, *fit.log_odds_ratios], logistic.params, atol=EXACT)
    np.testing.assert_allclose(fit.parameter_covariance, logistic.cov_params(), atol=EXACT)


def test_one_row_per_cluster_is_the_heteroskedasticity_sandwich() -> None:
    outcome, design, cluster = dataset("one_per_cluster")
    fit = fit_ordinal_gee(outcome, design, cluster)
    expected = hc0_of_a_cumulative_logit(outcome, design, np.array([*fit.thresholds, *fit.log_odds_ratios]))
    np.testing.assert_allclose(fit.parameter_covariance, expected, atol=EXACT)


def hc0_of_a_cumulative_logit(outcome: pd.Series, design: pd.DataFrame, parameters: np.ndarray) -> np.ndarray:
    """Bread by the expected information of multinomial counts, meat by one score per row."""
    codes, n_cuts = np.unique(outcome, return_inverse=True)[1], outcome.nunique() - 1
    bread, meat = np.zeros(1), np.zeros(1)
    for code, x in zip(codes, design.to_numpy(dtype=float), strict=True):
        cut = np.column_stack([np.eye(n_cuts), np.tile(x, (n_cuts, 1))])
        above = 1 / (1 + np.exp(-cut @ parameters))
        slope = cut * (above * (1 - above))[:, None]
        probability = -np.diff(np.r_[1, above, 0])
        gradient = -np.diff(np.vstack([np.zeros(cut.shape[1]), slope, np.zeros(cut.shape[1])]), axis=0)
        bread = bread + (gradient.T / probability) @ gradient
        score = gradient[code] / probability[code]
        meat = meat + np.outer(score, score)
    return np.linalg.inv(bread) @ meat @ np.linalg.inv(bread)


def test_positive_means_higher_scores() -> None:
    outcome, design, cluster = dataset("balanced")
    better = fit_ordinal_gee(outcome, design[["gpt4"]], cluster).terms[0]
    worse = fit_ordinal_gee(100 - outcome, design[["gpt4"]], cluster).terms[0]
    assert outcome[design["gpt4"] == 1].mean() > outcome[design["gpt4"] == 0].mean()
    assert better.odds_ratio > 1
    assert worse.log_odds_ratio == pytest.approx(-better.log_odds_ratio, abs=ESTIMATE_TOLERANCE)


def test_only_the_order_of_scores_matters() -> None:
    outcome, design, cluster = dataset("balanced")
    close_levels = outcome.rank(method="dense") * 1e-3 + 50
    fit = fit_ordinal_gee(close_levels, design, cluster)
    assert fit.terms == fit_ordinal_gee(outcome, design, cluster).terms
    assert len(fit.thresholds) == 3


def test_rows_in_any_order_and_any_labels() -> None:
    outcome, design, cluster = dataset("missing_rounds")
    order = np.random.default_rng(1).permutation(len(outcome))
    labels = np.array([f"question {label}" for label in cluster])[order]
    shuffled = fit_ordinal_gee(outcome.to_numpy()[order], design.iloc[order], labels)
    original = fit_ordinal_gee(outcome, design, cluster)
    np.testing.assert_allclose(shuffled.parameter_covariance, original.parameter_covariance, atol=EXACT)


def test_thresholds_are_logits_of_scoring_higher() -> None:
    outcome, design, cluster = dataset("balanced")
    fit = fit_ordinal_gee(outcome, design, cluster)
    assert list(fit.thresholds) == sorted(fit.thresholds, reverse=True)
    assert fit.levels == (0.0, 33.33, 66.67, 100.0)


def test_interval_and_p_value_by_hand() -> None:
    outcome, design, cluster = dataset("few_cases")
    fit = fit_ordinal_gee(outcome, design, cluster, interval="t", confidence=0.9, references={"gpt4": "gpt35"})
    term = fit.terms[0]
    law = stats.t(12 - 2)
    assert (term.term, term.reference, fit.terms[1].reference) == ("gpt4", "gpt35", "")
    assert fit.degrees_of_freedom == 10
    assert term.z == pytest.approx(term.log_odds_ratio / term.standard_error)
    assert term.ci_high == pytest.approx(np.exp(term.log_odds_ratio + law.ppf(0.95) * term.standard_error))
    assert term.p_value == pytest.approx(2 * law.cdf(-abs(term.z)))


def test_covariance_matrix_is_that_of_the_slopes() -> None:
    outcome, design, cluster = dataset("balanced")
    fit = fit_ordinal_gee(outcome, design, cluster)
    np.testing.assert_array_equal(fit.covariance_matrix, fit.parameter_covariance[3:, 3:])
    assert fit.covariance_matrix.shape == (4, 4)
    assert (fit.n_observations, fit.n_clusters, fit.converged, fit.warnings) == (770, 77, True, ())
    assert fit.association_odds_ratio is None


def test_few_clusters_take_t_intervals_and_say_so() -> None:
    fit = fit_ordinal_gee(*dataset("few_cases"))
    assert (fit.interval, fit.degrees_of_freedom) == ("t", 10)
    (warning,) = fit.warnings
    assert "12 clusters" in warning
    assert "t distribution with 10 degrees of freedom" in warning
    chosen = fit_ordinal_gee(*dataset("few_cases"), interval="normal")
    assert "normal intervals, as chosen here, are too narrow" in chosen.warnings[0]
    assert chosen.terms[0].ci_low > fit.terms[0].ci_low
    assert fit_ordinal_gee(*dataset("sparse_levels")).interval == "normal"  # 40 clusters


@pytest.mark.parametrize(
    "choice",
    [{"association": "ar1"}, {"covariance": "hc0"}, {"interval": "z"}, {"confidence": 95}, {"engine": "r"}],
)
def test_a_wrong_choice_is_a_bug_of_the_caller(choice: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it "):
        fit_ordinal_gee(*dataset("balanced"), **choice)


def test_an_odds_ratio_from_one_response_warns() -> None:
    """All but one of 385 responses at the top: the odds ratio was 1002 with p < 0.001 and no warning."""
    generator = np.random.default_rng(2)
    cluster = np.repeat(np.arange(77), 10)
    x = np.tile([0.0, 1.0], 385)
    mixed = np.digitize(generator.normal(size=77)[cluster] + generator.logistic(size=770), [-1, 0, 1])
    nearly = np.where(x == 1, 3, mixed)
    nearly[1] = 2
    fit = fit_ordinal_gee(nearly, pd.DataFrame({"x": x}), cluster, engine="vectorised")
    assert fit.terms[0].odds_ratio > 500
    (warning,) = fit.warnings
    assert warning.startswith(
        "All but 1 of the 385 responses under 'x' have the highest score: its odds ratio rests on 1 cluster, and its "
    )
    assert fit_ordinal_gee(mixed, pd.DataFrame({"x": x}), cluster, engine="vectorised").warnings == ()
