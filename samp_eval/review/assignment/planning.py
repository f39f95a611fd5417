"""Makes a plan of who marks what from a study's answers; what was marked before keeps its reviewers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.review.assignment.balance import Block, group_blocks, most_between_loads
from samp_eval.review.assignment.plan import AssignmentPlan, BlockUnit, Seat
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["PlanLoads", "PlanWishes", "make_plan", "plan_loads", "question_seconds", "questions_marked"]

SECONDS_A_QUESTION = 60.0
"""For a case and its question to be read."""

SECONDS_AN_ANSWER = 7.0
"""For one answer to be marked on both bases."""

MOST_COMMON = 8
"""Questions of the common set where its size is not given; less than a tenth of the questions, in small studies."""


@dataclass(frozen=True, slots=True)
class PlanWishes:
    """What a plan is to be like.

    Attributes
    ----------
    reviewers : tuple of str
    each : int
        Reviewers whose marks settle a question.
    common : int or None
        Blocks that everyone marks; None for a tenth of them, at most :data:`MOST_COMMON`.
    unit : BlockUnit
    seed : int
    authors : mapping
        By reviewer, the cases that they wrote.
    """

    reviewers: tuple[str, ...]
    each: int = 2
    common: int | None = None
    unit: BlockUnit = "question"
    seed: int = 0
    authors: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class PlanLoads:
    """What a plan asks of its reviewers.

    Attributes
    ----------
    questions, answers : dict
        By reviewer.
    hours : dict
        By reviewer: a minute to read a question, seven seconds for an answer.
    groups : dict
        By group of reviewers, such as ``A, B``: the questions that their marks settle.
    common : int
        Questions that more reviewers mark than settle them.
    spread : float
        The largest difference between two loads, as a share of their mean.
    """

    questions: dict[str, int]
    answers: dict[str, int]
    hours: dict[str, float]
    groups: dict[str, int]
    common: int
    spread: float


def make_plan(
    wishes: PlanWishes,
    bank: Bank,
    answers: Iterable[DistinctAnswer],
    marks: Sequence[Mark],
    held: AssignmentPlan | None,
    now: datetime,
) -> AssignmentPlan:
    """Plan who marks what.

    Questions with marks keep the reviewers of the held plan; without one, those who marked them go on.

    Raises
    ------
    StudyConflict
        Where there is no such plan, or an author or case is unknown.
    """
    _check(wishes, bank)
    seconds = question_seconds(bank, answers)
    marked = questions_marked(marks)
    _check_who_marked(wishes, marked, held)
    kept = {name: held.seats[name] for name in marked if held is not None and name in held.seats}
    by_block: dict[str, list[str]] = {}
    case_of: dict[str, str] = {}
    for case, question in bank.asked():
        block = question.id if wishes.unit == "question" else case.id
        by_block.setdefault(block, []).append(question.id)
        case_of[block] = case.id
    blocks = [
        Block(
            block,
            sum(seconds[name] for name in questions),
            frozenset(name for name, cases in (wishes.authors or {}).items() if case_of[block] in cases),
            frozenset(person for name in questions for person in marked.get(name, ())),
        )
        for block, questions in by_block.items()
    ]
    seats_kept = {
        block: next(kept[name] for name in questions if name in kept)
        for block, questions in by_block.items()
        if any(name in kept for name in questions)
    }
    common = min(MOST_COMMON, len(blocks) // 10) if wishes.common is None else wishes.common
    found = group_blocks(
        blocks,
        wishes.reviewers,
        each=wishes.each,
        common=common,
        seed=wishes.seed,
        kept={block: tuple(seat[-1] for seat in seats) for block, seats in seats_kept.items()},
    )
    seats: dict[str, tuple[Seat, ...]] = {}
    for block, questions in by_block.items():
        own = seats_kept.get(block) or tuple((name,) for name in found.groups[block])
        seats |= {name: kept.get(name, own) for name in questions}
    further = {name: found.common[block] for block in found.common for name in by_block[block]}
    people = dict.fromkeys([*wishes.reviewers, *(name for own in kept.values() for seat in own for name in seat)])
    return AssignmentPlan(
        tuple(people), wishes.each, wishes.unit, wishes.seed, now, seats, further, dict(wishes.authors or {})
    )


def plan_loads(plan: AssignmentPlan, bank: Bank, answers: Sequence[DistinctAnswer]) -> PlanLoads:
    """What a plan asks of everyone, with the answers that the study has so far."""
    seconds, counts = question_seconds(bank, answers), Counter(answer.question_id for answer in answers)
    busy_now = {name for question in plan.seats for name in (*plan.holders(question), *plan.further.get(question, ()))}
    active = [name for name in plan.reviewers if name in busy_now]
    questions, to_mark, loads = (dict.fromkeys(active, 0) for _ in range(3))
    busy: dict[str, float] = dict(loads)
    groups = Counter({", ".join(group): 0 for group in combinations(active, plan.each)} if plan.each > 1 else {})
    for question in (question.id for _, question in bank.asked() if question.id in plan.seats):
        holders = sorted(plan.holders(question), key=plan.reviewers.index)
        groups[", ".join(holders)] += 1
        for name in (*holders, *plan.further.get(question, ())):
            if name in busy:
                questions[name] += 1
                to_mark[name] += counts[question]
                busy[name] += seconds[question]
    return PlanLoads(
        questions,
        to_mark,
        {name: load / 3600 for name, load in busy.items()},
        dict(groups),
        sum(bool(names) for names in plan.further.values()),
        most_between_loads(busy.values()),
    )


def question_seconds(bank: Bank, answers: Iterable[DistinctAnswer]) -> dict[str, float]:
    """How long one reviewer takes for each question of the bank."""
    counts = Counter(answer.question_id for answer in answers)
    return {question.id: SECONDS_A_QUESTION + SECONDS_AN_ANSWER * counts[question.id] for _, question in bank.asked()}


def questions_marked(marks: Iterable[Mark]) -> dict[str, frozenset[str]]:
    """By question, which reviewers have marked something of it."""
    found: dict[str, set[str]] = {}
    for mark in marks:
        if mark.reviewer.role == "reviewer" and not mark.repeat:
            found.setdefault(mark.question_id, set()).add(mark.reviewer.name)
    return {name: frozenset(people) for name, people in found.items()}


def _check_who_marked(wishes: PlanWishes, marked: Mapping[str, frozenset[str]], held: AssignmentPlan | None) -> None:
    planned = {*wishes.reviewers, *(held.reviewers if held is not None else ())}
    left_out = sorted({name for people in marked.values() for name in people} - planned)
    if left_out:
        raise StudyConflict(
            f"{', '.join(left_out)} marked answers already, and these marks would not count under a plan without them; "
            "name them too, and hand their open work over with samp-eval review reassign"
        )


def _check(wishes: PlanWishes, bank: Bank) -> None:
    if not 1 <= wishes.each <= len(wishes.reviewers):
        raise StudyConflict(
            f"{wishes.each} of {len(wishes.reviewers)} reviewers cannot mark each question; choose --each from 1 to "
            f"{len(wishes.reviewers)}"
        )
    for name in wishes.reviewers:
        if Reviewer.from_label(name).role != "reviewer":
            raise StudyConflict(f"{name!r} cannot be a reviewer's name")
    cases = {case.id for case in bank.cases}
    for name, own in (wishes.authors or {}).items():
        if name not in wishes.reviewers:
            raise StudyConflict(f"the author {name} is not among the reviewers {', '.join(wishes.reviewers)}")
        for case in own:
            if case not in cases:
                raise StudyConflict(f"the study's bank has no case {case!r}; samp-eval items list shows its cases")
