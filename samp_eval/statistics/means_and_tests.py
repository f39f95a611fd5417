"""Simpler statistics beside the model: mean scores, their differences, exact tests, and a pass mark."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, chdtrc, stdtr, stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.terms import Floats
from samp_eval.statistics.means_and_tests_results import ExactTest, MeanDifference, MeanScore

__all__ = [
    "clustered_mean_difference",
    "cochran_q",
    "exact_mcnemar",
    "group_levels",
    "mean_score",
    "paired_mean_difference",
]

_ROUNDING = 1e-9
"""Scores this near to an end of their scale are at it."""


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
    _check(len(distinct) > 1, "All scores are in one cluster, so no standard error can be had. Use more questions.")
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


def exact_mcnemar(first: ArrayLike, second: ArrayLike) -> ExactTest:
    """Test whether two respondents are right equally often on the same one-line questions.

    Parameters
    ----------
    first, second : array_like of bool, shape (questions,)

    Returns
    -------
    ExactTest
        The statistic is the number of questions that only ``first`` has right.

    References
    ----------
    McNemar Q. Note on the sampling error of the difference between correlated proportions. Psychometrika 1947;12:153-7.
    """
    one, other = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    only_one, only_other = int((one & ~other).sum()), int((other & ~one).sum())
    discordant = only_one + only_other
    p_value = min(1.0, float(2 * bdtr(min(only_one, only_other), discordant, 0.5)))
    return ExactTest(float(only_one), 0, p_value, len(one), discordant)


def cochran_q(right: ArrayLike) -> ExactTest:
    """Test whether several respondents (or rounds) are right equally often on the same one-line questions.

    Parameters
    ----------
    right : array_like of bool, shape (questions, respondents)

    Returns
    -------
    ExactTest
        Chi-squared with respondents less one degrees of freedom.

    Raises
    ------
    CannotEstimate
        All respondents agree on every question.

    References
    ----------
    Cochran WG. The comparison of percentages in matched samples. Biometrika 1950;37:256-66.
    """
    table = np.asarray(right, dtype=float)
    n_questions, n_columns = table.shape
    of_rows, of_columns = table.sum(axis=1), table.sum(axis=0)
    discordant = int(((of_rows > 0) & (of_rows < n_columns)).sum())
    _check(discordant > 0, "There is no question on which they differ, so there is no difference to test.")
    spread = n_columns * (of_columns**2).sum() - of_columns.sum() ** 2
    statistic = (n_columns - 1) * spread / (n_columns * of_rows.sum() - (of_rows**2).sum())
    p_value = float(chdtrc(n_columns - 1, statistic))
    return ExactTest(float(statistic), n_columns - 1, p_value, n_questions, discordant)


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
    _check(len(distinct) > 1, "All scores are in one cluster, so no interval can be had. Use more questions.")
    mean = float(values.mean())
    influence = np.bincount(labels, weights=(values - mean) / len(values))
    error = float(np.sqrt((influence**2).sum() * len(distinct) / (len(distinct) - 1)))
    _check(error > 0, f"Every question has the mean score {mean:g}, so no interval can be had.")
    freedom = len(distinct) - 1
    reach = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    p_above = None if threshold is None else float(stdtr(freedom, (threshold - mean) / error))
    return MeanScore(mean, mean - reach, mean + reach, error, threshold, p_above)


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
    _check(error > 0, f"Every question shows the same difference ({difference:g}), so no interval can be had.")
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
