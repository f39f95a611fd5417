"""What a model is asked a second time: replies that could not be read, and anchors at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from openai_server import Answer, OpenAIServer, Received, Say, error
from simulated_judge import SimulatedJudge, asked_in, reply
from study_to_mark import Mark, make_study, mark_command

from samp_eval.cli.main import main
from samp_eval.review.markers.model.anchors import ANCHORS, anchor_pairs
from samp_eval.review.markers.model.judged import judged_asks
from samp_eval.store.study_store import StudyStore

CANARIES, ANSWERS = 80, 24
LARGE = 20
"""Questions with six answers each: more than the hundred from which on some are asked again."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return make_study(tmp_path / "large", LARGE)


def marked(study: Path, server: OpenAIServer, *arguments: str) -> int:
    return main(mark_command(study, server, "--basis", "key", "--concurrency", "1", *arguments))


def system_of(request: Received) -> str:
    return str(request.body["messages"][0]["content"])


# Replies without a verdict ----------------------------------------------------------------------------------------


def test_a_reply_that_cannot_be_read_is_asked_for_once_more_and_then_counts(
    mark: Mark, server: OpenAIServer, study: Path
) -> None:
    judge = SimulatedJudge()

    def answer(request: Received) -> Answer:
        unread = asked_in(request).answer.startswith("right") and "could not be read" not in system_of(request)
        return Say("It is right.") if unread and "unwell, case" in request.text else judge(request)

    server.answer = answer
    code, found, _ = mark("--basis", "key")
    assert code == 0
    assert found["models"][0]["bases"]["key"]["marks"] == ANSWERS
    assert found["models"][0]["bases"]["key"]["no_mark"] == {}
    tries = [request for request in server.requests if "could not be read" in system_of(request)]
    assert len(tries) == 16
    with StudyStore.open(study, create=False) as store:
        values = {one.value for one in store.marks_of_models() if "second try" in one.source}
        texts = {ask.answer_id: ask.text for ask in store.judge_asks().values()}
        assert values == {"A", "B", "C", "D"}
        assert all(
            one.value == "ABCDE"[int(texts[one.answer_id][-1])] for one in store.marks_of_models() if one.value != "0"
        )
    before = server.count
    assert mark("--basis", "key")[0] == 0
    assert server.count == before


def test_what_cannot_be_read_twice_is_no_mark_and_is_asked_no_more(mark: Mark, server: OpenAIServer) -> None:
    judge = SimulatedJudge()
    server.answer = lambda request: Say("?") if asked_in(request).answer == "wrong 0" else judge(request)
    _, found, _ = mark("--basis", "key")
    assert found["models"][0]["bases"]["key"]["no_mark"] == {"no_json": 4}
    before = server.count
    assert before == CANARIES + ANSWERS + 4
    mark("--basis", "key")
    assert server.count == before


def test_unsure_is_a_verdict_and_not_asked_for_again(mark: Mark, server: OpenAIServer) -> None:
    judge = SimulatedJudge()
    server.answer = lambda request: judge(request) if asked_in(request).by_key else Say(reply("unsure"))
    mark("--basis", "judgement")
    assert server.count == CANARIES + ANSWERS


# Anchors ----------------------------------------------------------------------------------------------------------


def test_twenty_answers_are_asked_first_and_again_at_the_end_by_the_same_request(
    large: Path, server: OpenAIServer
) -> None:
    assert marked(large, server) == 0
    asked = [request.text for request in server.requests[CANARIES:]]
    assert len(asked) == 6 * LARGE + ANCHORS
    assert sorted(asked[-ANCHORS:]) == sorted(asked[:ANCHORS])
    assert len({text.partition("unwell, case ")[2].partition(".")[0] for text in asked[-ANCHORS:]}) == LARGE
    with StudyStore.open(large, create=False) as store:
        assert len(store.marks_of_models()) == 6 * LARGE, "an anchor is no further vote"
        assert [pair.first for pair in anchor_pairs(judged_asks(store))] == [
            pair.last for pair in anchor_pairs(judged_asks(store))
        ]
    before = server.count
    assert marked(large, server) == 0
    assert server.count == before, "nothing new was marked, so nothing is asked again"
    assert marked(large, server, "--repeats", "2") == 0
    assert server.count - before == 6 * LARGE + ANCHORS
    assert sorted(request.text for request in server.requests[-ANCHORS:]) == sorted(asked[:ANCHORS])


@pytest.mark.slow
def test_anchors_that_failed_are_asked_by_the_next_run_and_the_others_are_not(
    large: Path, server: OpenAIServer
) -> None:
    judge, seen = SimulatedJudge(), set[str]()

    def answer(request: Received) -> Answer:
        again = request.text in seen
        seen.add(request.text)
        return error(400, "no", "invalid", "x") if again and "case 1." in request.text else judge(request)

    server.answer = answer
    assert marked(large, server) == 3
    failed = sum("case 1." in request.text for request in server.requests[-ANCHORS:])
    server.answer = judge
    before = server.count
    assert marked(large, server) == 0
    assert server.count - before == failed > 0


@pytest.mark.slow
def test_a_change_behind_the_name_shows_in_the_anchors_alone(
    large: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    judge, seen = SimulatedJudge(), set[str]()

    def answer(request: Received) -> Answer:
        again = request.text in seen
        seen.add(request.text)
        said = reply("none") if again else judge.verdict(asked_in(request))
        return Say(said, model="gpt-4-new" if again else "gpt-4-old")

    server.answer = answer
    assert marked(large, server) == 0
    assert "the model behind the name has changed" in capsys.readouterr().err
    with StudyStore.open(large, create=False) as store:
        pairs = anchor_pairs(judged_asks(store))
        assert sum(pair.first for pair in pairs) > 5
        assert not any(pair.last for pair in pairs)
        assert any("the model behind it has changed" in what for what, _ in store.deviations())
