"""What review needs of a study's memory; the store is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from samp_eval.literals import NewestChoice
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.review.exclusions import Exclusions
from samp_eval.review.marks import Mark, SentMark, StandingMark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.sheets.sheet_age import OlderMark, SentSheet, SheetFile
from samp_eval.run.respondent import Response

__all__ = ["ReviewStore"]


class ReviewStore(Protocol):
    """What review needs of a study's memory."""

    def responses(self) -> list[Response]:
        """Every stored response."""

    def key_history(self) -> KeyHistory:
        """Every bank that the study has had."""

    def exclusions(self) -> Exclusions:
        """What is out of every figure."""

    def draw(self) -> QuestionDraw | None:
        """Which questions people mark; None where it is all of them."""

    def assignment_plan(self) -> AssignmentPlan | None:
        """Who marks what; None where everyone marks everything."""

    def marks(self, *, automatic: bool = True) -> list[Mark]:
        """The present marks, in the letters of the present key; only those of people without ``automatic``."""

    def mark_history(self) -> list[Mark]:
        """Every mark ever given, in order, as it counts under the present key."""

    def marks_as_given(self, *, automatic: bool = True) -> list[Mark]:
        """Every mark ever given, in order, with the letters that its reviewer saw."""

    def import_marks(
        self, files: Sequence[SheetFile], newest: NewestChoice | None
    ) -> tuple[int, list[OlderMark[Mark]]]:
        """Take in the marks of filled sheets; returns how many differ from what holds, and those that are older."""

    def keep_sheet(self, sheet: SentSheet) -> None:
        """Record a sheet before it goes out."""

    def sent_sheets(self) -> Mapping[str, SentSheet]:
        """Every sheet that ever went out, by its id."""

    def add_marks(self, new: Iterable[Mark]) -> int:
        """Append the marks that differ from the present ones; returns how many."""

    def keep_sent_marks(self, sent: Sequence[SentMark]) -> list[StandingMark]:
        """Take marks of the marking page, each once; returns what holds where each was given."""

    def standing_marks(self, reviewer: Reviewer) -> list[StandingMark]:
        """What holds for each answer and field that a reviewer ever marked."""

    def keep_sheet_rows(self, rows: Sequence[SheetRow]) -> list[SheetRow]:
        """Record rows before they go out; returns those that hold, in the same order."""

    def number_of_sheet_rows(self, reviewer: Reviewer) -> int:
        """How many rows ever went out to a reviewer."""

    def sheet_rows(self, reviewer: Reviewer | None = None) -> dict[str, SheetRow]:
        """Every row that ever went out, to one reviewer or to all, by row id."""
