"""Three simulated experts review a bank: one late, one key changed between the rounds, an edit after acceptance."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bank_experts import as_candidate, content, fill

from samp_eval.cli.main import main
from samp_eval.items.load import bundled_bank_folder, load_bank
from samp_eval.items.reviewed_text import case_sha256
from samp_eval.items.samp import Question
from samp_eval.review.bank.rating_fields import NotAllowed, entry_verdicts, read_rating
from samp_eval.store.study_store import StudyStore

CASES = ("back-pain-warehouse", "fever-infant")
EXPERTS = ("Dr. Ada Ng, CCFP", "Dr. Bo Roy", "Dr. Cy Tan")


def run(*words: object) -> int:
    return main([str(word) for word in words])


def as_json(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    capsys.readouterr()
    assert run(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    folder = tmp_path / "bank"
    folder.mkdir()
    for case in CASES:
        shutil.copy(bundled_bank_folder() / f"{case}.yaml", folder)
    first = folder / f"{CASES[0]}.yaml"
    first.write_text(first.read_text(encoding="utf-8") + "# A comment of the author.\n", encoding="utf-8")
    return folder


@pytest.fixture
def study(bank: Path, tmp_path: Path, new_study: Callable[[Path], Path]) -> Path:
    return new_study(tmp_path / "study")


def export(study: Path, *more: object, experts: tuple[str, ...] = EXPERTS, **options: Any) -> dict[str, Path]:
    """Sheets by expert; those without an open question are missing."""
    before = set((study / "sheets").glob("*"))
    names = [word for expert in experts for word in ("--reviewer", expert)]
    assert run("items", "review", "export", "--study", study, *names, "--format", "xlsx", *more) == 0
    new = set((study / "sheets").glob("*")) - before
    return {expert: file for expert in experts for file in new if expert.split()[1] in file.name}


def take(study: Path, *files: Path) -> int:
    return run("items", "review", "import", *files, "--study", study)


def questions_of(sheet: Path) -> list[str]:
    rows = openpyxl.load_workbook(sheet).worksheets[0]
    place = [cell.value for cell in rows[1]].index("question_id") + 1
    return [str(rows.cell(number, place).value) for number in range(2, rows.max_row + 1)]


def finds_c_wrong(shown: Mapping[str, str]) -> dict[str, Any]:
    said = content(shown, 0.5)
    if shown["question_id"] == "back-pain-warehouse-1":
        said |= {"key_wrong": "c", "missing": "Night pain; Cauda equina", "comment": "C is vague"}
    return said


def rated_once(study: Path, bank: Path) -> Path:
    """Ada and Bo have answered and rated; Cy has only answered, and has the sheet with the key."""
    for sheet in export(study, "--items", bank).values():
        fill(sheet, as_candidate)
        assert take(study, sheet) == 0
    sheets = export(study)
    fill(sheets[EXPERTS[0]], lambda shown: content(shown, 0.7))
    fill(sheets[EXPERTS[1]], finds_c_wrong)
    assert take(study, sheets[EXPERTS[0]], sheets[EXPERTS[1]]) == 0
    return sheets[EXPERTS[2]]


def change_key(study: Path, bank: Path) -> None:
    """Entry C gets another wording, as the second expert asked."""
    file = bank / f"{CASES[0]}.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("- answer: Bowel dysfunction\n") == 1
    file.write_text(
        text.replace("- answer: Bowel dysfunction\n", "- answer: New bowel dysfunction\n"), encoding="utf-8"
    )
    assert run("amend", "key", bank, "--study", study, "--reason", "An expert found entry C vague") == 0


def test_the_first_sheet_has_no_key_and_the_second_waits_for_the_first(
    study: Path, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = export(study, "--items", bank)
    header = [cell.value for cell in openpyxl.load_workbook(first[EXPERTS[0]]).worksheets[0][1]]
    assert "key" not in header
    assert "relevance" not in header
    again = export(study)  # nothing came back, so the same sheet goes out
    assert questions_of(again[EXPERTS[0]]) == questions_of(first[EXPERTS[0]])
    fill(first[EXPERTS[0]], as_candidate)
    assert take(study, first[EXPERTS[0]]) == 0
    capsys.readouterr()
    assert take(study, first[EXPERTS[0]]) == 0
    assert "0 new cells" in capsys.readouterr().out
    second = export(study)
    assert "answers" in second[EXPERTS[1]].name
    assert "ratings" in second[EXPERTS[0]].name


def test_below_three_experts_ratings_are_listed_and_no_index_is_computed(
    study: Path, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rated_once(study, bank)
    found = as_json(capsys, "items", "review", "report", "--study", study)
    assert set(found["relevance"]) == {"reason"}
    assert all(set(question["relevance"]) == {"reason"} for question in found["questions"])
    assert found["questions"][0]["ratings"][EXPERTS[1]]["key_wrong"] == "C"
    assert run("items", "review", "report", "--study", study) == 0
    shown = capsys.readouterr().out
    assert "C is vague" in shown
    assert "fewer than 3 experts" in shown
    assert run("items", "review", "accept", "--study", study) == 1


def test_a_review_with_a_late_expert_and_a_key_changed_between_the_rounds(
    study: Path, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = rated_once(study, bank)
    change_key(study, bank)
    fill(late, lambda shown: content(shown, 0.6))
    capsys.readouterr()
    assert take(study, late) == 0
    assert "back-pain-warehouse-1: this was said of a text that has changed since" in capsys.readouterr().err
    state = as_json(capsys, "items", "review", "status", "--study", study)
    assert {(one["expert"], one["question_id"]) for one in state["outdated"]} == {
        (expert, "back-pain-warehouse-1") for expert in EXPERTS
    }

    sheets = export(study)  # the changed question alone goes out again
    assert set(sheets) == set(EXPERTS)
    assert all(questions_of(sheet) == ["back-pain-warehouse-1"] for sheet in sheets.values())
    for sheet in sheets.values():
        fill(sheet, content)
    assert take(study, *sheets.values()) == 0

    second = export(study, "--round", 2)
    rows = openpyxl.load_workbook(second[EXPERTS[0]]).worksheets[0]
    columns = [cell.value for cell in rows[1]]
    said = str(rows.cell(3, columns.index("said_so_far") + 1).value)
    assert "Roy" not in said
    assert said.startswith("expected: ")
    fill(second[EXPERTS[0]], lambda shown: {"expected": 1} if shown["question_id"].startswith("fever") else {})
    assert take(study, second[EXPERTS[0]]) == 0

    found = as_json(capsys, "items", "review", "report", "--study", study)
    assert found["rounds"] == 2
    assert found["relevance"]["average"] == found["relevance"]["universal"] == 1
    assert found["outdated"] == []
    first = found["questions"][0]
    assert first["verdicts"]["C"] == {"yes": 3}  # the earlier verdict was on another wording
    assert first["relevance"]["kappa"] == 1
    assert first["accepted"]
    fever = next(question for question in found["questions"] if question["question_id"] == "fever-infant-1")
    assert fever["ratings"][EXPERTS[0]]["expected"] == "1"
    assert fever["ratings"][EXPERTS[0]]["relevance"] == "4"  # what the second round leaves empty holds on


def test_acceptance_is_bound_to_the_text(
    study: Path, bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = rated_once(study, bank)
    fill(late, content)
    assert take(study, late) == 0
    assert run("items", "review", "accept", "--study", study) == 0  # the first case has a wrong entry
    first, second = load_bank(bank).cases
    assert first.reviewed_by == ()
    assert [text.split(", 20")[0] for text in second.reviewed_by] == list(EXPERTS)
    assert all(text.endswith(f"sha256:{case_sha256(second)}") for text in second.reviewed_by)

    assert run("items", "review", "accept", CASES[0], "--study", study) == 1
    assert "does not accept" in capsys.readouterr().err
    assert run("items", "review", "accept", CASES[0], "--study", study, "--reason", "The panel kept entry C") == 0
    text = (bank / f"{CASES[0]}.yaml").read_text(encoding="utf-8")
    assert "# A comment of the author.\n" in text
    assert text.count("reviewed_by:") == 1
    assert run("items", "check", bank) == 0

    changed = bank / f"{CASES[1]}.yaml"
    changed.write_text(changed.read_text(encoding="utf-8").replace("topic: ", "topic: X", 1), encoding="utf-8")
    capsys.readouterr()
    assert run("items", "check", bank) == 1
    assert "changed since its review by Dr. Ada Ng, CCFP, 20" in capsys.readouterr().out
    assert run("items", "review", "accept", CASES[1], "--study", study) == 1
    assert "read otherwise than what was reviewed: fever-infant" in capsys.readouterr().err


def test_a_bank_that_cannot_be_written_is_copied(
    study: Path, bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    late = rated_once(study, bank)
    fill(late, content)
    assert take(study, late) == 0
    before = (bank / f"{CASES[1]}.yaml").read_bytes()
    with monkeypatch.context() as patch:
        # The tests may run as root, who may write everything
        patch.setattr("os.access", lambda path, mode: mode != os.W_OK or not str(path).startswith(str(bank)))
        assert run("items", "review", "accept", "--study", study) == 1
        assert "--out" in capsys.readouterr().err
        assert run("items", "review", "accept", "--study", study, "--out", tmp_path / "copy") == 0
    assert (bank / f"{CASES[1]}.yaml").read_bytes() == before
    assert len(load_bank(tmp_path / "copy").cases[1].reviewed_by) == 3


def test_answers_without_the_key_become_a_human_respondent(study: Path, bank: Path, tmp_path: Path) -> None:
    rated_once(study, bank)
    file = tmp_path / "physicians.csv"
    assert run("items", "review", "report", "--study", study, "--answers", file) == 0
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    assert {row["respondent"] for row in rows} == {"physician 1", "physician 2", "physician 3"}
    assert run("responses", "import", file, "--study", study) == 0
    assert run("mark", "--marker", "key", "--study", study) == 0
    with StudyStore.open(study, create=False) as store:
        assert sorted(store.respondents()) == ["physician 1", "physician 2", "physician 3"]
        assert {mark.reviewer.role for mark in store.marks()} == {"automatic"}


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("relevance", "5", "allowed: 1, 2, 3, 4"),
        ("expected", "9", "a number from 0 to"),
        ("key_wrong", "Z", "letters among"),
        ("source_current", "perhaps", "allowed: yes, no"),
        ("unsafe", "x", "allowed: 0, 1"),
    ],
)
def test_a_sheet_with_a_fault_is_not_taken(
    study: Path, bank: Path, column: str, cell: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = export(study, "--items", bank, "--step", "ratings")[EXPERTS[0]]
    fill(sheet, lambda shown: content(shown) | {column: cell})
    assert take(study, sheet) == 1
    error = capsys.readouterr().err
    assert problem in error
    assert "row 2, column" in error
    state = as_json(capsys, "items", "review", "status", "--study", study)
    assert state["experts"][0]["rated"] == 0


def test_a_changed_key_cell_is_refused(study: Path, bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = export(study, "--items", bank, "--step", "ratings")[EXPERTS[0]]
    book = openpyxl.load_workbook(sheet)
    rows = book.worksheets[0]
    rows.cell(2, [cell.value for cell in rows[1]].index("key") + 1).value = "A. Something else"
    book.save(sheet)
    assert take(study, sheet) == 1
    assert "column key: this was changed" in capsys.readouterr().err


def fill_csv(sheet: Path, say: Callable[[Mapping[str, str]], Mapping[str, Any]]) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    with sheet.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), delimiter=";")  # as Excel writes it in much of Europe
        writer.writeheader()
        writer.writerows({**row, **say(row)} for row in rows)


def test_a_review_on_csv_sheets_keeps_what_looks_like_a_formula(study: Path, bank: Path) -> None:
    names = ["--reviewer", "A", "--reviewer", "B"]
    assert run("items", "review", "export", "--study", study, "--items", bank, *names) == 0
    sheet = study / "sheets" / "bank-answers-A.csv"
    fill_csv(
        sheet, lambda shown: {"answer_1": "=1+1", "answer_2": "-"} if "warehouse-1" in shown["question_id"] else {}
    )
    assert take(study, sheet) == 0
    with StudyStore.open(study, create=False) as store:
        assert {(one.field, one.value) for one in store.bank_ratings()} == {("answer_1", "=1+1"), ("answer_2", "-")}
    assert run("items", "review", "export", "--study", study, *names) == 0
    ratings = study / "sheets" / "bank-ratings-A.csv"
    fill_csv(ratings, lambda shown: {**content(shown), "expected": "1,5"})
    assert take(study, ratings) == 0


def test_a_replaced_rating_is_named_and_stays_in_the_history(
    study: Path, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = export(study, "--items", bank, "--step", "ratings")[EXPERTS[0]]
    fill(sheet, content)
    assert take(study, sheet) == 0
    fill(sheet, lambda shown: {"relevance": 2} if shown["question_id"] == "fever-infant-1" else {})
    capsys.readouterr()
    assert take(study, sheet) == 0
    shown = capsys.readouterr()
    assert "1 new cell" in shown.out
    assert "fever-infant-1, relevance: '2' of" in shown.err
    assert "replaces '4'" in shown.err
    with StudyStore.open(study, create=False) as store:
        (row,) = (
            row for row in store.bank_review_rows() if (row.expert, row.question_id) == (EXPERTS[0], "fever-infant-1")
        )
        said = [one.value for one in store.bank_ratings() if (one.row_id, one.field) == (row.row_id, "relevance")]
    assert said == ["4", "2"]


def test_an_old_sheet_undoes_nothing_unasked(study: Path, bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada = EXPERTS[:1]
    old = export(study, "--items", bank, "--step", "ratings", experts=ada)[ada[0]]
    fill(old, lambda shown: {"relevance": 4, "comment": "from the first sheet"})
    assert take(study, old) == 0
    newer = export(study, "--step", "ratings", experts=ada)[ada[0]]
    fill(newer, lambda shown: {"relevance": 2})
    assert take(study, newer) == 0
    capsys.readouterr()
    assert take(study, old) == 1
    error = capsys.readouterr().err
    assert "column relevance: '4' on a sheet of" in error
    assert "and the study has '2' of" in error
    assert "--newest store" in error
    assert run("items", "review", "import", old, "--study", study, "--newest", "store") == 0
    assert "0 new cells" in capsys.readouterr().out
    assert take(study, newer) == 0  # it says nothing new, and is not the older one
    assert run("items", "review", "import", old, "--study", study, "--newest", "sheet") == 0
    found = as_json(capsys, "items", "review", "report", "--study", study)
    assert {question["ratings"][ada[0]]["relevance"] for question in found["questions"]} == {"4"}


def test_answers_that_came_after_the_key_are_no_blind_answers(study: Path, bank: Path, tmp_path: Path) -> None:
    answers = export(study, "--items", bank)[EXPERTS[0]]
    export(study, "--step", "ratings", experts=EXPERTS[:1])
    fill(answers, as_candidate)
    assert take(study, answers) == 0
    assert run("items", "review", "report", "--study", study, "--answers", tmp_path / "physicians.csv") == 0
    assert len((tmp_path / "physicians.csv").read_text(encoding="utf-8").splitlines()) == 1


QUESTION = Question.model_validate(
    {"id": "q", "question": "Why?", "requested": 2, "key": [{"answer": answer} for answer in ("One", "Two", "Three")]}
)


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("relevance", "3.0", "3"),
        ("expected", "1,5", "1.5"),
        ("expected", "2", "2"),
        ("unfair", "TRUE", "1"),
        ("key_right", "a; C", "A, C"),
        ("key_right", "All", "all"),
        ("source_current", "N", "no"),
        ("comment", "'=1+1", "=1+1"),
    ],
)
def test_cells_are_read_as_people_write_them(name: str, cell: str, value: str) -> None:
    assert read_rating(name, cell, QUESTION) == value


@pytest.mark.parametrize(
    ("name", "cell"), [("expected", "2.1"), ("expected", "-1"), ("key_right", "D"), ("clarity", "0")]
)
def test_cells_that_say_something_else(name: str, cell: str) -> None:
    assert isinstance(read_rating(name, cell, QUESTION), NotAllowed)


def test_named_entries_win_over_all() -> None:
    assert entry_verdicts({"key_right": "all", "key_wrong": "C"}, QUESTION) == {"A": "yes", "B": "yes", "C": "no"}
    assert entry_verdicts({"key_unsure": "B"}, QUESTION) == {"B": "unsure"}
