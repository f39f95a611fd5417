"""Storing and reading 10,000 responses on PostgreSQL, as a ratio to SQLite in the same run.

Run: python benchmarks/store/bench_postgresql.py
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from postgres_server import VARIABLE, PostgresServer, missing
from record import record

from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

RESPONSES, IN_A_GROUP, TIMES = 10_000, 32, 3


def responses() -> list[Response]:
    """Answers as a model gives them: 1,000 questions in ten rounds, 1 kB sent and 1 kB received."""
    now = datetime.now(UTC)
    text = "\n".join(f"{number}. Something to look for" for number in range(1, 6))
    return [
        Response(
            Ask(f"question-{number % 1000}", "model", number // 1000 + 1, Condition()),
            Reply(text, "model", 400, 40, "stop", 1.5, request=f"{number % 1000} {'x' * 1000}", received="y" * 1000),
            now,
        )
        for number in range(RESPONSES)
    ]


def seconds(folder: Path, found: list[Response]) -> tuple[float, float]:
    """To store all of them in groups as a run does, and to read them as every other command does."""
    with StudyStore.open(folder) as store, store.run_lock(print):
        start = time.perf_counter()
        for first in range(0, RESPONSES, IN_A_GROUP):
            assert all(store.keep_outcomes(found[first : first + IN_A_GROUP]))
        stored = time.perf_counter()
        assert len(store.responses()) == RESPONSES
        return stored - start, time.perf_counter() - stored


def main() -> None:
    """Print seconds and ratios, medians of some times in turn."""
    if reason := missing():
        print(f"no PostgreSQL: {reason}")
        return
    found = responses()
    took: dict[str, list[tuple[float, float]]] = {"SQLite": [], "PostgreSQL": []}
    with PostgresServer(durable=True) as server:
        os.environ[VARIABLE] = server.url
        for _ in range(TIMES):
            for name, times in took.items():
                with tempfile.TemporaryDirectory() as folder:
                    study = server.study(Path(folder)) if name == "PostgreSQL" else Path(folder)
                    times.append(seconds(study, found))
    medians = {name: [median(column) for column in zip(*times, strict=True)] for name, times in took.items()}
    for what, sqlite, postgres in zip(("store", "read"), *medians.values(), strict=True):
        ratio = postgres / sqlite
        record(f"{what} {RESPONSES} responses", sqlite_seconds=sqlite, postgresql_to_sqlite=ratio)
        print(
            f"{what} {RESPONSES:,}: SQLite {sqlite:.2f} s, PostgreSQL on loopback {postgres:.2f} s, ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
