"""An ordinal GEE whose working association is one global odds ratio between any two observations of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from samp_eval.statistics.gee.estimable import ModelData
from samp_eval.statistics.gee.sandwich import influence_of
from samp_eval.statistics.gee.terms import Covariance, Floats

__all__ = ["ExchangeableFit", "fit_exchangeable", "joint_probability"]

LARGEST_LOG_ODDS_RATIO = float(np.log(1e4))
"""Where all pairs agree the odds ratio is infinite; the working value stops here."""

# The figures beside these constants come from benchmarks/analysis/association_damping.py, which changes one at a time
# on 120 data sets each of three kinds. None of them moves a solution by more than 1e-8; all steps are zero there.

MOST_ITERATIONS = 1000
"""Studies take 14 at the median and 22 at most, twelve pairs that agree almost always 27 and 184."""

STEP_TOLERANCE = 1e-9
"""Largest change of a parameter and of the log odds ratio in the last iteration; far below any standard error."""

_NO_PAIRS = "No cluster holds two responses, so the association odds ratio was left at 1."

_LARGEST_SWING = 0.5
"""Share of the last step from which on a step that turns back is halved. Without halving 7 of 119 such sets of pairs
never settle; with any share from 0 to 1 all do."""

_RECOVERY = 1.5
"""Growth of a halved step while steps go one way. Without growth it takes twice the iterations; 1.2 to 4 are alike."""

_LASTING = 0.9
"""Share of its former size up to which a step may grow after each halving, so that halving and growing cannot alternate
for ever. No data set is known that does so; the price is one or two iterations."""

_SINGULAR = 1e-3
"""Share of the diagonal without which a working covariance must still be one. At 0 the odds ratio runs to where the
equations have no solution: of 120 studies of clusters that are opposed as far as possible, 115 would be refused."""

_MOST_TOO_FAR = 20
"""Steps too far that are shortened before their goal is given up for good. A first step can go where no
solution lies; from 0 to 100 the log odds ratio that is held differs by 0.004."""

_NEARER = 0.8
"""Share of a log odds ratio that is tried next where it does not exist: how finely the edge is found. At 0.95 the log
odds ratio that is held differs by up to 0.09, at 0.5 by up to 0.2."""

_NEAREST = -1e-6
"""A log odds ratio between this and 0 is 0."""

_BLOCK = 1_000_000
"""Numbers in the working covariances of a block: eight megabytes for each of the arrays of its size."""


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


@dataclass(frozen=True, slots=True)
class ExchangeableFit:
    """Where both estimating equations hold.

    Attributes
    ----------
    estimates : ndarray, shape (k - 1 + p,)
        Thresholds of logit P(Y > level), then slopes.
    covariance : ndarray, shape (k - 1 + p, k - 1 + p)
        Of the kind asked for.
    odds_ratio : float
        1 where no cluster holds two observations.
    notes : tuple of str
        Why the odds ratio is not the solution of its equation, where it is not.
    """

    estimates: Floats
    covariance: Floats
    odds_ratio: float
    notes: tuple[str, ...]


def fit_exchangeable(data: ModelData, start: Floats, covariance: Covariance) -> ExchangeableFit | None:
    """Solve for the means and for one global odds ratio of all pairs of observations and of cut points, by turns.

    Parameters
    ----------
    data : ModelData
    start : ndarray, shape (k - 1 + p,)
        The estimates under independence.
    covariance : {"robust", "bias_reduced", "naive"}

    Returns
    -------
    ExchangeableFit or None
        None where the iterations do not settle.

    Notes
    -----
    The log odds ratio solves the second estimating equation of Prentice (1988), with the global odds ratio of Heagerty
    and Zeger (1996): over pairs of observations and of cut points, products of two residuals less their expectation,
    weighted by its derivative over the variance of the product (working independence of the products). So it does not
    matter which end of the scale is called high. No table of counts is logged or divided by, so sparse and empty tables
    do no harm, as they do in statsmodels' ``GlobalOddsRatio``.

    Clusters with the same design rows have the same working covariance, which is inverted once for all of them.

    References
    ----------
    Heagerty PJ, Zeger SL. Marginal regression models for clustered ordinal measurements. JASA 1996;91:1024-36.
    Prentice RL. Correlated binary regression with covariates specific to each binary observation. Biometrics
    1988;44:1033-48.
    """
    blocks = list(_blocks(data))
    has_pairs = any(block.size > 1 for block in blocks)
    estimates, association, damping = start.copy(), _Association(), _Damping(len(start))
    for _ in range(MOST_ITERATIONS):
        try:
            step = _mean_step(blocks, estimates, association.log_odds_ratio)
        except np.linalg.LinAlgError:
            return None
        estimates = estimates + damping.damped(step)
        change = association.iterate(blocks, estimates) if has_pairs else 0.0
        if max(np.abs(step).max(), abs(change)) < STEP_TOLERANCE:
            odds_ratio = float(np.exp(association.log_odds_ratio))
            spread = _covariance(blocks, estimates, association.log_odds_ratio, covariance)
            return ExchangeableFit(estimates, spread, odds_ratio, association.notes if has_pairs else (_NO_PAIRS,))
    return None


@dataclass(frozen=True, slots=True)
class _Block:
    """Clusters of one size: d distinct designs of n rows, and the exceedances of k - 1 cut points (m = n (k - 1)).

    Attributes
    ----------
    members : ndarray of int, shape (b,)
        The clusters, those of one design together.
    bounds : ndarray of int, shape (d + 1,)
        Where the clusters of each design begin among them.
    design : ndarray, shape (d, n, p)
    observed : ndarray, shape (b, m)
        Exceedances, 0 or 1.
    """

    members: NDArray[np.int64]
    bounds: NDArray[np.int64]
    design: Floats
    observed: Floats

    @property
    def size(self) -> int:
        return int(self.design.shape[1])

    @property
    def n_cuts(self) -> int:
        return int(self.observed.shape[1]) // self.size

    @property
    def spans(self) -> tuple[list[int], list[int]]:
        """Where the clusters of each design begin among the members, and where they end."""
        return self.bounds[:-1].tolist(), self.bounds[1:].tolist()

    @property
    def times(self) -> Floats:
        """How many clusters have each design, shape (d,)."""
        return np.diff(self.bounds).astype(float)

    @property
    def sums(self) -> Floats:
        """Exceedances summed over the clusters of each design, shape (d, m)."""
        return np.add.reduceat(self.observed, self.bounds[:-1], axis=0)

    def means(self, estimates: Floats) -> Floats:
        """Expected exceedances of each design, shape (d, m)."""
        logits = estimates[: self.n_cuts] + (self.design @ estimates[self.n_cuts :])[:, :, None]
        return np.asarray(expit(logits)).reshape(len(self.design), -1)

    def working_covariance(self, means: Floats, log_odds_ratio: float) -> Floats:
        """Of the exceedances of each design, shape (d, m, m)."""
        first, second = means[:, :, None], means[:, None, :]
        together = joint_probability(first, second, float(np.exp(log_odds_ratio)))
        for begin in range(0, means.shape[1], self.n_cuts):
            own = slice(begin, begin + self.n_cuts)
            together[:, own, own] = np.minimum(first[:, own], second[:, :, own])
        together -= first * second
        return together

    def information(self, estimates: Floats, log_odds_ratio: float) -> tuple[Floats, Floats]:
        """Information of one cluster of each design, (d, q, q), and the weights of its residuals, (d, m, q)."""
        means = self.means(estimates)
        slope = (means * (1 - means)).reshape(len(means), self.size, self.n_cuts, 1)
        of_cuts = slope * np.eye(self.n_cuts)
        derivative = np.concatenate([of_cuts, slope * self.design[:, :, None, :]], axis=3)
        derivative = derivative.reshape(len(means), means.shape[1], -1)
        weights = np.linalg.solve(self.working_covariance(means, log_odds_ratio), derivative)
        return derivative.transpose(0, 2, 1) @ weights, weights

    def association_step(self, means: Floats, log_odds_ratio: float) -> tuple[float, float]:
        """Score and information of the log odds ratio, over all pairs of rows of a cluster, each counted twice."""
        first, second = np.broadcast_arrays(means[:, :, None], means[:, None, :])
        both = joint_probability(first, second, float(np.exp(log_odds_ratio)))
        # By the implicit function of the odds ratio, d both / d theta is the inverse of the summed inverse cells.
        cells = (both, first - both, second - both, 1 - first - second + both)
        slope = 1 / sum(1 / np.maximum(cell, np.finfo(float).tiny) for cell in cells)
        expected = both - first * second
        variance = first * (1 - first) * second * (1 - second)
        variance += (1 - 2 * first) * (1 - 2 * second) * expected - expected**2
        weighted = slope / variance
        row = np.arange(means.shape[1]) // self.n_cuts
        weighted[:, row[:, None] == row] = 0.0
        residuals = (self.observed[begin:end] - mean for begin, end, mean in zip(*self.spans, means, strict=True))
        products = np.stack([own.T @ own for own in residuals])
        times = self.times[:, None, None]
        return float((weighted * (products - times * expected)).sum()), float((times * weighted * slope).sum())


def _blocks(data: ModelData) -> Iterator[_Block]:
    """Group the clusters by size and design."""
    order = np.lexsort((data.pattern, data.clusters))
    sizes = np.bincount(data.clusters, minlength=data.n_clusters)
    starts = np.cumsum(sizes) - sizes
    n_cuts = len(data.levels) - 1
    for size in np.unique(sizes).tolist():
        members = np.flatnonzero(sizes == size)
        rows = order[starts[members][:, None] + np.arange(size)]
        kind = np.unique(data.pattern[rows], axis=0, return_inverse=True)[1].ravel()
        together = np.argsort(kind, kind="stable")
        members, rows = members[together], rows[together]
        bounds = np.append(np.flatnonzero(np.diff(kind[together], prepend=-1)), len(members))
        per_block = max(1, _BLOCK // max(size * n_cuts, n_cuts + data.design.shape[1]) ** 2)
        for first in range(0, len(bounds) - 1, per_block):
            of_block = bounds[first : first + per_block + 1]
            part = slice(of_block[0], of_block[-1])
            exceeds = data.codes[rows[part]][:, :, None] > np.arange(n_cuts)
            yield _Block(
                members[part],
                of_block - of_block[0],
                data.design[rows[of_block[:-1]]],
                exceeds.reshape(len(exceeds), -1).astype(float),
            )


class _Damping:
    """Halve steps that swing to and fro without shrinking; let them grow again, but never quite, where they go one way.

    The point where all steps are zero is the same; without it strong associations are never reached.
    """

    def __init__(self, size: int) -> None:
        self._share = self._most = 1.0
        self._last: Floats = np.zeros(size)

    def damped(self, step: Floats) -> Floats:
        turned = float(step @ self._last)
        if turned < 0 and np.linalg.norm(step) > _LARGEST_SWING * np.linalg.norm(self._last):
            self._share, self._most = self._share / 2, _LASTING * self._most
        elif turned > 0:
            self._share = min(self._most, _RECOVERY * self._share)
        self._last = self._share * step
        return self._last


class _Association:
    """The log odds ratio from iteration to iteration."""

    def __init__(self) -> None:
        self.log_odds_ratio = 0.0
        self.held_back = False
        self._lowest = -LARGEST_LOG_ODDS_RATIO
        self._too_far = 0
        self._damping = _Damping(1)

    @property
    def notes(self) -> tuple[str, ...]:
        if self.log_odds_ratio >= LARGEST_LOG_ODDS_RATIO:
            return (
                "Responses within clusters agree almost perfectly; the association odds ratio was held at its limit.",
            )
        if self.log_odds_ratio <= -LARGEST_LOG_ODDS_RATIO:
            return (
                "Responses within clusters are opposed to each other almost perfectly; the association odds ratio was "
                "held at its limit.",
            )
        if self.held_back:
            return (
                "Responses within clusters are opposed to each other more than clusters of this size can be; the "
                "association odds ratio was held where the working covariance exists. Prefer the independence "
                "association.",
            )
        return ()

    def iterate(self, blocks: list[_Block], estimates: Floats) -> float:
        """Take one step of Fisher scoring at the present means; returns how far the whole step would have gone."""
        means = [block.means(estimates) for block in blocks]
        parts = [
            block.association_step(expected, self.log_odds_ratio)
            for block, expected in zip(blocks, means, strict=True)
            if block.size > 1
        ]
        score, information = (sum(part) for part in zip(*parts, strict=True))
        change = float(np.clip(score / information, -1, 1))
        before = self.log_odds_ratio
        self._move(before + float(self._damping.damped(np.array([change]))[0]), blocks, means)
        return float(np.clip(before + change, self._lowest, LARGEST_LOG_ODDS_RATIO)) - before

    def _move(self, wanted: float, blocks: list[_Block], means: list[Floats]) -> None:
        """Go there, or as near to it as every working covariance is one.

        Many responses cannot all be opposed to each other: a cluster of n allows correlations down to -1 / (n - 1).
        The first times that a step goes too far it is shortened; later its goal is given up for good.
        """
        before = self.log_odds_ratio
        self.held_back = wanted < self._lowest
        reached = float(np.clip(wanted, self._lowest, LARGEST_LOG_ODDS_RATIO))
        while reached < 0 and not _definite(blocks, means, reached):
            self._too_far += 1
            if reached < before and self._too_far <= _MOST_TOO_FAR:
                reached = (reached + before) / 2
            else:
                reached = _NEARER * max(reached, before) if reached < _NEAREST else 0.0
                self.held_back, self._lowest = True, reached
        self.log_odds_ratio = reached


def _definite(blocks: list[_Block], means: list[Floats], log_odds_ratio: float) -> bool:
    """Whether every working covariance is one, and not next to singular either."""
    try:
        for block, expected in zip(blocks, means, strict=True):
            working = block.working_covariance(expected, log_odds_ratio)
            diagonal = np.arange(working.shape[1])
            working[:, diagonal, diagonal] *= 1 - _SINGULAR
            np.linalg.cholesky(working)
    except np.linalg.LinAlgError:
        return False
    return True


def _mean_step(blocks: list[_Block], estimates: Floats, log_odds_ratio: float) -> Floats:
    """A step of Fisher scoring in the mean parameters; raises ``LinAlgError`` where there is none."""
    total, score = np.zeros((len(estimates), len(estimates))), np.zeros(len(estimates))
    for block in blocks:
        information, weights = block.information(estimates, log_odds_ratio)
        total += np.einsum("d,dab->ab", block.times, information)
        score += np.einsum("dmq,dm->q", weights, block.sums - block.times[:, None] * block.means(estimates))
    step = np.linalg.solve(total, score)
    if not np.isfinite(step).all():
        raise np.linalg.LinAlgError
    return np.asarray(step, dtype=np.float64)


def _covariance(blocks: list[_Block], estimates: Floats, log_odds_ratio: float, kind: Covariance) -> Floats:
    """Covariance of the estimates, shape (q, q)."""
    size = len(estimates)
    n_clusters = sum(len(block.members) for block in blocks)
    of_clusters, scores = np.empty((n_clusters, size, size)), np.empty((n_clusters, size))
    for block in blocks:
        information, weights = block.information(estimates, log_odds_ratio)
        means = block.means(estimates)
        for place, (first, last) in enumerate(zip(*block.spans, strict=True)):
            members = block.members[first:last]
            of_clusters[members] = information[place]
            scores[members] = (block.observed[first:last] - means[place]) @ weights[place]
    total = of_clusters.sum(axis=0)
    if kind == "naive":
        return np.asarray(np.linalg.inv(total))
    influence = influence_of(total, of_clusters if kind == "bias_reduced" else None, scores)
    return np.asarray(influence.T @ influence)
