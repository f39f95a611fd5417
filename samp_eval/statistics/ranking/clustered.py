"""Estimates with what each cluster contributes to their error: covariance, intervals and simultaneous bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.estimable import FEW_CLUSTERS

__all__ = ["ClusteredEstimate", "by_cluster", "resampling_weights"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NO_ERROR = 1e-10
"""A standard error below this is none: rounding of means of numbers up to 1."""
_NUMBERS_IN_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class ClusteredEstimate:
    """Some estimates whose errors are sums over independent clusters.

    Attributes
    ----------
    values : ndarray, shape (m,)
    influence : ndarray, shape (g, m)
        What each cluster adds to the error of each estimate; columns sum to 0.
    n_drawn : int or None
        How many clusters have marks, where the others are predicted; None where all have.
    """

    values: Floats
    influence: Floats
    n_drawn: int | None = None

    @property
    def covariance(self) -> Floats:
        """Shape (m, m), with the factor g / (g - 1)."""
        return np.asarray(self._factor * self.influence.T @ self.influence)

    @property
    def standard_errors(self) -> Floats:
        """Shape (m,); 0 where all clusters say the same."""
        errors = np.sqrt(self._factor * (self.influence**2).sum(axis=0))
        return np.where(errors > _NO_ERROR, errors, 0.0)

    @property
    def _factor(self) -> float:
        clusters = len(self.influence)
        if clusters < 2:
            raise CannotEstimate("One question alone gives no standard error. Use more questions.")
        return clusters / (clusters - 1)

    @property
    def degrees_of_freedom(self) -> float:
        """Of t: clusters less 1 where these are few, else infinite (normal); drawn clusters less 1 of a draw."""
        if self.n_drawn is not None:
            return float(self.n_drawn - 1)
        clusters = len(self.influence)
        return float(clusters - 1) if clusters < FEW_CLUSTERS else np.inf

    def combined(self, weights: ArrayLike) -> ClusteredEstimate:
        """Linear combinations of the estimates; ``weights`` has shape (k, m)."""
        matrix = np.asarray(weights, dtype=float)
        return ClusteredEstimate(matrix @ self.values, self.influence @ matrix.T, self.n_drawn)

    def differences(self) -> ClusteredEstimate:
        """Every estimate less every later one, in the order of ``numpy.triu_indices(m, 1)``."""
        first, second = np.triu_indices(len(self.values), 1)
        return ClusteredEstimate(
            self.values[first] - self.values[second],
            self.influence[:, first] - self.influence[:, second],
            self.n_drawn,
        )

    def intervals(self, confidence: float) -> tuple[Floats, Floats]:
        """Lower and upper bounds of each estimate on its own."""
        reach = float(stdtrit(self.degrees_of_freedom, 0.5 + confidence / 2)) * self.standard_errors
        return self.values - reach, self.values + reach

    def p_values(self, null: float = 0.0) -> Floats:
        """Two-sided, of each estimate against ``null``; 1 where an estimate without error equals it."""
        return np.asarray(2 * stdtr(self.degrees_of_freedom, -np.abs(self.standardised(null))))

    def standardised(self, null: float = 0.0) -> Floats:
        """Distance from ``null`` in standard errors; infinite where a different estimate has no error."""
        return _ratio(self.values - null, self.standard_errors)

    def largest_deviations(self, draws: int, seed: int) -> Floats:
        """Largest distance of any estimate from the truth, in its own standard errors, as the bootstrap has it.

        Clusters are drawn with replacement; every draw has its own standard errors.

        Returns
        -------
        ndarray, shape (draws,)
            Infinite where a draw repeats so few clusters that an estimate has no error.
        """
        clusters, size = self.influence.shape
        squares = self.influence**2
        chunk = max(1, _NUMBERS_IN_CHUNK // max(clusters, size))
        weights = resampling_weights(clusters, draws, seed)
        found = np.zeros(draws)
        for start in range(0, draws, chunk):
            drawn = weights[start : start + chunk].astype(float)
            shift = drawn @ self.influence
            variance = self._factor * np.maximum(drawn @ squares - shift**2 / clusters, 0.0)
            errors = np.where(variance > _NO_ERROR**2, np.sqrt(variance), 0.0)
            found[start : start + chunk] = np.abs(_ratio(shift, errors)).max(axis=1, initial=0.0)
        return found


def by_cluster(of_question: Floats, cluster: Integers | None) -> Floats:
    """Sum what questions contribute over their clusters; shape (questions, m) to (g, m)."""
    if cluster is None:
        return of_question
    summed = np.zeros((int(cluster.max()) + 1, of_question.shape[1]))
    np.add.at(summed, cluster, of_question)
    return summed


def resampling_weights(clusters: int, draws: int, seed: int) -> Integers:
    """How often each cluster is drawn in each bootstrap sample, shape (draws, clusters)."""
    return np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=draws)


def _ratio(difference: Floats, error: Floats) -> Floats:
    """Difference over error; 0 where both are nothing, infinite where only the error is."""
    difference = np.where(np.abs(difference) > _NO_ERROR, difference, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0.0, difference / error)
