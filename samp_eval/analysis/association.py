"""Working association of an ordinal GEE: one global odds ratio between any two observations of a cluster."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from statsmodels.genmod.cov_struct import CategoricalCovStruct

from samp_eval.analysis.terms import Floats

__all__ = ["ExchangeableOddsRatio", "joint_probability"]

LARGEST_LOG_ODDS_RATIO = float(np.log(1e4))
"""Where all pairs agree the odds ratio is infinite; the working value stops here."""

_MOST_STEPS = 100
_LARGEST_SWING = 0.5
_STEP_TOLERANCE = 1e-10
_BLOCK = 1_000_000
_NEARER = 0.8
_SETTLED = 1e-6


def joint_probability(first: Floats, second: Floats, odds_ratio: float) -> Floats:
    """P(both exceed their cut points), from the two margins and the global odds ratio.

    Parameters
    ----------
    first, second : ndarray
        Marginal probabilities, broadcast against each other.
    odds_ratio : float
        Positive.

    Returns
    -------
    ndarray

    Notes
    -----
    The root of Plackett's quadratic in the form that does not divide by ``odds_ratio - 1``.

    References
    ----------
    Plackett RL. A class of bivariate distributions. JASA 1965;60:516-22.
    """
    excess = odds_ratio - 1
    linear = 1 + (first + second) * excess
    product = first * second
    return 2 * odds_ratio * product / (linear + np.sqrt(linear**2 - 4 * odds_ratio * excess * product))


class ExchangeableOddsRatio(CategoricalCovStruct):  # type: ignore[misc]  # statsmodels has no types
    """One global odds ratio for all pairs of observations of a cluster and all pairs of cut points.

    The log odds ratio solves the second estimating equation of Heagerty and Zeger (1996): over pairs of observations
    and of cut points, cross products of exceedances less their expectation, weighted by the derivative over the
    Bernoulli variance of the cross product (working independence of the cross products, Prentice 1988). No table of
    counts is logged or divided by, so sparse and empty tables do no harm, as they do in ``GlobalOddsRatio``.

    Attributes
    ----------
    dep_params : float
        The odds ratio; 1 before the first update, and where no cluster holds two observations.
    held_back : bool
        Whether a negative association was brought nearer to none, so that every working covariance is one.
    settled : bool
        Whether the last step left the mean parameters where they were.

    References
    ----------
    Heagerty PJ, Zeger SL. Marginal regression models for clustered ordinal measurements. JASA 1996;91:1024-36.
    Prentice RL. Correlated binary regression with covariates specific to each binary observation. Biometrics
    1988;44:1033-48.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dep_params = 1.0
        self.held_back = False
        self.settled = False
        self._last_params: Floats | None = None
        self._lowest = -LARGEST_LOG_ODDS_RATIO
        self._damping = 1.0
        self._last_change = 0.0
        self._by_size: list[tuple[NDArray[np.int64], Floats]] = []

    @property
    def has_pairs(self) -> bool:
        """Whether any cluster holds two observations."""
        return bool(self._by_size)

    @property
    def at_bound(self) -> bool:
        """Whether the odds ratio ran into its working limit."""
        return bool(abs(np.log(self.dep_params)) > LARGEST_LOG_ODDS_RATIO - _STEP_TOLERANCE)

    def initialize(self, model: Any) -> None:
        """Group the clusters by size, so that clusters of one size are handled as one array."""
        super().initialize(model)
        sizes = np.array([len(rows) for rows in model.endog_li])
        self._by_size = []
        for size in np.unique(sizes[sizes > self._ncut]):
            members = np.flatnonzero(sizes == size)
            per_block = max(1, int(_BLOCK // size**2))
            for first in range(0, len(members), per_block):
                block = members[first : first + per_block]
                self._by_size.append((block, np.stack([model.endog_li[index] for index in block])))

    def update(self, params: ArrayLike) -> None:
        """Solve the association equation at the current means, by Fisher scoring.

        Means and association are solved in turns. Where the association swings to and fro between the turns
        and the swings do not shrink, they are halved: the point that both equations agree on is the same.
        """
        now = np.array(params, dtype=float)
        if self._last_params is not None:
            self.settled = bool(np.abs(now - self._last_params).max() < _SETTLED)
        self._last_params = now
        if not self._by_size:
            return
        means = [np.stack([self.model.cached_means[index][0] for index in block]) for block, _ in self._by_size]
        before = theta = float(np.log(self.dep_params))
        for _ in range(_MOST_STEPS):
            step = float(np.clip(self._step(theta, means), -1, 1))
            moved = float(np.clip(theta + step, -LARGEST_LOG_ODDS_RATIO, LARGEST_LOG_ODDS_RATIO))
            change, theta = abs(moved - theta), moved
            if change < _STEP_TOLERANCE:
                break
        change = theta - before
        if self._last_change * change < 0 and abs(change) > _LARGEST_SWING * abs(self._last_change):
            self._damping /= 2
        self._last_change = self._damping * change
        self.dep_params = float(np.exp(self._feasible(before + self._last_change)))

    def _feasible(self, theta: float) -> float:
        """Bring a negative association nearer to none until every cluster's working covariance is one.

        Many responses cannot all be opposed to each other: a cluster of n allows correlations down to -1 / (n - 1).
        """
        self.held_back = theta < self._lowest
        theta = max(theta, self._lowest)
        for _ in range(_MOST_STEPS):
            if theta >= 0 or self._definite(theta):
                break
            self.held_back, theta = True, _NEARER * theta
            self._lowest = theta  # once and for all, so that the turns settle
        return theta

    def _definite(self, theta: float) -> bool:
        kept, self.dep_params = self.dep_params, float(np.exp(theta))
        try:
            for index, (means, _) in enumerate(self.model.cached_means):
                np.linalg.cholesky(self.covariance_matrix(means, index)[0])
        except np.linalg.LinAlgError:
            return False
        finally:
            self.dep_params = kept
        return True

    def covariance_matrix(self, expected_value: ArrayLike, index: int) -> tuple[Floats, bool]:
        """Working covariance of the exceedances of one cluster."""
        means = np.asarray(expected_value, dtype=float)
        together = joint_probability(means[:, None], means[None, :], self.dep_params)
        cuts = self._ncut
        for first, last in pairwise(range(0, len(means) + 1, cuts)):
            own = means[first:last]
            together[first:last, first:last] = np.minimum.outer(own, own)
        return together - np.outer(means, means), False

    def summary(self) -> str:
        """One line of text."""
        return f"Global odds ratio, exchangeable: {self.dep_params:.3f}"

    def _step(self, theta: float, means: list[Floats]) -> float:
        score, information = 0.0, 0.0
        for (_, observed), expected in zip(self._by_size, means, strict=True):
            part = self._equation(theta, observed, expected)
            score, information = score + part[0], information + part[1]
        return score / information

    def _equation(self, theta: float, observed: Floats, expected: Floats) -> tuple[float, float]:
        """Score and information of ``theta`` over clusters of one size; arrays (clusters, rows x cuts)."""
        size, cuts = observed.shape[1] // self._ncut, np.arange(self._ncut)
        one, other = np.tril_indices(size, -1)
        at_one = (one[:, None, None] * self._ncut + cuts[:, None] + 0 * cuts).ravel()
        at_other = (other[:, None, None] * self._ncut + 0 * cuts[:, None] + cuts).ravel()
        first, second = expected[:, at_one], expected[:, at_other]
        both = joint_probability(first, second, float(np.exp(theta)))
        # By the implicit function of the odds ratio, d both / d theta is the inverse of the summed inverse cells.
        cells = (both, first - both, second - both, 1 - first - second + both)
        slope = 1 / sum(1 / np.maximum(cell, np.finfo(float).tiny) for cell in cells)
        weighted = slope / (both * (1 - both))
        residual = observed[:, at_one] * observed[:, at_other] - both
        return float((weighted * residual).sum()), float((weighted * slope).sum())
