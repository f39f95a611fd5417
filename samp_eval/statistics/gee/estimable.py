"""Do the data determine the odds ratios? Every refusal of a fit, in words for a physician."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, vstack

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.count_table import Cells, collapse, distinct_rows
from samp_eval.statistics.gee.terms import Floats, Interval, rows_without_cluster

__all__ = [
    "FEWEST_CLUSTERS",
    "FEWEST_EFFECTIVE",
    "FEW_CLUSTERS",
    "SMALLEST_VARIANCE",
    "MIN_RELIABLE_EFFECTIVE_CLUSTERS",
    "ModelData",
    "check_separation",
    "interval_for",
    "prepare",
    "prepare_design",
    "standardised",
]

FEWEST_CLUSTERS = 5
"""Below this number a sandwich covariance is noise, and a fit is refused."""

FEWEST_EFFECTIVE = 4.0
"""Below this effective number of clusters behind a term's standard error, the error is noise, and a fit is refused.

Beside intervals from t, half of the clusters where that is less: in 1,500 simulated studies of five to seven cases of
uneven sizes (effectively 2.5 to 3.7) bias-reduced t intervals missed the truth in 3 to 6 %, robust ones in 7 to 12; of
a case of 60 questions and 17 of one (effectively 1.6), in 8 to 9 and 25.
"""

MIN_RELIABLE_EFFECTIVE_CLUSTERS = 10.0
"""Below this effective number of clusters behind a term's standard error, the robust error is too small.

Seen in ``benchmarks/analysis/thin_terms.py``, 600 simulated studies each in which a few of 77 questions told two
conditions apart; so many robust (bias-reduced) 95 % intervals missed the truth: 30 % (18) at 2.1 effective clusters,
22 (10) at 3.2, 18 (9) at 4.3, 14 (9) at 6.7, 12 (8) at 9.2, 10 (8) at 15, 6 (6) at 77.
"""

FEW_CLUSTERS = 40
"""Below this number normal intervals of robust standard errors are too narrow; intervals then come from t.

Seen in ``benchmarks/analysis/coverage.py``, 2,000 simulated studies each, aiming for 95 %, five terms in the model (one
term): 40 clusters 94.1 % normal and 94.9 % t (93.0 and 93.5), 20 clusters 93.0 and 95.2 (93.2 and 94.8), 10 clusters
90.7 and 96.1 (89.8 and 94.4). Bias-reduced errors with t lie above 95 % there, up to 97.8.
"""

SMALLEST_VARIANCE = 1e-14
"""A robust variance of a slope, in ranges of its column, that is no more than this is none."""

_RANK_TOLERANCE = 1e-9
_SAME_LEVEL = 1e-9
"""Scores that differ by less than this share of the largest one differ by rounding."""

_SEPARATION_TOLERANCE = 1e-7
_MOST_ROWS_OF_PROGRAM = 10_000
"""Data with more distinct rows are thinned evenly: what separates the whole separates every part of it."""


@dataclass(frozen=True, slots=True)
class ModelData:
    """Checked data of an ordinal model.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Level of each row, 0 to k - 1.
    design : ndarray, shape (n, p)
    patterns : ndarray, shape (m, p)
        The distinct rows of the design.
    pattern : ndarray of int, shape (n,)
        Of each row.
    clusters : ndarray of int, shape (n,)
        Cluster of each row, 0 to n_clusters - 1.
    levels : tuple of float, length k
    names : tuple of str, length p
    n_clusters : int
    """

    codes: NDArray[np.int64]
    design: Floats
    patterns: Floats
    pattern: NDArray[np.int64]
    clusters: NDArray[np.int64]
    levels: tuple[float, ...]
    names: tuple[str, ...]
    n_clusters: int

    def cells(self, codes: NDArray[np.int64], n_levels: int) -> Cells:
        """The rows as cells, with these codes for their levels."""
        return collapse(codes, self.patterns, self.pattern, self.clusters, n_levels)


def standardised(data: ModelData, n_cuts: int | None = None) -> tuple[ModelData, Floats]:
    """Shift and scale the design so that far-off or tiny columns cost no digits.

    Parameters
    ----------
    data : ModelData
    n_cuts : int, optional
        Thresholds of the model; levels less one when omitted.

    Returns
    -------
    data : ModelData
        Every column between -1 and 1.
    unscale : ndarray, shape (k - 1 + p, k - 1 + p)
        Its product with thresholds and slopes of the shifted design gives those of the original one.
    """
    low, high = data.patterns.min(axis=0), data.patterns.max(axis=0)
    centre, reach = (low + high) / 2, (high - low) / 2
    n_cuts = len(data.levels) - 1 if n_cuts is None else n_cuts
    unscale = np.eye(n_cuts + len(centre))
    unscale[:n_cuts, n_cuts:] = -centre / reach
    unscale[n_cuts:, n_cuts:] = np.diag(1 / reach)
    scaled = replace(data, design=(data.design - centre) / reach, patterns=(data.patterns - centre) / reach)
    return scaled, unscale


def prepare(outcome: ArrayLike, design: pd.DataFrame, cluster: ArrayLike) -> ModelData:
    """Check outcome, design and clusters, and bring them to arrays.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Ordered numbers, such as score percentages.
    design : DataFrame, shape (n, p)
        Numbers, without an intercept.
    cluster : array_like, shape (n,)
        Labels.

    Returns
    -------
    ModelData

    Raises
    ------
    CannotEstimate
        Missing values, one level only, a constant or redundant column, or too few clusters.
    """
    scores = _scores(outcome)
    if not len(scores) == len(design) == len(_labels(cluster)):
        lengths = f"{len(scores)}, {len(design)} and {len(_labels(cluster))}"
        msg = f"outcome, design and cluster differ in length: {lengths} rows"
        raise ValueError(msg)
    levels, codes = _levels(scores)
    if len(levels) == 1:
        raise CannotEstimate(
            f"Every response has the same score ({levels[0]:g}), so there is no difference to estimate an odds ratio "
            "from. Ask more questions, or report the scores as they are."
        )
    data = prepare_design(design, cluster)
    return replace(data, codes=codes.astype(np.int64), levels=tuple(levels.tolist()))


def prepare_design(design: pd.DataFrame, cluster: ArrayLike) -> ModelData:
    """Check design and clusters, whatever the outcome.

    Parameters
    ----------
    design, cluster
        As for :func:`prepare`.

    Returns
    -------
    ModelData
        Without levels; every code is 0.

    Raises
    ------
    CannotEstimate
        A constant or redundant column, or too few clusters.
    """
    labels = _labels(cluster)
    if len(design) != len(labels):
        msg = f"design and cluster differ in length: {len(design)} and {len(labels)} rows"
        raise ValueError(msg)
    if labels.isna().any():
        raise rows_without_cluster(int(labels.isna().sum()), len(labels))
    names = [str(name) for name in design.columns]
    matrix = _matrix(design, names)
    pattern, first_row = distinct_rows(matrix)
    patterns = matrix[first_row]
    _check_columns(patterns, names)
    cluster_codes, unique_labels = pd.factorize(labels)
    clusters, n_clusters = cluster_codes.astype(np.int64), len(unique_labels)
    _check_clusters(n_clusters, len(names))
    _check_terms(patterns, pattern, names, clusters)
    return ModelData(
        codes=np.zeros(len(matrix), dtype=np.int64),
        design=matrix,
        patterns=patterns,
        pattern=pattern,
        clusters=clusters,
        levels=(),
        names=tuple(names),
        n_clusters=n_clusters,
    )


def _labels(cluster: ArrayLike) -> pd.Series:
    """Labels of any kind, each as it is; an array of numbers stays one."""
    return pd.Series(cluster if isinstance(cluster, np.ndarray) else np.asarray(cluster, dtype=object))


def _scores(outcome: ArrayLike) -> Floats:
    scores = np.asarray(pd.Series(np.asarray(outcome).ravel()).to_numpy(dtype=float, na_value=np.nan))
    missing = int((~np.isfinite(scores)).sum())
    if missing:
        raise CannotEstimate(
            f"{missing} of {len(scores)} responses have no score. Leave out the rows that failed or are not marked "
            "yet, or count failures as zero, and say which."
        )
    if not len(scores):
        raise CannotEstimate("There are no scores to analyse. Mark some responses first.")
    return scores


def _levels(scores: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The distinct scores, and the place of each row among them; 200 / 3 and 100 * (2 / 3) are one score."""
    values, place = np.unique(scores, return_inverse=True)
    first = np.r_[True, np.diff(values) > _SAME_LEVEL * np.abs(values).max(initial=0.0)]
    return values[first], (np.cumsum(first) - 1)[place]


def _matrix(design: pd.DataFrame, names: list[str]) -> Floats:
    if not design.shape[1]:
        raise CannotEstimate("There is nothing to compare: the study has one respondent and one condition.")
    matrix = np.ascontiguousarray(design.to_numpy(dtype=float, na_value=np.nan))
    for index in np.flatnonzero(~np.isfinite(matrix).all(axis=0)).tolist():
        raise CannotEstimate(f"The column {names[index]!r} has missing values. Fill them or leave out the rows.")
    return matrix


def _check_columns(patterns: Floats, names: list[str]) -> None:
    for index in np.flatnonzero(np.ptp(patterns, axis=0) == 0).tolist():
        raise CannotEstimate(
            f"{names[index]!r} is the same in every response ({patterns[0, index]:g}), so it has nothing to be "
            "compared with: that respondent or condition has no responses, or is the only one. Add the missing "
            "responses or leave the term out."
        )
    centred = patterns - patterns.mean(axis=0)
    scaled = centred / np.linalg.norm(centred, axis=0)
    if len(scaled) > len(names) and np.linalg.svd(scaled, compute_uv=False)[-1] > _RANK_TOLERANCE:
        return  # no diagonal element of the triangle below is smaller than the least singular value
    from scipy.linalg import qr

    _, triangle, order = qr(scaled, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    redundant = order[int((sizes > _RANK_TOLERANCE).sum()) :]
    if patterns.shape[0] <= patterns.shape[1]:
        redundant = order[-1:] if not len(redundant) else redundant
    if len(redundant):
        listed = ", ".join(repr(names[index]) for index in sorted(redundant))
        raise CannotEstimate(
            f"The effect of {listed} cannot be told apart from the other terms: the columns always change together "
            "(one round per condition, or a column for every respondent, say). Leave out one of them."
        )


def _check_clusters(n_clusters: int, n_terms: int) -> None:
    needed = max(FEWEST_CLUSTERS, n_terms + 1)
    if n_clusters < needed:
        found = "There is only 1 cluster" if n_clusters == 1 else f"There are only {n_clusters} clusters"
        raise CannotEstimate(
            f"{found}; a standard error for {n_terms} term{'s' * (n_terms != 1)} needs at least {needed}, and "
            f"{FEW_CLUSTERS} to be trusted. Use more questions; where the cluster is the case, the question is a finer "
            "one."
        )


def _check_terms(patterns: Floats, pattern: NDArray[np.int64], names: list[str], clusters: NDArray[np.int64]) -> None:
    """Refuse terms that differ from their usual value in very few clusters: there the sandwich is far too small."""
    rows = np.bincount(pattern)
    pairs = pd.unique(clusters * len(patterns) + pattern)
    for name, column in zip(names, patterns.T, strict=True):
        values, place = np.unique(column, return_inverse=True)
        usual = np.bincount(place, weights=rows).argmax()
        differing = pairs[(place != usual)[pairs % len(patterns)]] // len(patterns)
        holding = int(np.count_nonzero(np.bincount(differing)))
        if holding < FEWEST_CLUSTERS:
            raise CannotEstimate(
                f"The effect of {name!r} rests on {holding} cluster{'s' * (holding != 1)}: elsewhere it is always "
                f"{values[usual]:g}. Its standard error needs at least {FEWEST_CLUSTERS}; ask more questions "
                "under it; where the cluster is the case, the question is a finer one."
            )


def interval_for(n_clusters: int) -> Interval:
    """The reference distribution where none was chosen: t below ``FEW_CLUSTERS`` clusters, else normal."""
    return "t" if n_clusters < FEW_CLUSTERS else "normal"


def check_separation(data: ModelData) -> None:
    """Raise where an odds ratio would be infinite.

    The likelihood of a cumulative logit model has no maximum exactly where some direction of the parameters never
    lowers the probability of any observation and raises one. A linear program over the distinct rows finds it.

    Parameters
    ----------
    data : ModelData

    Raises
    ------
    CannotEstimate
        With the names of the terms that diverge.

    References
    ----------
    Konis K. Linear programming algorithms for detecting separated data in binary logistic regression models.
    DPhil thesis, University of Oxford, 2007.
    Albert A, Anderson JA. On the existence of maximum likelihood estimates in logistic regression models.
    Biometrika 1984;71:1-10.
    """
    from scipy.optimize import linprog

    rows = np.unique(np.column_stack([data.codes, data.design]), axis=0)
    rows = rows[:: max(1, len(rows) // _MOST_ROWS_OF_PROGRAM)]
    codes, design = rows[:, 0].astype(np.int64), rows[:, 1:]
    constraints = _recession_constraints(codes, design, len(data.levels) - 1)
    n_parameters = constraints.shape[1]
    solution: Any = linprog(
        -np.asarray(constraints.sum(axis=0)).ravel(),
        A_ub=-constraints,
        b_ub=np.zeros(constraints.shape[0]),
        bounds=[(-1, 1)] * n_parameters,
        method="highs",
    )
    if solution.x is None or -solution.fun <= _SEPARATION_TOLERANCE:
        return
    slopes = solution.x[-data.design.shape[1] :]
    listed = ", ".join(
        f"{name!r} ({'highest' if slope > 0 else 'lowest'} scores only)"
        for name, slope in zip(data.names, slopes, strict=True)
        if abs(slope) > _SEPARATION_TOLERANCE
    )
    raise CannotEstimate(
        f"An odds ratio would be infinite: the scores are separated along {listed}. This happens when all responses of "
        "a respondent or condition score at the top (or bottom) of what is compared. Report the counts, or use more or "
        "harder questions."
    )


def _recession_constraints(codes: NDArray[np.int64], design: Floats, n_cuts: int) -> csr_array:
    """Rows whose product with a direction of divergence is never negative, shape (r, cuts + p)."""
    upper, lower = np.flatnonzero(codes > 0), np.flatnonzero(codes < n_cuts)
    blocks = []
    for sign, rows, cuts in ((1.0, upper, codes[upper] - 1), (-1.0, lower, codes[lower])):
        block = np.zeros((len(rows), n_cuts + design.shape[1]))
        block[np.arange(len(rows)), cuts] = sign
        block[:, n_cuts:] = sign * design[rows]
        blocks.append(csr_array(block))
    return vstack(blocks, format="csr")
