"""What models said when they marked: each reply with the mark that it is, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.markers.model.asks import JudgeAsk, canary_of, linked_ask
from samp_eval.review.markers.model.canaries import CanaryResult, canary_questions, canary_result
from samp_eval.review.markers.model.request import entry_order
from samp_eval.review.markers.model.verdict import NoVerdict, Verdict, read_verdict
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.study import CanaryLimits

__all__ = [
    "JudgeOutcomes",
    "JudgedAsk",
    "MarkingStore",
    "canaries_judged",
    "judged_asks",
    "marks_of_judged",
    "shown_order",
    "with_second_tries",
]

LONGEST_EVIDENCE = 300
"""Characters of a model's evidence beside its mark; the whole is in its reply."""

SETTLED_FAILURES = frozenset({"content_filter", "picture_refused"})
"""Failures that would come again, so that nothing waits for them: a filter takes an instruction for an attack."""


class JudgeOutcomes(Protocol):
    """What models said when they marked, as a study keeps what its respondents said."""

    def stored(self, respondent: str) -> set[tuple[str, int]]:
        """(ask id, repeat from 1) with a reply."""

    def failed(self, respondent: str) -> set[tuple[str, int]]:
        """(ask id, repeat from 1) that failed."""

    def pending(self, respondent: str) -> set[tuple[str, int]]:
        """(ask id, repeat from 1) that a batch is asking."""

    def each_response(self) -> Iterator[Response]:
        """Every reply, without the bodies sent and received."""

    def failures(self) -> list[ResponseFailure]:
        """Every ask that brought nothing so far."""


class MarkingStore(Protocol):
    """What a model's marking needs of a study's memory."""

    def of_judges(self) -> JudgeOutcomes:
        """The same study with the models that mark in the place of its respondents."""

    def judge_asks(self, judge: str | None = None) -> Mapping[str, JudgeAsk]:
        """What a model, or all of them, were asked, by ask id."""

    def key_history(self) -> KeyHistory:
        """Every bank that the study has had."""


@dataclass(frozen=True, slots=True)
class JudgedAsk:
    """What came of one repeat of an ask.

    Attributes
    ----------
    ask : JudgeAsk
    repeat : int
        From 0, as the mark has it.
    order : tuple of int
        Places of the key's entries as they were shown.
    outcome : Verdict, NoVerdict or ResponseFailure
        A mark; a reply that is none; or no reply.
    response : Response or None
        The reply with its model, tokens and time.
    """

    ask: JudgeAsk
    repeat: int
    order: tuple[int, ...]
    outcome: Verdict | NoVerdict | ResponseFailure
    response: Response | None = None

    @property
    def reason(self) -> str | None:
        """Why there is no mark; None where there is one."""
        if isinstance(self.outcome, Verdict):
            return None
        return self.outcome.reason if isinstance(self.outcome, NoVerdict) else self.outcome.kind


def judged_asks(store: MarkingStore, judge: str | None = None) -> list[JudgedAsk]:
    """Everything that a model, or every model, was asked and that has an outcome.

    Parameters
    ----------
    judge : str, optional
        Its label, ``model:NAME``.
    """
    asks, keys, outcomes = store.judge_asks(judge), store.key_history(), store.of_judges()
    anchored = {linked_ask(ask, "anchor").ask_id: ask for ask in asks.values() if ask.purpose == "mark"}
    found = []

    def order_of(ask: JudgeAsk, number: int) -> tuple[int, ...]:
        return shown_order(ask, anchored.get(ask.ask_id, ask), number, _entries(ask, keys))

    for response in outcomes.each_response():
        ask = asks.get(response.ask.question_id)
        if ask is not None:
            order = order_of(ask, response.ask.round)
            outcome = read_verdict(response.reply, ask.basis, order, ask.text)
            found.append(JudgedAsk(ask, response.ask.round - 1, order, outcome, response))
    for failure in outcomes.failures():
        ask = asks.get(failure.ask.question_id)
        if ask is not None:
            order = order_of(ask, failure.ask.round)
            found.append(JudgedAsk(ask, failure.ask.round - 1, order, failure))
    return found


def shown_order(ask: JudgeAsk, first: JudgeAsk, number: int, entries: int) -> tuple[int, ...]:
    """Places of the key's entries as a request shows them.

    Parameters
    ----------
    ask : JudgeAsk
    first : JudgeAsk
        What an anchor asks again: the same request as at its first repeat.
    number : int
        Of the repeat, from 1.
    entries : int
        Of the key.
    """
    return (
        entry_order(first.ask_id, 1, entries) if ask.purpose == "anchor" else entry_order(ask.ask_id, number, entries)
    )


def with_second_tries(judged: Sequence[JudgedAsk]) -> list[JudgedAsk]:
    """The same with each second try in the place of the reply without a verdict after which it was made."""
    tried = {(found.ask.ask_id, found.repeat): found for found in judged if found.ask.purpose == "second_try"}
    kept = []
    for found in judged:
        again = None
        if found.ask.purpose == "mark" and isinstance(found.outcome, NoVerdict):
            again = tried.get((linked_ask(found.ask, "second_try").ask_id, found.repeat))
        if found.ask.purpose != "second_try":
            kept.append(found if again is None else _as_mark(again, found.ask))
    return kept


def _as_mark(again: JudgedAsk, first: JudgeAsk) -> JudgedAsk:
    """A second try as the mark that it is; its prompt stays its own."""
    return replace(again, ask=replace(first, prompt=again.ask.prompt, prompt_sha256=again.ask.prompt_sha256))


def marks_of_judged(judged: Iterable[JudgedAsk], now: datetime) -> list[Mark]:
    """The marks of replies that give one; canaries are no answers of the study, and an anchor has its mark."""
    marks = []
    for asked in judged:
        if isinstance(asked.outcome, Verdict) and asked.response is not None and asked.ask.purpose == "mark":
            ask = asked.ask
            source = f"{ask.prompt} ({ask.prompt_sha256[:8]}), {asked.response.reply.model_returned}"
            marks.append(
                Mark(
                    Reviewer.from_label(ask.judge),
                    ask.question_id,
                    ask.answer_id,
                    ask.basis,
                    asked.outcome.value,
                    asked.response.asked_at or now,
                    f"{source}: {asked.outcome.evidence[:LONGEST_EVIDENCE]}",
                    asked.repeat,
                    ask.key_version,
                )
            )
    return marks


def canaries_judged(
    probes: Sequence[JudgeAsk], judged: Iterable[JudgedAsk], limits: CanaryLimits
) -> CanaryResult | None:
    """How a model fared with its canaries; None while one has no outcome, or failed and may be asked again."""
    outcome = {asked.ask.ask_id: asked.outcome for asked in judged if asked.ask.is_canary}
    credited = {}
    for ask in probes:
        found = outcome.get(ask.ask_id)
        if found is None or (isinstance(found, ResponseFailure) and found.kind not in SETTLED_FAILURES):
            return None
        canary = canary_of(ask)
        if canary is not None and isinstance(found, Verdict):
            credited[canary] = found.value != "0"
    return canary_result(credited, limits)


def _entries(ask: JudgeAsk, keys: KeyHistory) -> int:
    if ask.is_canary:
        return len(canary_questions()[ask.question_id][1].key)
    return len(keys.letters(ask.question_id, ask.key_version))
