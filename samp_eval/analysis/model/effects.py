"""What a study's fit means in percent: predicted scores, differences, every pair of respondents, proportional odds.

Also whether the odds ratio between two respondents depends on how they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from samp_eval.analysis.model.cut_points import partial_odds, proportional_odds
from samp_eval.analysis.model.design import cluster_codes
from samp_eval.analysis.model.fitted_sample import FittedSample, fit_sample
from samp_eval.analysis.model.samples import Sample, questions_answered
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import CONDITION_TERMS, rows_of_means
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice, MarkBasis
from samp_eval.statistics.bounded_intervals import variance_degrees
from samp_eval.statistics.gee.effects import (
    Contrast,
    Difference,
    Prediction,
    differences,
    holm,
    pairwise_contrasts,
    predictions,
)
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.partial_odds import PartialOdds
from samp_eval.statistics.gee.proportional_odds import ProportionalOddsCheck
from samp_eval.statistics.gee.terms import Floats, OrdinalGeeFit, Term, combined_errors, wald_terms
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.study import AnalysisPlan

__all__ = [
    "LEVEL_WORDS",
    "ByCondition",
    "ConditionalEffect",
    "EveryPair",
    "PairContrast",
    "StudyEffects",
    "every_pair",
    "planned_effects",
    "respondent_by_condition",
    "study_effects",
]

LEVEL_WORDS = {"first asking": "asked first", "later": "asked later"}
"""Levels of a condition, where the word is not an adjective."""


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
    counts_under_reference, counts_under_condition : (int, int)
        Questions on which both have a score in such rounds, and responses of the two with a score in them.
    """

    condition: str
    reference: str
    under_reference: Term
    under_condition: Term
    interaction: Term
    counts_under_reference: tuple[int, int]
    counts_under_condition: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ByCondition:
    """Conditional effects, and why a condition has none."""

    effects: tuple[ConditionalEffect, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairContrast(Contrast):
    """Two respondents against each other, on the questions that both answered.

    Attributes
    ----------
    n_questions : int
    simultaneous_low, simultaneous_high : float
        Interval of the odds ratio that holds for all pairs together (Bonferroni).
    """

    n_questions: int
    simultaneous_low: float
    simultaneous_high: float


@dataclass(frozen=True, slots=True)
class EveryPair:
    """Pairs of respondents, and why a pair has no odds ratio."""

    contrasts: tuple[PairContrast, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyEffects:
    """Consequences of one fit.

    Attributes
    ----------
    predictions : tuple of Prediction
        Mean score percentage of each respondent, over the rounds and conditions of the questions of its own comparison.
    differences : tuple of Difference
        Percentage points, each respondent less the reference on the questions that both answered.
    conditions : tuple of Difference
        Percentage points, each condition less its reference.
    by_condition : ByCondition
        Each respondent against the reference under each condition.
    contrasts : tuple of PairContrast
        Every pair of respondents, with p-values corrected by Holm; empty for fewer than three respondents.
    proportional_odds : ProportionalOddsCheck or NotEstimated
        Of the fit with the most responses.
    partial_odds : PartialOdds, NotEstimated or None
        Of the same responses, where the test of a term rejects: that term with an odds ratio for each cut point.
    n_questions : mapping of str to int
        Of each prediction.
    reference_on_same : mapping of str to Prediction
        The reference on the questions of each respondent that has other questions than it.
    """

    basis: MarkBasis
    predictions: tuple[Prediction, ...]
    differences: tuple[Difference, ...]
    conditions: tuple[Difference, ...]
    by_condition: ByCondition
    contrasts: tuple[PairContrast, ...]
    proportional_odds: ProportionalOddsCheck | NotEstimated
    partial_odds: PartialOdds | NotEstimated | None
    n_questions: Mapping[str, int]
    reference_on_same: Mapping[str, Prediction]


def planned_effects(
    study: ScoredStudy, planned: Mapping[MarkBasis, StudyFit | NotEstimated]
) -> tuple[StudyEffects, ...]:
    """Work out what each planned fit means."""
    return tuple(
        study_effects(
            study.table if fit.powered is None or study.drawn is None else study.drawn.table, fit, study.plan.analysis
        )
        for fit in planned.values()
        if isinstance(fit, StudyFit)
    )


def study_effects(table: pd.DataFrame, found: StudyFit, plan: AnalysisPlan | None = None) -> StudyEffects:
    """Work out the effects of a fit on the rows that it was fitted to.

    Parameters
    ----------
    table : DataFrame
        The long table that the fit was made from; of every response where a part of the questions is marked.
    found : StudyFit
    plan : AnalysisPlan, optional
        Of the fit; its own choices when omitted.
    """
    reference = found.respondents[0]
    samples = {name: next(s for s in found.samples if name in s.respondents) for name in found.respondents}
    predicted = {name: _predicted(sample, name) for name, sample in samples.items()}
    others = {name: sample for name, sample in samples.items() if sample is not samples[reference]}
    check = proportional_odds(found)
    return StudyEffects(
        basis=found.basis,
        predictions=tuple(predicted.values()),
        differences=tuple(_less_reference(samples[name], name) for name in found.respondents[1:]),
        conditions=tuple(
            _condition(found.sources[term], term, reference)
            for term, reference in CONDITION_TERMS
            if term in found.sources
        ),
        by_condition=_by_condition(found),
        contrasts=every_pair(table, found, plan).contrasts if len(found.respondents) > 2 else (),
        proportional_odds=check,
        partial_odds=partial_odds(found, check),
        n_questions={name: len(sample.sample.questions) for name, sample in samples.items()},
        reference_on_same={name: _predicted(sample, reference) for name, sample in others.items()},
    )


def _groups(sample: FittedSample, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The design of a sample as if each of these respondents had given every response, those of controls aside."""
    columns = [name for name in sample.respondents if name in sample.design.columns]
    design = rows_of_means(sample.design)
    return {name: design.assign(**{column: float(column == name) for column in columns}) for name in names}


def _degrees_of(sample: FittedSample, names: Sequence[str]) -> dict[str, float]:
    """Degrees of freedom of the variance of each respondent's mean score."""
    return {name: _degrees(sample.rows[sample.rows["respondent"] == name], sample.cluster) for name in names}


def _degrees(rows: pd.DataFrame, cluster: ClusterChoice) -> float:
    rows = rows[rows["score_percent"].notna()]
    scores = rows["score_percent"].to_numpy(dtype=float)
    return variance_degrees(np.bincount(cluster_codes(rows, cluster), weights=scores - scores.mean()))


def _predicted(sample: FittedSample, name: str) -> Prediction:
    return predictions(sample.fit, _groups(sample, [name]), degrees=_degrees_of(sample, [name]))[0]


def _less_reference(sample: FittedSample, name: str) -> Difference:
    reference = sample.respondents[0]
    pair = [name, reference]
    return differences(sample.fit, _groups(sample, pair), reference, degrees=_degrees_of(sample, pair))[0]


def _condition(source: FittedSample, term: str, reference: str) -> Difference:
    groups = {term: source.design.assign(**{term: 1.0}), reference: source.design.assign(**{term: 0.0})}
    return differences(
        source.fit, groups, reference, degrees=dict.fromkeys(groups, _degrees(source.rows, source.cluster))
    )[0]


def _by_condition(found: StudyFit) -> ByCondition:
    parts = []
    for sample in found.samples:
        columns = [name for name in sample.respondents[1:] if name in sample.design.columns]
        parts.append(respondent_by_condition(sample.rows, found, sample.design, columns))
    return ByCondition(
        tuple(effect for part in parts for effect in part.effects),
        tuple(reason for part in parts for reason in part.left_out),
    )


def every_pair(table: pd.DataFrame, found: StudyFit, plan: AnalysisPlan | None = None) -> EveryPair:
    """Compare every pair of respondents, each on the questions that both answered.

    Parameters
    ----------
    table, found, plan
        As for :func:`study_effects`.

    Returns
    -------
    EveryPair
        p values are corrected over all pairs (Holm), and a second interval holds for all of them together (Bonferroni).
    """
    left_out: list[str] = []
    plan = plan or AnalysisPlan(cluster=found.cluster, covariance=found.covariance, confidence=found.fit.confidence)
    terms: dict[tuple[str, str], tuple[Term, int, float]] = {}
    for sample in found.samples:
        columns = [name for name in sample.respondents[1:] if name in sample.design.columns]
        for contrast in pairwise_contrasts(sample.fit, columns, sample.respondents[0]):
            pair = (contrast.result.reference, contrast.result.term)
            terms[pair] = (contrast.result, len(sample.sample.questions), sample.fit.degrees_of_freedom)
    names = list(found.n_questions_by_respondent)
    scored = table[(table["basis"] == found.basis) & table["score_percent"].notna()]
    answered = questions_answered(scored, names)
    for pair in combinations(names, 2):
        if pair not in terms:
            common = answered[pair[0]] & answered[pair[1]]
            try:
                own = fit_sample(Sample(pair, common), scored, plan, "vectorised")
                term = own.term(pair[1])
            except CannotEstimate as error:
                left_out.append(f"{pair[1]} v {pair[0]}: {error}")
                continue
            terms[pair] = (term, len(common), own.fit.degrees_of_freedom)
    ordered = [terms[pair] for pair in combinations(names, 2) if pair in terms]
    corrected = holm([term.p_value for term, _, _ in ordered]).tolist()
    tail = (1 - found.fit.confidence) / 2 / max(len(ordered), 1)
    pairs = []
    for (result, count, degrees), p_holm in zip(ordered, corrected, strict=True):
        reach = float(stdtrit(degrees, 1 - tail)) * result.standard_error if result.standard_error else np.nan
        low, high = np.exp([result.log_odds_ratio - reach, result.log_odds_ratio + reach]).tolist()
        pairs.append(PairContrast(result, p_holm, count, low, high))
    return EveryPair(tuple(pairs), tuple(left_out))


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
        if condition not in design.columns:
            continue
        both = [name for name in respondents if design.loc[design[name] == 1, condition].nunique() == 2]
        left_out += [
            f"{name}: every response is {_only(design.loc[design[name] == 1, condition], condition, reference)}, so it "
            f"is left out of {condition} v {reference}."
            for name in respondents
            if name not in both
        ]
        if not both:
            continue
        products = {f"{name} x {condition}": design[name] * design[condition] for name in both}
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
        holds = design[condition] == 1
        for name in both:
            pair = (found.respondents[0], name)
            counts = (_counts(scored[~holds], pair), _counts(scored[holds], pair))
            effects.append(_effect(fit, pair, condition, reference, counts))
    return ByCondition(tuple(effects), tuple(left_out))


def _only(indicator: pd.Series, condition: str, reference: str) -> str:
    """The one level that a respondent has, in words."""
    level = condition if indicator.all() else reference
    return LEVEL_WORDS.get(level, level)


def _counts(rows: pd.DataFrame, pair: tuple[str, str]) -> tuple[int, int]:
    """Questions that both answered in these rows, and the responses of both."""
    of_pair = rows[rows["respondent"].isin(pair)]
    answered = questions_answered(of_pair, pair)
    return len(answered[pair[0]] & answered[pair[1]]), len(of_pair)


def _effect(
    fit: OrdinalGeeFit,
    pair: tuple[str, str],
    condition: str,
    reference: str,
    counts: tuple[tuple[int, int], tuple[int, int]],
) -> ConditionalEffect:
    compared_with, name = pair
    places = [term.term for term in fit.terms]
    alone, product = np.eye(len(places))[[places.index(name), places.index(f"{name} x {condition}")]]
    under_reference, under_condition, interaction = (
        _combined(fit, weights, name, compared_with) for weights in (alone, alone + product, product)
    )
    return ConditionalEffect(condition, reference, under_reference, under_condition, interaction, *counts)


def _combined(fit: OrdinalGeeFit, weights: Floats, name: str, reference: str) -> Term:
    return wald_terms(
        [name],
        np.array([weights @ fit.log_odds_ratios]),
        combined_errors(weights[None, :], fit.covariance_matrix),
        confidence=fit.confidence,
        degrees_of_freedom=fit.degrees_of_freedom,
        references={name: reference},
    )[0]
