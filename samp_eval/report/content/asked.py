"""What was asked: counts from the study's records, for each respondent and round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from samp_eval.answers.lines import answer_lines
from samp_eval.endpoint import is_local
from samp_eval.items.samp import Bank
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.respondent import Response, ResponseFailure

__all__ = ["RespondentAsked", "RoundAsked", "asked_of"]


@dataclass(frozen=True, slots=True)
class RoundAsked:
    """One respondent's round.

    Attributes
    ----------
    round : int
    condition : str
    responses, failures : int
        Number of responses, and of failed requests.
    days_after_first : (int, int) or None
        The fewest and the most days between a question's response in the first round and in this one; None where no
        question has the times of both.
    """

    round: int
    condition: str
    responses: int
    failures: int
    days_after_first: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class RespondentAsked:
    """One respondent and what it was asked.

    Attributes
    ----------
    id : str
    settings : mapping
        As recorded at the first request.
    models_returned : tuple of str
        The names of the model that the server returned.
    rounds : tuple of RoundAsked
    first_asked, last_asked : datetime or None
        UTC; None if no response has its time.
    prompt_tokens, completion_tokens : int or None
        None if the server counted none.
    failure_kinds : tuple of (kind, count)
    short_responses : int
        Responses with fewer lines than requested; they are still scored over N.
    lines_beyond : int
        Lines beyond the first N; shown, never marked or scored.
    cut_off : int
        Responses that reached the token limit.
    asked_again : int
        Responses that needed more than one attempt, for instance after an empty answer.
    cost_usd : float or None
        At list prices; None if the model has no price or no tokens were counted.
    """

    id: str
    settings: Mapping[str, Any]
    models_returned: tuple[str, ...]
    rounds: tuple[RoundAsked, ...]
    first_asked: datetime | None
    last_asked: datetime | None
    prompt_tokens: int | None
    completion_tokens: int | None
    failure_kinds: tuple[tuple[str, int], ...]
    short_responses: int
    lines_beyond: int
    cut_off: int
    asked_again: int
    cost_usd: float | None

    @property
    def model(self) -> str:
        """The name of the requested model; the respondent's id if none is recorded."""
        return str(self.settings.get("model", self.id))

    @property
    def simulated(self) -> bool:
        """Whether a program simulated the answers."""
        return bool(self.settings.get("simulated", False))

    @property
    def recorded(self) -> bool:
        """Whether the answers were recorded elsewhere and imported."""
        return bool(self.settings.get("recorded", False))

    @property
    def route(self) -> str:
        """How the model was accessed."""
        if self.simulated:
            return "simulated by a program"
        if self.recorded:
            return "answers recorded elsewhere"
        if is_local(self.model):
            return "local server on loopback"
        if "base_url" in self.settings:
            return f"programming interface at {self.settings['base_url']}"
        return "its provider\N{RIGHT SINGLE QUOTATION MARK}s programming interface"

    @property
    def responses(self) -> int:
        """Responses over all rounds."""
        return sum(one.responses for one in self.rounds)

    @property
    def failures(self) -> int:
        """Failed requests over all rounds."""
        return sum(one.failures for one in self.rounds)


def asked_of(
    identifier: str,
    settings: Mapping[str, Any],
    bank: Bank,
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    prices: PriceTable | None = None,
) -> RespondentAsked:
    """Count for one respondent; ``responses`` and ``failures`` are only its own."""
    requested = {question.id: question.requested for _, question in bank.asked()}
    lengths = [
        (len(answer_lines(one.reply.text, requested[one.ask.question_id])), requested[one.ask.question_id])
        for one in responses
        if one.ask.question_id in requested
    ]
    sent = _total([one.reply.prompt_tokens for one in responses])
    received = _total([one.reply.completion_tokens for one in responses])
    price = prices.price(str(settings.get("model", identifier))) if prices is not None else None
    times = [one.asked_at for one in responses if one.asked_at is not None]
    return RespondentAsked(
        id=identifier,
        settings=settings,
        models_returned=tuple(dict.fromkeys(one.reply.model_returned for one in responses if one.reply.model_returned)),
        rounds=_rounds(responses, failures),
        first_asked=min(times, default=None),
        last_asked=max(times, default=None),
        prompt_tokens=sent,
        completion_tokens=received,
        failure_kinds=tuple(Counter(one.kind for one in failures).most_common()),
        short_responses=sum(given < wanted for given, wanted in lengths),
        lines_beyond=sum(max(0, given - wanted) for given, wanted in lengths),
        cut_off=sum(one.reply.finish_reason == "length" for one in responses),
        asked_again=sum(one.attempts > 1 for one in responses),
        cost_usd=price.cost(sent, received) if price and sent is not None and received is not None else None,
    )


def _rounds(responses: Sequence[Response], failures: Sequence[ResponseFailure]) -> tuple[RoundAsked, ...]:
    asks = [*(one.ask for one in failures), *(one.ask for one in responses)]
    conditions = {ask.round: ask.condition.label for ask in asks}
    came = Counter(one.ask.round for one in responses)
    failed = Counter(one.ask.round for one in failures)
    days = _days_after_first(responses)
    return tuple(
        RoundAsked(number, conditions[number], came[number], failed[number], days.get(number))
        for number in sorted(conditions)
    )


def _days_after_first(responses: Sequence[Response]) -> dict[int, tuple[int, int]]:
    times = {(one.ask.round, one.ask.question_id): one.asked_at for one in responses if one.asked_at is not None}
    first = min((number for number, _ in times), default=None)
    found: dict[int, list[int]] = {}
    for (number, question), when in times.items():
        if first is not None and number != first and (first, question) in times:
            found.setdefault(number, []).append(round((when - times[first, question]) / timedelta(days=1)))
    return {number: (min(days), max(days)) for number, days in found.items()}


def _total(counts: Sequence[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if known else None
