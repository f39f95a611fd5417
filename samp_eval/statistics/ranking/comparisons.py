"""Who is preferred to whom, question by question, and on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.ranking.clustered import ClusteredEstimate, by_cluster

__all__ = [
    "Comparisons",
    "always_even",
    "comparisons_from_scores",
    "mean_preferences",
    "over_conditions",
    "pair_preferences",
    "preference_table",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_SAME_SCORE = 1e-9
"""Scores in percent that differ by less are equal: 200 / 3 and 66.66666666666667."""
_EVEN = 1e-12
"""Shares of wins that differ by less are equal."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Shares of wins and ties between respondents, question by question.

    Attributes
    ----------
    wins : ndarray, shape (q, r, r)
        ``wins[k, i, j]``: how often i beat j on question k; a share (0 to 1) where all replicates are compared, or a
        count.
    ties : ndarray, shape (q, r, r)
        Symmetric; the diagonal is not used.
    cluster : ndarray of int, shape (q,), optional
        Number of the cluster of each question, from 0 without gaps; each question is its own when omitted.
    n_drawn : int, optional
        Where only so many questions have marks: shares are then corrected predictions, which sums and means over
        questions may use, though those of one question can lie outside 0 to 1. See
        :func:`samp_eval.statistics.drawn.corrected_comparisons.corrected_comparisons`.
    """

    wins: Floats
    ties: Floats
    cluster: Integers | None = None
    n_drawn: int | None = None

    @property
    def halved(self) -> Floats:
        """Wins with ties as a half, shape (q, r, r)."""
        return np.asarray(self.wins + self.ties / 2)


def comparisons_from_scores(
    scores: Floats, cluster: Integers | None = None, *, tolerance: float = _SAME_SCORE
) -> Comparisons:
    """Compare all replicates of one respondent with all of another, question by question.

    Parameters
    ----------
    scores : ndarray, shape (q, r, t) or (q, r, c, t)
        Score of each respondent's replicates; NaN where there is none. With four axes the third is the condition:
        replicates are compared within a condition, and conditions have equal weight.
    cluster : ndarray of int, shape (q,), optional
        As for :class:`Comparisons`.
    tolerance : float
        Scores that differ by no more are tied.

    Returns
    -------
    Comparisons
        As shares of the pairs of replicates that were compared.

    Raises
    ------
    CannotEstimate
        A question on which respondents have no condition in common.
    """
    given = scores if scores.ndim == 4 else scores[:, :, None, :]
    usable: NDArray[np.bool_] = np.all(np.isfinite(given).any(axis=3), axis=1)  # (q, c): all respondents have a score
    missing = int((~np.any(usable, axis=1)).sum())
    if missing:
        raise CannotEstimate(
            f"{missing} of {len(given)} questions were not answered by every respondent. Compare on the questions "
            "that all of them answered: other sets would make cycles that are none."
        )
    wins, ties = _compared(given, tolerance)
    return Comparisons(over_conditions(wins, usable), over_conditions(ties, usable), cluster)


def over_conditions(shares: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Mean of shares (q, r, r, c) over the usable conditions (q, c) of each question, with 0 on the diagonal."""
    weight = (usable / usable.sum(axis=1, keepdims=True))[:, None, None, :]
    return np.asarray((weight * np.where(weight > 0, shares, 0.0)).sum(axis=3) * (1 - np.eye(shares.shape[1])))


def _compared(scores: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """Shares of wins and ties over pairs of replicates, shape (q, r, r, c); a pair at a time, to spare memory."""
    questions, respondents, conditions, replicates = scores.shape
    wins, ties, pairs = np.zeros((3, questions, respondents, respondents, conditions))
    for replicate in range(replicates):
        for other in range(replicates):
            difference = scores[:, :, None, :, replicate] - scores[:, None, :, :, other]
            pairs += np.isfinite(difference)
            wins += difference > tolerance
            ties += np.abs(difference) <= tolerance
    with np.errstate(invalid="ignore"):
        return wins / pairs, ties / pairs


def mean_preferences(comparisons: Comparisons) -> ClusteredEstimate:
    """How often each respondent is preferred to the others, on average over them (Borda), 0 to 1.

    Parameters
    ----------
    comparisons : Comparisons
        In which every pair met at least once.
    """
    respondents = comparisons.wins.shape[1]
    pairs = pair_preferences(comparisons)
    first, second = np.triu_indices(respondents, 1)
    weights = np.zeros((respondents, len(first)))
    weights[first, np.arange(len(first))], weights[second, np.arange(len(first))] = 1, -1
    mean = pairs.combined(weights / (respondents - 1))
    reversed_pairs = (weights < 0).sum(axis=1) / (respondents - 1)  # a reversed preference is 1 less the preference
    return ClusteredEstimate(mean.values + reversed_pairs, mean.influence, comparisons.n_drawn)


def pair_preferences(comparisons: Comparisons) -> ClusteredEstimate:
    """How often the first of each pair is preferred to the second, 0 to 1, in the order of ``numpy.triu_indices``.

    Parameters
    ----------
    comparisons : Comparisons
        Shares or counts; a pair that never met has NaN.
    """
    first, second = np.triu_indices(comparisons.wins.shape[1], 1)
    halved = comparisons.halved
    won, total = halved[:, first, second], halved[:, first, second] + halved[:, second, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        values = won.sum(axis=0) / total.sum(axis=0)
        influence = (won - values * total) / total.sum(axis=0)
    return ClusteredEstimate(values, by_cluster(influence, comparisons.cluster), comparisons.n_drawn)


def preference_table(pairs: Floats, respondents: int) -> Floats:
    """Pairs as a full table, shape (..., r, r): a preference and its reverse add to 1, the diagonal is 1/2."""
    first, second = np.triu_indices(respondents, 1)
    table = np.full((*pairs.shape[:-1], respondents, respondents), 0.5)
    table[..., first, second] = pairs
    table[..., second, first] = 1 - pairs
    return table


def always_even(comparisons: Comparisons) -> list[tuple[int, int]]:
    """Pairs of respondents that won as often as they lost on every question on which they met, as copies do."""
    first, second = np.triu_indices(comparisons.wins.shape[1], 1)
    lead = comparisons.wins[:, first, second] - comparisons.wins[:, second, first]
    even = (np.abs(lead) <= _EVEN).all(axis=0)
    return [(int(one), int(other)) for one, other in zip(first[even], second[even], strict=True)]
