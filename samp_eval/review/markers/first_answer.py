"""The part of a line that an entry's words were found in, and a turn of its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import kind_words

__all__ = ["Line", "Turn"]

_ORDERING = frozenset({"before", "after"})


@cache
def _tail() -> frozenset[str]:
    return kind_words("tail") - _ORDERING


@dataclass(frozen=True, slots=True)
class Turn:
    """One way in which an answer says something else than the wording it resembles.

    Attributes
    ----------
    reason : str
    open : bool
        Whether a person has to decide: the line may still be right.
    """

    reason: str
    open: bool = False


class Line:
    """The first answer of a line, and where the words of a wording stand in it.

    Attributes
    ----------
    tokens : tuple of Token
    places : frozenset of int
    start, last : int
        Place of the first and of the last word of the wording.
    """

    __slots__ = ("_before_tail", "_beside", "last", "places", "start", "tokens")

    def __init__(self, tokens: tuple[Token, ...], places: frozenset[int]) -> None:
        self.tokens = tokens
        self.places = places
        self.start = min(places)
        self.last = max(places)
        self._beside = [(place, token) for place, token in enumerate(tokens) if place not in places and token.stem]
        self._before_tail = self._beside
        tail = _tail()
        for number, (place, token) in enumerate(self._beside):
            if place > self.last and token.stem in tail:
                self._before_tail = self._beside[:number]
                break

    def extras(self, *, before_tail: bool = False) -> list[tuple[int, Token]]:
        """Words beside the wording's, with their places; the tail says why or for what, and may be left out."""
        return self._before_tail if before_tail else self._beside

    def written(self, place: int) -> str:
        """Give the word at a place, or an empty text where the line does not reach."""
        return self.tokens[place].written if 0 <= place < len(self.tokens) else ""

    def hours(self, place: int) -> float:
        """Give the time at a place in hours, 0 for anything else."""
        quantity = self.tokens[place].quantity
        return quantity.high if quantity is not None and quantity.unit == "hours" else 0.0
