"""Sums over answers of which every statistic of agreement is a function, and intervals from leaving out questions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from samp_eval.statistics.bounded_intervals import ratio_interval, share_interval, variance_degrees

__all__ = [
    "FIRST_OF_PAIRS",
    "MARKED",
    "IntervalEstimate",
    "by_cluster",
    "coefficient",
    "cohen",
    "influence",
    "mean_kappa",
    "of_pairs",
    "percent_estimate",
    "unit_sums",
    "with_each_left_out",
]

Floats = npt.NDArray[np.float64]

MARKED = 2
"""Place of the sum that counts answers with any mark."""

_ROUNDING = 1e-12

FIRST_OF_PAIRS, _IN_PAIR = 7, 4
"""Where the sums of pairs of reviewers begin, and how many each pair has."""


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A statistic with its interval.

    Attributes
    ----------
    value, ci_low, ci_high : float or None
        None where the marks do not determine it.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None


def unit_sums(ratings: Floats) -> Floats:
    """For each answer the terms that every statistic adds up: (n, 7 + 4 for each pair of reviewers)."""
    marked = np.isfinite(ratings)
    given = marked.sum(axis=1).astype(np.float64)
    credited = np.nansum(ratings, axis=1)
    paired = given >= 2
    pairs = np.where(paired, given * (given - 1), 1.0)
    equal = np.where(paired, (credited * (credited - 1) + (given - credited) * (given - credited - 1)) / pairs, 0.0)
    unequal = np.where(paired, 2 * credited * (given - credited) / np.where(paired, given - 1, 1.0), 0.0)
    some = given >= 1
    share = np.where(some, credited / np.where(some, given, 1.0), 0.0)
    columns = [paired, equal, some, share, paired * given, paired * credited, unequal]
    for first, second in combinations(range(ratings.shape[1]), 2):
        both = marked[:, first] & marked[:, second]
        credited = [np.where(both, ratings[:, reviewer], 0.0) for reviewer in (first, second)]
        columns += [both, *credited, credited[0] * credited[1]]
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])


def by_cluster(unit_sums: Floats, cluster: npt.NDArray[np.int64], used: npt.NDArray[np.bool_]) -> Floats:
    """The summed terms of each cluster that has any, shape (clusters, terms)."""
    _, places = np.unique(cluster[used], return_inverse=True)
    sums = np.zeros((int(places.max(initial=-1)) + 1, unit_sums.shape[1]))
    np.add.at(sums, places, unit_sums[used])
    return sums


def with_each_left_out(sums: Floats) -> Floats:
    """Sums over all clusters, then without each in turn, shape (1 + clusters, terms)."""
    total = sums.sum(axis=0)
    return np.vstack([total, total - sums])


def of_pairs(sums: Floats) -> list[Floats]:
    """For each pair of reviewers the answers that both marked, credits of the first and of the second, and of both."""
    starts = range(FIRST_OF_PAIRS, sums.shape[1], _IN_PAIR)
    return [sums[:, start : start + _IN_PAIR].T for start in starts]


def cohen(both: Floats, one: Floats, other: Floats, credited: Floats) -> tuple[Floats, Floats]:
    """Observed and expected disagreement of two reviewers."""
    observed = (one + other - 2 * credited) / both
    return observed, 1 - (one * other + (both - one) * (both - other)) / both**2


def mean_kappa(pairs: Floats) -> tuple[Floats, Floats]:
    """Disagreement and expected disagreement whose ratio is one less the mean kappa over the pairs (pairs, 2, rows)."""
    if len(pairs) == 1:
        return pairs[0, 0], pairs[0, 1]
    observed, expected = pairs[:, 0], pairs[:, 1]
    known = np.isfinite(observed) & (expected > 0)
    number = np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    mean_observed = np.where(known, observed, 0.0).sum(axis=0) / number
    ratio = np.where(known, observed / np.where(known, expected, 1.0), 0.0).sum(axis=0) / number
    mean_expected = np.where(known, expected, 0.0).sum(axis=0) / number
    return mean_observed, np.where(ratio > 0, mean_observed / np.where(ratio > 0, ratio, 1.0), mean_expected)


def percent_estimate(disagreement: Floats, size: int, confidence: float, *, enough: bool) -> IntervalEstimate:
    """Percent agreement from disagreement over all clusters and then without each."""
    if not np.isfinite(disagreement[0]):
        return IntervalEstimate(None, None, None)
    value = 100 * (1 - float(disagreement[0]))
    if not enough:
        return IntervalEstimate(value, None, None)
    low, high = _share_bounds(disagreement, size, confidence)
    return IntervalEstimate(value, 100 * (1 - high), 100 * (1 - low))


def coefficient(observed: Floats, expected: Floats, size: int, confidence: float, *, enough: bool) -> IntervalEstimate:
    """One less the ratio of two disagreements, each over all clusters and then without each."""
    if not (np.isfinite(observed[0]) and expected[0] > _ROUNDING):
        return IntervalEstimate(None, None, None)
    value = 1 - float(observed[0] / expected[0])
    value = value if abs(value) > _ROUNDING else 0.0
    if not enough:
        return IntervalEstimate(value, None, None)
    influences = [influence(part) for part in (observed, expected)]
    spread = np.sqrt((influences[0] ** 2).sum() * (influences[1] ** 2).sum())
    correlation = float((influences[0] * influences[1]).sum() / spread) if spread > 0 else 0.0
    low, high = ratio_interval(
        (float(observed[0]), float(expected[0])),
        (_share_bounds(observed, size, confidence), _share_bounds(expected, size, confidence)),
        correlation,
    )
    return IntervalEstimate(value, max(1 - high, min(value, -1.0)), 1 - low)


def _share_bounds(parts: Floats, size: int, confidence: float) -> tuple[float, float]:
    clusters, added = len(parts) - 1, influence(parts)
    variance = float((added**2).sum()) * clusters / (clusters - 1)
    share = min(max(float(parts[0]), 0.0), 1.0)
    degrees = variance_degrees(added)
    return share_interval(share, variance, size, clusters, confidence=confidence, degrees_of_freedom=degrees)


def influence(parts: Floats) -> Floats:
    """What each cluster adds to a statistic, by the jackknife; 0 where it is not defined without the cluster."""
    left_out = np.where(np.isfinite(parts[1:]), parts[1:], parts[0])
    clusters = len(left_out)
    return np.asarray((left_out.mean() - left_out) * (clusters - 1) / clusters)
