"""The covariance of independence estimates, without a loop over clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from samp_eval.statistics.gee.count_table import Cells
from samp_eval.statistics.gee.solver import cut_information, probabilities, row_sums
from samp_eval.statistics.gee.terms import Covariance, Floats

__all__ = [
    "ClusterShares",
    "cell_scores",
    "cluster_influence",
    "cluster_shares",
    "covariance_of",
    "cut_scores",
    "influence_of",
    "information",
    "pattern_information",
]

_BLOCK = 2_000_000
"""Numbers in a temporary array; keeps memory at a few hundred megabytes."""


def covariance_of(cells: Cells, estimates: Floats, kind: Covariance) -> Floats:
    """Covariance of the estimates of one study under working independence.

    Parameters
    ----------
    cells : Cells
    estimates : ndarray, shape (k - 1 + p,)
    kind : {"robust", "bias_reduced", "naive"}

    Returns
    -------
    ndarray, shape (k - 1 + p, k - 1 + p)

    Notes
    -----
    With B_i the information of cluster i, s_i its score and A the sum of the B_i, the corrected residuals of Mancl and
    DeRouen (2001) give the score A (A - B_i)^-1 s_i: a small system per cluster instead of one of its rows.

    References
    ----------
    Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics
    2001;57:126-34.
    """
    if kind == "naive":
        return np.asarray(np.linalg.inv(information(cells, estimates, per_cluster=False)[0]))
    influence = cluster_influence(cells, estimates, bias_reduced=kind == "bias_reduced")
    return np.asarray(influence.T @ influence)


def cluster_influence(cells: Cells, estimates: Floats, *, bias_reduced: bool = False) -> Floats:
    """Compute what each cluster contributes to the estimates; the cross product is their robust covariance.

    Parameters
    ----------
    cells : Cells
    estimates : ndarray, shape (k - 1 + p,)
    bias_reduced : bool
        With the residuals of Mancl and DeRouen.

    Returns
    -------
    ndarray, shape (g, k - 1 + p)
    """
    total, of_clusters = information(cells, estimates, per_cluster=bias_reduced)
    scores = np.asarray(cells.by_cluster @ cell_scores(cells, estimates))
    return influence_of(total, of_clusters, scores)


def influence_of(total: Floats, of_clusters: Floats | None, scores: Floats) -> Floats:
    """Scores to contributions, both (g, q), by the information (q, q) less the cluster's own (g, q, q) where given."""
    if of_clusters is None:
        return np.asarray(np.linalg.solve(total, scores.T).T)
    return np.asarray(np.linalg.solve(total - of_clusters, scores[:, :, None])[:, :, 0])


@dataclass(frozen=True, slots=True)
class ClusterShares:
    """How much of what is known single clusters hold.

    Attributes
    ----------
    largest : float
        The largest share, 0 to 1, of what is known about any one combination of parameters that one cluster holds. At 1
        the estimates do not exist without that cluster: its score is zero by construction, so the sandwich says that
        nothing varies, and the correction of Mancl and DeRouen divides by zero.
    effective : ndarray, shape (k - 1 + p,)
        On how many clusters, were they alike, the robust variance of each parameter would rest.
    """

    largest: float
    effective: Floats


def cluster_shares(cells: Cells, estimates: Floats) -> ClusterShares:
    """Compute the shares of the clusters of one study.

    Parameters
    ----------
    cells : Cells
    estimates : ndarray, shape (k - 1 + p,)

    Notes
    -----
    With v_i what cluster i is expected to contribute to a robust variance under working independence, the effective
    number is (sum v_i)^2 / sum v_i^2, Satterthwaite's degrees of freedom.

    References
    ----------
    Carter AV, Schnepel KT, Steigerwald DG. Asymptotic behavior of a t-test robust to cluster heterogeneity. Rev Econ
    Stat 2017;99:698-709.
    """
    total, each = information(cells, estimates, per_cluster=True)
    inverse, of_clusters = np.linalg.inv(total), np.asarray(each)
    root = np.linalg.cholesky(inverse)
    contributed = ((inverse @ of_clusters) * inverse).sum(axis=2)
    return ClusterShares(
        largest=float(np.linalg.eigvalsh(root.T @ of_clusters @ root).max()),
        effective=contributed.sum(axis=0) ** 2 / (contributed**2).sum(axis=0),
    )


def information(cells: Cells, estimates: Floats, *, per_cluster: bool) -> tuple[Floats, Floats | None]:
    """Sum the expected information of the study (q, q), and of each cluster (g, q, q) where wanted."""
    size = len(estimates)
    n_clusters, n_patterns = cells.by_cluster.shape[0], len(cells.patterns)
    total = np.zeros((size, size))
    of_clusters = np.zeros((n_clusters, size * size)) if per_cluster else None
    to_pattern = csr_array(
        (np.ones(len(cells.pattern)), (np.arange(len(cells.pattern)), cells.pattern)),
        shape=(len(cells.pattern), n_patterns),
    )
    by_pattern = (cells.by_cluster @ to_pattern).tocsc()
    weights = np.asarray(by_pattern.sum(axis=0))
    per_block = max(1, _BLOCK // (size * size))
    for first in range(0, n_patterns, per_block):
        block = slice(first, first + per_block)
        each = pattern_information(cells.patterns[block], estimates)
        total += np.einsum("m,mab->ab", weights[block], each)
        if of_clusters is not None:
            of_clusters += by_pattern[:, block] @ each.reshape(len(each), -1)
    return total, None if of_clusters is None else of_clusters.reshape(n_clusters, size, size)


def pattern_information(patterns: Floats, estimates: Floats) -> Floats:
    """Compute the expected information of one observation with each design row, shape (m, q, q)."""
    above, probability = probabilities(patterns, estimates[None, :])
    diagonal, beside = cut_information(above[0], 1 / probability[0])
    n_cuts = above.shape[2]
    cuts = np.arange(n_cuts)
    each = np.zeros((len(patterns), len(estimates), len(estimates)))
    each[:, cuts, cuts] = diagonal
    each[:, cuts[:-1], cuts[1:]] = each[:, cuts[1:], cuts[:-1]] = beside
    rows = row_sums(diagonal, beside)
    each[:, :n_cuts, n_cuts:] = rows[:, :, None] * patterns[:, None, :]
    each[:, n_cuts:, :n_cuts] = each[:, :n_cuts, n_cuts:].transpose(0, 2, 1)
    each[:, n_cuts:, n_cuts:] = rows.sum(axis=1)[:, None, None] * patterns[:, :, None] * patterns[:, None, :]
    return each


def cell_scores(cells: Cells, estimates: Floats) -> Floats:
    """Score of one observation in each cell, shape (c, q)."""
    above, probability = probabilities(cells.patterns, estimates[None, :])
    of_cuts = cut_scores(cells, above[0], probability[0])
    return np.hstack([of_cuts, of_cuts.sum(axis=1, keepdims=True) * cells.patterns[cells.pattern]])


def cut_scores(cells: Cells, above: Floats, chance: Floats) -> Floats:
    """Derivative of the log probability of each cell by the logits of its cut points, shape (c, k - 1)."""
    slope = above * (1 - above)
    scores = np.zeros((len(cells.level), slope.shape[1]))
    for side, sign in ((-1, 1.0), (0, -1.0)):
        cut = cells.level + side
        chosen = np.flatnonzero((cut >= 0) & (cut < slope.shape[1]))
        pattern, level = cells.pattern[chosen], cells.level[chosen]
        scores[chosen, cut[chosen]] = sign * slope[pattern, cut[chosen]] / chance[pattern, level]
    return scores
