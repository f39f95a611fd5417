"""The stored plan of who marks what, and what it says of each answer and each mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, get_args

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.errors import StudyConflict
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["AssignmentPlan", "BlockUnit", "FinishedAnswers", "Seat", "finished_answers"]

Value = TypeVar("Value")

Seat = tuple[str, ...]
"""One of the reviewers whose marks settle a question, and who took over from whom: the last holds it now."""

BlockUnit = Literal["question", "case"]
"""What the same people mark: each question by itself, or a case with all of its questions."""

FinishedAnswers = Mapping[str, frozenset[str]]
"""By answer id, who has marked it on both bases."""


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """Who marks which question.

    Attributes
    ----------
    reviewers : tuple of str
        Everyone who marks or marked by the plan, in order.
    each : int
        Reviewers whose marks settle a question.
    unit : BlockUnit
    seed : int
    planned_at : datetime
        UTC.
    seats : mapping
        By question id, ``each`` seats.
    further : mapping
        By question id, for the common set: further reviewers, whose marks are compared and settle nothing.
    authors : mapping
        By reviewer, the cases that they wrote and do not mark.
    number : int
        Among the plans of the study, from 1; 0 before it is stored.
    """

    reviewers: tuple[str, ...]
    each: int
    unit: BlockUnit
    seed: int
    planned_at: datetime
    seats: Mapping[str, tuple[Seat, ...]]
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    authors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    number: int = 0

    def counting(self, question_id: str, values: Mapping[Reviewer, Value]) -> dict[Reviewer, Value]:
        """Of the marks of an answer, those that settle it: one for each seat, of its latest holder who has marked.

        Each stands under who holds the seat now, so that a seat has one name in all answers of a question.
        """
        found = {}
        for seat in self.seats.get(question_id, ()):
            holder = next((Reviewer(name) for name in reversed(seat) if Reviewer(name) in values), None)
            if holder is not None:
                found[Reviewer(seat[-1])] = values[holder]
        return found

    def assigned(self, name: str, answers: Iterable[DistinctAnswer], finished: FinishedAnswers) -> list[DistinctAnswer]:
        """The answers that a reviewer is to mark, or has marked, under the plan."""
        return [
            answer
            for answer in answers
            if self.is_for(name, answer.question_id, finished.get(answer.answer_id, frozenset()))
        ]

    def is_for(self, name: str, question_id: str, finished_by: frozenset[str]) -> bool:
        """Whether an answer is a reviewer's; what was finished before a seat was handed over stays with who did it."""
        if name in self.further.get(question_id, ()):
            return True
        for seat in self.seats.get(question_id, ()):
            if name in seat:
                return name in finished_by or (name == seat[-1] and not finished_by & set(seat))
        return False

    @property
    def handed_over(self) -> bool:
        """Whether anyone took over from another."""
        return any(len(seat) > 1 for seats in self.seats.values() for seat in seats)

    def holders(self, question_id: str) -> tuple[str, ...]:
        """Whose marks settle a question, as it is now."""
        return tuple(seat[-1] for seat in self.seats.get(question_id, ()))

    def check_reviewers(self, names: Sequence[str]) -> None:
        """Refuse anyone to whom the plan gives nothing."""
        for name in names:
            if name not in self.reviewers:
                raise StudyConflict(
                    f"{name} is not in the study's plan of who marks what, which has {', '.join(self.reviewers)}; "
                    "samp-eval review reassign hands work over"
                )

    def as_json(self) -> dict[str, Any]:
        """What is stored; :meth:`from_json` reads it back."""
        return {**asdict(self), "planned_at": self.planned_at.isoformat()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any], number: int) -> AssignmentPlan:
        """Read a stored plan."""
        return cls(
            tuple(content["reviewers"]),
            content["each"],
            content["unit"],
            content["seed"],
            datetime.fromisoformat(content["planned_at"]),
            {name: tuple(map(tuple, seats)) for name, seats in content["seats"].items()},
            {name: tuple(names) for name, names in content["further"].items()},
            {name: tuple(cases) for name, cases in content["authors"].items()},
            number,
        )


def finished_answers(marks: Iterable[Mark]) -> FinishedAnswers:
    """Who has marked which answer on both bases, repeats and roles other than reviewers aside."""
    given: dict[tuple[str, str], set[str]] = {}
    for mark in marks:
        if mark.field in get_args(MarkBasis) and not mark.repeat and mark.reviewer.role == "reviewer":
            given.setdefault((mark.answer_id, mark.reviewer.name), set()).add(mark.field)
    found: dict[str, set[str]] = {}
    for (answer_id, name), fields in given.items():
        if len(fields) == len(get_args(MarkBasis)):
            found.setdefault(answer_id, set()).add(name)
    return {answer_id: frozenset(names) for answer_id, names in found.items()}
