"""What was asked: counts from the study's records, for each respondent and round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.endpoint import is_local
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.respondent import Ask, Response, ResponseFailure

__all__ = ["RespondentAsked", "RoundAsked", "respondents_asked"]


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
    questions : frozenset of str
        Of which a response was asked for, in any round.
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
    questions: frozenset[str]
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
        return sum(asked.responses for asked in self.rounds)

    @property
    def failures(self) -> int:
        """Failed requests over all rounds."""
        return sum(asked.failures for asked in self.rounds)


def respondents_asked(
    study: ScoredStudy, settings: Mapping[str, Mapping[str, Any]], prices: PriceTable | None = None
) -> tuple[RespondentAsked, ...]:
    """Tally every respondent of a study, the reference first; costs are left open without ``prices``."""
    responses: dict[str, list[Response]] = {}
    for response in study.responses:
        responses.setdefault(response.ask.respondent, []).append(response)
    failures: dict[str, list[ResponseFailure]] = {}
    for failure in study.failures:
        failures.setdefault(failure.ask.respondent, []).append(failure)
    lines = study.lines
    given = np.bincount(lines.response, minlength=len(lines.responses))
    is_short = (given < lines.requested).tolist()
    named = [response.ask.respondent for response in lines.responses]
    short = Counter(name for name, too_few in zip(named, is_short, strict=True) if too_few)
    beyond = Counter(named[place] for place, _ in lines.beyond)
    return tuple(
        _asked(name, settings[name], responses.get(name, ()), failures.get(name, ()), short[name], beyond[name], prices)
        for name in study.respondents
    )


def _asked(
    identifier: str,
    settings: Mapping[str, Any],
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    short: int,
    beyond: int,
    prices: PriceTable | None,
) -> RespondentAsked:
    sent = _total([response.reply.prompt_tokens for response in responses])
    received = _total([response.reply.completion_tokens for response in responses])
    price = prices.price(str(settings.get("model", identifier))) if prices is not None else None
    times = [response.asked_at for response in responses if response.asked_at is not None]
    models = (response.reply.model_returned for response in responses if response.reply.model_returned)
    return RespondentAsked(
        id=identifier,
        settings=settings,
        models_returned=tuple(dict.fromkeys(models)),
        rounds=_rounds(responses, failures),
        questions=frozenset(ask.question_id for ask in _asks(responses, failures)),
        first_asked=min(times, default=None),
        last_asked=max(times, default=None),
        prompt_tokens=sent,
        completion_tokens=received,
        failure_kinds=tuple(Counter(failure.kind for failure in failures).most_common()),
        short_responses=short,
        lines_beyond=beyond,
        cut_off=sum(response.reply.finish_reason == "length" for response in responses),
        asked_again=sum(response.attempts > 1 for response in responses),
        cost_usd=price.cost(sent, received) if price and sent is not None and received is not None else None,
    )


def _asks(responses: Sequence[Response], failures: Sequence[ResponseFailure]) -> list[Ask]:
    return [*(failure.ask for failure in failures), *(response.ask for response in responses)]


def _rounds(responses: Sequence[Response], failures: Sequence[ResponseFailure]) -> tuple[RoundAsked, ...]:
    asks = _asks(responses, failures)
    conditions = {ask.round: ask.condition.label for ask in asks}
    came = Counter(response.ask.round for response in responses)
    failed = Counter(failure.ask.round for failure in failures)
    days = _days_after_first(responses)
    return tuple(
        RoundAsked(number, conditions[number], came[number], failed[number], days.get(number))
        for number in sorted(conditions)
    )


def _days_after_first(responses: Sequence[Response]) -> dict[int, tuple[int, int]]:
    times = {
        (response.ask.round, response.ask.question_id): response.asked_at
        for response in responses
        if response.asked_at is not None
    }
    first = min((number for number, _ in times), default=None)
    found: dict[int, list[int]] = {}
    for (number, question), when in times.items():
        if first is not None and number != first and (first, question) in times:
            found.setdefault(number, []).append(round((when - times[first, question]) / timedelta(days=1)))
    return {number: (min(days), max(days)) for number, days in found.items()}


def _total(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
