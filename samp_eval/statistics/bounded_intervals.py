"""Intervals for means of a bounded scale and their differences, which stay on the scale up to its ends.

A mean near the end of its scale has a skewed distribution: intervals of a mean plus or minus some standard errors leave
the scale and cover too little. ``benchmarks/analysis/bounded_intervals.py`` compares what is offered here with them.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, stdtrit

__all__ = ["difference_interval", "share_interval"]

_NO_VARIANCE = 1e-15
"""A variance of a share below this is none: all clusters have the same value."""


def share_interval(
    share: float, variance: float, n_observations: int, n_clusters: int, *, confidence: float = 0.95
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

    Returns
    -------
    tuple of float
        Lower and upper bound, 0 to 1.

    Notes
    -----
    The exact binomial interval of Clopper and Pearson for an effective number of observations: the number that would
    give this variance if observations were independent, times the squared ratio of t quantiles with the degrees of
    freedom of observations and of clusters. Where all clusters agree (0 or 1), each counts as one observation. R's
    ``survey::svyciprop(method = "beta")`` computes the same.

    References
    ----------
    Korn EL, Graubard BI. Confidence intervals for proportions with small expected number of positive counts estimated
    from survey data. Surv Methodol 1998;24:193-201.
    """
    tail = (1 - confidence) / 2
    if variance > _NO_VARIANCE:
        effective = share * (1 - share) / variance
        effective *= float(stdtrit(n_observations - 1, tail) / stdtrit(n_clusters - 1, tail)) ** 2
    else:
        effective = float(n_clusters)
    right, wrong = effective * share, effective * (1 - share)
    low = float(betaincinv(right, wrong + 1, tail)) if right > 0 else 0.0
    high = float(betaincinv(right + 1, wrong, 1 - tail)) if wrong > 0 else 1.0
    return low, high


def difference_interval(
    shares: tuple[float, float],
    intervals: tuple[tuple[float, float], tuple[float, float]],
    correlation: float,
) -> tuple[float, float]:
    """Interval of the first share less the second, from the interval of each (MOVER).

    Parameters
    ----------
    shares : tuple of float
        Both estimates, 0 to 1.
    intervals : tuple of (low, high)
        Interval of each.
    correlation : float
        Between the two estimates, -1 to 1; 0 where they come from different clusters.

    Returns
    -------
    tuple of float
        Lower and upper bound, -1 to 1.

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
    return max(difference - below, -1.0), min(difference + above, 1.0)


def _combined(first: float, second: float, correlation: float) -> float:
    """Distance of the difference from its bound, from those of the two estimates."""
    return float(np.sqrt(max(first**2 - 2 * correlation * first * second + second**2, 0.0)))
