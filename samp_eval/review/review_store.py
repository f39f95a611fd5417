"""What review needs of a study's memory; the store is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from samp_eval.review.marks import Mark
from samp_eval.review.row_ids import SheetRow
from samp_eval.run.respondent import Response

__all__ = ["ReviewStore"]


class ReviewStore(Protocol):
    """What review needs of a study's memory."""

    def responses(self) -> list[Response]:
        """Every stored response."""

    def marks(self) -> list[Mark]:
        """The present marks."""

    def mark_history(self) -> list[Mark]:
        """Every mark ever given, in order."""

    def add_marks(self, new: Iterable[Mark]) -> int:
        """Append the marks that differ from the present ones; returns how many."""

    def keep_sheet_rows(self, rows: Sequence[SheetRow]) -> None:
        """Record rows before they go out."""

    def sheet_rows(self) -> dict[str, SheetRow]:
        """Every row that ever went out, by row id."""
