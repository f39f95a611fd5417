"""Servers as they are: content in parts, errors inside a 200, answers that broke off, parameters that are refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from openai_server import OpenAIServer, Say, Status
from small_bank import KEY

from samp_eval.run.providers.openai_respondent import OpenAIRespondent
from samp_eval.run.respondent import FailedAttempt, Reply
from samp_eval.study import RespondentSettings

MESSAGES = [{"role": "user", "content": "What is it?"}]
ANSWER = "1. Active cancer\n2. Recent surgery"


def completion(message: dict[str, Any], finish_reason: str = "stop", used: int = 9, **choice: Any) -> Status:
    return Status(
        200,
        {
            "id": "x",
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, **choice}],
            "usage": {"prompt_tokens": 9, "completion_tokens": used, "prompt_tokens_details": {"cached_tokens": 4}},
        },
    )


def ask(server: OpenAIServer, **settings: object) -> tuple[Reply | FailedAttempt, list[str]]:
    found = RespondentSettings.model_validate({"id": "m", "model": "m", "base_url": server.base_url, **settings})

    async def one_answer() -> tuple[Reply | FailedAttempt, list[str]]:
        async with OpenAIRespondent(found, KEY) as respondent:
            return await respondent.answer(MESSAGES), list(respondent.adaptations)

    return asyncio.run(one_answer())


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        ({"content": ANSWER}, 0),
        ({"content": [{"type": "text", "text": ANSWER}]}, 0),
        ({"content": [{"type": "output_text", "text": ANSWER}]}, 0),
        ({"content": [{"type": "text", "text": {"value": ANSWER}}]}, 0),
        ({"content": [ANSWER]}, 0),
        ({"content": [{"type": "text", "text": line} for line in ANSWER.split("\n")]}, 0),
        (
            {
                "content": [
                    {"type": "text", "text": "1. Active cancer\n"},
                    {"type": "text", "text": "2. Recent surgery"},
                ]
            },
            0,
        ),
        ({"content": [{"type": "thinking", "thinking": "1. Stroke"}, {"type": "text", "text": ANSWER}]}, 9),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "1. Stroke"}]},
                    {"type": "text", "text": ANSWER},
                ]
            },
            9,
        ),
        ({"content": [{"type": "reasoning", "text": "1. Stroke"}, {"type": "text", "text": ANSWER}]}, 9),
        ({"content": ANSWER, "reasoning_content": "1. Stroke"}, 9),
        ({"content": ANSWER, "reasoning": "1. Stroke"}, 9),
        ({"content": ANSWER, "reasoning": {"effort": "high"}}, 0),
    ],
)
def test_text_parts_are_the_answer_and_reasoning_is_provenance(
    server: OpenAIServer, message: dict[str, Any], reasoning: int
) -> None:
    server.answer = lambda _: completion({"role": "assistant", **message})
    found, _ = ask(server)
    assert isinstance(found, Reply)
    assert found.text == ANSWER
    assert found.provenance.get("reasoning_characters", 0) == reasoning
    assert ("Stroke" in found.received) == bool(reasoning)
    assert found.provenance["cached_prompt_tokens"] == 4


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "reasoning_content": "1. Stroke"},
        {"content": "", "reasoning": "1. Stroke"},
        {"content": [{"type": "thinking", "thinking": "1. Stroke"}]},
    ],
)
def test_reasoning_is_never_read_as_the_answer(server: OpenAIServer, message: dict[str, Any]) -> None:
    server.answer = lambda _: completion(message, "length")
    found, _ = ask(server)
    assert isinstance(found, FailedAttempt)
    assert found.kind == "empty_answer"
    assert "9 characters of reasoning and no answer" in found.message


@pytest.mark.parametrize("content", [7, {"text": "x"}, [7], [{"type": "image_url"}], []])
def test_content_that_is_no_text_is_no_answer(server: OpenAIServer, content: object) -> None:
    server.answer = lambda _: completion({"content": content})
    found, _ = ask(server)
    assert isinstance(found, FailedAttempt)
    assert found.kind in ("broken_answer", "empty_answer")


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            {"error": {"message": "quota used up", "code": 429}},
            "rate_limit",
            "error 429 in an answer with HTTP 200: quota",
        ),
        ({"error": {"message": "slow down", "code": "429"}}, "rate_limit", "slow down"),
        ({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, "rate_limit", "slow down"),
        ({"error": {"message": "slow down", "type": "rate_limit_error"}}, "rate_limit", "slow down"),
        ({"error": {"message": "no", "status": "RESOURCE_EXHAUSTED"}}, "rate_limit", "no"),
        ({"error": {"message": "pay", "code": "insufficient_quota"}}, "authentication", "pay"),
        ({"error": {"message": "pay", "code": 402}}, "authentication", "pay"),
        ({"error": {"message": "who are you", "code": 401}}, "authentication", "who are you"),
        ({"error": {"message": "which", "code": 404}}, "unknown_model", "which"),
        ({"error": {"message": "too long", "code": 400}}, "bad_request", "too long"),
        ({"error": {"message": "down", "code": 502}}, "server_error", "down"),
        ({"error": {"message": "what"}}, "server_error", "what"),
        ({"error": "what"}, "server_error", "what"),
        ([{"error": {"message": "in a list", "code": 429}}], "rate_limit", "in a list"),
        ({"object": "error", "message": "vLLM's own", "code": 400}, "bad_request", "vLLM's own"),
        ({"error": {"message": "x", "code": 429}, "choices": []}, "rate_limit", "x"),
        (
            {"error": {"message": "A", "code": 429, "metadata": {"raw": "upstream said B"}}},
            "rate_limit",
            "upstream said B",
        ),
        ({"detail": "no such route"}, "server_error", "no such route"),
        ({}, "broken_answer", "no choices"),
        ({"error": None}, "broken_answer", "no choices"),
        ([], "broken_answer", "no choices"),
    ],
)
def test_an_error_inside_a_200_is_read_in_its_own_words(server: OpenAIServer, body: Any, kind: str, words: str) -> None:
    server.answer = lambda _: Status(200, body)
    found, _ = ask(server)
    assert isinstance(found, FailedAttempt)
    assert found.kind == kind
    assert words in found.message


@pytest.mark.parametrize(
    ("choice", "kind", "words"),
    [
        ({"finish_reason": "error"}, "server_error", "broke off"),
        ({"finish_reason": "abort"}, "server_error", "broke off"),
        ({"finish_reason": "error", "error": {"code": 502, "message": "idle"}}, "server_error", "idle"),
        ({"finish_reason": "stop", "error": {"code": 429, "message": "enough"}}, "rate_limit", "enough"),
    ],
)
def test_part_of_an_answer_is_a_failed_attempt(
    server: OpenAIServer, choice: dict[str, Any], kind: str, words: str
) -> None:
    server.answer = lambda _: completion({"content": "1. Active can"}, **choice)
    found, _ = ask(server)
    assert isinstance(found, FailedAttempt)
    assert found.kind == kind
    assert words in found.message


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            400,
            [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}],
            "HTTP 400: API key",
        ),
        (400, [], "HTTP 400: []"),
        (422, {"detail": [{"loc": ["body", "n"], "msg": "must be 1", "type": "value"}]}, "HTTP 422: body.n: must be 1"),
        (422, {"detail": "no"}, "HTTP 422: no"),
        (422, {"detail": [7, "x"]}, "HTTP 422"),
    ],
)
def test_an_error_body_of_another_form_is_shown_in_its_words(
    server: OpenAIServer, status: int, body: Any, words: str
) -> None:
    server.answer = lambda _: Status(status, body)
    found, adaptations = ask(server)
    assert isinstance(found, FailedAttempt)
    assert found.message.startswith(words)
    assert "{'" not in found.message
    assert adaptations == []


def test_a_key_that_google_refuses_is_an_authentication_failure(server: OpenAIServer) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    server.answer = lambda _: Status(400, [{"error": {"code": 400, "message": "not valid", "details": details}}])
    found, _ = ask(server)
    assert isinstance(found, FailedAttempt)
    assert found.kind == "authentication"


EXTRA = {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}


@pytest.mark.parametrize(
    ("parameter", "status", "body"),
    [
        ("temperature", 400, {"error": {"message": "`temperature` is deprecated for this model."}}),
        ("temperature", 400, {"error": {"message": "Unsupported value: 'temperature' does not support 0"}}),
        ("top_p", 400, {"error": {"message": "top_p is not supported with this model, use temperature"}}),
        ("seed", 400, [{"error": {"code": 400, "message": 'Unknown name "seed": Cannot find field.'}}]),
        (
            "seed",
            400,
            {"error": {"message": "Unknown parameter: 'seed'.", "code": "unknown_parameter", "param": "seed"}},
        ),
        ("seed", 400, {"error": {"message": "Unrecognized request argument supplied: seed"}}),
        ("seed", 422, EXTRA),
        ("seed", 422, {"error": {"message": "body.seed: Extra inputs are not permitted"}}),
        ("seed", 200, {"error": {"message": "seed: Extra inputs are not permitted", "code": 400}}),
        ("stop", 400, {"error": {"message": "This model does not support 'stop'"}}),
        ("reasoning_effort", 400, {"error": {"message": "Unrecognized key(s): reasoning_effort"}}),
    ],
)
def test_a_refused_parameter_is_left_out_and_noted(
    server: OpenAIServer, parameter: str, status: int, body: Any
) -> None:
    server.answer = lambda request: Status(status, body) if parameter in request.body else Say()
    settings = {"temperature": 0.0, "top_p": 0.5, "seed": 1, "stop": ["x"], "reasoning_effort": "low"}
    found, adaptations = ask(server, **settings)
    assert isinstance(found, Reply)
    assert len(adaptations) == 1
    assert adaptations[0].startswith(f"{parameter} = ")
    assert len(server.requests) == 2
    assert set(server.requests[-1].body) == {"model", "messages", *settings} - {parameter}


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "The model gpt-3 has been deprecated and will stop working; use another seed model"),
        (400, "temperature must be at most 1"),
        (400, "The prompt is not allowed"),
        (500, "seed is not supported"),
        (403, "`seed` is not allowed"),
    ],
)
def test_an_error_that_refuses_no_parameter_leaves_none_out(server: OpenAIServer, status: int, message: str) -> None:
    server.answer = lambda _: Status(status, {"error": {"message": message}})
    found, adaptations = ask(server, temperature=1.5, seed=1, stop=["x"])
    assert isinstance(found, FailedAttempt)
    assert adaptations == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("settings", "used", "finish_reason"),
    [
        ({"max_tokens": 40}, 40, "length"),
        ({"max_tokens": 40}, 41, "length"),
        ({"max_tokens": 40}, 39, "stop"),
        ({}, 4000, "stop"),
    ],
)
def test_an_answer_that_used_all_its_tokens_was_cut_off_whatever_the_server_says(
    server: OpenAIServer, settings: dict[str, int], used: int, finish_reason: str
) -> None:
    server.answer = lambda _: completion({"content": ANSWER}, used=used)
    found, _ = ask(server, **settings)
    assert isinstance(found, Reply)
    assert found.finish_reason == finish_reason
    assert found.provenance.get("finish_reason_received") == ("stop" if finish_reason == "length" else None)


def test_the_limit_holds_under_its_newer_name(server: OpenAIServer) -> None:
    refusal = Status(
        400, {"error": {"message": "Unsupported parameter: use max_completion_tokens", "param": "max_tokens"}}
    )
    server.answer = lambda request: (
        refusal if "max_tokens" in request.body else completion({"content": ANSWER}, used=40)
    )
    found, adaptations = ask(server, max_tokens=40)
    assert isinstance(found, Reply)
    assert found.finish_reason == "length"
    assert adaptations == ["max_tokens was sent as max_completion_tokens"]
