"""What a mark may say: the one place where sheets and the marking page have their marks read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from samp_eval.literals import MarkField
from samp_eval.spreadsheet_cells import parse_boolean

__all__ = ["allowed_marks", "read_mark"]

_ZERO_OR_ONE = re.compile(r"([01])(?:[.,]0*)?")
"""Spreadsheet programs write a whole number as ``1.0`` or ``1,0``."""


def read_mark(field: MarkField, text: str, letters: Iterable[str]) -> str | None:
    """The mark that a text means: a letter of the key, ``0`` or ``1``, or a comment; None where it is no such mark.

    Parameters
    ----------
    field : MarkField
    text : str
        As it was written: ``b.``, ``TRUE`` and ``1.0`` are taken for what they mean.
    letters : iterable of str
        Of the question's key.
    """
    if field == "comment":
        return text
    if field == "key":
        letter = text.strip(".,;:()[] ").upper()
        return letter if letter in set(letters) else "0" if _zero_or_one(text) == "0" else None
    return _zero_or_one(text)


def allowed_marks(field: MarkField, letters: Iterable[str]) -> str:
    """What may be written for a field, in words."""
    if field == "key":
        listed = sorted(letters, key=lambda letter: (len(letter), letter))
        return f"a letter of the key, or 0 ({', '.join(listed)})"
    return {"judgement": "1 or 0", "harm": "1, 0 or empty", "misread": "1, 0 or empty"}.get(field, "any text")


def _zero_or_one(text: str) -> str | None:
    known = parse_boolean(text)
    if known is not None:
        return str(int(known))
    found = _ZERO_OR_ONE.fullmatch(text)
    return found.group(1) if found else None
