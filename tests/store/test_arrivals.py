"""What arrived before a kill is there afterwards, committed or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from test_run_store import answer, failure, responses

from samp_eval.run.respondent import Reply, Response
from samp_eval.store.arrivals import Arrivals, left_behind
from samp_eval.store.study_store import StudyStore

NOTES = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_run_store import answer, failure
from samp_eval.store.study_store import StudyStore
with StudyStore.open(Path({folder!r})) as store, store.only_run(print):
    store.begin_run({{"samp_eval": "1"}})
    store.note_arrival(answer("a"))
    store.turn_arrivals()
    store.keep_outcomes([answer("a")])
    store.note_arrival(answer("b"))
    store.turn_arrivals()
    store.note_arrival(failure("c"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    return new_study(tmp_path)


def killed_run(folder: Path) -> None:
    program = NOTES.format(tests=str(Path(__file__).parent), folder=str(folder))
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(responses)
def test_what_is_noted_is_read_back_as_it_was(tmp_path: Path, response: Response) -> None:
    arrivals = Arrivals(tmp_path / "study.db", 7)
    arrivals.note(response)
    assert list(left_behind(tmp_path / "study.db")) == [(7, response)]
    arrivals.drop()
    assert list(left_behind(tmp_path / "study.db")) == []


def test_a_kill_loses_nothing_that_was_noted(folder: Path) -> None:
    killed_run(folder)
    with StudyStore.open(folder, create=False) as store:
        assert store.stored("m") == {("a", 1), ("b", 1)}
        assert store.failures() == [failure("c")]
        found = store.response("b", "m", 1)
        assert found == (answer("b"), {"samp_eval": "1"})
    assert not list(folder.glob("*arrivals*"))


def test_a_run_that_waited_for_the_killed_one_takes_in_what_it_noted(folder: Path) -> None:
    with StudyStore.open(folder) as waiting:
        killed_run(folder)
        assert waiting.stored("m") == {("a", 1)}
        with waiting.only_run(print):
            assert waiting.stored("m") == {("a", 1), ("b", 1)}


def test_nobody_takes_in_what_a_living_run_notes(folder: Path) -> None:
    with StudyStore.open(folder) as running, running.only_run(print):
        running.note_arrival(answer("a"))
        with StudyStore.open(folder) as other:
            assert other.stored("m") == set()
        assert list(left_behind(running._place.arrivals)) == [(None, answer("a"))]


def test_a_half_written_line_is_no_outcome(folder: Path) -> None:
    killed_run(folder)
    for file in folder.glob("*arrivals*"):
        with file.open("ab") as target:
            target.write(b'{"run": 1, "response": {"question_id": "d"')
    with StudyStore.open(folder, create=False) as store:
        assert store.stored("m") == {("a", 1), ("b", 1)}


def test_half_a_surrogate_pair_is_stored_as_a_replacement(folder: Path) -> None:
    broken = Response(answer("a").ask, Reply("fever \ud800", "m\udfff", request="body"), datetime.now(UTC))
    with StudyStore.open(folder) as store:
        store.note_arrival(broken)
        store.keep_outcomes([broken])
        (found,) = store.responses()
    assert (found.reply.text, found.reply.model_returned) == ("fever \ufffd", "m\ufffd")


def test_files_are_for_their_owner(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        with StudyStore.open(folder) as store:
            store.note_arrival(answer("a"))
            assert all(file.stat().st_mode & 0o077 == 0 for file in folder.glob("*arrivals*"))
    finally:
        os.umask(before)
