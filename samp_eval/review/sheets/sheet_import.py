"""Filled sheets into a study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samp_eval.errors import FaultySheet
from samp_eval.literals import NewestChoice
from samp_eval.review.imports import file_sha256
from samp_eval.review.marks import Mark
from samp_eval.review.review_store import ReviewStore
from samp_eval.review.sheets.marks_from_sheet import FilledSheet, all_faults, marks_of_files
from samp_eval.review.sheets.sheet_age import OlderMark, SheetFile, check_age

__all__ = ["Imported", "import_sheets"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought.

    Attributes
    ----------
    sheets : tuple of FilledSheet
        With the faults that were left out on request.
    new_marks : int
        Marks that differ from what was there.
    marks_by_reviewer : dict
    older : tuple of OlderMark
        Marks of sheets that went out before another mark of the same answer was given.
    """

    sheets: tuple[FilledSheet, ...]
    new_marks: int
    marks_by_reviewer: dict[str, int]
    older: tuple[OlderMark[Mark], ...]


def import_sheets(
    store: ReviewStore,
    files: Sequence[Path],
    now: datetime,
    *,
    accept_valid: bool = False,
    newest: NewestChoice | None = None,
) -> Imported:
    """Take the marks of filled sheets into the study; importing the same file again changes nothing.

    Parameters
    ----------
    store : ReviewStore
    files : sequence of Path
    now : datetime
        UTC.
    accept_valid : bool
        Whether the rest is taken in where there are faults.
    newest : NewestChoice, optional
        Which mark counts where a sheet is older than a mark of the study.

    Raises
    ------
    FaultySheet
        With every fault of every file, or every mark that is older than what the study has; nothing is imported then.
    """
    sheets = marks_of_files(files, store.key_history(), store.sheet_rows(), store.sent_sheets(), now)
    faults = list(all_faults(sheets))
    some = any(sheet.marks for sheet in sheets)
    if faults and not (accept_valid and some):
        rest = " (--accept-valid takes the rest)" if some else ""
        raise FaultySheet(faults, f"nothing was imported{rest}")
    taken = [
        SheetFile(Path(sheet.file).name, file_sha256(Path(sheet.file)), sheet.marks) for sheet in sheets if sheet.marks
    ]
    new, older = store.import_marks(taken, newest)
    check_age(older, newest, "mark", "answer")
    counts = Counter(offer.mark.reviewer.label for sheet in sheets for offer in sheet.marks)
    return Imported(tuple(sheets), new, dict(counts), tuple(older))
