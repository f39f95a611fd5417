"""One word of an answer line or of a key's wording."""

from __future__ import annotations

from typing import NamedTuple

from samp_eval.review.markers.language.quantity import Quantity

__all__ = ["Token"]


class Token(NamedTuple):
    """One word of a line; a tuple, because a bank's key and its answers have millions of them.

    Attributes
    ----------
    stem : str
        In the marker's spelling, without its ending; empty for a quantity.
    written : str
        As it was read before the ending was cut.
    part : int
        Which part of the line it stands in, from 0.
    quantity : Quantity or None
    """

    stem: str
    written: str
    part: int
    quantity: Quantity | None = None
