"""Comparisons of respondents where a random part of the questions is marked: predicted, and corrected by the draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samp_eval.statistics.ranking.comparisons import Comparisons, over_conditions

__all__ = ["comparisons_from_chances", "corrected_comparisons"]

Floats = NDArray[np.float64]


def comparisons_from_chances(chances: Floats) -> Comparisons:
    """Shares of wins and ties that predicted chances of levels lead one to expect, question by question.

    Parameters
    ----------
    chances : ndarray, shape (q, r, c, t, k)
        Chance of each of k levels, from the lowest, of each replicate t of respondent r under condition c; NaN where
        there is no replicate. On every question all respondents have a condition in common.

    Returns
    -------
    Comparisons
        Replicates are compared within a condition, and conditions have equal weight, as in
        :func:`samp_eval.statistics.ranking.comparisons.comparisons_from_scores`, with which it agrees where every
        chance is 0 or 1.

    Notes
    -----
    Two responses are taken as independent given their predictions, so the chance that the first wins is the sum over
    levels of its chance of the level times the other's chance of a lower one. This is linear in either, so the mean
    over all pairs of replicates needs the mean chances only. Where the marks of a question hang together, the
    prediction is off; the correction makes up for that, as for any other fault of a prediction.
    """
    there = np.isfinite(chances[..., 0])
    counts = there.sum(axis=3)
    mean = np.where(there[..., None], chances, 0.0).sum(axis=3) / np.maximum(counts, 1)[..., None]
    below = mean.cumsum(axis=3) - mean
    wins = np.einsum("qick,qjck->qijc", mean, below)
    ties = np.einsum("qick,qjck->qijc", mean, mean)
    usable: NDArray[np.bool_] = np.all(counts > 0, axis=1)
    return Comparisons(over_conditions(wins, usable), over_conditions(ties, usable))


def corrected_comparisons(
    predicted: Comparisons, marked: Comparisons, drawn: NDArray[np.bool_], weight: Floats
) -> Comparisons:
    """Correct predicted comparisons by those of the drawn questions' marks.

    Parameters
    ----------
    predicted : Comparisons
        Of all q questions; what is predicted of a drawn one does not use its own marks.
    marked : Comparisons
        Of the d drawn questions, in the same order.
    drawn : ndarray of bool, shape (q,)
    weight : ndarray, shape (q,)
        Inverse of the chance with which each question was drawn, at least 1.

    Returns
    -------
    Comparisons
        For each question prediction + (drawn * weight) (mark - prediction), whose mean over the draw is what the marks
        of the question say, however bad the prediction. With every question drawn, the marks themselves.

    Notes
    -----
    Mean preferences are linear in the shares, so their mean over questions is the difference estimator, and its error
    over questions holds both what questions differ by and what the draw adds. Strengths, the test of transitivity and
    the mixture depend on the shares through their means over questions alone, and have errors by the delta method or
    the bootstrap.

    References
    ----------
    Sarndal CE, Swensson B, Wretman J. Model assisted survey sampling. Springer 1992, chapter 6.
    """
    factor = weight[drawn, None, None]

    def corrected(of_all: Floats, of_drawn: Floats) -> Floats:
        found = of_all.copy()
        found[drawn] = np.where(factor == 1, of_drawn, of_all[drawn] + factor * (of_drawn - of_all[drawn]))
        return found

    return Comparisons(
        corrected(predicted.wins, marked.wins), corrected(predicted.ties, marked.ties), n_drawn=int(drawn.sum())
    )
