"""Strengths with ties against printed and independent values, clustered errors, rank intervals, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.ranking import (
    Comparisons,
    fit_strengths,
    mean_preferences,
    preferences_from_scores,
    rank_intervals,
)


def counts_of(table: dict[tuple[int, int], tuple[float, float, float]], size: int) -> Comparisons:
    """Wins, losses and ties of each pair, as one question."""
    wins, ties = np.zeros((1, size, size)), np.zeros((1, size, size))
    for (first, second), (won, lost, tied) in table.items():
        wins[0, first, second], wins[0, second, first] = won, lost
        ties[0, first, second] = ties[0, second, first] = tied
    return Comparisons(wins, ties)


THREE = counts_of({(0, 1): (12, 6, 4), (0, 2): (15, 3, 2), (1, 2): (10, 5, 6)}, 3)


def simulated(seed: int, questions: int = 60, respondents: int = 4) -> Comparisons:
    """Scores of one line to three, over five rounds."""
    generator = np.random.default_rng(seed)
    lines = generator.integers(1, 4, questions)[:, None, None]
    chance = 1 / (1 + np.exp(-(generator.normal(size=(questions, 1, 1)) + 0.4 * np.arange(respondents)[None, :, None])))
    scores = generator.binomial(lines, np.broadcast_to(chance, (questions, respondents, 5))) / lines
    return preferences_from_scores(scores)


def test_davidsons_model_with_ties() -> None:
    found = fit_strengths(THREE)
    assert found.strength[1:] - found.strength[0] == pytest.approx([-0.841406, -1.591124], abs=5e-7)
    assert found.tie_parameter == pytest.approx(0.542021, abs=5e-7)
    assert found.log_likelihood == pytest.approx(-59.485683, abs=5e-7)


def test_without_ties_it_is_bradley_and_terry() -> None:
    halved = Comparisons(THREE.wins + THREE.ties / 2, np.zeros_like(THREE.ties))
    found = fit_strengths(halved)
    assert found.strength[1:] - found.strength[0] == pytest.approx([-0.656265, -1.240995], abs=5e-7)
    assert found.tie_parameter == 0
    assert found.log_likelihood == pytest.approx(-38.466246, abs=5e-7)


def negative_log_likelihood(parameters: np.ndarray, wins: np.ndarray, ties: np.ndarray) -> float:
    """Davidson's likelihood written out pair by pair."""
    worth, total = np.exp(np.r_[0.0, parameters[:-1]]), 0.0
    for first in range(len(worth)):
        for second in range(first + 1, len(worth)):
            tie = np.exp(parameters[-1]) * np.sqrt(worth[first] * worth[second])
            whole = worth[first] + worth[second] + tie
            total += wins[first, second] * np.log(worth[first] / whole)
            total += wins[second, first] * np.log(worth[second] / whole)
            total += ties[first, second] * np.log(tie / whole)
    return -total


def test_a_general_optimiser_finds_the_same() -> None:
    comparisons = simulated(4)
    wins, ties = comparisons.wins.sum(axis=0), comparisons.ties.sum(axis=0)
    slow = minimize(negative_log_likelihood, np.zeros(4), args=(wins, ties), method="BFGS", options={"gtol": 1e-8})
    found = fit_strengths(comparisons)
    np.testing.assert_allclose(found.strength[1:] - found.strength[0], slow.x[:-1], atol=1e-6)
    assert np.log(found.tie_parameter) == pytest.approx(slow.x[-1], abs=1e-6)


def test_errors_are_those_of_leaving_out_one_question_at_a_time() -> None:
    comparisons = simulated(2, questions=150)
    found = fit_strengths(comparisons)
    without = []
    for place in range(150):
        kept = np.arange(150) != place
        without.append(fit_strengths(Comparisons(comparisons.wins[kept], comparisons.ties[kept])).strength)
    jackknife = 149 / 150 * ((np.array(without) - np.mean(without, axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(np.diag(found.covariance), jackknife, rtol=0.03)  # equal to the order of 1 / questions


def test_mean_preferences_by_hand() -> None:
    scores = np.array([[[100.0], [50.0], [50.0]], [[100.0], [100.0], [0.0]]])
    comparisons = preferences_from_scores(scores)
    mean, covariance = mean_preferences(comparisons)
    assert mean == pytest.approx([(1.0 + 0.75) / 2, (0.25 + 0.75) / 2, (0.25 + 0.0) / 2])
    assert covariance[0, 0] == pytest.approx(np.var([1.0, 0.75], ddof=1) / 2)
    np.testing.assert_allclose(comparisons.preferences + comparisons.preferences.T, 1)


def test_replicates_are_compared_all_with_all() -> None:
    comparisons = preferences_from_scores(np.array([[[100.0, 0.0], [50.0, np.nan]]]))
    assert comparisons.wins[0].tolist() == [[0.0, 0.5], [0.5, 0.0]]


def test_other_questions_are_refused() -> None:
    scores = np.ones((3, 2, 2))
    scores[1, 0] = np.nan
    with pytest.raises(CannotEstimate, match="1 of 3 questions were not answered by every respondent"):
        preferences_from_scores(scores)


def test_who_never_loses_is_named() -> None:
    never = counts_of({(0, 1): (12, 0, 0), (0, 2): (15, 0, 0), (1, 2): (10, 5, 6)}, 3)
    with pytest.raises(CannotEstimate, match="A beat all others in every comparison"):
        fit_strengths(never, ("A", "B", "C"))
    apart = counts_of({(0, 1): (3, 2, 1), (2, 3): (1, 1, 0)}, 4)
    with pytest.raises(CannotEstimate, match="A, B met no others"):
        fit_strengths(apart, ("A", "B", "C", "D"))


def test_ranks_are_settled_where_differences_are_large() -> None:
    low, high = rank_intervals(np.array([2.0, 0.0, 0.1, -2.0]), np.eye(4) * 0.01)
    assert (low.tolist(), high.tolist()) == ([1, 2, 2, 4], [1, 3, 3, 4])


def test_nothing_is_settled_where_errors_are_large() -> None:
    low, high = rank_intervals(np.array([0.2, 0.1, 0.0]), np.eye(3))
    assert (low.tolist(), high.tolist()) == ([1, 1, 1], [3, 3, 3])


def test_copies_of_a_respondent_share_their_ranks() -> None:
    covariance = np.array([[0.01, 0.01, 0.0], [0.01, 0.01, 0.0], [0.0, 0.0, 0.01]])
    low, high = rank_intervals(np.array([1.0, 1.0, 0.0]), covariance)
    assert (low.tolist(), high.tolist()) == ([1, 1, 3], [2, 2, 3])
