"""A study as a table of counts: distinct design rows by levels, per cluster.

Rows with the same design and the same score contribute the same to every equation of the model, so this table holds all
that the estimates and their covariance need.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from samp_eval.statistics.gee.terms import Floats

__all__ = ["Cells", "collapse", "distinct_rows"]

_LARGEST_NUMBER = 2**31
"""Codes of several columns are numbered anew beyond this, long before their product would overflow 64 bits."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of a study collapsed to distinct (design row, level) pairs.

    Attributes
    ----------
    patterns : ndarray, shape (m, p)
        The distinct rows of the design.
    pattern, level : ndarray of int, shape (c,)
        Of each cell that occurs.
    by_cluster : csr_array, shape (g, c)
        How often each cell occurs in each cluster.
    n_levels : int
    """

    patterns: Floats
    pattern: NDArray[np.int64]
    level: NDArray[np.int64]
    by_cluster: csr_array
    n_levels: int

    @property
    def counts(self) -> Floats:
        """The whole study as one table, shape (1, m, k)."""
        return self.tables(np.asarray(self.by_cluster.sum(axis=0))[None, :])

    def tables(self, cell_counts: Floats) -> Floats:
        """Spread counts per cell, shape (r, c), over tables of shape (r, m, k)."""
        tables = np.zeros((len(cell_counts), len(self.patterns), self.n_levels))
        tables[:, self.pattern, self.level] = cell_counts
        return tables


def distinct_rows(design: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the distinct rows of a design.

    Parameters
    ----------
    design : ndarray, shape (n, p)

    Returns
    -------
    pattern : ndarray of int, shape (n,)
        Of each row, 0 to m - 1.
    first_row : ndarray of int, shape (m,)
        Where each pattern is found first.
    """
    pattern, possible = np.zeros(len(design), dtype=np.int64), 1
    for column in design.T:
        values, distinct = pd.factorize(column)
        if possible * len(distinct) > _LARGEST_NUMBER:
            pattern = pd.factorize(pattern)[0].astype(np.int64)
            possible = int(pattern.max()) + 1
        pattern, possible = pattern * len(distinct) + values, possible * len(distinct)
    pattern = pd.factorize(pattern)[0].astype(np.int64)
    first_row = np.zeros(int(pattern.max()) + 1, dtype=np.int64)
    first_row[pattern[::-1]] = np.arange(len(design))[::-1]
    return pattern, first_row


def collapse(
    codes: NDArray[np.int64],
    patterns: Floats,
    pattern: NDArray[np.int64],
    clusters: NDArray[np.int64],
    n_levels: int,
) -> Cells:
    """Collapse rows to cells.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Level of each row, 0 to k - 1.
    patterns : ndarray, shape (m, p)
        The distinct rows of the design; see :func:`distinct_rows`.
    pattern : ndarray of int, shape (n,)
        Of each row.
    clusters : ndarray of int, shape (n,)
        0 to g - 1.
    n_levels : int

    Returns
    -------
    Cells
    """
    cell, distinct_cells = pd.factorize(pattern * n_levels + codes)
    shape = (int(clusters.max()) + 1, len(distinct_cells))
    return Cells(
        patterns=patterns,
        pattern=np.asarray(distinct_cells) // n_levels,
        level=np.asarray(distinct_cells) % n_levels,
        by_cluster=csr_array(coo_array((np.ones(len(codes)), (clusters, cell)), shape=shape)),
        n_levels=n_levels,
    )
