"""A reviewer's desk: the rows to mark as the page shows them, and each mark as it is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkField, SheetUnit
from samp_eval.review.adjudication import adjudication_rows, disputes
from samp_eval.review.blinding import blinded_order, rows_for
from samp_eval.review.marks import ADJUDICATOR, Mark, is_adjudicator
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.to_mark import answers_to_mark
from samp_eval.run.prompt import case_text

__all__ = ["MarkingService", "GivenMark", "RefusedMarkError"]

PAGE = "marking page"
"""The source of marks that were given on the page."""


class GivenMark(BaseModel):
    """A mark as the page sends it; an empty value takes the earlier one back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: str = Field(max_length=32)
    field: Literal["key", "judgement", "harm", "comment"]
    value: str = Field(max_length=2000)


class RefusedMarkError(Exception):
    """What the page sent is no mark of this reviewer; the words say why."""


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
    _rows: dict[str, dict[str, SheetRow]] = field(default_factory=dict)

    def work(self, name: str, now: datetime) -> dict[str, Any]:
        """Everything that one reviewer's page shows: questions, rows in blinded order, and the marks so far."""
        both: dict[str, Mapping[str, Sequence[str]]] = {}
        rows = self._adjudication(name, both, now) if is_adjudicator(name) else self._review(name, now)
        self._rows[name] = {row.row_id: row for row in rows}
        given: dict[str, dict[str, str]] = {}
        for mark in self.store.marks():
            if mark.reviewer == name:
                given.setdefault(mark.answer_id, {})[mark.field] = mark.value
        by_question = self.bank.by_question()
        return {
            "reviewer": name.removeprefix(ADJUDICATOR),
            "adjudication": is_adjudicator(name),
            "questions": {one: _question(*by_question[one]) for one in dict.fromkeys(row.question_id for row in rows)},
            "rows": [
                {
                    "row": row.row_id,
                    "question": row.question_id,
                    "answer": row.text,
                    "marks": given.get(row.answer_id, {}),
                    "both": both.get(row.answer_id, {}),
                }
                for row in rows
            ],
        }

    def keep(self, name: str, given: Sequence[GivenMark], now: datetime) -> int:
        """Save marks of one reviewer; returns how many were new or changed.

        Raises
        ------
        RefusedMarkError
            Where one of them is not this reviewer's to give; none is saved then.
        """
        return self.store.add_marks([self._mark(name, one, now) for one in given])

    def _mark(self, name: str, given: GivenMark, now: datetime) -> Mark:
        if given.row not in self._rows.get(name, {}):
            self._rows[name] = {row.row_id: row for row in self.store.sheet_rows().values() if row.reviewer == name}
        row = self._rows[name].get(given.row)
        if row is None:
            raise RefusedMarkError("this row is not on your list; reload the page")
        if given.value and given.value not in self._allowed(row, given.field, given.value):
            raise RefusedMarkError(f"{given.value[:20]!r} is not a mark for {given.field}")
        return Mark(name, row.question_id, row.answer_id, given.field, given.value, now, PAGE)

    def _allowed(self, row: SheetRow, one: MarkField, value: str) -> tuple[str, ...]:
        if one == "comment":
            return (value,)
        return ("0", *self.bank.by_question()[row.question_id][1].lettered_key()) if one == "key" else ("0", "1")

    def _review(self, name: str, now: datetime) -> list[SheetRow]:
        held = self.store.sheet_rows()
        rows = rows_for(
            name, answers_to_mark(self.bank, self.store.responses(), self.unit).answers, self.unit, held, now
        )
        self.store.keep_sheet_rows([row for row in rows if row.row_id not in held])
        known = self.bank.by_question()
        repeats = [
            row for row in held.values() if (row.reviewer, row.unit) == (name, "repeat") and row.question_id in known
        ]
        return blinded_order([*rows, *repeats], self.bank, name, self.seed)

    def _adjudication(self, name: str, both: dict[str, Mapping[str, Sequence[str]]], now: datetime) -> list[SheetRow]:
        held = self.store.sheet_rows()
        marks = [mark for mark in self.store.marks() if mark.reviewer != name]
        found = disputes(self.bank, self.store.responses(), held.values(), marks, self.reviewers)
        both |= {one.answer_id: one.values for one in found}
        rows = adjudication_rows(found, self.bank, name.removeprefix(ADJUDICATOR), held, self.seed, now)
        self.store.keep_sheet_rows([row for row in rows if row.row_id not in held])
        return rows


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
    }
