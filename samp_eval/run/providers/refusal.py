"""What a server says instead of an answer: an HTTP status, an error object inside a 200, a wish to wait."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.run.rate_limiter import MAX_SERVER_PAUSE
from samp_eval.run.respondent import FailedAttempt, FailureKind
from samp_eval.run.secret_remover import SecretRemover

__all__ = ["Refusal", "error_within", "failed_attempt", "failed_with_pictures", "refusal_of", "requested_pause"]

_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

_KIND_OF_STATUS: dict[int, FailureKind] = {
    401: "authentication",
    402: "authentication",
    403: "authentication",
    404: "unknown_model",
    408: "timeout",
    409: "server_error",
    429: "rate_limit",
}
_KIND_OF_CODE: dict[str, FailureKind] = {
    "content_filter": "content_filter",
    "insufficient_quota": "authentication",
    "api_key_invalid": "authentication",
    "model_not_found": "unknown_model",
}
"""Codes that say more than the status they come with."""

_OF_PICTURES = frozenset({400, 404, 413, 415, 422, 500, 501})
_ABOUT_PICTURES = re.compile(
    r"image|picture|vision|visual|multi-?modal|mmproj|content (?:type|part)|content.{0,40}\b(?:string|text)\b",
    re.IGNORECASE,
)
"""How servers say that a model takes no pictures, each from an error of a real one: ``image_url is only supported by
certain models``, ``unknown variant image_url``, ``is not a multimodal model``, ``provide the mmproj``, ``No endpoints
found that support image input``, ``content must be a string``."""

_STATUS_OF_CODE = {
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "not_found": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "resource_exhausted": 429,
}
"""Of an error object that names no number, by OpenAI's, Anthropic's and Google's words."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server said instead of an answer; empty words where it did not say them.

    Attributes
    ----------
    status : int
        Of the HTTP answer, or of the error object inside it.
    within_200 : bool
        Whether the HTTP status was 200 all the same.
    """

    status: int
    message: str
    code: str = ""
    parameter: str = ""
    within_200: bool = False


def refusal_of(status: int, headers: Mapping[str, str], content: bytes) -> Refusal:
    """Read what a server said with a status that is no success: OpenAI's error object, or whatever stands there."""
    if 300 <= status < 400:
        elsewhere = headers.get("location", "another address").split("?")[0]
        return Refusal(status, f"the server sends us to {elsewhere}; give the right address with --base-url")
    said = content.decode("utf-8", errors="replace").strip()
    try:
        body = parse_json(said)
    except UnreadableFile:
        return Refusal(status, said or "no reason given")
    error = _error_object(body)
    return _refusal(status, error if error is not None else body, said)


def error_within(body: Any) -> Refusal | None:
    """The error object that a body with HTTP status 200 holds; None if it holds none."""
    error = _error_object(body)
    if not error:
        return None
    found = _refusal(0, error, str(error))
    codes = [found.code, *(str(error.get(name) or "") for name in ("type", "status") if isinstance(error, dict))]
    statuses = [int(code) for code in codes if re.fullmatch(r"[45]\d\d", code)]
    statuses += [_STATUS_OF_CODE[code.lower()] for code in codes if code.lower() in _STATUS_OF_CODE]
    return Refusal([*statuses, 500][0], found.message, found.code, found.parameter, within_200=True)


def _error_object(body: Any) -> Any:
    """What a body says as an error: OpenAI's and Google's ``error``, FastAPI's ``detail``, vLLM's own object."""
    if isinstance(body, list):  # Google's OpenAI-compatible address puts its error object into a list
        return next((error for part in body if (error := _error_object(part)) is not None), None)
    if not isinstance(body, dict):
        return None
    for name in ("error", "detail"):
        if body.get(name):
            return body[name]
    return body if body.get("object") == "error" else None


def _refusal(status: int, error: Any, said: str) -> Refusal:
    if isinstance(error, list):  # pydantic's: one entry for each field that is wrong
        entries = [entry for entry in error if isinstance(entry, dict)]
        places = [_place(entry.get("loc")) for entry in entries]
        message = "; ".join(f"{place}: {entry.get('msg')}" for place, entry in zip(places, entries, strict=True))
        extra = next((place for place, entry in zip(places, entries, strict=True) if _names_extra(entry)), "")
        return Refusal(status, message or said, "unsupported_field" if extra else "", extra.rpartition(".")[2])
    if not isinstance(error, dict):
        return Refusal(status, str(error))
    words = {name: str(error.get(name) or "") for name in ("message", "code", "param")}
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None  # a router's copy of the provider's own words
    message = f"{words['message']} ({raw})" if isinstance(raw, str) and raw.strip() else words["message"]
    details = error.get("details")
    reasons = [entry.get("reason") for entry in details if isinstance(entry, dict)] if isinstance(details, list) else []
    code = next((reason for reason in reasons if isinstance(reason, str)), words["code"])
    return Refusal(status, message or said, code, words["param"])


def _place(written: Any) -> str:
    return ".".join(map(str, written)) if isinstance(written, list) else str(written or "")


def _names_extra(entry: Mapping[str, Any]) -> bool:
    return entry.get("type") == "extra_forbidden" or "extra inputs" in str(entry.get("msg")).lower()


def failed_attempt(refusal: Refusal, headers: Mapping[str, str], secrets: SecretRemover) -> FailedAttempt:
    """The failed attempt that a refusal is."""
    by_status = _KIND_OF_STATUS.get(refusal.status, "server_error" if refusal.status >= 500 else "bad_request")
    kind = _KIND_OF_CODE.get(refusal.code.lower(), by_status)
    place = f"error {refusal.code or refusal.status} in an answer with HTTP 200"
    label = place if refusal.within_200 else f"HTTP {refusal.status}"
    message = secrets.anything_alike(f"{label}: {refusal.message}")[:500]
    retry_after = _retry_after(headers)
    if retry_after is not None and retry_after > MAX_SERVER_PAUSE:
        message += f"; the server asks to wait {retry_after / 3600:,.1f} hours"
    return FailedAttempt(kind, message, retry_after)


def failed_with_pictures(refusal: Refusal, failed: FailedAttempt) -> FailedAttempt:
    """The failed attempt of a request with pictures: what a server says of pictures is final for this ask alone."""
    if refusal.status not in _OF_PICTURES or not _ABOUT_PICTURES.search(refusal.message):
        return failed
    return FailedAttempt("picture_refused", f"{failed.message}; it was not asked without its pictures")


def requested_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds until the allowance is filled again, if the rate-limit headers say that it is used up."""
    pauses = [
        _duration(headers.get(f"x-ratelimit-reset-{allowance}", ""))
        for allowance in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{allowance}") == "0"
    ]
    return max(pauses, default=0.0) or None


def _finite_seconds(written: str | float) -> float | None:
    """A number of seconds that one can wait; None for any other."""
    try:
        seconds = float(written)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    milliseconds = _finite_seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    written = headers.get("retry-after", "")
    seconds = _finite_seconds(written)
    if seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None


def _duration(written: str) -> float:
    """Seconds of what is written ``1m2.5s``; 0 for anything else."""
    if _DURATION_PART.sub("", written):
        return 0.0
    total = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(written))
    return _finite_seconds(total) or 0.0
