"""Intervals of preferences: by hand where all clusters agree, those of mean scores near the ends, else those of t."""

from __future__ import annotations

import numpy as np
import pytest

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.mean_scores import mean_score
from samp_eval.statistics.ranking.clustered import ClusteredEstimate
from samp_eval.statistics.ranking.preference_intervals import (
    check_clusters,
    preference_intervals,
    preference_p_values,
)
from samp_eval.statistics.ranking.rank_intervals import rank_intervals


def mean_of(values: list[float]) -> ClusteredEstimate:
    """The mean of one value in each cluster."""
    given = np.array(values, dtype=float)
    return ClusteredEstimate(np.array([given.mean()]), ((given - given.mean()) / len(given))[:, None])


@pytest.mark.parametrize("clusters", [5, 6, 20])
def test_preferred_everywhere_is_the_exact_binomial_interval_and_the_sign_test(clusters: int) -> None:
    """By hand: the lower bound L has L^n = 0.025, and the two-sided sign test is 2 / 2^n."""
    for values, turned in (([1.0] * clusters, False), ([0.0] * clusters, True)):
        low, high = (bound[0] for bound in preference_intervals(mean_of(values), 0.95))
        found = (1 - high, 1 - low) if turned else (low, high)
        assert found == pytest.approx((0.025 ** (1 / clusters), 1.0))
        assert preference_p_values(mean_of(values), 0.95)[0] == pytest.approx(2 * 0.5**clusters, rel=1e-6)


def test_the_same_share_in_every_question_has_an_interval_with_width() -> None:
    low, high = preference_intervals(mean_of([0.5625] * 5), 0.95)
    assert low[0] < 0.2
    assert high[0] > 0.9
    assert preference_p_values(mean_of([0.5] * 5), 0.95)[0] == 1


@pytest.mark.parametrize("values", [[1.0] * 8 + [0.0] * 2, [1.0] * 9 + [0.25], [0.0] * 6 + [1.0, 0.5]])
def test_near_the_ends_the_interval_is_that_of_a_mean_score(values: list[float]) -> None:
    estimate = mean_of(values)
    t_low, t_high = estimate.intervals(0.95)
    assert t_low[0] < 0 or t_high[0] > 1, "the interval of t leaves the scale"
    low, high = preference_intervals(estimate, 0.95)
    of_scores = mean_score(100 * np.array(values), np.arange(len(values)))
    assert (100 * low[0], 100 * high[0]) == pytest.approx((of_scores.ci_low, of_scores.ci_high))
    assert (preference_p_values(estimate, 0.95)[0] < 0.05) == (not low[0] <= 0.5 <= high[0])


def test_between_the_ends_the_interval_and_the_p_value_are_those_of_t() -> None:
    estimate = mean_of([0.5, 0.75, 0.25, 1.0, 0.5, 0.75, 0.25, 0.5, 0.75, 0.5])
    assert preference_intervals(estimate, 0.95) == estimate.intervals(0.95)
    assert preference_p_values(estimate, 0.95) == estimate.p_values(0.5)


@pytest.mark.parametrize(("clusters", "ranks"), [(5, [[1, 1], [2, 2]]), (6, [[1, 2], [1, 2]])])
def test_agreement_that_chance_can_bring_settles_no_rank(clusters: int, ranks: list[list[int]]) -> None:
    """Five of five questions have a two-sided sign test of 0.06, six of six one of 0.03."""
    nothing = np.zeros((clusters, 2))
    assert np.array(rank_intervals(ClusteredEstimate(np.array([0.9, 0.1]), nothing))).tolist() == ranks


def test_fewer_than_five_questions_rank_nobody() -> None:
    with pytest.raises(CannotEstimate, match="compared on 4 clusters only; a ranking needs at least 5"):
        check_clusters(mean_of([1.0, 0.0, 1.0, 0.5]))
    check_clusters(mean_of([1.0, 0.0, 1.0, 0.5, 0.5]))
