"""How responses to write-in questions are read, as one table: ``tests/data/readings.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from samp_eval.answers.reading import read_response

TABLE = yaml.safe_load((Path(__file__).parents[1] / "data" / "readings.yaml").read_text(encoding="utf-8"))
ANSWERS = ["Active cancer", "Recent surgery", "Estrogen therapy"]


def test_the_table_names_each_kind_once_and_holds_at_least_two_hundred() -> None:
    kinds = [entry["kind"] for entry in TABLE]
    assert len(set(kinds)) == len(kinds) >= 200


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry["kind"])
def test_a_response_is_read_as_a_person_reads_it(entry: dict[str, Any]) -> None:
    requested = entry.get("requested", 3)
    reading = read_response(entry["text"], requested=requested, finish_reason=entry.get("finish", "stop"))
    assert [line.text for line in reading.lines if line.counted] == entry.get("lines", ANSWERS)
    assert list(reading.doubts) == entry.get("doubts", [])
    assert reading.outcome == entry.get("outcome", "answered")
    assert reading.shape == entry.get("shape", reading.shape)
