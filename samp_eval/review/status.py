"""How far a study is: what is asked, failed, marked and open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from samp_eval.answers.reading_counts import attention_of, readings_by_respondent
from samp_eval.items.samp import Bank
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.review.exclusions import Exclusions
from samp_eval.review.marks import Mark
from samp_eval.review.to_mark import answers_to_mark, marks_of_answers
from samp_eval.run.batch.records import KeptBatch
from samp_eval.run.cost.prices import PriceTable
from samp_eval.run.plan import questions_of, rounds_due
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.study import Round

__all__ = ["BatchStatus", "FailedQuestions", "RoundStatus", "StudyStatus", "study_status"]

MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """One respondent's round: how many responses are planned, stored and failed.

    Attributes
    ----------
    prompt_tokens, completion_tokens : int
        Of the stored responses, as the servers counted them.
    cost_usd : float or None
        US dollars at list prices; None where there is no price, or the answers were recorded elsewhere.
    due : str or None
        UTC time from which the round may be asked, where it has to wait and is not complete; ``after round 1`` before
        the respondent's first response.
    """

    respondent: str
    round: int
    condition: str
    planned: int
    stored: int
    failed: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class FailedQuestions:
    """Ids of the questions that brought no response from a respondent in a round, in the bank's order."""

    respondent: str
    round: int
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch whose asks are pending; ``batch`` and ``status`` are the provider's words, None before it has it."""

    respondent: str
    batch: str | None
    status: str | None
    asks: int
    completed: int
    failed: int
    submitted_at: str | None


@dataclass(frozen=True, slots=True)
class StudyStatus:
    """A study at a glance.

    Attributes
    ----------
    rounds : tuple of RoundStatus
    lines : int
        Answer lines that count.
    distinct_answers : int
        What there is to mark.
    marked : dict
        For each reviewer, how many distinct answers are marked on each basis.
    failures : dict
        How often what was said of the responses that could not be had.
    failed_questions : tuple of FailedQuestions
        Which they are.
    batches : tuple of BatchStatus
        As they were when last looked at.
    readings : dict
        For each respondent with such responses, how many are ``refused``, ``open`` (a person must say what the answer
        is), ``no_answer`` (a failure) and ``doubtful``.
    """

    rounds: tuple[RoundStatus, ...]
    lines: int
    distinct_answers: int
    marked: dict[str, dict[str, int]]
    failures: dict[str, int]
    batches: tuple[BatchStatus, ...] = ()
    readings: dict[str, dict[str, int]] = field(default_factory=dict)
    failed_questions: tuple[FailedQuestions, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval status --json``."""
        return asdict(self)


def study_status(
    bank: Bank,
    protocol: Mapping[int, Round],
    respondents: Mapping[str, Mapping[str, Any]],
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    marks: Sequence[Mark],
    batches: Sequence[KeptBatch] = (),
    *,
    excluded: Exclusions | None = None,
    draw: QuestionDraw | None = None,
    prices: PriceTable | None = None,
    now: datetime | None = None,
) -> StudyStatus:
    """Count what is there.

    Parameters
    ----------
    respondents : mapping
        Settings by id, as the study recorded them.
    excluded : Exclusions, optional
        What is out of every figure: not planned, and not to be marked.
    draw : QuestionDraw, optional
        Which questions are to be marked.
    prices : PriceTable, optional
        Nothing is priced without it.
    now : datetime, optional
        UTC; says which rounds have to wait.
    """
    excluded, ever_asked = excluded or Exclusions(), responses
    bank, responses, failures = excluded.bank(bank), excluded.counting(responses), excluded.counting(failures)
    asks = [*(failure.ask for failure in failures), *(response.ask for response in responses)]
    conditions = {(ask.respondent, ask.round): ask.condition.label for ask in asks}
    failed = Counter((failure.ask.respondent, failure.ask.round) for failure in failures)
    by_round: dict[tuple[str, int], list[Response]] = {}
    for response in responses:
        by_round.setdefault((response.ask.respondent, response.ask.round), []).append(response)
    questions = bank.by_question()
    rounds = []
    for respondent in excluded.respondents(respondents):
        settings = respondents[respondent]
        waiting = _waiting(protocol, respondent, ever_asked, now)
        for number in sorted({*protocol, *(asked for name, asked in conditions if name == respondent)}):
            held = by_round.get((respondent, number), [])
            planned_round = protocol.get(number, Round())
            asked = questions_of(planned_round, questions, bank.pictured)
            planned = len(asked) - excluded.responses_left_out(respondent, number, asked)
            prompt, completion = _tokens(held)
            rounds.append(
                RoundStatus(
                    respondent,
                    number,
                    conditions.get((respondent, number)) or protocol[number].condition.label,
                    planned,
                    len(held),
                    failed[respondent, number],
                    prompt,
                    completion,
                    _cost(settings, prices, held),
                    waiting.get(number) if len(held) < planned else None,
                )
            )
    to_mark = answers_to_mark(bank if draw is None else draw.bank(bank), responses)
    marked: dict[str, dict[str, int]] = {}
    for mark in marks_of_answers(marks, bank, responses):
        counts = marked.setdefault(mark.reviewer.label, {"key": 0, "judgement": 0})
        if mark.field in counts and not mark.repeat:
            counts[mark.field] += 1
    reasons = Counter(f"{failure.ask.respondent}: {failure.message}" for failure in failures)
    return StudyStatus(
        tuple(rounds),
        to_mark.lines,
        len(to_mark.answers),
        marked,
        dict(reasons.most_common(MOST_REASONS)),
        tuple(map(_pending, batches)),
        attention_of(readings_by_respondent(bank, responses)),
        tuple(_failed_questions(questions, failures)),
    )


def _failed_questions(questions: Iterable[str], failures: Sequence[ResponseFailure]) -> Iterator[FailedQuestions]:
    places: dict[tuple[str, int], set[str]] = {}
    for failure in failures:
        places.setdefault((failure.ask.respondent, failure.ask.round), set()).add(failure.ask.question_id)
    for (respondent, number), failed in places.items():
        yield FailedQuestions(respondent, number, tuple(name for name in questions if name in failed))


def _pending(batch: KeptBatch) -> BatchStatus:
    submitted_at = batch.submitted_at.isoformat(timespec="seconds") if batch.submitted_at else None
    return BatchStatus(
        batch.respondent, batch.batch_id, batch.status, batch.asks, batch.completed, batch.failed, submitted_at
    )


def _tokens(responses: Sequence[Response]) -> tuple[int, int]:
    replies = [response.reply for response in responses]
    return (
        sum(reply.prompt_tokens or 0 for reply in replies),
        sum(reply.completion_tokens or 0 for reply in replies),
    )


def _cost(settings: Mapping[str, Any], prices: PriceTable | None, responses: Sequence[Response]) -> float | None:
    """US dollars; answers of batches at their own price."""
    if prices is None or settings.get("recorded") or settings.get("simulated"):
        return None
    model, cost = str(settings.get("model", "")), 0.0
    for batch in (False, True):
        price = prices.price(model, batch=batch)
        if price is None:
            return None
        asked_so = [response for response in responses if ("batch" in response.reply.provenance) is batch]
        cost += price.cost(*_tokens(asked_so))
    return cost


def _waiting(
    protocol: Mapping[int, Round], respondent: str, responses: Sequence[Response], now: datetime | None
) -> dict[int, str]:
    """When each round that has to wait is due."""
    if now is None:
        return {}
    own = [response.asked_at for response in responses if response.ask.respondent == respondent]
    times = [moment for moment in own if moment is not None]
    _, waiting = rounds_due(protocol, min(times, default=None), now)
    return {late.round: late.due.isoformat(timespec="minutes") if late.due else "after round 1" for late in waiting}
