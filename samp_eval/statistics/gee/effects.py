"""What a fit means: contrasts, predicted scores in percent, and whether one odds ratio serves every cut point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, stdtr

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.bounded_intervals import difference_interval, share_interval
from samp_eval.statistics.gee.solver import probabilities
from samp_eval.statistics.gee.terms import ROUNDING, Floats, OrdinalGeeFit, Term, combined_errors, wald_terms
from samp_eval.statistics.resampling import LARGEST_FAILED_SHARE, BootstrapResult

__all__ = ["Contrast", "Difference", "Prediction", "differences", "holm", "pairwise_contrasts", "predictions"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One respondent against another.

    Attributes
    ----------
    result : Term
        ``term`` against ``reference``; above 1 means that ``term`` scores higher.
    p_holm : float
        p value corrected over all contrasts asked for together.
    """

    result: Term
    p_holm: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Expected scores of a group of responses.

    Attributes
    ----------
    group : str
        Its name.
    mean, ci_low, ci_high : float
        Mean score on the scale of the levels (score percentage: 0 to 100).
    standard_error : float
        Of the mean.
    level_probabilities : tuple of (level, probability, ci_low, ci_high)
        Ascending by level; probabilities 0 to 1.
    """

    group: str
    mean: float
    ci_low: float
    ci_high: float
    standard_error: float
    level_probabilities: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference of two predicted mean scores, in percentage points.

    Attributes
    ----------
    group, reference : str
        What is compared.
    difference, ci_low, ci_high : float
        ``group`` less ``reference``.
    standard_error : float
        Of the difference.
    p_value : float
        Two-sided Wald, 0 to 1.
    """

    group: str
    reference: str
    difference: float
    ci_low: float
    ci_high: float
    standard_error: float
    p_value: float


def holm(p_values: ArrayLike) -> Floats:
    """Correct p values for their number.

    Parameters
    ----------
    p_values : array_like, shape (m,)

    Returns
    -------
    ndarray, shape (m,)
        In the order given, at most 1.

    References
    ----------
    Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65-70.
    """
    raw = np.asarray(p_values, dtype=float)
    order = np.argsort(raw)
    corrected = np.empty_like(raw)
    corrected[order] = np.minimum(np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1)), 1)
    return corrected


def pairwise_contrasts(fit: OrdinalGeeFit, columns: Sequence[str], reference: str) -> tuple[Contrast, ...]:
    """Compare every respondent with every other.

    Parameters
    ----------
    fit : OrdinalGeeFit
        Of a design with a column for every respondent but the reference.
    columns : sequence of str
        The terms that are respondents.
    reference : str
        The respondent without a column.

    Returns
    -------
    tuple of Contrast
        Those against the reference first; without interval and p value (NaN) where every cluster shows the same.
    """
    names = [term.term for term in fit.terms]
    rows = {reference: np.zeros(len(names))} | {name: np.eye(len(names))[names.index(name)] for name in columns}
    pairs = list(combinations(rows, 2))
    weights = np.array([rows[later] - rows[earlier] for earlier, later in pairs])
    errors = combined_errors(weights, fit.covariance_matrix)
    terms = [
        wald_terms(
            [later],
            np.array([slope]),
            np.array([error]),
            confidence=fit.confidence,
            degrees_of_freedom=fit.degrees_of_freedom,
            references={later: earlier},
        )[0]
        for (earlier, later), slope, error in zip(pairs, weights @ fit.log_odds_ratios, errors, strict=True)
    ]
    corrected = holm([term.p_value for term in terms])
    return tuple(Contrast(term, float(p)) for term, p in zip(terms, corrected, strict=True))


def predictions(
    fit: OrdinalGeeFit,
    groups: Mapping[str, pd.DataFrame],
    bootstrap: BootstrapResult | None = None,
    degrees: Mapping[str, float] | None = None,
) -> tuple[Prediction, ...]:
    """Predict the mean score and the share of each level per group, averaged over the rows of its design.

    Parameters
    ----------
    fit : OrdinalGeeFit
        What to predict from.
    groups : mapping of str to DataFrame of shape (rows, p)
        Design rows to average over: all rows of the study with the respondent's columns set, or a single row.
    bootstrap : BootstrapResult, optional
        Its percentile intervals take the place of the delta method's.
    degrees : mapping of str to float, optional
        Degrees of freedom of each group's variance (:func:`samp_eval.statistics.bounded_intervals.variance_degrees` of
        its scores); clusters less one when omitted.

    Returns
    -------
    tuple of Prediction
        In the order of ``groups``.

    Notes
    -----
    Errors by the delta method; intervals by :func:`samp_eval.statistics.bounded_intervals.share_interval`, so that they
    stay within the range of the scores.

    References
    ----------
    Muller CJ, MacLehose RF. Estimating predicted probabilities from logistic regression. Int J Epidemiol
    2014;43:962-70.
    """
    known = degrees or {}
    return tuple(
        _prediction(fit, name, _matrix(fit, rows), bootstrap, known.get(name)) for name, rows in groups.items()
    )


def differences(
    fit: OrdinalGeeFit,
    groups: Mapping[str, pd.DataFrame],
    reference: str,
    bootstrap: BootstrapResult | None = None,
    degrees: Mapping[str, float] | None = None,
) -> tuple[Difference, ...]:
    """Compare the predicted mean score of every group with that of one of them.

    Parameters
    ----------
    fit, groups, degrees
        As for :func:`predictions`.
    reference : str
        One of the groups.
    bootstrap : BootstrapResult, optional
        Its percentile intervals take the place of the delta method's.

    Returns
    -------
    tuple of Difference
        In percentage points, in the order of ``groups``; without interval and p value (NaN) where the two are the same.
        Wald tests; intervals by :func:`samp_eval.statistics.bounded_intervals.difference_interval`.
    """
    base, known = _matrix(fit, groups[reference]), degrees or {}
    return tuple(
        _difference(fit, (name, _matrix(fit, rows)), (reference, base), bootstrap, known)
        for name, rows in groups.items()
        if name != reference
    )


def _prediction(
    fit: OrdinalGeeFit, name: str, rows: Floats, bootstrap: BootstrapResult | None, degrees: float | None
) -> Prediction:
    shares, gradient = _shares(fit, rows)
    levels = np.array(fit.levels)
    mean, slope = float(shares @ levels), levels @ gradient
    error = _error(fit, slope)
    if bootstrap is None:
        low, high = _interval(fit, mean, error, levels[0], levels[-1], degrees)
        bounds = [
            _interval(fit, share, _error(fit, row), 0, 1) for share, row in zip(shares.tolist(), gradient, strict=True)
        ]
    else:
        drawn = _bootstrap_shares(fit, rows, bootstrap)
        low, high = _percentiles(fit, drawn @ levels)
        bounds = [_percentiles(fit, column) for column in drawn.T]
    table = [(*pair, *bound) for pair, bound in zip(zip(fit.levels, shares.tolist(), strict=True), bounds, strict=True)]
    return Prediction(name, mean, low, high, error, tuple(table))


def _difference(
    fit: OrdinalGeeFit,
    group: tuple[str, Floats],
    reference: tuple[str, Floats],
    bootstrap: BootstrapResult | None,
    degrees: Mapping[str, float],
) -> Difference:
    levels = np.array(fit.levels)
    shares, gradient = _shares(fit, group[1])
    base_shares, base_gradient = _shares(fit, reference[1])
    value = float((shares - base_shares) @ levels)
    slope, base_slope = levels @ gradient, levels @ base_gradient
    error, errors = _error(fit, slope - base_slope), (_error(fit, slope), _error(fit, base_slope))
    if error**2 <= ROUNDING * max(errors) ** 2:
        return Difference(group[0], reference[0], 0.0, np.nan, np.nan, 0.0, np.nan)
    if bootstrap is None:
        reach = levels[-1] - levels[0]
        means = [float(side @ levels) for side in (shares, base_shares)]
        of_group, of_base = (
            _interval(fit, mean, own, levels[0], levels[-1], degrees.get(name))
            for mean, own, name in zip(means, errors, (group[0], reference[0]), strict=True)
        )
        covariance = float(slope @ fit.parameter_covariance @ base_slope)
        correlation = covariance / (errors[0] * errors[1]) if min(errors) > 0 else 0.0
        low, high = difference_interval((means[0], means[1]), (of_group, of_base), correlation, reach=reach)
    else:
        drawn = _bootstrap_shares(fit, group[1], bootstrap) - _bootstrap_shares(fit, reference[1], bootstrap)
        low, high = _percentiles(fit, drawn @ levels)
    p_value = float(2 * stdtr(fit.degrees_of_freedom, -abs(value) / error))
    return Difference(group[0], reference[0], value, low, high, error, p_value)


def _matrix(fit: OrdinalGeeFit, rows: pd.DataFrame) -> Floats:
    names = [term.term for term in fit.terms]
    if list(rows.columns) != names:
        msg = f"the columns {list(rows.columns)} are not those of the fit, {names}"
        raise ValueError(msg)
    return rows.to_numpy(dtype=float)


def _shares(fit: OrdinalGeeFit, rows: Floats) -> tuple[Floats, Floats]:
    """Share of each level (k,), averaged over the rows, and its gradient in all parameters (k, q)."""
    estimates = np.array([*fit.thresholds, *fit.log_odds_ratios])[None, :]
    above, shares = probabilities(rows, estimates)
    slope = above[0] * (1 - above[0])
    n_cuts = slope.shape[1]
    of_cuts = np.hstack([np.diag(slope.mean(axis=0)), slope.T @ rows / len(rows)])
    edge = np.zeros((1, n_cuts + rows.shape[1]))
    return shares[0].mean(axis=0), -np.diff(np.vstack([edge, of_cuts, edge]), axis=0)


def _bootstrap_shares(fit: OrdinalGeeFit, rows: Floats, bootstrap: BootstrapResult) -> Floats:
    """Share of each level in every resample, shape (replicates, k)."""
    estimates = np.hstack([bootstrap.thresholds, bootstrap.log_odds_ratios])
    known = estimates[~np.isnan(estimates).any(axis=1)]
    if len(known) < (1 - LARGEST_FAILED_SHARE) * len(estimates):
        raise CannotEstimate(
            f"{len(estimates) - len(known)} of {len(estimates)} bootstrap resamples have no estimates. Report the "
            "delta-method interval instead."
        )
    n_cuts = len(fit.thresholds)
    total = np.zeros((len(known), n_cuts))
    distinct, counts = np.unique(rows, axis=0, return_counts=True)
    for row, count in zip(distinct, counts.tolist(), strict=True):
        total += count * expit(known[:, :n_cuts] + (known[:, n_cuts:] @ row)[:, None])
    return np.asarray(-np.diff(total / len(rows), axis=1, prepend=1.0, append=0.0))


def _percentiles(fit: OrdinalGeeFit, drawn: Floats) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.5 - fit.confidence / 2, 0.5 + fit.confidence / 2]).tolist()
    return low, high


def _error(fit: OrdinalGeeFit, gradient: Floats) -> float:
    return float(np.sqrt(max(float(gradient @ fit.parameter_covariance @ gradient), 0.0)))


def _interval(
    fit: OrdinalGeeFit, value: float, error: float, low: float, high: float, degrees: float | None = None
) -> tuple[float, float]:
    reach = high - low
    bounds = share_interval(
        (value - low) / reach,
        (error / reach) ** 2,
        fit.n_observations,
        fit.n_clusters,
        confidence=fit.confidence,
        degrees_of_freedom=degrees,
    )
    return low + reach * bounds[0], low + reach * bounds[1]
