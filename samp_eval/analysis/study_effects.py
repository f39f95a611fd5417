"""What a study's fit means in percent: predicted scores, differences, every pair of respondents, proportional odds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from samp_eval.analysis.by_condition import ByCondition, respondent_by_condition
from samp_eval.analysis.effects import Contrast, Difference, Prediction, differences, pairwise_contrasts, predictions
from samp_eval.analysis.frame import CONDITION_TERMS, cluster_labels, study_design
from samp_eval.analysis.proportional_odds import ProportionalOddsCheck, check_proportional_odds
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis

__all__ = ["StudyEffects", "study_effects"]


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
    proportional_odds : ProportionalOddsCheck or str
        Or why it could not be checked.
    """

    basis: MarkBasis
    predictions: tuple[Prediction, ...]
    differences: tuple[Difference, ...]
    conditions: tuple[Difference, ...]
    by_condition: ByCondition
    contrasts: tuple[Contrast, ...]
    proportional_odds: ProportionalOddsCheck | str


def study_effects(table: pd.DataFrame, found: StudyFit) -> StudyEffects:
    """Work out the effects of a fit on the rows that it was fitted to.

    Parameters
    ----------
    table : DataFrame
        The long table that the fit was made from.
    found : StudyFit
    """
    present = list(found.respondents)
    of_basis = table[(table["basis"] == found.basis) & table["score_percent"].notna()]
    scored = of_basis[of_basis["respondent"].isin(present)]
    design = study_design(scored, respondents=present).design
    groups = {name: _as_respondent(design, name, present) for name in present}
    columns = [name for name in present[1:] if name in design.columns]
    several = len(present) > 1
    return StudyEffects(
        basis=found.basis,
        predictions=predictions(found.fit, groups),
        differences=differences(found.fit, groups, present[0]) if several else (),
        conditions=tuple(_condition(found, design, term, reference) for term, reference in _conditions(design)),
        by_condition=respondent_by_condition(scored, found, design, columns),
        contrasts=pairwise_contrasts(found.fit, columns, present[0]) if len(present) > 2 else (),
        proportional_odds=_proportional_odds(scored, design, found),
    )


def _as_respondent(design: pd.DataFrame, name: str, present: list[str]) -> pd.DataFrame:
    changed = {one: float(one == name) for one in present if one in design.columns}
    return design.assign(**changed)


def _conditions(design: pd.DataFrame) -> list[tuple[str, str]]:
    return [(term, reference) for term, reference in CONDITION_TERMS if term in design.columns]


def _condition(found: StudyFit, design: pd.DataFrame, term: str, reference: str) -> Difference:
    groups = {term: design.assign(**{term: 1.0}), reference: design.assign(**{term: 0.0})}
    return next(one for one in differences(found.fit, groups, reference) if one.group == term)


def _proportional_odds(scored: pd.DataFrame, design: pd.DataFrame, found: StudyFit) -> ProportionalOddsCheck | str:
    try:
        return check_proportional_odds(
            scored["score_percent"].round(6).to_numpy(),
            design,
            cluster_labels(scored, found.cluster).to_numpy(),
            confidence=found.fit.confidence,
        )
    except CannotEstimate as error:
        return str(error)
