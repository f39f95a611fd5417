"""What keeps a sheet of hundreds of thousands of rows small, and what is said meanwhile."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from joblib import parallel_config
from messy_study import make_messy_study

from samp_eval.cli.main import main
from samp_eval.review.markers import automatic_marks
from samp_eval.review.markers.automatic_marks import mark_by_key
from samp_eval.review.markers.language import vocabulary
from samp_eval.review.markers.language.vocabulary import kind_words
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.sheets import exchange
from samp_eval.review.sheets.csv_sheet import write_csv_sheet
from samp_eval.review.sheets.sheet_lines import COLUMNS, SheetLine, sheet_lines
from samp_eval.spreadsheet_cells import escape_formula
from samp_eval.store.study_store import StudyStore


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_messy_study(tmp_path_factory.mktemp("messy"))


def test_rows_of_a_question_share_its_texts(study: Path) -> None:
    with StudyStore.open(study, create=False) as store:
        bank = store.bank_asked()
    question = next(bank.asked())[1]
    now = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [
        SheetRow(row_id, Reviewer("Ann"), question.id, row_id, row_id, "answer", now, False, 1) for row_id in ("a", "b")
    ]
    first, second = sheet_lines(rows, bank)
    assert (first.context, first.key) == (second.context, second.key)
    assert first.context is second.context
    assert first.key is second.key
    assert (first.answer, second.answer) == ("a", "b")


def test_marks_of_people_are_read_without_the_programs(study: Path) -> None:
    assert main(["mark", "--study", str(study)]) == 0
    with StudyStore.open(study, create=False) as store:
        every, of_people = store.marks(), store.marks(automatic=False)
        given = store.marks_as_given(automatic=False)
    assert of_people == [mark for mark in every if mark.reviewer.role != "automatic"]
    assert len(of_people) < len(every)
    assert {mark.reviewer.role for mark in given} <= {"reviewer", "adjudicator"}


def test_a_long_export_says_what_is_under_way(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = ["review", "export", "--reviewer", "Bob", "--study", str(study)]
    capsys.readouterr()
    assert main(export) == 0
    assert "Reading" not in capsys.readouterr().err
    monkeypatch.setattr(exchange, "LARGE", 10)
    assert main([*export, "--all"]) == 0
    said = capsys.readouterr().err
    assert "Reading 583 responses" in said
    assert "Bob: recording and writing" in said


def test_marking_in_parts_gives_the_same_marks_in_the_same_order(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large studies are marked on several processors, some questions at a time."""
    with StudyStore.open(study, create=False) as store:
        bank, responses = store.bank_asked(), store.responses()
    now = datetime(2026, 11, 1, tzinfo=UTC)
    whole = mark_by_key(bank, responses, now)
    assert len(whole.marks) > 100
    monkeypatch.setattr(automatic_marks, "_MANY", 1)
    monkeypatch.setattr(automatic_marks, "_PART", 50)
    with parallel_config(backend="threading"):
        in_parts = mark_by_key(bank, responses, now)
    assert in_parts == whole


def test_lines_are_written_as_the_csv_writer_does(tmp_path: Path) -> None:
    hostile = ["", "plain", "a, b", 'a "quoted" word', "two\nlines", "return\r", "=1+1", " space", ";", "é\u2028"]
    lines = [SheetLine(*[text] * len(COLUMNS)) for text in hostile]
    write_csv_sheet(lines, tmp_path / "sheet.csv")
    written = StringIO()
    csv.writer(written).writerows([COLUMNS, *([escape_formula(cell) for cell in line] for line in lines)])
    assert (tmp_path / "sheet.csv").read_bytes().decode("utf-8-sig") == written.getvalue()


def test_kinds_of_words_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are more kinds than a small cache held, and every miss read the list anew: a third of all marking."""
    assert kind_words("grammar")
    monkeypatch.setattr(vocabulary, "_lines", lambda name: pytest.fail(f"{name} is read again"))
    for kind in ("tail", "filler", "person", "resolving", "testing", "no such kind", *map(str, range(40))):
        kind_words(kind)
