"""What a respondent is, and what comes back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from samp_eval.literals import DecidedOutcome
from samp_eval.study import Condition

__all__ = [
    "NEVER_ASKED",
    "RETRYABLE",
    "STOPS_THE_RUN",
    "Ask",
    "FailedAttempt",
    "FailureKind",
    "Message",
    "ReadingDecision",
    "Reply",
    "Respondent",
    "Response",
    "ResponseFailure",
]

FailureKind = Literal[
    "rate_limit",
    "server_error",
    "timeout",
    "connection",
    "empty_answer",
    "broken_answer",
    "bad_request",
    "picture_refused",
    "content_filter",
    "authentication",
    "unknown_model",
]
"""Why an attempt brought no answer. picture_refused: the model cannot see, or does not take a picture of this kind."""

RETRYABLE: frozenset[FailureKind] = frozenset(
    {"rate_limit", "server_error", "timeout", "connection", "empty_answer", "broken_answer"}
)
STOPS_THE_RUN: frozenset[FailureKind] = frozenset({"authentication", "unknown_model"})
"""Failures that every further ask of the same respondent would meet again."""
NEVER_ASKED: frozenset[FailureKind] = STOPS_THE_RUN | {"connection"}
"""Failures that say nothing of a respondent: a mistyped name, a wrong key, a server that is down."""

Message = Mapping[str, str]
"""One chat message: ``{"role": ..., "content": ...}``, with ``pictures`` where there are any: ``run/pictures.py``."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one respondent in one round.

    Attributes
    ----------
    sampling_seed : int or None
        What the server is to seed this answer with; None for the respondent's seed as it is, or none.
    option_order : tuple of int or None
        Places of the question's options in the bank, in the order in which they are sent; None for that of the bank.
    answer_schema : mapping or None
        JSON schema that the answer is to keep to; None for free text.
    """

    question_id: str
    respondent: str
    round: int
    condition: Condition
    sampling_seed: int | None = field(default=None, compare=False)
    option_order: tuple[int, ...] | None = field(default=None, compare=False)
    answer_schema: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def __reduce__(self) -> tuple[type[Ask], tuple[object, ...]]:
        """As :meth:`Response.__reduce__`."""
        how = (self.condition, self.sampling_seed, self.option_order, self.answer_schema)
        return Ask, (self.question_id, self.respondent, self.round, *how)


@dataclass(frozen=True, slots=True)
class Reply:
    """What one successful attempt returned.

    Attributes
    ----------
    text : str
        The answer as received.
    model_returned : str
        The model's name in the server's own words.
    prompt_tokens, completion_tokens : int or None
        As the server counted them.
    finish_reason : str or None
        ``stop``, or ``length`` where the answer was cut off.
    latency_seconds : float
        From sending the request to having the whole answer.
    provenance : mapping
        Request id, system fingerprint and the like; never a key.
    request, received : str
        Bodies as sent and as received, without keys; empty where they were not kept.
    pause : float or None
        Seconds for which the server wants no further request, from its rate-limit headers.
    """

    text: str
    model_returned: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: str | None = None
    latency_seconds: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    request: str = field(default="", repr=False)
    received: str = field(default="", repr=False)
    pause: float | None = None

    def __reduce__(self) -> tuple[type[Reply], tuple[object, ...]]:
        """As :meth:`Response.__reduce__`."""
        counted = (self.prompt_tokens, self.completion_tokens, self.finish_reason, self.latency_seconds)
        bodies = (self.provenance, self.request, self.received, self.pause)
        return Reply, (self.text, self.model_returned, *counted, *bodies)


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One attempt that brought no answer; ``retry_after`` (seconds) is what the server asks for, ``at`` is UTC."""

    kind: FailureKind
    message: str
    retry_after: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadingDecision:
    """What a person says the answers in a text are.

    Attributes
    ----------
    row_id : str
        Of the text as an answer to its question; the same for all respondents who wrote it.
    question_id : str
    outcome : DecidedOutcome
    answers : tuple of str
        In order: words of the text, or of the options that are meant. Empty unless there is an answer.
    decided_by : str
    decided_at : datetime
        UTC.
    source : str
        The file that it came in.
    """

    row_id: str
    question_id: str
    outcome: DecidedOutcome
    answers: tuple[str, ...]
    decided_by: str
    decided_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Response:
    """Everything a respondent returned for one question in one round; run and import make the same thing."""

    ask: Ask
    reply: Reply
    asked_at: datetime | None
    """UTC; None where a recorded answer came without its time."""
    attempts: int = 1
    failed_attempts: tuple[FailedAttempt, ...] = ()
    """What went wrong before the answer came, in order."""
    reading_rules: int | None = None
    """Version of the rules by which its study reads answers; None for those of this samp-eval."""
    decision: ReadingDecision | None = None
    """What a person said its answers are; it holds, whatever the rules say."""

    def __reduce__(self) -> tuple[type[Response], tuple[object, ...]]:
        """Responses go to other processes by the thousand; as a frozen dataclass does it, that takes twice as long."""
        tried = (self.attempts, self.failed_attempts, self.reading_rules, self.decision)
        return Response, (self.ask, self.reply, self.asked_at, *tried)


@dataclass(frozen=True, slots=True)
class ResponseFailure:
    """A response that could not be had. It is no zero and no empty answer."""

    ask: Ask
    kind: FailureKind
    message: str
    failed_at: datetime
    """UTC."""
    attempts: int
    failed_attempts: tuple[FailedAttempt, ...] = ()
    """Every attempt, in order."""


class Respondent(Protocol):
    """Whoever answers: a model under settings."""

    @property
    def id(self) -> str:
        """The name under which the study keeps its answers."""

    @property
    def adaptations(self) -> Sequence[str]:
        """What the model made us send otherwise than its settings say, a sentence each."""

    async def answer(
        self,
        messages: Sequence[Message],
        sampling_seed: int | None = None,
        answer_schema: Mapping[str, Any] | None = None,
    ) -> Reply | FailedAttempt:
        """Ask once; never raises for what the server or the network did."""
