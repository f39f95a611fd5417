"""What predicted levels say of the marked ones: a table for each predictor, and for several their weighted pool."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["PRIOR_AGREEMENT", "PRIOR_RESPONSES", "calibrated_chances"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PRIOR_RESPONSES = 2.0
"""How many marked responses the predictor's own level counts for in the calibration."""

PRIOR_AGREEMENT = 0.8
"""Share of that weight on the predicted level; the rest is spread over all levels that the question allows."""

NEWTON_STEPS = 50
SMALLEST_STEP = 1e-10


def calibrated_chances(
    predicted: Integers, marked: Integers, kind: Integers, allowed: NDArray[np.bool_], known: NDArray[np.bool_]
) -> Floats:
    """Chance of each level of every response, from the responses whose marks are known.

    Parameters
    ----------
    predicted : ndarray of int, shape (n, p)
        Level by each predictor, 0 to k - 1; -1 where it has none.
    marked : ndarray of int, shape (n,)
        Level by the marks; read where they are known.
    kind : ndarray of int, shape (n,)
        Kinds of questions that have tables of their own, 0 to m - 1.
    allowed : ndarray of bool, shape (m, k)
        Which levels a question of each kind allows.
    known : ndarray of bool, shape (n,)
        Responses to calibrate on.

    Returns
    -------
    ndarray, shape (n, k)

    Notes
    -----
    For each predictor, kind and predicted level there are the shares of the marked levels, with a prior on the
    predicted one. Those of several predictors are pooled: P(y) is proportional to P_0(y) times the product of
    (P_j(y) / P_0(y)) to the power w_j, where P_0 is the distribution without a predictor. The weights maximise the
    likelihood of the known marks, with a prior of :data:`PRIOR_RESPONSES` on 1 / p; a predictor that adds nothing to
    the others gets a weight near 0. ``benchmarks/analysis/several_predictors.py`` compares the pool with a table of
    joint levels, which is as good for two predictors and worse for more.

    References
    ----------
    Genest C, Zidek JV. Combining probability distributions: a critique and an annotated bibliography. Stat Sci
    1986;1:114-35.
    """
    without = _table(np.full(len(marked), -1), marked, kind, allowed, known)
    tables = [_table(levels, marked, kind, allowed, known) for levels in predicted.T]
    if len(tables) < 2:
        return tables[0] if tables else without
    possible = allowed[kind]
    start = np.log(np.where(possible, without, 1.0))
    evidence = np.stack([np.where(possible, np.log(np.where(possible, table, 1.0)) - start, 0.0) for table in tables])
    base = np.where(possible, start, -np.inf)
    weights = _pool_weights(base[known], evidence[:, known], marked[known])
    return _pooled(base, evidence, weights)


def _table(
    predicted: Integers, marked: Integers, kind: Integers, allowed: NDArray[np.bool_], known: NDArray[np.bool_]
) -> Floats:
    """Chance of each level by the kind and the level that one predictor gives, shape (n, k)."""
    n_kinds, n_levels = allowed.shape
    counts = np.zeros((n_kinds, n_levels + 1, n_levels))
    np.add.at(counts, (kind[known], predicted[known], marked[known]), 1.0)  # -1 is the last row
    spread = allowed / allowed.sum(axis=1, keepdims=True)
    prior = np.repeat(spread[:, None, :], n_levels + 1, axis=1)
    itself = np.eye(n_levels + 1, n_levels)[None, :, :] * allowed[:, None, :]
    is_level = itself.any(axis=2, keepdims=True)
    prior = np.where(is_level, PRIOR_AGREEMENT * itself + (1 - PRIOR_AGREEMENT) * prior, prior)
    weighted = counts + PRIOR_RESPONSES * prior
    return np.asarray((weighted / weighted.sum(axis=2, keepdims=True))[kind, predicted])


def _pooled(base: Floats, evidence: Floats, weights: Floats) -> Floats:
    logs = base + np.tensordot(weights, evidence, axes=1)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _pool_weights(base: Floats, evidence: Floats, marked: Integers) -> Floats:
    """Weights of the greatest penalised likelihood, a concave function: Newton's steps, halved where they overshoot."""
    rows, start = np.arange(len(marked)), np.full(len(evidence), 1 / len(evidence))
    weights = start
    for _ in range(NEWTON_STEPS):
        chances = _pooled(base, evidence, weights)
        expected = (evidence * chances).sum(axis=2)
        spread = evidence - expected[:, :, None]
        gradient = spread[:, rows, marked].sum(axis=1) - PRIOR_RESPONSES * (weights - start)
        curvature = np.einsum("ink,nk,jnk->ij", spread, chances, spread) + PRIOR_RESPONSES * np.eye(len(start))
        step = np.linalg.solve(curvature, gradient)
        before = _penalised(base, evidence, marked, weights, start)
        while _penalised(base, evidence, marked, weights + step, start) < before and np.abs(step).max() > SMALLEST_STEP:
            step = step / 2
        weights = weights + step
        if np.abs(step).max() <= SMALLEST_STEP:
            break
    return weights


def _penalised(base: Floats, evidence: Floats, marked: Integers, weights: Floats, start: Floats) -> float:
    """Log likelihood of the weights less their penalty."""
    of_marked = _pooled(base, evidence, weights)[np.arange(len(marked)), marked]
    penalty = PRIOR_RESPONSES / 2 * float(((weights - start) ** 2).sum())
    return float(np.log(np.maximum(of_marked, np.finfo(float).tiny)).sum()) - penalty
