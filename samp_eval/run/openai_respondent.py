"""A model behind an OpenAI-compatible endpoint. The only module that imports openai."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai

from samp_eval.errors import CannotAsk
from samp_eval.run.respondent import FailedTry, FailureKind, Message, Reply
from samp_eval.study import RespondentSettings

__all__ = ["OpenAIRespondent", "api_key_for", "base_url_for"]

_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|key)-[A-Za-z0-9_*\-]{8,}|(?<=Bearer )\S+", re.IGNORECASE)

_UNSUPPORTED = re.compile(r"unsupported|not support|does not accept", re.IGNORECASE)
_DURATION_PART = re.compile(r"([\d.]+)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

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
    at_a_time : int
        How many requests are ever under way together; as many connections are kept open.
    """

    def __init__(self, settings: RespondentSettings, api_key: str, *, at_a_time: int = 64) -> None:
        self.settings = settings
        self._api_key = api_key
        self._timeout = settings.timeout_seconds
        limits = httpx2.Limits(max_connections=at_a_time + 8, max_keepalive_connections=at_a_time + 8)
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=settings.base_url,
            max_retries=0,
            timeout=self._timeout,
            http_client=openai.DefaultAioHttpClient(limits=limits, timeout=self._timeout),
        )
        self._parameters = _parameters_of(settings)
        self._adaptations: list[str] = []

    @property
    def id(self) -> str:
        """The respondent's id in the study."""
        return self.settings.id

    @property
    def adaptations(self) -> Sequence[str]:
        """What the model refused to be sent, and what was sent instead."""
        return self._adaptations

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def answer(self, messages: Sequence[Message]) -> Reply | FailedTry:
        """Try once. What the server or the network did comes back as a value; only bugs raise.

        A parameter that the model refuses is left out, and the try repeated with the rest: once for each parameter.
        """
        for _ in range(len(self._parameters) + 1):
            parameters = self._parameters
            try:
                return await self._try(messages, parameters)
            except openai.APIStatusError as error:
                if error.status_code == 400 and (self._parameters is not parameters or self._adapt(error)):
                    continue
                return self._failed_status(error)
        return FailedTry("bad_request", "the model refuses one parameter after another")

    async def _try(self, messages: Sequence[Message], parameters: Mapping[str, Any]) -> Reply | FailedTry:
        began = time.perf_counter()
        body = {"model": self.settings.model, "messages": messages, **parameters}
        try:
            async with asyncio.timeout(self._timeout):
                # post instead of chat.completions.create: half of the client's own time is spent on typed models that
                # nothing here reads
                raw = await self._client.post("/chat/completions", cast_to=httpx2.Response, body=body)
            received = self._without_key(raw.text)
            content = json.loads(received)
        except openai.APIStatusError:
            raise
        except (TimeoutError, openai.APITimeoutError) as error:
            lost = _lost_connection(error)
            if lost is None:
                return FailedTry("timeout", f"the server did not answer within {self._timeout:g} s")
            return FailedTry("connection", self._redacted(f"the server cannot be reached: {lost}"))
        except (openai.APIConnectionError, aiohttp.ClientError, OSError) as error:
            return FailedTry("connection", self._redacted(f"the server cannot be reached: {error.__cause__ or error}"))
        except (openai.APIError, ValueError) as error:
            return FailedTry("broken_answer", self._redacted(f"the server's answer cannot be read: {error}"))
        return self._reply(content, raw, received, time.perf_counter() - began)

    def _reply(self, content: Any, raw: httpx2.Response, received: str, latency: float) -> Reply | FailedTry:
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
            "request_id": raw.headers.get("x-request-id"),
            "system_fingerprint": content.get("system_fingerprint"),
            "response_id": content.get("id"),
            "refused": bool(message.get("refusal")),
            "adapted": list(self._adaptations),
        }
        return Reply(
            text=text,
            model_returned=model,
            prompt_tokens=_count(usage, "prompt_tokens"),
            completion_tokens=_count(usage, "completion_tokens"),
            finish_reason=str(finish_reason) if finish_reason else None,
            latency_seconds=round(latency, 4),
            provenance={name: value for name, value in provenance.items() if value},
            request=self._without_key(raw.request.content.decode()),
            received=received,
            pause=_wanted_pause(raw.headers),
        )

    def _adapt(self, error: openai.APIStatusError) -> bool:
        """Leave out or rename what the model's own error names; False where it names nothing that was sent."""
        body = error.body if isinstance(error.body, dict) else {}
        said = str(body.get("message") or error.message)
        if "max_tokens" in self._parameters and "max_completion_tokens" in said:
            rest = {name: value for name, value in self._parameters.items() if name != "max_tokens"}
            self._parameters = {**rest, "max_completion_tokens": self._parameters["max_tokens"]}
            self._adaptations.append("max_tokens was sent as max_completion_tokens")
            return True
        refused = str(body.get("param") or "") if str(body.get("code") or "").startswith("unsupported") else ""
        if not refused and _UNSUPPORTED.search(said):
            refused = next((name for name in self._parameters if name in said), "")
        if refused not in self._parameters:
            return False
        value = self._parameters[refused]
        self._parameters = {name: one for name, one in self._parameters.items() if name != refused}
        self._adaptations.append(f"{refused} = {value} was left out: the model refuses it")
        return True

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

    def _without_key(self, text: str) -> str:
        return text.replace(self._api_key, "[key removed]") if len(self._api_key) >= 8 else text

    def _redacted(self, text: str) -> str:
        """The text without the key, and without anything that looks like one."""
        return _LOOKS_LIKE_A_KEY.sub("[key removed]", self._without_key(text))


def _parameters_of(settings: RespondentSettings) -> dict[str, Any]:
    names = ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort")
    parameters = {name: value for name in names if (value := getattr(settings, name)) is not None}
    return {**parameters, "stop": list(settings.stop)} if settings.stop else parameters


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) else None


def _lost_connection(error: BaseException) -> BaseException | None:
    """The lost connection behind a timeout, if any: the transport calls both a timeout."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
            return cause
        cause = cause.__cause__
    return None


def _retry_after(headers: httpx2.Headers) -> float | None:
    written = headers.get("retry-after-ms")
    if written is not None and written.isdigit():
        return int(written) / 1000
    written = headers.get("retry-after", "")
    try:
        return max(0.0, float(written))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None


def _wanted_pause(headers: httpx2.Headers) -> float | None:
    """Seconds until the allowance is filled again, where the rate-limit headers say that it is used up."""
    pauses = [
        sum(
            float(number) * _SECONDS[unit]
            for number, unit in _DURATION_PART.findall(headers.get(f"x-ratelimit-reset-{one}", ""))
        )
        for one in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{one}") == "0"
    ]
    return max(pauses, default=0.0) or None
