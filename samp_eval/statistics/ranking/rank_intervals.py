"""Which ranks the data settle, and how many questions hold up the first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samp_eval.statistics.ranking.clustered import ClusteredEstimate

__all__ = ["fragility", "rank_intervals"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_EQUAL = 1e-10
"""Sums of shares that differ by less are equal."""


def rank_intervals(
    estimate: ClusteredEstimate, *, confidence: float = 0.95, draws: int = 2_000, seed: int = 1
) -> tuple[Integers, Integers]:
    """Best and worst rank that each respondent can have, simultaneously for all.

    Parameters
    ----------
    estimate : ClusteredEstimate
        Mean preferences or log worths of r respondents.
    confidence : float
        Probability that all intervals hold the true ranks, between 0 and 1.
    draws : int
        Bootstrap samples of clusters, for the critical value of all differences at once.
    seed : int

    Returns
    -------
    low, high : ndarray of int, shape (r,)
        From 1 (strongest) to r.

    Notes
    -----
    A respondent is surely above another where their difference is larger than the critical value times its standard
    error, or where all clusters say the same and are more than could agree by chance (a sign test, corrected for the
    number of pairs). Its best rank is one more than the number of those surely above it, its worst r less those surely
    below.

    References
    ----------
    Mogstad M, Romano JP, Shaikh AM, Wilhelm D. Inference for ranks with applications to mobility across neighbourhoods
    and academic achievement across countries. Rev Econ Stud 2024;91:476-518.
    """
    size = len(estimate.values)
    differences = estimate.differences()
    critical = np.quantile(differences.largest_deviations(draws, seed), confidence, method="higher")
    distance = differences.standardised()
    if len(distance) * 0.5 ** (len(differences.influence) - 1) > 1 - confidence:
        distance = np.where(np.isinf(distance), 0.0, distance)
    first, second = np.triu_indices(size, 1)
    above = np.zeros((size, size), dtype=bool)
    above[first, second] = distance > critical
    above[second, first] = -distance > critical
    return 1 + above.sum(axis=0), size - above.sum(axis=1)


def fragility(of_question: Floats) -> tuple[int, int] | None:
    """Smallest number of questions without which another respondent is first.

    Parameters
    ----------
    of_question : ndarray, shape (q, r)
        Mean preference of each respondent on each question; the highest sum is first.

    Returns
    -------
    questions : int
        0 where the first rank is shared.
    place : int
        Of the respondent that would then be first, or that shares the rank. None in place of both where no other was
        ahead of the first on any question.

    Notes
    -----
    The number is exact: sums are linear, so removing the questions that favour the first most against one challenger
    is the fastest way to turn these two, and the challenger with the smallest number wins.

    References
    ----------
    Huang JY, Shen Y, Wei D, Broderick T. Dropping just a handful of preferences can change top large language model
    rankings. arXiv 2508.11847, 2025.
    """
    totals = of_question.sum(axis=0)
    leader = int(np.argmax(totals))
    needed = {}
    for place in range(of_question.shape[1]):
        if place != leader:
            lead = np.sort(of_question[:, leader] - of_question[:, place])[::-1]
            remaining = lead.sum() - np.r_[0.0, np.cumsum(lead)]
            overtaken = np.flatnonzero(remaining < -_EQUAL)
            shared = abs(remaining[0]) <= _EQUAL
            if shared or len(overtaken):
                needed[place] = 0 if shared else int(overtaken[0])
    if not needed:
        return None
    turned = min(needed, key=lambda place: (needed[place], -totals[place]))
    return needed[turned], turned
