"""Sheets on which a reviewer compares responses side by side, as CSV and XLSX, and what comes back on them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.items.samp import Bank
from samp_eval.literals import PairChoice
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.review.sheets.sheet_files import read_sheet_rows
from samp_eval.run.prompt import case_text, question_text
from samp_eval.spreadsheet_cells import escape_formula, plain, reformatted, same_text, shown
from samp_eval.whole_files import whole_file

__all__ = ["COLUMNS", "choices_of_file", "write_pair_csv", "write_pair_xlsx"]

COLUMNS = ("row_id", "case_id", "question_id", "context", "question", "first", "second", "choice", "reason")
_WIDTHS = (8, 10, 10, 44, 28, 42, 42, 9, 28)
_CHOICES: Mapping[str, PairChoice] = {
    "first": "first",
    "1": "first",
    "second": "second",
    "2": "second",
    "equal": "equal",
    "=": "equal",
    "poor": "poor",
    "both poor": "poor",
}
_ALLOWED = ("first", "second", "equal", "poor")
HELP = "first or second: that response is better; equal: both are as good; poor: neither would be shown."


def write_pair_csv(rows: Sequence[PairRow], bank: Bank, file: Path) -> None:
    """Write a sheet as UTF-8 with a byte-order mark; no cell can be taken for a formula."""
    with whole_file(file) as unfinished, unfinished.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        for cells in _lines(rows, bank):
            writer.writerow([escape_formula(shown(cell)) for cell in cells])


def write_pair_xlsx(rows: Sequence[PairRow], bank: Bank, file: Path) -> None:
    """Write a workbook in which only choices and reasons can be changed."""
    import xlsxwriter

    with whole_file(file) as unfinished:
        book = xlsxwriter.Workbook(str(unfinished), {"strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet("Pairs")
        head = book.add_format({"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True})
        locked = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "font_size": 10})
        open_ = book.add_format({"text_wrap": True, "valign": "top", "locked": False, "border": 1, "num_format": "@"})
        for place, (column, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, column, head)
        for number, cells in enumerate(_lines(rows, bank), start=1):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, shown(cell), open_ if place >= COLUMNS.index("choice") else locked)
        _ask_for_choices(sheet, len(rows))
        book.close()


def _ask_for_choices(sheet: Any, rows: int) -> None:
    place = COLUMNS.index("choice")
    rule = {"validate": "list", "source": list(_ALLOWED), "input_title": "choice", "input_message": HELP}
    sheet.data_validation(1, place, max(rows, 1), place, rule)
    sheet.freeze_panes(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})


def _lines(rows: Sequence[PairRow], bank: Bank) -> list[tuple[str, ...]]:
    asked = bank.by_question()
    lines: list[tuple[str, ...]] = []
    for row in rows:
        case, question = asked[row.question_id]
        what = (row.row_id, case.id, question.id, case_text(case, question), question_text(case, question))
        lines.append((*what, row.first_text, row.second_text, "", ""))
    return lines


def choices_of_file(
    file: Path, held: Mapping[str, PairRow], now: datetime, notify: Callable[[str], None] | None = None
) -> list[ChosenPair]:
    """Read the choices of a filled sheet.

    Parameters
    ----------
    file : Path
        CSV, XLSX or ODS.
    held : mapping of row id to PairRow
        Every pair that ever went out.
    now : datetime
        UTC.
    notify : callable, optional
        Told where the file was not read as UTF-8.

    Raises
    ------
    FaultySheet
        With every fault; nothing may be taken then.
    """
    table = read_sheet_rows(file, notify)
    header = next((n for n, cells in enumerate(table[:20]) if {"row_id", "choice"} <= set(map(_name, cells))), None)
    names = [_name(cell) for cell in table[header]] if header is not None else []
    missing = [column for column in ("row_id", "first", "second", "choice") if column not in names]
    if header is None or missing:
        problem = f"has no column {', '.join(missing)}; samp-eval review pairs export writes the sheets"
        raise FaultySheet([Fault(str(file), "", problem)])
    faults: list[Fault] = []
    found: dict[str, ChosenPair] = {}
    for number, cells in enumerate(table[header + 1 :], start=header + 2):
        values = dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False))
        chosen = _choice(values, held, file, number, now, faults)
        if chosen is not None and found.setdefault(chosen.row_id, chosen).said != chosen.said:
            faults.append(Fault(str(file), f"row {number}", f"{chosen.row_id} is on another row with another choice"))
    if faults:
        raise FaultySheet(faults, "nothing was taken")
    return list(found.values())


def _choice(
    values: Mapping[str, str],
    held: Mapping[str, PairRow],
    file: Path,
    number: int,
    now: datetime,
    faults: list[Fault],
) -> ChosenPair | None:
    """The choice of a row; None where there is none or it has a fault."""

    def fault(column: str, problem: str) -> None:
        faults.append(Fault(str(file), f"row {number}, column {column}", problem))

    row_id, written = values["row_id"].strip().strip("'").lower(), plain(values["choice"].strip()).strip().lower()
    row = held.get(row_id)
    if row is None or not row.reviewer:
        if row_id or written:
            fault("row_id", f"{values['row_id']!r:.60} is no pair of this study; copy it back from the exported sheet")
        return None
    for column, text in (("first", row.first_text), ("second", row.second_text)):
        if not (same_text(text, values[column]) or reformatted(text, values[column])):
            fault(column, f"the response was changed: the study has {text!r:.90}; restore it")
            return None
    if not written:
        return None
    choice = _CHOICES.get(re.sub(r"[\s_]+", " ", written))
    if choice is None:
        fault("choice", f"found {written!r:.60}; allowed: {', '.join(_ALLOWED)}")
        return None
    return ChosenPair(row_id, choice, plain(values.get("reason", "").strip()), now, file.name)


def _name(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip("\ufeff\"' \t").casefold())
