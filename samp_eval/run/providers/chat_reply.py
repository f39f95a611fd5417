"""What the body of a chat completion means: a reply, a failed attempt of some kind, or an error object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.run.providers.refusal import Refusal, error_within, requested_pause
from samp_eval.run.respondent import FailedAttempt, Reply
from samp_eval.run.secret_remover import SecretRemover

__all__ = ["reply_of", "token_limit"]

MAX_TOKEN_COUNT = 2**31
"""No count of tokens is as large; PostgreSQL's integers end here."""

_BROKEN_OFF = frozenset({"error", "abort"})
"""Finish reasons of an answer that its server did not end: a router's, and vLLM's."""

_REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Beside the content: DeepSeek's and vLLM's name, and OpenRouter's."""

_TEXT_PARTS = frozenset({"text", "output_text"})
_REASONING_PARTS = frozenset({"thinking", "reasoning", "reasoning_content", "redacted_thinking"})


def token_limit(parameters: Mapping[str, Any]) -> int | None:
    """The limit on an answer's tokens that a request with these parameters sets."""
    limit = parameters.get("max_completion_tokens", parameters.get("max_tokens"))
    return limit if isinstance(limit, int) else None


def reply_of(
    content: bytes,
    headers: Mapping[str, str],
    secrets: SecretRemover,
    *,
    model_asked: str,
    request: str,
    latency_seconds: float | None,
    max_tokens: int | None = None,
    adapted: Sequence[str] = (),
) -> Reply | FailedAttempt | Refusal:
    """Read the body of a chat completion; what the reply keeps of it, and of the request, is without secrets.

    Parameters
    ----------
    request : str
        The body that was sent.
    max_tokens : int, optional
        The limit that was sent: an answer that used all of it was cut off, even if the server says ``stop``.
    adapted : sequence of str
        What was sent otherwise than the settings say.
    """
    received = secrets.exactly(content.decode("utf-8", errors="replace"))
    try:
        said = parse_json(received)
    except UnreadableFile as error:
        return FailedAttempt("broken_answer", secrets.anything_alike(f"the server's answer {error.problem}"))
    try:
        choice = said["choices"][0]
        message = choice["message"]
        text, reasoning = _text_and_reasoning(message)
        usage = said.get("usage") or {}
        finish_reason = str(choice.get("finish_reason") or "") or None
        model = str(said.get("model") or model_asked)
    except (KeyError, IndexError, TypeError, AttributeError):
        return error_within(said) or FailedAttempt("broken_answer", "the server's answer holds no choices[0].message")
    failed = _not_an_answer(said, choice, text, reasoning, finish_reason)
    if failed is not None:
        return failed
    completion_tokens = _count(usage, "completion_tokens")
    at_limit = max_tokens is not None and completion_tokens is not None and completion_tokens >= max_tokens
    details = usage.get("prompt_tokens_details") if isinstance(usage, dict) else None
    provenance = {
        "request_id": secrets.exactly(headers.get("x-request-id", "")),
        "system_fingerprint": _string(said.get("system_fingerprint")),
        "response_id": _string(said.get("id")),
        "refused": bool(message.get("refusal")),
        "reasoning_characters": len(reasoning),
        "cached_prompt_tokens": _count(details, "cached_tokens"),
        "finish_reason_received": finish_reason if at_limit and finish_reason == "stop" else None,
        "adapted": list(adapted),
    }
    if provenance["finish_reason_received"]:
        finish_reason = "length"
    return Reply(
        text=text,
        model_returned=model,
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=completion_tokens,
        finish_reason=finish_reason,
        latency_seconds=round(latency_seconds, 4) if latency_seconds is not None else None,
        provenance={name: value for name, value in provenance.items() if value},
        request=secrets.exactly(request),
        received=received,
        pause=requested_pause(headers),
    )


def _not_an_answer(
    said: Any, choice: Any, text: str, reasoning: str, finish_reason: str | None
) -> FailedAttempt | Refusal | None:
    """Why a well-formed completion is no answer; None if it is one."""
    for part in (choice, said):
        if part.get("error"):
            return error_within({"error": part["error"]})
    if finish_reason in _BROKEN_OFF:
        return FailedAttempt("server_error", f"the answer broke off (finish reason {finish_reason})")
    if finish_reason == "content_filter":
        return FailedAttempt("content_filter", "the provider's content filter withheld the answer")
    if not text.strip():
        thought = f"; the model wrote {len(reasoning):,} characters of reasoning and no answer" if reasoning else ""
        return FailedAttempt("empty_answer", f"the answer is empty (finish reason {finish_reason}){thought}")
    return None


def _text_and_reasoning(message: Mapping[str, Any]) -> tuple[str, str]:
    """The answer, and the reasoning that a server gives apart from it and that is never read as the answer.

    Raises
    ------
    TypeError
        If the content is neither text nor a list of parts.
    """
    content = message.get("content") or message.get("refusal") or ""
    reasoning = [value for name in _REASONING_FIELDS if isinstance(value := message.get(name), str)]
    if isinstance(content, str):
        return content, "\n".join(reasoning)
    if not isinstance(content, list):
        raise TypeError("the content is neither text nor a list of parts")
    texts: list[str] = []
    for part in content:
        kind = part if isinstance(part, str) else str(part.get("type"))
        if kind in _REASONING_PARTS:
            reasoning += _texts_in(part)
        elif isinstance(part, str) or kind in _TEXT_PARTS or kind == "refusal":
            texts += _texts_in(part)
    return "\n".join(text.removesuffix("\n") for text in texts), "\n".join(reasoning)


def _texts_in(part: Any) -> Iterator[str]:
    """The text of a content part; a thinking part may hold a list of parts."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for inner in part:
            yield from _texts_in(inner)
    elif isinstance(part, dict):
        for name in ("text", "thinking", "reasoning", "refusal", "value"):
            if part.get(name):
                yield from _texts_in(part[name])
                break


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(usage: Any, name: str) -> int | None:
    """A server's count of tokens; None if it is no number that a count can be."""
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and 0 <= value < MAX_TOKEN_COUNT else None
