"""A model behind an OpenAI-compatible endpoint. The only module that imports openai."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit

import openai

from samp_eval.errors import CannotAsk
from samp_eval.run.respondent import FailedTry, FailureKind, Message, Reply
from samp_eval.study import RespondentSettings

__all__ = ["OpenAIRespondent", "api_key_for", "base_url_for"]

_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|key)-[A-Za-z0-9_*\-]{8,}|(?<=Bearer )\S+", re.IGNORECASE)

_KIND_OF_STATUS: dict[int, FailureKind] = {
    401: "authentication",
    403: "authentication",
    404: "unknown_model",
    408: "timeout",
    409: "server_error",
    429: "rate_limit",
}


def base_url_for(option: str | None) -> str | None:
    """The endpoint: the option, else ``OPENAI_BASE_URL``, else None for the provider's own.

    Raises
    ------
    CannotAsk
        Where it is no http address, or carries a user name, password or query, which would be stored with the study.
    """
    url = option or os.environ.get("OPENAI_BASE_URL") or None
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise CannotAsk("the base URL is not an address like http://localhost:8000/v1; correct --base-url")
    if parts.username or parts.password or parts.query:
        raise CannotAsk(
            "the base URL carries a user name, password or query; put the secret into the environment variable "
            "OPENAI_API_KEY instead, so that it never reaches a file"
        )
    return url.rstrip("/")


def api_key_for(settings: RespondentSettings) -> str:
    """The key from the environment; a placeholder for an endpoint of one's own, which may need none.

    Raises
    ------
    CannotAsk
        With the remedies.
    """
    key = os.environ.get(settings.api_key_env, "").strip()
    if key:
        return key
    if settings.base_url is not None:
        return "none"
    raise CannotAsk(
        f"there is no API key for {settings.model}: set the environment variable {settings.api_key_env}, name another "
        "server with --base-url, or use the embedded model with --model local"
    )


class OpenAIRespondent:
    """Asks one model under fixed settings. Use as an async context manager.

    Parameters
    ----------
    settings : RespondentSettings
    api_key : str
        Sent to the endpoint, never kept.
    timeout : float
        Seconds for one try.
    """

    def __init__(self, settings: RespondentSettings, api_key: str, *, timeout: float = 120.0) -> None:
        self.settings = settings
        self._api_key = api_key
        self._client = openai.AsyncOpenAI(
            api_key=api_key, base_url=settings.base_url, max_retries=0, timeout=timeout
        )
        self._parameters: dict[str, Any] = {
            name: value
            for name in ("temperature", "top_p", "max_tokens", "seed")
            if (value := getattr(settings, name)) is not None
        }
        if settings.stop:
            self._parameters["stop"] = list(settings.stop)

    @property
    def id(self) -> str:
        """The respondent's id in the study."""
        return self.settings.id

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def answer(self, messages: Sequence[Message]) -> Reply | FailedTry:
        """Try once. What the server or the network did comes back as a value; only bugs raise."""
        began = time.perf_counter()
        try:
            raw = await self._client.chat.completions.with_raw_response.create(
                model=self.settings.model,
                messages=[dict(message) for message in messages],  # type: ignore[misc]  # plain dicts are what is sent
                **self._parameters,
            )
            content = raw.http_response.json()
        except openai.APITimeoutError:
            return FailedTry("timeout", "the server did not answer in time")
        except openai.APIConnectionError as error:
            return FailedTry("connection", self._redacted(f"the server cannot be reached: {error.__cause__ or error}"))
        except openai.APIStatusError as error:
            return self._failed_status(error)
        except (openai.APIError, ValueError) as error:
            return FailedTry("broken_answer", self._redacted(f"the server's answer cannot be read: {error}"))
        return self._reply(content, raw.headers, time.perf_counter() - began)

    def _reply(self, content: Any, headers: Any, latency: float) -> Reply | FailedTry:
        try:
            choice = content["choices"][0]
            message = choice["message"]
            text = message.get("content") or message.get("refusal") or ""
            usage = content.get("usage") or {}
            finish_reason = choice.get("finish_reason")
            model = str(content.get("model") or self.settings.model)
        except (KeyError, IndexError, TypeError, AttributeError):
            return FailedTry("broken_answer", "the server's answer holds no choices[0].message")
        if finish_reason == "content_filter":
            return FailedTry("content_filter", "the provider's content filter withheld the answer")
        if not isinstance(text, str) or not text.strip():
            return FailedTry("empty_answer", f"the answer is empty (finish reason {finish_reason})")
        provenance = {
            "request_id": headers.get("x-request-id"),
            "system_fingerprint": content.get("system_fingerprint"),
            "response_id": content.get("id"),
        }
        return Reply(
            text=text,
            model_returned=model,
            prompt_tokens=usage.get("prompt_tokens"),
            completion_tokens=usage.get("completion_tokens"),
            finish_reason=finish_reason,
            latency_seconds=round(latency, 4),
            provenance={name: value for name, value in provenance.items() if value},
        )

    def _failed_status(self, error: openai.APIStatusError) -> FailedTry:
        status = error.status_code
        body = error.body if isinstance(error.body, dict) else {}
        code = str(body.get("code") or "")
        kind: FailureKind = _KIND_OF_STATUS.get(status, "server_error" if status >= 500 else "bad_request")
        if code == "content_filter":
            kind = "content_filter"
        elif code == "insufficient_quota":
            kind = "authentication"
        elif code == "model_not_found":
            kind = "unknown_model"
        said = str(body.get("message") or error.message)
        return FailedTry(kind, self._redacted(f"HTTP {status}: {said}")[:500], _retry_after(error.response.headers))

    def _redacted(self, text: str) -> str:
        """The text without the key, and without anything that looks like one."""
        if len(self._api_key) >= 8:
            text = text.replace(self._api_key, "[key removed]")
        return _LOOKS_LIKE_A_KEY.sub("[key removed]", text)


def _retry_after(headers: Any) -> float | None:
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
