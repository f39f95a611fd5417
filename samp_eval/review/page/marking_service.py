"""What the marking page shows to a reviewer, and what becomes of each mark that it sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import SheetUnit
from samp_eval.review.adjudication import adjudication_rows, disputes
from samp_eval.review.amendments.amendment import reopened_marks, what_changed
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.assignment.late_answers import HIDDEN_SHARE, repeats_for_late_answers
from samp_eval.review.assignment.plan import finished_answers
from samp_eval.review.blinding import blinded_order, repeated_answers, rows_for
from samp_eval.review.mark_values import read_mark
from samp_eval.review.marks import Mark, SentMark, StandingMark, marked_on_both
from samp_eval.review.page.shown_question import bank_picture, shown_key, shown_question
from samp_eval.review.page.shown_rows import ShownRows, as_json
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.to_mark import answers_to_mark, respondents_by_answer, reviewed

__all__ = ["MarkingService", "RefusedMark"]

PAGE = "marking page"
"""The source of marks that were given on the page."""

SECONDS_GATHERED = 2.0
"""How long the answers of a study are taken to be the same: 50 pages opened at once gather them once."""


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


@dataclass(frozen=True, slots=True)
class _ToMark:
    """What there is to mark, under one version of the key."""

    key_version: int
    bank: Bank
    answers: tuple[DistinctAnswer, ...]


_Made = tuple[Sequence[DistinctAnswer], int, _ToMark, ShownRows]
"""Rows as they were made, behind what they were made of: the reviewer's answers, and how many rows had gone out."""


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
    _rows: dict[Reviewer, Mapping[str, SheetRow]] = field(init=False, default_factory=dict)
    _shown: dict[Reviewer, _Made] = field(init=False, default_factory=dict)
    _gathering: threading.Lock = field(init=False, default_factory=threading.Lock)
    _gathered: tuple[float, _ToMark] | None = field(init=False, default=None)

    def prepare(self, reviewers: Iterable[Reviewer], now: datetime) -> None:
        """Make the rows of reviewers beforehand: fifty pages that are opened at once would wait for each other's."""
        for reviewer in reviewers:
            if reviewer.role != "adjudicator":
                self._review(reviewer, now)

    def work(self, reviewer: Reviewer, now: datetime) -> bytes:
        """Everything that a reviewer's page shows, as JSON: questions, rows in blinded order, and the marks so far."""
        both: dict[str, Mapping[str, Sequence[str]]] = {}
        settling = reviewer.role == "adjudicator"
        shown = self._adjudication(reviewer, both, now) if settling else self._review(reviewer, now)
        self._rows[reviewer] = shown.by_id
        standing: dict[tuple[str, bool], list[StandingMark]] = {}
        for mark in self.store.standing_marks(reviewer):
            standing.setdefault((mark.answer_id, mark.repeat), []).append(mark)
        keys = self.store.key_history()
        texts = self._question_texts(keys)
        questions = ",".join(texts[name] for name in dict.fromkeys(row.question_id for row in shown.rows))
        rows = shown.json(standing, both, self._why_again(reviewer, keys))
        return f'{{"adjudication":{as_json(settling)},"questions":{{{questions}}},"rows":{rows}}}'.encode()

    def _question_texts(self, keys: KeyHistory) -> dict[str, str]:
        """The questions as JSON: they are most of what a page loads, so they are made once for each version."""
        version, texts = self._questions
        if version != keys.present_version:
            asked = keys.present.bank.asked()
            texts = {
                question.id: f"{as_json(question.id)}:{as_json(_question(case, question))}" for case, question in asked
            }
            self._questions = keys.present_version, texts
        return texts

    def _why_again(self, reviewer: Reviewer, keys: KeyHistory) -> dict[tuple[str, bool], str]:
        """What was corrected since the reviewer marked an answer whose mark does not count any more."""
        if len(keys.versions) < 2:
            return {}
        reopened = reopened_marks(keys, self.store.marks_as_given())
        return {
            (mark.answer_id, bool(mark.repeat)): " ".join(what_changed(keys, mark.question_id, mark.key_version))
            for mark in reopened.values()
            if mark.reviewer == reviewer
        }

    def picture(self, sha256: str) -> PlainPicture | None:
        """A picture of the study's bank by its hash; None for any other."""
        return bank_picture(self.store.key_history().present.bank, sha256)

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
            return RefusedMark("the question or its key was corrected after this page was loaded")
        return SentMark(mark, found.id, found.seen)

    def _review(self, reviewer: Reviewer, now: datetime) -> ShownRows:
        """The rows of a reviewer; as they were made last while there is the same to mark and no row has come since."""
        keys = self.store.key_history()
        to_mark, number = self._to_mark(keys), self.store.number_of_sheet_rows(reviewer)
        answers = self._assigned(reviewer, to_mark.answers)
        before = self._shown.get(reviewer)
        if before is not None and before[:2] == (answers, number) and before[2] is to_mark:
            return before[3]
        held = self.store.sheet_rows(reviewer)
        rows = rows_for(reviewer, answers, self.unit, held, keys, now)
        own = {answer.answer_id for answer in answers}
        repeated = [
            answer for answer in repeated_answers(held.values(), reviewer, to_mark.bank) if answer.answer_id in own
        ]
        repeated += self._late_repeats(reviewer, to_mark.bank, answers, held)
        rows += rows_for(reviewer, repeated, self.unit, held, keys, now, repeat=True)
        new = sum(row.row_id not in held for row in rows)
        if new:
            rows = self.store.keep_sheet_rows(rows)
        earlier = _repeated_later(rows)
        at_once = [row for row in rows if row.repeat or row.answer_id not in earlier]
        shown = ShownRows.of(blinded_order(at_once, to_mark.bank, reviewer, self.seed), earlier)
        self._shown[reviewer] = answers, len(held) + new, to_mark, shown
        return shown

    def _late_repeats(
        self, reviewer: Reviewer, bank: Bank, answers: Sequence[DistinctAnswer], held: Mapping[str, SheetRow]
    ) -> list[DistinctAnswer]:
        """Answers to repeat among those that a reviewer gets for the first time, if these are of late respondents."""
        shown = {row.answer_id for row in held.values()}
        if not shown or all(answer.answer_id in shown for answer in answers):
            return []
        done = marked_on_both(self.store.marks(), reviewer)
        given_by = respondents_by_answer(bank, self.store.exclusions().counting(self.store.responses()))
        return repeats_for_late_answers(answers, held.values(), done, given_by, HIDDEN_SHARE, self.seed, reviewer)

    def _assigned(self, reviewer: Reviewer, answers: Sequence[DistinctAnswer]) -> Sequence[DistinctAnswer]:
        """The answers that the plan gives to a reviewer; a plan may change while the page is served."""
        plan = self.store.assignment_plan()
        if plan is None:
            return answers
        finished = finished_answers(self.store.marks()) if plan.handed_over else {}
        return plan.assigned(reviewer.name, answers, finished)

    def _to_mark(self, keys: KeyHistory) -> _ToMark:
        """What there is to mark; the very same object where it is what it was."""
        with self._gathering:
            now, version = time.monotonic(), keys.present_version
            before = self._gathered[1] if self._gathered is not None else None
            if self._gathered is None or version != self._gathered[1].key_version or now > self._gathered[0]:
                bank, responses = reviewed(self.store, keys.present.bank)
                found = _ToMark(version, bank, tuple(answers_to_mark(bank, responses, self.unit).answers))
                self._gathered = time.monotonic() + SECONDS_GATHERED, before if found == before else found
            return self._gathered[1]

    def _adjudication(
        self, adjudicator: Reviewer, both: dict[str, Mapping[str, Sequence[str]]], now: datetime
    ) -> ShownRows:
        held, keys = self.store.sheet_rows(), self.store.key_history()
        plan = self.store.assignment_plan()
        marks = [mark for mark in self.store.marks() if mark.reviewer != adjudicator]
        bank, responses = reviewed(self.store, keys.present.bank)
        found = disputes(bank, responses, held.values(), marks, self.reviewers, plan)
        both |= {dispute.answer_id: dispute.values for dispute in found}
        rows = adjudication_rows(found, keys, adjudicator.name, held, self.seed, now)
        return ShownRows.of(self.store.keep_sheet_rows(rows))


def _repeated_later(rows: Sequence[SheetRow]) -> dict[str, SheetRow]:
    """By answer id, the first row of each answer that was repeated later: both on one page would show the repeat."""
    first = {row.answer_id: row for row in rows if not row.repeat}
    again = {row.answer_id: row.exported_at for row in rows if row.repeat}
    return {answer: first[answer] for answer, sent_at in again.items() if sent_at > first[answer].exported_at}


def _question(case: SampCase, question: Question) -> dict[str, Any]:
    return {**shown_question(case, question), **shown_key(question), "rationale": question.rationale or ""}
