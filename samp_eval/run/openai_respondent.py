"""A model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

import aiohttp
import httpx2
import openai

from samp_eval.run.openai_client import client_for, secrets_of
from samp_eval.run.parameters import SentParameters
from samp_eval.run.respondent import FailedTry, FailureKind, Message, Reply
from samp_eval.run.secret_remover import SecretRemover
from samp_eval.study import RespondentSettings

__all__ = ["OpenAIRespondent"]

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


class OpenAIRespondent:
    """Asks one model under fixed settings. Use as an async context manager.

    Parameters
    ----------
    settings : RespondentSettings
    api_key : str
        Sent to the endpoint, never kept.
    at_a_time : int
        How many requests are ever under way together; as many connections are kept open.
    accepted : mapping, optional
        The body of an earlier request that the model answered: what it left out then is not tried again.
    """

    def __init__(
        self,
        settings: RespondentSettings,
        api_key: str,
        *,
        at_a_time: int = 64,
        accepted: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = settings
        self._secrets = SecretRemover(secrets_of(settings, api_key))
        self._shown = self._secrets.anything_alike
        self._timeout = settings.timeout_seconds
        limits = httpx2.Limits(max_connections=at_a_time + 8, max_keepalive_connections=at_a_time + 8)
        http_client = openai.DefaultAioHttpClient(limits=limits, timeout=self._timeout)
        self._client = client_for(settings, api_key, timeout=self._timeout, http_client=http_client)
        self._parameters = SentParameters(settings, accepted)
        self._parameters_tried = accepted is not None or not self._parameters.sent
        self._first_try = asyncio.Lock()

    @property
    def id(self) -> str:
        """The respondent's id in the study."""
        return self.settings.id

    @property
    def adaptations(self) -> Sequence[str]:
        """What the model refused to be sent, and what was sent instead."""
        return self._parameters.adaptations

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def answer(self, messages: Sequence[Message]) -> Reply | FailedTry:
        """Try once. What the server or the network did comes back as a value; only bugs raise.

        A parameter that the model refuses is left out, and the try repeated with the rest: once for each parameter.
        The first request goes alone where it has parameters, so that only one is refused.
        """
        if not self._parameters_tried:
            async with self._first_try:
                if not self._parameters_tried:
                    try:
                        return await self._adapted(messages)
                    finally:
                        self._parameters_tried = True
        return await self._adapted(messages)

    async def _adapted(self, messages: Sequence[Message]) -> Reply | FailedTry:
        for _ in range(len(self._parameters.wanted) + 1):
            sent = self._parameters.sent
            try:
                return await self._try(messages, sent)
            except openai.APIStatusError as error:
                if error.status_code == 400 and (self._parameters.sent is not sent or self._adapt(error)):
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
            received = self._secrets.exactly(raw.text)
            content = json.loads(received)
        except openai.APIStatusError:
            raise
        except (TimeoutError, openai.APITimeoutError) as error:
            lost = _lost_connection(error)
            if lost is None:
                return FailedTry("timeout", f"the server did not answer within {self._timeout:g} s")
            return FailedTry("connection", self._shown(f"the server cannot be reached: {lost}"))
        except (openai.APIConnectionError, aiohttp.ClientError, OSError) as error:
            return FailedTry("connection", self._shown(f"the server cannot be reached: {error.__cause__ or error}"))
        except (openai.APIError, ValueError) as error:
            return FailedTry("broken_answer", self._shown(f"the server's answer cannot be read: {error}"))
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
            "request_id": self._secrets.exactly(raw.headers.get("x-request-id", "")),
            "system_fingerprint": content.get("system_fingerprint"),
            "response_id": content.get("id"),
            "refused": bool(message.get("refusal")),
            "adapted": self.adaptations,
        }
        return Reply(
            text=text,
            model_returned=model,
            prompt_tokens=_count(usage, "prompt_tokens"),
            completion_tokens=_count(usage, "completion_tokens"),
            finish_reason=str(finish_reason) if finish_reason else None,
            latency_seconds=round(latency, 4),
            provenance={name: value for name, value in provenance.items() if value},
            request=self._secrets.exactly(raw.request.content.decode()),
            received=received,
            pause=_wanted_pause(raw.headers),
        )

    def _adapt(self, error: openai.APIStatusError) -> bool:
        """Leave out or rename what the model's own error names; False where it names nothing that was sent."""
        body = error.body if isinstance(error.body, dict) else {}
        said = str(body.get("message") or error.message)
        return self._parameters.adapt(said, str(body.get("code") or ""), str(body.get("param") or ""))

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
        return FailedTry(kind, self._shown(f"HTTP {status}: {said}")[:500], _retry_after(error.response.headers))


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
