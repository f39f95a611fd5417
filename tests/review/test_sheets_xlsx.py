"""XLSX sheets: what a physician sees, and the way through another program and back."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from samp_eval.review.sheets.sheet_lines import COLUMNS
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sheet(run: Run, study: Path) -> Path:
    assert run("review", "export", "--reviewer", "A", "--format", "csv,xlsx")[0] == 0
    return study / "sheets" / "A.xlsx"


def fill(file: Path, target: Path) -> dict[str, tuple[str, str]]:
    """Mark every row in another program; what was marked by row id."""
    workbook = openpyxl.load_workbook(file)
    marks: Worksheet = workbook["Marks"]
    given = {}
    for number in range(2, marks.max_row + 1):
        key, judgement = ("A", 1) if number % 3 else (0, 0)
        marks.cell(number, 9).value = key
        marks.cell(number, 10).value = judgement
        given[str(marks.cell(number, 1).value)] = (str(key), str(judgement))
    workbook.save(target)
    return given


def test_both_formats_hold_the_same_rows(sheet: Path, store: StudyStore) -> None:
    marks = openpyxl.load_workbook(sheet)["Marks"]
    assert tuple(cell.value for cell in marks[1]) == COLUMNS
    texts = {row[0].value: row[7].value for row in marks.iter_rows(min_row=2)}
    assert set(texts) == set(store.sheet_rows())
    held = {row_id: row.text for row_id, row in store.sheet_rows().items()}
    unescaped = {row_id: str(text).replace("_x005F_", "_") for row_id, text in texts.items()}
    assert unescaped == held, "openpyxl leaves the escape of _x000D_ in place"


def test_no_answer_is_a_formula_a_link_or_a_number(sheet: Path) -> None:
    for row in openpyxl.load_workbook(sheet)["Marks"].iter_rows(min_row=2, min_col=1, max_col=8):
        for cell in row:
            assert cell.data_type == ("n" if cell.column == 6 else "s")
            assert cell.hyperlink is None


def test_only_mark_columns_can_be_changed(sheet: Path) -> None:
    marks = openpyxl.load_workbook(sheet)["Marks"]
    assert marks.protection.sheet
    unlocked = {cell.column for row in marks.iter_rows(min_row=2) for cell in row if not cell.protection.locked}
    assert unlocked == {9, 10, 11, 12, 13}
    assert marks.freeze_panes == "A2"


def test_drop_downs_offer_each_questions_letters(sheet: Path) -> None:
    marks = openpyxl.load_workbook(sheet)["Marks"]
    question_of = {row[0].row: row[2].value for row in marks.iter_rows(min_row=2)}
    offered = {
        question_of[next(iter(rule.sqref.ranges)).min_row]: rule.formula1
        for rule in marks.data_validations.dataValidation
        if next(iter(rule.sqref.ranges)).min_col == 9
    }
    assert offered["fever-2"] == '"0,A,B,C"'
    assert offered["fever-1"] == '"0,A,B,C,D,E,F,G,H,I,J,K,L"'


def test_instructions_and_refused_answers_are_there(sheet: Path) -> None:
    workbook = openpyxl.load_workbook(sheet)
    instructions = " ".join(str(cell.value) for row in workbook["Instructions"] for cell in row if cell.value)
    assert "One answer a line" in instructions
    assert "=COUNTA(Marks!I2:I35)" in instructions
    questions = " ".join(str(cell.value) for row in workbook["Questions"] for cell in row if cell.value)
    assert "CBC: Grouped test; name the index." in questions


def test_nothing_in_the_workbook_tells_the_model(sheet: Path) -> None:
    with zipfile.ZipFile(sheet) as parts:
        content = "".join(parts.read(name).decode() for name in parts.namelist())
    assert "model" not in content.replace("call model-one", "").replace("call model-two", "")
    assert 'state="hidden"' not in content


def test_marks_come_back(run: Run, sheet: Path, store: StudyStore) -> None:
    given = fill(sheet, sheet.with_name("filled.xlsx"))
    code, out, err = run("review", "import", str(sheet.with_name("filled.xlsx")))
    assert (code, err) == (0, "")
    assert "34 rows, 68 marks" in out
    behind = store.sheet_rows()
    found = {(one.answer_id, one.field): one.value for one in store.marks()}
    for row_id, (key, judgement) in given.items():
        answer_id = behind[row_id].answer_id
        assert (found[answer_id, "key"], found[answer_id, "judgement"]) == (key, judgement)


def test_what_other_programs_add_and_reorder(run: Run, sheet: Path, store: StudyStore) -> None:
    """A summary sheet in front, a title above the header, hidden and reordered rows, truth values and numbers."""
    workbook = openpyxl.load_workbook(sheet)
    del workbook["Instructions"]
    marks = workbook["Marks"]
    marks.title = "Table 1"
    rows: list[list[Any]] = [[cell.value for cell in row] for row in marks.iter_rows()]
    marks.delete_rows(1, marks.max_row)
    shown = {"0012": 12, "1-2": datetime(2026, 2, 1), "TRUE": True, "5 %": 0.05}  # as a cell holds it
    for number, row in enumerate([["My marks"], rows[0], *reversed(rows[1:])], start=1):
        values: list[Any] = [shown.get(str(value), value) for value in row]
        if number > 2:
            values[8:11] = [" b " if row[2] != "knee-1" else 0.0, True, False]
        for place, value in enumerate(values, start=1):
            cell = marks.cell(number, place)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    marks.row_dimensions[7].hidden = True
    workbook.create_sheet("Export Summary", 0)["A1"] = "Exported from another program"
    workbook.save(sheet.with_name("other.xlsx"))
    code, out, err = run("review", "import", str(sheet.with_name("other.xlsx")))
    assert (code, "fault" in err) == (0, False), err
    assert "34 rows, 102 marks" in out
    assert {one.value for one in store.marks() if one.field == "judgement"} == {"1"}
    assert {one.value for one in store.marks() if one.field == "harm"} == {"0"}
    assert {one.value for one in store.marks() if one.field == "key"} == {"B", "0"}


@pytest.mark.parametrize("filled_first", [True, False], ids=["half on the copy", "all on the copy"])
def test_a_copied_worksheet_is_named_and_nothing_is_taken(run: Run, sheet: Path, filled_first: bool) -> None:
    """A reviewer who copies the worksheet leaves two places for each mark."""
    book = openpyxl.load_workbook(sheet)
    marks = book.worksheets[0]
    column = 1 + [cell.value for cell in marks[1]].index("key_mark")
    if filled_first:
        marks.cell(2, column).value = "0"
    copy = book.copy_worksheet(marks)
    copy.title = "Marks (2)"
    copy.cell(3, column).value = "0"
    copied = sheet.with_name("copied.xlsx")
    book.save(copied)
    code, _, err = run("review", "import", str(copied))
    assert code == 1
    assert "'Marks (2)' both hold rows of this sheet" in err
    assert "nothing was imported" in err


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"row_id,answer\n"])
def test_a_broken_workbook_is_a_fault(run: Run, tmp_path: Path, content: bytes) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(content)
    code, _, err = run("review", "import", str(broken))
    assert code == 1
    assert re.search("this workbook (is no XLSX or ODS workbook|cannot be)", err)


def test_a_workbook_that_is_not_there_is_not_called_broken(run: Run, tmp_path: Path) -> None:
    code, _, err = run("review", "import", str(tmp_path / "gone.xlsx"))
    assert code == 1
    assert "gone.xlsx: there is no such file" in err
