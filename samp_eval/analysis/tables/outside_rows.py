"""The rows of a table from elsewhere, from a CSV file or a workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from samp_eval.analysis.tables.outside_table import OUTSIDE_COLUMNS
from samp_eval.errors import Fault, FaultySheet
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.percent_cells import percent_cells
from samp_eval.input_files.workbook import read_tables
from samp_eval.review.sheets.sheet_files import WORKBOOKS, read_sheet_rows
from samp_eval.review.sheets.xlsx_reader import text_of_cell
from samp_eval.spreadsheet_cells import plain

__all__ = ["outside_rows"]


def outside_rows(file: Path, note: Callable[[str], None], columns: Sequence[str] = OUTSIDE_COLUMNS) -> list[list[str]]:
    """Every row as text; a cell that a workbook shows as a percentage has its sign.

    Of a workbook it is the worksheet that has these columns.

    Raises
    ------
    FaultySheet
        Where there is no such file, it cannot be read, or two worksheets of a workbook hold such tables.
    """
    if not file.is_file():
        raise FaultySheet([Fault(str(file), "", "there is no such file")])
    if file.suffix.lower() not in WORKBOOKS:
        return [[plain(cell) for cell in row] for row in read_sheet_rows(file, note)]
    try:
        tables = read_tables(file)
        texts = {name: [[text_of_cell(cell) for cell in row] for row in table] for name, table in tables.items()}
        named = [name for name, rows in texts.items() if _is_table(rows, columns)]
        if len(named) > 1:
            listed = " and ".join(map(repr, named))
            problem = f"the worksheets {listed} hold such tables; keep one of them, or save it as CSV"
            raise FaultySheet([Fault(str(file), "", problem)])
        chosen = named[0] if named else next(iter(texts), "")
        rows = texts.get(chosen, [])
        for row, column in percent_cells(file, chosen) if rows else ():
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = _with_sign(rows[row][column])
    except UnreadableFile as error:
        problem = f"this workbook {error.problem}; save it again as XLSX without a password, or as CSV"
        raise FaultySheet([Fault(str(file), error.place, problem)]) from error
    return [[plain(cell) for cell in row] for row in rows]


def _is_table(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> bool:
    header = {cell.strip().lower() for cell in rows[0]} if rows else set()
    return set(columns) <= header | ({"score"} if "score_percent" in header else set())


def _with_sign(cell: str) -> str:
    """``0.05`` as it is shown, ``5%``; a text stays."""
    try:
        return f"{100 * float(cell):.12g}%"
    except ValueError:
        return cell
