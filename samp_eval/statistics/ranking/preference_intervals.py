"""Intervals and p values of preferences that stay between 0 and 1, also where all questions say the same."""

from __future__ import annotations

import numpy as np

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.bounded_intervals import p_above, share_interval, variance_degrees
from samp_eval.statistics.gee.estimable import FEWEST_CLUSTERS
from samp_eval.statistics.ranking.clustered import ClusteredEstimate, Floats

__all__ = ["check_clusters", "preference_intervals", "preference_p_values"]


def check_clusters(estimate: ClusteredEstimate) -> None:
    """Refuse to rank by fewer clusters than an odds ratio needs; raises ``CannotEstimate``."""
    clusters = len(estimate.influence)
    if clusters < FEWEST_CLUSTERS:
        raise CannotEstimate(
            f"The respondents can be compared on {clusters} cluster{'s' * (clusters != 1)} only; a ranking needs at "
            f"least {FEWEST_CLUSTERS}. Ask them the same questions; where the cluster is the case, the question is a "
            "finer one."
        )


def preference_intervals(estimate: ClusteredEstimate, confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper bound of each preference.

    Parameters
    ----------
    estimate : ClusteredEstimate
        Preferences, 0 to 1.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray, shape (m,)
        Those of t, but where they would leave the scale or all clusters say the same: there, as for mean scores, the
        interval of Korn and Graubard, with each cluster as one observation.
    """
    low, high = estimate.intervals(confidence)
    for place in _beyond_t(estimate, low, high):
        numbers, degrees = _numbers(estimate, place), _degrees(estimate, place)
        low[place], high[place] = share_interval(*numbers, confidence=confidence, degrees_of_freedom=degrees)
    return low, high


def preference_p_values(estimate: ClusteredEstimate, confidence: float) -> Floats:
    """Two-sided p value of each preference against one half, by the same method as its interval."""
    p_values = estimate.p_values(0.5)
    for place in _beyond_t(estimate, *estimate.intervals(confidence)):
        share, variance, observations, clusters = _numbers(estimate, place)
        degrees = _degrees(estimate, place)
        above, below = (
            p_above(side, variance, observations, clusters, 0.5, degrees_of_freedom=degrees)
            for side in (share, 1 - share)
        )
        p_values[place] = min(1.0, 2 * above, 2 * below)
    return p_values


def _beyond_t(estimate: ClusteredEstimate, low: Floats, high: Floats) -> list[int]:
    beyond = (low < 0) | (high > 1) | (estimate.standard_errors == 0)
    return np.flatnonzero(beyond & np.isfinite(estimate.values)).tolist()


def _numbers(estimate: ClusteredEstimate, place: int) -> tuple[float, float, int, int]:
    """Share, variance, observations and clusters."""
    clusters = len(estimate.influence) if estimate.n_drawn is None else estimate.n_drawn
    share = float(np.clip(estimate.values[place], 0.0, 1.0))
    return share, float(estimate.standard_errors[place] ** 2), clusters, clusters


def _degrees(estimate: ClusteredEstimate, place: int) -> float:
    most = np.inf if estimate.n_drawn is None else estimate.n_drawn - 1.0
    return float(min(variance_degrees(estimate.influence[:, place]), most))
