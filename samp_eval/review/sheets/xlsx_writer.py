"""Reviewer sheets as XLSX: the marks in front, then the instructions and the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from samp_eval.items.samp import Bank, Question
from samp_eval.review.guide import marking_guide
from samp_eval.review.sheets.picture_sheet import write_pictures
from samp_eval.review.sheets.sheet_lines import COLUMNS, MARKS_SO_FAR, LastColumn, SheetLine
from samp_eval.review.to_mark import WORDINGS_ON_A_ROW, key_text
from samp_eval.spreadsheet_cells import shown
from samp_eval.whole_files import whole_file

__all__ = ["write_xlsx_sheet"]

_WIDTHS = {
    "row_id": 5,
    "case_id": 9,
    "question_id": 9,
    "context": 42,
    "question": 24,
    "requested": 5,
    "key": 46,
    "answer": 32,
    "key_mark": 9,
    "judgement_mark": 9,
    "harm": 6,
    "comment": 22,
    "misread": 8,
    "sheet": 7,
}
_PLACE = {column: position for position, column in enumerate(COLUMNS)}
_LINE_POINTS = 13.0
"""Height of a line of the sheet's 10-point text."""
_TALLEST = 400.0
"""Points; Excel refuses a row of more than 409."""
_FURTHER_LINES = 14
"""Most lines shown of the key where a question's rows go on."""


def write_xlsx_sheet(lines: Sequence[SheetLine], bank: Bank, file: Path, last: LastColumn | None = None) -> None:
    """Write a workbook in which only the mark columns can be changed.

    Parameters
    ----------
    lines : sequence of SheetLine
        In their order.
    bank : Bank
    file : Path
    last : LastColumn, optional

    Raises
    ------
    CannotStore
        Where the file cannot be written.
    """
    with whole_file(file) as unfinished:
        _write_workbook(unfinished, lines, bank, last)


def _write_workbook(file: Path, lines: Sequence[SheetLine], bank: Bank, last: LastColumn | None) -> None:
    workbook = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": "Reviewer sheet", "author": "samp-eval"})
    workbook.set_size(2400, 1400)
    formats = {name: workbook.add_format({"font_size": 10, **look}) for name, look in _LOOKS.items()}
    _write_marks(workbook, lines, bank, formats, last)
    settling = last is not None and last.name == MARKS_SO_FAR
    _write_instructions(workbook, formats, len(lines), settling=settling)
    _write_questions(workbook, lines, bank, formats)
    asked = [line.question_id for line in lines]
    write_pictures(workbook, bank, asked, formats["header"], formats["text_new"])
    try:
        workbook.close()
    except FileCreateError as error:  # its own wrapper of what the system said
        raise error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error)) from error


_CELL = {"text_wrap": True, "valign": "top", "num_format": "@", "top": 1, "top_color": "#E3E7EC"}
_NEW = {"top": 1, "top_color": "#7F8C9A"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "header": {"bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"},
    "quiet": {**_CELL, "font_color": "#6B7480", "font_size": 8},
    "quiet_new": {**_CELL, **_NEW, "font_color": "#6B7480", "font_size": 8},
    "again": {**_CELL, "font_color": "#6B7480", "font_size": 9},
    "text": {**_CELL, "font_size": 9},
    "text_new": {**_CELL, **_NEW, "font_size": 9},
    "answer": {**_CELL, "bold": True, "font_size": 11},
    "answer_new": {**_CELL, **_NEW, "bold": True, "font_size": 11},
    "mark": {
        "valign": "top",
        "align": "center",
        "locked": False,
        "border": 1,
        "border_color": "#C3CAD3",
        "font_size": 12,
    },
    "comment": {**_CELL, "locked": False, "border": 1, "border_color": "#C3CAD3"},
    "done": {"bg_color": "#DCEFE0"},
    "open": {"bg_color": "#FFF4D6"},
    "title": {"bold": True, "font_size": 13, "font_color": "#1F3A5F"},
    "point": {"text_wrap": True, "valign": "top", "font_size": 11},
    "count": {"font_size": 11, "align": "left"},
}


def _write_marks(
    workbook: Any, lines: Sequence[SheetLine], bank: Bank, formats: Mapping[str, Any], last: LastColumn | None
) -> None:
    sheet = workbook.add_worksheet("Marks")
    header = [*COLUMNS, last.name] if last else list(COLUMNS)
    for place, column in enumerate(header):
        sheet.set_column(place, place, _WIDTHS.get(column, 24))
        sheet.write_string(0, place, column, formats["header"])
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 0)
    sheet.set_zoom(90)
    keys = {
        question.id: (key_text(question, ";\n", most=WORDINGS_ON_A_ROW), _short_key(question))
        for _, question in bank.asked()
    }
    previous = ""
    for number, line in enumerate(lines, start=1):
        new = line.question_id != previous
        previous = line.question_id
        _write_line(sheet, number, line, keys[line.question_id][0 if new else 1], formats, new)
        if last:
            sheet.write_string(number, len(COLUMNS), last.texts[number - 1], formats["text"])
    _ask_for_marks(sheet, lines, bank)
    _colour(sheet, len(lines), formats)
    sheet.autofilter(0, 0, len(lines), len(header) - 1)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True})
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _short_key(question: Question) -> str:
    """The entries without their alternatives, for a question's further rows; the key's own sheet holds all wordings."""
    return ";\n".join(f"{letter}. {entry.answer}" for letter, entry in question.lettered_key().items())


def _write_line(sheet: Any, number: int, line: SheetLine, key: str, formats: Mapping[str, Any], new: bool) -> None:
    suffix = "_new" if new else ""
    looks = {"answer": "answer" + suffix, "key": "text" + suffix, "comment": "comment"}
    looks |= dict.fromkeys(("context", "question", "requested"), "text_new" if new else "again")
    looks |= dict.fromkeys(("row_id", "case_id", "question_id", "sheet"), "quiet" + suffix)
    for place, (column, value) in enumerate(zip(COLUMNS, line, strict=True)):
        look = formats[looks.get(column, "mark")]
        text = shown(key if column == "key" else value)
        if column in ("requested", "key_mark", "judgement_mark", "harm", "misread") and text.isdecimal():
            sheet.write_number(number, place, int(text), look)
        elif text:
            sheet.write_string(number, place, text, look)
        else:
            sheet.write_blank(number, place, None, look)
    tall = {"context": line.context, "question": line.question, "key": key, "answer": line.answer}
    needed = {column: _lines_needed(text, _WIDTHS[column]) for column, text in tall.items()}
    shown_lines = max(needed.values()) if new else max(needed["answer"], min(needed["key"], _FURTHER_LINES))
    sheet.set_row(number, min(_TALLEST, 4 + _LINE_POINTS * max(2, shown_lines)))


def _lines_needed(text: str, width: int) -> int:
    return sum(1 + int(len(part) * 1.05) // width for part in text.split("\n"))


def _ask_for_marks(sheet: Any, lines: Sequence[SheetLine], bank: Bank) -> None:
    """Drop-downs for the marks; the key's letters are those of each row's question."""
    letters = {question.id: list(question.lettered_key()) for _, question in bank.asked()}
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or lines[end].question_id != lines[start].question_id:
            allowed = ["0", *letters[lines[start].question_id]]
            _drop_down(
                sheet, "key_mark", start + 1, end, allowed, "Letter of the key entry that the answer means, or 0."
            )
            start = end
    _drop_down(sheet, "judgement_mark", 1, len(lines), ["1", "0"], "1: right by your own knowledge; 0: not.")
    _drop_down(sheet, "harm", 1, len(lines), ["1", "0"], "1: a patient could come to harm; otherwise leave it empty.")
    prompt = "1: this is not what its author gave as an answer; otherwise leave it empty."
    _drop_down(sheet, "misread", 1, len(lines), ["1", "0"], prompt)


def _drop_down(sheet: Any, column: str, first: int, last: int, allowed: list[str], prompt: str) -> None:
    rule = {
        "validate": "list",
        "source": allowed,
        "input_title": column,
        "input_message": prompt,
        "error_title": column,
        "error_message": f"Allowed: {', '.join(allowed)}, or empty."[:255],
    }
    if len(",".join(allowed)) <= 255:
        sheet.data_validation(first, _PLACE[column], last, _PLACE[column], rule)


def _colour(sheet: Any, rows: int, formats: Mapping[str, Any]) -> None:
    first, last = _PLACE["key_mark"], _PLACE["judgement_mark"]
    key, judgement = (f"${chr(ord('A') + place)}2" for place in (first, last))
    for rule, look in ((f'=AND({key}<>"",{judgement}<>"")', "done"), (f'=OR({key}="",{judgement}="")', "open")):
        sheet.conditional_format(1, first, rows, last, {"type": "formula", "criteria": rule, "format": formats[look]})


def _write_instructions(workbook: Any, formats: Mapping[str, Any], rows: int, *, settling: bool) -> None:
    sheet = workbook.add_worksheet("Instructions")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 92)
    sheet.write_string(0, 0, "How far you are", formats["title"])
    for number, column in enumerate(("key_mark", "judgement_mark"), start=1):
        letter = chr(ord("A") + _PLACE[column])
        sheet.write_string(number, 0, f"{column}: done of {rows}", formats["count"])
        sheet.write_formula(number, 1, f"=COUNTA(Marks!{letter}2:{letter}{rows + 1})", formats["count"], 0)
    row = 4
    for section in marking_guide(settling=settling):
        sheet.write_string(row, 0, section.title, formats["title"])
        row += 1
        for point in section.points:
            sheet.merge_range(row, 0, row, 1, "", formats["point"])
            sheet.write_string(row, 0, f"•  {point}", formats["point"])
            sheet.set_row(row, 15.0 * _lines_needed(point, 122) + 2)
            row += 1
        row += 1
    sheet.protect()


def _write_questions(workbook: Any, lines: Sequence[SheetLine], bank: Bank, formats: Mapping[str, Any]) -> None:
    """Each question once, with what the key does not accept and why."""
    sheet = workbook.add_worksheet("Questions")
    columns = (
        ("question_id", 12),
        ("context", 60),
        ("question", 34),
        ("key", 60),
        ("not accepted", 50),
        ("source", 30),
    )
    for place, (column, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, column, formats["header"])
    sheet.freeze_panes(1, 0)
    by_question = bank.by_question()
    first_lines = {line.question_id: line for line in reversed(lines)}
    order = dict.fromkeys(line.question_id for line in lines)
    for number, question_id in enumerate(order, start=1):
        question = by_question[question_id][1]
        not_accepted = "\n".join(
            f"{' / '.join(refused.wordings)}: {refused.reason}" for refused in question.not_accepted
        )
        source = str(question.source) if question.source is not None else ""
        line = first_lines[question_id]
        cells = (question_id, line.context, line.question, key_text(question, ";\n"), not_accepted, source)
        for place, text in enumerate(cells):
            sheet.write_string(number, place, shown(text), formats["text_new"])
        tallest = max(_lines_needed(text, width) for text, (_, width) in zip(cells, columns, strict=True))
        sheet.set_row(number, min(_TALLEST, 6 + _LINE_POINTS * tallest))
    sheet.protect()
