"""A human arm: the exports of a learning system, whose rows know no ids of questions."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from samp_eval.cli.main import main

TEXTS = ["Which metal is in hemoglobin?", "Which vitamins dissolve in fat?", "Name the pigment of blood."]
BANK: list[dict[str, Any]] = [
    {"format": "single", "requested": 1, "options": ["Zinc", "Iron"], "key": [{"answer": "Iron"}]},
    {
        "format": "menu",
        "requested": "any",
        "options": ["Retinol", "Ascorbic acid", "Calciferol"],
        "key": [{"answer": "Retinol"}, {"answer": "Calciferol"}],
    },
    {"requested": 1, "key": [{"answer": "Hemoglobin", "alternatives": ["Haemoglobin"]}]},
]
SUMMARIES = [f"{TEXTS[0]}: Iron; Zinc", f"{TEXTS[1]}: Calciferol; Retinol; Ascorbic acid", TEXTS[2]]
"""As Moodle's report writes a question: with its options in the order in which this person saw them."""
WHO = ["Last name", "First name", "Email address", "State", "Started on"]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    bank = tmp_path / "bank.jsonl"
    cases = [
        {"id": f"q{n}", "topic": "Blood", "questions": [{"id": f"q{n}", "question": text, **more}]}
        for n, (text, more) in enumerate(zip(TEXTS, BANK, strict=True), start=1)
    ]
    bank.write_text("\n".join(json.dumps(case) for case in cases), encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        'items = "bank.jsonl"\n[[rounds]]\nprompt = "bare"\n[[rounds]]\nprompt = "bare"\n', encoding="utf-8"
    )
    return tmp_path


def imported(study: Path, rows: Sequence[Sequence[object]], *more: str) -> int:
    file = study / "export.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows(rows)
    return main(["responses", "import", str(file), "--study", str(study), *more])


def held(study: Path, capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str, str], str]:
    capsys.readouterr()
    out = study / "answers.csv"
    assert main(["responses", "export", str(out), "--study", str(study)]) == 0
    with out.open(encoding="utf-8-sig", newline="") as source:
        return {(row["respondent"], row["question_id"], row["round"]): row["text"] for row in csv.DictReader(source)}


def test_moodles_report_of_attempts(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def attempt(person: str, *answers: str, state: str = "Finished", order: Sequence[int] = (0, 1, 2)) -> list[str]:
        shown = [cell for place, answer in zip(order, answers, strict=True) for cell in (SUMMARIES[place], answer, "x")]
        return [f"{person}-Doe", person, f"{person}@x", state, "1 May", *shown]

    names = [name for n in (1, 2, 3) for name in (f"Question {n}", f"Response {n}", f"Right answer {n}")]
    rows = [
        [*WHO, *names],
        attempt("Ann", "Hemoglobin", "Iron", "Retinol; Calciferol", order=(2, 0, 1)),
        attempt("Bob", "Zinc", "Retinol", "-"),
        attempt("Ann", "Zinc", "Ascorbic acid", "Heme"),
        attempt("Cy", "Iron", "-", "-", state="In progress"),
        ["Overall average"],
    ]
    assert imported(study, rows, "--name", "resident") == 0
    assert held(study, capsys) == {
        ("resident-001", "q3", "1"): "Hemoglobin",
        ("resident-001", "q1", "1"): "Iron",
        ("resident-001", "q2", "1"): "Retinol\nCalciferol",
        ("resident-002", "q1", "1"): "Zinc",
        ("resident-002", "q2", "1"): "Retinol",
        ("resident-001", "q1", "2"): "Zinc",
        ("resident-001", "q2", "2"): "Ascorbic acid",
        ("resident-001", "q3", "2"): "Heme",
    }
    assert main(["mark", "--study", str(study)]) == 0
    capsys.readouterr()
    assert main(["compare", "--study", str(study), "--failures", "zero", "--json"]) == 0
    scores = {row["respondent"]: row["mean_failures_zero"] for row in json.loads(capsys.readouterr().out)["scores"]}
    assert scores == {"resident-001": pytest.approx(50), "resident-002": pytest.approx(50 / 3)}
    assert not any(word in (study / "study.db").read_bytes() for word in (b"Ann", b"Doe"))


def test_without_the_texts_the_number_is_the_place_in_the_bank(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(study, [["Username", "Response 1", "Response 3"], ["ann", "Iron", "Hemoglobin"]]) == 0
    assert held(study, capsys) == {("person-001", "q1", "1"): "Iron", ("person-001", "q3", "1"): "Hemoglobin"}


@pytest.mark.parametrize(
    "rows",
    [
        [["question", "respondent", "round", "text"], ["which METAL is in haemoglobin", "Ann", 2, "B"]],
        [["Question number", "Respondent", "Attempt", "Response"], [1, "Ann", 2, "B"]],
        [["question text", "respondent", "round", "answer"], [f"{TEXTS[0]} Select one.", "Ann", "2.0", "B"]],
    ],
)
def test_a_row_for_each_answer(rows: list[list[object]], study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(study, rows) == 0
    assert held(study, capsys) == {("Ann", "q1", "2"): "B"}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["Which organ makes insulin?", "Ann", "Liver"], "row 2: no question of the bank has the text 'Which organ"),
        (["", "Ann", "Liver"], "row 2: found ''; the bank has questions 1 to 3"),
    ],
)
def test_a_question_that_the_bank_does_not_have_is_named(
    row: list[str], problem: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(study, [["question", "respondent", "text"], row]) == 1
    said = capsys.readouterr().err
    assert problem in said
    assert "nothing was imported" in said


def test_a_number_beyond_the_bank_is_named_with_its_column(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(study, [["Username", "Response 1", "Response 9"], ["ann", "Iron", "x"]]) == 1
    assert "row 2, column 3: found '9'; the bank has questions 1 to 3" in capsys.readouterr().err


def test_a_text_that_two_questions_have_is_refused(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = study / "bank.jsonl"
    twin = json.loads(bank.read_text(encoding="utf-8").split("\n")[0])
    twin |= {"id": "q9", "questions": [twin["questions"][0] | {"id": "q9"}]}
    bank.write_text(bank.read_text(encoding="utf-8") + "\n" + json.dumps(twin), encoding="utf-8")
    assert imported(study, [["question", "respondent", "text"], [TEXTS[0], "Ann", "Iron"]]) == 1
    assert "2 questions of the bank have this text: q1, q9; use ids" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "states", "average"),
    [
        (["Last name", "First name", "ID number", "Email address", "Status", "Response 1"],
         ("Finished", "In progress"), "Overall average"),
        (["Nom de famille", "Prénom", "Numéro d'identification", "Adresse de courriel", "État", "Réponse 1"],
         ("Terminé", "En cours"), "Moyenne globale"),
        (["Nachname", "Vorname", "ID-Nummer", "E-Mail-Adresse", "Status", "Antwort 1"],
         ("Beendet", "In Bearbeitung"), "Gesamtdurchschnitt"),
        (["Apellido(s)", "Nombre", "ID number", "Dirección de correo", "Estado", "Respuesta 1"],
         ("Finalizado", "En curso"), "Promedio general"),
        (["Achternaam", "Voornaam", "ID-nummer", "E-mailadres", "Status", "Antwoord 1"],
         ("Voltooid", "Bezig"), "Algemeen gemiddelde"),
    ],
)  # fmt: skip
def test_moodles_report_in_other_languages(
    header: list[str], states: tuple[str, str], average: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Persons without a number are known by their addresses: two of the same name are two."""
    rows = [
        ["Quiz 2025"],
        [],
        header,
        ["Doe", "Ann", "", "ann@x", states[0], "Iron"],
        ["Doe", "Ann", "", "other@x", states[0], "Zinc"],
        ["Roe", "Bob", "", "bob@x", states[1], "Iron"],
        ["Doe", "Ann", "", "ann@x", states[0], "-"],
        [average, "", "", "", "", ""],
    ]
    assert imported(study, rows) == 0
    said = capsys.readouterr().err
    assert "2 recorded answers imported" in said
    assert "1 sample without an answer" in said
    assert held(study, capsys) == {("person-001", "q1", "1"): "Iron", ("person-002", "q1", "1"): "Zinc"}


@pytest.mark.parametrize(
    "header",
    [
        ["Student", "Q1", "Q3"],
        ["Name", "1", "3"],
        ["Username", "q1", "q3"],
        ["Email Address", TEXTS[0], TEXTS[2]],
        ["name", f"12345: {TEXTS[0]}", f"12346: {TEXTS[2]}"],
    ],
)
def test_a_column_for_each_question(header: list[str], study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scored = [header[0], header[1], "1.0", header[2]]
    assert imported(study, [scored, ["ann", "Iron", "1", "Heme"], ["bob", "A", "0", "-"]]) == 0
    assert held(study, capsys) == {
        ("person-001", "q1", "1"): "Iron",
        ("person-001", "q3", "1"): "Heme",
        ("person-002", "q1", "1"): "A",
    }


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([["Last name", "Email", "State", "Grade/10.00", "Q. 1 /2.50"], ["Doe", "a@x", "Finished", "8", "2.50"]],
         "row 1: has grades and no answers: this is Moodle's report Grades; export the report Responses instead"),
        ([["Response 1", "Response 2"], ["Iron", "Retinol"]], "row 2: nothing says who answered"),
        ([["Username", "Response 1"], ["", "Iron"], ["ann", "Zinc"]], "row 2: nothing says who answered"),
    ],
)  # fmt: skip
def test_what_has_no_answers_or_no_persons_is_refused(
    rows: list[list[str]], problem: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(study, rows) == 1
    assert problem in capsys.readouterr().err


def test_options_with_a_semicolon_are_told_apart(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = study / "bank.jsonl"
    options = {"options": ["Iron; zinc", "Tin", "Lead"], "key": [{"answer": "Iron; zinc"}, {"answer": "Lead"}]}
    lines = bank.read_text(encoding="utf-8").split("\n")
    case = json.loads(lines[1])
    case["questions"][0] |= options
    bank.write_text("\n".join([lines[0], json.dumps(case), lines[2]]), encoding="utf-8")
    assert imported(study, [["Username", "Response 2"], ["ann", "Iron; zinc; Lead"]]) == 0
    assert held(study, capsys) == {("person-001", "q2", "1"): "Iron; zinc\nLead"}
