"""What a study's fit means in percent: predicted scores, differences, every pair of respondents, proportional odds.

Also whether the odds ratio between two respondents depends on how they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from samp_eval.analysis.long_table import CONDITION_TERMS
from samp_eval.analysis.model.design import cluster_codes, study_design
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice, MarkBasis
from samp_eval.statistics.bounded_intervals import variance_degrees
from samp_eval.statistics.gee.effects import (
    Contrast,
    Difference,
    Prediction,
    differences,
    pairwise_contrasts,
    predictions,
)
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.proportional_odds import ProportionalOddsCheck, check_proportional_odds
from samp_eval.statistics.gee.terms import Floats, OrdinalGeeFit, Term, combined_errors, wald_terms
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

__all__ = [
    "ByCondition",
    "ConditionalEffect",
    "StudyEffects",
    "planned_effects",
    "respondent_by_condition",
    "study_effects",
]


@dataclass(frozen=True, slots=True)
class ConditionalEffect:
    """A respondent against the reference under a condition and without it.

    Attributes
    ----------
    condition, reference : str
        Such as ``prompted`` and ``bare``.
    under_reference, under_condition : Term
        The respondent's odds ratio in the rounds of each.
    interaction : Term
        The ratio of the second to the first.
    """

    condition: str
    reference: str
    under_reference: Term
    under_condition: Term
    interaction: Term


@dataclass(frozen=True, slots=True)
class ByCondition:
    """Conditional effects, and why a condition has none."""

    effects: tuple[ConditionalEffect, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyEffects:
    """Consequences of one fit.

    Attributes
    ----------
    predictions : tuple of Prediction
        Mean score percentage of each respondent, over the questions' own rounds and conditions.
    differences : tuple of Difference
        Percentage points, each respondent less the reference.
    conditions : tuple of Difference
        Percentage points, each condition less its reference.
    by_condition : ByCondition
        Each respondent against the reference under each condition.
    contrasts : tuple of Contrast
        Every pair of respondents, with p-values corrected by Holm; empty for fewer than three respondents.
    proportional_odds : ProportionalOddsCheck or NotEstimated
    """

    basis: MarkBasis
    predictions: tuple[Prediction, ...]
    differences: tuple[Difference, ...]
    conditions: tuple[Difference, ...]
    by_condition: ByCondition
    contrasts: tuple[Contrast, ...]
    proportional_odds: ProportionalOddsCheck | NotEstimated


def planned_effects(
    study: ScoredStudy, planned: Mapping[MarkBasis, StudyFit | NotEstimated]
) -> tuple[StudyEffects, ...]:
    """Work out what each planned fit means."""
    return tuple(
        study_effects(study.table if fit.powered is None or study.drawn is None else study.drawn.table, fit)
        for fit in planned.values()
        if isinstance(fit, StudyFit)
    )


def study_effects(table: pd.DataFrame, found: StudyFit) -> StudyEffects:
    """Work out the effects of a fit on the rows that it was fitted to.

    Parameters
    ----------
    table : DataFrame
        The long table that the fit was made from; of every response where a part of the questions is marked.
    found : StudyFit
    """
    present = list(found.respondents)
    of_basis = table[(table["basis"] == found.basis) & (table["score_percent"].notna() | (found.powered is not None))]
    scored = of_basis[of_basis["respondent"].isin(present)]
    design = study_design(scored, respondents=present).design[[term.term for term in found.fit.terms]]
    groups = {name: _as_respondent(design, name, present) for name in present}
    columns = [name for name in present[1:] if name in design.columns]
    several = len(present) > 1
    degrees = {name: _degrees(scored[scored["respondent"] == name], found.cluster) for name in present}
    of_all = _degrees(scored, found.cluster)
    return StudyEffects(
        basis=found.basis,
        predictions=predictions(found.fit, groups, degrees=degrees),
        differences=differences(found.fit, groups, present[0], degrees=degrees) if several else (),
        conditions=tuple(_condition(found, design, term, reference, of_all) for term, reference in _conditions(design)),
        by_condition=respondent_by_condition(scored, found, design, columns),
        contrasts=pairwise_contrasts(found.fit, columns, present[0]) if len(present) > 2 else (),
        proportional_odds=_proportional_odds(scored, found, design),
    )


@or_reason
def _proportional_odds(scored: pd.DataFrame, found: StudyFit, design: pd.DataFrame) -> ProportionalOddsCheck:
    if found.powered is not None:
        raise CannotEstimate("proportional odds are not checked where a part of the questions is marked")
    return check_proportional_odds(
        scored["score_percent"].round(6).to_numpy(),
        design,
        cluster_codes(scored, found.cluster),
        confidence=found.fit.confidence,
    )


def _as_respondent(design: pd.DataFrame, name: str, present: list[str]) -> pd.DataFrame:
    return design.assign(**{column: float(column == name) for column in present if column in design.columns})


def _conditions(design: pd.DataFrame) -> list[tuple[str, str]]:
    return [(term, reference) for term, reference in CONDITION_TERMS if term in design.columns]


def _condition(found: StudyFit, design: pd.DataFrame, term: str, reference: str, degrees: float) -> Difference:
    groups = {term: design.assign(**{term: 1.0}), reference: design.assign(**{term: 0.0})}
    known = dict.fromkeys(groups, degrees)
    return differences(found.fit, groups, reference, degrees=known)[0]


def _degrees(rows: pd.DataFrame, cluster: ClusterChoice) -> float:
    """Degrees of freedom of the variance of these rows' mean score, of those that have one."""
    rows = rows[rows["score_percent"].notna()]
    clusters = cluster_codes(rows, cluster)
    scores = rows["score_percent"].to_numpy(dtype=float)
    return variance_degrees(np.bincount(clusters, weights=scores - scores.mean()))


def respondent_by_condition(
    scored: pd.DataFrame, found: StudyFit, design: pd.DataFrame, respondents: Sequence[str]
) -> ByCondition:
    """Fit the study's model again for every condition, with the products of that condition and the respondents.

    Parameters
    ----------
    scored : DataFrame
        Rows of the long table that the fit was made from.
    found : StudyFit
        Its choices are kept; exchangeable fits are made under independence.
    design : DataFrame, shape (n, p)
        Of the fit.
    respondents : sequence of str
        Columns of the design that are respondents.
    """
    effects: list[ConditionalEffect] = []
    left_out: list[str] = []
    if found.powered is not None:
        return ByCondition((), ("effects by condition are not estimated where a part of the questions is marked",))
    for condition, reference in CONDITION_TERMS:
        if condition not in design.columns or not respondents:
            continue
        products = {f"{name} x {condition}": design[name] * design[condition] for name in respondents}
        try:
            fit = fit_ordinal_gee(
                scored["score_percent"].round(6).to_numpy(),
                design.assign(**products),
                cluster_codes(scored, found.cluster),
                covariance=found.covariance,
                confidence=found.fit.confidence,
                engine="vectorised",
            )
        except CannotEstimate as error:
            left_out.append(f"{condition} against {reference}: {error}")
            continue
        names = {term.term: term.reference for term in found.fit.terms}
        effects += [_effect(fit, name, names[name], condition, reference) for name in respondents]
    return ByCondition(tuple(effects), tuple(left_out))


def _effect(fit: OrdinalGeeFit, name: str, compared_with: str, condition: str, reference: str) -> ConditionalEffect:
    places = [term.term for term in fit.terms]
    alone, product = np.eye(len(places))[[places.index(name), places.index(f"{name} x {condition}")]]
    under_reference, under_condition, interaction = (
        _combined(fit, weights, name, compared_with) for weights in (alone, alone + product, product)
    )
    return ConditionalEffect(condition, reference, under_reference, under_condition, interaction)


def _combined(fit: OrdinalGeeFit, weights: Floats, name: str, reference: str) -> Term:
    return wald_terms(
        [name],
        np.array([weights @ fit.log_odds_ratios]),
        combined_errors(weights[None, :], fit.covariance_matrix),
        confidence=fit.confidence,
        degrees_of_freedom=fit.degrees_of_freedom,
        references={name: reference},
    )[0]
