"""Imports as rows: what came with which, and what no longer counts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, func, insert, or_, select, update

from samp_eval.errors import StudyConflict
from samp_eval.literals import ImportKind
from samp_eval.review.imports import Import
from samp_eval.store import schema
from samp_eval.store.database import now_written
from samp_eval.store.safety.row_digests import refresh_digests

__all__ = ["begin_import", "counts", "live_import", "mark_withdrawn", "note"]


def counts(table: Table) -> ColumnElement[bool]:
    """That a row came with no import, or with one that was not withdrawn."""
    withdrawn = select(schema.imports.c.number).where(schema.imports.c.withdrawn_at.is_not(None))
    return or_(table.c.import_number.is_(None), table.c.import_number.not_in(withdrawn))


def live_import(connection: Connection, kind: ImportKind, sha256: str) -> int | None:
    """The import of this very file; None where there is none that counts."""
    table = schema.imports
    same = (table.c.kind == kind, table.c.sha256 == sha256, table.c.withdrawn_at.is_(None))
    number: int | None = connection.execute(select(func.max(table.c.number)).where(*same)).scalar_one()
    return number


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
    note(connection, what)


def note(connection: Connection, what: str) -> None:
    """Record once what was done otherwise than planned."""
    table = schema.deviations
    if connection.execute(select(table.c.sequence).where(table.c.what == what)).first() is None:
        connection.execute(insert(table).values(what=what, noted_at=now_written()))
