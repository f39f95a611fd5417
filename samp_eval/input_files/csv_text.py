"""Rows of CSV, read within limits."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from samp_eval.input_files.limits import UnreadableFile, megabytes

__all__ = ["csv_rows", "has_even_quotes"]

MAX_LINE_CHARACTERS = 10_000_000
"""A response of 1 MB in one cell passes; a line of commas alone would become a list of as many cells."""
MAX_CELLS = 2_000_000
"""Some 70 bytes of memory each: 120,000 responses in 14 columns pass."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")


def csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line that each ends in.

    Raises
    ------
    UnreadableFile
        If it is no CSV, or a line or the number of cells is larger than the limits.
    """
    csv.field_size_limit(MAX_LINE_CHARACTERS)
    reader = csv.reader(_lines(text), delimiter=delimiter)
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            if cells > MAX_CELLS:
                raise UnreadableFile(f"holds more than {MAX_CELLS:,} cells, the limit for a table")
            yield reader.line_num, row
    except csv.Error as error:
        raise UnreadableFile(f"is no readable CSV file: {error}", f"line {reader.line_num}") from error


def has_even_quotes(text: str, delimiter: str) -> bool:
    """Whether every quotation mark that opens a cell is closed at a cell's end, within the limits of csv_rows."""
    try:
        for _ in csv.reader(_lines(text), delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, one after another, so that a large text is not held twice."""
    for number, found in enumerate(_LINE.finditer(text), start=1):
        line = found.group()
        if len(line) > MAX_LINE_CHARACTERS:
            raise UnreadableFile(f"is longer than {megabytes(MAX_LINE_CHARACTERS)}", f"line {number}")
        if line:
            yield line
