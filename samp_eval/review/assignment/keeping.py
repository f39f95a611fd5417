"""Plans and hand-overs on a study's records: made, noted where they are deviations, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.review.assignment.handover import Handover, hand_over
from samp_eval.review.assignment.plan import AssignmentPlan, finished_answers
from samp_eval.review.assignment.planning import PlanWishes, make_plan, questions_marked
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.to_mark import answers_to_mark

__all__ = ["PlanStore", "hand_over_and_keep", "plan_and_keep"]


class PlanStore(ReviewStore, Protocol):
    """A study's memory that also takes plans."""

    def keep_assignment_plan(self, plan: AssignmentPlan, deviation: str | None = None) -> None:
        """Have a plan hold from now on, and note the deviation, if it is one."""


def plan_and_keep(store: PlanStore, wishes: PlanWishes, reason: str | None, now: datetime) -> AssignmentPlan:
    """Plan who marks what, and store the plan.

    Raises
    ------
    StudyConflict
        Where marking has begun and no reason is given, or there is no such plan.
    """
    bank, marks, held = _bank(store), store.marks(), store.assignment_plan()
    marked = questions_marked(marks)
    if marked and not (reason or "").strip():
        raise StudyConflict(
            f"reviewers have marked answers of {len(marked)} questions already, so a plan is a deviation now: give its "
            "--reason, which stands in the report. These questions keep their reviewers; samp-eval review reassign "
            "hands the open work of one reviewer over"
        )
    answers = answers_to_mark(bank, store.exclusions().counting(store.responses())).answers
    made = make_plan(wishes, bank, answers, marks, held, now)
    number = 0 if held is None else held.number
    deviation = None
    if marked:
        deviation = (
            f"Who marks what was planned {'again ' if held else ''}after {len(marked)} questions had marks, which keep "
            f"their reviewers (plan {number + 1}: {', '.join(wishes.reviewers)}). Reason: {reason}"
        )
    store.keep_assignment_plan(replace(made, number=number), deviation)
    return made


def hand_over_and_keep(store: PlanStore, giver: str, takers: Sequence[str], reason: str, now: datetime) -> Handover:
    """Hand a reviewer's open work over, and store the changed plan with the deviation.

    Raises
    ------
    StudyConflict
        Where there is no plan, or nobody may take a question.
    """
    bank, held = _bank(store), store.assignment_plan()
    if held is None:
        raise StudyConflict(
            "the study has no plan of who marks what, so everyone marks everything; samp-eval review plan makes one"
        )
    answers = answers_to_mark(bank, store.responses()).answers
    done = hand_over(held, giver, takers, bank, answers, finished_answers(store.marks()), now)
    shares = " and ".join(f"{number} to {name}" for name, number in done.questions.items())
    begun = f", {done.begun} of them begun" if done.begun else ""
    because = f" Reason: {reason.strip()}" if reason.strip() else ""
    deviation = f"Open questions of {giver} were handed over{begun} (plan {held.number + 1}): {shares}.{because}"
    store.keep_assignment_plan(done.plan, deviation)
    return done


def _bank(store: ReviewStore) -> Bank:
    keys = store.key_history()
    if not keys.versions:
        raise StudyConflict("the study has no questions yet; run samp-eval run or samp-eval responses import first")
    return keys.present.bank
