"""Sheets know their age, and each import of one can be taken back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_sheets_csv import Rows, filled, read, write

from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark, SentMark
from samp_eval.review.page.marking_service import MarkingService
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
ANN = Reviewer("Ann")
REASON = ("--reason", "It was the wrong file.")


@pytest.fixture
def study_folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    return new_study(tmp_path / "study")


@pytest.fixture
def sheet(run: Run, study: Path) -> Path:
    assert run("review", "export", "--reviewer", "Ann")[0] == 0
    return study / "sheets" / "Ann.csv"


@pytest.fixture
def imported(run: Run, sheet: Path) -> Path:
    """Ann's sheet, filled and imported."""
    write(filled(read(sheet)), sheet)
    assert run("review", "import", str(sheet))[0] == 0
    return sheet


def values(store: StudyStore, field: MarkField = "key") -> dict[str, str]:
    return {mark.answer_id: mark.value for mark in store.marks() if mark.field == field and mark.reviewer == ANN}


def on_page(store: StudyStore, row_id: str, value: str) -> str:
    """Ann changes her mark by the key on the page, having seen what holds; returns the answer's id."""
    row = store.sheet_rows()[row_id]
    mark = Mark(ANN, row.question_id, row.answer_id, "key", value, datetime.now(UTC), "marking page")
    seen = {(held.answer_id, held.field): held.version for held in store.standing_marks(ANN)}
    store.keep_sent_marks([SentMark(mark, f"{row_id}-{value}", seen.get((row.answer_id, "key"), ""))])
    return row.answer_id


def test_a_sheet_from_before_a_correction_is_listed_and_undoes_nothing(
    run: Run, imported: Path, store: StudyStore
) -> None:
    first, second = (row["row_id"] for row in read(imported)[:2])
    answers = on_page(store, first, "B"), on_page(store, second, "C")
    before = values(store)
    code, _, err = run("review", "import", str(imported))
    assert code == 1
    assert "2 faults" in err
    assert "Ann.csv: row 2, column key_mark: '0' on a sheet of" in err
    assert "UTC, and the study has 'B' of" in err
    assert "(marking page)" in err
    assert "(--newest sheet takes the sheet's marks, --newest store leaves them out and takes the rest)" in err
    assert values(store) == before
    assert [before[answer] for answer in answers] == ["B", "C"]


@pytest.mark.parametrize(("newest", "expected"), [("store", "B"), ("sheet", "0")])
def test_newest_decides_and_the_rest_is_taken(
    newest: str, expected: str, run: Run, sheet: Path, store: StudyStore
) -> None:
    rows = filled(read(sheet))
    answer = on_page(store, rows[0]["row_id"], "B")
    code, out, err = run("review", "import", str(write(rows, sheet)), "--newest", newest, "--json")
    assert code == 0
    assert "'0' on a sheet of" in err
    assert [(older["sheet"], older["store"]) for older in json.loads(out)["older"]] == [("0", "B")]
    assert values(store)[answer] == expected
    assert len(values(store)) == 34


def test_a_mark_that_was_taken_back_on_the_page_is_not_brought_back_unasked(
    run: Run, imported: Path, store: StudyStore
) -> None:
    answer = on_page(store, read(imported)[0]["row_id"], "")
    code, _, err = run("review", "import", str(imported))
    assert (code, "the study has no mark of" in err) == (1, True)
    assert answer not in values(store)


def test_a_reviewer_goes_on_with_a_sheet_and_an_earlier_copy_of_it_is_listed(
    run: Run, imported: Path, store: StudyStore
) -> None:
    earlier = imported.with_name("copy of monday.csv")
    earlier.write_bytes(imported.read_bytes())
    rows = read(imported)
    changed = next(row for row in rows if row["question_id"] == "fever-1")
    changed["key_mark"] = "B"
    code, out, err = run("review", "import", str(write(rows, imported)))
    assert (code, err) == (0, "")
    assert "1 mark is new or changed" in out
    code, _, err = run("review", "import", str(earlier))
    assert code == 1
    assert "1 fault" in err
    assert values(store)[store.sheet_rows()[changed["row_id"]].answer_id] == "B"


def test_cells_that_nobody_touched_say_nothing(run: Run, imported: Path, store: StudyStore) -> None:
    assert run("review", "export", "--reviewer", "Ann", "--all")[0] == 0
    later = imported.with_name("Ann-2.csv")
    rows = read(later)
    changed, touched = on_page(store, rows[0]["row_id"], "C"), rows[1]
    touched["key_mark"] = "B"
    code, out, err = run("review", "import", str(write(rows, later)))
    assert (code, err) == (0, "")
    assert "1 mark is new or changed" in out
    assert values(store)[changed] == "C"
    assert values(store)[store.sheet_rows()[touched["row_id"]].answer_id] == "B"


def test_a_sheet_without_its_column_is_as_old_as_its_rows(run: Run, sheet: Path, store: StudyStore) -> None:
    rows = [{name: cell for name, cell in row.items() if name != "sheet"} for row in filled(read(sheet))]
    on_page(store, rows[0]["row_id"], "B")
    code, _, err = run("review", "import", str(write(rows, sheet)))
    assert (code, "1 fault" in err) == (1, True)


def test_both_formats_of_an_export_are_one_sheet(run: Run, study: Path) -> None:
    import openpyxl

    assert run("review", "export", "--reviewer", "Ann", "--format", "csv,xlsx")[0] == 0
    written = {row["sheet"] for row in read(study / "sheets" / "Ann.csv")}
    cells = openpyxl.load_workbook(study / "sheets" / "Ann.xlsx")["Marks"]["N"]
    assert (cells[0].value, {cell.value for cell in cells[1:]}) == ("sheet", written)
    assert len(written) == 1


def test_what_is_said_of_earlier_sheets_is_true(run: Run, study: Path, store: StudyStore) -> None:
    MarkingService(store, 2023, "answer", ()).prepare(
        [ANN], datetime.now(UTC)
    )  # rows that the page has shown are on no sheet
    code, out, err = run("review", "export", "--reviewer", "Ann", "--new")
    assert (code, "34 rows in" in out, "earlier" in err) == (0, True, False)
    sheet = study / "sheets" / "Ann.csv"
    run("review", "import", str(write(filled(read(sheet))[:20], sheet.with_name("part.csv"))))
    assert (
        "14 rows are on an earlier sheet too and not wholly marked yet"
        in run("review", "export", "--reviewer", "Ann", "--all")[2]
    )
    assert run("review", "export", "--reviewer", "Ann", "--new")[1].startswith("Ann: nothing to mark")


# Withdrawals ---------------------------------------------------------------------------------------------------------


def half(rows: Rows, letter: str) -> Rows:
    return [{**row, "key_mark": letter, "judgement_mark": "1"} for row in rows[:10]]


@pytest.mark.slow
def test_a_withdrawn_import_counts_no_more_and_stays_in_the_history(
    run: Run, sheet: Path, study: Path, store: StudyStore
) -> None:
    rows = read(sheet)
    assert run("review", "import", str(write(half(rows, "A"), sheet.with_name("first.csv"))))[0] == 0
    before = values(store)
    assert run("review", "import", str(write(half(rows, "0"), sheet.with_name("second.csv"))))[0] == 0
    assert set(values(store).values()) == {"0"}
    code, _, err = run("review", "withdraw", "2", *REASON, "--by", "Dr. Ada")
    assert (code, err) == (
        0,
        "import 2 (second.csv) is withdrawn: 20 marks no longer count. Import the file again to undo it.\n",
    )
    assert values(store) == before
    listed = json.loads(run("review", "imports", "--json")[1])
    assert [(held["number"], held["file"], held["brought"], held["reason"]) for held in listed] == [
        (1, "first.csv", 20, ""),
        (2, "second.csv", 20, "It was the wrong file."),
    ]
    assert "Import 2 (second.csv, 20 marks) was withdrawn by Dr. Ada. Reason: It was the wrong file." in [
        what for what, _ in store.deviations()
    ]
    assert len(store.marks_as_given(withdrawn=True)) == 40
    assert run("review", "history", "--json")[1].count("second.csv") == 10
    assert run("review", "import", str(sheet.with_name("second.csv")))[0] == 0
    assert set(values(store).values()) == {"0"}
    assert run("check")[0] == 0


@pytest.mark.slow
def test_what_two_imports_said_holds_while_one_of_them_counts(run: Run, sheet: Path, store: StudyStore) -> None:
    rows = half(read(sheet), "A")
    assert run("review", "import", str(write(rows, sheet.with_name("first.csv"))))[0] == 0
    rows[0]["comment"] = "seen"
    assert "1 mark is new or changed" in run("review", "import", str(write(rows, sheet.with_name("second.csv"))))[1]
    assert run("review", "withdraw", "1", *REASON)[0] == 0
    assert len(values(store)) == 10
    assert run("review", "withdraw", "2", *REASON)[0] == 0
    assert values(store) == {}


def test_a_mark_of_the_page_comes_out_from_behind_a_withdrawn_import(run: Run, sheet: Path, store: StudyStore) -> None:
    rows = half(read(sheet), "A")
    assert run("review", "import", str(write(rows, sheet)))[0] == 0
    row = store.sheet_rows()[rows[0]["row_id"]]
    unseen = Mark(ANN, row.question_id, row.answer_id, "key", "B", datetime.now(UTC), "marking page")
    store.keep_sent_marks([SentMark(unseen, "drawn", "")])
    assert values(store)[row.answer_id] == "A"
    assert run("review", "withdraw", "1", *REASON)[0] == 0
    assert values(store) == {row.answer_id: "B"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("7", *REASON), "no import of marks is named '7'; samp-eval review imports lists them"),
        (("1",), "needs its reason"),
        (("abcdef", *REASON), "no import of marks is named 'abcdef'"),
    ],
)
def test_what_cannot_be_withdrawn_is_refused(run: Run, imported: Path, words: tuple[str, ...], said: str) -> None:
    code, _, err = run("review", "withdraw", *words)
    assert (code, said in err) == (1, True)


def test_an_import_is_named_by_its_hash_and_withdrawn_once(run: Run, imported: Path) -> None:
    digest = json.loads(run("review", "imports", "--json")[1])[0]["sha256"]
    assert run("review", "withdraw", digest[:10], *REASON)[0] == 0
    assert "import 1 (Ann.csv) was withdrawn already" in run("review", "withdraw", "1", *REASON)[2]


def test_the_column_survives_what_a_spreadsheet_program_does(sheet: Path) -> None:
    (name,) = {row["sheet"] for row in csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig")))}
    assert len(name) == 10
    assert set(name) <= set("bcdfghjkmnpqrstvwxz")


@pytest.mark.slow
def test_what_a_reviewer_says_too_survives_the_withdrawal_of_an_import(
    run: Run, imported: Path, store: StudyStore
) -> None:
    first, second, third = (row["row_id"] for row in read(imported)[:3])
    said = {on_page(store, first, "0"): "0"}
    row = store.sheet_rows()[second]
    mark = Mark(
        ANN, row.question_id, row.answer_id, "key", values(store)[row.answer_id], datetime.now(UTC), "elsewhere"
    )
    assert store.add_marks([mark]) == 1
    assert store.add_marks([mark]) == 0, "what is said already is not said again"
    said[row.answer_id] = mark.value
    taken_back = store.sheet_rows()[third]
    assert store.add_marks([replace(mark, answer_id=taken_back.answer_id, value="")]) == 1
    assert run("review", "withdraw", "1", *REASON)[0] == 0
    assert values(store) == said


def test_the_page_knows_which_marks_only_an_import_says(run: Run, imported: Path, store: StudyStore) -> None:
    def shown() -> Rows:
        rows: Rows = json.loads(MarkingService(store, seed=1).work(ANN, datetime.now(UTC)))["rows"]
        return rows

    assert all(sorted(row["imported"]) == sorted(row["marks"]) for row in shown())
    row = read(imported)[0]["row_id"]
    on_page(store, row, "0")
    (own,) = [found for found in shown() if found["row"] == row]
    assert set(own["marks"]) - set(own["imported"]) == {"key"}
