"""Sheets as files: the format follows from the file's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from samp_eval.errors import CannotStore, Fault, FaultySheet
from samp_eval.items.samp import Bank
from samp_eval.review.sheets.csv_sheet import read_csv_rows, write_csv_sheet
from samp_eval.review.sheets.sheet_lines import LastColumn, SheetLine

__all__ = ["WORKBOOKS", "read_sheet_rows", "write_sheet"]

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
"""Endings of names; anything else is CSV."""


def write_sheet(lines: Sequence[SheetLine], bank: Bank, file: Path, last: LastColumn | None = None) -> Path:
    """Write lines as CSV, or as XLSX where the file's name ends so; returns the file.

    Raises
    ------
    CannotStore
        Where the name has another ending, or the file cannot be written.
    """
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise CannotStore(f"{file}: a sheet is written as .csv or .xlsx")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStore(f"the folder {file.parent} cannot be made: {error.strerror}") from error
    if file.suffix.lower() == ".xlsx":
        from samp_eval.review.sheets.xlsx_writer import write_xlsx_sheet

        write_xlsx_sheet(lines, bank, file, last)
    else:
        write_csv_sheet(lines, file, last)
    return file


def read_sheet_rows(file: Path, notify: Callable[[str], None] | None = None) -> list[list[str]]:
    """Every row of a filled sheet as text; workbooks are told by their name's ending, anything else is CSV.

    ``notify`` is told if a CSV file was not read as UTF-8.

    Raises
    ------
    FaultySheet
        Where there is no such file, or it cannot be read.
    """
    if file.suffix.lower() in WORKBOOKS:
        if not file.exists():
            raise FaultySheet([Fault(str(file), "", "there is no such file")])
        from samp_eval.review.sheets.xlsx_reader import read_workbook_rows

        return read_workbook_rows(file)
    return read_csv_rows(file, notify)
