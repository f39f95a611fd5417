"""Faults that no bank may have, each found with its row, whatever kind of bank it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from bank_files import HEADER, STEM, csv_bank, findings, row

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBank
from samp_eval.items.load import load_bank

CHOICE = {
    "format": "single",
    "options": "A. Aspirin; B. Codeine; C. Heparin; D. Insulin; E. Warfarin",
    "key": "A. Codeine",
}


@pytest.mark.parametrize(
    ("cells", "place", "problem"),
    [
        ({"key": "Ultrasound; D-dimer"}, "row 2, column key", "holds a semicolon but no letters"),
        ({"key": "1. Ultrasound; 2. D-dimer"}, "row 2, column key", "holds a semicolon but no letters"),
        ({"key": "A. Ultrasound; D-dimer"}, "row 2, column key", "where entry B should begin"),
        ({"key": "Ultrasound\nD-dimer"}, "row 2, column key", "holds a line break but no letters"),
        ({"key": "- Ultrasound\r\n- D-dimer"}, "row 2, column key", "holds a line break but no letters"),
        (CHOICE | {"options": "Aspirin; Codeine"}, "row 2, column options", "holds a semicolon but no letters"),
        ({"key": "A. Doppler &amp; compression"}, "key entry A", "holds HTML"),
        ({"question": "Which <b>one</b> test?"}, "row 2, case c1, question c1-1, question", "holds HTML"),
        ({"stem": STEM + " Her temperature is 38&#176;C."}, "row 2, case c1, stem", "holds HTML"),
        ({"stem": STEM + " ![ecg](ecg.png)"}, "row 2, case c1, stem", "a picture that is not sent"),
        ({"stem": STEM + " An ECG is shown below."}, "stem", "a picture that is not sent"),
        ({"question": "What does the radiograph shown in the figure show?"}, "question", "a picture that is not sent"),
        ({"question": "Que montre la radiographie ci-dessous ?"}, "question", "a picture that is not sent"),
        ({"question": "¿Qué muestra la imagen adjunta?"}, "question", "a picture that is not sent"),
        ({"key": "A. 5-Jul"}, "key entry A", "date"),
        ({"key": "A. 2026-07-05"}, "key entry A", "date"),
        ({"question": "What is the treatment of the"}, "question", "seems cut short"),
        ({"stem": STEM + " She also has ("}, "stem", "seems cut short"),
        ({"question": "What does the café report?".replace("é", "Ã©")}, "question", "in the wrong encoding"),
        ({"not_accepted": "Chest film; ECG"}, "row 2, case c1, question c1-1", "the reason is missing"),
        (
            CHOICE | {"options": "A. Aspirin; B. Codeine; C. codeine ; D. Insulin"},
            "options",
            "B and C are both 'codeine'",
        ),
        (
            CHOICE | {"key": "B"},
            "row 2, case c1, question c1-1",
            "options: B; write the words of an option, such as 'A",
        ),
        (CHOICE | {"key": "A. Morphine"}, "row 2, case c1, question c1-1", "not among the options: Morphine"),
    ],
)
def test_a_planted_fault_is_found_with_its_row(cells: dict[str, str], place: str, problem: str, tmp_path: Path) -> None:
    found = findings(csv_bank(tmp_path, row(1, cells)))
    assert any(place in one and problem in one for one in found), found


@pytest.mark.parametrize(
    "cells",
    [
        {"question": "Her ECG has shown nothing new; which test comes next?"},
        {"question": "A chest X-ray shows a nodule. What else would you ask for?"},
        {"key": "A. R&D; B. Q&A"},
        {"key": r"A. Blood cultures\; two sets"},
        {"stem": STEM + " Her sodium is < 120 mmol/L and > 100 mmol/L."},
        {"question": "Which of these (all of them cheap) helps?"},
        {"question": "治療はどれか? (10L/分酸素投与下）。"},
        {"key": "A. 5 days / 5-7 days"},
    ],
)
def test_what_only_looks_like_a_fault_is_none(cells: dict[str, str], tmp_path: Path) -> None:
    assert findings(csv_bank(tmp_path, row(1, cells))) == []


def test_an_entry_on_a_line_of_its_own_is_an_entry(tmp_path: Path) -> None:
    (case,) = load_bank(csv_bank(tmp_path, row(key="A. Ultrasound / Doppler\nB. D-dimer"))).cases
    assert [entry.wordings for entry in case.questions[0].key] == [("Ultrasound", "Doppler"), ("D-dimer",)]


def test_a_bank_whose_key_would_be_misread_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(FaultyBank, match="row 2, column key: holds a semicolon"):
        load_bank(csv_bank(tmp_path, row(key="Ultrasound; D-dimer")))


def test_dates_and_percentages_of_a_workbook_are_found_and_the_rest_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for number, cells in enumerate([HEADER, row(1), row(2, stem="No sign"), row(3)], start=1):
        for column, cell in enumerate(cells, start=1):
            sheet.cell(number, column).value = cell
    key = HEADER.index("key") + 1
    sheet.cell(2, key).value = date(2026, 7, 5)
    sheet.cell(3, key).value = 0.05
    sheet.cell(3, key).number_format = "0%"
    sheet.cell(4, key).value = 7.4
    book.save(tmp_path / "bank.xlsx")
    found = findings(tmp_path / "bank.xlsx")
    assert any(one.startswith("row 2, column key: holds a date") for one in found), found
    assert any(one.startswith("row 3, column key: holds the percentage 5 %") for one in found), found
    assert not any("row 4" in one and "column key" in one for one in found)
    assert any("row 3, case c2, stem: has 2 words" in one for one in found), "the other faults are found beside them"


def test_the_same_question_and_one_nearly_the_same_are_named(tmp_path: Path) -> None:
    twice = csv_bank(tmp_path, row(1), row(2, stem=STEM.upper(), question="What would you look for in examination 1?"))
    assert any("row 3, case c2, question c2-1: is the same question as c1-1" in one for one in findings(twice))
    near = row(2, stem=STEM.replace("five days", "six days"), question="What would you look for in examination 1?")
    assert any("reads almost like c1-1" in one for one in findings(csv_bank(tmp_path, row(1), near)))
    other = row(
        2, stem=STEM, question="Which treatment would you offer today, and for how long would you give it at first?"
    )
    assert not any(
        "reads almost" in one or "same question" in one for one in findings(csv_bank(tmp_path, row(1), other))
    )


def test_one_letter_that_is_right_too_often_is_named(tmp_path: Path) -> None:
    rows = [row(n, CHOICE | {"question": f"Which drug is number {n} of {n * 7}?"}) for n in range(1, 21)]
    assert any("B is right in 20 of 20 questions" in one for one in findings(csv_bank(tmp_path, *rows)))
    names = ["Aspirin", "Codeine", "Heparin", "Insulin", "Warfarin"]
    fair = [row(n, CHOICE | {"key": names[n % 5], "question": f"Which drug is {n}?"}) for n in range(1, 21)]
    assert not any("is right in" in one for one in findings(csv_bank(tmp_path, *fair)))


def test_a_board_question_breaks_no_rule_of_the_examination(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = "A. Zinc; B. Iron; C. Copper; D. All of the above"
    board = row(1, stem="", question="The metal of hemoglobin is:", format="single", options=options, key="Iron")
    file = csv_bank(tmp_path, board)
    assert findings(file) == []
    assert main(["items", "check", str(file), "--profile", "samp"]) == 1
    found = capsys.readouterr().out
    assert "a stem has 50 to 150" in found
    assert "there are 4; a single question has five options" in found
    assert main(["items", "check", str(csv_bank(tmp_path, row(stem="Short."))), "--profile", "public"]) == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("A. Only", "there are 1; a question has 2 to 12"),
        ("; ".join(f"{letter}. Drug {letter}" for letter in "ABCDEFGHIJKLM"), "there are 13"),
        ("A. A) Zinc; B. B) Iron", "carry their letters"),
    ],
)
def test_options_of_any_bank(options: str, problem: str, tmp_path: Path) -> None:
    key = options.split("; ")[0]
    found = findings(csv_bank(tmp_path, row(stem="", format="single", options=options, key=key)))
    assert any(problem in one for one in found), found


def test_options_printed_in_the_question_are_found(tmp_path: Path) -> None:
    asked = "Which metal is it? A. Zinc B. Iron C. Copper"
    board = row(1, stem="", question=asked, format="single", options="A. Zinc; B. Iron; C. Copper", key="Iron")
    assert any("holds its options as well" in one for one in findings(csv_bank(tmp_path, board)))
