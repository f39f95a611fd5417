"""Whether a marker favours a respondent, given what people say of the same answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.reviewers.agreement import FEWEST_QUESTIONS, IntervalEstimate

__all__ = ["Favour", "favour"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Favour:
    """How much milder a marker is with some respondents, percentage points -100 to 100.

    Attributes
    ----------
    by_respondent : tuple of IntervalEstimate
        Each respondent against the mean of the others.
    own : IntervalEstimate or None
        The respondents of the marker's own family against the others; None where all or none are.
    """

    by_respondent: tuple[IntervalEstimate, ...]
    own: IntervalEstimate | None


def favour(
    credited: Floats,
    true: Floats,
    respondent: Integers,
    cluster: Integers,
    *,
    own: Collection[int] = (),
    confidence: float = 0.95,
) -> Favour:
    """Contrast the errors that a marker makes with each respondent, given people's marks.

    Parameters
    ----------
    credited, true : ndarray, shape (n,)
        The marker's and people's credit, 0 or 1: one row for each answer and each respondent that gave it.
    respondent : ndarray of int, shape (n,)
        0 to r - 1.
    cluster : ndarray of int, shape (n,)
        Number of each answer's question.
    own : collection of int
        Respondents of the marker's own family.
    confidence : float
        Of the intervals, between 0 and 1.

    Raises
    ------
    CannotEstimate
        Fewer than two respondents or too few questions, or no question on which respondents can be compared.

    Notes
    -----
    The error (credit less people's credit) is regressed on respondent and people's credit within questions, so that a
    respondent who is right more often, or on easier questions, is not taken for a favoured one. Errors are by the
    jackknife over questions, intervals by t with questions less one degrees of freedom. False credit and false refusal
    of each respondent stand beside it: the two can differ in sign, which one contrast averages.

    References
    ----------
    Panickssery A, Bowman SR, Feng S. LLM evaluators recognize and favor their own generations. NeurIPS 2024.
    """
    names, labels = np.unique(cluster, return_inverse=True)
    n_respondents = int(respondent.max(initial=-1)) + 1
    if n_respondents < 2 or len(names) < FEWEST_QUESTIONS:
        raise CannotEstimate(
            f"Self-preference needs answers of two respondents to {FEWEST_QUESTIONS} questions that people have marked."
        )
    indicators = (respondent[:, None] == np.arange(1, n_respondents)).astype(float)
    columns = _within(np.column_stack([indicators, true, 100 * (credited - true)]), labels, len(names))
    design, error = columns[:, :-1], columns[:, -1]
    squares, products = np.zeros((len(names), *2 * (design.shape[1],))), np.zeros((len(names), design.shape[1]))
    np.add.at(squares, labels, design[:, :, None] * design[:, None, :])
    np.add.at(products, labels, design * error[:, None])
    left_out = squares.sum(axis=0) - squares
    if np.linalg.matrix_rank(left_out, hermitian=True).min() < design.shape[1]:
        raise CannotEstimate("Too few questions have answers of several respondents, or answers that earn and others.")
    estimate = np.linalg.solve(squares.sum(axis=0), products.sum(axis=0))
    without = np.linalg.solve(left_out, (products.sum(axis=0) - products)[:, :, None])[:, :, 0]
    effects, jackknife = (_effects(found, n_respondents) for found in (estimate[None], without))

    def contrast(chosen: Collection[int]) -> IntervalEstimate:
        weights = np.array([1 / len(chosen) if name in chosen else 0.0 for name in range(n_respondents)])
        weights -= np.where(weights > 0, 0.0, 1 / (n_respondents - len(chosen)))
        value, replicates = float((effects @ weights)[0]), jackknife @ weights
        spread = ((replicates - replicates.mean()) ** 2).sum() * (len(names) - 1) / len(names)
        reach = float(stdtrit(len(names) - 1, (1 + confidence) / 2) * np.sqrt(spread))
        return IntervalEstimate(value, value - reach, value + reach)

    of_family = contrast(set(own)) if 0 < len(set(own)) < n_respondents else None
    return Favour(tuple(contrast({name}) for name in range(n_respondents)), of_family)


def _within(columns: Floats, labels: Integers, count: int) -> Floats:
    """Columns less their means within questions, which takes out what a question has by itself."""
    sums = np.zeros((count, columns.shape[1]))
    np.add.at(sums, labels, columns)
    return np.asarray(columns - (sums / np.bincount(labels, minlength=count)[:, None])[labels])


def _effects(coefficients: Floats, n_respondents: int) -> Floats:
    """Effects of all respondents, the first as 0, shape (..., r)."""
    return np.column_stack([np.zeros(len(coefficients)), coefficients[:, : n_respondents - 1]])
