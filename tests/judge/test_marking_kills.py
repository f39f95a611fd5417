"""Nothing that a model has marked is lost, and nothing is asked twice, whenever the command is killed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from openai_server import Answer, Held, OpenAIServer, Received, Say
from processes import RunningCommand, free_port, wait_until
from simulated_judge import SimulatedJudge
from study_to_mark import make_study, mark_command

from samp_eval.cli.main import main
from samp_eval.store.safety.integrity import check_study
from samp_eval.store.study_store import StudyStore

QUESTIONS, AT_A_TIME = 12, 8
CANARIES, ANSWERS = 80, 6 * QUESTIONS
ASKS = CANARIES + ANSWERS


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "study", QUESTIONS)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    judge = SimulatedJudge()

    def answer(request: Received) -> Answer:
        said = judge(request)
        return replace(said, delay=0.02) if isinstance(said, Say) else said

    with OpenAIServer(answer, port=free_port()) as found:
        yield found


def replies(study: Path) -> int:
    with StudyStore.open(study, create=False) as store:
        return len(store.of_judges().responses())


def has_count(server: OpenAIServer, count: int) -> bool:
    return server.count >= count


def kill_and_finish(study: Path, server: OpenAIServer, kills: int) -> None:
    """Kill the command while it asks, each time a little further on; then let it end, and look."""
    command = mark_command(study, server, "--basis", "key", "--concurrency", str(AT_A_TIME))
    chance = random.Random(kills)  # no secret
    asked_again = 0
    for number in range(1, kills + 1):
        before, held = server.count, replies(study)
        running = RunningCommand(*command)
        target = before + chance.randint(1, max(2, (ASKS - held) // (kills - number + 2)))
        wait_until(partial(has_count, server, target), running)
        running.kill()
        wait_until(lambda: not server.connections)
        lost = server.count - before - (replies(study) - held)
        assert lost <= AT_A_TIME, "only what was in flight"
        asked_again += lost
    assert main(command) == 0
    assert server.count == ASKS + asked_again
    assert replies(study) == ASKS
    times = Counter(request.content for request in server.requests)
    assert len(times) == ASKS
    with StudyStore.open(study, create=False) as store:
        assert Counter(mark.reviewer.label for mark in store.marks_of_models()) == {"model:gpt-4": ANSWERS}
        assert len(store.responses()) == 4 * QUESTIONS, "the respondents' answers are as they were"
        assert store.failures() == store.of_judges().failures() == []
        assert check_study(store).damage == ()


@pytest.mark.slow
def test_three_kills_lose_nothing(study: Path, server: OpenAIServer) -> None:
    kill_and_finish(study, server, 3)


@pytest.mark.slow
def test_twenty_kills_lose_nothing(study: Path, server: OpenAIServer) -> None:
    kill_and_finish(study, server, 20)


def test_what_a_killed_run_had_noted_is_stored_where_it_belongs_by_whoever_opens_the_study(
    study: Path, server: OpenAIServer
) -> None:
    """The journal tells replies of models that mark from answers of respondents."""
    with StudyStore.open(study) as store, store.run_lock(lambda _: None):
        judges = store.of_judges()
        judges.keep_respondent("model:m", {"model": "m"})
        response = next(store.each_response())
        ask = replace(response.ask, question_id="an-ask", respondent="model:m")
        judges.journal_outcome(replace(response, ask=ask))
    assert main(["status", "--study", str(study)]) == 0
    with StudyStore.open(study, create=False) as store:
        assert [one.ask for one in store.of_judges().responses()] == [ask]
        assert len(store.responses()) == 4 * QUESTIONS


@pytest.mark.slow
def test_two_commands_at_once_ask_everything_once(study: Path, server: OpenAIServer) -> None:
    judge = SimulatedJudge()
    server.answer = lambda request: Held(judge(request))  # the first goes alone, to see what the model accepts
    command = mark_command(study, server, "--basis", "key", "--concurrency", str(AT_A_TIME))
    with RunningCommand(*command) as first, RunningCommand(*command) as second:
        under_way = "a run of this study is under way"
        wait_until(lambda: server.count == 1 and under_way in first.said + second.said, first, second)
        server.release()
        assert [first.end(), second.end()] == [0, 0], first.said + second.said
    assert server.count == replies(study) == ASKS
