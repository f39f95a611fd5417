"""Disagreements go to a third person, and what comes back completes the consensus."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from test_sheets_csv import filled, read, write

from samp_eval.review.adjudication import marks_before_adjudication
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def study_folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """Kept in study.db, and kept on PostgreSQL."""
    return new_study(tmp_path)


@pytest.fixture
def disputed(run: Run, study: Path) -> Path:
    run("review", "export", "--reviewer", "Ann", "--reviewer", "Bob")
    for name, key in (("Ann", "A"), ("Bob", "0")):
        file = study / "sheets" / f"{name}.csv"
        rows = [row | {"key_mark": key if row["question_id"] == "fever-2" else "0"} for row in filled(read(file))]
        rows = [row | {"judgement_mark": "1"} for row in rows]
        assert run("review", "import", str(write(rows, file)))[0] == 0
    return study


def test_a_sheet_of_the_disagreements_shows_both_marks_without_names(run: Run, disputed: Path) -> None:
    code, out, _ = run("review", "adjudicate", "--adjudicator", "Cy")
    assert code == 0
    assert "3 disagreements for Cy" in out
    file = disputed / "sheets" / "adjudication.csv"
    rows = read(file)
    assert {row["question_id"] for row in rows} == {"fever-2"}
    assert {row["marks_so_far"] for row in rows} == {"key: 0 or A"}
    assert "Ann" not in file.read_text(encoding="utf-8-sig")
    assert not any(row["key_mark"] for row in rows)


def test_the_adjudicators_workbook_explains_what_to_settle(run: Run, disputed: Path) -> None:
    sheet = disputed / "sheets" / "rulings.xlsx"
    assert run("review", "adjudicate", "--adjudicator", "Cy", "--out", str(sheet))[0] == 0
    words = [str(row[0].value) for row in openpyxl.load_workbook(sheet)["Instructions"].iter_rows() if row[0].value]
    assert "What you settle" in words
    assert any("marks_so_far" in one for one in words)
    assert not any("Do not compare with the other reviewer" in one for one in words)


def test_the_ruling_completes_the_consensus(run: Run, disputed: Path, store: StudyStore) -> None:
    assert len(GatheredMarks(store.marks()).unresolved("key")) == 3
    run("review", "adjudicate", "--adjudicator", "Cy")
    rows = read(disputed / "sheets" / "adjudication.csv")
    rows[0]["key_mark"], rows[1]["key_mark"] = "B", "0"
    assert run("review", "import", str(write(rows, disputed / "back.csv")))[0] == 0
    assert len(GatheredMarks(store.marks()).unresolved("key")) == 1
    found = [
        one for one in GatheredMarks(store.marks()).consensus("key", "adjudicated", ()) if one.question_id == "fever-2"
    ]
    assert sorted((str(one.credit), one.entry) for one in found) == [("0.0", ""), ("1.0", "B"), ("None", "A")]


def test_nothing_open_writes_nothing(run: Run, study: Path) -> None:
    run("review", "export", "--reviewer", "Ann", "--reviewer", "Bob")
    said = []
    for name in ("", "Ann", "Bob"):
        if name:
            file = study / "sheets" / f"{name}.csv"
            for_both = [row | {"key_mark": "0", "judgement_mark": "1"} for row in read(file)]
            assert run("review", "import", str(write(for_both, file)))[0] == 0
        code, out, _ = run("review", "adjudicate")
        assert code == 0
        said.append(out.strip())
    assert said == [
        "There is nothing to settle yet: fewer than two reviewers have marked (nobody has).",
        "There is nothing to settle yet: fewer than two reviewers have marked (only Ann has).",
        "There is no unresolved disagreement.",
    ]
    assert not (study / "sheets" / "adjudication.csv").exists()


def test_a_sheet_that_may_hold_marks_is_not_overwritten(run: Run, disputed: Path) -> None:
    run("review", "adjudicate", "--adjudicator", "Cy")
    code, _, err = run("review", "adjudicate", "--adjudicator", "Cy")
    assert code == 1
    assert "may hold marks" in err


def test_a_reviewer_does_not_settle_their_own_dispute(run: Run, disputed: Path) -> None:
    code, _, err = run("review", "adjudicate", "--adjudicator", "Ann")
    assert code == 1
    assert "Ann is a reviewer" in err


def test_an_xlsx_sheet_for_the_adjudicator(run: Run, disputed: Path) -> None:
    file = disputed / "disputes.xlsx"
    assert run("review", "adjudicate", "--out", str(file))[0] == 0
    assert run("review", "import", str(file))[0] == 0


def test_history_shows_who_changed_what(run: Run, disputed: Path) -> None:
    file = disputed / "sheets" / "Bob.csv"
    rows = read(file)
    place = next(number for number, row in enumerate(rows) if row["question_id"] == "fever-2")
    rows[place]["key_mark"] = "C"
    run("review", "import", str(write(rows, disputed / "second-thoughts.csv")))
    (change,) = json.loads(run("review", "history", "--json")[1])
    assert {name: change[name] for name in ("reviewer", "field", "before", "after", "source")} == {
        "reviewer": "Bob",
        "field": "key",
        "before": "0",
        "after": "C",
        "source": "second-thoughts.csv",
    }
    assert "second-thoughts.csv" in run("review", "history")[1]
    assert "No mark was changed" in run("review", "history", "--reviewer", "Ann")[1]


def test_a_repeated_mark_measures_its_reviewer_whatever_went_to_adjudication() -> None:
    sent, before, after = (datetime(2026, 3, day, tzinfo=UTC) for day in (2, 1, 3))
    ann, cy = Reviewer("Ann"), Reviewer("Cy", "adjudicator")

    def mark(value: str, at: datetime, *, repeat: bool = False) -> Mark:
        return Mark(ann, "q", "a1", "key", value, at, "sheet.csv", repeat)

    history = [mark("A", before), mark("A", before, repeat=True), mark("0", after), mark("0", after, repeat=True)]
    rows = [SheetRow("b", cy, "q", "a1", "fever", "adjudication", sent)]
    found = {(mark.repeat, mark.value) for mark in marks_before_adjudication(history, rows, KeyHistory([]))}
    assert found == {(False, "A"), (True, "0")}
