"""Respondent by condition: whether the odds ratio between two respondents depends on how they were asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from samp_eval.analysis.frame import CONDITION_TERMS, cluster_codes
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.effect_results import ByCondition, ConditionalEffect
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.terms import Floats, OrdinalGeeFit, Term, combined_errors, wald_terms

__all__ = ["respondent_by_condition"]


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
