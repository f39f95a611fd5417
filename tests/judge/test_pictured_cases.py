"""A case with a picture is marked with its picture, and never without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openai_server import Answer, OpenAIServer, Received, Say, error
from pictured_study import asked_study
from simulated_judge import SimulatedJudge, reply
from study_to_mark import mark_command

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore


def shows_a_picture(request: Received) -> bool:
    content = request.body["messages"][-1]["content"]
    return isinstance(content, list) and any(part["type"] == "image_url" for part in content)


def judge(request: Received) -> Answer:
    case = "shown below" in json.dumps(request.body) or isinstance(request.body["messages"][-1]["content"], list)
    return Say(reply("A")) if case else SimulatedJudge()(request)


@pytest.mark.slow
def test_the_picture_goes_along_and_a_model_that_cannot_see_marks_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = asked_study(tmp_path, models=1)
    with OpenAIServer(judge) as server:
        capsys.readouterr()
        assert main(mark_command(study, server, "--basis", "key", "--json", "--despite-canaries")) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        seen = [request for request in server.requests if shows_a_picture(request)]
        texts = [part["text"] for part in seen[0].body["messages"][-1]["content"] if part["type"] == "text"]
    of_key = found["models"][0]["bases"]["key"]
    assert seen
    assert of_key["marks"] == of_key["wanted"] >= len(seen)
    assert "ANSWER KEY" in "".join(texts)
    with OpenAIServer(
        lambda request: (
            error(400, "this model does not support image input") if shows_a_picture(request) else judge(request)
        )
    ) as server:
        assert main(mark_command(study, server, "--basis", "key", "--name", "blind", "--despite-canaries")) == 3
        before = server.count
        assert before > 80
        assert main(mark_command(study, server, "--basis", "key", "--name", "blind", "--despite-canaries")) == 3
    with StudyStore.open(study, create=False) as store:
        kinds = {failure.kind for failure in store.of_judges().failures() if failure.ask.respondent == "model:blind"}
        asks = store.judge_asks("model:blind")
        pictured = {asks[failure.ask.question_id].question_id for failure in store.of_judges().failures()}
        marked = {mark.question_id for mark in store.marks_of_models() if mark.reviewer.name == "blind"}
    assert kinds == {"picture_refused"}
    assert pictured
    assert not pictured & marked, "nothing is marked without its picture"
