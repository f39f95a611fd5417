"""The ordinal GEE for exceedances that need not be indicators: estimates of them, below 0 and above 1 included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import logit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.estimable import ModelData, interval_for, prepare_design, standardised
from samp_eval.statistics.gee.sandwich import influence_of, pattern_information
from samp_eval.statistics.gee.solver import LARGEST_SLOPE, MOST_HALVINGS, MOST_ITERATIONS, STEP_TOLERANCE, probabilities
from samp_eval.statistics.gee.terms import Covariance, Floats, Interval, OrdinalGeeFit, wald_terms

__all__ = ["cluster_contributions", "fit_exceedances"]

_SMALLEST_GAP = 1e-9
"""Thresholds nearer than this have no level between them."""

_NO_SOLUTION = (
    "The estimating equations have no solution: the corrected predictions contradict each other (a level of the score "
    "would have a negative probability, or an odds ratio would be infinite). Mark more questions, or group the score "
    "levels into fewer (none, some, all)."
)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Exceedances summed over rows of one cluster and one distinct design row; every equation is linear in them."""

    patterns: Floats
    pattern: NDArray[np.int64]
    cluster: NDArray[np.int64]
    count: Floats
    above: Floats
    n_clusters: int

    def by_pattern(self) -> tuple[Floats, Floats]:
        """Rows (m,) and exceedances (m, k - 1) of each distinct design row."""
        places = (self.pattern, np.arange(len(self.pattern)))
        gather = csr_array((np.ones(len(self.pattern)), places), shape=(len(self.patterns), len(self.pattern)))
        return np.asarray(gather @ self.count), np.asarray(gather @ self.above)

    def by_cluster(self, values: Floats) -> Floats:
        """Sums over clusters of one value for each pair of cluster and design row."""
        places = (self.cluster, np.arange(len(self.cluster)))
        gather = csr_array((np.ones(len(self.cluster)), places), shape=(self.n_clusters, len(self.cluster)))
        return np.asarray(gather @ values)


def fit_exceedances(
    exceedance: ArrayLike,
    design: pd.DataFrame,
    cluster: ArrayLike,
    *,
    covariance: Covariance = "robust",
    confidence: float = 0.95,
    interval: Interval | None = None,
    degrees_of_freedom: float | None = None,
    levels: Sequence[float] | None = None,
    references: Mapping[str, str] | None = None,
) -> OrdinalGeeFit:
    """Fit a proportional-odds model to exceedances of the score's levels, under working independence.

    The estimating function of an ordinal GEE is linear in the indicators 1{score > level}. Whatever is unbiased for
    them, such as a difference estimator, can stand in their place, and need lie neither in [0, 1] nor fall with the
    level.

    Parameters
    ----------
    exceedance : array_like, shape (n, k - 1)
        For each level but the highest, the indicator that the score is above it, or an estimate of it.
    design : DataFrame, shape (n, p)
        Numbers, without an intercept.
    cluster : array_like, shape (n,)
        Labels.
    covariance : {"robust", "bias_reduced"}
        Sandwich, or sandwich with the correction of Mancl and DeRouen. A model-based covariance does not exist for
        estimated indicators.
    confidence : float
        Coverage of the intervals, between 0 and 1.
    interval : {"normal", "t"}, optional
        As for :func:`~samp_eval.statistics.gee.ordinal_gee.fit_ordinal_gee`.
    degrees_of_freedom : float, optional
        Of the t distribution, in place of clusters less p: drawn questions less one in a partly marked study.
    levels : sequence of float, length k, optional
        Names of the levels; 0 to k - 1 when omitted.
    references : mapping of str to str, optional
        Design column to the text of what it is compared with.

    Returns
    -------
    OrdinalGeeFit
        With true indicators, that of ``fit_ordinal_gee``. A level whose estimated total is not positive is merged into
        its neighbour, which a warning says.

    Raises
    ------
    CannotEstimate
        Missing values, a design that does not determine the terms, or equations without a solution.
    ValueError
        A choice that does not exist, or lengths that differ.

    References
    ----------
    Heagerty PJ, Zeger SL. Marginal regression models for clustered ordinal measurements. JASA 1996;91:1024-36.
    Sarndal CE, Swensson B, Wretman J. Model assisted survey sampling. Springer 1992, chapter 6.
    Angelopoulos AN, Bates S, Fannjiang C, Jordan MI, Zrnic T. Prediction-powered inference. Science 2023;382:669-74.
    """
    if covariance not in ("robust", "bias_reduced"):
        msg = f"covariance is {covariance!r}; for exceedances it can be robust, bias_reduced"
        raise ValueError(msg)
    data = prepare_design(design, cluster)
    above = _checked(exceedance, len(data.codes))
    names = tuple(range(above.shape[1] + 1)) if levels is None else tuple(levels)
    if len(names) != above.shape[1] + 1:
        msg = f"{above.shape[1]} columns of exceedances have {above.shape[1] + 1} levels; levels names {len(names)}"
        raise ValueError(msg)
    kept, merged = _cuts_to_keep(above)
    present = (*(float(names[cut]) for cut in kept), float(names[-1]))
    scaled, unscale = standardised(data, len(kept))
    sums = _summed(scaled, above[:, kept])
    estimates = _solve(sums)
    distribution = interval or ("t" if degrees_of_freedom is not None else interval_for(data.n_clusters))
    if distribution == "normal":
        degrees_of_freedom = np.inf
    elif degrees_of_freedom is None:
        degrees_of_freedom = float(data.n_clusters - len(data.names))
    influence = _influence(sums, estimates, bias_reduced=covariance == "bias_reduced")
    parameters, variances = unscale @ estimates, unscale @ influence.T @ influence @ unscale.T
    p = len(data.names)
    return OrdinalGeeFit(
        terms=wald_terms(
            data.names,
            parameters[-p:],
            np.sqrt(np.diag(variances)[-p:]),
            confidence=confidence,
            degrees_of_freedom=degrees_of_freedom,
            references=references,
        ),
        thresholds=tuple(parameters[:-p].tolist()),
        covariance_matrix=variances[-p:, -p:],
        parameter_covariance=variances,
        association_odds_ratio=None,
        levels=present,
        n_observations=len(data.codes),
        n_clusters=data.n_clusters,
        converged=True,
        warnings=_merge_note(names, merged),
        association="independence",
        covariance=covariance,
        interval=distribution,
        degrees_of_freedom=degrees_of_freedom,
        confidence=confidence,
        engine="vectorised",
    )


def cluster_contributions(
    exceedance: ArrayLike, others: Sequence[ArrayLike], design: pd.DataFrame, cluster: ArrayLike
) -> tuple[Floats, ...]:
    """What each cluster adds to the log odds ratios' deviation from the truth, had its exceedances been others.

    Parameters
    ----------
    exceedance, design, cluster
        As for :func:`fit_exceedances`; the contributions are taken at its estimates.
    others : sequence of array_like, each of shape (n, k - 1)
        Exceedances of the same rows: marks, predictions.

    Returns
    -------
    tuple of ndarray, each of shape (g, p)
        For each of ``others``, with clusters in order of appearance. The cross product of the contributions of marks
        is their robust covariance; the difference of two is linear in the difference of the exceedances.

    Raises
    ------
    CannotEstimate
        As :func:`fit_exceedances`.
    """
    data = prepare_design(design, cluster)
    above = _checked(exceedance, len(data.codes))
    kept, _ = _cuts_to_keep(above)
    scaled, unscale = standardised(data, len(kept))
    estimates = _solve(_summed(scaled, above[:, kept]))
    slopes = unscale[len(kept) :]
    of_each = (_summed(scaled, _checked(other, len(data.codes))[:, kept]) for other in others)
    return tuple(np.asarray(_influence(sums, estimates, bias_reduced=False) @ slopes.T) for sums in of_each)


def _checked(exceedance: ArrayLike, n_rows: int) -> Floats:
    above = np.asarray(exceedance, dtype=float)
    if above.ndim != 2 or not above.shape[1]:
        msg = f"exceedance has shape {above.shape}; it is (rows, levels less one)"
        raise ValueError(msg)
    if len(above) != n_rows:
        msg = f"exceedance and design differ in length: {len(above)} and {n_rows} rows"
        raise ValueError(msg)
    missing = int((~np.isfinite(above)).any(axis=1).sum())
    if missing:
        raise CannotEstimate(
            f"{missing} of {len(above)} responses have neither marks nor a prediction. Give every response a "
            "prediction, or leave those rows out."
        )
    return above


def _cuts_to_keep(above: Floats) -> tuple[list[int], list[int]]:
    """Cut points between levels whose estimated totals are positive, and the cut points that are dropped."""
    kept, dropped = list(range(above.shape[1])), []
    totals = above.sum(axis=0)
    slack = 1e-9 * len(above)
    while kept:
        bounds = np.r_[float(len(above)), totals[kept], 0.0]
        level_totals = -np.diff(bounds)
        worst = int(level_totals.argmin())
        if level_totals[worst] > slack:
            break
        neighbours = [cut for cut in (worst - 1, worst) if 0 <= cut < len(kept)]
        # The cut that is dropped joins the level to its smaller neighbour, which changes least.
        dropped.append(kept.pop(min(neighbours, key=lambda cut: level_totals[cut if cut < worst else cut + 1])))
    if not kept:
        raise CannotEstimate(_NO_SOLUTION)
    return kept, sorted(dropped)


def _merge_note(names: Sequence[float], dropped: Sequence[int]) -> tuple[str, ...]:
    if not dropped:
        return ()
    listed = ", ".join(f"{names[cut]:g} with {names[cut + 1]:g}" for cut in dropped)
    return (f"Score levels were merged because too few responses are estimated to have them: {listed}.",)


def _summed(data: ModelData, above: Floats) -> _Sums:
    pair, distinct = pd.factorize(data.clusters * len(data.patterns) + data.pattern)
    labels = np.asarray(distinct)
    gather = csr_array((np.ones(len(pair)), (pair, np.arange(len(pair)))), shape=(len(labels), len(pair)))
    return _Sums(
        patterns=data.patterns,
        pattern=labels % len(data.patterns),
        cluster=labels // len(data.patterns),
        count=np.bincount(pair, minlength=len(labels)).astype(float),
        above=np.asarray(gather @ above),
        n_clusters=data.n_clusters,
    )


def _solve(sums: _Sums) -> Floats:
    """Fisher steps, halved while thresholds are out of order or the quasi-likelihood falls."""
    count, above = sums.by_pattern()
    estimates = np.concatenate([_start(above.sum(axis=0) / count.sum()), np.zeros(sums.patterns.shape[1])])
    n_cuts = above.shape[1]
    value = _quasi_likelihood(count, above, sums.patterns, estimates)
    for _ in range(MOST_ITERATIONS):
        gradient = _pattern_scores(count, above, sums.patterns, estimates).sum(axis=0)
        information = np.einsum("m,mab->ab", count, pattern_information(sums.patterns, estimates))
        if not np.isfinite(information).all() or np.linalg.matrix_rank(information, hermitian=True) < len(estimates):
            break
        step = np.linalg.solve(information, gradient)
        for _ in range(MOST_HALVINGS):
            proposed = estimates + step
            if (np.diff(proposed[:n_cuts]) < -_SMALLEST_GAP).all():
                reached = _quasi_likelihood(count, above, sums.patterns, proposed)
                if reached >= value - 1e-10 * (1 + abs(value)):
                    break
            step = step / 2
        else:
            break
        estimates, value = proposed, reached
        if np.abs(estimates[n_cuts:]).max(initial=0.0) > LARGEST_SLOPE:
            break
        if np.abs(step).max() < STEP_TOLERANCE:
            return np.asarray(estimates)
    raise CannotEstimate(_NO_SOLUTION)


def _start(shares: Floats) -> Floats:
    """Thresholds of the overall shares, kept inside (0, 1) and in order."""
    inside = np.minimum.accumulate(np.clip(shares, 0.01, 0.99)) - 1e-4 * np.arange(len(shares))
    return np.asarray(logit(np.clip(inside, 1e-3, 0.999)) - 1e-6 * np.arange(len(shares)))


def _quasi_likelihood(count: Floats, above: Floats, patterns: Floats, estimates: Floats) -> float:
    """Sum of estimated level counts, negative ones included, times log probabilities; its gradient is the score."""
    _, chance = probabilities(patterns, estimates[None, :])
    bounds = np.column_stack([count, above, np.zeros(len(count))])
    return float((-np.diff(bounds, axis=1) * np.log(chance[0])).sum())


def _pattern_scores(count: Floats, above: Floats, patterns: Floats, estimates: Floats) -> Floats:
    """D' V^-1 (exceedances less what is expected), one row for each row of ``patterns``, shape (m, q)."""
    expected, chance = (part[0] for part in probabilities(patterns, estimates[None, :]))
    residual = above - count[:, None] * expected
    inverse = 1 / chance
    # V^-1 of cumulative indicators is tridiagonal, with the inverse level probabilities for its elements.
    solved = residual * (inverse[:, :-1] + inverse[:, 1:])
    solved[:, 1:] -= residual[:, :-1] * inverse[:, 1:-1]
    solved[:, :-1] -= residual[:, 1:] * inverse[:, 1:-1]
    of_cuts = expected * (1 - expected) * solved
    return np.column_stack([of_cuts, of_cuts.sum(axis=1)[:, None] * patterns])


def _influence(sums: _Sums, estimates: Floats, *, bias_reduced: bool) -> Floats:
    """What each cluster contributes to the estimates, shape (g, q)."""
    rows = sums.patterns[sums.pattern]
    scores = sums.by_cluster(_pattern_scores(sums.count, sums.above, rows, estimates))
    each = pattern_information(sums.patterns, estimates)
    count, _ = sums.by_pattern()
    total = np.einsum("m,mab->ab", count, each)
    if not bias_reduced:
        return influence_of(total, None, scores)
    size = len(estimates)
    weighted = sums.count[:, None] * each.reshape(len(each), -1)[sums.pattern]
    return influence_of(total, sums.by_cluster(weighted).reshape(-1, size, size), scores)
