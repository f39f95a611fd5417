"""What a fit returns: terms with their odds ratios, and the fit that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.literals import Association, Covariance

__all__ = [
    "ROUNDING",
    "Association",
    "Covariance",
    "Engine",
    "Floats",
    "Interval",
    "OrdinalGeeFit",
    "Term",
    "combined_errors",
    "rows_without_cluster",
    "wald_terms",
]

Interval = Literal["normal", "t"]
Engine = Literal["statsmodels", "vectorised"]
Floats = NDArray[np.float64]

ROUNDING = 1e-9
"""A variance that is smaller than this share of the parts that it is made of is none."""


@dataclass(frozen=True, slots=True)
class Term:
    """One slope of the model, on the scale of log odds and of odds.

    Attributes
    ----------
    term : str
        Column of the design.
    reference : str
        What the column is compared with; empty when it was not given.
    odds_ratio, ci_low, ci_high : float
        Odds of a higher score, over those of the reference; above 1 means higher scores.
    log_odds_ratio, standard_error : float
        The slope and its standard error, natural logarithm.
    z : float
        Slope over its standard error.
    p_value : float
        Two-sided, 0 to 1.
    """

    term: str
    reference: str
    odds_ratio: float
    ci_low: float
    ci_high: float
    log_odds_ratio: float
    standard_error: float
    z: float
    p_value: float


@dataclass(frozen=True, slots=True)
class OrdinalGeeFit:
    """A cumulative logit model fitted by generalised estimating equations.

    Attributes
    ----------
    terms : tuple of Term
        The slopes, in the order of the design's columns.
    thresholds : tuple of float
        Per level but the highest: the logit of P(Y > level) where every design column is 0; decreasing.
    covariance_matrix : ndarray, shape (p, p)
        Covariance of the slopes, of the kind named by ``covariance``.
    parameter_covariance : ndarray, shape (k - 1 + p, k - 1 + p)
        Covariance of the thresholds followed by the slopes, same kind.
    association_odds_ratio : float or None
        The global odds ratio between two observations of one cluster; None under independence.
    levels : tuple of float
        The k score levels that occur, ascending.
    n_observations, n_clusters : int
        Rows and clusters used.
    converged : bool
        Always True: a fit that does not converge raises.
    warnings : tuple of str
        Sentences that belong beside the result.
    association, covariance : str
        The choices that were made.
    interval : str
        ``normal`` or ``t``: the distribution behind the intervals and p values, as chosen or by the number of clusters.
    degrees_of_freedom : float
        Of the t distribution (clusters less slopes); infinite for ``normal``.
    confidence : float
        Coverage that the intervals aim for, 0 to 1.
    engine : str
        ``statsmodels`` or ``vectorised``: what solved the equations.
    """

    terms: tuple[Term, ...]
    thresholds: tuple[float, ...]
    covariance_matrix: Floats
    parameter_covariance: Floats
    association_odds_ratio: float | None
    levels: tuple[float, ...]
    n_observations: int
    n_clusters: int
    converged: bool
    warnings: tuple[str, ...]
    association: Association
    covariance: Covariance
    interval: Interval
    degrees_of_freedom: float
    confidence: float
    engine: Engine

    @property
    def log_odds_ratios(self) -> Floats:
        """The slopes as an array of shape (p,)."""
        return np.array([term.log_odds_ratio for term in self.terms])


def wald_terms(
    names: Sequence[str],
    slopes: Floats,
    standard_errors: Floats,
    *,
    confidence: float,
    degrees_of_freedom: float = np.inf,
    references: Mapping[str, str] | None = None,
) -> tuple[Term, ...]:
    """Give slopes their Wald intervals and p values.

    Parameters
    ----------
    names : sequence of str, length p
    slopes, standard_errors : ndarray, shape (p,)
        Log odds ratios and their standard errors.
    confidence : float
        Coverage of the intervals, between 0 and 1.
    degrees_of_freedom : float
        Of the t distribution; infinite means normal.
    references : mapping of str to str, optional
        Column to the text of what it is compared with.

    Returns
    -------
    tuple of Term
        Without interval and p value (NaN) where the standard error is 0: every cluster shows the same effect.
    """
    references = references or {}
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(degrees_of_freedom, 0.5 + confidence / 2))
    terms = []
    for name, slope, error in zip(names, slopes.tolist(), standard_errors.tolist(), strict=True):
        ratio = slope / error if error > 0 else np.nan
        low, high = np.exp([slope - reach * error, slope + reach * error]).tolist() if error > 0 else (np.nan, np.nan)
        odds, p_value = float(np.exp(slope)), float(2 * stdtr(degrees_of_freedom, -abs(ratio)))
        terms.append(Term(name, references.get(name, ""), odds, low, high, slope, error, ratio, p_value))
    return tuple(terms)


def rows_without_cluster(missing: int, rows: int) -> CannotEstimate:
    """The refusal of rows that belong to no cluster."""
    return CannotEstimate(
        f"{missing} of {rows} rows belong to no cluster, so repeated answers cannot be told from independent ones. "
        "Give every row its question (or case)."
    )


def combined_errors(weights: Floats, covariance: Floats) -> Floats:
    """Standard errors of combinations of slopes.

    Parameters
    ----------
    weights : ndarray, shape (m, p)
    covariance : ndarray, shape (p, p)

    Returns
    -------
    ndarray, shape (m,)
        0 where the variance is nothing but rounding: two respondents that have the same scores throughout, say.
    """
    variances = np.einsum("ij,jk,ik->i", weights, covariance, weights)
    parts = np.einsum("ij,jk,ik->i", np.abs(weights), np.abs(covariance), np.abs(weights))
    return np.asarray(np.sqrt(np.where(variances > ROUNDING * parts, variances, 0.0)))
