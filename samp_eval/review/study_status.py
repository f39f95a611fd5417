"""How far a study is: what is asked, failed, marked and open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from samp_eval.items.samp import Bank
from samp_eval.review.distinct import DistinctAnswer, distinct_answers
from samp_eval.review.marks import Mark
from samp_eval.review.sheet_rows import is_repeat
from samp_eval.run.batch_records import KeptBatch
from samp_eval.run.lines import answer_lines
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.study import Round

__all__ = ["BatchStatus", "RoundStatus", "StudyStatus", "counted_lines", "study_answers", "study_status"]


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """One respondent's round: how many responses are planned, stored and failed."""

    respondent: str
    round: int
    condition: str
    planned: int
    stored: int
    failed: int


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
    batches : tuple of BatchStatus
        As they were when last looked at.
    """

    rounds: tuple[RoundStatus, ...]
    lines: int
    distinct_answers: int
    marked: dict[str, dict[str, int]]
    batches: tuple[BatchStatus, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval status --json``."""
        return asdict(self)


def counted_lines(bank: Bank, responses: Sequence[Response]) -> Iterator[tuple[str, str]]:
    """(question_id, text) of every answer line that counts."""
    by_question = bank.by_question()
    for response in responses:
        found = by_question.get(response.ask.question_id)
        if found is not None:
            for line in answer_lines(response.reply.text, found[1].requested):
                if line.counted:
                    yield response.ask.question_id, line.text


def study_answers(bank: Bank, responses: Sequence[Response]) -> list[DistinctAnswer]:
    """The distinct answers of a study: what a reviewer marks."""
    return distinct_answers(counted_lines(bank, responses))


def study_status(
    bank: Bank,
    protocol: Mapping[int, Round],
    respondents: Sequence[str],
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    marks: Sequence[Mark],
    batches: Sequence[KeptBatch] = (),
) -> StudyStatus:
    """Count what is there."""
    stored = Counter((one.ask.respondent, one.ask.round) for one in responses)
    failed = Counter((one.ask.respondent, one.ask.round) for one in failures)
    asks = [*(one.ask for one in failures), *(one.ask for one in responses)]
    conditions = {(ask.respondent, ask.round): ask.condition.label for ask in asks}
    planned = len(bank.by_question())
    rounds = tuple(
        RoundStatus(
            respondent,
            number,
            conditions.get((respondent, number)) or protocol[number].condition.label,
            planned,
            stored[respondent, number],
            failed[respondent, number],
        )
        for respondent in respondents
        for number in sorted({*protocol, *(one for name, one in conditions if name == respondent)})
    )
    lines = list(counted_lines(bank, responses))
    marked: dict[str, dict[str, int]] = {}
    for mark in marks:
        counts = marked.setdefault(mark.reviewer, {"key": 0, "judgement": 0})
        if mark.field in counts and not is_repeat(mark.answer_id):
            counts[mark.field] += 1
    pending = tuple(
        BatchStatus(
            one.respondent,
            one.batch_id,
            one.status,
            one.asks,
            one.completed,
            one.failed,
            one.submitted_at.isoformat(timespec="seconds") if one.submitted_at else None,
        )
        for one in batches
    )
    return StudyStatus(rounds, len(lines), len(distinct_answers(lines)), marked, pending)
