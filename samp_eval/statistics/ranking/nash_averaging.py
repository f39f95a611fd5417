"""Nash averaging: skills of respondents that copies of a respondent do not change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog, minimize
from scipy.special import logit, xlogy

from samp_eval.errors import CannotEstimate

__all__ = ["NashAverage", "nash_average"]

Floats = NDArray[np.float64]

_TOLERANCE = 1e-9
"""How much better than the mixture any respondent may be, in log odds."""
_IN_SUPPORT = 1e-7


@dataclass(frozen=True, slots=True)
class NashAverage:
    """The most even mixture that nobody beats on the scale of log odds, and how each respondent does against it.

    Attributes
    ----------
    probabilities : ndarray, shape (r,)
        0 to 1.
    skills : ndarray, shape (r,)
        Mean log odds of being preferred to the mixture: 0 for its members, below 0 for others.
    """

    probabilities: Floats
    skills: Floats


def nash_average(preferences: ArrayLike, *, n_questions: int) -> NashAverage:
    """Find the equilibrium of the log odds of preferences that has the largest entropy.

    Parameters
    ----------
    preferences : array_like, shape (r, r)
        As for :func:`samp_eval.statistics.nash_equilibrium`.
    n_questions : int
        Preferences are kept half a question away from 0 and 1, so that log odds are finite.

    Returns
    -------
    NashAverage

    Raises
    ------
    CannotEstimate
        The program that finds it failed.

    References
    ----------
    Balduzzi D, Tuyls K, Perolat J, Graepel T. Re-evaluating evaluation. NeurIPS 2018; arXiv 1806.02643.
    """
    edge = 1 / (2 * n_questions)
    table = np.clip(np.asarray(preferences, dtype=float), edge, 1 - edge)
    odds = logit(table)
    odds = (odds - odds.T) / 2
    extremes = _largest_shares(odds)
    support = np.diag(extremes) > _IN_SUPPORT
    start = extremes[support].mean(axis=0)
    probabilities = np.zeros(len(odds))
    probabilities[support] = _most_even(odds[:, support], start[support])
    skills = odds @ probabilities
    if skills.max() > _TOLERANCE:
        raise CannotEstimate("No mixture was found that nobody beats.")
    return NashAverage(probabilities, np.where(np.abs(skills) < _TOLERANCE, 0.0, skills))


def _largest_shares(odds: Floats) -> Floats:
    """For each respondent, the equilibrium in which its share is largest; shape (r, r)."""
    size = len(odds)
    found = np.zeros((size, size))
    for place in range(size):
        program = linprog(
            -np.eye(size)[place], A_ub=odds, b_ub=np.zeros(size), A_eq=np.ones((1, size)), b_eq=[1], method="highs"
        )
        if program.status != 0:
            raise CannotEstimate("No mixture was found that nobody beats.")
        found[place] = program.x
    return found


def _most_even(odds: Floats, start: Floats) -> Floats:
    """The equilibrium of largest entropy, from one inside the set of all; unchanged where there is only one."""
    found = minimize(
        lambda shares: float(xlogy(shares, shares).sum()),
        start,
        jac=lambda shares: np.log(np.maximum(shares, 1e-300)) + 1,
        bounds=[(0, 1)] * len(start),
        constraints=[
            {"type": "eq", "fun": lambda shares: shares.sum() - 1, "jac": lambda shares: np.ones((1, len(start)))},
            {"type": "ineq", "fun": lambda shares: -odds @ shares, "jac": lambda shares: -odds},
        ],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    better = np.isfinite(found.x).all() and (odds @ found.x).max() <= _TOLERANCE and abs(found.x.sum() - 1) < _TOLERANCE
    entropy_gained = xlogy(start, start).sum() - xlogy(found.x, found.x).sum()
    return np.asarray(found.x / found.x.sum() if better and entropy_gained >= 0 else start)
