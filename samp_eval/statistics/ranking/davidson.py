"""Strengths of respondents by paired comparisons with ties, after Davidson."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.ranking.clustered import ClusteredEstimate, by_cluster
from samp_eval.statistics.ranking.comparisons import Comparisons

__all__ = ["Strengths", "fit_strengths", "quasi_variances"]

_NO_QUASI_VARIANCE = 1e-6
"""A quasi-variance that is this small beside the least variance of a difference has gone towards 0 or below."""

Floats = NDArray[np.float64]

_MOST_STEPS = 100
_STEP_TOLERANCE = 1e-11
_INFINITE = ", so no finite strength exists. Use more or harder questions, or rank the others without."
_SAME_DIRECTION = 1e-7
"""Tolerance of the linear program that finds infinite strengths."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """Log worths under Davidson's model of paired comparisons with ties.

    Attributes
    ----------
    estimate : ClusteredEstimate
        Log worths, which sum to 0.
    tie_parameter : float
        Davidson's nu: odds of a tie between equals are nu to 2; 0 where nothing is tied.
    log_likelihood : float
        Of the comparisons, taken as independent; its negative is what is minimised.
    """

    estimate: ClusteredEstimate
    tie_parameter: float
    log_likelihood: float


def fit_strengths(comparisons: Comparisons, names: tuple[str, ...] | None = None) -> Strengths:
    """Fit Davidson's model: P(i) : P(j) : P(tie) = a_i : a_j : nu sqrt(a_i a_j).

    Parameters
    ----------
    comparisons : Comparisons
        Shares or counts; not every pair needs to meet.
    names : tuple of str, length r, optional
        For refusals.

    Returns
    -------
    Strengths
        Without ties, those of Bradley and Terry.

    Raises
    ------
    CannotEstimate
        A respondent, or a group, that never lost to the others or never met them: its strength is infinite or unknown.
        Corrected predictions of a draw that make a share of all questions negative.

    References
    ----------
    Davidson RR. On extending the Bradley-Terry model to accommodate ties in paired comparison experiments. JASA
    1970;65:317-28.
    Ford LR. Solution of a ranking problem from binary comparisons. Am Math Mon 1957;64(8):28-33.
    Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986;73:13-22.
    """
    respondents = comparisons.wins.shape[1]
    first, second = np.triu_indices(respondents, 1)
    counts = np.stack([comparisons.wins[:, first, second], comparisons.wins[:, second, first]], axis=2)
    tie_counts = comparisons.ties[:, first, second]
    outcomes = np.column_stack([counts.sum(axis=0), tie_counts.sum(axis=0)])
    if (outcomes < 0).any():
        raise CannotEstimate(
            "The corrected share of wins or ties of a pair is below 0, so no strengths exist. Draw more questions."
        )
    tied = bool(outcomes[:, 2].sum() > 0)
    design = np.zeros((len(first), respondents))
    design[np.arange(len(first)), first], design[np.arange(len(first)), second] = 0.5, -0.5
    listed = names or tuple(f"respondent {place + 1}" for place in range(respondents))
    _check_connected(comparisons.halved.sum(axis=0), listed)
    if tied:
        _check_finite(comparisons.wins.sum(axis=0), outcomes, design, listed)
    estimates, information = _maximised(outcomes, design, tied)
    chances = _chances(design @ estimates[:-1], estimates[-1])
    scores = _question_scores(counts, tie_counts, chances, design)
    influence = (scores @ np.linalg.pinv(information, hermitian=True))[:, :-1]
    influence -= influence.mean(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        likelihood = float(np.where(outcomes > 0, outcomes * np.log(chances), 0.0).sum())
    return Strengths(
        ClusteredEstimate(
            estimates[:-1] - estimates[:-1].mean(), by_cluster(influence, comparisons.cluster), comparisons.n_drawn
        ),
        float(np.exp(estimates[-1])) if tied else 0.0,
        likelihood,
    )


def _check_connected(won: Floats, names: tuple[str, ...]) -> None:
    """Refuse where some never lose to, or never win against, the rest."""
    groups = _strong_components(won > 0)
    if len(groups) == 1:
        return
    for inside in sorted(groups, key=np.count_nonzero):
        ahead, behind = won[np.ix_(inside, ~inside)] > 0, won[np.ix_(~inside, inside)] > 0
        if ahead.any() and behind.any():
            continue
        if ahead.any():
            verb = "beat all others in every comparison"
        else:
            verb = "lost every comparison with the others" if behind.any() else "met no others"
        raise CannotEstimate(f"{_listed(names, inside)} {verb}{_INFINITE}")


def _strong_components(edges: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which nodes reach each other along directed edges: (components, nodes)."""
    reached = edges | np.eye(len(edges), dtype=bool)
    for _ in range(len(edges).bit_length()):  # each turn doubles the length of the paths
        reached = reached @ reached
    return np.unique(reached & reached.T, axis=0)[::-1]  # that of the first node first


def _check_finite(decided: Floats, outcomes: Floats, design: Floats, names: tuple[str, ...]) -> None:
    """Refuse where ties alone keep two respondents connected and no tie parameter is finite.

    The likelihood has no maximum exactly where some direction of the log worths and log nu lowers the chance of
    nothing that was seen and raises that of something. A linear program finds it. There is none where comparisons that
    are no ties connect all.
    """
    if len(_strong_components(decided > 0)) == 1:
        return
    from scipy.optimize import linprog  # takes longer to import than the whole fit

    half = np.column_stack([design, np.zeros(len(design))])
    tie = np.zeros_like(half)
    tie[:, -1] = 1.0
    directions = np.stack([half, -half, tie], axis=1)  # (pairs, outcome, parameters)
    gains = (directions[:, :, None, :] - directions[:, None, :, :])[outcomes > 0].reshape(-1, half.shape[1])
    found = linprog(-gains.sum(axis=0), A_ub=-gains, b_ub=np.zeros(len(gains)), bounds=(-1, 1), method="highs")
    if found.status != 0 or -found.fun < _SAME_DIRECTION:
        return
    worths = found.x[:-1]
    top = worths > worths.max() - _SAME_DIRECTION
    if top.all():
        raise CannotEstimate("Every comparison is a tie, so there is nothing to rank. Use more or harder questions.")
    bottom = worths < worths.min() + _SAME_DIRECTION
    if top.sum() <= bottom.sum():
        raise CannotEstimate(f"{_listed(names, top)} never lost to the others{_INFINITE}")
    raise CannotEstimate(f"{_listed(names, bottom)} never won against the others{_INFINITE}")


def _listed(names: tuple[str, ...], chosen: NDArray[np.bool_]) -> str:
    return ", ".join(name for name, is_one in zip(names, chosen, strict=True) if is_one)


def _chances(half_differences: Floats, log_tie: float) -> Floats:
    """Chances of the first, the second and a tie, shape (pairs, 3); from half of the difference of log worths."""
    logits = np.column_stack([half_differences, -half_differences, np.full(len(half_differences), log_tie)])
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _maximised(outcomes: Floats, design: Floats, tied: bool) -> tuple[Floats, Floats]:
    """Newton's method on log worths and log nu; the likelihood is that of an exponential family, so it is concave."""
    estimates = np.zeros(design.shape[1] + 1)
    estimates[-1] = 0.0 if tied else -np.inf
    total = outcomes.sum(axis=1)
    for _ in range(_MOST_STEPS):
        chances = _chances(design @ estimates[:-1], estimates[-1])
        ahead = chances[:, 0] - chances[:, 1]
        expected = np.r_[design.T @ (total * ahead), (total * chances[:, 2]).sum()]
        observed = np.r_[design.T @ (outcomes[:, 0] - outcomes[:, 1]), outcomes[:, 2].sum()]
        information = np.zeros((len(estimates),) * 2)
        weight = total * (chances[:, 0] + chances[:, 1] - ahead**2)
        information[:-1, :-1] = design.T @ (weight[:, None] * design)
        information[:-1, -1] = information[-1, :-1] = -design.T @ (total * ahead * chances[:, 2])
        information[-1, -1] = (total * chances[:, 2] * (1 - chances[:, 2])).sum()
        step = np.linalg.pinv(information, hermitian=True) @ (observed - expected)
        estimates = estimates + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _STEP_TOLERANCE:
            return estimates, information
    raise CannotEstimate("The strengths did not settle on any value. Use more questions.")


def _question_scores(counts: Floats, tie_counts: Floats, chances: Floats, design: Floats) -> Floats:
    """Score of each question's comparisons, shape (q, r + 1)."""
    total = counts.sum(axis=2) + tie_counts
    ahead = counts[:, :, 0] - counts[:, :, 1] - total * (chances[:, 0] - chances[:, 1])
    return np.column_stack([ahead @ design, (tie_counts - total * chances[:, 2]).sum(axis=1)])


def quasi_variances(covariance: Floats) -> Floats:
    """Variances of single estimates whose sums come close to the variances of all differences.

    With them, intervals of single strengths in a figure can be compared by eye.

    Parameters
    ----------
    covariance : ndarray, shape (r, r)

    Returns
    -------
    ndarray, shape (r,)
        They minimise the squared log ratios of ``v_i + v_j`` to the variance of the difference of i and j. NaN where
        some difference has no variance, or where one of them would have to be 0 or less: the interval of that strength
        in a figure would have no width.

    References
    ----------
    Firth D, de Menezes RX. Quasi-variances. Biometrika 2004;91:65-80.
    """
    size = len(covariance)
    first, second = np.triu_indices(size, 1)
    variance = np.diag(covariance)
    true = variance[first] + variance[second] - 2 * covariance[first, second]
    if size < 2 or not (true > 0).all():
        return np.full(size, np.nan)
    if size == 2:
        return np.full(2, true[0] / 2)

    from scipy.optimize import least_squares  # takes longer to import than the whole fit

    def misfit(logs: Floats) -> Floats:
        return np.asarray(np.logaddexp(logs[first], logs[second]) - np.log(true))

    start = np.full(size, np.log(np.median(true) / 2))
    found = np.asarray(np.exp(least_squares(misfit, start, xtol=1e-12, ftol=1e-12).x))
    return found if found.min() > _NO_QUASI_VARIANCE * true.min() else np.full(size, np.nan)
