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
        ``key``, ``judgement``, ``harm`` or ``comment``.
    value : str
        key: the letter of the entry, or ``0``; judgement and harm: ``1`` or ``0``; comment: any text.
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
