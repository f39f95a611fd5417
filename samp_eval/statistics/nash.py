"""The regularised Nash equilibrium of a table of preferences: whose answers to show, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax

from samp_eval.errors import CannotEstimate

__all__ = ["NashEquilibrium", "nash_equilibrium"]

Floats = NDArray[np.float64]

RESIDUAL = 1e-12
"""Largest difference between the equilibrium and the best response to it; rounding alone leaves about 1e-15."""
_MIRROR_STEPS = 500
"""Enough to come within about 1e-3 of the equilibrium, where Newton's method converges."""
_NEWTON_STEPS = 100
_SYMMETRY = 1e-9
"""How far a preference and its reverse may be from adding to one: rounding of means over questions."""


@dataclass(frozen=True, slots=True)
class NashEquilibrium:
    """A mixture of respondents that none is preferred to, less a penalty for departing from the reference.

    Attributes
    ----------
    probabilities : ndarray, shape (r,)
        Share of each respondent in the mixture, 0 to 1.
    residual : float
        Largest difference between the mixture and the best response to it.
    exploitability : float
        How much more than 1/2 the best respondent is preferred to the mixture, 0 to 0.5, without the penalty.
    iterations : int
        Mirror and Newton steps taken.
    """

    probabilities: Floats
    residual: float
    exploitability: float
    iterations: int


def nash_equilibrium(preferences: ArrayLike, *, tau: float, reference: ArrayLike | None = None) -> NashEquilibrium:
    """Find the mixture that is its own best response under a penalty of ``tau`` times its divergence from a reference.

    Parameters
    ----------
    preferences : array_like, shape (r, r)
        ``preferences[i, j]`` is how often respondent i is preferred to j, 0 to 1, ties as a half; the two directions
        of a pair add to 1.
    tau : float
        Weight of the Kullback-Leibler divergence from the reference, above 0. With two respondents, the log odds of the
        first are its preference less 1/2, over ``tau``. A large one gives the reference; near 0 the equilibrium is that
        of the preferences alone.
    reference : array_like, shape (r,), optional
        Positive weights of a mixture to stay near, such as one by price; uniform when omitted.

    Returns
    -------
    NashEquilibrium
        Its residual is below :data:`RESIDUAL`.

    Raises
    ------
    ValueError
        A table that is not one of preferences, or a ``tau`` or reference that is not positive.
    CannotEstimate
        A ``tau`` so small that the equilibrium cannot be told from its neighbours.

    Notes
    -----
    Nash mirror descent (Nash-MD): from a mixture pi, form the geometric mixture of pi and the reference with weights
    ``1 - eta tau`` and ``eta tau``, then multiply each share by ``exp(eta P(y > that mixture))``. A constant step
    converges to a point that is off by the order of the step, so steps shrink as ``eta = 2 / (tau (t + 2))``; Newton's
    method on ``log pi = log mu + P pi / tau - log Z`` finishes.

    References
    ----------
    Munos R, Valko M, Calandriello D, et al. Nash learning from human feedback. ICML 2024; arXiv 2312.00886.
    """
    table = _checked_preferences(preferences)
    if not (np.isfinite(tau) and tau > 0):
        msg = f"tau is {tau}; it is a number above 0, such as 0.1"
        raise ValueError(msg)
    weights = _checked_reference(reference, len(table))
    probabilities = _mirror_descent(table, tau, weights)
    probabilities, steps = _newton(table, tau, weights, probabilities)
    residual = float(np.abs(probabilities - _best_response(table, tau, weights, probabilities)).max())
    if residual > RESIDUAL:
        raise CannotEstimate(
            f"No equilibrium was found for tau {tau:g} (residual {residual:.1e}): it is too small for these "
            "preferences. Use a larger one, such as 0.01."
        )
    exploitability = float((table @ probabilities).max() - 0.5)
    return NashEquilibrium(probabilities, residual, max(exploitability, 0.0), _MIRROR_STEPS + steps)


def _checked_preferences(preferences: ArrayLike) -> Floats:
    table = np.array(preferences, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not len(table):
        msg = f"preferences has shape {table.shape}; it is a square table, one row and column for each respondent"
        raise ValueError(msg)
    if not (np.isfinite(table).all() and (table >= 0).all() and (table <= 1).all()):
        msg = "preferences lie between 0 and 1"
        raise ValueError(msg)
    if np.abs(table + table.T - 1).max() > _SYMMETRY:
        msg = "a preference and its reverse add to 1, and every respondent is even (0.5) with itself"
        raise ValueError(msg)
    return np.asarray((table + 1 - table.T) / 2)


def _checked_reference(reference: ArrayLike | None, size: int) -> Floats:
    weights = np.ones(size) if reference is None else np.array(reference, dtype=float)
    if weights.shape != (size,) or not (np.isfinite(weights).all() and (weights > 0).all()):
        msg = f"reference holds {size} weights above 0, one for each respondent"
        raise ValueError(msg)
    return np.asarray(weights / weights.sum())


def _best_response(table: Floats, tau: float, reference: Floats, mixture: Floats) -> Floats:
    """The mixture that does best against another, reference penalty included: softmax(log mu + P pi / tau)."""
    return np.asarray(softmax(np.log(reference) + table @ mixture / tau))


def _mirror_descent(table: Floats, tau: float, reference: Floats) -> Floats:
    log_reference = np.log(reference)
    log_mixture = log_reference.copy()
    for step in range(_MIRROR_STEPS):
        share = 2 / (step + 2)  # eta tau, at most 1
        geometric = log_softmax((1 - share) * log_mixture + share * log_reference)
        log_mixture = log_softmax(geometric + share / tau * (table @ np.exp(geometric)))
    return np.exp(log_mixture)


def _newton(table: Floats, tau: float, reference: Floats, start: Floats) -> tuple[Floats, int]:
    """Solve l = log mu + P softmax(l) / tau up to a constant; steps are halved while they do not help."""
    log_reference = np.log(reference)

    def equations(logs: Floats) -> Floats:
        difference = logs - log_reference - table @ softmax(logs) / tau
        return np.asarray(difference - difference.mean())

    logs = log_reference + table @ start / tau
    logs -= logs.mean()
    value = equations(logs)
    for count in range(_NEWTON_STEPS):
        mixture = softmax(logs)
        slopes = np.eye(len(logs)) - table @ (np.diag(mixture) - np.outer(mixture, mixture)) / tau
        slopes -= slopes.mean(axis=0)
        step = np.linalg.lstsq(slopes, -value, rcond=None)[0]
        step -= step.mean()
        for _ in range(40):
            reached = equations(logs + step)
            if np.abs(reached).max() < np.abs(value).max():
                break
            step = step / 2
        else:
            return softmax(logs), count
        logs, value = logs + step, reached
        if np.abs(value).max() < 1e-14 * (1 + np.abs(logs).max()):
            return softmax(logs), count + 1
    return softmax(logs), _NEWTON_STEPS
