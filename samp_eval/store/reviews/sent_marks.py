"""Marks of the marking page: each is taken once, and none is written over one that its page had not seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.marks import Mark, MarkPlace, SentMark, StandingMark, stands
from samp_eval.store import schema
from samp_eval.store.reviews.mark_rows import latest_marks, mark_values, marks_of
from samp_eval.store.safety.row_digests import checked

__all__ = ["keep_sent_marks", "standing_marks"]


def standing_marks(
    connection: Connection, keys: KeyHistory, *among: ColumnElement[bool]
) -> dict[MarkPlace, StandingMark]:
    """The latest row of each reviewer, answer and field, first or repeated, in the letters of the present key."""
    table = schema.marks
    latest = select(table).where(table.c.sequence.in_(latest_marks(*among)))
    rows = list(checked(table, connection.execute(latest)))
    standing = {}
    for row, mark in zip(rows, marks_of(rows), strict=True):
        against = row.stands_against and (keys.value_today(replace(mark, value=row.stands_against)) or None)
        version = row.mark_id or str(row.sequence)
        standing[mark.place] = _standing(mark, keys.value_today(mark), version, against, row.import_number)
    return standing


def keep_sent_marks(connection: Connection, sent: Sequence[SentMark], keys: KeyHistory) -> list[StandingMark]:
    """Append the marks that did not come before; returns what holds in the place of each.

    Where the page had not seen what holds, and says something else, its mark is appended and what holds once more after
    it: so the latest row holds, as everywhere, and the history has both. If what holds came with an import, it is
    withdrawn with that.
    """
    table = schema.marks
    among = table.c.answer_id.in_({arrived.mark.answer_id for arrived in sent})
    standing = standing_marks(connection, keys, among)
    taken = _taken(connection, sent)
    rows: list[dict[str, Any]] = []
    for arrived in sent:
        mark = keys.today(arrived.mark)
        if (mark.reviewer.name, arrived.mark_id) in taken:
            continue
        taken.add((mark.reviewer.name, arrived.mark_id))
        rows.append(mark_values(arrived.mark, keys.present_version, mark_id=arrived.mark_id))
        held = standing.get(mark.place)
        if held is None or not stands(held, mark.value, arrived.seen):
            standing[mark.place] = _standing(mark, mark.value, arrived.mark_id)
            continue
        again = secrets.token_hex(16)
        repeated = replace(mark, value=held.value)
        came_with = {"import_number": held.import_number, "stands_against": mark.value}
        rows.append(mark_values(repeated, keys.present_version, mark_id=again, **came_with))
        standing[mark.place] = _standing(mark, held.value, again, mark.value, held.import_number)
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


def _standing(
    mark: Mark, value: str, version: str, against: str | None = None, import_number: int | None = None
) -> StandingMark:
    return StandingMark(mark.answer_id, mark.field, value, version, against, bool(mark.repeat), import_number)
