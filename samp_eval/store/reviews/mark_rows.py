"""Marks as rows, and back: in the letters of the study's present key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.reviews.import_rows import counts
from samp_eval.store.safety.row_digests import checked

__all__ = ["latest_marks", "mark_values", "marks_as_given", "marks_of", "marks_today"]


def mark_values(mark: Mark, present_version: int, **columns: str | int | None) -> dict[str, Any]:
    """The row of a mark; one that does not say which key its reviewer saw is of the present key."""
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
        "key_version": mark.key_version or present_version,
        "mark_id": None,
        "stands_against": None,
        "import_number": None,
        "sheet": None,
        **columns,
    }


def latest_marks(*among: ColumnElement[bool]) -> Select[Any]:
    """The sequences of the latest row that counts of each reviewer in a role, answer and field, first or repeated."""
    table = schema.marks
    place = table.c.reviewer, table.c.role, table.c.answer_id, table.c.field, table.c.repeat
    return select(func.max(table.c.sequence)).where(counts(table), *among).group_by(*place)


def marks_of(rows: Iterable[Row[Any]]) -> list[Mark]:
    """Marks from whole rows, with the letters that their reviewers saw."""
    shared: Any = {}.setdefault  # equal words become one object: less memory
    moment, reviewer_of = cache(datetime.fromisoformat), cache(Reviewer)
    return [
        Mark(
            reviewer_of(row.reviewer, row.role),
            shared(row.question_id, row.question_id),
            shared(row.answer_id, row.answer_id),
            shared(row.field, row.field),
            shared(row.value, row.value),
            moment(row.marked_at),
            shared(row.source, row.source),
            row.repeat,
            row.key_version,
        )
        for row in rows
    ]


def marks_as_given(connection: Connection, query: Select[Any]) -> list[Mark]:
    """The marks of a query for whole rows, with the letters that their reviewers saw."""
    return marks_of(checked(schema.marks, connection.execute(query)))


def marks_today(connection: Connection, query: Select[Any], keys: KeyHistory) -> list[Mark]:
    """The same with the letters of the present key; one that no longer counts has an empty value."""
    return [keys.today(mark) for mark in marks_as_given(connection, query)]
