"""Marks of filled sheets, and the sheets that went out."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from samp_eval.literals import NewestChoice
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.sheets.sheet_age import (
    HeldMark,
    OlderMark,
    SentSheet,
    SheetFile,
    SheetMark,
    held_marks,
    older_marks,
)
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.reviews.import_rows import begin_import, counts, live_import
from samp_eval.store.reviews.mark_rows import mark_values, marks_of
from samp_eval.store.safety.row_digests import checked

__all__ = ["keep_sheet_marks", "sent_sheets", "sheet_values"]


def keep_sheet_marks(
    connection: Connection,
    files: Sequence[SheetFile],
    newest: NewestChoice | None,
    keys: KeyHistory,
    *among: ColumnElement[bool],
) -> tuple[int, list[OlderMark[Mark]]]:
    """Append the marks of files, each file as an import; returns how many differ, and those that are older.

    Nothing is appended where some are older and it is not said which count. What a file says again is kept too, because
    it still holds once the import that said it first is withdrawn; the same file a second time says nothing more.
    """
    held = _held(connection, *among)
    older = older_marks((offer for file in files for offer in file.marks), held, keys.value_today)
    if older and newest is None:
        return 0, older
    left_out = {id(found.offered) for found in older} if newest == "store" else set[int]()
    changed = 0
    for file in files:
        again = live_import(connection, "marks", file.sha256) is not None
        said = [offer for offer in file.marks if id(offer) not in left_out and not offer.is_untouched]
        new = [offer for offer in said if _differs(offer, held, keys)]
        changed += len(new)
        rows = new if again else said
        if rows:
            _append(connection, file, rows, keys)
    return changed, older


def _held(connection: Connection, *among: ColumnElement[bool]) -> dict[Hashable, HeldMark[Mark]]:
    table = schema.marks
    query = select(table).where(counts(table), *among).order_by(table.c.sequence)
    rows = list(checked(table, connection.execute(query)))
    return held_marks(zip(marks_of(rows), (row.sheet for row in rows), strict=True))


def _differs(offer: SheetMark[Mark], held: dict[Hashable, HeldMark[Mark]], keys: KeyHistory) -> bool:
    other = held.get(offer.mark.place)
    return keys.value_today(offer.mark) != (keys.value_today(other.mark) if other is not None else "")


def _append(connection: Connection, file: SheetFile, offers: Iterable[SheetMark[Mark]], keys: KeyHistory) -> None:
    number = begin_import(connection, "marks", file.file, file.sha256)
    rows = [mark_values(offer.mark, keys.present_version, import_number=number, sheet=offer.sheet) for offer in offers]
    connection.execute(insert(schema.marks), rows)


def sheet_values(sheet: SentSheet) -> dict[str, Any]:
    """The row of a sheet."""
    return {
        "id": sheet.id,
        "reviewer": sheet.reviewer.name,
        "role": sheet.reviewer.role,
        "exported_at": written(sheet.exported_at),
        "file": sheet.file,
        "shown": json.dumps(sheet.shown),
    }


def sent_sheets(connection: Connection) -> dict[str, SentSheet]:
    """Every sheet that ever went out, by id."""
    table = schema.sheets
    return {
        row.id: SentSheet(
            row.id,
            Reviewer(row.reviewer, row.role),
            datetime.fromisoformat(row.exported_at),
            row.file,
            json.loads(row.shown),
        )
        for row in checked(table, connection.execute(select(table).order_by(table.c.exported_at, table.c.id)))
    }
