"""Batches of a model that marks, killed in between: canaries, answers, second tries and anchors, each asked once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_server import BatchServer
from openai_server import Answer, Received, Say
from simulated_judge import SimulatedJudge, asked_in
from study_to_mark import make_study, mark_command

from samp_eval.review.markers.model.anchors import ANCHORS, anchor_pairs
from samp_eval.review.markers.model.judged import judged_asks
from samp_eval.store.safety.integrity import check_study
from samp_eval.store.study_store import StudyStore

QUESTIONS = 17
"""With six answers each: more than the hundred from which on some are asked again."""
STAGES = (80, 6 * QUESTIONS, QUESTIONS, ANCHORS)
"""Requests of the four batches: canaries, answers, second tries, anchors."""

Command = Callable[..., int]


@pytest.fixture
def server() -> Iterator[BatchServer]:
    judge = SimulatedJudge()

    def answer(request: Received) -> Answer:
        """One answer of each question is unreadable at its first asking, and at no other."""
        is_first = "could not be read" not in request.body["messages"][0]["content"]
        unread = is_first and asked_in(request).answer == "right 0" and "unwell, case" in request.text
        return Say("It is right.") if unread else judge(request)

    with BatchServer(answer) as found:
        yield found


@pytest.fixture
def command(study: Path, server: BatchServer) -> Iterator[Command]:
    """The marking by batches in a process of its own, killed at a commit or not; its exit code."""
    script = Path(__file__).parents[1] / "run" / "killed_commands.py"
    arguments = mark_command(study, server, "--batch", "--basis", "key")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:

        def order(at: int | None = None) -> int:
            assert run.stdin is not None
            assert run.stdout is not None
            run.stdin.write(json.dumps({"arguments": arguments, "at": at, "before": True}) + "\n")
            run.stdin.flush()
            return int(json.loads(run.stdout.readline())["code"])

        yield order
        assert run.stdin is not None
        run.stdin.close()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "study", QUESTIONS)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_second_tries_and_anchors_are_asked_once_though_commands_are_killed_in_between(
    command: Command, server: BatchServer, study: Path
) -> None:
    for stage, at in enumerate((None, None, 7, 9)):
        assert at is None or command(at) == -9
        assert command() == 3
        assert len(server.asked()) == sum(STAGES[: stage + 1])
        server.end()
    assert command(3) == -9
    assert command() == 0
    assert len(set(server.asked())) == len(server.asked()) == sum(STAGES)
    with StudyStore.open(study, create=False) as store:
        judged = judged_asks(store)
        purposes = Counter(one.ask.purpose for one in judged if not one.ask.is_canary)
        assert purposes == {"mark": STAGES[1], "second_try": STAGES[2], "anchor": STAGES[3]}
        marks = store.marks_of_models()
        assert (len(marks), sum("second try" in mark.source for mark in marks)) == (STAGES[1], STAGES[2])
        pairs = anchor_pairs(judged)
        assert all(pair.first == pair.last for pair in pairs)
        assert check_study(store).damage == ()
