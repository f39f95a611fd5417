"""A model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from samp_eval.input_files.picture import PlainPicture
from samp_eval.run.pictures import picture_sizes, with_contents
from samp_eval.run.providers.chat_reply import reply_of, token_limit
from samp_eval.run.providers.chat_request import ChatRequest
from samp_eval.run.providers.credentials import secrets_of
from samp_eval.run.providers.http_session import CannotReach, HttpSession, NoAnswerInTime, UnreadableAnswer
from samp_eval.run.providers.openai_client import request_head
from samp_eval.run.providers.refusal import Refusal, failed_attempt, failed_with_pictures, refusal_of
from samp_eval.run.respondent import FailedAttempt, Message, Reply
from samp_eval.run.secret_remover import SecretRemover
from samp_eval.study import RespondentSettings

__all__ = ["OpenAIRespondent"]


class OpenAIRespondent:
    """Asks one model under fixed settings. Use as an async context manager.

    Parameters
    ----------
    settings : RespondentSettings
    api_key : str
        Sent to the endpoint, never kept.
    connections : int
        How many are kept open: as many as requests are ever in flight together.
    accepted : mapping, optional
        The body of an earlier request that the model answered: what it left out then is not tried again.
    pictures : mapping, optional
        What the references in requests stand for, by hash.
    by_schema : bool
        Whether answers are to keep to a JSON schema.
    """

    def __init__(
        self,
        settings: RespondentSettings,
        api_key: str,
        *,
        connections: int = 64,
        accepted: Mapping[str, Any] | None = None,
        pictures: Mapping[str, PlainPicture] | None = None,
        by_schema: bool = False,
    ) -> None:
        self.settings = settings
        self._api_key = api_key
        self._secrets = SecretRemover(secrets_of(settings, api_key))
        self._connections = connections
        self._pictures = pictures or {}
        self._request = ChatRequest(settings, accepted, by_schema=by_schema)
        self._parameters_accepted = accepted is not None or not self._request.parameters
        self._first_request = asyncio.Lock()
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
        address, headers = await request_head(self.settings, self._api_key)
        seconds = self.settings.timeout_seconds
        self._session = HttpSession(address, headers, connections=self._connections, seconds=seconds)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.__aexit__()

    async def answer(
        self,
        messages: Sequence[Message],
        sampling_seed: int | None = None,
        answer_schema: Mapping[str, Any] | None = None,
    ) -> Reply | FailedAttempt:
        """Ask once. What the server or the network did comes back as a value; only bugs raise.

        A parameter that the model refuses is left out, and the request repeated with the rest: once for each.
        The first request goes alone where it has parameters, so that only one is refused.
        """
        if not self._parameters_accepted:
            async with self._first_request:
                if not self._parameters_accepted:
                    try:
                        return await self._adapted(messages, sampling_seed, answer_schema)
                    finally:
                        self._parameters_accepted = True
        return await self._adapted(messages, sampling_seed, answer_schema)

    async def _adapted(
        self, messages: Sequence[Message], sampling_seed: int | None, answer_schema: Mapping[str, Any] | None
    ) -> Reply | FailedAttempt:
        while True:
            sent = self._request.parameters
            found = await self._send(self._request.body(messages, sampling_seed, answer_schema))
            if not isinstance(found, _Refused):
                return found
            if not self._request.adapt(found.refusal, sent):
                failed = failed_attempt(found.refusal, found.headers, self._secrets)
                pictured = any(map(picture_sizes, messages))
                return failed_with_pictures(found.refusal, failed) if pictured else failed

    async def _send(self, request: str) -> Reply | FailedAttempt | _Refused:
        began = time.perf_counter()
        try:
            answer = await self._session.post(with_contents(request, self._pictures).encode())
        except NoAnswerInTime:
            return FailedAttempt("timeout", f"the server did not answer within {self.settings.timeout_seconds:g} s")
        except CannotReach as error:
            return FailedAttempt("connection", self._secrets.anything_alike(f"the server cannot be reached: {error}"))
        except UnreadableAnswer as error:
            return FailedAttempt("broken_answer", str(error))
        latency = time.perf_counter() - began
        if answer.status >= 300:
            return _Refused(refusal_of(answer.status, answer.headers, answer.content), answer.headers)
        found = reply_of(
            answer.content,
            answer.headers,
            self._secrets,
            model_asked=self.settings.model,
            request=request,
            latency_seconds=latency,
            max_tokens=token_limit(self._request.parameters),
            adapted=self._request.adaptations,
        )
        return _Refused(found, answer.headers) if isinstance(found, Refusal) else found


@dataclass(frozen=True, slots=True)
class _Refused:
    """A status of 300 or more, or an error object with a status of 200."""

    refusal: Refusal
    headers: Mapping[str, str]
