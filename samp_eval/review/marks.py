"""Marks: what a reviewer says about an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, get_args

from samp_eval.literals import MarkBasis, MarkField
from samp_eval.review.people.reviewers import Reviewer

__all__ = [
    "ConsensusMark",
    "Disagreement",
    "Mark",
    "MarkPlace",
    "SentMark",
    "StandingMark",
    "marked_on_both",
    "present_marks",
    "stands",
]

MarkPlace = tuple[Reviewer, str, MarkField, int]
"""Reviewer, answer id, field, and the number of the repeat."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One statement of one reviewer about one answer.

    Attributes
    ----------
    reviewer : Reviewer
    question_id : str
    answer_id : str
        See :func:`samp_eval.answers.distinct.answer_id_of`.
    field : MarkField
        See :data:`samp_eval.literals.MarkField`.
    value : str
        key: the letter of the entry, or ``0``; comment: any text; the others: ``1`` or ``0``.
    marked_at : datetime
        UTC.
    source : str
        The file or the page it came from; for the automatic marker its version and the reason.
    repeat : int
        0 for the first time. 1: the answer was shown to the reviewer a second time, which only measures the reviewer.
        A model may be asked more often; all its repeats are votes.
    key_version : int
        Of the bank whose letters the reviewer saw; see :class:`samp_eval.review.amendments.key_history.KeyHistory`.
    """

    reviewer: Reviewer
    question_id: str
    answer_id: str
    field: MarkField
    value: str
    marked_at: datetime
    source: str
    repeat: int = 0
    key_version: int = 0

    @property
    def place(self) -> MarkPlace:
        """Who marks which answer in which field, at which repeat: a later mark there replaces this one."""
        return self.reviewer, self.answer_id, self.field, self.repeat

    def __reduce__(self) -> tuple[type[Mark], tuple[object, ...]]:
        """Marks go to another process by the thousand; as a frozen dataclass does it, that takes twice as long."""
        mark = (self.field, self.value, self.marked_at, self.source, self.repeat, self.key_version)
        return Mark, (self.reviewer, self.question_id, self.answer_id, *mark)


@dataclass(frozen=True, slots=True)
class SentMark:
    """A mark as the marking page sends it: perhaps late, and perhaps more than once.

    Attributes
    ----------
    mark : Mark
    mark_id : str
        Drawn at random by the page, so that a mark which comes again is known.
    seen : str
        Version of the mark that the page showed when this one was given; empty where it showed none.
    """

    mark: Mark
    mark_id: str
    seen: str


@dataclass(frozen=True, slots=True)
class StandingMark:
    """What holds for one reviewer, answer and field.

    Attributes
    ----------
    value : str
        Empty where the mark was taken back.
    version : str
        Another one for each mark that was given here.
    against : str or None
        What a page said that had not seen the standing mark; the reviewer has to decide. None where nothing is open.
    import_number : int or None
        The import that it came with, and is withdrawn with; None for a mark that was given on the page.
    """

    answer_id: str
    field: MarkField
    value: str
    version: str
    against: str | None = None
    repeat: bool = False
    import_number: int | None = None


class _Standing(Protocol):
    @property
    def value(self) -> str: ...

    @property
    def version(self) -> str: ...


def stands(held: _Standing | None, value: str, seen: str) -> bool:
    """Whether what holds stays in its place when a page that last saw version ``seen`` says something else."""
    return held is not None and held.version != seen and held.value != value


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Reviewers credit the same answer differently on one basis; ``values`` by reviewer."""

    question_id: str
    answer_id: str
    basis: MarkBasis
    values: tuple[tuple[Reviewer, str], ...]


@dataclass(frozen=True, slots=True)
class ConsensusMark:
    """What the reviewers' marks of one answer come to on one basis.

    Attributes
    ----------
    credit : float or None
        1 credited, 0 not, between them under the rule ``mean``; None while it is unresolved or unmarked.
    entry : str
        Letter of the key entry that the answer matches; empty where none is known.
    """

    question_id: str
    answer_id: str
    basis: MarkBasis
    credit: float | None
    entry: str = ""


def present_marks(history: Iterable[Mark]) -> list[Mark]:
    """The latest mark of each reviewer, answer and field, unless it was withdrawn, in the order they were given."""
    present: dict[MarkPlace, Mark] = {}
    for mark in history:
        present.pop(mark.place, None)
        present[mark.place] = mark
    return [mark for mark in present.values() if mark.value]


def marked_on_both(marks: Iterable[Mark], reviewer: Reviewer) -> set[tuple[str, int]]:
    """Answers that a reviewer has marked on both bases, and whether for the second time."""
    own = [mark for mark in marks if mark.reviewer == reviewer]
    by_key, by_judgement = (
        {(mark.answer_id, mark.repeat) for mark in own if mark.field == basis} for basis in get_args(MarkBasis)
    )
    return by_key & by_judgement
