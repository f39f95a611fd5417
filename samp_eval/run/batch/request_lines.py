"""The lines of a batch's files: requests going out, and what a line that comes back means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.run.providers.chat_reply import reply_of
from samp_eval.run.providers.refusal import Refusal, failed_attempt, refusal_of
from samp_eval.run.respondent import Ask, FailedAttempt, Reply
from samp_eval.run.secret_remover import SecretRemover

__all__ = ["Answered", "NotAsked", "Refused", "UnreadableLine", "request_line", "custom_id_of", "read_line"]

# JSON lets these stand in a string; programs that split lines by Unicode would cut the line there
_UNICODE_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


class UnreadableLine(ValueError):
    """A line that is no JSON object with a custom id, a response or an error."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The model answered; ``created`` is the UTC time that it names, if it names one."""

    reply: Reply
    created: datetime | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The model was asked and did not answer; ``refusal`` is what it said with a status of its own."""

    failed: FailedAttempt
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """The batch ended before this ask's turn."""

    why: Literal["expired", "cancelled"]


def custom_id_of(ask: Ask) -> str:
    """What names an ask in a batch: readable, and one for each ask of a respondent."""
    return f"{ask.question_id}.r{ask.round}"


def request_line(custom_id: str, endpoint: str, body: str) -> bytes:
    """A line of the file that is sent, its end included."""
    start = json.dumps({"custom_id": custom_id, "method": "POST", "url": endpoint}, separators=(",", ":"))
    return f'{start[:-1]},"body":{body.translate(_UNICODE_LINE_ENDS)}}}\n'.encode()


def read_line(
    line: bytes, secrets: SecretRemover, *, model_asked: str, max_tokens: int | None, adapted: Sequence[str]
) -> tuple[str, Answered | Refused | NotAsked]:
    """The custom id of a line that came back, and what it says.

    Raises
    ------
    UnreadableLine
    """
    try:
        content = parse_json(secrets.exactly(line.decode("utf-8", errors="replace")))
    except UnreadableFile as problem:
        raise UnreadableLine(str(problem)) from problem
    custom_id = content.get("custom_id") if isinstance(content, dict) else None
    if not isinstance(custom_id, str):
        raise UnreadableLine("there is no custom_id")
    response = content.get("response")
    if isinstance(response, dict) and isinstance(response.get("status_code"), int):
        return custom_id, _of_response(content, response, secrets, model_asked, max_tokens, adapted)
    error = content.get("error")
    if not isinstance(error, dict):
        raise UnreadableLine("there is neither a response nor an error")
    code = str(error.get("code") or "")
    if code in ("batch_expired", "batch_cancelled"):
        return custom_id, NotAsked("expired" if code == "batch_expired" else "cancelled")
    said = secrets.anything_alike(f"{code}: {error.get('message') or 'no reason given'}")[:500]
    return custom_id, Refused(FailedAttempt("server_error", said))


def _of_response(
    content: dict[str, Any],
    response: dict[str, Any],
    secrets: SecretRemover,
    model_asked: str,
    max_tokens: int | None,
    adapted: Sequence[str],
) -> Answered | Refused:
    status, body = response["status_code"], response.get("body")
    received = json.dumps(body).encode()
    if not 200 <= status < 300:
        refusal = refusal_of(status, {}, received)
        return Refused(failed_attempt(refusal, {}, secrets), refusal)
    reply = reply_of(
        received,
        {"x-request-id": str(response.get("request_id") or "")},
        secrets,
        model_asked=model_asked,
        request="",
        latency_seconds=None,
        max_tokens=max_tokens,
        adapted=adapted,
    )
    if isinstance(reply, Refusal):
        return Refused(failed_attempt(reply, {}, secrets), reply)
    if isinstance(reply, FailedAttempt):
        return Refused(reply)
    line = {"batch_line": str(content["id"])} if content.get("id") else {}
    return Answered(replace(reply, provenance={**reply.provenance, **line}), _moment(body))


def _moment(body: Any) -> datetime | None:
    created = body.get("created") if isinstance(body, dict) else None
    if not isinstance(created, int | float) or isinstance(created, bool):
        return None
    try:
        return datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError):
        return None
