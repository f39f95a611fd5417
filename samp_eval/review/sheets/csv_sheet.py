"""Reviewer sheets as CSV: written for Excel, read from whatever a spreadsheet program makes of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.input_files.csv_text import csv_rows
from samp_eval.input_files.limits import MAX_TABLE_BYTES, UnreadableFile
from samp_eval.input_files.text import read_table_text
from samp_eval.review.sheets.sheet_lines import COLUMNS, LastColumn, SheetLine
from samp_eval.spreadsheet_cells import SHEET_TEXT_LIMIT, escape_formula, shown
from samp_eval.whole_files import whole_file

__all__ = ["read_csv_rows", "write_csv_sheet"]

_DELIMITERS = (",", ";", "\t", "|")


def write_csv_sheet(lines: Sequence[SheetLine], file: Path, last: LastColumn | None = None) -> None:
    """Write a sheet as UTF-8 with a byte-order mark; no cell can be taken for a formula.

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    """
    with (
        whole_file(file) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="") as target,
    ):
        target.write(",".join([*COLUMNS, last.name] if last else COLUMNS) + "\r\n")
        for number, line in enumerate(lines):
            cells = (*line, last.texts[number]) if last else line
            target.write(",".join(map(_cell, cells)) + "\r\n")


class _Handed:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


_PAIR = csv.writer(_Handed())


@lru_cache(maxsize=1024)
def _cell(text: str) -> str:
    """One cell, quoted where it must be: a question's cells are the same on all of its lines."""
    if text.isalnum() and len(text) <= SHEET_TEXT_LIMIT:  # a row's id
        return text
    written: Any = _PAIR.writerow(("", escape_formula(shown(text))))  # alone, an empty cell would be quoted
    return str(written[1:-2])


def read_csv_rows(file: Path, notify: Callable[[str], None] | None = None) -> list[list[str]]:
    """Every row of a CSV file as text, whatever its delimiter; ``notify`` is told if it was not read as UTF-8.

    Raises
    ------
    FaultySheet
        Where the file cannot be read as text.
    """
    try:
        decoded = read_table_text(file, MAX_TABLE_BYTES)
        text = decoded.text
        if "\x00" in text[:1000]:
            raise UnreadableFile("this is no CSV file; save the sheet as CSV or XLSX")
        first, _, rest = text.partition("\n")
        if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
            delimiter, text = first.strip()[4], rest
        else:
            header = text.split("\n", 1)[0]
            delimiter = max(_DELIMITERS, key=header.count)
        rows = [row for _, row in csv_rows(text, delimiter)]
    except UnreadableFile as error:
        raise FaultySheet([Fault(str(file), error.place, error.problem)]) from error
    if decoded.remark is not None and notify is not None:
        notify(f"{file} {decoded.remark}")
    return rows
