"""The cumulative logit under working independence, solved for many tables of counts at once.

One study, its bootstrap resamples and its simulated repetitions are all such tables; see
:mod:`samp_eval.statistics.gee.count_table`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from samp_eval.statistics.gee.terms import Floats

__all__ = [
    "Solution",
    "cut_information",
    "fisher_scoring",
    "level_chances",
    "log_likelihood",
    "probabilities",
    "row_sums",
    "solve",
    "solve_any_levels",
]

MOST_ITERATIONS = 60
"""The reference data sets and simulated studies take 4 to 11 steps, a slope of 30 in the range of its column 17."""

MOST_HALVINGS = 25
"""Down to 3e-8 of a step. None of those data sets needs a halving; tables on their way to an infinite slope do."""

STEP_TOLERANCE = 1e-9
"""Largest change of a parameter in the last step; far below any standard error."""

LARGEST_SLOPE = 200.0
"""Beyond this, in units of the column's range, a slope is taken for infinite. One that is on its way there moves by
about one in a step and so never meets the step's tolerance; a steep covariate of wide range has 60 and settles."""

_BLOCK = 2_000_000
"""Numbers in a temporary array; keeps memory at a few hundred megabytes."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Estimates of r data sets.

    Attributes
    ----------
    estimates : ndarray, shape (r, k - 1 + p)
        Thresholds of logit P(Y > level), then slopes; NaN where not converged.
    converged : ndarray of bool, shape (r,)
    """

    estimates: Floats
    converged: NDArray[np.bool_]


def solve(tables: Floats, patterns: Floats, start: Floats | None = None) -> Solution:
    """Solve the independence equations of every table by damped Fisher scoring.

    Parameters
    ----------
    tables : ndarray, shape (r, m, k)
        Counts; every level must occur in every table.
    patterns : ndarray, shape (m, p)
        Design row of each line of a table.
    start : ndarray, shape (k - 1 + p,), optional

    Returns
    -------
    Solution

    References
    ----------
    McCullagh P. Regression models for ordinal data. J R Stat Soc B 1980;42:109-42.
    """
    centre = patterns.mean(axis=0)
    reach = np.where(np.ptp(patterns, axis=0) > 0, np.ptp(patterns, axis=0), 1.0)
    scaled = (patterns - centre) / reach
    n_cuts, n_slopes = tables.shape[2] - 1, patterns.shape[1]
    estimates = _start(tables, n_slopes)
    if start is not None:
        slopes = start[n_cuts:]
        estimates[:] = np.concatenate([start[:n_cuts] + centre @ slopes, slopes * reach])
    per_block = max(1, _BLOCK // (tables.shape[1] * tables.shape[2]))
    converged = np.zeros(len(tables), dtype=bool)
    for first in range(0, len(tables), per_block):
        block = slice(first, first + per_block)
        converged[block] = _score_steps(tables[block], scaled, estimates[block])
    converged &= (np.abs(estimates[:, n_cuts:]) < LARGEST_SLOPE).all(axis=1)
    estimates[:, n_cuts:] /= reach
    estimates[:, :n_cuts] -= (estimates[:, n_cuts:] @ centre)[:, None]
    estimates[~converged] = np.nan
    return Solution(estimates, converged)


def solve_any_levels(tables: Floats, patterns: Floats, start: Floats | None = None) -> Solution:
    """Solve tables in which some levels may not occur.

    A level without observations has probability zero at the maximum, and the slopes are those of the table without that
    level. Its thresholds coincide; where the lowest (highest) levels are missing they are infinite (minus infinite).

    Parameters
    ----------
    tables, patterns, start
        As for :func:`solve`.

    Returns
    -------
    Solution
    """
    n_cuts = tables.shape[2] - 1
    estimates = np.full((len(tables), n_cuts + patterns.shape[1]), np.nan)
    converged = np.zeros(len(tables), dtype=bool)
    kinds, kind = np.unique(tables.any(axis=1), axis=0, return_inverse=True)
    for place, present in enumerate(kinds):
        levels, chosen = np.flatnonzero(present), np.flatnonzero(kind == place)
        if len(levels) < 2:
            continue
        # P(Y > cut) is that of the highest level at or below the cut that occurs: 1 below all, 0 from the last.
        lower = np.searchsorted(levels, np.arange(n_cuts), side="right")
        columns = np.r_[levels[:-1], np.arange(n_cuts, estimates.shape[1])]
        part = solve(tables[chosen][:, :, present], patterns, None if start is None else start[columns])
        edge = np.ones((len(chosen), 1)) * np.inf
        thresholds = np.hstack([edge, part.estimates[:, : len(levels) - 1], -edge])[:, lower]
        estimates[chosen] = np.hstack([thresholds, part.estimates[:, len(levels) - 1 :]])
        converged[chosen] = part.converged
    estimates[~converged] = np.nan
    return Solution(estimates, converged)


def _start(tables: Floats, n_slopes: int) -> Floats:
    totals = tables.sum(axis=1)
    above = totals[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    size = totals.sum(axis=1, keepdims=True)
    thresholds = logit((above + 0.25) / (size + 0.5))
    return np.concatenate([thresholds, np.zeros((len(tables), n_slopes))], axis=1)


def _score_steps(tables: Floats, patterns: Floats, estimates: Floats) -> NDArray[np.bool_]:
    """Improve ``estimates`` (r, q) in place; say which tables converged."""
    converged = np.zeros(len(tables), dtype=bool)
    active = np.arange(len(tables))
    for _ in range(MOST_ITERATIONS):
        value, gradient, information = _derivatives(tables[active], patterns, estimates[active])
        usable = _invertible(information)
        active, value = active[usable], value[usable]
        newton = np.asarray(np.linalg.solve(information[usable], gradient[usable][:, :, None])[:, :, 0])
        step = _damped(tables[active], patterns, estimates[active], newton, value)
        estimates[active] += step
        done = np.abs(step).max(axis=1, initial=0.0) < STEP_TOLERANCE
        converged[active[done]] = True
        active = active[~done]
        if not len(active):
            break
    return converged


def _invertible(information: Floats) -> NDArray[np.bool_]:
    usable = np.asarray(np.isfinite(information).all(axis=(1, 2)))
    usable[usable] = np.linalg.matrix_rank(information[usable], hermitian=True) == information.shape[1]
    return usable


def _damped(tables: Floats, patterns: Floats, estimates: Floats, step: Floats, value: Floats) -> Floats:
    """Halve the steps that do not raise the likelihood."""
    slack = 1e-10 * (1 + np.abs(value))  # a fall of the likelihood by rounding is none
    worse = np.flatnonzero(log_likelihood(tables, patterns, estimates + step) < value - slack)
    for _ in range(MOST_HALVINGS):
        if not len(worse):
            break
        step[worse] /= 2
        again = log_likelihood(tables[worse], patterns, estimates[worse] + step[worse])
        worse = worse[again < value[worse] - slack[worse]]
    return step


def probabilities(patterns: Floats, estimates: Floats) -> tuple[Floats, Floats]:
    """P(Y > cut), shape (r, m, k - 1), and P(Y = level), shape (r, m, k)."""
    n_cuts = estimates.shape[1] - patterns.shape[1]
    return level_chances(estimates[:, None, :n_cuts] + (estimates[:, n_cuts:] @ patterns.T)[:, :, None])


def level_chances(logits: Floats) -> tuple[Floats, Floats]:
    """P(Y > cut) and P(Y = level) by the logits of the first, all of shape (r, m, k - 1 or k).

    A level between logits that rise where they must fall has a negative probability.
    """
    above, below = expit(logits), expit(-logits)
    # Not as differences: of a row far out they would all be 0, and the fit of a steep covariate would end there.
    between = -np.expm1(np.minimum(np.diff(logits, axis=2), 700.0)) * above[:, :, :-1] * below[:, :, 1:]
    chance = np.concatenate([below[:, :, :1], between, above[:, :, -1:]], axis=2)
    return above, np.where(chance == 0, np.finfo(float).tiny, chance)


def log_likelihood(tables: Floats, patterns: Floats, estimates: Floats) -> Floats:
    """Of each table (r, m, k) under its estimates (r, q), shape (r,)."""
    _, probability = probabilities(patterns, estimates)
    with np.errstate(divide="ignore", invalid="ignore"):
        contributions = np.where(tables > 0, tables * np.log(probability), 0.0)
    return np.asarray(np.nan_to_num(contributions.sum(axis=(1, 2)), nan=-np.inf, neginf=-np.inf))


def _derivatives(tables: Floats, patterns: Floats, estimates: Floats) -> tuple[Floats, Floats, Floats]:
    """Log likelihood (r,), score (r, q) and expected information (r, q, q)."""
    above, probability = probabilities(patterns, estimates)
    size = tables.sum(axis=2)[:, :, None]
    # A table on its way to infinity has probabilities of 0 here; it is told by information that is not finite.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inverse = 1 / probability
        value = np.where(tables > 0, tables * np.log(probability), 0.0).sum(axis=(1, 2))
        of_cuts = above * (1 - above) * np.diff(np.where(tables > 0, tables * inverse, 0.0), axis=2)
        diagonal, beside = (part * size for part in cut_information(above, inverse))
        information = _assemble(diagonal, beside, patterns)
    gradient = np.concatenate([of_cuts.sum(axis=1), of_cuts.sum(axis=2) @ patterns], axis=1)
    return value, gradient, information


def cut_information(above: Floats, inverse: Floats) -> tuple[Floats, Floats]:
    """Diagonal (..., k - 1) and off-diagonal (..., k - 2) of the information on one row's cut points."""
    slope = above * (1 - above)
    diagonal = slope**2 * (inverse[..., :-1] + inverse[..., 1:])
    return diagonal, -slope[..., :-1] * slope[..., 1:] * inverse[..., 1:-1]


def _assemble(diagonal: Floats, beside: Floats, patterns: Floats) -> Floats:
    n_tables, _, n_cuts = diagonal.shape
    size = n_cuts + patterns.shape[1]
    information = np.zeros((n_tables, size, size))
    cuts = np.arange(n_cuts)
    information[:, cuts, cuts] = diagonal.sum(axis=1)
    information[:, cuts[:-1], cuts[1:]] = information[:, cuts[1:], cuts[:-1]] = beside.sum(axis=1)
    rows = row_sums(diagonal, beside)
    crossed = rows.transpose(0, 2, 1) @ patterns
    information[:, :n_cuts, n_cuts:] = crossed
    information[:, n_cuts:, :n_cuts] = crossed.transpose(0, 2, 1)
    weights = rows.sum(axis=2)
    products = (patterns[:, :, None] * patterns[:, None, :]).reshape(len(patterns), -1)
    information[:, n_cuts:, n_cuts:] = (weights @ products).reshape(n_tables, patterns.shape[1], patterns.shape[1])
    return information


def row_sums(diagonal: Floats, beside: Floats) -> Floats:
    """Row sums of the tridiagonal matrices that :func:`cut_information` returns, shape (..., k - 1)."""
    rows = diagonal.copy()
    rows[..., :-1] += beside
    rows[..., 1:] += beside
    return rows


def fisher_scoring(
    estimates: Floats,
    n_cuts: int,
    likelihood: Callable[[Floats], float],
    gradient_and_information: Callable[[Floats], tuple[Floats, Floats]],
) -> Floats | None:
    """Maximise the likelihood of one data set by Fisher steps, halved while it falls or is not defined.

    Parameters
    ----------
    estimates : ndarray, shape (q,)
        Where to start: thresholds, then slopes in units of their column's range.
    n_cuts : int
        Of thresholds.
    likelihood : callable
        Log likelihood; minus infinity where a level has a negative probability.
    gradient_and_information : callable
        Shapes (q,) and (q, q).

    Returns
    -------
    ndarray or None
        None where the information has not full rank, no part of a step helps, or a slope has no end.
    """
    value = likelihood(estimates)
    for _ in range(MOST_ITERATIONS):
        gradient, information = gradient_and_information(estimates)
        if not np.isfinite(information).all() or np.linalg.matrix_rank(information, hermitian=True) < len(estimates):
            return None
        step = np.linalg.solve(information, gradient)
        for _ in range(MOST_HALVINGS):
            reached = likelihood(estimates + step)
            if reached >= value - 1e-10 * (1 + abs(value)):
                break
            step = step / 2
        else:
            return None
        estimates, value = estimates + step, reached
        if np.abs(estimates[n_cuts:]).max() > LARGEST_SLOPE:
            return None
        if np.abs(step).max() < STEP_TOLERANCE:
            return estimates
    return None
