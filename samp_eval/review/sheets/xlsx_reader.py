"""Filled XLSX and ODS workbooks as rows of text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.workbook import read_tables
from samp_eval.review.sheets.sheet_lines import COLUMNS

__all__ = ["read_workbook_rows"]


def read_workbook_rows(file: Path) -> list[list[str]]:
    """Rows of the sheet that holds the marks, whatever it is called now; row 1 of the sheet is the first.

    Raises
    ------
    FaultySheet
        Where the file is no workbook, or is protected by a password.
    """
    try:
        tables = read_tables(file)
    except UnreadableFile as error:
        problem = f"this workbook {error.problem}; save it again as XLSX without a password, or as CSV"
        raise FaultySheet([Fault(str(file), error.place, problem)]) from error
    best = max(tables, key=_named_columns, default=[])
    return [[_text(cell) for cell in row] for row in best]


def _named_columns(table: list[list[Any]]) -> int:
    return max((len({str(cell).strip().lower() for cell in row} & set(COLUMNS)) for row in table[:20]), default=0)


def _text(cell: Any) -> str:
    """The cell as a CSV file would hold it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, (date, time, timedelta)):
        return str(cell)
    return str(cell)
