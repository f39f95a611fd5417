"""What a study's fit means in percent: predicted scores, differences, every pair of respondents, proportional odds."""

from __future__ import annotations

import pandas as pd

from samp_eval.analysis.by_condition import respondent_by_condition
from samp_eval.analysis.frame import CONDITION_TERMS, cluster_codes, study_design
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.effect_results import Difference, ProportionalOddsCheck, StudyEffects
from samp_eval.statistics.gee.effects import differences, pairwise_contrasts, predictions
from samp_eval.statistics.gee.proportional_odds import check_proportional_odds

__all__ = ["study_effects"]


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
    design = study_design(scored, respondents=present).design[[term.term for term in found.fit.terms]]
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
            cluster_codes(scored, found.cluster),
            confidence=found.fit.confidence,
        )
    except CannotEstimate as error:
        return str(error)
