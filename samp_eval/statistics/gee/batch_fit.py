"""Many outcomes on one design: estimates and standard errors of thousands of simulated studies at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samp_eval.literals import Covariance
from samp_eval.statistics.gee.sandwich import pattern_information
from samp_eval.statistics.gee.solver import probabilities, solve
from samp_eval.statistics.gee.terms import Floats

__all__ = ["fit_batch"]

_NUMBERS_IN_CHUNK = 2_000_000
"""Of the largest array, so that memory stays at a few hundred megabytes."""


def fit_batch(
    outcomes: NDArray[np.int64], design: Floats, clusters: NDArray[np.int64], covariance: Covariance
) -> tuple[Floats, Floats]:
    """Fit the ordinal model under independence to every row of outcomes.

    Parameters
    ----------
    outcomes : ndarray of int, shape (r, n)
        Levels, 0 to k - 1; a study need not show all of them.
    design : ndarray, shape (n, p)
        With few distinct rows, such as indicators.
    clusters : ndarray of int, shape (n,)
        0 to g - 1.
    covariance : {"robust", "bias_reduced", "naive"}

    Returns
    -------
    slopes, standard_errors : ndarray, shape (r, p)
        NaN where an outcome has no estimate.
    """
    patterns, pattern = np.unique(design, axis=0, return_inverse=True)
    n_clusters, n_levels = int(clusters.max()) + 1, int(outcomes.max()) + 1
    shape = (n_clusters, len(patterns), n_levels)
    place = (clusters * len(patterns) + pattern.ravel()) * n_levels
    per_chunk = max(1, _NUMBERS_IN_CHUNK // (n_clusters * len(patterns) * (n_levels + design.shape[1]) ** 2))
    slopes = np.full((len(outcomes), design.shape[1]), np.nan)
    errors = slopes.copy()
    for first in range(0, len(outcomes), per_chunk):
        block = outcomes[first : first + per_chunk]
        counts = np.stack([np.bincount(place + row, minlength=int(np.prod(shape))).reshape(shape) for row in block])
        part = slice(first, first + len(block))
        slopes[part], errors[part] = _fit_chunk(counts.astype(float), patterns, covariance)
    return slopes, errors


def _fit_chunk(counts: Floats, patterns: Floats, covariance: Covariance) -> tuple[Floats, Floats]:
    """Slopes and standard errors of tables per cluster, shape (r, g, m, k); those with the same levels together."""
    n_slopes = patterns.shape[1]
    slopes = np.full((len(counts), n_slopes), np.nan)
    errors = slopes.copy()
    kinds, kind = np.unique(counts.any(axis=(1, 2)), axis=0, return_inverse=True)
    for number, present in enumerate(kinds):
        chosen = np.flatnonzero(kind == number)
        if present.sum() < 2:
            continue
        tables = counts[chosen][:, :, :, present]
        solution = solve(tables.sum(axis=1), patterns)
        usable = solution.converged
        estimates = solution.estimates[usable]
        variances = _variances(tables[usable], patterns, estimates, covariance)
        slopes[chosen[usable]] = estimates[:, -n_slopes:]
        errors[chosen[usable]] = np.sqrt(variances[:, -n_slopes:])
    return slopes, errors


def _variances(counts: Floats, patterns: Floats, estimates: Floats, covariance: Covariance) -> Floats:
    """Diagonal of the covariance of each study, shape (r, q)."""
    n_studies, n_clusters, n_patterns, n_levels = counts.shape
    size = estimates.shape[1]
    if not n_studies:
        return np.empty((0, size))
    each = np.stack([pattern_information(patterns, row) for row in estimates]).reshape(n_studies, n_patterns, -1)
    of_clusters = (counts.sum(axis=3) @ each).reshape(n_studies, n_clusters, size, size)
    total = of_clusters.sum(axis=1)
    if covariance == "naive":
        return np.asarray(np.diagonal(np.linalg.inv(total), axis1=1, axis2=2))
    scores = counts.reshape(n_studies, n_clusters, -1) @ _scores(patterns, estimates, n_levels)
    bread = total[:, None] - of_clusters if covariance == "bias_reduced" else total[:, None]
    influence = np.linalg.solve(bread, scores[:, :, :, None])[:, :, :, 0]
    return np.asarray((influence**2).sum(axis=1))


def _scores(patterns: Floats, estimates: Floats, n_levels: int) -> Floats:
    """Score of one observation of each pattern and level, shape (r, m * k, q)."""
    above, chance = probabilities(patterns, estimates)
    slope = above * (1 - above)
    n_cuts, cuts = n_levels - 1, np.arange(n_levels - 1)
    of_cuts = np.zeros((*chance.shape, n_cuts))
    of_cuts[:, :, cuts + 1, cuts] = slope / chance[:, :, 1:]
    of_cuts[:, :, cuts, cuts] = -slope / chance[:, :, :-1]
    of_slopes = of_cuts.sum(axis=3)[..., None] * patterns[None, :, None, :]
    return np.concatenate([of_cuts, of_slopes], axis=3).reshape(len(estimates), -1, estimates.shape[1])
