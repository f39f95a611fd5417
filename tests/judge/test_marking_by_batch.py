"""Marking through a provider's Batch API: canaries in one batch, answers in the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_server import BatchServer
from openai_server import Answer, Received, error
from simulated_judge import SimulatedJudge
from study_to_mark import QUESTIONS, Mark

from samp_eval.run.batch import runner
from samp_eval.store.study_store import StudyStore

CANARIES, ANSWERS = 80, 6 * QUESTIONS


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer(SimulatedJudge()) as found:
        yield found


def test_canaries_go_first_and_the_same_command_collects_and_goes_on(
    mark: Mark, server: BatchServer, study: Path
) -> None:
    code, found, err = mark("--batch", "--basis", "key")
    assert code == 3
    assert f"submitted with {CANARIES} requests" in err
    assert found["models"][0]["canaries"] is None
    assert mark("--batch", "--basis", "key")[0] == 3, "nothing has ended yet"
    server.end()
    code, found, err = mark("--batch", "--basis", "key")
    assert code == 3
    assert found["models"][0]["canaries"]["passed"]
    assert f"submitted with {ANSWERS} requests" in err
    server.end()
    code, found, err = mark("--batch", "--basis", "key")
    assert code == 0, err
    assert found["models"][0]["bases"]["key"]["marks"] == ANSWERS == found["new"]
    assert len(server.asked()) == len(set(server.asked())) == CANARIES + ANSWERS
    with StudyStore.open(study, create=False) as store:
        assert sum(mark.value != "0" for mark in store.marks_of_models()) == 4 * QUESTIONS


def test_waiting_goes_all_the_way(mark: Mark, server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "INITIAL_POLL_INTERVAL", 0.01)
    server.looks = 1
    code, found, err = mark("--batch", "--wait")
    assert code == 0, err
    assert {basis: one["marks"] for basis, one in found["models"][0]["bases"].items()} == {
        "key": ANSWERS,
        "judgement": ANSWERS,
    }


def test_a_model_that_fails_its_canaries_gets_no_second_batch(mark: Mark, server: BatchServer) -> None:
    server.answer_line = SimulatedJudge(obeys=True)
    mark("--batch", "--basis", "key")
    server.end()
    code, found, _ = mark("--batch", "--basis", "key")
    assert code == 3
    assert not found["models"][0]["may_mark"]
    assert len(server.batches) == 1


def test_a_model_without_schemas_is_asked_without_in_the_next_batch(mark: Mark, server: BatchServer) -> None:
    judge = SimulatedJudge()

    def answer(request: Received) -> Answer:
        if "response_format" in request.body:
            return error(400, "Unknown parameter: 'response_format'.", "unknown_parameter", "response_format")
        return judge(request)

    server.answer_line = answer
    for _ in range(3):
        mark("--batch", "--basis", "key")
        server.end()
    code, found, err = mark("--batch", "--basis", "key")
    assert code == 0, err
    assert found["models"][0]["bases"]["key"]["marks"] == ANSWERS


def test_a_batch_is_not_repeated_by_a_command_without_batches(mark: Mark, server: BatchServer) -> None:
    mark("--batch", "--basis", "key")
    code, _, err = mark("--basis", "key")
    assert code == 3
    assert "pending in a batch" in err
