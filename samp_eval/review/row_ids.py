"""What stands behind the opaque row ids of reviewers' sheets and pages."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["RowUnit", "SheetRow", "is_repeat", "new_row_id", "repeat_id_of"]

RowUnit = Literal["answer", "line", "repeat", "adjudication", "duplicate"]
"""answer, line: what is marked; repeat: an answer shown again to the same reviewer; adjudication: a disagreement.

duplicate: a second row for the same answer, as earlier versions made where two pages were opened at once.
"""

_LETTERS = "bcdfghjkmnpqrstvwxz"
"""No digit and no vowel: no spreadsheet takes a row id for a number, a date, a formula or a word to correct."""
_ID_LENGTH = 10


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that went out to a reviewer.

    Attributes
    ----------
    row_id : str
        Opaque and random: it tells neither the respondent nor the round nor the other reviewer's row.
    reviewer : str
    question_id : str
    answer_id : str
        Whose mark the row's mark becomes; for a repeat see :func:`repeat_id_of`.
    text : str
        The answer as it was shown.
    unit : str
        See :data:`RowUnit`.
    exported_at : datetime
        UTC.
    """

    row_id: str
    reviewer: str
    question_id: str
    answer_id: str
    text: str
    unit: str
    exported_at: datetime


def new_row_id(taken: Container[str]) -> str:
    """Draw a random row id that is not taken."""
    while True:
        number = secrets.randbits(64)  # one call of the system instead of ten: there are thousands of rows
        drawn = "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(_ID_LENGTH))
        if drawn not in taken:
            return drawn


def repeat_id_of(answer_id: str) -> str:
    """Where a repeated answer's marks are kept, apart from the first ones: ``r`` and 15 hexadecimal digits."""
    return "r" + hashlib.sha256(f"repeat\n{answer_id}".encode()).hexdigest()[:15]


def is_repeat(answer_id: str) -> bool:
    """Whether marks under this identifier only measure a reviewer against an earlier self."""
    return len(answer_id) == 16 and answer_id.startswith("r")
