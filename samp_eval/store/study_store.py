"""The study's whole store: responses, failures and marks, each on disk before it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, select, true

from samp_eval.review.marks import Mark, SentMark, StandingMark
from samp_eval.review.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.store import schema
from samp_eval.store.batch_store import SqlBatchStore
from samp_eval.store.database import written
from samp_eval.store.row_digests import checked
from samp_eval.store.sent_marks import keep_sent_marks, mark_values, standing_marks

__all__ = ["StudyStore"]

FEW_MARKS = 100


class StudyStore(SqlBatchStore):
    """A study's whole database: what was asked, and how it was marked.

    Use as a context manager; every method commits before it returns.
    """

    # Marks ---------------------------------------------------------------------------------------------------------

    def add_marks(self, new: Iterable[Mark]) -> int:
        """Append the marks that differ from the reviewer's present ones; returns how many were appended.

        A mark with an empty value withdraws the earlier one.
        """
        wanted = list(new)
        if not wanted:
            return 0
        with self._writing_alone() as connection:
            held = _marks(connection, _present(_few_answers(wanted)))
            present = {mark.place: mark.value for mark in held}
            rows = []
            for mark in wanted:
                if present.get(mark.place, "") != mark.value:
                    present[mark.place] = mark.value
                    rows.append(mark_values(mark))
            if rows:
                connection.execute(insert(schema.marks), rows)
        return len(rows)

    def keep_sent_marks(self, sent: Sequence[SentMark]) -> list[StandingMark]:
        """Take marks of the marking page, each once however often it comes; returns what holds where each was given.

        A mark from a page that had not seen what holds is history and changes nothing: the reviewer decides.
        """
        with self._writing_alone() as connection:
            return keep_sent_marks(connection, sent)

    def standing_marks(self, reviewer: Reviewer) -> list[StandingMark]:
        """What holds for each answer and field that a reviewer ever marked, taken back or not."""
        with self._reading() as connection:
            return list(standing_marks(connection, *_of(reviewer, schema.marks)).values())

    def misread_marks(self) -> list[Mark]:
        """Where a reviewer says that an answer is not how the response reads: the present marks of that field."""
        with self._reading() as connection:
            return _marks(connection, _present(schema.marks.c.field == "misread").where(schema.marks.c.value == "1"))

    def marks(self) -> list[Mark]:
        """The present marks: the latest of each reviewer, answer and field, unless it was withdrawn."""
        with self._reading() as connection:
            return _marks(connection, _present())

    def mark_history(self) -> list[Mark]:
        """Every mark ever given, in order."""
        with self._reading() as connection:
            return _marks(connection, select(schema.marks).order_by(schema.marks.c.sequence))

    # Sheets --------------------------------------------------------------------------------------------------------

    def keep_sheet_rows(self, rows: Sequence[SheetRow]) -> list[SheetRow]:
        """Record what stands behind row ids, before they go out; returns the rows that hold, in the same order.

        Another page or sheet may have made the row of an answer a moment before: then that one holds.
        """
        reviewers = {row.reviewer.name for row in rows}
        with self._writing_alone() as connection:
            held = _sheet_rows(connection, schema.sheet_rows.c.reviewer.in_(reviewers))
            first = {row.place: row for row in held.values() if row.unit != "duplicate"}
            new = [first.setdefault(row.place, row) for row in rows if row.place not in first]
            if new:
                connection.execute(insert(schema.sheet_rows), _rows_as_values(new))
        return [held.get(row.row_id) or first[row.place] for row in rows]

    def sheet_rows(self, reviewer: Reviewer | None = None) -> dict[str, SheetRow]:
        """Every row that ever went out, to one reviewer or to all, by its row id."""
        with self._reading() as connection:
            return _sheet_rows(connection, *(_of(reviewer, schema.sheet_rows) if reviewer else ()))


def _few_answers(marks: Sequence[Mark]) -> ColumnElement[bool]:
    """The answers of these marks, where they are few; else all."""
    if len(marks) > FEW_MARKS:
        return true()
    return schema.marks.c.answer_id.in_({mark.answer_id for mark in marks})


def _present(among: ColumnElement[bool] | None = None) -> Select[Any]:
    table = schema.marks
    latest = select(func.max(table.c.sequence)).group_by(
        table.c.reviewer, table.c.role, table.c.answer_id, table.c.field, table.c.repeat
    )
    if among is not None:
        latest = latest.where(among)
    present = select(schema.marks).where(table.c.sequence.in_(latest), table.c.value != "")
    return present.order_by(table.c.sequence)


def _marks(connection: Connection, query: Select[Any]) -> list[Mark]:
    shared: Any = {}.setdefault  # equal words become one object: less memory, and soon sent to another process
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
            bool(row.repeat),
        )
        for row in checked(schema.marks, connection.execute(query))
    ]


def _of(reviewer: Reviewer, table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.reviewer == reviewer.name, table.c.role == reviewer.role


def _rows_as_values(rows: Sequence[SheetRow]) -> list[dict[str, Any]]:
    moment = cache(written)
    return [
        {
            "row_id": row.row_id,
            "reviewer": row.reviewer.name,
            "role": row.reviewer.role,
            "question_id": row.question_id,
            "answer_id": row.answer_id,
            "text": row.text,
            "unit": row.unit,
            "exported_at": moment(row.exported_at),
            "repeat": int(row.repeat),
        }
        for row in rows
    ]


def _sheet_rows(connection: Connection, *among: ColumnElement[bool]) -> dict[str, SheetRow]:
    moment, reviewer_of = cache(datetime.fromisoformat), cache(Reviewer)
    query = select(schema.sheet_rows).where(*among)
    return {
        row.row_id: SheetRow(
            row.row_id,
            reviewer_of(row.reviewer, row.role),
            row.question_id,
            row.answer_id,
            row.text,
            row.unit,
            moment(row.exported_at),
            bool(row.repeat),
        )
        for row in checked(schema.sheet_rows, connection.execute(query))
    }
