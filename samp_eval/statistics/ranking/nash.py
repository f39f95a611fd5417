"""The regularised Nash equilibrium of a table of preferences: whose answers to show, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax

from samp_eval.errors import CannotEstimate

__all__ = ["NashEquilibrium", "nash_equilibria", "nash_equilibrium"]

Floats = NDArray[np.float64]

RESIDUAL = 1e-12
"""Largest difference between the equilibrium and the best response to it; rounding alone leaves about 1e-15."""
_MIRROR_STEPS = 500
"""Enough to come within about 1e-3 of the equilibrium, where Newton's method converges."""
_NEWTON_STEPS = 100
_EASY_TAU = 0.1
"""From here a smaller tau is approached by halves: Newton's method alone fails for many tables at 0.001."""
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

    In a physician's words: if you could show a patient's question to one model only, and somebody who preferred another
    model's answer would always be heard, how often should each model be chosen so that nobody has reason to complain
    of the choice as a whole? A model that beats all others takes nearly the whole mixture. Where A beats B, B beats C
    and C beats A, no single model is beyond complaint, and the mixture is what remains. It says whose answers to show,
    not how good they are.

    References
    ----------
    Munos R, Valko M, Calandriello D, et al. Nash learning from human feedback. ICML 2024; arXiv 2312.00886.
    """
    table = _checked_preferences(preferences)
    log_reference = np.log(_checked_reference(reference, len(table)))
    _check_tau(tau)
    current = max(tau, _EASY_TAU)
    mixture, steps = np.exp(_mirror_descent(table, current, log_reference)), _MIRROR_STEPS
    while True:
        started = log_reference + (table - 0.5) @ mixture / current
        logs, taken = _newton(table[None], current, log_reference, started[None])
        mixture, steps = softmax(logs[0]), steps + taken
        if current == tau:
            break
        current = max(tau, current / 2)
    probabilities = mixture
    residual = float(np.abs(probabilities - softmax(log_reference + table @ probabilities / tau)).max())
    if residual > RESIDUAL:
        raise CannotEstimate(
            f"No equilibrium was found for tau {tau:g} (residual {residual:.1e}): it is too small for these "
            "preferences. Use a larger one, such as 0.01."
        )
    exploitability = float((table @ probabilities).max() - 0.5)
    return NashEquilibrium(probabilities, residual, max(exploitability, 0.0), steps)


def nash_equilibria(tables: Floats, *, tau: float, near: NashEquilibrium, reference: ArrayLike | None = None) -> Floats:
    """Find the equilibria of many tables that differ little from one whose equilibrium is known, as resamples do.

    Parameters
    ----------
    tables : ndarray, shape (n, r, r)
        Preferences, each as for :func:`nash_equilibrium`.
    tau, reference
        As for :func:`nash_equilibrium`, and as ``near`` was found with.
    near : NashEquilibrium

    Returns
    -------
    ndarray, shape (n, r)
        Probabilities.
    """
    log_reference = np.log(_checked_reference(reference, tables.shape[1]))
    started = log_reference + (tables - 0.5) @ near.probabilities / tau
    logs, _ = _newton(tables, tau, log_reference, started)
    probabilities = softmax(logs, axis=1)
    best = softmax(log_reference + (tables @ probabilities[:, :, None])[:, :, 0] / tau, axis=1)
    for place in np.flatnonzero(np.abs(probabilities - best).max(axis=1) > RESIDUAL):
        probabilities[place] = nash_equilibrium(tables[place], tau=tau, reference=reference).probabilities
    return np.asarray(probabilities)


def _check_tau(tau: float) -> None:
    if not (np.isfinite(tau) and tau > 0):
        msg = f"tau is {tau}; it is a number above 0, such as 0.1"
        raise ValueError(msg)


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


def _mirror_descent(table: Floats, tau: float, log_reference: Floats) -> Floats:
    """Logarithms of a mixture near the equilibrium."""
    log_mixture = log_reference.copy()
    for step in range(_MIRROR_STEPS):
        share = 2 / (step + 2)  # eta tau, at most 1
        geometric = log_softmax((1 - share) * log_mixture + share * log_reference)
        log_mixture = log_softmax(geometric + share / tau * (table @ np.exp(geometric)))
    return np.asarray(log_mixture)


def _newton(tables: Floats, tau: float, log_reference: Floats, logs: Floats) -> tuple[Floats, int]:
    """Solve l = log mu + (P - 1/2) softmax(l) / tau for many tables at once; steps are halved while they do not help.

    ``tables`` has shape (n, r, r), ``logs`` (n, r). The slopes never become singular: P - 1/2 is antisymmetric.
    """
    game = (tables - 0.5) / tau
    identity = np.eye(logs.shape[1])

    def equations(logs: Floats) -> Floats:
        return np.asarray(logs - log_reference - (game @ softmax(logs, axis=1)[:, :, None])[:, :, 0])

    value = equations(logs)
    for count in range(_NEWTON_STEPS):
        size = np.abs(value).max(axis=1)
        if (size < 1e-14 * (1 + np.abs(logs).max(axis=1))).all():
            return logs, count
        mixture = softmax(logs, axis=1)
        spread = identity * mixture[:, :, None] - mixture[:, :, None] * mixture[:, None, :]
        step = np.linalg.solve(identity - game @ spread, -value[:, :, None])[:, :, 0]
        length = np.ones(len(logs))
        for _ in range(40):
            reached = equations(logs + length[:, None] * step)
            worse = np.abs(reached).max(axis=1) >= size
            if not worse.any():
                break
            length = np.where(worse, length / 2, length)
        length = np.where(worse, 0.0, length)
        if not length.any():
            return logs, count
        logs = logs + length[:, None] * step
        value = equations(logs)
    return logs, _NEWTON_STEPS
