"""Gathers the content of an export from a study's records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from samp_eval.analysis.model.study_fit import HOW_TO_MARK, StudyFit, fit_study
from samp_eval.analysis.ranking.planned import planned_rankings
from samp_eval.analysis.scored_study import ScoredStudy, Scores
from samp_eval.analysis.tables.line_table import line_table
from samp_eval.errors import CannotEstimate
from samp_eval.items.bank_pictures import pictures_of
from samp_eval.items.picture import Picture
from samp_eval.literals import MarkBasis
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.review.exclusions import Decision
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["StudyExport", "gather_export", "repeatable_fit"]


@dataclass(frozen=True, slots=True)
class StudyExport:
    """The content of an export.

    Attributes
    ----------
    scores : DataFrame
        The long table; see :mod:`samp_eval.analysis.tables.long_table`.
    lines : DataFrame
        See :mod:`samp_eval.analysis.tables.line_table`.
    respondents : tuple of str
        In order; the first is the reference.
    consensus : str
        The consensus rule.
    outcome : StudyFit or NotEstimated
        The fit that the scripts reproduce.
    excluded : tuple of Decision
        What is in no table and in no odds ratio.
    ranking : StudyRanking or None
        Of three and more respondents, where it can be had.
    pictures : tuple of Picture
        Which came with the questions.
    draw : QuestionDraw or None
        Where a part of the questions is marked: everything here but ``of_all`` is of the drawn questions alone.
    of_all : StudyFit or NotEstimated or None
        Then, the fit of all questions by corrected predictions, which no script reproduces.
    """

    scores: pd.DataFrame
    lines: pd.DataFrame
    respondents: tuple[str, ...]
    consensus: str
    outcome: StudyFit | NotEstimated
    excluded: tuple[Decision, ...] = ()
    ranking: StudyRanking | None = None
    pictures: tuple[Picture, ...] = ()
    draw: QuestionDraw | None = None
    of_all: StudyFit | NotEstimated | None = None


def gather_export(study: ScoredStudy, basis: MarkBasis) -> StudyExport:
    """Gather an export; ``basis`` is that of the odds ratios, while the tables hold every basis.

    Raises
    ------
    CannotEstimate
        If nothing is marked yet, so that there is no score to export.
    """
    if study.table.empty:
        raise CannotEstimate(f"nothing is marked yet, so there are no scores to export; {HOW_TO_MARK}")
    outcome = repeatable_fit(study, basis)
    consensus = study.plan.review.consensus
    ranking = planned_rankings(study, drawn_only=True).get(basis)
    draw, of_all = study.draw, None
    if study.drawn is not None and draw is not None and not study.drawn.is_complete(basis):
        plan = study.plan.analysis
        of_all = or_reason(fit_study)(
            study.table, basis=basis, respondents=study.respondents, plan=plan, drawn=study.drawn
        )
    return StudyExport(
        scores=study.table,
        lines=line_table(study),
        respondents=study.respondents,
        consensus=consensus,
        outcome=outcome,
        excluded=study.exclusions,
        ranking=None if isinstance(ranking, NotEstimated) else ranking,
        pictures=tuple(dict.fromkeys(picture for case in study.bank.cases for picture in pictures_of(case))),
        draw=None if of_all is None else draw,
        of_all=of_all,
    )


def repeatable_fit(scores: Scores, basis: MarkBasis) -> StudyFit | NotEstimated:
    """The study's fit under working independence, which other programs offer too."""
    plan = scores.plan.analysis.model_copy(update={"association": "independence"})
    return or_reason(fit_study)(scores.table, basis=basis, respondents=scores.respondents, plan=plan)
