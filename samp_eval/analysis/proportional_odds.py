"""Does one odds ratio serve every cut point? A logistic GEE at each, and a Wald test that their slopes agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from samp_eval.analysis.cells import collapse
from samp_eval.analysis.estimable import ModelData, prepare
from samp_eval.analysis.sandwich import cluster_influence
from samp_eval.analysis.solver import solve
from samp_eval.analysis.terms import Floats, Term, wald_terms
from samp_eval.errors import CannotEstimate

__all__ = ["CutPoint", "ProportionalOddsCheck", "WaldTest", "check_proportional_odds"]


@dataclass(frozen=True, slots=True)
class WaldTest:
    """A robust Wald test.

    Attributes
    ----------
    tested : str
        A term, or ``all terms``.
    statistic : float
        Chi-squared under the hypothesis that the slopes agree.
    degrees_of_freedom : int
        Slopes that must agree.
    p_value : float
        0 to 1.
    """

    tested: str
    statistic: float
    degrees_of_freedom: int
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
        That all slopes agree over the cut points; that those of one term do.
    warnings : tuple of str
        Cut points left out, and why.
    """

    cut_points: tuple[CutPoint, ...]
    overall: WaldTest
    by_term: tuple[WaldTest, ...]
    warnings: tuple[str, ...]


def check_proportional_odds(
    outcome: ArrayLike, design: pd.DataFrame, cluster: ArrayLike, *, confidence: float = 0.95
) -> ProportionalOddsCheck:
    """Fit a logistic GEE under independence at every cut point and test that the slopes are the same.

    Parameters
    ----------
    outcome, design, cluster
        As for :func:`samp_eval.analysis.fit_ordinal_gee`.
    confidence : float
        Coverage of the intervals, between 0 and 1.

    Returns
    -------
    ProportionalOddsCheck
        Covariances within and between cut points are robust.

    Raises
    ------
    CannotEstimate
        Two levels only, or fewer than two cut points that have estimates.

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
    found = {cut: _logistic(data, cut) for cut in range(len(data.levels) - 1)}
    kept = {cut: fit for cut, fit in found.items() if fit is not None}
    n_terms = len(data.names)
    if len(kept) < 2 or (len(kept) - 1) * n_terms >= data.n_clusters:
        raise CannotEstimate(
            f"Proportional odds cannot be checked: {len(kept)} of {len(found)} cut points have estimates, and there "
            f"are {data.n_clusters} clusters. Group the score levels into fewer (none, some, all)."
        )
    slopes = np.array([fit[0] for fit in kept.values()])
    influence = np.hstack([fit[1] for fit in kept.values()])
    covariance = influence.T @ influence
    errors = np.sqrt(np.diag(covariance)).reshape(slopes.shape)
    return ProportionalOddsCheck(
        cut_points=tuple(
            CutPoint(data.levels[cut], wald_terms(data.names, slopes[row], errors[row], confidence=confidence))
            for row, cut in enumerate(kept)
        ),
        overall=_equal_slopes("all terms", slopes, covariance, list(range(n_terms))),
        by_term=tuple(_equal_slopes(name, slopes, covariance, [place]) for place, name in enumerate(data.names)),
        warnings=tuple(
            f"The cut point above {data.levels[cut]:g} is left out: too few responses on one side of it."
            for cut in found
            if cut not in kept
        ),
    )


def _logistic(data: ModelData, cut: int) -> tuple[Floats, Floats] | None:
    """Slopes (p,) and the influence of each cluster on them (g, p); None where they do not exist."""
    cells = collapse((data.codes > cut).astype(np.int64), data.design, data.clusters, 2)
    solution = solve(cells.counts, cells.patterns)
    if not solution.converged[0]:
        return None
    estimates = solution.estimates[0]
    return estimates[1:], cluster_influence(cells, estimates)[:, 1:]


def _equal_slopes(tested: str, slopes: Floats, covariance: Floats, terms: list[int]) -> WaldTest:
    n_cuts, n_terms = slopes.shape
    contrast = np.kron(np.column_stack([-np.ones(n_cuts - 1), np.eye(n_cuts - 1)]), np.eye(n_terms)[terms])
    gap = contrast @ slopes.ravel()
    statistic = float(gap @ np.linalg.pinv(contrast @ covariance @ contrast.T, hermitian=True) @ gap)
    return WaldTest(tested, statistic, len(gap), float(stats.chi2.sf(statistic, len(gap))))
