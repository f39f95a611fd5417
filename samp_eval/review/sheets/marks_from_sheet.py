"""Filled sheets come back: every mark is taken, or every fault is named with its row and nothing is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from samp_eval.errors import Fault, FaultySheet
from samp_eval.literals import MarkField
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.mark_values import allowed_marks, read_mark
from samp_eval.review.marks import Mark, MarkPlace
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.sheets.sheet_age import SentSheet, SheetMark, shown_by
from samp_eval.review.sheets.sheet_files import read_sheet_rows
from samp_eval.review.sheets.sheet_lines import COLUMNS, MARK_COLUMNS, OPTIONAL_COLUMNS
from samp_eval.spreadsheet_cells import plain, reformatted, same_text, well_decoded

__all__ = ["FilledSheet", "all_faults", "marks_of_files", "read_filled_sheet"]

_MARK_READ_AS_CP1252 = "ï»¿"
"""What a byte-order mark looks like when a program took the sheet's UTF-8 for CP1252."""
_NEEDED = ("row_id", "answer")


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """What was read from one file.

    Attributes
    ----------
    file : str
    rows : int
        Rows with a known row id.
    marks : tuple of SheetMark
        Of its valid rows.
    faults : tuple of Fault
        Everything that stands in the way of importing the file whole.
    notes : tuple of Fault
        Harmless changes that a spreadsheet program made.
    """

    file: str
    rows: int
    marks: tuple[SheetMark[Mark], ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    file: str
    held: Mapping[str, SheetRow]
    sent: Mapping[str, SentSheet]
    keys: KeyHistory
    now: datetime
    places: dict[str, int] = field(default_factory=dict)
    rows: set[str] = field(default_factory=set)
    marks: dict[MarkPlace, tuple[int, SheetMark[Mark]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


def marks_of_files(
    files: Sequence[Path],
    keys: KeyHistory,
    held: Mapping[str, SheetRow],
    sent: Mapping[str, SentSheet],
    now: datetime,
) -> list[FilledSheet]:
    """Read filled sheets together; a row that two files mark differently is a fault of the later one.

    Parameters
    ----------
    files : sequence of Path
        CSV, XLSX or ODS.
    keys : KeyHistory
        A sheet is read by the letters that it shows, whatever the key has become since.
    held : mapping
        Every row that ever went out, by row id.
    sent : mapping
        Every sheet that ever went out, by its id.
    now : datetime
        UTC; the time of the marks.
    """
    sheets = []
    seen: dict[MarkPlace, Mark] = {}
    for file in files:
        sheet = read_filled_sheet(file, keys, held, sent, now)
        clashes = []
        for mark in (offer.mark for offer in sheet.marks):
            earlier = seen.setdefault(mark.place, mark)
            if keys.value_today(earlier) != keys.value_today(mark):
                problem = f"marked {mark.value!r} here and {earlier.value!r} in {earlier.source}; keep one of them"
                clashes.append(
                    Fault(str(file), f"question {mark.question_id}, column {MARK_COLUMNS[mark.field]}", problem)
                )
        kept = tuple(offer for offer in sheet.marks if seen[offer.mark.place] is offer.mark)
        sheets.append(FilledSheet(sheet.file, sheet.rows, kept, (*sheet.faults, *clashes), sheet.notes))
    return sheets


def read_filled_sheet(
    file: Path, keys: KeyHistory, held: Mapping[str, SheetRow], sent: Mapping[str, SentSheet], now: datetime
) -> FilledSheet:
    """Read one filled sheet, with all of its faults."""
    reading = _Reading(str(file), held, sent, keys, now)

    def note(remark: str) -> None:
        reading.notes.append(Fault(str(file), "", remark.removeprefix(f"{file} ")))

    try:
        table = read_sheet_rows(file, note)
    except FaultySheet as error:
        return FilledSheet(str(file), 0, (), error.faults, ())
    if any(cell.startswith(_MARK_READ_AS_CP1252) for cells in table[:1] for cell in cells):
        table = [[well_decoded(cell) for cell in cells] for cells in table]
    header_at = _header(table)
    if header_at is None:
        problem = "no row names the columns of a reviewer sheet (row_id, ..., comment); is this the right file?"
        return FilledSheet(str(file), 0, (), (Fault(str(file), "", problem),), ())
    _find_columns(reading, table[header_at])
    if all(column in reading.places for column in _NEEDED):
        for number, cells in enumerate(table[header_at + 1 :], start=header_at + 2):
            _read_row(reading, number, cells)
    marks = tuple(offer for _, offer in reading.marks.values())
    return FilledSheet(str(file), len(reading.rows), marks, tuple(reading.faults), tuple(reading.notes))


def _named(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip("\ufeff\"' \t").casefold())


def _header(table: Sequence[Sequence[str]]) -> int | None:
    for position, cells in enumerate(table[:20]):
        if len({_named(cell) for cell in cells} & set(COLUMNS)) >= 2:
            return position
    return None


def _find_columns(reading: _Reading, header: Sequence[str]) -> None:
    for position, cell in enumerate(header):
        name = _named(cell)
        if name in COLUMNS and name in reading.places:
            reading.faults.append(
                Fault(reading.file, f"column {name}", "this column is there twice; remove one of them")
            )
        elif name in COLUMNS:
            reading.places[name] = position
    for column in COLUMNS:
        if column not in reading.places and column not in OPTIONAL_COLUMNS:
            problem = "this column is missing; put it back as it was in the exported sheet"
            reading.faults.append(Fault(reading.file, f"column {column}", problem))


def _read_row(reading: _Reading, number: int, cells: Sequence[str]) -> None:
    values = {name: cells[place] if place < len(cells) else "" for name, place in reading.places.items()}
    row_id = values["row_id"].strip().strip("'").lower()
    marked = any(values.get(column, "").strip() for column in MARK_COLUMNS.values())
    if not row_id:
        if marked or values["answer"].strip():
            _fault(reading, number, "row_id", "the row id is missing; copy it back from the exported sheet")
        return
    row = reading.held.get(row_id)
    if row is None:
        _fault(
            reading,
            number,
            "row_id",
            f"{values['row_id']!r:.60} is not a row of this study; is this another study's sheet?",
        )
        return
    if not reading.keys.letters(row.question_id, row.key_version):
        _fault(reading, number, "question_id", f"the question {row.question_id} is no longer in the study's bank")
        return
    reading.rows.add(row_id)
    if not _answer_is_whole(reading, number, row, values["answer"]):
        return
    for mark_field, column in MARK_COLUMNS.items():
        value = _mark(reading, number, row, mark_field, values.get(column, ""))
        if value:
            _keep(reading, number, row, mark_field, value, values.get("sheet", "").strip().lower())


def _keep(reading: _Reading, number: int, row: SheetRow, mark_field: MarkField, value: str, sheet: str) -> None:
    mark = Mark(
        row.reviewer,
        row.question_id,
        row.answer_id,
        mark_field,
        value,
        reading.now,
        Path(reading.file).name,
        row.repeat,
        row.key_version,
    )
    if not reading.keys.value_today(mark):
        problem = f"{value!r:.60} is not taken, because the question or its key was corrected after this sheet went out"
        reading.notes.append(Fault(reading.file, f"row {number}, column {MARK_COLUMNS[mark_field]}", problem))
        return
    first, earlier = reading.marks.setdefault(mark.place, (number, _offer(reading, number, row, mark, sheet)))
    if earlier.mark.value != value:
        _fault(
            reading,
            number,
            MARK_COLUMNS[mark_field],
            f"{value!r:.60} here but {earlier.mark.value!r:.60} in row {first} for the same row id",
        )


def _offer(reading: _Reading, number: int, row: SheetRow, mark: Mark, sheet: str) -> SheetMark[Mark]:
    where = f"row {number}, column {MARK_COLUMNS[mark.field]}"
    return shown_by(reading.sent, sheet, row.row_id, row.exported_at, mark, where, mark.field)


def _answer_is_whole(reading: _Reading, number: int, row: SheetRow, cell: str) -> bool:
    if same_text(row.text, cell):
        return True
    if reformatted(row.text, cell):
        problem = f"a spreadsheet program shows {row.text!r:.60} as {cell!r:.60}; the study keeps the answer as it was"
        reading.notes.append(Fault(reading.file, f"row {number}, column answer", problem))
        return True
    _fault(
        reading,
        number,
        "answer",
        f"the answer was changed: the study has {row.text!r:.90}, the sheet {cell!r:.90}; restore it",
    )
    return False


def _mark(reading: _Reading, number: int, row: SheetRow, mark_field: MarkField, cell: str) -> str:
    """The mark that a cell holds; empty where it is not marked or a fault."""
    text = plain(cell.strip()) if mark_field == "comment" else cell.strip().strip("'").strip()
    if not text:
        return ""
    letters = reading.keys.letters(row.question_id, row.key_version)
    value = read_mark(mark_field, text, letters)
    if value is None:
        problem = f"found {text!r:.60}; allowed: {allowed_marks(mark_field, letters)}"
        _fault(reading, number, MARK_COLUMNS[mark_field], problem)
    return value or ""


def _fault(reading: _Reading, number: int, column: str, problem: str) -> None:
    reading.faults.append(Fault(reading.file, f"row {number}, column {column}", problem))


def all_faults(sheets: Sequence[FilledSheet]) -> Iterator[Fault]:
    """Every fault of every file."""
    for sheet in sheets:
        yield from sheet.faults
