"""Reviewer sheets as CSV: written for Excel, read from whatever a spreadsheet program makes of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from samp_eval.errors import Fault, FaultySheet
from samp_eval.review.sheets.sheet_lines import COLUMNS, SheetLine
from samp_eval.spreadsheet_cells import escape_formula, shown
from samp_eval.whole_files import whole_file

__all__ = ["read_csv_rows", "write_csv_sheet"]

_DELIMITERS = (",", ";", "\t", "|")


def write_csv_sheet(lines: Sequence[SheetLine], file: Path, marks_shown: Sequence[str] = ()) -> None:
    """Write a sheet as UTF-8 with a byte-order mark; no cell can be taken for a formula.

    For adjudication ``marks_shown`` holds both marks of each line, for a last column of their own.

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    """
    with (
        whole_file(file) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow([*COLUMNS, "marks_so_far"] if marks_shown else COLUMNS)
        for number, line in enumerate(lines):
            cells = [*astuple(line), *marks_shown[number : number + 1]]
            writer.writerow([escape_formula(shown(cell)) for cell in cells])


def read_csv_rows(file: Path) -> list[list[str]]:
    """Every row of a CSV file as text, whatever its encoding and delimiter.

    Raises
    ------
    FaultySheet
        Where the file cannot be read as text.
    """
    text = _decoded(file)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text = first.strip()[4], rest
    else:
        header = text.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=header.count)
    csv.field_size_limit(10_000_000)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise FaultySheet([Fault(str(file), "", f"this is no readable CSV file: {error}")]) from error


def _decoded(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FaultySheet([Fault(str(file), "", f"cannot be read: {error.strerror}")]) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content[:1000]:
        raise FaultySheet([Fault(str(file), "", "this is no CSV file; save the sheet as CSV or XLSX")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
