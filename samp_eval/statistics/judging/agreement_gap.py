"""A marker's place among people: its agreement with each of them beside theirs with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.bounded_intervals import difference_interval
from samp_eval.statistics.reviewers.agreement import FEWEST_QUESTIONS, IntervalEstimate
from samp_eval.statistics.reviewers.agreement_sums import (
    by_cluster,
    coefficient,
    cohen,
    influence,
    mean_kappa,
    of_pairs,
    unit_sums,
    with_each_left_out,
)

__all__ = ["AgreementGap", "agreement_gap"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AgreementGap:
    """How far one marker agrees with people beside how far people agree with each other.

    Attributes
    ----------
    n : int
        Answers that the marker and at least two people have marked.
    with_people : IntervalEstimate
        Mean over the pairs of the marker and each person.
    among_people : IntervalEstimate
        Mean over the pairs of people.
    difference : IntervalEstimate
        The first less the second.
    """

    n: int
    with_people: IntervalEstimate
    among_people: IntervalEstimate
    difference: IntervalEstimate


def agreement_gap(
    ratings: Floats, cluster: NDArray[np.int64], statistic: Literal["kappa", "ac1"], *, confidence: float = 0.95
) -> AgreementGap:
    """Compare the agreement of a marker with each person with that of people among each other.

    Like is compared with like: against a consensus of several people, whose mark has less error than one person's, the
    marker would look better than it is.

    Parameters
    ----------
    ratings : ndarray, shape (n, 1 + r)
        As in :func:`agreement`; the first column is the marker's.
    cluster, confidence
        As in :func:`agreement`.
    statistic : {"kappa", "ac1"}
        Cohen's or Gwet's, of each pair.

    Raises
    ------
    CannotEstimate
        Where no two people have marked the same answers, or the coefficients are not defined.

    Notes
    -----
    The interval of the difference combines those of both means (MOVER) with their correlation by the jackknife over
    questions.
    """
    people = ratings.shape[1] - 1
    used = np.isfinite(ratings[:, 0]) & (np.isfinite(ratings[:, 1:]).sum(axis=1) >= 2)
    if not used.any():
        raise CannotEstimate("No two people have marked the same answers, so the model has no place among them.")
    sums = by_cluster(unit_sums(ratings[used]), cluster[used], np.ones(int(used.sum()), dtype=bool))
    totals, of_pair = with_each_left_out(sums), cohen if statistic == "kappa" else _gwet
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = np.array([of_pair(*pair) for pair in of_pairs(totals)])
    sides = mean_kappa(pairs[:people]), mean_kappa(pairs[people:])
    size, enough = int(used.sum()), len(sums) >= FEWEST_QUESTIONS
    own, among = (coefficient(*side, size, confidence, enough=enough) for side in sides)
    influences = [influence(side[0] / np.where(side[1] > 0, side[1], np.nan)) for side in sides]
    return AgreementGap(size, own, among, _gap(own, among, *influences))


def _gap(own: IntervalEstimate, among: IntervalEstimate, first: Floats, second: Floats) -> IntervalEstimate:
    if own.value is None or among.value is None:
        raise CannotEstimate("All marks are alike, so agreement beyond chance is not defined.")
    difference = own.value - among.value
    if own.ci_low is None or own.ci_high is None or among.ci_low is None or among.ci_high is None:
        return IntervalEstimate(difference, None, None)
    spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
    correlation = float((first * second).sum()) / spread if spread > 0 else 0.0
    bounds = (own.ci_low, own.ci_high), (among.ci_low, among.ci_high)
    low, high = difference_interval((own.value, among.value), bounds, correlation, reach=2.0)
    return IntervalEstimate(difference, low, high)


def _gwet(both: Floats, one: Floats, other: Floats, credited: Floats) -> tuple[Floats, Floats]:
    """Observed disagreement of two reviewers, and that expected by Gwet's idea of chance."""
    prevalence = (one + other) / (2 * both)
    return (one + other - 2 * credited) / both, 1 - 2 * prevalence * (1 - prevalence)
