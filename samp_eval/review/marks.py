"""Marks: what a reviewer says about an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from samp_eval.literals import MarkBasis, MarkField

__all__ = [
    "ADJUDICATOR",
    "KEY_MARKER",
    "ConsensusMark",
    "Disagreement",
    "Mark",
    "SentMark",
    "StandingMark",
    "is_adjudicator",
    "is_automatic",
    "present_marks",
]

KEY_MARKER = "automatic:key"
"""The reviewer's name under which the automatic marker by the key keeps its marks; never a human's."""


ADJUDICATOR = "adjudicator:"
"""What the name of a third person begins with who settles disagreements; the person's own name follows."""


def is_automatic(reviewer: str) -> bool:
    """Whether the marks of this reviewer were made by a program."""
    return reviewer.startswith("automatic:")


def is_adjudicator(reviewer: str) -> bool:
    """Whether these marks settle the reviewers' disagreements and are no review of their own."""
    return reviewer.startswith(ADJUDICATOR)


@dataclass(frozen=True, slots=True)
class Mark:
    """One statement of one reviewer about one answer.

    Attributes
    ----------
    reviewer : str
        The reviewer's name, or :data:`KEY_MARKER`.
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
    """

    reviewer: str
    question_id: str
    answer_id: str
    field: MarkField
    value: str
    marked_at: datetime
    source: str

    def __reduce__(self) -> tuple[type[Mark], tuple[object, ...]]:
        """Marks go to another process by the thousand; as a frozen dataclass does it, that takes twice as long."""
        values = (self.reviewer, self.question_id, self.answer_id, self.field, self.value, self.marked_at, self.source)
        return Mark, values


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
    """

    answer_id: str
    field: MarkField
    value: str
    version: str
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Reviewers credit the same answer differently on one basis; ``values`` by reviewer."""

    question_id: str
    answer_id: str
    basis: MarkBasis
    values: tuple[tuple[str, str], ...]


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
    present: dict[tuple[str, str, str], Mark] = {}
    for mark in history:
        place = (mark.reviewer, mark.answer_id, mark.field)
        present.pop(place, None)
        present[place] = mark
    return [mark for mark in present.values() if mark.value]
