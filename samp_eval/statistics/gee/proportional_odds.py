"""Does one odds ratio serve every cut point? A logistic GEE at each, and a Wald test that their slopes agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.estimable import FEWEST_CLUSTERS, SMALLEST_VARIANCE, ModelData, interval_for, prepare
from samp_eval.statistics.gee.sandwich import cluster_influence
from samp_eval.statistics.gee.solver import solve
from samp_eval.statistics.gee.terms import Floats, Term, wald_terms

__all__ = ["CutPoint", "ProportionalOddsCheck", "WaldTest", "check_proportional_odds", "no_gap"]

FEWEST_ON_A_SIDE = 20
"""Clusters that must hold a response on either side of a cut point for it to enter the test of all terms."""


@dataclass(frozen=True, slots=True)
class WaldTest:
    """A robust Wald test, with the small-sample reference of Hotelling's T squared.

    Attributes
    ----------
    tested : str
        A term, or ``all terms``.
    statistic : float
        Wald statistic of the hypothesis that the slopes agree.
    degrees_of_freedom, denominator : int
        d, the slopes that must agree, and clusters less d: statistic times denominator / (d (clusters - 1)) is
        referred to F(d, denominator). Chi-squared would reject far too often: with the study's eight slopes, 15 % of
        the time in 77 clusters and 46 % in 20, where 5 % was meant.
    p_value : float
        0 to 1.
    """

    tested: str
    statistic: float
    degrees_of_freedom: int
    denominator: int
    p_value: float


@dataclass(frozen=True, slots=True)
class CutPoint:
    """Odds ratios of scoring above one level.

    Attributes
    ----------
    above : float
        The level.
    terms : tuple of Term
        Odds ratios of scoring above it.
    """

    above: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class ProportionalOddsCheck:
    """Cut-point-wise odds ratios (the data of a picture) and the tests that they agree.

    Attributes
    ----------
    cut_points : tuple of CutPoint
        Odds ratios of scoring above each level.
    overall, by_term : WaldTest, tuple of WaldTest
        That all slopes agree over the cut points with enough clusters on either side (None where fewer than two have);
        that those of one term agree over all of them.
    warnings : tuple of str
        Cut points left out, and why.
    """

    cut_points: tuple[CutPoint, ...]
    overall: WaldTest | None
    by_term: tuple[WaldTest, ...]
    warnings: tuple[str, ...]


def check_proportional_odds(
    outcome: ArrayLike,
    design: pd.DataFrame,
    cluster: ArrayLike,
    *,
    covariance: Literal["robust", "bias_reduced"] = "bias_reduced",
    confidence: float = 0.95,
) -> ProportionalOddsCheck:
    """Fit a logistic GEE under independence at every cut point and test that the slopes are the same.

    Parameters
    ----------
    outcome, design, cluster
        As for :func:`samp_eval.analysis.fit_ordinal_gee`.
    covariance : {"bias_reduced", "robust"}
        Of the slopes, within and between cut points; bias-reduced (Mancl and DeRouen) keeps the tests near their level.
    confidence : float
        Coverage of the intervals, between 0 and 1.

    Returns
    -------
    ProportionalOddsCheck
        Odds ratios at every cut point, and the tests that they agree.

    Raises
    ------
    CannotEstimate
        Two levels only, or fewer than two cut points that have estimates of their own.

    References
    ----------
    Brant R. Assessing proportionality in the proportional odds model for ordinal logistic regression. Biometrics
    1990;46:1171-8.
    Stiger TR, Barnhart HX, Williamson JM. Testing proportionality in the proportional odds model fitted with GEE. Stat
    Med 1999;18:1419-33.
    """
    data = prepare(outcome, design, cluster)
    if len(data.levels) == 2:
        raise CannotEstimate("With two score levels there is one cut point, so proportional odds hold by definition.")
    kept, left_out = _cut_points(data, bias_reduced=covariance == "bias_reduced")
    n_terms = len(data.names)
    if len(kept) < 2 or (len(kept) - 1) * n_terms >= data.n_clusters:
        raise CannotEstimate(
            f"Proportional odds cannot be checked: {len(kept)} of {len(data.levels) - 1} cut points have estimates of "
            f"their own, and there are {data.n_clusters} clusters. Group the score levels into fewer (none, some, all)."
        )
    slopes = np.array([fit[0] for fit in kept.values()])
    influence = np.hstack([fit[1] for fit in kept.values()])
    variances = influence.T @ influence
    test = partial(_equal_slopes, slopes=slopes, variances=variances, n_clusters=data.n_clusters)
    rows, told = _together(data, list(kept))
    parameters = [row * n_terms + place for row in rows for place in range(n_terms)]
    overall = (
        _equal_slopes(
            "all terms",
            list(range(n_terms)),
            slopes=slopes[rows],
            variances=variances[np.ix_(parameters, parameters)],
            n_clusters=data.n_clusters,
        )
        if len(rows) > 1
        else None
    )
    errors = np.sqrt(np.diag(variances)).reshape(slopes.shape)
    degrees_of_freedom = float(data.n_clusters - n_terms) if interval_for(data.n_clusters) == "t" else np.inf
    interval: dict[str, Any] = {"confidence": confidence, "degrees_of_freedom": degrees_of_freedom}
    return ProportionalOddsCheck(
        cut_points=tuple(
            CutPoint(data.levels[cut], wald_terms(data.names, slopes[row], errors[row], **interval))
            for row, cut in enumerate(kept)
        ),
        overall=overall,
        by_term=tuple(test(name, [place]) for place, name in enumerate(data.names)),
        warnings=(*left_out, *told),
    )


def _cut_points(data: ModelData, *, bias_reduced: bool) -> tuple[dict[int, tuple[Floats, Floats]], tuple[str, ...]]:
    """Fits of the cut points that have one and that enough clusters tell from the one before; why others are left out.

    A level that occurs in one question only makes two cut points of all but the same responses: how far their slopes
    differ would rest on that question.
    """
    kept: dict[int, tuple[Floats, Floats]] = {}
    left_out = []
    needed = max(FEWEST_CLUSTERS, len(data.names) + 1)
    for cut in range(len(data.levels) - 1):
        fit = _logistic(data, cut, bias_reduced=bias_reduced)
        before = max(kept, default=-1)
        between = len(np.unique(data.clusters[(data.codes > before) & (data.codes <= cut)]))
        if fit is not None and (before < 0 or between >= needed):
            kept[cut] = fit
            continue
        why = (
            "too few responses on one side of it"
            if fit is None
            else f"only {between} cluster{'s have' if between != 1 else ' has'} a score above {data.levels[before]:g} "
            f"and up to {data.levels[cut]:g}"
        )
        left_out.append(f"The cut point above {data.levels[cut]:g} is left out: {why}.")
    return kept, tuple(left_out)


def _together(data: ModelData, cuts: list[int]) -> tuple[list[int], tuple[str, ...]]:
    """Places of the cut points at which all terms can be tested together, and what is to be said of the others.

    Where few clusters hold any response on one side of a cut point, the joint test rejects far too often: 15 to 28 % of
    studies of 77 questions instead of 5, and 5 to 10 % with these cut points left out; single terms keep their level.
    """
    needed = min(FEWEST_ON_A_SIDE, data.n_clusters // 2)
    sides = [min(len(np.unique(data.clusters[side])) for side in (data.codes > cut, data.codes <= cut)) for cut in cuts]
    rows = [row for row, count in enumerate(sides) if count >= needed]
    if len(rows) == len(cuts):
        return rows, ()
    tested = f"at {len(rows)} of {len(cuts)} cut points" if len(rows) > 1 else "nowhere"
    why = f"elsewhere fewer than {needed} clusters have a score on one side, and the joint test would reject too often"
    return rows, (f"All terms are tested together {tested}: {why}.",)


def _logistic(data: ModelData, cut: int, *, bias_reduced: bool) -> tuple[Floats, Floats] | None:
    """Slopes (p,) and the influence of each cluster on them (g, p); None where they do not exist."""
    cells = data.cells((data.codes > cut).astype(np.int64), 2)
    solution = solve(cells.counts, cells.patterns)
    if not solution.converged[0]:
        return None
    estimates = solution.estimates[0]
    influence = cluster_influence(cells, estimates, bias_reduced=bias_reduced)[:, 1:]
    in_ranges = (influence**2).sum(axis=0) * np.ptp(data.patterns, axis=0) ** 2
    return (estimates[1:], influence) if (in_ranges > SMALLEST_VARIANCE).all() else None


def _equal_slopes(tested: str, terms: list[int], *, slopes: Floats, variances: Floats, n_clusters: int) -> WaldTest:
    n_cuts, n_terms = slopes.shape
    contrast = np.kron(np.column_stack([-np.ones(n_cuts - 1), np.eye(n_cuts - 1)]), np.eye(n_terms)[terms])
    return no_gap(tested, contrast @ slopes.ravel(), contrast @ variances @ contrast.T, n_clusters)


def no_gap(tested: str, gap: Floats, spread: Floats, n_clusters: int) -> WaldTest:
    """Test that differences of slopes (d,) with this covariance (d, d) are all nought.

    Raises
    ------
    CannotEstimate
        Where the covariance has not full rank.
    """
    errors = np.sqrt(np.diag(spread))
    rank = int(np.linalg.matrix_rank(spread / np.outer(errors, errors), hermitian=True)) if errors.all() else 0
    if rank < len(gap):
        raise CannotEstimate(
            f"Proportional odds cannot be checked ({tested}): the clusters show too few different patterns of scores "
            "to tell how uncertain the slopes at the cut points are."
        )
    statistic = float(gap @ np.linalg.solve(spread, gap))
    tested_slopes, rest = len(gap), n_clusters - len(gap)
    scaled = statistic * rest / (tested_slopes * (n_clusters - 1))
    return WaldTest(tested, statistic, tested_slopes, rest, float(fdtrc(tested_slopes, rest, scaled)))
