"""``samp-eval status`` and ``items`` on a study."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from marked_study import FAILED, marked_bank

from samp_eval.cli.main import main
from samp_eval.items.forms.registry import write_cases
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_the_questions_that_failed_are_named(marked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "status", "--study", str(marked))
    for question_id, name, number in FAILED:
        assert f"{name}, round {number}: {question_id}" in out
    found = json.loads(printed(capsys, "status", "--study", str(marked), "--json"))["failed_questions"]
    assert {(name, held["respondent"], held["round"]) for held in found for name in held["questions"]} == FAILED


def test_a_waiting_round_is_due_on_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text("[[rounds]]\n\n[[rounds]]\nafter_days = 7\n", encoding="utf-8")
    bank, now = marked_bank(2), datetime.now(UTC)
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(bank)
        for name in ("begun", "later"):
            store.keep_respondent(name, {"model": name})
        store.keep_response(Response(Ask("case-00-1", "begun", 1, Condition()), Reply("1. fever", "m"), now))
    out = printed(capsys, "status", "--study", str(tmp_path))
    assert f"begun: round 2 is due on {now + timedelta(days=7):%Y-%m-%d %H:%M} UTC." in out
    assert "later: round 2 is due after round 1." in out


def test_items_of_a_study_are_those_it_was_asked_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = tmp_path / "study"
    with StudyStore.open(study) as store:
        store.keep_bank(marked_bank(3))
    listed = json.loads(printed(capsys, "items", "list", "--study", str(study), "--json"))
    assert [question["question_id"] for question in listed] == [
        f"case-{number:02d}-{size}" for number in range(3) for size in (1, 3)
    ]
    assert "A child is unwell." in printed(capsys, "items", "show", "case-01", "--study", str(study))
    assert main(["items", "check", "--study", str(study)]) == 1
    assert "case-02" in capsys.readouterr().out
    assert main(["items", "show", "case-01"]) == 1
    assert main(["items", "list", "--study", str(study), "--items", "x"]) == 2


def test_before_the_first_request_it_is_the_planned_bank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_cases(marked_bank(1).cases, tmp_path / "questions")
    (tmp_path / "study.toml").write_text('items = "questions"\n', encoding="utf-8")
    listed = json.loads(printed(capsys, "items", "list", "--study", str(tmp_path), "--json"))
    assert {question["case_id"] for question in listed} == {"case-00"}
    assert not (tmp_path / "study.db").exists()
