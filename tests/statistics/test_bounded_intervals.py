"""Intervals that stay on their scale, against Clopper and Pearson, published values, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from samp_eval.statistics.bounded_intervals import difference_interval, p_above, share_interval, variance_degrees


@pytest.mark.parametrize(("right", "size"), [(0, 20), (3, 20), (19, 20), (20, 20), (70, 77)])
def test_independent_observations_give_clopper_and_pearson(right: int, size: int) -> None:
    share = right / size
    found = share_interval(share, share * (1 - share) / size, size, size)
    expected = binomtest(right, size).proportion_ci(method="exact")
    assert found == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_clusters_by_hand() -> None:
    """Share 0.9 of 100 observations in 20 clusters, standard error 0.05: 36 observations' worth, times (t99/t19)^2."""
    effective = 0.9 * 0.1 / 0.05**2 * (1.984217 / 2.093024) ** 2
    expected = (
        beta.ppf(0.025, 0.9 * effective, 0.1 * effective + 1),
        beta.ppf(0.975, 0.9 * effective + 1, 0.1 * effective),
    )
    assert share_interval(0.9, 0.05**2, 100, 20) == pytest.approx(expected, rel=1e-6)


def test_degrees_of_freedom_of_a_variance_by_hand() -> None:
    """Three of 20 questions carry it: kurtosis 1 / pq - 3 with pq = 0.1275 is 4.843; 2 x 20 / 3.843 is 10.4."""
    assert variance_degrees([0.85] * 3 + [-0.15] * 17) == pytest.approx(40 / (1 / 0.1275 - 4))
    assert variance_degrees([1.0, -1.0] * 10) == 19


def test_few_clusters_that_carry_the_variance_widen_the_interval_down_to_one_observation_a_cluster() -> None:
    wide, thin, narrow = (share_interval(0.95, 0.04**2, 100, 20, degrees_of_freedom=df) for df in (1.0, 3.0, None))
    assert wide == pytest.approx(share_interval(0.95, 0.95 * 0.05 / 20, 20, 20))
    assert wide[0] <= thin[0] < narrow[0]


def test_everything_right_is_not_certain() -> None:
    low, high = share_interval(1.0, 0.0, 100, 20)
    assert low == pytest.approx(0.025 ** (1 / 20))
    assert high == 1.0


def test_independent_shares_give_newcombes_combination() -> None:
    """56 of 70 less 48 of 80 from Wilson limits: 0.0524 to 0.3339 (Newcombe, Stat Med 1998;17:873-90, method 10)."""
    limits = [binomtest(*counts).proportion_ci(method="wilson") for counts in ((56, 70), (48, 80))]
    first, second = ((limit.low, limit.high) for limit in limits)
    assert difference_interval((0.8, 0.6), (first, second), 0.0) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 0.2), st.floats(-1, 1), st.integers(2, 100))
def test_bounds_hold_the_estimate_and_stay_on_the_scale(
    first: float, second: float, spread: float, other: float, correlation: float, clusters: int
) -> None:
    variances = [min(error**2, share * (1 - share)) for error, share in ((spread, first), (other, second))]
    intervals = tuple(
        share_interval(share, variance, 5 * clusters, clusters)
        for share, variance in zip((first, second), variances, strict=True)
    )
    for (low, high), share in zip(intervals, (first, second), strict=True):
        assert 0 <= low <= share + 1e-9
        assert share - 1e-9 <= high <= 1
    low, high = difference_interval((first, second), (intervals[0], intervals[1]), correlation)
    assert -1 <= low <= first - second + 1e-9
    assert first - second - 1e-9 <= high <= 1
    assert np.isfinite([low, high]).all()


@pytest.mark.parametrize(("share", "threshold"), [(0.8, 0.6), (0.97, 0.95), (0.6, 0.64), (0.5, 0.5)])
def test_a_threshold_with_an_error_is_where_the_bound_of_the_difference_is(share: float, threshold: float) -> None:
    """The tail's intervals of both, by scipy.stats, combined as Zou and Donner do, begin or end at no difference."""
    variance, of_threshold = share * (1 - share) / 60, threshold * (1 - threshold) / 40
    tail = p_above(share, variance, 60, 60, threshold, threshold_variance=of_threshold)
    low = beta.ppf(tail, share * 60, (1 - share) * 60 + 1)
    high = beta.ppf(1 - tail, threshold * 40 + 1, (1 - threshold) * 40)
    signed = [gap * abs(gap) for gap in (share - threshold, share - low, high - threshold)]
    assert signed[0] == pytest.approx(signed[1] + signed[2], abs=1e-9)
    assert (tail < 0.5) == (share > threshold) or share == threshold
    assert 0 < tail < 1


def test_the_error_of_a_threshold_draws_the_p_value_towards_one_half() -> None:
    exact = p_above(0.97, 0.02**2, 300, 60, 0.93)
    assert p_above(0.97, 0.02**2, 300, 60, 0.93, threshold_variance=1e-14) == pytest.approx(exact, abs=1e-6)
    many, few = (
        p_above(0.97, 0.02**2, 300, 60, 0.93, threshold_variance=4e-4, threshold_degrees=d) for d in (np.inf, 3)
    )
    assert exact < many < few < 0.5
    assert p_above(0.0, 0.0, 20, 20, 0.5, threshold_variance=4e-4) == 1.0
    assert p_above(1.0, 0.0, 20, 20, 1.0, threshold_variance=4e-4) > 0.5
