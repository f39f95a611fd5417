"""The pictures of the questions on a worksheet of their own, where a reviewer sees them beside the marks."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from samp_eval.input_files.picture import within
from samp_eval.items.samp import Bank
from samp_eval.spreadsheet_cells import shown

__all__ = ["picture_sheet", "write_pictures"]

SHEET = "Pictures"
_COLUMNS = (("question_id", 16), ("picture", 130), ("what it shows", 44), ("credit", 36))
_PICTURE = 1
_SIDE = 1600
"""Pixels. More is not seen on a worksheet, and makes it slow to send by email."""
_WIDE, _HIGH = 900.0, 520.0
"""Pixels at which a picture is shown; Excel refuses a row of more than 409 points, which are 545 pixels."""
_POINTS_A_PIXEL = 0.75


def picture_sheet(
    bank: Bank, question_ids: Iterable[str], *, described: bool = True
) -> Callable[[Any, Any, Any], None]:
    """What adds the worksheet for these questions to a workbook, with its formats of a header and of a cell."""
    wanted = list(question_ids)
    return lambda workbook, header, text: write_pictures(workbook, bank, wanted, header, text, described=described)


def write_pictures(
    workbook: Any, bank: Bank, question_ids: Iterable[str], header: Any, text: Any, *, described: bool = True
) -> None:
    """Add the worksheet to a workbook of xlsxwriter; nothing where no question has a picture.

    Parameters
    ----------
    workbook : xlsxwriter.Workbook
    bank : Bank
    question_ids : iterable of str
        What the reviewer marks.
    header, text : xlsxwriter.Format
    described : bool
        Whether to say what a picture shows, which may be what is asked.
    """
    asked = bank.by_question()
    rows = [
        (question_id, picture)
        for question_id in dict.fromkeys(question_ids)
        for picture in asked[question_id][0].pictures_until(asked[question_id][1])
    ]
    if not rows:
        return
    sheet = workbook.add_worksheet(SHEET)
    for place, (column, width) in enumerate(_COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, column, header)
    sheet.freeze_panes(1, 0)
    for number, (question_id, picture) in enumerate(rows, start=1):
        content = within(bank.pictures[picture.digest], _SIDE)
        scale = min(_WIDE / content.width, _HIGH / content.height, 1.0)
        for place, cell in ((0, question_id), (2, picture.alt if described else ""), (3, picture.credit_line)):
            sheet.write_string(number, place, shown(cell), text)
        sheet.set_row(number, _POINTS_A_PIXEL * (content.height * scale + 10))
        options = {
            "image_data": io.BytesIO(content.content),
            "x_scale": scale,
            "y_scale": scale,
            "x_offset": 4,
            "y_offset": 4,
            "object_position": 1,
            "description": picture.alt if described else picture.kind,
        }
        sheet.insert_image(number, _PICTURE, picture.file, options)
    sheet.protect()
