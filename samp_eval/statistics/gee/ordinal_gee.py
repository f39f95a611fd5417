"""The study's result: odds ratios of a higher score, from an ordinal GEE."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from samp_eval.errors import CannotEstimate, NoVariation
from samp_eval.literals import Association, Covariance
from samp_eval.statistics.gee.count_table import Cells
from samp_eval.statistics.gee.estimable import (
    FEW_CLUSTERS,
    FEWEST_CLUSTERS,
    FEWEST_EFFECTIVE,
    MIN_RELIABLE_EFFECTIVE_CLUSTERS,
    SMALLEST_VARIANCE,
    ModelData,
    check_separation,
    interval_for,
    prepare,
    standardised,
)
from samp_eval.statistics.gee.exchangeable import fit_exchangeable
from samp_eval.statistics.gee.sandwich import cluster_shares, covariance_of
from samp_eval.statistics.gee.solver import solve
from samp_eval.statistics.gee.terms import Engine, Floats, Interval, OrdinalGeeFit, Term, wald_terms

__all__ = ["OrdinalGeeFit", "Term", "few_clusters", "fit_ordinal_gee"]

STATSMODELS_ROWS = 10_000
"""Beyond this many rows independence is solved without statsmodels' loops over rows (about 2 s and growing)."""

STATSMODELS_LEVELS = 20
"""Beyond this many score levels too: 240 rows take a second with 20 levels, three with 30, and minutes with 60."""

MOST_LEVELS = 300
"""Score levels. 240 rows of 200 levels take our own solver five seconds, and its time grows with the third power."""

NO_EFFECT = 1e-6
"""A log odds ratio below this is none."""

_MOST_ITERATIONS = 200
"""Of statsmodels, which starts from our own solution and so needs few."""

_LARGEST_WORKING_COVARIANCE = 3_000
"""Rows of one cluster's working covariance: 72 megabytes for each array of that size."""

_ONE_CLUSTER = 1 - 1e-8
"""A share of what is known that is no less than all of it but for rounding."""

_OWN_SOLVER = (
    "statsmodels could not invert a working covariance, because some responses are next to certain; the same equations "
    "were solved by samp-eval's own solver."
)
_DID_NOT_SETTLE = (
    "The estimates did not settle on any value. Group the score levels into fewer "
    "(none, some, all), leave out a term, or use the independence association."
)


@dataclass(frozen=True, slots=True)
class _Solved:
    estimates: Floats
    covariance: Floats
    odds_ratio: float | None
    notes: tuple[str, ...]
    engine: Engine


def fit_ordinal_gee(
    outcome: ArrayLike,
    design: pd.DataFrame,
    cluster: ArrayLike,
    *,
    association: Association = "independence",
    covariance: Covariance = "robust",
    confidence: float = 0.95,
    interval: Interval | None = None,
    references: Mapping[str, str] | None = None,
    engine: Engine | None = None,
) -> OrdinalGeeFit:
    """Fit a proportional-odds model to clustered scores by generalised estimating equations.

    Parameters
    ----------
    outcome : array_like, shape (n,)
        Ordered numbers, such as score percentages; their distance does not matter, only their order.
    design : DataFrame, shape (n, p)
        Numbers, without an intercept: the thresholds take its place.
    cluster : array_like, shape (n,)
        Labels; rows of one cluster may depend on each other.
    association : {"independence", "exchangeable"}
        Working association within a cluster: none, or one global odds ratio.
    covariance : {"robust", "bias_reduced", "naive"}
        Sandwich, sandwich with the correction of Mancl and DeRouen, or model based.
    confidence : float
        Coverage of the intervals, between 0 and 1.
    interval : {"normal", "t"}, optional
        Reference distribution; t has clusters less p degrees of freedom. When omitted, t below
        :data:`samp_eval.statistics.gee.estimable.FEW_CLUSTERS` clusters and normal from there on.
    references : mapping of str to str, optional
        Design column to the text of what it is compared with.
    engine : {"statsmodels", "vectorised"}, optional
        What solves the independence equations; statsmodels up to :data:`STATSMODELS_ROWS` rows and
        :data:`STATSMODELS_LEVELS` levels when omitted. Both give
        the same figures. The exchangeable association is solved by :mod:`samp_eval.statistics.gee.exchangeable` always:
        statsmodels' ``GlobalOddsRatio`` fails on sparse levels.

    Returns
    -------
    OrdinalGeeFit
        A positive log odds ratio means higher scores.

    Raises
    ------
    CannotEstimate
        The data do not determine the odds ratios; the sentence says why and what to do.

    References
    ----------
    Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986;73:13-22.
    Heagerty PJ, Zeger SL. Marginal regression models for clustered ordinal measurements. JASA 1996;91:1024-36.
    Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics
    2001;57:126-34.
    """
    _check_choices(association, covariance, confidence, interval, engine)
    data = prepare(outcome, design, cluster)
    if len(data.levels) > MOST_LEVELS:
        raise CannotEstimate(
            f"The scores have {len(data.levels)} levels; an odds ratio of a higher score is for at most {MOST_LEVELS}. "
            "Round the scores, or compare their means (samp-eval compare)."
        )
    large = len(data.codes) > STATSMODELS_ROWS or len(data.levels) > STATSMODELS_LEVELS
    fast = engine == "vectorised" or (engine is None and large)
    scaled, unscale = standardised(data)
    distribution = interval or interval_for(data.n_clusters)
    degrees_of_freedom = float(data.n_clusters - len(data.names)) if distribution == "t" else np.inf
    solved = _solve(scaled, association, covariance, degrees_of_freedom, fast=fast)
    estimates, parameter_covariance = unscale @ solved.estimates, unscale @ solved.covariance @ unscale.T
    n_slopes = len(data.names)
    slope_covariance = parameter_covariance[-n_slopes:, -n_slopes:]
    errors = _standard_errors(slope_covariance, estimates[-n_slopes:], data)
    return OrdinalGeeFit(
        terms=wald_terms(
            data.names,
            estimates[-n_slopes:],
            errors,
            confidence=confidence,
            degrees_of_freedom=degrees_of_freedom,
            references=references,
        ),
        thresholds=tuple(estimates[:-n_slopes].tolist()),
        covariance_matrix=slope_covariance,
        parameter_covariance=parameter_covariance,
        association_odds_ratio=solved.odds_ratio,
        levels=data.levels,
        n_observations=len(data.codes),
        n_clusters=data.n_clusters,
        converged=True,
        warnings=(*few_clusters({"": (data.n_clusters, degrees_of_freedom)}), *_near_separation(data), *solved.notes),
        association=association,
        covariance=covariance,
        interval=distribution,
        degrees_of_freedom=degrees_of_freedom,
        confidence=confidence,
        engine=solved.engine,
    )


def few_clusters(fits: Mapping[str, tuple[int, float]]) -> tuple[str, ...]:
    """One note on all fits that have few clusters; empty where none has.

    Parameters
    ----------
    fits : mapping of str to (clusters, degrees of freedom)
        By whose the fit is; the name of a single fit is not said.
    """
    few = {name: found for name, found in fits.items() if found[0] < FEW_CLUSTERS}
    if not few:
        return ()
    degrees = sorted({f"{degrees:.0f}" for _, degrees in few.values() if np.isfinite(degrees)}, key=int)
    ends = " to ".join(dict.fromkeys([*degrees[:1], *degrees[-1:]]))
    told = (
        f"intervals and p values come from the t distribution with {ends} degrees of freedom (clusters less terms)"
        if degrees
        else "normal intervals, as chosen here, are too narrow; prefer t intervals"
    )
    counts = (
        f"Only {next(iter(few.values()))[0]} clusters"
        if len(fits) == 1
        else f"Few clusters ({'; '.join(f'{number} for {name}' for name, (number, _) in few.items())})"
    )
    return (f"{counts}: robust standard errors tend to be too small below {FEW_CLUSTERS}; {told}.",)


def _near_separation(data: ModelData) -> tuple[str, ...]:
    """A note for each 0/1 term of which nearly all responses on one side have the highest score, or the lowest."""
    notes = []
    for name, column in zip(data.names, data.design.T, strict=True):
        if not ((column == 0.0) | (column == 1.0)).all():
            continue
        for side, words in ((1.0, f"under {name!r}"), (0.0, f"without {name!r}")):
            rows = column == side
            for end, level in (("highest", data.codes.max()), ("lowest", data.codes.min())):
                others = rows & (data.codes != level)
                carrying = int(np.count_nonzero(np.bincount(data.clusters[others])))
                if carrying < FEWEST_CLUSTERS:
                    notes.append(
                        f"All but {int(others.sum())} of the {int(rows.sum())} responses {words} have the {end} score: "
                        f"its odds ratio rests on {carrying} cluster{'s' * (carrying != 1)}, and its interval and p "
                        "value cannot be trusted; report the counts."
                    )
    return tuple(notes)


def _check_choices(
    association: str, covariance: str, confidence: float, interval: str | None, engine: str | None
) -> None:
    for name, value, allowed in (
        ("association", association, get_args(Association)),
        ("covariance", covariance, get_args(Covariance)),
        ("interval", interval or "normal", get_args(Interval)),
        ("engine", engine or "statsmodels", get_args(Engine)),
    ):
        if value not in allowed:
            msg = f"{name} is {value!r}; it can be {', '.join(allowed)}"
            raise ValueError(msg)
    if not 0 < confidence < 1:
        msg = f"confidence is {confidence}; it lies between 0 and 1, such as 0.95"
        raise ValueError(msg)


def _solve(
    data: ModelData, association: Association, covariance: Covariance, degrees_of_freedom: float, *, fast: bool
) -> _Solved:
    cells = data.cells(data.codes, len(data.levels))
    independent = solve(cells.counts, cells.patterns)
    if not independent.converged[0]:
        check_separation(data)
        raise CannotEstimate(_DID_NOT_SETTLE)
    estimates = independent.estimates[0]
    notes = () if covariance == "naive" else _thin_terms(data, cells, estimates, covariance, degrees_of_freedom)
    solved = _solved(data, cells, estimates, association, covariance, fast=fast)
    return replace(solved, notes=(*notes, *solved.notes))


def _thin_terms(
    data: ModelData, cells: Cells, estimates: Floats, covariance: Covariance, degrees_of_freedom: float
) -> tuple[str, ...]:
    """A note for each term whose robust error rests on few clusters; refused where they are too few.

    Intervals from t allow for few clusters, but not for terms that rest on a small part of them.
    """
    shares = cluster_shares(cells, estimates)
    if shares.largest > _ONE_CLUSTER:
        raise CannotEstimate(
            "One cluster alone decides what some terms mean: without it they could not be told apart, so their "
            "standard errors would be far too small. Leave out a term, or ask more questions under each respondent and "
            "condition."
        )
    fewest = FEWEST_EFFECTIVE if np.isinf(degrees_of_freedom) else min(FEWEST_EFFECTIVE, data.n_clusters / 2)
    notes = []
    for name, effective in zip(data.names, shares.effective[-len(data.names) :].tolist(), strict=True):
        if effective < fewest:
            raise CannotEstimate(
                f"The standard error of {name!r} would rest on effectively {_one_place(effective)} clusters, too few: "
                "few tell its effect apart from those of the other terms, or a few clusters are far larger than the "
                "rest. Leave out a term, or ask more questions under each respondent and condition; where the cluster "
                "is the case, the question is a finer one."
            )
        if effective < min(MIN_RELIABLE_EFFECTIVE_CLUSTERS, degrees_of_freedom) and covariance == "robust":
            notes.append(
                f"The standard error of {name!r} rests on effectively {_one_place(effective)} clusters: a robust one "
                f"tends to be too small below {MIN_RELIABLE_EFFECTIVE_CLUSTERS:.0f}; "
                "prefer bias-reduced ones (covariance bias_reduced)."
            )
    return tuple(notes)


def _one_place(effective: float) -> str:
    """Rounded down, so that what is below a bound looks so."""
    return f"{np.floor(10 * effective) / 10:.1f}"


def _solved(
    data: ModelData, cells: Cells, estimates: Floats, association: Association, covariance: Covariance, *, fast: bool
) -> _Solved:
    if association == "exchangeable":
        return _exchangeable(data, covariance, estimates)
    if association != "independence":
        assert_never(association)  # another association must not be fitted as independence
    found = None if fast else _solve_by_statsmodels(data, covariance, estimates)
    if found is not None:
        return found
    return _Solved(
        estimates, covariance_of(cells, estimates, covariance), None, () if fast else (_OWN_SOLVER,), "vectorised"
    )


def _exchangeable(data: ModelData, covariance: Covariance, start: Floats) -> _Solved:
    _check_cluster_sizes(data)
    found = fit_exchangeable(data, start, covariance)
    if found is None:
        raise CannotEstimate(_DID_NOT_SETTLE)
    return _Solved(found.estimates, found.covariance, found.odds_ratio, found.notes, "vectorised")


def _solve_by_statsmodels(data: ModelData, covariance: Covariance, start: Floats) -> _Solved | None:
    """What statsmodels finds under independence; None where it cannot invert a working covariance."""
    from statsmodels.genmod.cov_struct import OrdinalIndependence
    from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, IterationLimitWarning, SingularMatrixWarning

    # OrdinalGEE names thresholds by rounded levels, hence integer codes; it adds them itself, hence no intercept, and
    # hasconst spares a search for one that takes as long as the fit.
    structure = OrdinalIndependence()
    model = OrdinalGEE(data.codes, data.design, groups=data.clusters, cov_struct=structure, hasconst=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted: Any = model.fit(maxiter=_MOST_ITERATIONS, start_params=start, cov_type=covariance)
        except (ValueError, np.linalg.LinAlgError):
            return None
    unusable = IterationLimitWarning | ConvergenceWarning | SingularMatrixWarning
    if any(issubclass(warning.category, unusable) for warning in caught):
        return None
    return _Solved(np.asarray(fitted.params), np.asarray(fitted.cov_params()), None, (), "statsmodels")


def _check_cluster_sizes(data: ModelData) -> None:
    largest = int(np.bincount(data.clusters).max())
    if largest * (len(data.levels) - 1) > _LARGEST_WORKING_COVARIANCE:
        raise CannotEstimate(
            f"The largest cluster has {largest} responses, too many for the exchangeable association, which needs a "
            "matrix of all their pairs. Use the independence association: with robust standard errors it is as valid."
        )


def _standard_errors(covariance: Floats, slopes: Floats, data: ModelData) -> Floats:
    """Square roots of the diagonal, refused where the clusters leave no variation."""
    reach = np.ptp(data.design, axis=0)
    variances = np.diag(covariance)
    bad = ~(variances * reach**2 > SMALLEST_VARIANCE)
    if bad.any():
        names = tuple(name for name, is_bad in zip(data.names, bad, strict=True) if is_bad)
        said = (
            f"The standard error of {', '.join(map(repr, names))} cannot be computed: every cluster shows the same "
            "effect. Use a finer cluster or more questions."
        )
        if (np.abs(slopes * reach)[bad] < NO_EFFECT).all():
            raise NoVariation(said, names)
        raise CannotEstimate(said)
    return np.asarray(np.sqrt(variances))
