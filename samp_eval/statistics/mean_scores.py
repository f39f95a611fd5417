"""Mean scores without a model: of a respondent, against a pass mark, and of two respondents, with clustered errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.terms import Floats

__all__ = [
    "MeanDifference",
    "MeanScore",
    "clustered_mean_difference",
    "group_levels",
    "mean_score",
    "paired_mean_difference",
]

_ROUNDING = 1e-9
"""Scores this near to an end of their scale are at it."""


@dataclass(frozen=True, slots=True)
class MeanScore:
    """A mean score, and how it stands to a pass mark.

    Attributes
    ----------
    mean, ci_low, ci_high : float
        In the unit of the scores (percent).
    standard_error : float
        Clustered.
    threshold : float or None
        The pass mark, in the unit of the scores; None where none was given.
    p_above : float or None
        One-sided p value of the hypothesis that the mean is at or below the threshold.
    """

    mean: float
    ci_low: float
    ci_high: float
    standard_error: float
    threshold: float | None
    p_above: float | None


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Difference of mean scores, in the unit of the scores (percentage points).

    Attributes
    ----------
    difference, ci_low, ci_high : float
        Group less reference.
    standard_error : float
    degrees_of_freedom : int
        Of the t distribution: clusters or pairs less one.
    p_value : float
        Two-sided, 0 to 1.
    n_clusters : int
    """

    difference: float
    ci_low: float
    ci_high: float
    standard_error: float
    degrees_of_freedom: int
    p_value: float
    n_clusters: int


def mean_score(
    scores: ArrayLike, cluster: ArrayLike, *, threshold: float | None = None, confidence: float = 0.95
) -> MeanScore:
    """A respondent's mean score with an interval that respects clusters, and a test against a pass mark.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Percent.
    cluster : array_like, shape (n,)
    threshold : float, optional
        The pass mark, percent.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    MeanScore

    Raises
    ------
    CannotEstimate
        Fewer than two clusters, or the same score everywhere.
    """
    values = _complete(scores)
    labels, distinct = pd.factorize(np.asarray(cluster))
    _check(len(distinct) > 1, "All scores are in one cluster, so there is no interval. Use more questions.")
    mean = float(values.mean())
    influence = np.bincount(labels, weights=(values - mean) / len(values))
    error = float(np.sqrt((influence**2).sum() * len(distinct) / (len(distinct) - 1)))
    _check(error > 0, f"Every question has the mean score {mean:g}, so there is no interval.")
    degrees_of_freedom = len(distinct) - 1
    reach = float(stdtrit(degrees_of_freedom, 0.5 + confidence / 2)) * error
    p_above = None if threshold is None else float(stdtr(degrees_of_freedom, (threshold - mean) / error))
    return MeanScore(mean, mean - reach, mean + reach, error, threshold, p_above)


def clustered_mean_difference(
    scores: ArrayLike, group: ArrayLike, cluster: ArrayLike, *, confidence: float = 0.95
) -> MeanDifference:
    """Compare mean scores with a standard error that respects clusters.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Percent.
    group : array_like of bool, shape (n,)
        True for the respondent, False for the reference.
    cluster : array_like, shape (n,)
    confidence : float
        Between 0 and 1.

    Returns
    -------
    MeanDifference
        Sandwich covariance with the factor g / (g - 1), known as CR1.

    Raises
    ------
    CannotEstimate
        A side without scores, or fewer than two clusters.

    References
    ----------
    Miller E. Adding error bars to evals: a statistical approach to language model evaluations. arXiv:2411.00640, 2024.
    """
    values, chosen = _complete(scores), np.asarray(group, dtype=bool)
    labels, distinct = pd.factorize(np.asarray(cluster))
    _check(min(chosen.sum(), (~chosen).sum()) > 0, "One side of the comparison has no scores. Add its responses.")
    _check(len(distinct) > 1, "All scores are in one cluster, so there is no standard error. Use more questions.")
    sides = [(chosen, 1.0), (~chosen, -1.0)]
    difference = sum(sign * values[side].mean() for side, sign in sides)
    influence = np.zeros(len(distinct))
    for side, sign in sides:
        centred = sign * (values[side] - values[side].mean()) / side.sum()
        influence += np.bincount(labels[side], weights=centred, minlength=len(distinct))
    error = np.sqrt((influence**2).sum() * len(distinct) / (len(distinct) - 1))
    return _difference(float(difference), float(error), len(distinct), confidence)


def paired_mean_difference(
    scores: ArrayLike, group: ArrayLike, question: ArrayLike, *, confidence: float = 0.95
) -> MeanDifference:
    """Compare two respondents question by question, each as its mean over rounds.

    Parameters
    ----------
    scores : array_like, shape (n,)
    group : array_like of bool, shape (n,)
    question : array_like, shape (n,)
        Questions that only one of them answered are left out.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    MeanDifference
        That of a paired t test over questions.

    Raises
    ------
    CannotEstimate
        Fewer than two questions in common.

    References
    ----------
    Miller E. Adding error bars to evals: a statistical approach to language model evaluations. arXiv:2411.00640, 2024.
    """
    frame = pd.DataFrame(
        {
            "score": _complete(scores),
            "group": np.asarray(group, dtype=bool),
            "question": np.asarray(question),
        }
    )
    means = frame.groupby(["question", "group"])["score"].mean().unstack().dropna()
    _check(means.shape[1] == 2 and len(means) > 1, "Fewer than two questions were answered by both. Add responses.")
    gaps = (means[True] - means[False]).to_numpy()
    return _difference(float(gaps.mean()), float(gaps.std(ddof=1) / np.sqrt(len(gaps))), len(gaps), confidence)


def group_levels(scores: ArrayLike, *, lowest: float = 0.0, highest: float = 100.0) -> NDArray[np.int64]:
    """Group scores into none (0), some (1) and all (2).

    Parameters
    ----------
    scores : array_like, shape (n,)
    lowest, highest : float
        Ends of the scores' scale; percent when omitted.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    values = np.asarray(scores, dtype=float)
    return (values > lowest + _ROUNDING).astype(np.int64) + (values >= highest - _ROUNDING)


def _difference(difference: float, error: float, n_clusters: int, confidence: float) -> MeanDifference:
    _check(error > 0, f"Every question shows the same difference ({difference:g}), so there is no interval.")
    reach = float(stdtrit(n_clusters - 1, 0.5 + confidence / 2)) * error
    p_value = float(2 * stdtr(n_clusters - 1, -abs(difference) / error))
    return MeanDifference(
        difference, difference - reach, difference + reach, error, n_clusters - 1, p_value, n_clusters
    )


def _complete(scores: ArrayLike) -> Floats:
    values = np.asarray(scores, dtype=float)
    missing = int((~np.isfinite(values)).sum())
    _check(missing == 0, f"{missing} of {len(values)} responses have no score. Leave them out, or count them as zero.")
    return values


def _check(holds: bool, sentence: str) -> None:
    if not holds:
        raise CannotEstimate(sentence)
