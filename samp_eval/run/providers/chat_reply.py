"""What a chat completion endpoint's answer means: a reply, or a failed attempt of some kind."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from samp_eval.run.rate_limiter import MAX_SERVER_PAUSE
from samp_eval.run.respondent import FailedAttempt, FailureKind, Reply
from samp_eval.run.secret_remover import SecretRemover

__all__ = ["Refusal", "failed_status", "refusal_of", "reply_of"]

MAX_TOKEN_COUNT = 2**31
"""No count of tokens is as large; PostgreSQL's integers end here."""

_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

_KIND_OF_STATUS: dict[int, FailureKind] = {
    401: "authentication",
    403: "authentication",
    404: "unknown_model",
    408: "timeout",
    409: "server_error",
    429: "rate_limit",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said with a status of 300 or more; empty words where it did not say them."""

    status: int
    message: str
    code: str = ""
    parameter: str = ""


def reply_of(
    content: bytes,
    headers: Mapping[str, str],
    secrets: SecretRemover,
    *,
    model_asked: str,
    request: str,
    latency_seconds: float | None,
    adapted: Sequence[str] = (),
) -> Reply | FailedAttempt:
    """Read the body of a chat completion; what the reply keeps of it, and of the request, is without secrets.

    Parameters
    ----------
    request : str
        The body that was sent.
    adapted : sequence of str
        What was sent otherwise than the settings say.
    """
    received = secrets.exactly(content.decode("utf-8", errors="replace"))
    try:
        said = json.loads(received)
    except (ValueError, RecursionError) as error:
        return FailedAttempt("broken_answer", secrets.anything_alike(f"the server's answer cannot be read: {error}"))
    try:
        choice = said["choices"][0]
        message = choice["message"]
        text = message.get("content") or message.get("refusal") or ""
        usage = said.get("usage") or {}
        finish_reason = choice.get("finish_reason")
        model = str(said.get("model") or model_asked)
    except (KeyError, IndexError, TypeError, AttributeError):
        return FailedAttempt("broken_answer", "the server's answer holds no choices[0].message")
    if finish_reason == "content_filter":
        return FailedAttempt("content_filter", "the provider's content filter withheld the answer")
    if not isinstance(text, str) or not text.strip():
        return FailedAttempt("empty_answer", f"the answer is empty (finish reason {finish_reason})")
    provenance = {
        "request_id": secrets.exactly(headers.get("x-request-id", "")),
        "system_fingerprint": _words(said.get("system_fingerprint")),
        "response_id": _words(said.get("id")),
        "refused": bool(message.get("refusal")),
        "adapted": list(adapted),
    }
    return Reply(
        text=text,
        model_returned=model,
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        finish_reason=str(finish_reason) if finish_reason else None,
        latency_seconds=round(latency_seconds, 4) if latency_seconds is not None else None,
        provenance={name: value for name, value in provenance.items() if value},
        request=secrets.exactly(request),
        received=received,
        pause=_wanted_pause(headers),
    )


def refusal_of(status: int, headers: Mapping[str, str], content: bytes) -> Refusal:
    """Read what a server said with a status that is no success: OpenAI's error object, or whatever stands there."""
    if 300 <= status < 400:
        elsewhere = headers.get("location", "another address").split("?")[0]
        return Refusal(status, f"the server sends us to {elsewhere}; give the right address with --base-url")
    said = content.decode("utf-8", errors="replace").strip()
    try:
        body = json.loads(said)
    except (ValueError, RecursionError):
        return Refusal(status, said or "no reason given")
    body = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(body, dict):
        return Refusal(status, str(body))
    words = {name: str(body.get(name) or "") for name in ("message", "code", "param")}
    return Refusal(status, words["message"] or said, words["code"], words["param"])


def failed_status(refusal: Refusal, headers: Mapping[str, str], secrets: SecretRemover) -> FailedAttempt:
    """The failed attempt that a refusal is."""
    kind: FailureKind = _KIND_OF_STATUS.get(refusal.status, "server_error" if refusal.status >= 500 else "bad_request")
    if refusal.code == "content_filter":
        kind = "content_filter"
    elif refusal.code == "insufficient_quota":
        kind = "authentication"
    elif refusal.code == "model_not_found":
        kind = "unknown_model"
    message = secrets.anything_alike(f"HTTP {refusal.status}: {refusal.message}")[:500]
    retry_after = _retry_after(headers)
    if retry_after is not None and retry_after > MAX_SERVER_PAUSE:
        message += f"; the server asks to wait {retry_after / 3600:,.1f} hours"
    return FailedAttempt(kind, message, retry_after)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _count(usage: Any, name: str) -> int | None:
    """A server's count of tokens; None where it is no number that a count can be."""
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and 0 <= value < MAX_TOKEN_COUNT else None


def _seconds(written: str | float) -> float | None:
    """A number of seconds that one can wait; None for any other."""
    try:
        seconds = float(written)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    written = headers.get("retry-after", "")
    seconds = _seconds(written)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None


def _duration(written: str) -> float:
    """Seconds of what is written ``1m2.5s``; 0 where anything else is."""
    if _DURATION_PART.sub("", written):
        return 0.0
    total = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(written))
    return _seconds(total) or 0.0


def _wanted_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds until the allowance is filled again, where the rate-limit headers say that it is used up."""
    pauses = [
        _duration(headers.get(f"x-ratelimit-reset-{allowance}", ""))
        for allowance in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{allowance}") == "0"
    ]
    return max(pauses, default=0.0) or None
