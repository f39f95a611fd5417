"""The lines of a reviewer sheet: what a physician reads and fills in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from samp_eval.items.samp import Bank
from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.to_mark import WORDINGS_ON_A_ROW, key_text
from samp_eval.run.prompt import context_text, question_text

__all__ = [
    "COLUMNS",
    "MARKS_SO_FAR",
    "MARK_COLUMNS",
    "OPTIONAL_COLUMNS",
    "WHY_AGAIN",
    "LastColumn",
    "SheetLine",
    "as_sheet",
    "marks_shown",
    "sheet_lines",
    "with_marks",
]


class SheetLine(NamedTuple):
    """One line of a sheet; the fields are its columns, in order. An empty mark is not marked yet.

    A tuple, because large sheets have hundreds of thousands of lines.

    ``sheet`` tells one export from another, so that it is known which marks a sheet was made after.
    """

    row_id: str
    case_id: str
    question_id: str
    context: str
    question: str
    requested: str
    key: str
    answer: str
    key_mark: str = ""
    judgement_mark: str = ""
    harm: str = ""
    comment: str = ""
    misread: str = ""
    sheet: str = ""


COLUMNS = SheetLine._fields
MARK_COLUMNS: Mapping[MarkField, str] = {
    "key": "key_mark",
    "judgement": "judgement_mark",
    "harm": "harm",
    "comment": "comment",
    "misread": "misread",
}
"""The column of each mark field that a sheet has."""
OPTIONAL_COLUMNS = frozenset({"misread", "sheet"})
"""Columns that a sheet of an earlier version does not have."""


MARKS_SO_FAR = "marks_so_far"
"""The last column of an adjudicator's sheet: the marks on which the reviewers differ."""

WHY_AGAIN = "why_again"
"""The last column of a sheet of reopened answers: what was corrected since the reviewer marked them."""


@dataclass(frozen=True, slots=True)
class LastColumn:
    """A column of its own behind the others: its name, and a text for each line."""

    name: str
    texts: Sequence[str]


def sheet_lines(rows: Iterable[SheetRow], bank: Bank) -> list[SheetLine]:
    """The lines of rows that are already in their order, without marks."""
    by_question = bank.by_question()

    @cache  # one text for all rows of a question: a bank of thousands would take gigabytes otherwise
    def asked(question_id: str) -> tuple[str, str, str, str, str, str]:
        case, question = by_question[question_id]
        key = key_text(question, most=WORDINGS_ON_A_ROW)
        texts = context_text(case, question), question_text(case, question), str(question.requested), key
        return case.id, question.id, *texts

    return [SheetLine(row.row_id, *asked(row.question_id), row.text) for row in rows]


def with_marks(lines: Sequence[SheetLine], rows: Sequence[SheetRow], marks: Iterable[Mark]) -> list[SheetLine]:
    """The lines with the marks that their reviewer has given so far."""
    given: dict[tuple[Reviewer, str, int], dict[str, str]] = {}
    for mark in marks:
        if mark.field in MARK_COLUMNS:
            given.setdefault((mark.reviewer, mark.answer_id, mark.repeat), {})[MARK_COLUMNS[mark.field]] = mark.value
    marked = [given.get((row.reviewer, row.answer_id, row.repeat)) for row in rows]
    return [line._replace(**found) if found else line for line, found in zip(lines, marked, strict=True)]


def as_sheet(lines: Sequence[SheetLine], sheet: str) -> list[SheetLine]:
    """The lines as they go out with one sheet."""
    return [line._replace(sheet=sheet) for line in lines]


def marks_shown(lines: Iterable[SheetLine]) -> dict[str, dict[str, str]]:
    """The marks that lines show, by row id and field; every row is there."""
    return {
        line.row_id: {field: value for field, column in MARK_COLUMNS.items() if (value := getattr(line, column))}
        for line in lines
    }
