"""Cluster bootstrap: whole clusters are drawn again, and the model is solved for every draw at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from samp_eval.errors import CannotEstimate, NotInstalled
from samp_eval.statistics.gee.count_table import Cells
from samp_eval.statistics.gee.estimable import check_separation, prepare
from samp_eval.statistics.gee.solver import solve, solve_any_levels
from samp_eval.statistics.gee.terms import Floats

__all__ = ["BootstrapResult", "cluster_bootstrap", "workers"]

LARGEST_FAILED_SHARE = 0.05
"""Above this share of resamples without an estimate an interval would be cut off where it matters: it is refused."""

_SECONDS_TO_REACH_DASK = 10
_LARGEST_CHUNK = 500
_NUMBERS_IN_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class BootstrapResult:
    """Estimates of the resamples.

    Attributes
    ----------
    names : tuple of str
        The p columns of the design.
    estimate : ndarray, shape (p,)
        Log odds ratios of the study itself.
    log_odds_ratios : ndarray, shape (replicates, p)
        Of the resamples; NaN where a resample has no estimate (a separated or absent respondent).
    thresholds : ndarray, shape (replicates, k - 1)
        Infinite where a resample lacks the outer levels.
    jackknife : ndarray, shape (g, p)
        Log odds ratios without each cluster in turn.
    n_failed : int
        Resamples without an estimate.
    seed : int
        What the resamples were drawn with.
    """

    names: tuple[str, ...]
    estimate: Floats
    log_odds_ratios: Floats
    thresholds: Floats
    jackknife: Floats
    n_failed: int
    seed: int

    @property
    def standard_errors(self) -> Floats:
        """Standard deviation of the resampled log odds ratios, shape (p,)."""
        return np.asarray(np.nanstd(self.log_odds_ratios, axis=0, ddof=1))

    def interval(self, method: Literal["percentile", "bca"] = "bca", confidence: float = 0.95) -> Floats:
        """Intervals of the log odds ratios.

        Parameters
        ----------
        method : {"percentile", "bca"}
            BCa corrects for bias and skewness.
        confidence : float
            Between 0 and 1.

        Returns
        -------
        ndarray, shape (p, 2)
            Low and high, on the scale of log odds.

        Raises
        ------
        CannotEstimate
            Too many resamples have no estimate.

        References
        ----------
        Efron B. Better bootstrap confidence intervals. JASA 1987;82:171-85.
        """
        known = self._known()
        tails = np.array([0.5 - confidence / 2, 0.5 + confidence / 2])
        shares = np.tile(tails, (len(self.names), 1)) if method == "percentile" else self._bca_shares(known, tails)
        return np.stack([np.quantile(known[:, place], share) for place, share in enumerate(shares)])

    def _known(self) -> Floats:
        if self.n_failed > LARGEST_FAILED_SHARE * len(self.log_odds_ratios):
            raise CannotEstimate(
                f"{self.n_failed} of {len(self.log_odds_ratios)} bootstrap resamples have no odds ratio, because a "
                "respondent or condition is separated or absent in them. Report the robust interval instead."
            )
        return self.log_odds_ratios[np.isfinite(self.log_odds_ratios).all(axis=1)]

    def _bca_shares(self, known: Floats, tails: Floats) -> Floats:
        below = (known < self.estimate).mean(axis=0) + (known == self.estimate).mean(axis=0) / 2
        bias = ndtri(np.clip(below, 1 / (2 * len(known)), 1 - 1 / (2 * len(known))))[:, None]
        influence = np.nanmean(self.jackknife, axis=0) - self.jackknife
        spread = 6 * np.nansum(influence**2, axis=0) ** 1.5
        acceleration = (np.nansum(influence**3, axis=0) / np.where(spread > 0, spread, 1))[:, None]
        shifted = bias + ndtri(tails)
        return np.asarray(ndtr(bias + shifted / (1 - acceleration * shifted)))


def cluster_bootstrap(
    outcome: ArrayLike,
    design: pd.DataFrame,
    cluster: ArrayLike,
    *,
    replicates: int,
    seed: int,
    n_jobs: int = 1,
    scheduler: str | None = None,
) -> BootstrapResult:
    """Resample whole clusters with replacement, and fit the ordinal model under independence to every resample.

    Parameters
    ----------
    outcome, design, cluster
        As for :func:`samp_eval.analysis.fit_ordinal_gee`.
    replicates : int
        Number of resamples.
    seed : int
        The same seed gives the same resamples, whatever ``n_jobs``.
    n_jobs : int
        Processes; -1 for all cores. One is fastest for a study of ordinary size.
    scheduler : str, optional
        Address of a Dask cluster to work on.

    Returns
    -------
    BootstrapResult
        The estimates of every resample, with standard errors and intervals made of them.

    Raises
    ------
    CannotEstimate
        As :func:`samp_eval.analysis.fit_ordinal_gee` does.

    References
    ----------
    Field CA, Welsh AH. Bootstrapping clustered data. J R Stat Soc B 2007;69:369-90.
    """
    from joblib import Parallel, delayed

    data = prepare(outcome, design, cluster)
    cells = data.cells(data.codes, len(data.levels))
    whole = solve(cells.counts, cells.patterns)
    if not whole.converged[0]:
        check_separation(data)
        raise CannotEstimate("The estimates of the study itself do not settle. Group the score levels into fewer.")
    sizes = _chunk_sizes(replicates, len(cells.patterns) * cells.n_levels)
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    with workers(scheduler):
        chunks = Parallel(n_jobs=n_jobs)(
            delayed(_resampled)(cells, whole.estimates[0], size, own) for size, own in zip(sizes, seeds, strict=True)
        )
    estimates = np.concatenate(chunks)
    n_cuts = cells.n_levels - 1
    return BootstrapResult(
        names=data.names,
        estimate=whole.estimates[0, n_cuts:],
        log_odds_ratios=estimates[:, n_cuts:],
        thresholds=estimates[:, :n_cuts],
        jackknife=_without_each_cluster(cells, whole.estimates[0])[:, n_cuts:],
        n_failed=int(np.isnan(estimates[:, -1]).sum()),
        seed=seed,
    )


@contextmanager
def workers(scheduler: str | None) -> Iterator[None]:
    """Send joblib's work to a Dask cluster while the context lasts.

    Parameters
    ----------
    scheduler : str or None
        Address of the cluster's scheduler; None leaves the work here.

    Raises
    ------
    NotInstalled
        Dask is not installed.
    CannotEstimate
        There is no cluster at the address.
    """
    if scheduler is None:
        yield
        return
    try:
        from distributed import Client
        from joblib import parallel_config
    except ModuleNotFoundError as error:
        raise NotInstalled("Working on a Dask cluster", "dask") from error
    try:
        client = Client(scheduler, set_as_default=True, timeout=_SECONDS_TO_REACH_DASK)  # type: ignore[no-untyped-call]  # Dask has no types
    except (OSError, ValueError) as error:
        raise CannotEstimate(
            f"no Dask cluster answers at {scheduler}: {error}; the address is that of its scheduler, such as "
            "tcp://127.0.0.1:8786"
        ) from error
    with client, parallel_config(backend="dask"):
        yield


def _chunk_sizes(replicates: int, table_size: int) -> list[int]:
    """Split by the size of the data only, so that a seed means the same on every machine."""
    most = int(max(1, min(_LARGEST_CHUNK, _NUMBERS_IN_CHUNK // table_size)))
    return [min(most, replicates - first) for first in range(0, replicates, most)]


def _resampled(cells: Cells, start: Floats, size: int, seed: np.random.SeedSequence) -> Floats:
    n_clusters = cells.by_cluster.shape[0]
    drawn = np.random.default_rng(seed).multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=size)
    return solve_any_levels(cells.tables(drawn @ cells.by_cluster), cells.patterns, start).estimates


def _without_each_cluster(cells: Cells, start: Floats) -> Floats:
    total = np.asarray(cells.by_cluster.sum(axis=0))
    most = _chunk_sizes(cells.by_cluster.shape[0], len(cells.patterns) * cells.n_levels)[0]
    parts = []
    for first in range(0, cells.by_cluster.shape[0], most):
        kept = total - cells.by_cluster[first : first + most].toarray()
        parts.append(solve_any_levels(cells.tables(kept), cells.patterns, start).estimates)
    return np.concatenate(parts)
