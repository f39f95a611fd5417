"""A proportional-odds model with thresholds of its own for each stratum, and the same odds ratios in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.count_table import Cells, collapse
from samp_eval.statistics.gee.estimable import ModelData, interval_for, prepare
from samp_eval.statistics.gee.sandwich import cell_scores, influence_of, information
from samp_eval.statistics.gee.solver import fisher_scoring, log_likelihood
from samp_eval.statistics.gee.terms import Covariance, Floats, OrdinalGeeFit, wald_terms

__all__ = ["fit_with_strata"]

_NO_SOLUTION = (
    "The estimates with thresholds of their own for each stratum did not settle: in some of them nearly all responses "
    "have one score, or an odds ratio is infinite."
)


@dataclass(frozen=True, slots=True)
class _Stratum:
    """Rows of one stratum, and where its thresholds stand among all parameters."""

    cells: Cells
    places: NDArray[np.int64]


def fit_with_strata(
    outcome: ArrayLike,
    design: pd.DataFrame,
    cluster: ArrayLike,
    stratum: ArrayLike,
    *,
    covariance: Covariance = "robust",
    confidence: float = 0.95,
    references: Mapping[str, str] | None = None,
) -> OrdinalGeeFit:
    """Fit a proportional-odds model under working independence, with the thresholds of each stratum apart.

    A score of two thirds can only be had of a question that asks for three answers. With common thresholds, questions
    that ask for different numbers of answers share cut points that some of them do not have.

    Parameters
    ----------
    outcome, design, cluster
        As for :func:`samp_eval.analysis.fit_ordinal_gee`.
    stratum : array_like, shape (n,)
        Labels; one with a single score tells nothing and is left out.
    covariance : {"robust", "bias_reduced", "naive"}
    confidence : float
        Coverage of the intervals, between 0 and 1.
    references : mapping of str to str, optional
        Design column to the text of what it is compared with.

    Returns
    -------
    OrdinalGeeFit
        Its thresholds are those of every stratum in the order of the labels, its levels all levels. Of one stratum, it
        is the fit of ``fit_ordinal_gee``.

    Raises
    ------
    CannotEstimate
        With the reason and what to do.
    """
    data = prepare(outcome, design, cluster)
    strata, n_cuts = _strata(data, np.asarray(stratum))
    estimates = _solve(strata, n_cuts, len(data.names))
    total, of_clusters = _information(strata, estimates, data.n_clusters, per_cluster=covariance == "bias_reduced")
    variances: Floats
    if covariance == "naive":
        variances = np.asarray(np.linalg.inv(total), dtype=float)
    else:
        influence = influence_of(total, of_clusters, _scores(strata, estimates, data.n_clusters))
        variances = np.asarray(influence.T @ influence, dtype=float)
    distribution = interval_for(data.n_clusters)
    degrees = float(data.n_clusters - len(data.names)) if distribution == "t" else np.inf
    slopes = variances[n_cuts:, n_cuts:]
    return OrdinalGeeFit(
        terms=wald_terms(
            data.names,
            estimates[n_cuts:],
            np.sqrt(np.diag(slopes)),
            confidence=confidence,
            degrees_of_freedom=degrees,
            references=references,
        ),
        thresholds=tuple(estimates[:n_cuts].tolist()),
        covariance_matrix=slopes,
        parameter_covariance=variances,
        association_odds_ratio=None,
        levels=data.levels,
        n_observations=len(data.codes),
        n_clusters=data.n_clusters,
        converged=True,
        warnings=(),
        association="independence",
        covariance=covariance,
        interval=distribution,
        degrees_of_freedom=degrees,
        confidence=confidence,
        engine="vectorised",
    )


def _strata(data: ModelData, labels: NDArray[np.generic]) -> tuple[list[_Stratum], int]:
    """The strata with more than one score, and how many thresholds they have together."""
    if len(labels) != len(data.codes):
        msg = f"outcome and stratum differ in length: {len(data.codes)} and {len(labels)} rows"
        raise ValueError(msg)
    found: list[_Stratum] = []
    n_cuts = 0
    for label in np.unique(labels):
        rows = labels == label
        levels, codes = np.unique(data.codes[rows], return_inverse=True)
        if len(levels) < 2:
            continue
        cells = collapse(codes, data.patterns, data.pattern[rows], data.clusters[rows], len(levels))
        found.append(_Stratum(cells, np.arange(n_cuts, n_cuts + len(levels) - 1)))
        n_cuts += len(levels) - 1
    if not found:
        raise CannotEstimate("Every stratum has one score only, so that there is no difference within any.")
    slopes = np.arange(n_cuts, n_cuts + len(data.names))
    return [_Stratum(stratum.cells, np.r_[stratum.places, slopes]) for stratum in found], n_cuts


def _solve(strata: list[_Stratum], n_cuts: int, n_slopes: int) -> Floats:
    estimates = np.zeros(n_cuts + n_slopes)
    for stratum in strata:
        totals = stratum.cells.counts[0].sum(axis=0)
        above = totals[::-1].cumsum()[::-1][1:]
        estimates[stratum.places[:-n_slopes]] = np.log((above + 0.25) / (totals.sum() - above + 0.25))
    found = fisher_scoring(
        estimates,
        n_cuts,
        lambda at: _log_likelihood(strata, at),
        lambda at: (_gradient(strata, at), _information(strata, at, 0, per_cluster=False)[0]),
    )
    if found is None:
        raise CannotEstimate(_NO_SOLUTION)
    return found


def _log_likelihood(strata: list[_Stratum], estimates: Floats) -> float:
    return float(
        sum(
            log_likelihood(stratum.cells.counts, stratum.cells.patterns, estimates[stratum.places][None, :])[0]
            for stratum in strata
        )
    )


def _gradient(strata: list[_Stratum], estimates: Floats) -> Floats:
    gradient = np.zeros(len(estimates))
    for stratum in strata:
        counts = np.asarray(stratum.cells.by_cluster.sum(axis=0)).ravel()
        gradient[stratum.places] += counts @ cell_scores(stratum.cells, estimates[stratum.places])
    return gradient


def _scores(strata: list[_Stratum], estimates: Floats, n_clusters: int) -> Floats:
    """What each cluster adds to the gradient, shape (g, q)."""
    scores = np.zeros((n_clusters, len(estimates)))
    for stratum in strata:
        own = np.asarray(stratum.cells.by_cluster @ cell_scores(stratum.cells, estimates[stratum.places]))
        scores[: len(own), stratum.places] += own
    return scores


def _information(
    strata: list[_Stratum], estimates: Floats, n_clusters: int, *, per_cluster: bool
) -> tuple[Floats, Floats | None]:
    size = len(estimates)
    total = np.zeros((size, size))
    of_clusters = np.zeros((n_clusters, size, size)) if per_cluster else None
    for stratum in strata:
        own, own_clusters = information(stratum.cells, estimates[stratum.places], per_cluster=per_cluster)
        block = np.ix_(stratum.places, stratum.places)
        total[block] += own
        if of_clusters is not None and own_clusters is not None:
            for number, part in enumerate(own_clusters):
                of_clusters[number][block] += part
    return total, of_clusters
