"""Sheets whose rows are any texts with some cells to fill in, as CSV and XLSX, and their rows as they come back."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.review.sheets.sheet_files import read_sheet_rows
from samp_eval.spreadsheet_cells import escape_formula, shown
from samp_eval.whole_files import whole_file

__all__ = ["FormColumn", "FormRow", "form_rows", "write_form"]

MoreSheets = Callable[[Any, Any, Any], None]

_LINE_POINTS, _TALLEST = 13.5, 400
"""Height of a line, and of the tallest row that a spreadsheet program shows (409 points)."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a sheet.

    Attributes
    ----------
    name : str
    width : int
        In characters, for a workbook.
    to_fill : bool
        Whether its cells are for the reviewer.
    allowed : tuple of str
        For a drop-down list; empty for free text.
    help : str
        Shown where the cell is chosen.
    """

    name: str
    width: int
    to_fill: bool = False
    allowed: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row that came back: its number in the file, and its cells by column."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)

    def cell(self, name: str) -> str:
        """The text of a cell; empty where the column is missing."""
        return self.cells.get(name, "")


def write_form(
    columns: Sequence[FormColumn],
    rows: Sequence[Sequence[str]],
    file: Path,
    *,
    title: str,
    guide: Sequence[str] = (),
    more_sheets: MoreSheets | None = None,
) -> None:
    """Write a sheet as CSV, or as XLSX in which only the columns to fill can be changed.

    Parameters
    ----------
    columns : sequence of FormColumn
    rows : sequence of sequence of str
        The cells of each row, in the order of the columns.
    file : Path
        Its ending decides the form.
    title : str
        Name of the worksheet.
    guide : sequence of str
        Paragraphs for a second worksheet; a CSV file has none.
    more_sheets : callable, optional
        Adds further worksheets to the workbook, with its formats of a header and of a cell.
    """
    if file.suffix.lower() == ".xlsx":
        _write_xlsx(columns, rows, file, title, guide, more_sheets)
        return
    with (
        whole_file(file) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow([column.name for column in columns])
        writer.writerows([escape_formula(shown(cell)) for cell in row] for row in rows)


def _write_xlsx(
    columns: Sequence[FormColumn],
    rows: Sequence[Sequence[str]],
    file: Path,
    title: str,
    guide: Sequence[str],
    more_sheets: MoreSheets | None,
) -> None:
    import xlsxwriter

    with whole_file(file) as unfinished:
        book = xlsxwriter.Workbook(str(unfinished), {"strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet(title)
        head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True})
        locked = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "font_size": 10})
        open_ = book.add_format({"text_wrap": True, "valign": "top", "locked": False, "border": 1, "num_format": "@"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.name, head)
        for number, row in enumerate(rows, start=1):
            for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                sheet.write_string(number, place, shown(cell), open_ if column.to_fill else locked)
            lines = max(_lines(cell, column.width) for column, cell in zip(columns, row, strict=True))
            sheet.set_row(number, min(_TALLEST, 4 + _LINE_POINTS * max(2, lines)))
        _ask(sheet, columns, len(rows))
        if guide:
            text = book.add_worksheet("Guide")
            text.set_column(0, 0, 110)
            for number, paragraph in enumerate(guide):
                text.write_string(number, 0, paragraph, locked)
        if more_sheets is not None:
            more_sheets(book, head, locked)
        book.close()


def _ask(sheet: Any, columns: Sequence[FormColumn], rows: int) -> None:
    """Drop-down lists and help for the columns to fill; everything else is protected."""
    for place, column in enumerate(columns):
        if column.to_fill and (column.allowed or column.help):
            rule: dict[str, Any] = {"validate": "list", "source": list(column.allowed)}
            rule = rule if column.allowed else {"validate": "any"}
            rule |= {"input_title": column.name, "input_message": column.help[:255]}
            sheet.data_validation(1, place, max(rows, 1), place, rule)
    sheet.freeze_panes(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})


def _lines(text: str, width: int) -> int:
    return sum(1 + len(part) // width for part in text.split("\n"))


def form_rows(
    file: Path, needed: Collection[str], written_by: str, notify: Callable[[str], None] | None = None
) -> Iterator[FormRow]:
    """The rows of a filled sheet below its header, which has the ``needed`` columns.

    Parameters
    ----------
    file : Path
        CSV, XLSX or ODS.
    needed : collection of str
    written_by : str
        The command that writes such sheets, for the message.
    notify : callable, optional
        Told where the file was not read as UTF-8.

    Raises
    ------
    FaultySheet
        Where the file cannot be read or a column is missing or is there twice.
    """
    table = read_sheet_rows(file, notify)
    header = next((n for n, cells in enumerate(table[:20]) if "row_id" in map(_name, cells)), None)
    names = [_name(cell) for cell in table[header]] if header is not None else []
    missing = [column for column in needed if column not in names]
    if header is None or missing:
        problem = f"has no column {', '.join(missing) or 'row_id'}; {written_by} writes the sheets"
        raise FaultySheet([Fault(str(file), "", problem)], "nothing was taken")
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        problem = "this column is there twice; remove one of them"
        raise FaultySheet([Fault(str(file), f"column {name}", problem) for name in repeated], "nothing was taken")
    for number, cells in enumerate(table[header + 1 :], start=header + 2):
        yield FormRow(number, dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False)))


def _name(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip("\ufeff\"' \t").casefold())
