"""What was marked, and what it was changed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark, MarkPlace

__all__ = ["MarkChange", "mark_changes"]


@dataclass(frozen=True, slots=True)
class MarkChange:
    """One mark as it was given; ``before`` is None where it is the first.

    ``marked_at`` is UTC; ``source`` is the file or the page that it came from.
    """

    reviewer: str
    marked_at: datetime
    question_id: str
    answer: str
    field: MarkField
    before: str | None
    after: str
    source: str


def mark_changes(history: Iterable[Mark], texts: Mapping[str, str]) -> list[MarkChange]:
    """Every mark with the one that it replaced, in order; one that says again what holds changes nothing.

    Parameters
    ----------
    history : iterable of Mark
        Every mark ever given, in order.
    texts : mapping
        The answers' words by answer id.
    """
    present: dict[MarkPlace, str] = {}
    changes = []
    for mark in history:
        place = mark.place
        if present.get(place) == mark.value:
            continue
        answer = texts.get(mark.answer_id, mark.answer_id)
        changes.append(
            MarkChange(
                mark.reviewer.label,
                mark.marked_at,
                mark.question_id,
                answer,
                mark.field,
                present.get(place),
                mark.value,
                mark.source,
            )
        )
        present[place] = mark.value
    return changes
