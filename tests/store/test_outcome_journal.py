"""What arrived before a kill is there afterwards, committed or not."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from test_run_store import answer, failure, responses

from samp_eval.errors import CannotStore
from samp_eval.run.execute import RespondentQueue, execute
from samp_eval.run.rate_limiter import RateLimit
from samp_eval.run.respondent import Ask, Message, Reply, Response
from samp_eval.store.outcomes.journal import OutcomeJournal, unstored_entries
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

NOTES = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_run_store import answer, failure
from samp_eval.store.study_store import StudyStore
with StudyStore.open(Path({folder!r})) as store, store.run_lock(print):
    store.begin_run({{"samp_eval": "1"}})
    store.journal_outcome(answer("a"))
    store.rotate_journal()
    store.keep_outcomes([answer("a")])
    store.journal_outcome(answer("b"))
    store.rotate_journal()
    store.journal_outcome(failure("c"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    return new_study(tmp_path)


def killed_run(folder: Path) -> None:
    program = NOTES.format(tests=str(Path(__file__).parent), folder=str(folder))
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL


@settings(max_examples=25)
@given(responses)
def test_what_is_noted_is_read_back_as_it_was(tmp_path: Path, response: Response) -> None:
    journal = OutcomeJournal(tmp_path / "study.db", 7)
    journal.append(response)
    assert [(one.run, one.outcome) for one in unstored_entries(tmp_path / "study.db")] == [(7, response)]
    journal.drop()
    assert list(unstored_entries(tmp_path / "study.db")) == []


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
        with waiting.run_lock(print):
            assert waiting.stored("m") == {("a", 1), ("b", 1)}


def test_nobody_takes_in_what_a_living_run_notes(folder: Path) -> None:
    with StudyStore.open(folder) as running, running.run_lock(print):
        running.journal_outcome(answer("a"))
        with StudyStore.open(folder) as other:
            assert other.stored("m") == set()
        assert [(one.run, one.outcome) for one in unstored_entries(running._location.journal_stem)] == [
            (None, answer("a"))
        ]


def test_a_half_written_line_is_no_outcome(folder: Path) -> None:
    killed_run(folder)
    for file in folder.glob("*arrivals*"):
        with file.open("ab") as target:
            target.write(b'{"run": 1, "response": {"question_id": "d"')
    with StudyStore.open(folder, create=False) as store:
        assert store.stored("m") == {("a", 1), ("b", 1)}


def unstorable(question: str) -> Response:
    """An answer with a count that no database holds."""
    return replace(answer(question), reply=replace(answer(question).reply, prompt_tokens=2**63))


def refused_lines(folder: Path) -> list[bytes]:
    return [line for file in folder.glob("*-arrivals-refused") for line in file.read_bytes().splitlines()]


def test_a_record_that_cannot_be_stored_is_put_aside_and_the_study_opens(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        for one in (answer("a"), unstorable("b"), failure("c")):
            store.journal_outcome(one)
    said: list[str] = []
    for _ in range(2):
        with StudyStore.open(folder, create=False, notify=said.append) as store:
            assert store.stored("m") == {("a", 1)}
            assert store.failures() == [failure("c")]
    (line,) = refused_lines(folder)
    assert json.loads(line)["response"]["question_id"] == "b"
    (sentence,) = said
    assert sentence.startswith("1 record that a run left behind cannot be stored")
    assert str(next(folder.glob("*-arrivals-refused"))) in sentence
    assert len(list(folder.glob("*arrivals*"))) == 1


UNREADABLE = (
    b"no JSON",
    b"[" * 200_000,
    b"[1]",
    b'{"run": 1}',
    b'{"run": 1, "response": {"question_id": "d"}, "request": ""}',
    b'{"run": 1, "failure": "late"}',
    b'{"run": true, "failure": {}}',
)


def test_lines_that_cannot_be_read_are_kept_and_said(folder: Path) -> None:
    killed_run(folder)
    file = max(folder.glob("*arrivals*"), key=lambda one: one.stat().st_size)
    file.write_bytes(b"".join(line + b"\n" for line in UNREADABLE) + file.read_bytes() + b'{"run": 1, "resp')
    said: list[str] = []
    with StudyStore.open(folder, create=False) as store, store.run_lock(said.append):
        assert ("a", 1) in store.stored("m")
    with StudyStore.open(folder, create=False) as store:
        assert store.stored("m") == {("a", 1), ("b", 1)}
    assert refused_lines(folder) == list(UNREADABLE)


def test_a_row_whose_values_are_no_words_or_numbers_is_put_aside(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.journal_outcome(answer("a"))
    file = next(one for one in folder.glob("*arrivals*") if one.stat().st_size)
    lines = [file.read_bytes().replace(b'"prompt_tokens": null', words) for words in ODD]
    file.write_bytes(b"".join(lines))
    with StudyStore.open(folder) as store:
        assert store.stored("m") == set()
    assert len(refused_lines(folder)) == len(ODD)


ODD = (b'"prompt_tokens": true', b'"prompt_tokens": [1]', b'"prompt_tokens": {"a": 1}')


def test_what_cannot_be_put_aside_stays_where_it_is(folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.journal_outcome(unstorable("b"))
        refused = store._location.journal_stem.with_name(f"{store._location.journal_stem.name}-arrivals-refused")
    noted = {file: file.read_bytes() for file in folder.glob("*arrivals-?")}
    refused.mkdir()
    with pytest.raises(CannotStore, match="arrivals-refused cannot be written"):
        StudyStore.open(folder)
    assert {file: file.read_bytes() for file in folder.glob("*arrivals-?")} == noted
    refused.rmdir()
    StudyStore.open(folder).close()
    assert len(refused_lines(folder)) == 1


def test_a_run_with_an_outcome_that_cannot_be_stored_ends_with_a_sentence_and_loses_no_other(folder: Path) -> None:
    class Odd:
        id = "m"
        adaptations = ()

        async def answer(
            self, messages: Sequence[Message], sampling_seed: int | None = None, answer_schema: object = None
        ) -> Reply:
            return unstorable("").reply if messages[0]["content"] == "q3" else answer("").reply

    asks = (Ask(f"q{number}", "m", 1, Condition()) for number in range(8))
    queues = [RespondentQueue(Odd(), asks, RateLimit(concurrency=8))]
    with StudyStore.open(folder) as store, pytest.raises(CannotStore, match="q3, m, round 1 cannot be stored"):
        asyncio.run(execute(queues, lambda ask: [{"content": ask.question_id}], store))
    with StudyStore.open(folder) as store:
        assert store.stored("m") == {(f"q{number}", 1) for number in range(8) if number != 3}
    assert len(refused_lines(folder)) == 1


def test_half_a_surrogate_pair_is_stored_as_a_replacement(folder: Path) -> None:
    broken = Response(answer("a").ask, Reply("fever \ud800", "m\udfff", request="body"), datetime.now(UTC))
    with StudyStore.open(folder) as store:
        store.journal_outcome(broken)
        store.keep_outcomes([broken])
        (found,) = store.responses()
    assert (found.reply.text, found.reply.model_returned) == ("fever \ufffd", "m\ufffd")


def test_files_are_for_their_owner(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        with StudyStore.open(folder) as store:
            store.journal_outcome(answer("a"))
            assert all(file.stat().st_mode & 0o077 == 0 for file in folder.glob("*arrivals*"))
    finally:
        os.umask(before)
