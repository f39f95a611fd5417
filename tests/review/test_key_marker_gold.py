"""The automatic marker against lines marked by hand, and its command."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samp_eval.cli.main import main
from samp_eval.items.load import load_bank
from samp_eval.review.markers.key_marker import KeyMarker
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

GOLD = Path(__file__).resolve().parents[1] / "data" / "gold.csv"
LEAST_PRECISION = 0.97
LEAST_RECALL = 0.92


def gold() -> list[dict[str, str]]:
    with GOLD.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@pytest.mark.parametrize("part", ["tune", "held_out"])
def test_the_marker_agrees_with_the_hand(part: str) -> None:
    asked = load_bank().by_question()
    markers = {name: KeyMarker(question, case.stem) for name, (case, question) in asked.items()}
    lines = [line for line in gold() if line["part"] == part]
    credited = [line for line in lines if markers[line["question_id"]].mark(line["text"]).credited]
    both = [line for line in credited if line["mark"] != "0"]
    assert len(both) / len(credited) >= LEAST_PRECISION
    assert len(both) / sum(line["mark"] != "0" for line in lines) >= LEAST_RECALL


def test_the_gold_set_covers_every_question_and_names_only_entries_that_are_there() -> None:
    asked = load_bank().by_question()
    lines = gold()
    assert len(lines) >= 420
    assert {line["question_id"] for line in lines} == set(asked)
    assert all(line["mark"] in {"0", *asked[line["question_id"]][1].lettered_key()} for line in lines)
    assert len({line["line_id"] for line in lines}) == len(lines)


def test_the_command_marks_each_distinct_answer_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(load_bank())
        store.keep_respondent("a", {})
        for number, text in enumerate(["1. Ampicillin\n2. gentamycin", "Ampicillin\nRocephin\nCefotaxime"], start=1):
            ask = Ask("fever-infant-3", "a", number, Condition())
            store.keep_response(Response(ask, Reply(text=text, model_returned="a"), datetime.now(UTC), 1))
    assert main(["mark", "--marker", "key", "--study", str(tmp_path), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["reviewer"], result["marks"], result["new"]) == ("automatic:key", 3, 3)
    assert result["respondents"] == [{"respondent": "a", "lines": 4, "credited": 3, "percent": 75.0}]
    assert main(["mark", "--study", str(tmp_path)]) == 0
    assert "AUTOMATIC" in capsys.readouterr().out
