"""Contrasts and predictions: by hand, by numerical derivative, and by bootstrap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from reference_data import dataset, reference
from scipy import stats
from scipy.special import expit

from samp_eval.analysis import cluster_bootstrap, fit_ordinal_gee
from samp_eval.statistics.gee.effects import differences, holm, pairwise_contrasts, predictions
from samp_eval.statistics.gee.terms import OrdinalGeeFit

DERIVATIVE_TOLERANCE = 1e-6
"""Central differences with a step of 1e-5, against the analytic gradient; in percentage points."""

REFIT_TOLERANCE = 1e-5
"""Two runs of statsmodels, each stopped at a score norm of 1e-6."""


def groups_of(design: pd.DataFrame, column: str = "gpt4") -> dict[str, pd.DataFrame]:
    """All rows of the study, as each respondent in turn."""
    return {"gpt35": design.assign(**{column: 0}), "gpt4": design.assign(**{column: 1})}


def test_holm_agrees_with_r() -> None:
    expected = reference("comparisons").query("dataset == 'holm'")["value"]
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005, 0.5]), expected)
    np.testing.assert_array_equal(holm([0.9, 0.8]), [1, 1])


def test_contrasts_are_the_terms_of_a_refit_with_another_reference() -> None:
    outcome, design, cluster = dataset("three_respondents")
    contrasts = pairwise_contrasts(fit_ordinal_gee(outcome, design, cluster), ["gpt4", "human"], "gpt35")
    assert [(c.result.term, c.result.reference) for c in contrasts] == [
        ("gpt4", "gpt35"),
        ("human", "gpt35"),
        ("human", "gpt4"),
    ]
    other = design.assign(gpt35=1 - design["gpt4"] - design["human"])[["gpt35", "human"]]
    refit = fit_ordinal_gee(outcome, other, cluster).terms[1]
    assert contrasts[2].result.log_odds_ratio == pytest.approx(refit.log_odds_ratio, abs=REFIT_TOLERANCE)
    assert contrasts[2].result.standard_error == pytest.approx(refit.standard_error, abs=REFIT_TOLERANCE)
    raw = [contrast.result.p_value for contrast in contrasts]
    np.testing.assert_allclose([contrast.p_holm for contrast in contrasts], holm(raw))


def test_respondents_with_the_same_scores_have_no_interval_between_them() -> None:
    outcome, design, cluster = dataset("three_respondents")
    first = design["human"] == 0
    twin = design[design["gpt4"] == 1].assign(gpt4=0, human=1)
    design = pd.concat([design[first], twin], ignore_index=True)
    outcome, cluster = (
        pd.concat([one[first], one[first][one[first].index.isin(twin.index)]], ignore_index=True)
        for one in (outcome, cluster)
    )
    fit = fit_ordinal_gee(outcome, design, cluster, engine="vectorised")
    contrasts = pairwise_contrasts(fit, ["gpt4", "human"], "gpt35")
    assert contrasts[0].result.odds_ratio == pytest.approx(contrasts[1].result.odds_ratio)
    same = contrasts[2].result
    assert same.odds_ratio == pytest.approx(1.0)
    assert same.standard_error == 0.0
    assert np.isnan([same.ci_low, same.ci_high, same.p_value, contrasts[2].p_holm]).all()
    assert not np.isnan([contrasts[0].p_holm, contrasts[1].p_holm]).any()
    groups = {"gpt4": design.assign(gpt4=1, human=0), "human": design.assign(gpt4=0, human=1)}
    (difference,) = differences(fit, groups, "gpt4")
    assert (difference.difference, difference.standard_error) == (0.0, 0.0)
    assert np.isnan([difference.ci_low, difference.p_value]).all()


def test_prediction_of_one_row_by_hand() -> None:
    fit = fit_ordinal_gee(*dataset("balanced"))
    row = pd.DataFrame({"gpt4": [1], "bare": [0], "regenerated": [0], "later": [0]})
    (prediction,) = predictions(fit, {"gpt4": row})
    above = expit(np.array(fit.thresholds) + fit.terms[0].log_odds_ratio)
    shares = [1 - above[0], above[0] - above[1], above[1] - above[2], above[2]]
    np.testing.assert_allclose([share for _, share, _, _ in prediction.level_probabilities], shares)
    assert prediction.mean == pytest.approx(np.dot(shares, fit.levels))
    assert all(low < share < high for _, share, low, high in prediction.level_probabilities)


def test_delta_method_against_a_numerical_gradient() -> None:
    outcome, design, cluster = dataset("balanced")
    fit = fit_ordinal_gee(outcome, design, cluster)
    groups = groups_of(design)
    estimates = np.array([*fit.thresholds, *fit.log_odds_ratios])
    gradients = {}
    for name, rows in groups.items():
        steps = 1e-5 * np.eye(len(estimates))
        gradients[name] = [
            (mean_score(fit, estimates + step, rows) - mean_score(fit, estimates - step, rows)) / 2e-5 for step in steps
        ]
    for prediction in predictions(fit, groups):
        gradient = np.array(gradients[prediction.group])
        error = np.sqrt(gradient @ fit.parameter_covariance @ gradient)
        assert prediction.standard_error == pytest.approx(error, abs=DERIVATIVE_TOLERANCE)
    (difference,) = differences(fit, groups, "gpt35")
    gradient = np.subtract(gradients["gpt4"], gradients["gpt35"])
    error = np.sqrt(gradient @ fit.parameter_covariance @ gradient)
    assert difference.standard_error == pytest.approx(error, abs=DERIVATIVE_TOLERANCE)


def mean_score(fit: OrdinalGeeFit, estimates: np.ndarray, rows: pd.DataFrame) -> float:
    """Average predicted score, written from the model's definition."""
    n_cuts = len(fit.thresholds)
    above = expit(estimates[:n_cuts] + (rows.to_numpy() @ estimates[n_cuts:])[:, None])
    return float(fit.levels[0] + (above @ np.diff(fit.levels)).mean())


def test_predicted_means_are_near_the_observed_ones() -> None:
    outcome, design, cluster = dataset("balanced")
    fit = fit_ordinal_gee(outcome, design, cluster)
    for prediction, chosen in zip(predictions(fit, groups_of(design)), (0, 1), strict=True):
        observed = outcome[design["gpt4"] == chosen].mean()
        assert prediction.mean == pytest.approx(observed, abs=1.0)
        assert prediction.ci_low < observed < prediction.ci_high


def test_bootstrap_intervals_are_near_those_of_the_delta_method() -> None:
    outcome, design, cluster = dataset("balanced")
    fit = fit_ordinal_gee(outcome, design, cluster)
    resampled = cluster_bootstrap(outcome, design, cluster, replicates=2000, seed=3)
    groups = groups_of(design)
    for by_delta, by_bootstrap in zip(predictions(fit, groups), predictions(fit, groups, resampled), strict=True):
        assert by_bootstrap.mean == by_delta.mean
        assert by_bootstrap.ci_low == pytest.approx(by_delta.ci_low, abs=0.6)
        assert by_bootstrap.ci_high == pytest.approx(by_delta.ci_high, abs=0.6)
    one, other = differences(fit, groups, "gpt35")[0], differences(fit, groups, "gpt35", resampled)[0]
    assert other.ci_low == pytest.approx(one.ci_low, abs=0.6)
    assert one.difference == other.difference == pytest.approx(8.5, abs=1.0)


def test_intervals_stay_within_the_scale() -> None:
    outcome, design, cluster = dataset("ceiling")
    fit = fit_ordinal_gee(outcome, design, cluster, confidence=0.9999)
    for prediction in predictions(fit, groups_of(design)):
        assert 0 < prediction.ci_low < prediction.ci_high < 100


def test_wrong_columns_are_a_bug_of_the_caller() -> None:
    outcome, design, cluster = dataset("balanced")
    fit = fit_ordinal_gee(outcome, design, cluster)
    with pytest.raises(ValueError, match="are not those of the fit"):
        predictions(fit, {"gpt4": design[["gpt4"]]})


def test_t_tests_have_larger_p_values() -> None:
    outcome, design, cluster = dataset("few_cases")
    normal = fit_ordinal_gee(outcome, design, cluster, interval="normal")
    student = replace(normal, interval="t", degrees_of_freedom=10.0)
    one, other = (differences(fit, groups_of(design), "gpt35")[0] for fit in (normal, student))
    assert other.p_value > one.p_value


def test_intervals_of_predictions_by_independent_code() -> None:
    """Korn and Graubard for each mean, from the delta method's errors; MOVER for their difference."""
    outcome, design, cluster = dataset("ceiling")
    fit = fit_ordinal_gee(outcome, design, cluster)
    groups = groups_of(design)
    found = {one.group: one for one in predictions(fit, groups)}
    n, g = fit.n_observations, fit.n_clusters
    for one in found.values():
        share, error = one.mean / 100, one.standard_error / 100
        size = share * (1 - share) / error**2 * (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, g - 1)) ** 2
        assert one.ci_low == pytest.approx(100 * stats.beta.ppf(0.025, share * size, (1 - share) * size + 1))
        assert one.ci_high == pytest.approx(100 * stats.beta.ppf(0.975, share * size + 1, (1 - share) * size))
    (difference,) = differences(fit, groups, "gpt35")
    high, low = found["gpt4"], found["gpt35"]
    e, f = high.standard_error, low.standard_error
    r = (e**2 + f**2 - difference.standard_error**2) / (2 * e * f)
    a, b = high.mean - high.ci_low, low.ci_high - low.mean
    assert difference.ci_low == pytest.approx(difference.difference - np.sqrt(a**2 - 2 * r * a * b + b**2))
