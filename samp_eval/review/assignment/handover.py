"""A reviewer's open work goes to others; what is marked stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from shlex import join

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.review.assignment.plan import AssignmentPlan, FinishedAnswers, Seat
from samp_eval.review.assignment.planning import SECONDS_A_QUESTION, SECONDS_AN_ANSWER

__all__ = ["Handover", "hand_over", "open_work"]

OpenWork = dict[str, dict[str, int]]
"""By reviewer and question, how many answers the reviewer has not marked on both bases."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What was handed over.

    Attributes
    ----------
    plan : AssignmentPlan
        As it is afterwards.
    questions : dict
        By who takes over, how many questions.
    begun : int
        Questions among them of which some answers were marked: these marks stay and count.
    """

    plan: AssignmentPlan
    questions: dict[str, int]
    begun: int


def hand_over(
    plan: AssignmentPlan,
    giver: str,
    takers: Sequence[str],
    bank: Bank,
    answers: Sequence[DistinctAnswer],
    finished: FinishedAnswers,
    now: datetime,
) -> Handover:
    """Give a reviewer's unmarked answers to others, each question to whoever of them has the least to do.

    Raises
    ------
    StudyConflict
        Where nobody of them may take a question: they mark the other side of it, or wrote the case.
    """
    work = open_work(plan, bank, answers, finished)
    mine = work.get(giver, {})
    _check(plan, giver, takers, mine)
    loads = {name: sum(map(_seconds, work.get(name, {}).values())) for name in takers}
    seats, further, taken = dict(plan.seats), dict(plan.further), dict.fromkeys(takers, 0)
    case_of = {question.id: case.id for case, question in bank.asked()}
    able_to = {question: _able(plan, giver, takers, question, case_of[question]) for question in mine}
    refused = [question for question, able in able_to.items() if not able and giver in plan.holders(question)]
    if refused:
        raise StudyConflict(_refusal(giver, takers, refused))
    for question, number in mine.items():
        taker = min(able_to[question], key=lambda name: (loads[name], takers.index(name)), default=None)
        seats[question] = tuple(_passed_on(seat, giver, taker) for seat in plan.seats[question])
        others = [name for name in plan.further.get(question, ()) if name not in (giver, taker)]
        joins = taker is not None and giver in plan.further.get(question, ())
        further[question] = (*others, *([taker] if taker is not None and joins else []))
        if taker is not None:
            loads[taker] += _seconds(number)
            taken[taker] += 1
    marked = {answer.question_id for answer in answers if giver in finished.get(answer.answer_id, ())}
    changed = replace(
        plan,
        reviewers=tuple(dict.fromkeys([*plan.reviewers, *(name for name in takers if taken[name])])),
        seats=seats,
        further={question: people for question, people in further.items() if people},
        planned_at=now,
    )
    return Handover(changed, {name: count for name, count in taken.items() if count}, len(marked & set(mine)))


def open_work(
    plan: AssignmentPlan, bank: Bank, answers: Sequence[DistinctAnswer], finished: FinishedAnswers
) -> OpenWork:
    """What everyone has still to mark; a question without answers yet is among it."""
    of_question: dict[str, list[DistinctAnswer]] = {}
    for answer in answers:
        of_question.setdefault(answer.question_id, []).append(answer)
    found: OpenWork = {}
    for question in (question.id for _, question in bank.asked()):
        own = of_question.get(question, [])
        for name in (*plan.holders(question), *plan.further.get(question, ())):
            shown = plan.assigned(name, own, finished)
            number = sum(name not in finished.get(answer.answer_id, ()) for answer in shown)
            if number or not own:
                found.setdefault(name, {})[question] = number
    return found


def _check(plan: AssignmentPlan, giver: str, takers: Sequence[str], mine: Mapping[str, int]) -> None:
    if giver not in plan.reviewers:
        raise StudyConflict(f"{giver} is not in the plan, which has {', '.join(plan.reviewers)}")
    if giver in takers:
        raise StudyConflict(f"{giver} cannot take over from {giver}")
    if not mine:
        raise StudyConflict(f"{giver} has marked everything, so there is nothing to hand over")


def _able(plan: AssignmentPlan, giver: str, takers: Sequence[str], question: str, case: str) -> list[str]:
    """Who may take a question: nobody who has a hand in another seat of it, or wrote its case."""
    others = {name for seat in plan.seats[question] if seat[-1] != giver for name in seat}
    return [name for name in takers if name not in others and case not in plan.authors.get(name, ())]


def _refusal(giver: str, takers: Sequence[str], refused: Sequence[str]) -> str:
    named = ", ".join(refused[:3]) + (" and others" if len(refused) > 3 else "")
    return (
        f"{' and '.join(takers)} cannot take over {len(refused)} of the questions that {giver} has not finished "
        f"({named}): whoever takes one must not mark the other side of it, and must not have written the case. "
        f"Name further people: samp-eval review reassign {join([giver, *takers])} NAME"
    )


def _passed_on(seat: Seat, giver: str, taker: str | None) -> Seat:
    return (*seat, taker) if taker is not None and seat[-1] == giver else seat


def _seconds(number: int) -> float:
    return SECONDS_A_QUESTION + SECONDS_AN_ANSWER * number
