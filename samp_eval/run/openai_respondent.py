"""A model behind an OpenAI-compatible endpoint. Nothing but this and openai_batches imports openai."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlsplit

import httpx2
import openai

from samp_eval.errors import CannotAsk
from samp_eval.run.chat_answer import KeyRemover, Refusal, failed_status, refusal_of, reply_of
from samp_eval.run.chat_request import ChatRequest
from samp_eval.run.http_session import CannotReach, HttpSession, NoAnswerInTime
from samp_eval.run.respondent import FailedTry, Message, Reply
from samp_eval.study import RespondentSettings

__all__ = ["OpenAIRespondent", "api_key_for", "base_url_for"]


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
        self._key = KeyRemover(api_key)
        self._connections = at_a_time
        self._request = ChatRequest(settings)
        self._session: HttpSession

    @property
    def id(self) -> str:
        """The respondent's id in the study."""
        return self.settings.id

    @property
    def adaptations(self) -> Sequence[str]:
        """What the model refused to be sent, and what was sent instead."""
        return self._request.adaptations

    async def __aenter__(self) -> Self:
        address, headers = await _addressed(self.settings, self._key.key)
        self._session = HttpSession(
            address, headers, connections=self._connections, seconds=self.settings.timeout_seconds
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.__aexit__()

    async def answer(self, messages: Sequence[Message]) -> Reply | FailedTry:
        """Try once. What the server or the network did comes back as a value; only bugs raise.

        A parameter that the model refuses is left out, and the try repeated with the rest: once for each parameter.
        """
        for _ in range(len(self._request.parameters) + 1):
            sent = self._request.parameters
            found = await self._try(messages)
            if not isinstance(found, _Refused):
                return found
            if found.refusal.status == 400 and self._request.adapt(found.refusal, sent):
                continue
            return failed_status(found.refusal, found.headers, self._key)
        return FailedTry("bad_request", "the model refuses one parameter after another")

    async def _try(self, messages: Sequence[Message]) -> Reply | FailedTry | _Refused:
        request = self._request.body(messages)
        began = time.perf_counter()
        try:
            answer = await self._session.post(request.encode())
        except NoAnswerInTime:
            return FailedTry("timeout", f"the server did not answer within {self.settings.timeout_seconds:g} s")
        except CannotReach as error:
            return FailedTry("connection", self._key.anything_alike(f"the server cannot be reached: {error}"))
        latency = time.perf_counter() - began
        if answer.status >= 300:
            return _Refused(refusal_of(answer.status, answer.headers, answer.content), answer.headers)
        found = reply_of(
            self._key.exactly(answer.content.decode("utf-8", errors="replace")),
            answer.headers,
            model_asked=self.settings.model,
            request=self._key.exactly(request),
            latency_seconds=latency,
            adapted=self._request.adaptations,
        )
        return (
            replace(found, message=self._key.anything_alike(found.message)) if isinstance(found, FailedTry) else found
        )


@dataclass(frozen=True, slots=True)
class _Refused:
    """A status of 300 or more."""

    refusal: Refusal
    headers: Mapping[str, str]


async def _addressed(settings: RespondentSettings, api_key: str) -> tuple[str, dict[str, str]]:
    """Address and headers, authentication included, as openai's client makes them; nothing is sent."""
    recorder = _Recorder()
    async with openai.AsyncOpenAI(
        api_key=api_key,
        base_url=settings.base_url,
        http_client=httpx2.AsyncClient(transport=recorder, trust_env=False),
    ) as client:
        await client.post("/chat/completions", cast_to=httpx2.Response, body={"model": settings.model})
    (request,) = recorder.requests
    return str(request.url), dict(request.headers)


class _Recorder(httpx2.AsyncBaseTransport):
    """Keeps what openai's client would send."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return httpx2.Response(200, json={})
