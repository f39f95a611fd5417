"""Filled XLSX and ODS workbooks as rows of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.workbook import read_tables
from samp_eval.review.sheets.sheet_lines import COLUMNS

__all__ = ["read_workbook_rows", "text_of_cell"]


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
    wanted = max(tables, key=lambda name: _named_columns(tables[name]), default=None)
    if wanted is None:
        return []
    rows = [[text_of_cell(cell) for cell in row] for row in tables[wanted]]
    for name, table in tables.items():
        if name != wanted and _named_columns(table) and _holds_same_rows(rows, table):
            problem = (
                f"the worksheets {wanted!r} and {name!r} both hold rows of this sheet, so it is not known which marks "
                "count; keep the marks in one of them and delete the other worksheet"
            )
            raise FaultySheet([Fault(str(file), f"worksheet {name}", problem)])
    return rows


def _holds_same_rows(rows: Sequence[Sequence[str]], table: Sequence[Sequence[Any]]) -> bool:
    """Whether a table has row ids of the marks' rows: a copy of their worksheet, whatever is filled in where."""
    known = set(_row_ids(rows))
    return any(row_id in known for row_id in _row_ids([[text_of_cell(cell) for cell in row] for row in table]))


def _row_ids(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    column = None
    for row in rows:
        if column is None:
            names = [cell.strip().lower() for cell in row]
            column = names.index("row_id") if "row_id" in names else None
        elif column < len(row) and row[column].strip():
            yield row[column].strip()


def _named_columns(table: list[list[Any]]) -> int:
    return max((len({str(cell).strip().lower() for cell in row} & set(COLUMNS)) for row in table[:20]), default=0)


def text_of_cell(cell: Any) -> str:
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
