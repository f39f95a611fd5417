"""What the marking page shows to a reviewer, and what becomes of each mark that it sends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import SheetUnit
from samp_eval.review.adjudication import adjudication_rows, disputes
from samp_eval.review.blinding import blinded_order, rows_for
from samp_eval.review.mark_values import read_mark
from samp_eval.review.marks import Mark, SentMark, StandingMark
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.to_mark import answers_to_mark
from samp_eval.run.prompt import case_text

__all__ = ["MarkingService", "RefusedMark"]

PAGE = "marking page"
"""The source of marks that were given on the page."""

SECONDS_GATHERED = 2.0
"""How long the answers of a study are taken to be the same: 50 pages opened at once gather them once."""

_NOTHING: Mapping[str, Any] = {}
"""One for all: five for each of 3,400 rows keep Python's garbage collection busy for longer than all else takes."""


class _MarkOfThePage(BaseModel):
    """A mark as the page sends it; an empty value takes the earlier one back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{16,40}$")
    row: str = Field(max_length=32)
    field: Literal["key", "judgement", "harm", "comment", "misread", "later"]
    value: str = Field(max_length=2000)
    seen: str = Field(max_length=40)


@dataclass(frozen=True, slots=True)
class RefusedMark:
    """What the page sent is no mark of this reviewer."""

    reason: str


@dataclass(slots=True)
class MarkingService:
    """What is served to reviewers, and where their marks go.

    Attributes
    ----------
    store : ReviewStore
    bank : Bank
    seed : int
        The study's seed, for the order of rows.
    unit : SheetUnit
    reviewers : tuple of str
        The study's reviewers, whose disagreements an adjudicator sees.
    """

    store: ReviewStore
    bank: Bank
    seed: int
    unit: SheetUnit = "answer"
    reviewers: tuple[str, ...] = ()
    _letters: dict[str, frozenset[str]] = field(init=False)
    _questions: dict[str, str] = field(init=False)
    _rows: dict[Reviewer, dict[str, SheetRow]] = field(init=False, default_factory=dict)
    _gathering: threading.Lock = field(init=False, default_factory=threading.Lock)
    _gathered: tuple[float, tuple[DistinctAnswer, ...]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        asked = list(self.bank.asked())
        self._letters = {question.id: frozenset(question.lettered_key()) for _, question in asked}
        self._questions = {
            question.id: f"{_json(question.id)}:{_json(_question(case, question))}" for case, question in asked
        }

    def prepare(self, reviewers: Iterable[Reviewer], now: datetime) -> None:
        """Make the rows of reviewers beforehand: fifty pages that are opened at once would wait for each other's."""
        for reviewer in reviewers:
            if reviewer.role != "adjudicator":
                self._review(reviewer, now)

    def work(self, reviewer: Reviewer, now: datetime) -> bytes:
        """Everything that one reviewer's page shows, as JSON: questions, rows in blinded order, and the marks so far.

        The questions are most of it and always the same, so their JSON is made once.
        """
        both: dict[str, Mapping[str, Sequence[str]]] = {}
        settling = reviewer.role == "adjudicator"
        rows = self._adjudication(reviewer, both, now) if settling else self._review(reviewer, now)
        self._rows[reviewer] = {row.row_id: row for row in rows}
        standing: dict[tuple[str, bool], list[StandingMark]] = {}
        for mark in self.store.standing_marks(reviewer):
            standing.setdefault((mark.answer_id, mark.repeat), []).append(mark)
        questions = ",".join(self._questions[name] for name in dict.fromkeys(row.question_id for row in rows))
        shown = [
            _row(row, standing.get((row.answer_id, row.repeat), ()), both.get(row.answer_id, _NOTHING)) for row in rows
        ]
        adjudication = _json(settling)
        return f'{{"adjudication":{adjudication},"questions":{{{questions}}},"rows":{_json(shown)}}}'.encode()

    def read(self, reviewer: Reviewer, sent: Sequence[Any], now: datetime) -> list[SentMark | RefusedMark]:
        """Each mark that a reviewer's page sent, or why it is none."""
        return [self._read(reviewer, mark, now) for mark in sent]

    def _read(self, reviewer: Reviewer, sent: Any, now: datetime) -> SentMark | RefusedMark:
        try:
            found = _MarkOfThePage.model_validate(sent)
        except ValidationError:
            return RefusedMark("this is no mark")
        if found.row not in self._rows.get(reviewer, {}):
            self._rows[reviewer] = self.store.sheet_rows(reviewer)
        row = self._rows[reviewer].get(found.row)
        if row is None or row.question_id not in self._questions:
            return RefusedMark("this answer is not on your list")
        value = read_mark(found.field, found.value, self._letters[row.question_id]) if found.value else ""
        if value is None:
            return RefusedMark(f"{found.value[:20]!r} is not a mark for {found.field}")
        mark = Mark(reviewer, row.question_id, row.answer_id, found.field, value, now, PAGE, row.repeat)
        return SentMark(mark, found.id, found.seen)

    def _review(self, reviewer: Reviewer, now: datetime) -> list[SheetRow]:
        held = self.store.sheet_rows(reviewer)
        rows = rows_for(reviewer, self._answers(), self.unit, held, now)
        if any(row.row_id not in held for row in rows):
            rows = self.store.keep_sheet_rows(rows)
        repeats = [row for row in held.values() if row.repeat and row.question_id in self._questions]
        return blinded_order([*rows, *repeats], self.bank, reviewer, self.seed)

    def _answers(self) -> tuple[DistinctAnswer, ...]:
        with self._gathering:
            if self._gathered is None or time.monotonic() > self._gathered[0] + SECONDS_GATHERED:
                answers = answers_to_mark(self.bank, self.store.responses(), self.unit).answers
                self._gathered = time.monotonic(), answers
            return self._gathered[1]

    def _adjudication(
        self, adjudicator: Reviewer, both: dict[str, Mapping[str, Sequence[str]]], now: datetime
    ) -> list[SheetRow]:
        held = self.store.sheet_rows()
        marks = [mark for mark in self.store.marks() if mark.reviewer != adjudicator]
        found = disputes(self.bank, self.store.responses(), held.values(), marks, self.reviewers)
        both |= {dispute.answer_id: dispute.values for dispute in found}
        rows = adjudication_rows(found, self.bank, adjudicator.name, held, self.seed, now)
        return self.store.keep_sheet_rows(rows)


def _row(row: SheetRow, standing: Sequence[StandingMark], both: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        "row": row.row_id,
        "question": row.question_id,
        "answer": row.text,
        "marks": {mark.field: mark.value for mark in standing if mark.value} if standing else _NOTHING,
        "versions": {mark.field: mark.version for mark in standing} if standing else _NOTHING,
        "against": {mark.field: mark.against for mark in standing if mark.against is not None}
        if standing
        else _NOTHING,
        "both": both,
    }


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _question(case: SampCase, question: Question) -> dict[str, Any]:
    return {
        "case": case_text(case, question).split("\n"),
        "topic": case.topic,
        "question": question.question,
        "instruction": question.instruction,
        "options": list(question.options),
        "key": [
            {"letter": letter, "wordings": list(entry.wordings)} for letter, entry in question.lettered_key().items()
        ],
        "refused": [{"wordings": list(one.wordings), "reason": one.reason} for one in question.not_accepted],
        "rationale": question.rationale or "",
        "source": str(question.source or ""),
    }
