"""Tables of faculties: the header wherever it is, keys however they are written, cells that a program changed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBank
from samp_eval.items.importing.import_bank import ImportChoices, ImportedBank, import_bank

SECRET = "The secret explanation names the right one."
HEADER = ["Question", "A", "B", "C", "D", "Answer"]
METALS = ["Iron", "Zinc", "Tin", "Gold"]
AMBIGUOUS = "has a key that could be a letter or number, or the words of another option; write it as A. with the words"


def table(
    folder: Path, *rows: Sequence[str], sign: str = ",", above: str = "", encoding: str = "utf-8"
) -> ImportedBank:
    file = folder / "exam.csv"
    with file.open("w", newline="", encoding=encoding) as target:
        target.write(above)
        csv.writer(target, delimiter=sign).writerows(rows)
    return import_bank(file, ImportChoices())


def row(key: str, *options: str, question: str = "Which metal is in hemoglobin?") -> list[str]:
    return [question, *(options or METALS), key]


def keys(found: ImportedBank) -> list[list[str]]:
    return [[entry.answer for entry in case.questions[0].key] for case in found.cases]


@pytest.mark.parametrize(
    ("header", "row", "right"),
    [
        ("Question,A,B,C,Answer", "Which?,Iron,Zinc,Tin,B", ["Zinc"]),
        (
            "No,Stem,Option A,Option B,Option C,Correct Answer,Explanation",
            f"1,Which?,Iron,Zinc,Tin,c,{SECRET}",
            ["Tin"],
        ),
        ("question;choice 1;choice 2;key", "Which?;Iron;Zinc;Zinc", ["Zinc"]),
        ("question,option_1,option_2,option_3,correct", 'Which?,Iron,Zinc,Tin,"1, 3"', ["Iron", "Tin"]),
        ("QUESTION,A,B,C,D,ANSWER", "Which?,Iron,Zinc,Tin,Gold,AC", ["Iron", "Tin"]),
        ("question,choice0,choice1,choice2,answer", "Which?,Iron,Zinc,Tin,0", ["Iron"]),
        ("Which?,Iron,Zinc,Tin,B", "And which?,Iron,Zinc,Tin,C", ["Zinc"]),
    ],
)
def test_a_faculty_table(header: str, row: str, right: list[str], tmp_path: Path) -> None:
    file = tmp_path / "exam 2026.csv"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")
    found = import_bank(file, ImportChoices(licence="Our own"))
    assert found.kind == "table"
    assert [entry.answer for entry in found.cases[0].questions[0].key] == right
    assert (found.collection.name, found.collection.licence) == ("exam 2026", "Our own")
    assert SECRET not in found.cases[0].model_dump_json()


@pytest.mark.parametrize(
    ("key", "right"),
    [
        *((key, ["Zinc"]) for key in ("(B)", "B.", "b)", "[B]", "Ｂ", "B: Zinc", "B. Zinc", "B) zinc.", "B - Zinc")),
        *((key, ["Zinc"]) for key in ("B (Zinc)", "Option B", "Answer: B", "Réponse B", "The correct answer is B")),
        *((key, ["Zinc"]) for key in ("ZINC", "zinc.", " Zinc ", "2. Zinc")),
        *((key, ["Iron", "Tin"]) for key in ("A, C", "A and C", "A & C", "A/C", "A+C", "A C", "A; C", "a,c", "ca")),
        *((key, ["Iron", "Tin"]) for key in ("A et C", "A und C", "A y C", "A, and C")),
        *((key, ["Iron", "Tin"]) for key in ("Iron, Tin", "Tin; Iron", "Iron\nTin")),
    ],
)  # fmt: skip
def test_a_key_in_any_form(key: str, right: list[str], tmp_path: Path) -> None:
    assert keys(table(tmp_path, HEADER, row(key))) == [right]


@pytest.mark.parametrize(
    "key", ["E", "A or C", "A-C", "A e C", "?", "X", "Lead", "Iron or steel", "В", "AEB", "AA", "12"]
)
def test_a_key_that_names_no_option_is_left_out_with_its_value(key: str, tmp_path: Path) -> None:
    found = table(tmp_path, HEADER, row("B"), row(key, question="And which?"))
    assert keys(found) == [["Zinc"]]
    named = " (cyrillic capital letter ve)" if key == "В" else ""
    assert found.left_out == {"has a key that names none of its options": (f"row 3: key {key!r}{named}",)}


def test_a_letter_with_the_words_of_another_option_is_left_out(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER, row("B. Gold"), row("B", question="And which?"))
    reason = "has a key whose letter and words name different options"
    assert (keys(found), found.left_out) == ([["Zinc"]], {reason: ("row 2: key 'B. Gold'",)})


def test_two_columns_with_keys_have_to_agree(tmp_path: Path) -> None:
    header = ["Question", "A", "B", "C", "Answer", "Correct answer"]
    rows = [
        ["Which?", *METALS[:3], "B", "Tin"],
        ["And which?", *METALS[:3], "B", "Zinc"],
        ["What?", *METALS[:3], "", "C"],
    ]
    found = table(tmp_path, header, *rows)
    assert keys(found) == [["Zinc"], ["Tin"]]
    assert found.left_out == {"has two keys that name different options": ("row 2: answer 'B', correct_answer 'Tin'",)}
    both = ["question", "choices", "answer", "answer_index"]
    listed = [["Which?", "Iron; Zinc; Tin", "C", "2"], ["And which?", "Iron; Zinc; Tin", "A", "2"]]
    found = table(tmp_path, both, *listed)
    assert (keys(found), list(found.left_out)) == ([["Tin"]], ["has two keys that name different options"])


def test_two_columns_of_one_name_have_to_agree(tmp_path: Path) -> None:
    header = [*HEADER, "Answer", "Remark", "Remark"]
    rows = [[*row("C"), "A", "x", "y"], [*row("B", question="And which?"), "b", "x", "y"]]
    found = table(tmp_path, header, *rows)
    assert keys(found) == [["Zinc"]]
    assert found.left_out == {"has two keys that name different options": ("row 2: answer 'C', answer_(2) 'A'",)}


def test_a_count_or_a_verdict_beside_the_key_is_no_second_key(tmp_path: Path) -> None:
    for beside in ("1", "yes"):
        found = table(tmp_path, [*HEADER, "Correct"], [*row("C"), beside], [*row("A", question="What?"), beside])
        assert (keys(found), found.left_out) == ([["Tin"], ["Iron"]], {})


@pytest.mark.parametrize(("key", "right"), [("T", "True"), ("f", "False"), ("TRUE", "True"), ("b", "False")])
def test_true_or_false(key: str, right: str, tmp_path: Path) -> None:
    assert keys(table(tmp_path, ["Question", "A", "B", "Key"], ["Iron is a gas.", "True", "False", key])) == [[right]]


def test_a_key_without_the_markup_of_its_option(tmp_path: Path) -> None:
    found = table(tmp_path, HEADER, row("Iron & zinc", "Iron &amp; zinc", "Zinc", "Tin", "Gold"))
    assert keys(found) == [["Iron &amp; zinc"]]


BLOOD = ["O", "A", "B", "AB"]


def test_a_letter_that_is_an_options_word_is_read_as_the_other_rows_show(tmp_path: Path) -> None:
    blood = row("A", *BLOOD, question="Which group gives to all?")
    assert keys(table(tmp_path, HEADER, blood, row("C"))) == [["O"], ["Tin"]]
    assert keys(table(tmp_path, HEADER, blood, row("Tin"))) == [["A"], ["Tin"]]
    for others in ([row("C"), row("Tin", question="What?")], [row("D", *BLOOD[1:], "O")]):
        found = table(tmp_path, HEADER, row("B", *METALS) if len(others) > 1 else row("D", *METALS), blood, *others)
        assert (AMBIGUOUS in found.left_out) == (len(others) > 1)
    with pytest.raises(FaultyBank, match=r"could be a letter or number.*row 2: key 'A'"):
        table(tmp_path, HEADER, blood)
    assert keys(table(tmp_path, HEADER, row("AB", *BLOOD), row("D"))) == [["AB"], ["Gold"]]
    assert keys(table(tmp_path, HEADER, row("A and B", "Iron", "Zinc", "Tin", "A and B"), row("D"))) == [
        ["A and B"],
        ["Gold"],
    ]


def test_a_number_that_is_an_options_word_is_read_as_the_other_rows_show(tmp_path: Path) -> None:
    lobes = row("3", "2", "3", "4", "5", question="How many lobes has the right lung?")
    assert keys(table(tmp_path, HEADER, lobes, row("Iron"))) == [["3"], ["Iron"]]
    assert keys(table(tmp_path, HEADER, lobes, row("4"))) == [["4"], ["Gold"]]
    assert keys(table(tmp_path, HEADER, lobes, row("0"))) == [["5"], ["Iron"]]
    assert keys(table(tmp_path, HEADER, row("40", "20", "40", "60", "80"))) == [["40"]]
    with pytest.raises(FaultyBank, match="could be a letter or number"):
        table(tmp_path, HEADER, lobes)


def test_numbers_and_letters_in_one_column(tmp_path: Path) -> None:
    rows = [row("1"), row("4", question="What?"), row("2.0", question="Who?"), row("C", question="Why?")]
    found = table(tmp_path, HEADER, *rows)
    assert (keys(found), found.base) == ([["Iron"], ["Gold"], ["Zinc"], ["Tin"]], 1)
    found = table(tmp_path, HEADER, row("B"), row("2", question="What?"))
    reason = "has an index that could count from 0 or from 1; give --index-base"
    assert (keys(found), found.left_out) == ([["Zinc"]], {reason: ("row 3: key '2'",)})
    with pytest.raises(FaultyBank, match="row 2 has 0, row 3 has 4 of 4"):
        table(tmp_path, HEADER, row("0"), row("4", question="What?"))


def test_numbers_are_those_of_numbered_columns(tmp_path: Path) -> None:
    header = ["question", "option 1", "option 2", "option 3", "answer"]
    assert keys(table(tmp_path, header, ["Which?", *METALS[:3], "2"])) == [["Zinc"]]
    assert keys(table(tmp_path, header, ["Which?", *METALS[:3], "2"], ["And?", *METALS[:3], "0"])) == [
        ["Tin"],
        ["Iron"],
    ]
    with pytest.raises(FaultyBank, match="--index-base"):
        table(tmp_path, [*header[:4], "answer_idx"], ["Which?", *METALS[:3], "2"])


@pytest.mark.parametrize(
    ("above", "sign"),
    [
        ("", ";"),
        ("sep=;\n", ";"),
        ("Faculty of Medicine, exam 2025\n\n", ","),
        ("Faculty of Medicine; exam 2025\n2025-03-01\n", ";"),
        ("", "\t"),
        ("\n\n", "|"),
    ],
)
def test_the_header_is_found_below_titles(above: str, sign: str, tmp_path: Path) -> None:
    found = table(tmp_path, HEADER, row("B"), row("x", question="And which?"), sign=sign, above=above)
    assert keys(found) == [["Zinc"]]
    assert found.left_out["has a key that names none of its options"][0].startswith(f"row {above.count(chr(10)) + 3}: ")


def test_a_key_before_its_options(tmp_path: Path) -> None:
    """A header that ends with D is no question with the key D."""
    for header, first in (["No", "Question", "Key"], ["7"]), (["Question", "Answer"], []):
        found = table(tmp_path, [*header, "A", "B", "C", "D"], [*first, "Which?", "B", *METALS])
        assert (keys(found), found.cases[0].questions[0].question) == ([["Zinc"]], "Which?")
    with pytest.raises(FaultyBank, match="no column says which option is right"):
        table(tmp_path, ["Question", "A", "B", "C", "D"], ["Which?", *METALS])


@pytest.mark.parametrize("last", ["b", "AC", "2"])
def test_a_table_without_a_header(last: str, tmp_path: Path) -> None:
    found = table(tmp_path, row(last), row("4" if last == "2" else "d", question="AIDS"))
    assert keys(found) == [{"b": ["Zinc"], "AC": ["Iron", "Tin"], "2": ["Zinc"]}[last], ["Gold"]]


@pytest.mark.parametrize(
    "header",
    [
        ["Frage", "Antwort A", "Antwort B", "Antwort C", "Richtige Antwort"],
        ["Pregunta", "Opción A", "Opción B", "Opción C", "Respuesta correcta"],
        ["Énoncé", "Réponse A", "Réponse B", "Réponse C", "Bonne réponse"],
        ["Question *", "A)", "B)", "C)", "Correct answer(s):"],
        [
            "Question - at most 120 characters",
            "Answer 1 - at most 75",
            "Answer 2",
            "Answer 3",
            "Correct answer(s) - choose",
        ],
        ["question", "opa", "opb", "opc", "answer_idx"],
        ["question", "op1", "op2", "op3", "cop"],
        ["Question", "ChoiceA", "ChoiceB", "ChoiceC", "CorrectAnswer"],
        ["Statement", "A", "B", "C", "Ans."],
        ["Intitulé de la question", "Proposition A", "Proposition B", "Proposition C", "Réponse(s) correcte(s)"],
        ["Aufgabe", "Antwortmöglichkeit 1", "Antwortmöglichkeit 2", "Antwortmöglichkeit 3", "Korrekte Antwort"],
        ["Domanda", "Risposta A", "Risposta B", "Risposta C", "Risposta esatta"],
        ["Stem", "Option A", "Option B", "Option C", "Key (A-C)"],
    ],
)
def test_names_of_columns(header: list[str], tmp_path: Path) -> None:
    for encoding, sign in (("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t")):
        found = table(tmp_path, header, ["Où est-ce ?", *METALS[:3], "B"], sign=sign, encoding=encoding)
        assert (keys(found), found.cases[0].questions[0].question) == ([["Zinc"]], "Où est-ce ?")


@pytest.mark.parametrize(
    ("header", "cells", "stem", "question"),
    [
        (
            ["Vignette", "Lead-in"],
            ["A man of sixty is pale.", "Which metal?"],
            "A man of sixty is pale.",
            "Which metal?",
        ),
        (["Case", "Question"], ["Case 7", "Which metal?"], "", "Which metal?"),
        (["Question", "Stem"], ["12", "Which metal?"], "", "Which metal?"),
        (["Item", "Stem"], ["12", "Which metal?"], "", "Which metal?"),
    ],
)
def test_a_case_before_the_question(
    header: list[str], cells: list[str], stem: str, question: str, tmp_path: Path
) -> None:
    (case,) = table(tmp_path, [*header, "A", "B", "Answer"], [*cells, "Iron", "Zinc", "A"]).cases
    assert (case.stem, case.questions[0].question) == (stem, question)
    notes: list[str] = []
    import_bank(tmp_path / "exam.csv", ImportChoices(), notes.append)
    assert any("1 of 1 rows have a case before the question" in note for note in notes) == bool(stem)


def test_options_that_are_empty_or_not_there(tmp_path: Path) -> None:
    rows = [
        row("D", *METALS, ""),
        row("C", "5 mg", "10 mg", "N/A", "Na", ""),
        row("E", *METALS, "", question="Beyond?"),
        row("D", "Iron", "", "Tin", "Gold", "", question="A gap?"),
        ["Too short?", "Iron"],
        ["Not quoted, is it?", *METALS, "", "B", "Gold"],
        ["Total: 5 questions", "", "", "", "", "", ""],
    ]
    found = table(tmp_path, ["Question", *"ABCDE", "Answer"], *rows)
    assert keys(found) == [["Gold"], ["N/A"]]
    assert [len(case.questions[0].options) for case in found.cases] == [4, 4]
    assert found.left_out == {
        "has a key that names none of its options": ("row 4: key 'E'",),
        "has an empty option": ("row 5",),
        "has fewer than two options": ("row 6", "row 8"),
        "has more cells than the header; a text with the separator in it needs quotation marks": ("row 7: Gold",),
    }


@pytest.mark.parametrize(
    "text", ["A. Iron\nB. Zinc\nC. Tin", "A) Iron B) Zinc C) Tin", "A Iron\nB Zinc\nC Tin", "Iron; Zinc; Tin"]
)
def test_all_options_in_one_cell(text: str, tmp_path: Path) -> None:
    found = table(tmp_path, ["Question", "Options", "Answer"], ["Which?", text, "B"])
    assert (keys(found), found.cases[0].questions[0].options) == ([["Zinc"]], ("Iron", "Zinc", "Tin"))


Cells = Sequence[Sequence[Any]]


def workbook(folder: Path, sheets: dict[str, Cells]) -> Path:
    file = folder / "exam.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        percent, day = book.add_format({"num_format": "0%"}), book.add_format({"num_format": "d mmm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, day)
                    elif isinstance(cell, float) and cell < 1:
                        sheet.write_number(number, column, cell, percent)
                    elif cell != "":
                        sheet.write(number, column, cell)
    return file


def test_cells_of_a_workbook(tmp_path: Path) -> None:
    rows: Cells = [
        ["Exam 2025"],
        [],
        HEADER,
        ["How many mmol/L?", 140, 120, 4.5, 80, 1],
        ["Which sensitivity?", 0.05, 0.5, 0.9, 0.95, 4],
        ["At which age?", "1-2", date(2026, 7, 5), "8-10", "11-12", 1],
    ]
    found = import_bank(workbook(tmp_path, {"Exam": rows}), ImportChoices())
    assert keys(found) == [["140"], ["95%"]]
    assert found.cases[0].questions[0].options == ("140", "120", "4.5", "80")
    ((reason, places),) = found.left_out.items()
    assert (reason.partition(";")[0], places) == ("has a date or time where a text belongs", ("row 6: 2026-07-05",))


@pytest.mark.parametrize(
    "header",
    [
        [["", "Options", "", "", "", ""], HEADER],
        [["Question", "Options", "", "", "", "Answer"], ["", "A", "B", "C", "D", ""]],
        [["", *HEADER]],
    ],
)
def test_a_header_with_merged_cells_or_an_empty_column(header: list[list[str]], tmp_path: Path) -> None:
    cells = row("C") if header[0][0] or len(header) > 1 else ["", *row("C")]
    assert keys(import_bank(workbook(tmp_path, {"Exam": [*header, cells]}), ImportChoices())) == [["Tin"]]


def test_every_worksheet_with_questions_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheets: dict[str, Cells] = {
        "About": [["Exam of the faculty"], ["2025"]],
        "Heart": [HEADER, row("C")],
        "Brain": [HEADER, row("A", question="And which?")],
    }
    file = workbook(tmp_path, sheets)
    assert keys(import_bank(file, ImportChoices())) == [["Tin"], ["Iron"]]
    assert main(["items", "import", str(file), "--out", str(tmp_path / "bank.jsonl")]) == 0
    assert "read the worksheets Heart, Brain; not read: About" in capsys.readouterr().err
