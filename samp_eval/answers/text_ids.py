"""By which opaque id a text goes to a person who says what its answers are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from samp_eval.spreadsheet_cells import SAFE_LETTERS

__all__ = ["row_id_of"]

_ID_LENGTH = 14
"""Letters: with 120,000 texts, two share an id once in ten million studies."""


def row_id_of(question_id: str, text: str, option_order: Sequence[int] | None = None) -> str:
    """Opaque id of a text as an answer to a question: it tells neither respondent nor round, and never changes.

    Where the order of the options was shuffled, the same letter in another order is another text.
    """
    shown = question_id if option_order is None else f"{question_id} {' '.join(map(str, option_order))}"
    digest = hashlib.sha256(f"{shown}\n{text}".encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest[:16], "big")
    base = len(SAFE_LETTERS)
    return "".join(SAFE_LETTERS[number // base**place % base] for place in range(_ID_LENGTH))
