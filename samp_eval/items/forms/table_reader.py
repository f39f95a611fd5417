"""Rows of a bank from CSV or XLSX: the header is looked for, and cells that a spreadsheet program changed are found."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from samp_eval.input_files.csv_text import csv_rows
from samp_eval.input_files.limits import MAX_BANK_BYTES
from samp_eval.input_files.percent_cells import percent_cells
from samp_eval.input_files.text import read_table_text
from samp_eval.input_files.workbook import read_tables

__all__ = ["Row", "TableRow", "column_name", "read_csv_table", "read_xlsx_table"]

Row = dict[str, str]
_SEPARATORS = (",", ";", "\t", "|")
_ABOVE_HEADER = 20
"""Rows that a title, a date and the like may take above the header."""
_HEADER_CHARACTERS = 100_000
"""Of a file, in which its separator is looked for; lines are limited only when they are read."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row below the header.

    Attributes
    ----------
    cells : dict of str
        By the name of the column.
    place : str
        Such as ``row 12``, or ``worksheet Cases, row 12`` where it is not the first sheet.
    faults : tuple of (str, str)
        Columns and problems of cells that hold no text.
    """

    cells: Row
    place: str
    faults: tuple[tuple[str, str], ...] = ()


def column_name(cell: str) -> str:
    """A column's name as it is known: ``Case ID`` and ``CASE_ID`` are ``case_id``."""
    return re.sub(r"[\s-]+", "_", cell.strip().casefold())


def read_csv_table(file: Path, known: Collection[str], notify: Callable[[str], None] | None = None) -> list[TableRow]:
    """Read the rows of a CSV, whatever its separator; row 1 is the file's first.

    Parameters
    ----------
    file : Path
    known : collection of str
        Names of columns, by which the header is found.
    notify : callable, optional
        Is told if the file was not read as UTF-8.

    Raises
    ------
    UnreadableFile
    """
    decoded = read_table_text(file, MAX_BANK_BYTES)
    if decoded.remark is not None and notify is not None:
        notify(f"{file} {decoded.remark}")
    lines = decoded.text[:_HEADER_CHARACTERS].split("\n", _ABOVE_HEADER)[:_ABOVE_HEADER]
    separator = max(
        _SEPARATORS, key=lambda sign: max(_known_names(line.replace('"', "").split(sign), known) for line in lines)
    )
    rows = [row for _, row in csv_rows(decoded.text, separator)]
    return _below_header(rows, known, "")


def read_xlsx_table(file: Path, known: Collection[str]) -> list[TableRow]:
    """Read the rows of the worksheet that holds the bank, every cell as text; raises :class:`UnreadableFile`."""
    tables = read_tables(file)
    if not tables:
        return []
    names = {name: [_known_names(row, known) for row in rows[:_ABOVE_HEADER]] for name, rows in tables.items()}
    wanted = max(tables, key=lambda name: max(names[name], default=0))
    sheet = "" if wanted == next(iter(tables)) else f"worksheet {wanted}, "
    return _below_header(tables[wanted], known, sheet, percent_cells(file, wanted))


def _known_names(cells: Iterable[Any], known: Collection[str]) -> int:
    return len({column_name(str(cell)) for cell in cells} & set(known))


def _below_header(
    table: Sequence[Sequence[Any]], known: Collection[str], sheet: str, percents: Collection[tuple[int, int]] = ()
) -> list[TableRow]:
    above = range(min(_ABOVE_HEADER, len(table)))
    header = max(above, key=lambda place: _known_names(table[place], known), default=0)
    if not table:
        return []
    if not _known_names(table[header], known):
        header = next((place for place in above if any(str(cell).strip() for cell in table[place])), 0)
    names = [(column, _named(str(cell), known)) for column, cell in enumerate(table[header]) if str(cell).strip()]
    found = []
    for place, cells in enumerate(table[header + 1 :], start=header + 1):
        if any(str(cell).strip() for cell in cells):
            row = {name: _text(cells[column]) if column < len(cells) else "" for column, name in names}
            faults = tuple(
                (name, problem)
                for column, name in names
                if column < len(cells) and (problem := _cell_problem(cells[column], (place, column) in percents))
            )
            found.append(TableRow(row, f"{sheet}row {place + 1}", faults))
    return found


def _named(cell: str, known: Collection[str]) -> str:
    name = column_name(cell)
    return name if name in known else cell.strip()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _cell_problem(value: Any, shown_as_percent: bool) -> str | None:
    if isinstance(value, (date, time, timedelta)):
        return f"holds a date or time, not text ({value}); format the column as text and type the cell again"
    if shown_as_percent and isinstance(value, (int, float)):
        return f"holds the percentage {100 * value:g} %, no text; format the column as text and type it again"
    return None
