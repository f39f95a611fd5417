"""The same odds ratios under other choices: cluster, association, covariance, consensus, failures, score levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import pandas as pd

from samp_eval.analysis.model.partly_marked import DrawnQuestions
from samp_eval.analysis.model.reviewer_error import fit_with_reviewer_error
from samp_eval.analysis.model.samples import questions_answered
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.open_marks import open_marks_as
from samp_eval.analysis.score import count_correct, credit_lines, score_percents
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.errors import CannotEstimate
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis, QuestionChoice
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.study import AnalysisPlan

__all__ = ["LINES", "MARKS", "PLANNED", "Variation", "lines_of", "planned_fits", "sensitivity"]

PLANNED = "planned"
"""What a variation is called in which nothing is changed."""

LINES = "outcome"
"""What the variation is called whose outcome is the single line."""

MARKS = "marks"
"""What the variation is called in which the marks are corrected for the reviewers' errors."""

_WEIGHT_PARTS = 20
"""Copies of a response whose question has the weight 1."""

MOST_FOR_EXCHANGEABLE = 20_000
"""Responses up to which an exchangeable association is fitted here: it looks at pairs of them."""


@dataclass(frozen=True, slots=True)
class Variation:
    """The model with one choice changed.

    Attributes
    ----------
    what : str
        :data:`PLANNED`, ``cluster``, ``association``, ``covariance``, ``questions``, :data:`LINES`, ``thresholds``,
        :data:`MARKS`, ``consensus``, ``open marks``, ``failures``, ``readings``, ``refusals``, ``exclusions``,
        ``predictor``, ``estimator``, ``weights`` or ``levels``.
    choice : str
        What was chosen instead.
    outcome : StudyFit or NotEstimated
    """

    basis: MarkBasis
    what: str
    choice: str
    outcome: StudyFit | NotEstimated


def planned_fits(study: ScoredStudy) -> dict[MarkBasis, StudyFit | NotEstimated]:
    """Fit the study's model as planned, on every basis on which anything was marked.

    Like every variation by the vectorised solver, which gives the figures of statsmodels without the second that it
    takes to import and to fit.
    """
    return {basis: _fit_planned(study, basis, study.plan.analysis) for basis in study.bases}


def sensitivity(study: ScoredStudy, planned: Mapping[MarkBasis, StudyFit | NotEstimated]) -> tuple[Variation, ...]:
    """Put beside the planned model, on each basis, the same with one choice at a time changed."""
    found: list[Variation] = []
    for basis, outcome in planned.items():
        found += [Variation(basis, PLANNED, "as planned", outcome), *_variations(study, basis, outcome)]
    return tuple(found)


def _variations(study: ScoredStudy, basis: MarkBasis, planned: StudyFit | NotEstimated) -> Iterator[Variation]:
    plan, table = study.plan.analysis, study.table[study.table["basis"] == basis]
    if study.everything is not None:
        yield Variation(basis, "exclusions", "nothing excluded", _fit_planned(study.everything, basis, plan))
    if study.drawn is not None:
        yield from _other_estimators(study, basis, study.drawn)
    for what, choice, changed in _other_models(plan):
        if choice == "exchangeable" and len(table) > MOST_FOR_EXCHANGEABLE:
            reason = "not computed here for this many responses; use samp-eval analyze --association exchangeable"
            yield Variation(basis, what, choice, NotEstimated(reason))
        else:
            yield Variation(basis, what, choice, _fit(study, table, basis, changed))
    scored = table[table["score_percent"].notna()]
    if len(set(questions_answered(scored, study.respondents).values()) - {frozenset()}) > 1:
        for choice in get_args(QuestionChoice):
            if choice != plan.questions:
                changed = plan.model_copy(update={"questions": choice})
                yield Variation(basis, "questions", choice, _fit(study, table, basis, changed))
    if (table["requested"] > 1).any():
        yield Variation(basis, LINES, "each line right or wrong", _line_fit(study, table, basis))
    if table["requested"].nunique() > 1:
        by_n = _fit(study, table, basis, plan, thresholds_by_n=True)
        yield Variation(basis, "thresholds", "by the number of answers asked", by_n)
    if study.plan.review.consensus == "adjudicated" and study.gathered.adjudicated(basis):
        yield Variation(basis, MARKS, "corrected for the reviewers' errors", _with_error(study, basis, planned))
    if study.weights is not None:
        weighted = plan.model_copy(update={"association": "independence"})
        yield Variation(basis, "weights", "to the blueprint", _fit(study, _weighted(study, table), basis, weighted))
    for what, choice, other in _other_tables(study, table, basis):
        yield Variation(basis, what, choice, _fit(study, other, basis, plan))


def _other_estimators(study: ScoredStudy, basis: MarkBasis, drawn: DrawnQuestions) -> Iterator[Variation]:
    """Other predictors, and the drawn questions alone; every further variation is of these, too."""
    if drawn.is_complete(basis):
        return
    for choice, other in drawn.with_other_predictors():
        yield Variation(
            basis, "predictor", choice, _fit_planned(replace(study, drawn=other), basis, study.plan.analysis)
        )
    alone = _fit(study, study.table, basis, study.plan.analysis)
    yield Variation(basis, "estimator", "drawn questions alone, as is every row below", alone)


@or_reason
def _fit_planned(study: ScoredStudy, basis: MarkBasis, plan: AnalysisPlan) -> StudyFit:
    """With the predictions, where a part of the questions is marked."""
    return fit_study(
        study.table, basis=basis, respondents=study.respondents, plan=plan, engine="vectorised", drawn=study.drawn
    )


@or_reason
def _fit(
    study: ScoredStudy, table: pd.DataFrame, basis: MarkBasis, plan: AnalysisPlan, *, thresholds_by_n: bool = False
) -> StudyFit:
    return fit_study(
        table,
        basis=basis,
        respondents=study.respondents,
        plan=plan,
        engine="vectorised",
        thresholds_by_n=thresholds_by_n,
    )


@or_reason
def _with_error(study: ScoredStudy, basis: MarkBasis, planned: StudyFit | NotEstimated) -> StudyFit:
    if isinstance(planned, StudyFit) and planned.powered is not None:
        planned = _fit(
            study, study.table, basis, study.plan.analysis
        )  # of the drawn questions alone, as other rows are
    if isinstance(planned, NotEstimated):
        raise CannotEstimate(planned.reason)
    return fit_with_reviewer_error(study, basis, planned)


def _line_fit(study: ScoredStudy, table: pd.DataFrame, basis: MarkBasis) -> StudyFit | NotEstimated:
    """The odds ratio of a right line, whose scale does not depend on how many answers a question asks for."""
    scored = table[table["score_percent"].notna()]
    if (scored["correct"] % 1 > 0).any():
        return NotEstimated(
            "some lines have a part of a credit under this consensus, and a line is right or wrong here"
        )
    plan = study.plan.analysis.model_copy(update={"association": "independence"})
    return _fit(study, lines_of(scored), basis, plan)


def lines_of(scored: pd.DataFrame) -> pd.DataFrame:
    """A row for each requested line of scored rows of the long table: 100 where it is right, else 0."""
    lines = scored.loc[scored.index.repeat(scored["requested"])]
    number = lines.groupby(level=0).cumcount()
    right = number < lines["correct"]
    return lines.assign(requested=1, correct=right.astype(float), score_percent=100.0 * right).reset_index(drop=True)


def _weighted(study: ScoredStudy, table: pd.DataFrame) -> pd.DataFrame:
    """Each response as often as its question weighs, in twentieths.

    Copies stay in the cluster of their question, so that under independence the estimating equations and the robust
    errors are those of the weighted sums; twentieths miss no weight by more than 0.025.
    """
    weights = table["question_id"].map(study.weights or {}).fillna(1.0)
    return table.loc[table.index.repeat((weights * _WEIGHT_PARTS).round().astype(int))]


def _other_models(plan: AnalysisPlan) -> Iterator[tuple[str, str, AnalysisPlan]]:
    for what, kind in (("cluster", ClusterChoice), ("association", Association), ("covariance", Covariance)):
        for choice in get_args(kind):
            if choice != getattr(plan, what):
                yield what, choice, plan.model_copy(update={what: choice})


def _other_tables(study: ScoredStudy, table: pd.DataFrame, basis: MarkBasis) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for rule in _other_rules(study, basis):
        together = study.lines.together(study.gathered.answer_ids) if rule == "adjudicated" else ()
        agreed = study.gathered.consensus(basis, rule, study.plan.review.reviewers, together)
        correct = count_correct(study.lines, credit_lines(study.lines, agreed, basis))
        correct = study.lines.without(study.waiting[basis], correct)
        other = table.assign(correct=correct, score_percent=score_percents(study.lines, correct))
        yield "consensus", rule, other
    if table["score_percent"].isna().any():
        for choice, credit in (("counted as wrong", 0.0), ("counted as right", 1.0)):
            yield "open marks", choice, open_marks_as(study, basis, credit)
    if len(study.failed):
        failed = study.failed[study.failed["basis"] == basis]
        with_failures = pd.concat([table, failed], ignore_index=True) if len(failed) else table
        yield "failures", "counted as zero", with_failures
    for what, choice, left_out in (
        ("readings", "doubtful ones left out", study.lines.doubtful),
        ("refusals", "left out", study.lines.refused),
    ):
        if (left_out & table["score_percent"].notna()).any():
            yield what, choice, table[~left_out]
    binary = table.copy()
    scored = binary["score_percent"].notna()
    binary.loc[scored, "score_percent"] = (binary.loc[scored, "score_percent"] >= 100.0 - 1e-9) * 100.0
    yield "levels", "full marks against less", binary


def _other_rules(study: ScoredStudy, basis: MarkBasis) -> list[str]:
    """Rules under which the people's marks may come to something else."""
    counting = study.gathered.panel(basis, study.plan.review.reviewers)
    panel = [reviewer.label for reviewer in counting if reviewer.role != "automatic"]
    if len(panel) < 2:
        return []
    alone = [] if study.gathered.planned else panel  # under a plan nobody has marked every question
    settled = ["adjudicated"] if study.gathered.adjudicated(basis) else []
    return [rule for rule in [*settled, "both", "either", "mean", *alone] if rule != study.plan.review.consensus]
