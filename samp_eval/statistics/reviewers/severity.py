"""How severe each reviewer is: who withholds credit where others, marking the same answer, give it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.ranking.comparisons import Comparisons
from samp_eval.statistics.ranking.davidson import fit_strengths

__all__ = ["Severity", "reviewer_severity"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Severity:
    """Severity of reviewers on the logit scale.

    Attributes
    ----------
    reviewers : tuple of str, length r
    severity, ci_low, ci_high : tuple of float, length r
        Log odds of withholding credit, against the mean of all reviewers; they sum to 0. Of two reviewers who mark the
        same answer differently, the odds that the first is the one who withholds are ``exp`` of the difference.
    p_value : float
        Of the hypothesis that all are alike (Wald test, F with r - 1 and questions less one degrees of freedom).
    n_differing : int
        Pairs of marks of the same answer that differ: all that the estimate uses.
    """

    reviewers: tuple[str, ...]
    severity: tuple[float, ...]
    ci_low: tuple[float, ...]
    ci_high: tuple[float, ...]
    p_value: float
    n_differing: int


def reviewer_severity(
    ratings: Floats, cluster: npt.NDArray[np.int64], names: tuple[str, ...], *, confidence: float = 0.95
) -> Severity:
    """Estimate how severe reviewers are from the answers that several of them marked.

    The model is that of Rasch: logit P(reviewer j credits answer i) = a_i - s_j. Given that exactly one of j and k
    credits an answer, the chance that it is j is 1 / (1 + exp(s_j - s_k)), free of a_i: what is left is the model of
    Bradley and Terry on the pairs of marks that differ. Its estimating equations are used with standard errors
    clustered on questions, because pairs of one answer, and answers of one question, are not independent.

    Parameters
    ----------
    ratings : ndarray, shape (n, r)
        One row for each answer, one column for each reviewer: 1, 0 or NaN where not marked.
    cluster : ndarray, shape (n,)
        Number of each answer's question, from 0.
    names : tuple of str, length r
        Of the reviewers.
    confidence : float
        Of the intervals, between 0 and 1.

    Raises
    ------
    CannotEstimate
        Where a reviewer, or a group, differs from the others in one direction only, or never.

    References
    ----------
    Rasch G. Probabilistic models for some intelligence and attainment tests. Danish Institute for Educational Research,
    1960.
    Zwinderman AH. Pairwise parameter estimation in Rasch models. Appl Psychol Meas 1995;19:369-75.
    Bradley RA, Terry ME. Rank analysis of incomplete block designs: I. Biometrika 1952;39:324-45.
    """
    questions = int(cluster.max()) + 1 if len(cluster) else 0
    credited, withheld = ratings == 1, ratings == 0
    wins = np.zeros((questions, len(names), len(names)))
    np.add.at(wins, cluster, (credited[:, :, None] & withheld[:, None, :]).astype(np.float64))
    differing = int(wins.sum())
    if len(names) < 2 or questions < 2 or not differing:
        raise CannotEstimate("Severity needs answers of several questions that two reviewers marked differently.")
    try:
        strengths = fit_strengths(Comparisons(wins, np.zeros_like(wins)), names).estimate
    except CannotEstimate as error:
        raise CannotEstimate(_why_none(wins.sum(axis=0), names)) from error
    width = float(stdtrit(questions - 1, (1 + confidence) / 2)) * strengths.standard_errors
    severity = -strengths.values
    wald = float(severity @ np.linalg.pinv(strengths.covariance, hermitian=True) @ severity)
    free = len(names) - 1
    return Severity(
        names,
        tuple(severity.tolist()),
        tuple((severity - width).tolist()),
        tuple((severity + width).tolist()),
        float(fdtrc(free, questions - 1, wald / free)),
        differing,
    )


def _why_none(won: Floats, names: tuple[str, ...]) -> str:
    for place, name in enumerate(names):
        credits, withholds = won[place].sum(), won[:, place].sum()
        if not credits and not withholds:
            return f"{name} marked no answer differently from another reviewer, so severity cannot be compared."
        if not credits or not withholds:
            always = "credited" if credits else "withheld credit for"
            return f"{name} {always} every answer on which the marks differ, so no finite severity exists."
    return "Some reviewers differ from the others in one direction only, so no finite severity exists."
