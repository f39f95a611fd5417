"""Strengths with ties against printed and independent values, clustered errors, rank intervals, refusals."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.ranking.clustered import ClusteredEstimate
from samp_eval.statistics.ranking.comparisons import (
    Comparisons,
    always_even,
    comparisons_from_scores,
    mean_preferences,
    pair_preferences,
    preference_table,
)
from samp_eval.statistics.ranking.davidson import fit_strengths, quasi_variances
from samp_eval.statistics.ranking.rank_intervals import fragility, rank_intervals
from samp_eval.statistics.ranking.transitivity import strongest_cycle, transitivity_test


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
    return comparisons_from_scores(scores)


def test_davidsons_model_with_ties() -> None:
    found = fit_strengths(THREE)
    assert found.estimate.values[1:] - found.estimate.values[0] == pytest.approx([-0.841406, -1.591124], abs=5e-7)
    assert found.tie_parameter == pytest.approx(0.542021, abs=5e-7)
    assert found.log_likelihood == pytest.approx(-59.485683, abs=5e-7)


def test_without_ties_it_is_bradley_and_terry() -> None:
    halved = Comparisons(THREE.wins + THREE.ties / 2, np.zeros_like(THREE.ties))
    found = fit_strengths(halved)
    assert found.estimate.values[1:] - found.estimate.values[0] == pytest.approx([-0.656265, -1.240995], abs=5e-7)
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
    np.testing.assert_allclose(found.estimate.values[1:] - found.estimate.values[0], slow.x[:-1], atol=1e-6)
    assert np.log(found.tie_parameter) == pytest.approx(slow.x[-1], abs=1e-6)


def test_errors_are_those_of_leaving_out_one_question_at_a_time() -> None:
    comparisons = simulated(2, questions=150)
    found = fit_strengths(comparisons)
    without = []
    for place in range(150):
        kept = np.arange(150) != place
        without.append(fit_strengths(Comparisons(comparisons.wins[kept], comparisons.ties[kept])).estimate.values)
    jackknife = 149 / 150 * ((np.array(without) - np.mean(without, axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(
        found.estimate.standard_errors**2, jackknife, rtol=0.03
    )  # equal to the order of 1 / questions


def test_estimates_and_clustered_errors_are_those_of_a_log_linear_model() -> None:
    """Davidson's model is a Poisson model of the three outcomes with an intercept for each pair (statsmodels)."""
    comparisons = simulated(3, questions=40)
    rows, shares, questions = [], [], []
    pairs = [(first, second) for first in range(4) for second in range(first + 1, 4)]
    for question in range(40):
        for place, (first, second) in enumerate(pairs):
            won, lost = comparisons.wins[question, first, second], comparisons.wins[question, second, first]
            worths = np.eye(4)[first], np.eye(4)[second], (np.eye(4)[first] + np.eye(4)[second]) / 2
            for share, worth, tie in zip(
                (won, lost, comparisons.ties[question, first, second]), worths, (0, 0, 1), strict=True
            ):
                rows.append(np.r_[np.eye(len(pairs))[place], worth[1:], tie])
                shares.append(share)
                questions.append(question)
    model = sm.GLM(np.array(shares), np.array(rows), family=sm.families.Poisson())
    groups = {"groups": np.array(questions), "use_correction": False}
    expected = model.fit(tol=1e-14, maxiter=200, cov_type="cluster", cov_kwds=groups)
    found, contrast = fit_strengths(comparisons), np.c_[-np.ones(3), np.eye(3)]
    np.testing.assert_allclose(contrast @ found.estimate.values, expected.params[-4:-1], atol=1e-10)
    assert np.log(found.tie_parameter) == pytest.approx(expected.params[-1], abs=1e-10)
    covariance = expected.cov_params()[-4:-1, -4:-1] * 40 / 39
    np.testing.assert_allclose(contrast @ found.estimate.covariance @ contrast.T, covariance, rtol=1e-9)


def test_mean_preferences_by_hand() -> None:
    scores = np.array([[[100.0], [50.0], [50.0]], [[100.0], [100.0], [0.0]]])
    comparisons = comparisons_from_scores(scores)
    mean = mean_preferences(comparisons)
    assert mean.values == pytest.approx([(1.0 + 0.75) / 2, (0.25 + 0.75) / 2, (0.25 + 0.0) / 2])
    assert mean.covariance[0, 0] == pytest.approx(np.var([1.0, 0.75], ddof=1) / 2)
    pairs = pair_preferences(comparisons)
    assert pairs.values == pytest.approx([0.75, 1.0, 0.75])
    assert pairs.standard_errors[0] == pytest.approx(np.std([1.0, 0.5], ddof=1) / np.sqrt(2))
    assert preference_table(pairs.values, 3)[2].tolist() == [0.0, 0.25, 0.5]


def test_cases_as_clusters() -> None:
    comparisons = simulated(8)
    of_question = comparisons.halved.sum(axis=2) / 3
    of_case = (of_question - of_question.mean(axis=0)).reshape(20, 3, 4).sum(axis=1) / 60
    found = mean_preferences(Comparisons(comparisons.wins, comparisons.ties, np.repeat(np.arange(20), 3)))
    np.testing.assert_allclose(found.covariance, 20 / 19 * of_case.T @ of_case, rtol=1e-10)


def test_replicates_are_compared_within_a_condition() -> None:
    nothing = np.nan
    scores = np.array([[[[100.0, 0.0], [0.0, nothing]], [[50.0, nothing], [50.0, 0.0]]]])
    comparisons = comparisons_from_scores(scores)
    assert comparisons.wins[0, 0, 1] == pytest.approx((1 / 2 + 0) / 2)
    assert comparisons.wins[0, 1, 0] == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert comparisons.ties[0, 0, 1] == pytest.approx((0 + 1 / 2) / 2)


def test_a_condition_that_one_did_not_answer_is_left_out() -> None:
    scores = np.array([[[[100.0], [0.0]], [[50.0], [np.nan]]]])
    assert comparisons_from_scores(scores).wins[0].tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_replicates_are_compared_all_with_all() -> None:
    comparisons = comparisons_from_scores(np.array([[[100.0, 0.0], [50.0, np.nan]]]))
    assert comparisons.wins[0].tolist() == [[0.0, 0.5], [0.5, 0.0]]


def test_other_questions_are_refused() -> None:
    scores = np.ones((3, 2, 2))
    scores[1, 0] = np.nan
    with pytest.raises(CannotEstimate, match="1 of 3 questions were not answered by every respondent"):
        comparisons_from_scores(scores)


def test_who_never_loses_is_named() -> None:
    never = counts_of({(0, 1): (12, 0, 0), (0, 2): (15, 0, 0), (1, 2): (10, 5, 6)}, 3)
    with pytest.raises(CannotEstimate, match="A beat all others in every comparison"):
        fit_strengths(never, ("A", "B", "C"))
    apart = counts_of({(0, 1): (3, 2, 1), (2, 3): (1, 1, 0)}, 4)
    with pytest.raises(CannotEstimate, match="A, B met no others"):
        fit_strengths(apart, ("A", "B", "C", "D"))


@pytest.mark.parametrize(
    ("table", "size", "words"),
    [
        ({(0, 1): (0, 0, 5), (0, 2): (0, 0, 5), (1, 2): (0, 0, 5)}, 3, "Every comparison is a tie"),
        ({(0, 1): (6, 0, 4)}, 2, "A never lost to the others"),
        ({(0, 1): (6, 0, 4), (1, 2): (6, 0, 4), (0, 2): (9, 0, 0)}, 3, "A never lost to the others"),
    ],
)
def test_ties_alone_do_not_make_strengths_finite(
    table: dict[tuple[int, int], tuple[float, float, float]], size: int, words: str
) -> None:
    with pytest.raises(CannotEstimate, match=words):
        fit_strengths(counts_of(table, size), ("A", "B", "C")[:size])


def test_who_never_loses_is_finite_where_other_ties_bound_it() -> None:
    found = fit_strengths(counts_of({(0, 1): (6, 0, 4), (0, 2): (6, 0, 4), (1, 2): (3, 4, 2)}, 3))
    assert np.abs(found.estimate.values).max() < 2


def test_a_quasi_variance_below_zero_is_no_interval_without_width() -> None:
    """Differences from the first have variance 1, that of the others 3: by hand v = (-0.5, 1.5, 1.5)."""
    assert np.isnan(quasi_variances(np.array([[0.0, 0, 0], [0, 1, -0.5], [0, -0.5, 1]]))).all()


def test_quasi_variances_of_independent_estimates_are_their_variances() -> None:
    np.testing.assert_allclose(quasi_variances(np.diag([0.1, 0.2, 0.3, 0.4])), [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    centred = np.eye(4) - 1 / 4
    found = quasi_variances(centred @ np.diag([0.1, 0.2, 0.3, 0.4]) @ centred)  # differences do not know the centre
    np.testing.assert_allclose(found, [0.1, 0.2, 0.3, 0.4], rtol=1e-6)


def estimate_of(values: list[float], errors: list[float], clusters: int = 200) -> ClusteredEstimate:
    """Independent estimates with about these errors."""
    noise = np.random.default_rng(5).normal(size=(clusters, len(values)))
    return ClusteredEstimate(np.array(values), (noise - noise.mean(axis=0)) * np.array(errors) / np.sqrt(clusters))


def test_ranks_are_settled_where_differences_are_large() -> None:
    low, high = rank_intervals(estimate_of([2.0, 0.0, 0.1, -2.0], [0.1] * 4))
    assert (low.tolist(), high.tolist()) == ([1, 2, 2, 4], [1, 3, 3, 4])


def test_nothing_is_settled_where_errors_are_large() -> None:
    low, high = rank_intervals(estimate_of([0.2, 0.1, 0.0], [1.0] * 3))
    assert (low.tolist(), high.tolist()) == ([1, 1, 1], [3, 3, 3])


def test_copies_of_a_respondent_share_their_ranks() -> None:
    copied = estimate_of([1.0, 0.0], [0.1, 0.1]).combined([[1, 0], [1, 0], [0, 1]])
    low, high = rank_intervals(copied)
    assert (low.tolist(), high.tolist()) == ([1, 1, 3], [2, 2, 3])


def test_the_critical_value_of_one_difference_is_close_to_that_of_t() -> None:
    deviations = estimate_of([0.0], [1.0], clusters=60).largest_deviations(20_000, seed=2)
    assert np.quantile(deviations, 0.95) == pytest.approx(2.0, abs=0.06)


def test_strengths_and_mean_preferences_rank_alike_where_all_pairs_meet() -> None:
    for seed in range(20):
        comparisons = simulated(seed, respondents=6)
        order = np.argsort(mean_preferences(comparisons).values)
        assert (np.argsort(fit_strengths(comparisons).estimate.values) == order).all()


def turned_by_leaving_out(of_question: np.ndarray, count: int) -> bool:
    """Whether another than the first is ahead once some ``count`` questions are left out; tries all of them."""
    leader = of_question.sum(axis=0).argmax()
    for left_out in combinations(range(len(of_question)), count):
        totals = np.delete(of_question, left_out, axis=0).sum(axis=0)
        if (totals > totals[leader] + 1e-9).any():
            return True
    return False


def test_fragility_is_the_smallest_number_of_all_subsets() -> None:
    for seed in range(12):
        of_question = np.random.default_rng(seed).integers(0, 5, (9, 3)) / 4 + np.array([0.3, 0.0, 0.1])
        found = fragility(of_question)
        smallest = next((count for count in range(9) if turned_by_leaving_out(of_question, count)), None)
        assert (found and found[0]) == smallest


def test_who_is_first_on_every_question_cannot_be_turned() -> None:
    assert fragility(np.array([[1.0, 0.5], [0.5, 0.5]])) is None


def test_a_shared_first_rank_hangs_on_no_question() -> None:
    assert fragility(np.array([[1.0, 0.0, 0.2], [0.0, 1.0, 0.1]])) == (0, 1)


def preferring(table: np.ndarray, seed: int, questions: int = 77) -> Comparisons:
    """Five comparisons of each pair on each question, which share the question's leaning."""
    generator, size = np.random.default_rng(seed), len(table)
    first, second = np.triu_indices(size, 1)
    leaning = generator.normal(size=(questions, len(first))) * 0.5
    chance = 1 / (1 + np.exp(-(np.log(table / (1 - table))[first, second] + leaning)))
    wins = np.zeros((questions, size, size))
    wins[:, first, second] = generator.binomial(5, chance) / 5
    wins[:, second, first] = 1 - wins[:, first, second]
    return Comparisons(wins, np.zeros_like(wins))


CYCLE = np.array([[0.5, 0.65, 0.35], [0.35, 0.5, 0.65], [0.65, 0.35, 0.5]])
LINE = np.array([[0.5, 0.6, 0.7], [0.4, 0.5, 0.6087], [0.3, 0.3913, 0.5]])


def test_a_planted_cycle_is_found() -> None:
    for seed in range(10):
        preferences = pair_preferences(preferring(CYCLE, seed))
        assert transitivity_test(preferences, 3).p_value < 0.01
        cycle = strongest_cycle(preferences, 3)
        assert cycle is not None
        assert cycle.places in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
        assert cycle.p_value < 0.05


def test_no_cycle_is_found_where_there_is_none() -> None:
    found = [transitivity_test(pair_preferences(preferring(LINE, seed)), 3, draws=500).p_value for seed in range(200)]
    assert 0.01 <= np.mean(np.array(found) < 0.05) <= 0.11  # 5 %, give or take two of its errors
    assert strongest_cycle(pair_preferences(preferring(LINE, 0)), 3) is None


def test_two_respondents_cannot_run_in_a_circle() -> None:
    with pytest.raises(CannotEstimate, match="three or more"):
        transitivity_test(pair_preferences(simulated(1, respondents=2)), 2)


def test_copies_are_named() -> None:
    scores = np.random.default_rng(1).integers(0, 3, (30, 3, 2)).astype(float)
    scores[:, 2] = scores[:, 0, ::-1]
    assert always_even(comparisons_from_scores(scores)) == [(0, 2)]
