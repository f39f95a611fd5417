"""Simulated studies have the margins they promise, and power has its known anchors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from reference_data import dataset
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

from samp_eval.analysis import fit_ordinal_gee
from samp_eval.literals import ClusterChoice
from samp_eval.statistics.power import (
    estimate_studies,
    minimal_detectable_odds_ratio,
    power_curve,
    shape_from_pilot,
)
from samp_eval.statistics.simulation import StudyShape, level_covariance, simulate_scores, simulate_study

ENGINE_TOLERANCE = 1e-5
"""statsmodels stops at a score norm of 1e-6."""

SMALL = StudyShape(n_questions=30, n_rounds=2)


def test_margins_are_exact_cumulative_logits() -> None:
    shape = StudyShape(n_questions=20_000, n_rounds=1, log_odds_ratios=(0.8,))
    studies = simulate_study(shape, replicates=1, seed=1)
    for respondent, slope in ((0, 0.0), (1, 0.8)):
        scores = studies.outcome[0][studies.design["respondent1"] == respondent]
        above = [(scores > level).mean() for level in range(3)]
        np.testing.assert_allclose(above, expit(np.array(shape.thresholds) + slope), atol=0.012)


def test_dependence_is_that_of_the_shares() -> None:
    labels = np.arange(40_000) // 2
    (scores,) = simulate_scores(np.zeros(40_000), np.array([0.0]), [(labels, 0.5)], replicates=1, seed=2)
    pairs = scores.reshape(-1, 2)
    assert (pairs[:, 0] & pairs[:, 1]).mean() == pytest.approx(0.25 + np.arcsin(0.5) / (2 * np.pi), abs=0.01)


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.3, 0.95])
def test_covariance_of_levels_is_that_of_the_bivariate_normal(correlation: float) -> None:
    above, other = np.array([0.95, 0.8, 0.5, 0.2]), np.array([0.99, 0.9, 0.6])
    both = multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    expected = sum(both.cdf([norm.ppf(one), norm.ppf(two)]) - one * two for one in above for two in other)
    assert level_covariance(above, other, correlation) == pytest.approx(expected, abs=1e-9)


def test_covariance_at_the_medians_is_sheppards() -> None:
    half = np.array([0.5])
    assert level_covariance(half, half, 0.6) == pytest.approx(np.arcsin(0.6) / (2 * np.pi), rel=1e-12)


def test_labels_nest() -> None:
    studies = simulate_study(StudyShape(n_questions=10, n_rounds=3), replicates=2, seed=1)
    assert studies.outcome.shape == (2, 60)
    assert [len(np.unique(labels)) for labels in (studies.case, studies.question, studies.question_respondent)] == [
        3,
        10,
        20,
    ]


def test_shares_must_leave_something_for_the_row_itself() -> None:
    with pytest.raises(ValueError, match=r"add up to 1.2"):
        simulate_study(replace(SMALL, case_share=0.5, response_share=0.45), replicates=1, seed=1)


@pytest.mark.parametrize("cluster", ["question", "case", "question-respondent"])
def test_fast_fits_are_the_reported_ones(cluster: ClusterChoice) -> None:
    studies = simulate_study(SMALL, replicates=3, seed=4)
    labels = {"question": studies.question, "case": studies.case}.get(cluster, studies.question_respondent)
    slopes, errors, n_clusters = estimate_studies(studies, cluster, "bias_reduced")
    for scores, slope, error in zip(studies.outcome, slopes, errors, strict=True):
        fit = fit_ordinal_gee(scores, studies.design, labels, covariance="bias_reduced")
        assert fit.n_clusters == n_clusters
        assert fit.terms[0].log_odds_ratio == pytest.approx(slope[0], abs=ENGINE_TOLERANCE)
        assert fit.terms[0].standard_error == pytest.approx(error[0], abs=ENGINE_TOLERANCE)


def test_power_grows_with_questions_and_starts_at_the_level() -> None:
    shape = replace(SMALL, log_odds_ratios=(0.9,))
    small, large = power_curve(shape, [20, 80], simulations=200, seed=5, n_jobs=1)
    assert large.power > small.power + 0.2
    assert small.monte_carlo_error == pytest.approx(np.sqrt(small.power * (1 - small.power) / 200))
    (none,) = power_curve(replace(SMALL, log_odds_ratios=(0.0,)), [77], simulations=400, seed=6, n_jobs=1)
    # 5 % within three Monte-Carlo errors of 400 simulations, and some room for the sandwich.
    assert 0.01 < none.power < 0.1


def test_a_seed_means_the_same_on_any_number_of_processes() -> None:
    one = power_curve(SMALL, [20], simulations=150, seed=5)
    with parallel_config(backend="threading"):
        two = power_curve(SMALL, [20], simulations=150, seed=5, n_jobs=2)
    assert one == two


def test_minimal_detectable_odds_ratio_by_hand() -> None:
    error = fit_ordinal_gee(*dataset("balanced")).terms[0].standard_error
    assert minimal_detectable_odds_ratio(error) == pytest.approx(np.exp((1.959964 + 0.841621) * error))


@pytest.mark.parametrize("thresholds", [(2.5, 1.4, 0.2), (4.5, 3.6, 2.6, 1.9)], ids=["published", "mostly right"])
def test_pilots_give_back_the_shape_they_were_simulated_from(thresholds: tuple[float, ...]) -> None:
    true = StudyShape(n_questions=400, thresholds=thresholds, case_share=0.0, question_share=0.3, response_share=0.35)
    studies = simulate_study(true, replicates=8, seed=9)
    respondent = np.where(studies.design["respondent1"] == 1, "new", "old")
    shapes = [
        shape_from_pilot(100 * scores, respondent, studies.question, reference="old", n_rounds=5)
        for scores in studies.outcome
    ]
    np.testing.assert_allclose(np.mean([one.thresholds for one in shapes], axis=0), thresholds, atol=0.15)
    assert np.mean([one.log_odds_ratios[0] for one in shapes]) == pytest.approx(0.8, abs=0.1)
    assert np.mean([one.question_share for one in shapes]) == pytest.approx(0.3, abs=0.05)
    assert np.mean([one.response_share for one in shapes]) == pytest.approx(0.35, abs=0.05)
    assert {(one.n_questions, one.n_rounds, one.case_share) for one in shapes} == {(400, 5, 0.0)}


def test_the_effect_of_a_condition_is_no_lack_of_repetition() -> None:
    question, respondent = np.repeat(np.arange(400), 8), np.tile(np.repeat([0, 1], 4), 400)
    prompted = np.tile([1.0, 0.0], 1600)
    scores = simulate_scores(
        0.8 * respondent + 2.0 * prompted,
        np.array([1.5, 0.4, -0.8]),
        [(question, 0.3), (2 * question + respondent, 0.35)],
        replicates=8,
        seed=4,
    )
    names = np.where(respondent == 1, "new", "old")
    found = [
        [shape_from_pilot(one, names, question, reference="old", n_rounds=4, conditions=known) for one in scores]
        for known in (pd.DataFrame({"prompted": prompted}), None)
    ]
    within = [np.mean([one.question_share + one.response_share for one in shapes]) for shapes in found]
    assert within[0] == pytest.approx(0.65, abs=0.03)
    assert within[1] < 0.6
    at_reference = expit(np.array([1.5, 0.4, -0.8])) / 2 + expit(np.array([3.5, 2.4, 1.2])) / 2
    np.testing.assert_allclose(np.mean([expit(one.thresholds) for one in found[0]], axis=0), at_reference, atol=0.03)


def test_one_repeated_answer_does_not_outweigh_all_others_of_a_pilot() -> None:
    """Its two answers differ, so that they alone would have answers of a respondent vary without relation."""
    studies = simulate_study(replace(SMALL, n_questions=300, n_rounds=1), replicates=1, seed=3)
    respondent = np.where(studies.design["respondent1"] == 1, "new", "old")
    rows = pd.DataFrame({"score": studies.outcome[0], "name": respondent, "question": studies.question})
    once = shape_from_pilot(rows["score"], rows["name"], rows["question"], reference="old", n_rounds=1)
    again = rows[rows["score"] == rows["score"].max()].head(1).assign(score=rows["score"].min())
    both = pd.concat([rows, again])
    twice = shape_from_pilot(both["score"], both["name"], both["question"], reference="old", n_rounds=2)
    assert twice.question_share == pytest.approx(once.question_share, abs=0.05)
    assert twice.response_share == 0


def test_a_pilot_of_one_round_knows_nothing_of_repetition() -> None:
    studies = simulate_study(replace(SMALL, n_questions=300, n_rounds=1), replicates=1, seed=3)
    respondent = np.where(studies.design["respondent1"] == 1, "new", "old")
    shape = shape_from_pilot(studies.outcome[0], respondent, studies.question, reference="old", n_rounds=1)
    assert shape.response_share == 0
    assert shape.question_share > 0.1
