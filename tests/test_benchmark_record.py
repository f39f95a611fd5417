"""Results of benchmarks are kept, and one that has become worse is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import record as record_module
from record import record

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(record_module, "RESULTS", tmp_path / "results.jsonl")
    return tmp_path / "results.jsonl"


def test_each_result_is_a_line_that_says_what_was_measured_where(results: Path) -> None:
    record("a report", seconds=1.23456, ratio=0.5)
    record("a fit", seconds=7)
    first, second = (json.loads(line) for line in results.read_text().splitlines())
    assert first["figures"] == {"seconds": 1.235, "ratio": 0.5}
    assert {"at", "samp_eval", "commit", "python", "processors", "load"} <= set(first)
    assert second["benchmark"] == "a fit"


def test_a_regression_is_seen_against_the_last_result_of_the_same_benchmark(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record("a report", seconds=1.0, megabytes=5) == []
    assert record("a fit", seconds=9.0) == []
    assert record("a report", seconds=1.2, megabytes=5) == []
    assert "REGRESSION" not in capsys.readouterr().out
    assert record("a report", seconds=1.6, megabytes=5, pages=3) == ["seconds"]
    said = capsys.readouterr().out
    assert "seconds: 1.6, 1.33 times the last (1.2 at " in said
    assert said.count("REGRESSION") == 1


def test_every_benchmark_of_make_bench_records() -> None:
    scripts = list((ROOT / "benchmarks").glob("*/bench_*.py"))
    assert len(scripts) >= 9
    assert [script.name for script in scripts if "record(" not in script.read_text()] == []
