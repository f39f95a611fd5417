"""Gathers the content of an export from a study's records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from samp_eval.analysis.line_table import line_table
from samp_eval.analysis.study_fit import HOW_TO_MARK, StudyFit, fit_study
from samp_eval.errors import CannotEstimate
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import Response
from samp_eval.study import AnalysisPlan, ReviewPlan

__all__ = ["StudyExport", "gather_export", "repeatable_fit"]


@dataclass(frozen=True, slots=True)
class StudyExport:
    """The content of an export.

    Attributes
    ----------
    scores : DataFrame
        The long table; see :mod:`samp_eval.analysis.frame`.
    lines : DataFrame
        See :mod:`samp_eval.analysis.line_table`.
    respondents : tuple of str
        In order; the first is the reference.
    consensus : str
        The consensus rule.
    outcome : StudyFit or str
        The fit that the scripts reproduce, or the reason for having none.
    """

    scores: pd.DataFrame
    lines: pd.DataFrame
    respondents: tuple[str, ...]
    consensus: str
    outcome: StudyFit | str


def gather_export(
    bank: Bank,
    responses: Sequence[Response],
    marks: Sequence[Mark],
    table: pd.DataFrame,
    respondents: Sequence[str],
    review: ReviewPlan,
    plan: AnalysisPlan,
    basis: MarkBasis,
) -> StudyExport:
    """Gather an export from stored records.

    Parameters
    ----------
    bank, responses, marks
        As stored.
    table : DataFrame
        The long table under the review's consensus rule.
    respondents : sequence of str
        In order; the first is the reference.
    review : ReviewPlan
    plan : AnalysisPlan
        Cluster, covariance and confidence of the odds ratios.
    basis : MarkBasis
        The basis of the odds ratios; the tables hold every basis.

    Raises
    ------
    CannotEstimate
        If nothing is marked yet, so that there is no score to export.
    """
    if table.empty:
        raise CannotEstimate(f"nothing is marked yet, so there are no scores to export; {HOW_TO_MARK}")
    outcome = repeatable_fit(table, respondents, plan, basis)
    lines = line_table(bank, responses, marks, review)
    return StudyExport(table, lines, tuple(respondents), review.consensus, outcome)


def repeatable_fit(
    table: pd.DataFrame, respondents: Sequence[str], plan: AnalysisPlan, basis: MarkBasis
) -> StudyFit | str:
    """The study's fit under working independence, which other programs offer too; or the reason for having none."""
    try:
        return fit_study(
            table,
            basis=basis,
            respondents=list(respondents),
            cluster=plan.cluster,
            covariance=plan.covariance,
            confidence=plan.confidence,
        )
    except CannotEstimate as error:
        return str(error)
