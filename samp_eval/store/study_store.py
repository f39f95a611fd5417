"""The study's whole store: responses, failures and marks, each on disk before it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import func, insert, select

from samp_eval.review.marks import Mark
from samp_eval.review.row_ids import SheetRow
from samp_eval.store import schema
from samp_eval.store.batch_store import SqlBatchStore
from samp_eval.store.database import written

__all__ = ["StudyStore"]

FEW_MARKS = 100

_OF_A_MARK = [schema.marks.c[field.name] for field in fields(Mark)]


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
        present = {(mark.reviewer, mark.answer_id, mark.field): mark.value for mark in self._present_marks(wanted)}
        rows = []
        for mark in wanted:
            place = (mark.reviewer, mark.answer_id, mark.field)
            if present.get(place, "") != mark.value:
                present[place] = mark.value
                rows.append(_mark_values(mark))
        if rows:
            with self._writing() as connection:
                connection.execute(insert(schema.marks), rows)
        return len(rows)

    def marks(self) -> list[Mark]:
        """The present marks: the latest of each reviewer, answer and field, unless it was withdrawn."""
        return self._present_marks()

    def _present_marks(self, like: Sequence[Mark] = ()) -> list[Mark]:
        """The present marks; of the answers of ``like`` only, where these are few."""
        table = schema.marks
        latest = select(func.max(table.c.sequence)).group_by(table.c.reviewer, table.c.answer_id, table.c.field)
        if 0 < len(like) <= FEW_MARKS:
            latest = latest.where(table.c.answer_id.in_({mark.answer_id for mark in like}))
        present = select(*_OF_A_MARK).where(table.c.sequence.in_(latest), table.c.value != "")
        return self._marks(present.order_by(table.c.sequence))

    def mark_history(self) -> list[Mark]:
        """Every mark ever given, in order."""
        return self._marks(select(*_OF_A_MARK).order_by(schema.marks.c.sequence))

    def _marks(self, query: Any) -> list[Mark]:
        shared: Any = {}.setdefault  # equal words become one object: less memory, and soon sent to another process
        moment = cache(datetime.fromisoformat)
        with self._reading() as connection:
            return [
                Mark(
                    shared(reviewer, reviewer),
                    shared(question_id, question_id),
                    shared(answer_id, answer_id),
                    shared(field, field),
                    shared(value, value),
                    moment(marked_at),
                    shared(source, source),
                )
                for reviewer, question_id, answer_id, field, value, marked_at, source in connection.execute(query).all()
            ]

    # Sheets --------------------------------------------------------------------------------------------------------

    def keep_sheet_rows(self, rows: Sequence[SheetRow]) -> None:
        """Record what stands behind row ids, before the sheet is written."""
        values = [
            {
                "row_id": row.row_id,
                "reviewer": row.reviewer,
                "question_id": row.question_id,
                "answer_id": row.answer_id,
                "text": row.text,
                "unit": row.unit,
                "exported_at": written(row.exported_at),
            }
            for row in rows
        ]
        if values:
            with self._writing() as connection:
                connection.execute(insert(schema.sheet_rows), values)

    def sheet_rows(self) -> dict[str, SheetRow]:
        """Every row that ever went out, by its row id."""
        moment = cache(datetime.fromisoformat)
        with self._reading() as connection:
            return {
                row.row_id: SheetRow(
                    row.row_id,
                    row.reviewer,
                    row.question_id,
                    row.answer_id,
                    row.text,
                    row.unit,
                    moment(row.exported_at),
                )
                for row in connection.execute(select(schema.sheet_rows)).all()
            }


def _mark_values(mark: Mark) -> dict[str, Any]:
    return {
        "reviewer": mark.reviewer,
        "question_id": mark.question_id,
        "answer_id": mark.answer_id,
        "field": mark.field,
        "value": mark.value,
        "marked_at": written(mark.marked_at),
        "source": mark.source,
    }
