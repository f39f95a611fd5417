"""Whether a marker credits an entry of the key more often because it is shown first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.judging.error_rates import clustered_mean
from samp_eval.statistics.reviewers.agreement import IntervalEstimate

__all__ = ["OrderEffect", "order_effect"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """How often marks credit the entry that is shown first, under the letter A.

    Attributes
    ----------
    n : int
        Marks that credit an entry of a key with two or more.
    first : IntervalEstimate
        Percent of them that credit the entry shown first, 0 to 100.
    by_chance : float
        Percent that would if the order did not count, 0 to 100.
    excess : IntervalEstimate
        The first less the second, percentage points -100 to 100.
    """

    n: int
    first: IntervalEstimate
    by_chance: float
    excess: IntervalEstimate


def order_effect(place: Integers, entries: Integers, cluster: Integers, *, confidence: float = 0.95) -> OrderEffect:
    """Compare how often the credited entry was shown first with how often it would be by chance.

    The order is drawn for each request whatever the answer says, so an entry stands first in one of k requests, k being
    the number of entries, unless the marker prefers what it sees first.

    Parameters
    ----------
    place : ndarray of int, shape (n,)
        Where the credited entry was shown: 0 is first.
    entries : ndarray of int, shape (n,)
        How many entries were shown.
    cluster : ndarray of int, shape (n,)
        Number of the question.
    confidence : float
        Of the intervals, between 0 and 1.

    Raises
    ------
    CannotEstimate
        Where no mark credits an entry of a key with two or more.

    References
    ----------
    Wang P, Li L, Chen L, et al. Large language models are not fair evaluators. ACL 2024.
    """
    several = entries > 1
    if not several.any():
        raise CannotEstimate("No mark credits an entry of a key with two or more entries, so the order has no effect.")
    first, chance = 100.0 * (place[several] == 0), 100.0 / entries[several]
    questions = cluster[several]
    return OrderEffect(
        int(several.sum()),
        clustered_mean(first, questions, confidence),
        float(chance.mean()),
        clustered_mean(first - chance, questions, confidence, lowest=-100.0),
    )
