"""Intervals for means of a bounded scale and their differences, which stay on the scale up to its ends.

A mean near the end of its scale has a skewed distribution: intervals of a mean plus or minus some standard errors leave
the scale and cover too little. ``benchmarks/analysis/bounded_intervals.py`` compares what is offered here with them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, stdtrit

__all__ = ["difference_interval", "p_above", "ratio_interval", "share_interval", "variance_degrees"]

_NO_VARIANCE = 1e-15
"""A variance of a share below this is none: all clusters have the same value."""


_SMALLEST_P = 1e-12
"""P values are not told apart below it; quantiles of t are exact down to here."""

_LARGEST_TAIL = 0.4999
"""Quantiles of t are next to nought beyond it, and their ratio is rounding."""


def share_interval(
    share: float,
    variance: float,
    n_observations: int,
    n_clusters: int,
    *,
    confidence: float = 0.95,
    degrees_of_freedom: float | None = None,
) -> tuple[float, float]:
    """Interval of Korn and Graubard for a share or the mean of scores between 0 and 1.

    Parameters
    ----------
    share : float
        The estimate, 0 to 1.
    variance : float
        Its variance, clusters taken into account.
    n_observations, n_clusters : int
        What it was computed from; at least two clusters.
    confidence : float
        Coverage that the interval aims for, between 0 and 1.
    degrees_of_freedom : float, optional
        Of the variance, see :func:`variance_degrees`; clusters less one when omitted.

    Returns
    -------
    tuple of float
        Lower and upper bound, 0 to 1.

    Notes
    -----
    The exact binomial interval of Clopper and Pearson for an effective number of observations: the number that would
    give this variance if observations were independent, times the squared ratio of t quantiles with the degrees of
    freedom of observations and of the variance. R's ``survey::svyciprop(method = "beta")`` computes the same with
    clusters less one. Fewer degrees of freedom take the number no lower than that of clusters, of which each is one
    observation where its responses are all alike; so it is where all clusters agree (0 or 1).

    References
    ----------
    Korn EL, Graubard BI. Confidence intervals for proportions with small expected number of positive counts estimated
    from survey data. Surv Methodol 1998;24:193-201.
    """
    tail = (1 - confidence) / 2
    size = _effective_size(share, variance, n_observations, n_clusters, tail, degrees_of_freedom)
    right, wrong = size * share, size * (1 - share)
    low = float(betaincinv(right, wrong + 1, tail)) if right > 0 else 0.0
    high = float(betaincinv(right + 1, wrong, 1 - tail)) if wrong > 0 else 1.0
    return low, high


def variance_degrees(influence: ArrayLike) -> float:
    """Degrees of freedom of a variance that is the sum of squared influences of clusters.

    Parameters
    ----------
    influence : array_like, shape (clusters,)
        What each cluster adds to a mean.

    Returns
    -------
    float
        At least 1, at most clusters less one: Satterthwaite's by the fourth moment. Where three of 20 questions carry
        all wrong answers, the variance is known from these three.
    """
    squares = np.asarray(influence, dtype=float) ** 2
    most = len(squares) - 1.0
    spread = len(squares) * float((squares**2).sum()) - float(squares.sum()) ** 2
    if spread <= _NO_VARIANCE * float((squares**2).sum()):
        return most
    return float(np.clip(2 * len(squares) * float(squares.sum()) ** 2 / spread, 1.0, most))


def p_above(
    share: float,
    variance: float,
    n_observations: int,
    n_clusters: int,
    threshold: float,
    *,
    degrees_of_freedom: float | None = None,
    threshold_variance: float = 0.0,
    threshold_degrees: float = np.inf,
) -> float:
    """One-sided p value of the hypothesis that the true share is at or below a threshold.

    Parameters
    ----------
    share, variance, n_observations, n_clusters, degrees_of_freedom
        As for :func:`share_interval`.
    threshold : float
        0 to 1.
    threshold_variance, threshold_degrees : float
        Of a threshold that is a mean of a bounded scale itself, independent of the share: its variance, and the degrees
        of freedom of that.

    Returns
    -------
    float
        The tail at which the lower bound of :func:`share_interval` is the threshold: below 0.025 exactly where the
        95 % interval lies above it. Of a threshold with a variance, the tail at which the lower bound of the
        difference, as :func:`difference_interval` combines it, is 0.
    """
    from scipy.optimize import brentq

    if share <= 0:
        return 1.0
    within = min(max(threshold, 0.0), 1.0)

    def excess(tail: float) -> float:
        """Rises with the tail; 0 where the bound is at the threshold."""
        size = _effective_size(share, variance, n_observations, n_clusters, tail, degrees_of_freedom)
        if threshold_variance <= 0:
            return tail - float(betainc(size * share, size * (1 - share) + 1, within))
        low = float(betaincinv(size * share, size * (1 - share) + 1, tail))
        high = _upper_of_threshold(within, threshold_variance, threshold_degrees, tail)
        distance = _signed_square(share - low) + _signed_square(high - within)
        return _signed_square(share - within) - distance

    low, high = _SMALLEST_P, 1 - _SMALLEST_P
    if excess(low) >= 0:
        return low
    return float(brentq(excess, low, high, xtol=_SMALLEST_P)) if excess(high) > 0 else high


def _upper_of_threshold(share: float, variance: float, degrees_of_freedom: float, tail: float) -> float:
    within = min(tail, 1 - tail, _LARGEST_TAIL)
    ratio = float(stdtrit(np.inf, within) / stdtrit(degrees_of_freedom, within))
    size = share * (1 - share) / variance * ratio**2
    wrong = size * (1 - share)
    return float(betaincinv(size * share + 1, wrong, 1 - tail)) if wrong > 0 else 1.0


def _signed_square(distance: float) -> float:
    """Beyond the median a bound is on the other side of its estimate."""
    return distance * abs(distance)


def _effective_size(
    share: float, variance: float, n_observations: int, n_clusters: int, tail: float, degrees_of_freedom: float | None
) -> float:
    """The number of independent observations that would give this variance, less what few clusters cost."""
    if variance <= _NO_VARIANCE:
        return float(n_clusters)
    tail = min(tail, 1 - tail, _LARGEST_TAIL)
    independent = share * (1 - share) / variance
    of_observations, of_clusters = stdtrit(n_observations - 1, tail), stdtrit(n_clusters - 1, tail)
    size = independent * float(of_observations / of_clusters) ** 2
    if degrees_of_freedom is None:
        return size
    thin = independent * float(of_observations / stdtrit(degrees_of_freedom, tail)) ** 2
    return max(thin, min(size, float(n_clusters)))


def difference_interval(
    shares: tuple[float, float],
    intervals: tuple[tuple[float, float], tuple[float, float]],
    correlation: float,
    *,
    reach: float = 1.0,
) -> tuple[float, float]:
    """Interval of the first share less the second, from the interval of each (MOVER).

    Parameters
    ----------
    shares : tuple of float
        Both estimates.
    intervals : tuple of (low, high)
        Interval of each.
    correlation : float
        Between the two estimates, -1 to 1; 0 where they come from different clusters.
    reach : float
        The largest difference on their scale.

    Returns
    -------
    tuple of float
        Lower and upper bound.

    References
    ----------
    Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med
    2008;27:1693-702.
    Newcombe RG. Improved confidence intervals for the difference between binomial proportions based on paired data.
    Stat Med 1998;17:2635-50.
    """
    (first, second), ((low_1, high_1), (low_2, high_2)) = shares, intervals
    below = _combined(first - low_1, high_2 - second, correlation)
    above = _combined(high_1 - first, second - low_2, correlation)
    difference = first - second
    return max(difference - below, -reach), min(difference + above, reach)


def ratio_interval(
    shares: tuple[float, float],
    intervals: tuple[tuple[float, float], tuple[float, float]],
    correlation: float,
) -> tuple[float, float]:
    """Interval of the first share over the second, from the interval of each (MOVER for ratios).

    Parameters
    ----------
    shares : tuple of float
        Both estimates, at least 0, the second above it.
    intervals : tuple of (low, high)
        Interval of each.
    correlation : float
        Between the two estimates, -1 to 1.

    Returns
    -------
    tuple of float
        Lower and upper bound; 0 and infinity where the interval of the second share is too wide to bound the ratio.

    References
    ----------
    Donner A, Zou GY. Closed-form confidence intervals for functions of the normal mean and standard deviation. Stat
    Methods Med Res 2012;21:347-59.
    """
    (first, second), ((low_1, high_1), (low_2, high_2)) = shares, intervals
    low = _ratio_bound(first, second, low_1, high_2, correlation, -1)
    high = _ratio_bound(first, second, high_1, low_2, correlation, 1)
    return max(0.0 if low is None else low, 0.0), np.inf if high is None else high


def _ratio_bound(
    first: float, second: float, bound_1: float, bound_2: float, correlation: float, sign: int
) -> float | None:
    below = bound_2 * (2 * second - bound_2)
    if below <= 0:
        return None
    middle = first * second - correlation * (first - bound_1) * (bound_2 - second)
    root = middle**2 - bound_1 * (2 * first - bound_1) * below
    return float((middle + sign * np.sqrt(max(root, 0.0))) / below)


def _combined(first: float, second: float, correlation: float) -> float:
    """Distance of the difference from its bound, from those of the two estimates."""
    return float(np.sqrt(max(first**2 - 2 * correlation * first * second + second**2, 0.0)))
