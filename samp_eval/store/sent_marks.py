"""Marks of the marking page: each is taken once, and none is written over one that its page had not seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from samp_eval.review.marks import Mark, SentMark, StandingMark
from samp_eval.store import schema
from samp_eval.store.database import written

__all__ = ["keep_sent_marks", "mark_values", "standing_marks"]

Place = tuple[str, str, str]
"""Reviewer, answer and field."""


def mark_values(mark: Mark, *, mark_id: str | None = None, stands_against: str | None = None) -> dict[str, Any]:
    """A mark as a row of its table."""
    return {
        "reviewer": mark.reviewer,
        "question_id": mark.question_id,
        "answer_id": mark.answer_id,
        "field": mark.field,
        "value": mark.value,
        "marked_at": written(mark.marked_at),
        "source": mark.source,
        "mark_id": mark_id,
        "stands_against": stands_against,
    }


def standing_marks(connection: Connection, *among: ColumnElement[bool]) -> dict[Place, StandingMark]:
    """The latest row of each reviewer, answer and field."""
    table = schema.marks
    place = table.c.reviewer, table.c.answer_id, table.c.field
    latest = select(func.max(table.c.sequence)).where(*among).group_by(*place)
    columns = *place, table.c.value, table.c.sequence, table.c.mark_id, table.c.stands_against
    return {
        (reviewer, answer_id, field): StandingMark(answer_id, field, value, mark_id or str(sequence), against)
        for reviewer, answer_id, field, value, sequence, mark_id, against in connection.execute(
            select(*columns).where(table.c.sequence.in_(latest))
        ).all()
    }


def keep_sent_marks(connection: Connection, sent: Sequence[SentMark]) -> list[StandingMark]:
    """Append the marks that did not come before; returns what holds in the place of each.

    Where the page had not seen what holds, and says something else, its mark is appended and what holds once more after
    it: so the latest row holds, as everywhere, and the history has both.
    """
    table = schema.marks
    among = table.c.answer_id.in_({one.mark.answer_id for one in sent})
    standing = standing_marks(connection, among)
    taken = _taken(connection, sent)
    rows: list[dict[str, Any]] = []
    for one in sent:
        place = _place(one.mark)
        if (one.mark.reviewer, one.mark_id) in taken:
            continue
        taken.add((one.mark.reviewer, one.mark_id))
        rows.append(mark_values(one.mark, mark_id=one.mark_id))
        held = standing.get(place)
        if held is None or held.version == one.seen or held.value == one.mark.value:
            standing[place] = _standing(one.mark, one.mark.value, one.mark_id)
            continue
        again = secrets.token_hex(16)
        rows.append({**mark_values(one.mark, mark_id=again, stands_against=one.mark.value), "value": held.value})
        standing[place] = _standing(one.mark, held.value, again, one.mark.value)
    if rows:
        connection.execute(insert(table), rows)
    return [standing.get(_place(one.mark)) or _standing(one.mark, "", "") for one in sent]


def _taken(connection: Connection, sent: Sequence[SentMark]) -> set[tuple[str, str]]:
    table = schema.marks
    query = select(table.c.reviewer, table.c.mark_id).where(
        table.c.reviewer.in_({one.mark.reviewer for one in sent}), table.c.mark_id.in_({one.mark_id for one in sent})
    )
    return {(reviewer, mark_id) for reviewer, mark_id in connection.execute(query)}


def _place(mark: Mark) -> Place:
    return mark.reviewer, mark.answer_id, mark.field


def _standing(mark: Mark, value: str, version: str, against: str | None = None) -> StandingMark:
    return StandingMark(mark.answer_id, mark.field, value, version, against)
