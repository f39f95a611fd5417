"""Filled sheets of a review of the bank into a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from samp_eval.errors import Fault, FaultySheet
from samp_eval.literals import NewestChoice
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.bank.review_rows import BankRating, BankReviewRow
from samp_eval.review.bank.review_sheets import ratings_of_file
from samp_eval.review.sheets.sheet_age import OlderMark, SentSheet, SheetMark, check_age

__all__ = ["ImportedRatings", "import_review_sheets"]


class _RatingKeeper(Protocol):
    """What an import needs of a study's memory."""

    def bank_review_rows(self) -> list[BankReviewRow]: ...

    def sent_sheets(self) -> Mapping[str, SentSheet]: ...

    def key_history(self) -> KeyHistory: ...

    def keep_bank_ratings(
        self, offered: Sequence[SheetMark[BankRating]], newest: NewestChoice | None
    ) -> tuple[int, list[tuple[BankRating, str]], list[OlderMark[BankRating]]]: ...


@dataclass(frozen=True, slots=True)
class ImportedRatings:
    """What an import brought.

    Attributes
    ----------
    new : int
        Cells that differ from what was there.
    replaced : tuple of (BankReviewRow, BankRating, str)
        Those among them that replace another value, with that value.
    older : tuple of OlderMark
        Cells of sheets that went out before something else was said in their place.
    rows : tuple of BankReviewRow
        Of which the sheets say anything.
    """

    new: int
    replaced: tuple[tuple[BankReviewRow, BankRating, str], ...]
    older: tuple[OlderMark[BankRating], ...]
    rows: tuple[BankReviewRow, ...]


def import_review_sheets(
    store: _RatingKeeper,
    files: Sequence[Path],
    now: datetime,
    newest: NewestChoice | None = None,
    notify: Callable[[str], None] | None = None,
) -> ImportedRatings:
    """Take the answers and ratings of filled sheets in; importing the same file again changes nothing.

    Parameters
    ----------
    store
        The study's memory.
    files : sequence of Path
    now : datetime
        UTC.
    newest : NewestChoice, optional
        What counts where a sheet is older than what the study has.
    notify : callable, optional
        Told where a file was not read as UTF-8.

    Raises
    ------
    FaultySheet
        With every fault of every file, or every cell that is older than what the study has; nothing is taken then.
    """
    rows = {row.row_id: row for row in store.bank_review_rows()}
    keys, sent = store.key_history(), store.sent_sheets()
    found: list[SheetMark[BankRating]] = []
    faults: list[Fault] = []
    for file in files:
        try:
            found += ratings_of_file(file, rows, sent, keys, now, notify)
        except FaultySheet as error:
            faults += error.faults
    if faults:
        raise FaultySheet(faults, "nothing was taken")
    new, replaced, older = store.keep_bank_ratings(found, newest)
    check_age(older, newest, "rating", "question")
    return ImportedRatings(
        new,
        tuple((rows[rating.row_id], rating, before) for rating, before in replaced),
        tuple(older),
        tuple(rows[row_id] for row_id in dict.fromkeys(offer.mark.row_id for offer in found)),
    )
