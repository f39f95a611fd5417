"""Batches are submitted once and never lost: kills at every commit and every request, lost answers, two at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_server import BatchServer
from openai_server import Answer, CutBody, Hang, Received, Reset, error
from processes import RunningCommand, wait_until
from small_bank import QUESTIONS, Command

from samp_eval.run.batch import runner
from samp_eval.run.batch import submit as batch_submit
from samp_eval.store.study_store import StudyStore

Start = Callable[..., RunningCommand]
Stored = Callable[[], set[tuple[str, str, int]]]
Killed = Callable[..., int]
pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as found:
        yield found


@pytest.fixture
def killed(bank: Path, tmp_path: Path, server: BatchServer) -> Iterator[Killed]:
    """``samp-eval run --batch`` of a model in a study of the same name, killed at a commit or not; its exit code."""
    script = Path(__file__).with_name("killed_commands.py")
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as running:

        def run(name: str, at: int | None = None, *, before: bool = False) -> int:
            arguments = ["run", "--batch", "--model", name, "--items", str(bank), "--base-url", server.base_url]
            arguments += ["--rounds", "1", "--study", str(tmp_path / name)]
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(json.dumps({"arguments": arguments, "at": at, "before": before}) + "\n")
            running.stdin.flush()
            return int(json.loads(running.stdout.readline())["code"])

        yield run
        assert running.stdin is not None
        running.stdin.close()


def tries_of(study: Path) -> list[int]:
    with StudyStore.open(study, create=False) as store:
        return sorted(one.attempts for one in store.responses())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.parametrize("before", [True, False])
def test_killed_at_every_commit_of_a_submission(
    killed: Killed, server: BatchServer, tmp_path: Path, before: bool
) -> None:
    for at in range(1, 100):
        name = f"m{at}"
        if killed(name, at, before=before) != -9:
            break
        assert killed(name) == 3
        server.end()
        assert killed(name) == 0
        assert len(server.asked(name)) == len(set(server.asked(name))) == QUESTIONS
        assert tries_of(tmp_path / name) == [1] * QUESTIONS
    assert at > 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_killed_at_every_commit_of_collecting_and_submitting_the_rest(
    killed: Killed, server: BatchServer, tmp_path: Path
) -> None:
    for at in range(1, 100):
        name = f"m{at}"
        assert killed(name) == 3
        server.end("expired", 0.5)
        if killed(name, at, before=True) != -9:
            break
        assert killed(name) == 3
        server.end()
        assert killed(name) == 0
        assert len(server.asked(name)) == QUESTIONS + 2
        assert len(set(server.asked(name))) == QUESTIONS
        assert tries_of(tmp_path / name) == [1, 1, 2, 2]
    assert at > 8


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("path", ["/files", "/batches"])
def test_killed_during_every_request_of_a_submission(
    process: Start,
    ask: Command,
    server: BatchServer,
    stored: Stored,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    done: bool,
) -> None:
    (server.after if done else server.instead)[("POST", path)] = Hang()
    running = process("--batch", "--rounds", "1")
    wait_until(lambda: any(one.method == "POST" and one.path.endswith(path) for one in server.requests), running)
    running.kill()
    server.after.clear()
    server.instead.clear()
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 3
    if path == "/batches" and not done:
        assert "come back then" in err
        assert not server.batches
        monkeypatch.setattr(batch_submit, "SECONDS_UNTIL_LISTED", 0.0)
        assert ask("--batch", "--rounds", "1")[0] == 3
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(server.asked()) == QUESTIONS == len(stored())


@pytest.mark.parametrize("place", [("POST", "/files"), ("POST", "/batches")])
def test_a_lost_answer_is_looked_for_before_anything_is_sent_again(
    ask: Command, server: BatchServer, stored: Stored, place: tuple[str, str]
) -> None:
    server.after[place] = Reset()
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 1
    assert "nothing is lost" in err
    server.after.clear()
    assert ask("--batch", "--rounds", "1")[0] == 3
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(server.batches) == 1
    assert len(server.asked()) == QUESTIONS == len(stored())


@pytest.mark.parametrize("answer", [Reset(), CutBody(b'{"custom_id": "case000-1.r1", "resp'), error(503, "busy")])
def test_results_that_do_not_arrive_whole_are_fetched_again(
    ask: Command, server: BatchServer, stored: Stored, answer: Reset
) -> None:
    ask("--batch", "--rounds", "1")
    server.end()
    server.instead[("GET", f"/files/{server.batches['batch_0']['output_file_id']}/content")] = answer
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 1
    assert "cannot be read" in err
    assert "nothing is lost" in err
    server.instead.clear()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(server.batches) == 1
    assert len(stored()) == QUESTIONS


def test_waiting_outlasts_a_provider_that_is_away(
    ask: Command, server: BatchServer, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "INITIAL_POLL_INTERVAL", 0.01)
    server.looks = 1
    server.instead[("POST", "/batches")] = error(429, "too many batches")
    asked_for = server.serve

    def come_back(request: Received) -> Answer:
        answer = asked_for(request)
        if request.method == "POST" and request.path.endswith("/batches"):
            server.instead.clear()
        return answer

    server.answer = come_back
    code, _, err = ask("--batch", "--wait", "--rounds", "1")
    assert code == 0, err
    assert "too many batches" in err
    assert len(server.batches) == 1
    assert len(stored()) == QUESTIONS


def test_two_processes_at_once_submit_once(process: Start, server: BatchServer, ask: Command, stored: Stored) -> None:
    both = [process("--batch", "--rounds", "5") for _ in range(2)]
    assert [command.end() for command in both] == [3, 3], [command.said for command in both]
    assert len(server.batches) == 1
    server.end()
    both = [process("--batch", "--rounds", "5") for _ in range(2)]
    assert [command.end() for command in both] == [0, 0], [command.said for command in both]
    assert len(stored()) == 5 * QUESTIONS


def test_a_batch_that_the_provider_forgot_can_be_given_up(ask: Command, server: BatchServer, stored: Stored) -> None:
    ask("--batch", "--rounds", "1")
    server.batches.clear()
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 1
    assert "--batch --cancel gives it up" in err
    code, _, err = ask("--batch", "--rounds", "1", "--cancel")
    assert code == 0
    assert "is given up" in err
    ask("--batch", "--rounds", "1")
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS


@pytest.mark.parametrize("answered", [True, False], ids=["while waiting", "before the answer"])
def test_ctrl_c_leaves_the_batch_alone(
    process: Start, server: BatchServer, ask: Command, stored: Stored, answered: bool
) -> None:
    if not answered:
        server.after[("POST", "/batches")] = Hang()
    running = process("--batch", "--wait", "--rounds", "1")
    wait_until(lambda: "was submitted" in running.said if answered else server.batches, running)
    running.interrupt()
    assert running.end() == 130, running.said
    assert "the same command collects them" in running.said
    server.after.clear()
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(server.batches) == 1
    assert len(stored()) == QUESTIONS
