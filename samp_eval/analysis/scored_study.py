"""One scored study: its records and what the marks come to, made once and passed to whatever computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import get_args

import pandas as pd

from samp_eval.analysis.counted_lines import CountedLines, counted_lines
from samp_eval.analysis.model.partly_marked import DrawnQuestions
from samp_eval.analysis.predicted_scores import predicted_scores
from samp_eval.analysis.score import LineCredits, count_correct, credit_lines
from samp_eval.analysis.standard.pass_mark import PassMark, planned_pass_mark
from samp_eval.analysis.tables.long_table import failure_rows, long_table
from samp_eval.analysis.waiting import Waiting, waiting_respondents
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.exclusions import Decision, Exclusions
from samp_eval.review.markers.model.votes import ModelMark, model_marks
from samp_eval.review.marks import ConsensusMark, Mark
from samp_eval.review.people.reviewers import KEY_MARKER
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.study import Study

__all__ = ["ScoredStudy", "Scores", "all_drawn", "in_planned_order", "score_study"]


@dataclass(frozen=True, slots=True)
class Scores:
    """What respondents are compared by: the scores of a study, or a table from outside.

    Attributes
    ----------
    plan : Study
        The study file's, with the choices of the command line in their places.
    respondents : tuple of str
        In order; the first is the reference.
    table : DataFrame
        The long table; see :mod:`samp_eval.analysis.tables.long_table`.
    failed : DataFrame
        A row in the same columns for each response that could not be had; none of them is in the table.
    drawn : DrawnQuestions or None
        Where a random part of the questions is marked: every response, with its prediction. The table and all else
        then hold drawn questions only.
    """

    plan: Study
    respondents: tuple[str, ...]
    table: pd.DataFrame
    failed: pd.DataFrame
    drawn: DrawnQuestions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredStudy(Scores):
    """A study with its records, scored under the planned consensus.

    Attributes
    ----------
    bank : Bank
        That the study was asked with.
    responses, failures
        As stored.
    lines : CountedLines
        The answer lines of the responses to questions of the bank.
    marks : tuple of Mark
        The present ones of those lines.
    gathered : GatheredMarks
        Those marks, to settle them under other rules.
    agreed : mapping of basis to sequence of ConsensusMark
        What the marks come to, on every basis on which anything was marked.
    exclusions : tuple of Decision
        What was left out, on whose decision.
    everything : ScoredStudy or None
        The same with nothing left out; None where nothing is.
    credits : mapping of basis to LineCredits
        What that says of every counted line.
    assignment : AssignmentPlan or None
        Who marks what; None where all reviewers mark everything.
    draw : QuestionDraw or None
        Which questions are marked, where it is not all of them; then nothing else here is of other questions.
    asked : ScoredStudy or None
        The same with every question that was asked, where a part of them is marked.
    waiting : mapping of basis to Waiting
        Respondents whose marking has hardly begun, who have no scores yet.
    pass_mark : PassMark, NotEstimated or None
        The planned one; the reason where it was not set yet; None where none is planned.
    weights : mapping of question id to float or None
        By the blueprint of the bank, on average 1; None without a blueprint.
    of_models : tuple of Mark
        What models say of these lines, every repeat; it predicts, and settles no answer.
    """

    bank: Bank
    responses: tuple[Response, ...]
    failures: tuple[ResponseFailure, ...]
    lines: CountedLines
    marks: tuple[Mark, ...]
    gathered: GatheredMarks
    agreed: Mapping[MarkBasis, Sequence[ConsensusMark]]
    credits: Mapping[MarkBasis, LineCredits]
    draw: QuestionDraw | None = None
    asked: ScoredStudy | None = None
    exclusions: tuple[Decision, ...] = ()
    everything: ScoredStudy | None = None
    assignment: AssignmentPlan | None = None
    waiting: Mapping[MarkBasis, Waiting] = field(default_factory=dict)
    pass_mark: PassMark | NotEstimated | None = None
    weights: Mapping[str, float] | None = None
    of_models: tuple[Mark, ...] = ()

    @property
    def judged(self) -> list[ModelMark]:
        """What the models' repeats come to."""
        return model_marks(self.of_models)

    @property
    def bases(self) -> tuple[MarkBasis, ...]:
        """The bases on which anything was marked."""
        return tuple(self.agreed)


def score_study(
    plan: Study,
    bank: Bank,
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    marks: Sequence[Mark],
    asked: Sequence[str],
    exclusions: Exclusions | None = None,
    assignment: AssignmentPlan | None = None,
    draw: QuestionDraw | None = None,
    of_models: Sequence[Mark] = (),
) -> ScoredStudy:
    """Score a study's records as planned.

    Parameters
    ----------
    plan : Study
        Its consensus rule, its reviewers and its reference are followed.
    bank : Bank
    responses, failures
        As stored.
    marks : sequence of Mark
        The present ones.
    asked : sequence of str
        Respondents in order of first appearance.
    exclusions : Exclusions, optional
        What is left out.
    assignment : AssignmentPlan, optional
        Who marks what; without one, all reviewers mark everything.
    draw : QuestionDraw, optional
        Which questions are marked, where it is not all of them.
    of_models : sequence of Mark, optional
        The present marks of models, every repeat.

    Raises
    ------
    StudyConflict
        The reference is not a respondent, or the consensus rule is neither a rule nor a reviewer.
    """
    if exclusions:
        left = exclusions.counting(responses), exclusions.counting(failures), marks, exclusions.respondents(asked)
        return replace(
            score_study(plan, exclusions.bank(bank), *left, assignment=assignment, draw=draw, of_models=of_models),
            exclusions=exclusions.holding,
            everything=score_study(plan, bank, responses, failures, marks, asked, None, assignment, draw, of_models),
        )
    if draw is not None and any(mark.reviewer.role == "reviewer" for mark in marks):
        records = responses, failures, marks, asked
        in_draw, whole = (
            score_study(plan, part, *records, assignment=assignment, of_models=of_models)
            for part in (draw.bank(bank), draw.order_bank(bank))
        )
        return replace(in_draw, draw=draw, drawn=_drawn_questions(whole, draw), asked=whole)
    lines, review = counted_lines(bank, responses), plan.review
    marks = lines.marks_of(marks)
    gathered = GatheredMarks(marks, assignment)
    together = lines.together(gathered.answer_ids)
    agreed = {
        basis: gathered.consensus(basis, review.consensus, review.reviewers, together) for basis in _bases_marked(marks)
    }
    without_answer = [*(failure.ask for failure in failures), *(response.ask for response, _ in lines.without_answer)]
    credits = {basis: credit_lines(lines, found, basis) for basis, found in agreed.items()}
    correct = {basis: count_correct(lines, found) for basis, found in credits.items()}
    waiting = {basis: waiting_respondents(lines, right) for basis, right in correct.items()}
    table = long_table(lines, {basis: lines.without(waiting[basis], right) for basis, right in correct.items()})
    return ScoredStudy(
        plan=plan,
        respondents=in_planned_order(asked, plan),
        table=table,
        failed=failure_rows(without_answer, bank, tuple(agreed), list(table.columns)),
        bank=bank,
        responses=tuple(responses),
        failures=tuple(failures),
        lines=lines,
        marks=tuple(marks),
        gathered=gathered,
        agreed=agreed,
        credits={basis: found.without(lines, waiting[basis]) for basis, found in credits.items()},
        waiting=waiting,
        assignment=assignment,
        pass_mark=planned_pass_mark(plan, ()),
        of_models=tuple(lines.marks_of(of_models)),
    )


def _drawn_questions(whole: ScoredStudy, draw: QuestionDraw) -> DrawnQuestions:
    """Every response to a question of the order, scored by the marks of the draw and by what predicts."""
    table = whole.table.assign(
        score_percent=whole.table["score_percent"].where(whole.table["question_id"].isin(draw.drawn))
    )
    is_there = any(mark.reviewer == KEY_MARKER and mark.field == "key" for mark in whole.marks)
    by_key = whole.gathered.consensus("key", KEY_MARKER.label, ()) if is_there else ()
    predicted = predicted_scores(whole.lines, by_key, whole.judged, whole.bases)
    return DrawnQuestions(draw.order, draw.n_drawn, table, predicted.set_axis(table.index), draw.strata)


def all_drawn(study: ScoredStudy, now: datetime) -> DrawnQuestions:
    """A study as if every question were drawn: its marks beside what the predictor says."""
    order = tuple(question.id for _, question in study.bank.asked())
    return _drawn_questions(study, QuestionDraw(order, len(order), 0, now))


def in_planned_order(asked: Sequence[str], plan: Study) -> tuple[str, ...]:
    """Respondents with the reference first: the plan's, else the first respondent of the study file, else as asked.

    Raises
    ------
    StudyConflict
        Where the plan's reference is not among them.
    """
    reference = plan.analysis.reference
    if reference is None:
        reference = next((respondent.id for respondent in plan.respondents if respondent.id in asked), None)
    if reference is None:
        return tuple(asked)
    if reference not in asked:
        raise StudyConflict(f"the reference {reference!r} is not a respondent of this study; it has {', '.join(asked)}")
    return (reference, *(name for name in asked if name != reference))


def _bases_marked(marks: Sequence[Mark]) -> list[MarkBasis]:
    found = {mark.field for mark in marks}
    return [basis for basis in get_args(MarkBasis) if basis in found]
