"""What was imported, and what was taken back of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, insert, or_, select, update

from samp_eval.errors import StudyConflict
from samp_eval.literals import ImportKind
from samp_eval.review.imports import Import
from samp_eval.store import schema
from samp_eval.store.database import now_written
from samp_eval.store.exclusion_store import SqlExclusionStore
from samp_eval.store.row_digests import checked, refresh_digests

__all__ = ["SqlImportStore", "begin_import", "counts", "is_imported", "mark_withdrawn"]


class SqlImportStore(SqlExclusionStore):
    """The part of the store that knows the imports."""

    def imports(self, kind: ImportKind) -> list[Import]:
        """Every import, withdrawn or not, in order."""
        table = schema.imports
        brought = schema.marks if kind == "marks" else schema.responses
        query = select(table).where(table.c.kind == kind).order_by(table.c.number)
        number = brought.c.import_number
        with self._reading() as connection:
            numbers = connection.execute(select(number, func.count()).group_by(number))
            counted = {row[0]: row[1] for row in numbers}
            return [_import_of(row, counted.get(row.number, 0)) for row in checked(table, connection.execute(query))]

    def withdraw_marks(self, taken: Import, reason: str, by: str) -> None:
        """Have the marks of an import count no more, and note the deviation; they stay in the history."""
        with self._writing_alone() as connection:
            mark_withdrawn(connection, taken, reason, by, f"{taken.brought:,} marks")


def counts(table: Table) -> ColumnElement[bool]:
    """That a row came with no import, or with one that was not withdrawn."""
    withdrawn = select(schema.imports.c.number).where(schema.imports.c.withdrawn_at.is_not(None))
    return or_(table.c.import_number.is_(None), table.c.import_number.not_in(withdrawn))


def is_imported(connection: Connection, kind: ImportKind, sha256: str) -> bool:
    """Whether this very file was imported and counts."""
    table = schema.imports
    same = (table.c.kind == kind, table.c.sha256 == sha256, table.c.withdrawn_at.is_(None))
    return connection.execute(select(table.c.number).where(*same).limit(1)).first() is not None


def begin_import(connection: Connection, kind: ImportKind, file: str, sha256: str) -> int:
    """Record an import; returns its number."""
    values = {"kind": kind, "file": file, "sha256": sha256, "imported_at": now_written()}
    number: int = connection.execute(
        insert(schema.imports).values(values).returning(schema.imports.c.number)
    ).scalar_one()
    return number


def mark_withdrawn(connection: Connection, taken: Import, reason: str, by: str, brought: str) -> None:
    """Record that an import was withdrawn, and note it as a deviation.

    Raises
    ------
    StudyConflict
        Where somebody else withdrew it a moment ago.
    """
    table = schema.imports
    still = (table.c.number == taken.number, table.c.withdrawn_at.is_(None))
    values = {"withdrawn_at": now_written(), "withdrawn_by": by, "reason": reason}
    if connection.execute(update(table).where(*still).values(values)).rowcount != 1:
        raise StudyConflict(f"import {taken.number} ({taken.file}) was withdrawn already")
    refresh_digests(connection, table, table.c.number == taken.number)
    who = f" by {by}" if by else ""
    what = f"Import {taken.number} ({taken.file}, {brought}) was withdrawn{who}. Reason: {reason}"
    connection.execute(insert(schema.deviations).values(what=what, noted_at=now_written()))


def _import_of(row: Row[Any], brought: int) -> Import:
    withdrawn_at = datetime.fromisoformat(row.withdrawn_at) if row.withdrawn_at else None
    return Import(
        row.number,
        row.kind,
        row.file,
        row.sha256,
        datetime.fromisoformat(row.imported_at),
        brought,
        withdrawn_at,
        row.withdrawn_by or "",
        row.reason or "",
    )
