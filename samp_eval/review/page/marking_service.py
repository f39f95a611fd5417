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
from samp_eval.items.samp import Question, SampCase
from samp_eval.literals import SheetUnit
from samp_eval.review.adjudication import adjudication_rows, disputes
from samp_eval.review.amendments.amendment import reopened_marks, what_changed
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.assignment.plan import finished_answers
from samp_eval.review.blinding import blinded_order, repeated_answers, rows_for
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
    seed : int
        The study's seed, for the order of rows.
    unit : SheetUnit
    reviewers : tuple of str
        The study's reviewers, whose disagreements an adjudicator sees.
    """

    store: ReviewStore
    seed: int
    unit: SheetUnit = "answer"
    reviewers: tuple[str, ...] = ()
    _questions: tuple[int, dict[str, str]] = field(init=False, default=(0, {}))
    _rows: dict[Reviewer, dict[str, SheetRow]] = field(init=False, default_factory=dict)
    _gathering: threading.Lock = field(init=False, default_factory=threading.Lock)
    _gathered: tuple[float, int, tuple[DistinctAnswer, ...]] | None = field(init=False, default=None)

    def prepare(self, reviewers: Iterable[Reviewer], now: datetime) -> None:
        """Make the rows of reviewers beforehand: fifty pages that are opened at once would wait for each other's."""
        for reviewer in reviewers:
            if reviewer.role != "adjudicator":
                self._review(reviewer, now)

    def work(self, reviewer: Reviewer, now: datetime) -> bytes:
        """Everything that a reviewer's page shows, as JSON: questions, rows in blinded order, and the marks so far."""
        both: dict[str, Mapping[str, Sequence[str]]] = {}
        settling = reviewer.role == "adjudicator"
        rows = self._adjudication(reviewer, both, now) if settling else self._review(reviewer, now)
        self._rows[reviewer] = {row.row_id: row for row in rows}
        standing: dict[tuple[str, bool], list[StandingMark]] = {}
        for mark in self.store.standing_marks(reviewer):
            standing.setdefault((mark.answer_id, mark.repeat), []).append(mark)
        keys = self.store.key_history()
        texts = self._question_texts(keys)
        questions = ",".join(texts[name] for name in dict.fromkeys(row.question_id for row in rows))
        why = self._why_again(reviewer, keys)
        shown = [
            _row(
                row,
                standing.get((row.answer_id, row.repeat), ()),
                both.get(row.answer_id, _NOTHING),
                why.get((row.answer_id, row.repeat), ""),
            )
            for row in rows
        ]
        adjudication = _json(settling)
        return f'{{"adjudication":{adjudication},"questions":{{{questions}}},"rows":{_json(shown)}}}'.encode()

    def _question_texts(self, keys: KeyHistory) -> dict[str, str]:
        """The questions as JSON: they are most of what a page loads, so they are made once for each version."""
        version, texts = self._questions
        if version != keys.present_version:
            asked = keys.present.bank.asked()
            texts = {
                question.id: f"{_json(question.id)}:{_json(_question(case, question))}" for case, question in asked
            }
            self._questions = keys.present_version, texts
        return texts

    def _why_again(self, reviewer: Reviewer, keys: KeyHistory) -> dict[tuple[str, bool], str]:
        """What was corrected since the reviewer marked an answer whose mark does not count any more."""
        if len(keys.versions) < 2:
            return {}
        reopened = reopened_marks(keys, self.store.marks_as_given())
        return {
            (mark.answer_id, mark.repeat): " ".join(what_changed(keys, mark.question_id, mark.key_version))
            for mark in reopened.values()
            if mark.reviewer == reviewer
        }

    def read(self, reviewer: Reviewer, sent: Sequence[Any], now: datetime) -> list[SentMark | RefusedMark]:
        """Each mark that a reviewer's page sent, or why it is none."""
        keys = self.store.key_history()
        return [self._read(reviewer, mark, keys, now) for mark in sent]

    def _read(self, reviewer: Reviewer, sent: Any, keys: KeyHistory, now: datetime) -> SentMark | RefusedMark:
        try:
            found = _MarkOfThePage.model_validate(sent)
        except ValidationError:
            return RefusedMark("this is no mark")
        if found.row not in self._rows.get(reviewer, {}):
            self._rows[reviewer] = self.store.sheet_rows(reviewer)
        row = self._rows[reviewer].get(found.row)
        letters = keys.letters(row.question_id, row.key_version) if row is not None else ()
        if row is None or not letters:
            return RefusedMark("this answer is not on your list")
        value = read_mark(found.field, found.value, letters) if found.value else ""
        if value is None:
            return RefusedMark(f"{found.value[:20]!r} is not a mark for {found.field}")
        shown = row.repeat, row.key_version
        mark = Mark(reviewer, row.question_id, row.answer_id, found.field, value, now, PAGE, *shown)
        if value and not keys.value_today(mark):
            return RefusedMark("the question or its key was corrected after this page was loaded; load it again")
        return SentMark(mark, found.id, found.seen)

    def _review(self, reviewer: Reviewer, now: datetime) -> list[SheetRow]:
        held, keys = self.store.sheet_rows(reviewer), self.store.key_history()
        answers = self._assigned(reviewer, self._answers(keys))
        rows = rows_for(reviewer, answers, self.unit, held, keys, now)
        bank, own = self.store.exclusions().bank(keys.present.bank), {answer.answer_id for answer in answers}
        repeated = [one for one in repeated_answers(held.values(), reviewer, bank) if one.answer_id in own]
        rows += rows_for(reviewer, repeated, self.unit, held, keys, now, repeat=True)
        if any(row.row_id not in held for row in rows):
            rows = self.store.keep_sheet_rows(rows)
        return blinded_order(rows, bank, reviewer, self.seed)

    def _assigned(self, reviewer: Reviewer, answers: Sequence[DistinctAnswer]) -> Sequence[DistinctAnswer]:
        """The answers that the plan gives to a reviewer; a plan may change while the page is served."""
        plan = self.store.assignment_plan()
        if plan is None:
            return answers
        finished = finished_answers(self.store.marks()) if plan.handed_over else {}
        return plan.assigned(reviewer.name, answers, finished)

    def _answers(self, keys: KeyHistory) -> tuple[DistinctAnswer, ...]:
        with self._gathering:
            now, version = time.monotonic(), keys.present_version
            if self._gathered is None or self._gathered[1] != version or now > self._gathered[0] + SECONDS_GATHERED:
                excluded = self.store.exclusions()
                bank, responses = excluded.bank(keys.present.bank), excluded.counting(self.store.responses())
                answers = answers_to_mark(bank, responses, self.unit).answers
                self._gathered = time.monotonic(), version, answers
            return self._gathered[2]

    def _adjudication(
        self, adjudicator: Reviewer, both: dict[str, Mapping[str, Sequence[str]]], now: datetime
    ) -> list[SheetRow]:
        held, keys = self.store.sheet_rows(), self.store.key_history()
        plan = self.store.assignment_plan()
        marks = [mark for mark in self.store.marks() if mark.reviewer != adjudicator]
        excluded = self.store.exclusions()
        bank, responses = excluded.bank(keys.present.bank), excluded.counting(self.store.responses())
        found = disputes(bank, responses, held.values(), marks, self.reviewers, plan)
        both |= {dispute.answer_id: dispute.values for dispute in found}
        rows = adjudication_rows(found, keys, adjudicator.name, held, self.seed, now)
        return self.store.keep_sheet_rows(rows)


def _row(
    row: SheetRow, standing: Sequence[StandingMark], both: Mapping[str, Sequence[str]], why: str
) -> dict[str, Any]:
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
        "why": why,
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
        "refused": [
            {"wordings": list(refused.wordings), "reason": refused.reason} for refused in question.not_accepted
        ],
        "rationale": question.rationale or "",
        "source": str(question.source or ""),
    }
