"""What ``compare`` says of questions with options: readability, subjects, several right answers, favoured places."""

from __future__ import annotations

import csv
import html
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.option_questions import option_questions
from samp_eval.analysis.scored_study import score_study
from samp_eval.cli.main import main
from samp_eval.review.markers.automatic_marks import mark_by_key
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Study

OPTIONS = ["Iron", "Zinc", "Copper", "Gold"]


def single(number: int) -> dict[str, Any]:
    """Twenty-four questions whose right answers stand equally often in each place, in two subjects."""
    return {
        "id": f"q{number:02}",
        "topic": "Blood" if number % 2 else "Bone",
        "collection": {"name": "MetalQA", "licence": "CC BY 4.0", "source": "metals.example"},
        "questions": [
            {
                "id": f"q{number:02}",
                "question": f"Which metal is number {number}?",
                "format": "single",
                "requested": 1,
                "options": OPTIONS,
                "key": [{"answer": OPTIONS[number % 4]}],
            }
        ],
    }


def several(number: int) -> dict[str, Any]:
    question = {
        "id": f"s{number}",
        "question": f"Which metals are in alloy {number}?",
        "format": "menu",
        "requested": "any",
        "options": OPTIONS,
        "key": [{"answer": "Iron"}, {"answer": "Gold"}],
    }
    return {"id": f"s{number}", "topic": "Alloys", "questions": [question]}


@pytest.fixture
def compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """A knows every answer; B always says A, and once nothing that can be read."""
    bank = tmp_path / "bank.jsonl"
    cases = [*(single(number) for number in range(24)), *(several(number) for number in range(8))]
    bank.write_text("\n".join(json.dumps(case) for case in cases), encoding="utf-8")
    answers = tmp_path / "answers.csv"
    with answers.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(["question_id", "respondent", "round", "text"])
        for number in range(24):
            writer.writerow([f"q{number:02}", "knows", 1, f"The answer is {'ABCD'[number % 4]}."])
            writer.writerow([f"q{number:02}", "first", 1, "A" if number else "It depends on many things."])
        for number in range(8):
            writer.writerow([f"s{number}", "knows", 1, "A, D"])
            writer.writerow([f"s{number}", "first", 1, "A, D" if number < 2 else "A"])
    study = tmp_path / "study"
    study.mkdir()
    (study / "study.toml").write_text(f'items = "{bank.as_posix()}"\n[[rounds]]\nprompt = "bare"\n', encoding="utf-8")
    assert main(["responses", "import", str(answers), "--study", str(study)]) == 0
    assert main(["mark", "--study", str(study)]) == 0
    capsys.readouterr()
    assert main(["compare", "--study", str(study), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert main(["compare", "--study", str(study)]) == 0
    return found | {"shown": capsys.readouterr().out, "study": study}


def of(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


def test_the_share_that_cannot_be_read_is_given_for_each_respondent(compared: dict[str, Any]) -> None:
    share = of(compared["readable"], respondent="first")
    assert (share["responses"], share["unreadable"]) == (32, 1)
    read = (5 * 100 + 2 * 100 + 6 * 50) / 31
    assert share["mean"]["mean"] == pytest.approx(read)
    assert share["mean_unreadable_zero"] == pytest.approx(read * 31 / 32)
    assert of(compared["readable"], respondent="knows")["unreadable"] == 0


def test_subjects_with_enough_questions_have_a_mean_of_their_own(compared: dict[str, Any]) -> None:
    assert {row["subject"] for row in compared["subjects"]} == {"Blood", "Bone"}, (
        "eight questions on alloys are too few"
    )
    bone = of(compared["subjects"], subject="Bone", respondent="first")
    assert (bone["questions"], bone["mean"]["mean"]) == (11, pytest.approx(100 * 5 / 11))
    assert bone["mean"]["ci_low"] < bone["mean"]["mean"] < bone["mean"]["ci_high"]
    assert of(compared["subjects"], subject="Blood", respondent="first")["mean"]["mean"] == 0


def test_several_right_answers_are_scored_as_a_whole_and_in_part(compared: dict[str, Any]) -> None:
    first = of(compared["several_right"], respondent="first")
    assert (first["questions"], first["exact"]["mean"], first["partial"]["mean"]) == (8, 25, 62.5)
    assert of(compared["several_right"], respondent="knows")["exact"]["mean"] == 100


def test_a_place_that_is_always_chosen_is_seen(compared: dict[str, Any]) -> None:
    always = of(compared["places"], respondent="first", letter="A")
    assert (always["chosen_percent"], always["right_percent"]) == (100, pytest.approx(100 * 5 / 23))
    assert always["excess"]["ci_low"] > 50
    never = of(compared["places"], respondent="knows", letter="A")
    assert never["chosen_percent"] == never["right_percent"]
    assert "has the mean score 0" in never["excess"]["reason"]


def test_the_tables_are_shown(compared: dict[str, Any]) -> None:
    for title in (
        "responses that name one",
        "Mean scores by subject",
        "several right options",
        "places that are favoured",
    ):
        assert title in compared["shown"]


def test_the_report_prints_source_and_licence(compared: dict[str, Any]) -> None:
    study = compared["study"]
    assert main(["report", "--study", str(study)]) == 0
    (page,) = (study / "reports").rglob("*.html")
    text = html.unescape(page.read_text(encoding="utf-8")).replace("\N{NO-BREAK SPACE}", " ")
    assert "Questions were imported from MetalQA (licence: CC BY 4.0; metals.example)" in text
    assert "may be in the training data of a model" in text
    assert "8 questions did not say how many options are right" in text
    assert "places that are favoured" in text


def test_places_are_those_that_the_respondent_saw(compared: dict[str, Any]) -> None:
    with StudyStore.open(compared["study"]) as store:
        bank, responses = store.bank(), [one for one in store.responses() if one.ask.respondent == "first"]
    assert bank is not None
    turned = [replace(response, ask=replace(response.ask, option_order=(3, 2, 1, 0))) for response in responses]
    marks = mark_by_key(bank, turned, datetime(2026, 1, 1, tzinfo=UTC)).marks
    study = score_study(Study(), bank, turned, [], marks, ["first"])
    table = study.table[study.table["basis"] == "key"]
    places = option_questions(study, table[table["score_percent"].notna()], ComparisonChoices("key")).places
    always = {place.letter: place.chosen_percent for place in places if place.respondent == "first"}
    assert always == {"A": 100, "B": 0, "C": 0, "D": 0}, "its letter A was the bank's D"
