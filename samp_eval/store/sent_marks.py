"""Marks of the marking page: each is taken once, and none is written over one that its page had not seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select

from samp_eval.review.marks import Mark, MarkPlace, SentMark, StandingMark
from samp_eval.review.reviewers import Reviewer
from samp_eval.store import schema
from samp_eval.store.database import written

__all__ = ["keep_sent_marks", "mark_values", "standing_marks"]


def mark_values(mark: Mark, *, mark_id: str | None = None, stands_against: str | None = None) -> dict[str, Any]:
    """A mark as a row of its table."""
    return {
        "reviewer": mark.reviewer.name,
        "role": mark.reviewer.role,
        "question_id": mark.question_id,
        "answer_id": mark.answer_id,
        "field": mark.field,
        "value": mark.value,
        "marked_at": written(mark.marked_at),
        "source": mark.source,
        "repeat": int(mark.repeat),
        "mark_id": mark_id,
        "stands_against": stands_against,
    }


def standing_marks(connection: Connection, *among: ColumnElement[bool]) -> dict[MarkPlace, StandingMark]:
    """The latest row of each reviewer, answer and field, first or repeated."""
    table = schema.marks
    place = table.c.reviewer, table.c.role, table.c.answer_id, table.c.field, table.c.repeat
    latest = select(func.max(table.c.sequence)).where(*among).group_by(*place)
    columns = *place, table.c.value, table.c.sequence, table.c.mark_id, table.c.stands_against
    return {
        (Reviewer(name, role), answer_id, field, bool(repeat)): StandingMark(
            answer_id, field, value, mark_id or str(sequence), against, bool(repeat)
        )
        for name, role, answer_id, field, repeat, value, sequence, mark_id, against in connection.execute(
            select(*columns).where(table.c.sequence.in_(latest))
        ).all()
    }


def keep_sent_marks(connection: Connection, sent: Sequence[SentMark]) -> list[StandingMark]:
    """Append the marks that did not come before; returns what holds in the place of each.

    Where the page had not seen what holds, and says something else, its mark is appended and what holds once more after
    it: so the latest row holds, as everywhere, and the history has both.
    """
    table = schema.marks
    among = table.c.answer_id.in_({arrived.mark.answer_id for arrived in sent})
    standing = standing_marks(connection, among)
    taken = _taken(connection, sent)
    rows: list[dict[str, Any]] = []
    for arrived in sent:
        place = arrived.mark.place
        if (arrived.mark.reviewer.name, arrived.mark_id) in taken:
            continue
        taken.add((arrived.mark.reviewer.name, arrived.mark_id))
        rows.append(mark_values(arrived.mark, mark_id=arrived.mark_id))
        held = standing.get(place)
        if held is None or held.version == arrived.seen or held.value == arrived.mark.value:
            standing[place] = _standing(arrived.mark, arrived.mark.value, arrived.mark_id)
            continue
        again = secrets.token_hex(16)
        rows.append(
            {**mark_values(arrived.mark, mark_id=again, stands_against=arrived.mark.value), "value": held.value}
        )
        standing[place] = _standing(arrived.mark, held.value, again, arrived.mark.value)
    if rows:
        connection.execute(insert(table), rows)
    return [standing.get(arrived.mark.place) or _standing(arrived.mark, "", "") for arrived in sent]


def _taken(connection: Connection, sent: Sequence[SentMark]) -> set[tuple[str, str]]:
    table = schema.marks
    query = select(table.c.reviewer, table.c.mark_id).where(
        table.c.reviewer.in_({arrived.mark.reviewer.name for arrived in sent}),
        table.c.mark_id.in_({arrived.mark_id for arrived in sent}),
    )
    return {(reviewer, mark_id) for reviewer, mark_id in connection.execute(query)}


def _standing(mark: Mark, value: str, version: str, against: str | None = None) -> StandingMark:
    return StandingMark(mark.answer_id, mark.field, value, version, against, mark.repeat)
