"""How texts were read, as a table for a person to correct."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from samp_eval.review.readings.reading_rows import ReadingRow, shown_lines
from samp_eval.spreadsheet_cells import escape_formula, shown
from samp_eval.whole_files import whole_file

__all__ = ["DOUBTFUL", "FIRST_COLUMNS", "LINE_COLUMN", "most_lines", "write_reading_sheet"]

FIRST_COLUMNS = ("row_id", "question_id", "shape", "doubtful", "reason", "text")
LINE_COLUMN = "line_"
"""Name of the columns of lines, before their number."""
DOUBTFUL = ("yes", "no", "decided")
_MOST_LINES = 30
"""Columns of lines; no question asks for as many answers, so further lines never count."""


def most_lines(row: ReadingRow) -> int:
    """How many lines of a text have a column."""
    return max(_MOST_LINES, row.question.requested)


def write_reading_sheet(rows: Sequence[ReadingRow], file: Path) -> None:
    """Write a table as CSV, UTF-8 with a byte-order mark; no cell can be taken for a formula.

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    """
    lines = [shown_lines(row.present, row.question, row.option_order)[: most_lines(row)] for row in rows]
    width = max((max(len(own), row.question.requested) for row, own in zip(rows, lines, strict=True)), default=1)
    header = [*FIRST_COLUMNS, *(f"{LINE_COLUMN}{number}" for number in range(1, width + 1))]
    with (
        whole_file(file) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow(header)
        for row, own in zip(rows, lines, strict=True):
            cells = [row.row_id, row.question.id, row.present.shape, doubtful_cell(row), row.reason, row.text, *own]
            writer.writerow([escape_formula(shown(cell)) for cell in cells] + [""] * (width - len(own)))


def doubtful_cell(row: ReadingRow) -> str:
    """``yes``: a person should look at it; ``decided``: a person has; ``no``."""
    if row.undecided:
        return "yes"
    return "no" if row.decision is None else "decided"
