"""Plans and hand-overs on a study's records: made, noted where they are deviations, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.review.assignment.draw import DrawWishes, QuestionDraw
from samp_eval.review.assignment.handover import Handover, hand_over
from samp_eval.review.assignment.plan import AssignmentPlan, finished_answers
from samp_eval.review.assignment.planning import PlanWishes, make_plan, questions_marked
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.to_mark import answers_to_mark
from samp_eval.run.respondent import Response

__all__ = ["PlanStore", "hand_over_and_keep", "plan_and_keep", "wishes_of"]


class PlanStore(ReviewStore, Protocol):
    """A study's memory that also takes plans and draws."""

    def keep_draw(self, draw: QuestionDraw, before: QuestionDraw | None) -> None:
        """Have a draw hold from now on, in the place of another."""

    def keep_assignment_plan(self, plan: AssignmentPlan, deviation: str | None = None) -> None:
        """Have a plan hold from now on, and note the deviation, if it is one."""


def plan_and_keep(
    store: PlanStore, wishes: PlanWishes, reason: str | None, now: datetime, drawing: DrawWishes | None = None
) -> AssignmentPlan:
    """Draw questions where that is wished, plan who marks what, and store both.

    Raises
    ------
    StudyConflict
        Where marking has begun and no reason is given, or there is no such plan.
    """
    (bank, responses), marks, held = _counting(store), store.marks(), store.assignment_plan()
    marked, before = questions_marked(marks), store.draw()
    draw = (drawing or DrawWishes()).draw(
        before, {question.id: case.id for case, question in bank.asked()}, marked, now
    )
    if drawing is not None and drawing.more is not None and held is not None:
        wishes, reason = wishes_of(held), reason or f"{drawing.more} more questions were drawn"
    bank = bank if draw is None else draw.bank(bank)
    if marked and not (reason or "").strip():
        raise StudyConflict(
            f"reviewers have marked answers of {len(marked)} questions already, so a plan is a deviation now: give its "
            "--reason, which stands in the report. These questions keep their reviewers; samp-eval review reassign "
            "hands the open work of one reviewer over"
        )
    answers = answers_to_mark(bank, responses).answers
    made = make_plan(wishes, bank, answers, marks, held, now)
    number = 0 if held is None else held.number
    deviation = None
    if marked:
        deviation = (
            f"Who marks what was planned {'again ' if held else ''}after {len(marked)} questions had marks, which keep "
            f"their reviewers (plan {number + 1}: {', '.join(wishes.reviewers)}). Reason: {reason}"
        )
    if draw is not None and draw != before:
        store.keep_draw(draw, before)
    store.keep_assignment_plan(replace(made, number=number), deviation)
    return made


def hand_over_and_keep(store: PlanStore, giver: str, takers: Sequence[str], reason: str, now: datetime) -> Handover:
    """Hand a reviewer's open work over, and store the changed plan with the deviation.

    Raises
    ------
    StudyConflict
        Where there is no plan, or nobody may take a question.
    """
    (bank, responses), held, draw = _counting(store), store.assignment_plan(), store.draw()
    bank = bank if draw is None else draw.bank(bank)
    if held is None:
        raise StudyConflict(
            "the study has no plan of who marks what, so everyone marks everything; samp-eval review plan makes one"
        )
    answers = answers_to_mark(bank, responses).answers
    done = hand_over(held, giver, takers, bank, answers, finished_answers(store.marks()), now)
    shares = " and ".join(f"{number} to {name}" for name, number in done.questions.items())
    begun = f", {done.begun} of them begun" if done.begun else ""
    because = f" Reason: {reason.strip()}" if reason.strip() else ""
    deviation = f"Open questions of {giver} were handed over{begun} (plan {held.number + 1}): {shares}.{because}"
    store.keep_assignment_plan(done.plan, deviation)
    return done


def wishes_of(plan: AssignmentPlan) -> PlanWishes:
    """What the plan is like, with those who hold a seat today."""
    holding = {name for question in plan.seats for name in plan.holders(question)}
    names = tuple(name for name in plan.reviewers if name in holding)
    authors = {name: cases for name, cases in plan.authors.items() if name in names}
    return PlanWishes(names, plan.each, unit=plan.unit, seed=plan.seed, authors=authors)


def _counting(store: ReviewStore) -> tuple[Bank, list[Response]]:
    """Bank and responses without what is excluded."""
    keys = store.key_history()
    if not keys.versions:
        raise StudyConflict("the study has no questions yet; run samp-eval run or samp-eval responses import first")
    excluded = store.exclusions()
    return excluded.bank(keys.present.bank), excluded.counting(store.responses())
