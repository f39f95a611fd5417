"""Sheets on which a reviewer compares responses side by side, as CSV and XLSX, and what comes back on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from samp_eval.errors import Fault, FaultySheet
from samp_eval.items.samp import Bank
from samp_eval.literals import PairChoice
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.review.sheets.form_sheet import FormColumn, FormRow, form_rows, write_form
from samp_eval.review.sheets.picture_sheet import picture_sheet
from samp_eval.run.prompt import context_text, question_text
from samp_eval.spreadsheet_cells import plain, reformatted, same_text

__all__ = ["COLUMNS", "choices_of_file", "write_pairs"]

HELP = "first or second: that response is better; equal: both are as good; poor: neither would be shown."
_ALLOWED = ("first", "second", "equal", "poor")
COLUMNS = (
    FormColumn("row_id", 8),
    FormColumn("case_id", 10),
    FormColumn("question_id", 10),
    FormColumn("context", 44),
    FormColumn("question", 28),
    FormColumn("first", 42),
    FormColumn("second", 42),
    FormColumn("choice", 9, to_fill=True, allowed=_ALLOWED, help=HELP),
    FormColumn("reason", 28, to_fill=True),
)
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


def write_pairs(rows: Sequence[PairRow], bank: Bank, file: Path) -> None:
    """Write a sheet as CSV, or as XLSX in which only choices and reasons can be changed."""
    more = picture_sheet(bank, [row.question_id for row in rows])
    write_form(COLUMNS, _lines(rows, bank), file, title="Pairs", more_sheets=more)


def _lines(rows: Sequence[PairRow], bank: Bank) -> list[tuple[str, ...]]:
    asked = bank.by_question()
    lines: list[tuple[str, ...]] = []
    for row in rows:
        case, question = asked[row.question_id]
        what = (row.row_id, case.id, question.id, context_text(case, question), question_text(case, question))
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
    faults: list[Fault] = []
    found: dict[str, ChosenPair] = {}
    for row in form_rows(file, ("row_id", "first", "second", "choice"), "samp-eval review pairs export", notify):
        chosen = _choice(row, held, file, now, faults)
        if chosen is not None and found.setdefault(chosen.row_id, chosen).said != chosen.said:
            faults.append(
                Fault(str(file), f"row {row.number}", f"{chosen.row_id} is on another row with another choice")
            )
    if faults:
        raise FaultySheet(faults, "nothing was taken")
    return list(found.values())


def _choice(
    given: FormRow, held: Mapping[str, PairRow], file: Path, now: datetime, faults: list[Fault]
) -> ChosenPair | None:
    """The choice of a row; None where there is none or it has a fault."""
    values = given.cells

    def fault(column: str, problem: str) -> None:
        faults.append(Fault(str(file), f"row {given.number}, column {column}", problem))

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
