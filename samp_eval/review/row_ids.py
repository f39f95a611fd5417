"""What stands behind the opaque row ids of reviewers' sheets and pages."""

from __future__ import annotations

import secrets
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from samp_eval.review.people.reviewers import Reviewer
from samp_eval.spreadsheet_cells import SAFE_LETTERS

__all__ = ["RowUnit", "SheetRow", "new_row_id"]

RowUnit = Literal["answer", "line", "adjudication", "duplicate"]
"""answer, line: what is marked; adjudication: a disagreement.

duplicate: a second row for the same answer, as earlier versions made where two pages were opened at once.
"""

_PAIRS = [first + second for first in SAFE_LETTERS for second in SAFE_LETTERS]
_ID_PAIRS = 5


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that went out to a reviewer.

    Attributes
    ----------
    row_id : str
        Opaque and random: it tells neither the respondent nor the round nor the other reviewer's row.
    reviewer : Reviewer
    question_id : str
    answer_id : str
        Whose mark the row's mark becomes.
    text : str
        The answer as it was shown.
    unit : RowUnit
    exported_at : datetime
        UTC.
    repeat : bool
        Whether the answer is shown to the reviewer a second time.
    key_version : int
        Of the bank whose key and letters went out with it.
    """

    row_id: str
    reviewer: Reviewer
    question_id: str
    answer_id: str
    text: str
    unit: RowUnit
    exported_at: datetime
    repeat: bool = False
    key_version: int = 0

    @property
    def place(self) -> tuple[Reviewer, str, RowUnit, bool, int]:
        """What there is one row for."""
        return self.reviewer, self.answer_id, self.unit, self.repeat, self.key_version


def new_row_id(taken: Container[str]) -> str:
    """Draw a random row id that is not taken."""
    while True:
        number = secrets.randbits(64)  # one call of the system instead of ten: there are thousands of rows
        drawn = ""
        for _ in range(_ID_PAIRS):
            number, pair = divmod(number, len(_PAIRS))
            drawn += _PAIRS[pair]
        if drawn not in taken:
            return drawn
