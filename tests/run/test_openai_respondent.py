"""What a server or a network does to one try comes back as a value of the right kind."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openai_server import (
    Answer,
    Answerer,
    BrokenJson,
    CutBody,
    Hang,
    OpenAIServer,
    Received,
    Reset,
    Say,
    SlowBody,
    Status,
    error,
)
from small_bank import KEY

from samp_eval.run.providers.openai_respondent import OpenAIRespondent
from samp_eval.run.respondent import FailedAttempt, Reply
from samp_eval.study import RespondentSettings

MESSAGES = [{"role": "user", "content": "What is it?"}]


def answer_of(server: OpenAIServer, times: int = 1, **settings: object) -> Reply | FailedAttempt:
    found = RespondentSettings.model_validate({"id": "m", "model": "m", "base_url": server.base_url, **settings})

    async def ask() -> Reply | FailedAttempt:
        async with OpenAIRespondent(found, KEY) as respondent:
            return [await respondent.answer(MESSAGES) for _ in range(times)][-1]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (error(400, "bad"), "bad_request"),
        (error(400, "filtered", "content_filter"), "content_filter"),
        (Say("x", finish_reason="content_filter"), "content_filter"),
        (Status(400, "[" * 200_000), "bad_request"),
        (error(401, "who"), "authentication"),
        (error(403, "no"), "authentication"),
        (error(404, "where"), "unknown_model"),
        (error(408, "late"), "timeout"),
        (error(409, "conflict"), "server_error"),
        (error(429, "slow down"), "rate_limit"),
        (error(429, "pay", "insufficient_quota"), "authentication"),
        (error(500, "oops"), "server_error"),
        (Status(503, "<html>down</html>"), "server_error"),
        (Status(529, {"error": "overloaded"}), "server_error"),
        (Hang(), "timeout"),
        (SlowBody(0.05), "timeout"),
        (Reset(), "connection"),
        (CutBody(), "connection"),
        (BrokenJson(), "broken_answer"),
        (Status(200, "<html>hello</html>"), "broken_answer"),
        (Status(200, "[1, 2]"), "broken_answer"),
        (Status(200, {"choices": []}), "broken_answer"),
        (Status(200, {"choices": [{"message": None}]}), "broken_answer"),
        (Say(""), "empty_answer"),
        (Say(None), "empty_answer"),
        (Say("  \n "), "empty_answer"),
    ],
)
def test_kinds(server: OpenAIServer, given: Answer, kind: str) -> None:
    server.answer = lambda _: given
    hurry: dict[str, Any] = {"timeout_seconds": 0.5} if isinstance(given, Hang | SlowBody) else {}
    found = answer_of(server, **hurry)
    assert isinstance(found, FailedAttempt)
    assert found.kind == kind, found


def test_an_unreachable_server_says_so(server: OpenAIServer) -> None:
    with OpenAIServer() as gone:
        pass
    found = answer_of(gone)
    assert isinstance(found, FailedAttempt)
    assert found.kind == "connection"
    assert "cannot be reached" in found.message


def test_an_answer_carries_its_provenance(server: OpenAIServer) -> None:
    server.answer = lambda _: Say("fever", model="m-0613", headers={"x-request-id": "req_1"})
    found = answer_of(server, temperature=0.2)
    assert isinstance(found, Reply)
    assert (found.text, found.model_returned, found.prompt_tokens, found.completion_tokens) == (
        "fever",
        "m-0613",
        100,
        10,
    )
    assert found.provenance == {"request_id": "req_1", "system_fingerprint": "fp_test", "response_id": "chatcmpl-0"}
    assert '"temperature":0.2' in found.request.replace(" ", "")
    assert '"fever"' in found.received


@pytest.mark.parametrize("count", [2**63, 2**31, -1, True, 1.5, "12", None])
def test_a_count_of_tokens_that_is_none_is_left_out(server: OpenAIServer, count: object) -> None:
    choices = [{"message": {"content": "fever"}, "finish_reason": "stop"}]
    server.answer = lambda _: Status(
        200, {"choices": choices, "usage": {"prompt_tokens": count, "completion_tokens": 7}}
    )
    found = answer_of(server)
    assert isinstance(found, Reply)
    assert (found.prompt_tokens, found.completion_tokens) == (None, 7)


def test_a_cut_off_answer_and_a_refusal_are_answers(server: OpenAIServer) -> None:
    server.answer = lambda _: Say("half of", finish_reason="length")
    cut = answer_of(server)
    assert isinstance(cut, Reply)
    assert cut.finish_reason == "length"
    server.answer = lambda _: Say(None, refusal="I cannot help with that.")
    refused = answer_of(server)
    assert isinstance(refused, Reply)
    assert refused.text == "I cannot help with that."
    assert refused.provenance["refused"] is True


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({"retry-after-ms": "250"}, 0.25, 0.25),
        ({"retry-after": "in an hour"}, 3000, 3601),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "-5"}, None, None),
        ({"retry-after": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, None, None),
        ({"retry-after-ms": "\u00b2"}, None, None),
        ({"retry-after-ms": "9" * 5000, "retry-after": "7"}, 7, 7),
        ({}, None, None),
    ],
)
def test_the_servers_wish_for_patience(
    server: OpenAIServer, header: dict[str, str], low: float | None, high: float | None
) -> None:
    if header.get("retry-after") == "in an hour":
        header = {"retry-after": (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")}
    server.answer = lambda _: Status(429, {"error": {"message": "slow"}}, header)
    found = answer_of(server)
    assert isinstance(found, FailedAttempt)
    if low is None or high is None:
        assert found.retry_after is None
    else:
        assert found.retry_after is not None
        assert low <= found.retry_after <= high


@pytest.mark.parametrize(
    ("reset", "pause"),
    [
        ("1m2s500ms", 62.5),
        ("1.5h", 5400.0),
        ("1.2.3s", None),
        ("soon", None),
        ("", None),
        ("\u00b2s", None),
        ("9" * 400 + "h", None),
    ],
)
def test_a_used_up_allowance_asks_for_a_pause(server: OpenAIServer, reset: str, pause: float | None) -> None:
    limits = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset}
    server.answer = lambda _: Say(headers=limits)
    found = answer_of(server)
    assert isinstance(found, Reply)
    assert found.pause == (None if pause is None else pytest.approx(pause))


def test_provenance_is_words(server: OpenAIServer) -> None:
    choices = [{"message": {"content": "fever"}, "finish_reason": "stop"}]
    server.answer = lambda _: Status(200, {"choices": choices, "id": {"a": [1]}, "system_fingerprint": 7})
    found = answer_of(server)
    assert isinstance(found, Reply)
    assert found.provenance == {}


def always(answer: Answer) -> Answerer:
    return lambda _: answer


def test_the_key_is_nowhere_in_what_comes_back(server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for given in (error(500, f"failed for {KEY} and sk-another1234567"), Say(f"your key is {KEY}"), Status(200, KEY)):
        server.answer = always(given)
        found = answer_of(server)
        assert KEY not in repr(found)
        assert "sk-another1234567" not in repr(found)
        if isinstance(found, Reply):
            assert KEY not in found.text + found.request + found.received
    assert KEY not in caplog.text


def refuse(request: Received) -> Answer:
    body = request.body
    if "max_tokens" in body:
        return error(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.",
            "unsupported_parameter",
            "max_tokens",
        )
    if "temperature" in body:
        return error(400, "Unsupported value: 'temperature' does not support 0.2.", "unsupported_value", "temperature")
    return Say()


def test_refused_parameters_are_left_out_once_for_each_model(server: OpenAIServer) -> None:
    server.answer = refuse
    found = answer_of(server, times=3, temperature=0.2, max_tokens=50, seed=1)
    assert isinstance(found, Reply)
    assert len(server.requests) == 5
    assert server.requests[-1].body | {"max_completion_tokens": 50, "seed": 1} == server.requests[-1].body
    assert "temperature" not in server.requests[-1].body
    assert len(found.provenance["adapted"]) == 2


def test_any_other_bad_request_is_not_repeated(server: OpenAIServer) -> None:
    server.answer = lambda _: error(400, "the prompt is too long", "context_length_exceeded", "messages")
    found = answer_of(server, temperature=0.2)
    assert isinstance(found, FailedAttempt)
    assert found.kind == "bad_request"
    assert len(server.requests) == 1
