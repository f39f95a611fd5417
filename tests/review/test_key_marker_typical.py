"""The marker on answers written without sight of the key, by a hand that had not seen the marker."""

from __future__ import annotations

import csv
from pathlib import Path

from samp_eval.items.load import load_bank
from samp_eval.review.markers.key_marker import KeyMarker

TYPICAL = Path(__file__).resolve().parents[1] / "data" / "gold-typical.csv"
LEAST_PRECISION = 0.97
LEAST_RECALL = 0.92


def test_the_marker_reaches_its_aim_on_typical_answers() -> None:
    asked = load_bank().by_question()
    with TYPICAL.open(encoding="utf-8", newline="") as source:
        lines = list(csv.DictReader(source))
    assert len(lines) == 264
    found = []
    for line in lines:
        case, question = asked[line["question_id"]]
        found.append((KeyMarker(question, case.stem).mark(line["text"]).entry, line["mark"]))
    credited = [pair for pair in found if pair[0] != "0"]
    right = sum(entry == mark for entry, mark in credited)
    assert right / len(credited) >= LEAST_PRECISION
    assert right / sum(mark != "0" for _, mark in found) >= LEAST_RECALL
    assert all(entry == "0" for entry, mark in found if mark == "0")
