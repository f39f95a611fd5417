"""False credit, false refusal and bias of one marker against marks that are taken for right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.mean_scores import mean_score
from samp_eval.statistics.reviewers.agreement import FEWEST_QUESTIONS, IntervalEstimate

__all__ = ["ErrorRates", "Rate", "clustered_mean", "clustered_rate", "error_rates"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of answers.

    Attributes
    ----------
    n : int
        Answers that it is a share of.
    percent : IntervalEstimate
        0 to 100; without interval where the answers are of fewer than
        :data:`~samp_eval.statistics.reviewers.agreement.FEWEST_QUESTIONS` questions.
    """

    n: int
    percent: IntervalEstimate


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How a marker errs.

    Attributes
    ----------
    false_credit : Rate
        Of the answers that earn nothing, those that the marker credits: 100 less its specificity.
    false_refusal : Rate
        Of the answers that earn, those that the marker refuses: 100 less its sensitivity.
    bias : IntervalEstimate
        Mean of the marker's credit less the true one, percentage points -100 to 100; above 0 where it is too mild.
    """

    false_credit: Rate
    false_refusal: Rate
    bias: IntervalEstimate


def error_rates(credited: Floats, true: Floats, cluster: Integers, *, confidence: float = 0.95) -> ErrorRates:
    """How a marker errs on answers whose credit is known.

    Parameters
    ----------
    credited, true : ndarray, shape (n,)
        1 credited, 0 not; no NaN.
    cluster : ndarray, shape (n,)
        Number of each answer's question.
    confidence : float
        Of the intervals, between 0 and 1.
    """
    earns = true == 1
    return ErrorRates(
        clustered_rate(credited[~earns] == 1, cluster[~earns], confidence=confidence),
        clustered_rate(credited[earns] == 0, cluster[earns], confidence=confidence),
        clustered_mean(100 * (credited - true), cluster, confidence, lowest=-100.0),
    )


def clustered_rate(hits: NDArray[np.bool_], cluster: Integers, *, confidence: float = 0.95) -> Rate:
    """A share of answers with an interval that allows for answers of one question being alike."""
    return Rate(len(hits), clustered_mean(100 * hits.astype(float), cluster, confidence))


def clustered_mean(values: Floats, cluster: Integers, confidence: float, lowest: float = 0.0) -> IntervalEstimate:
    """A mean on a scale from ``lowest`` to 100; without interval where the answers are of too few questions."""
    if not len(values):
        return IntervalEstimate(None, None, None)
    mean = float(values.mean())
    if len(np.unique(cluster)) < FEWEST_QUESTIONS:
        return IntervalEstimate(mean, None, None)
    try:
        found = mean_score(values, cluster, confidence=confidence, lowest=lowest)
    except CannotEstimate:  # every question has the same mean
        return IntervalEstimate(mean, None, None)
    return IntervalEstimate(mean, found.ci_low, found.ci_high)
