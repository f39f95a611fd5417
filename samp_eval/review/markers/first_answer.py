"""The part of a line that an entry's words were found in, and a turn of its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import kind_words

__all__ = ["Line", "Turn"]

_ORDERING = frozenset({"before", "after"})


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


@dataclass(frozen=True)
class Line:
    """The first answer of a line, and where the words of a wording stand in it."""

    tokens: tuple[Token, ...]
    places: frozenset[int]

    @property
    def start(self) -> int:
        """Place of the first word of the wording."""
        return min(self.places)

    @property
    def last(self) -> int:
        """Place of the last word of the wording."""
        return max(self.places)

    def extras(self, *, before_tail: bool = False) -> list[tuple[int, Token]]:
        """Words beside the wording's, with their places; the tail says why or for what, and may be left out."""
        return self._before_tail if before_tail else self._beside

    @cached_property
    def _beside(self) -> list[tuple[int, Token]]:
        return [(place, token) for place, token in enumerate(self.tokens) if place not in self.places and token.stem]

    @cached_property
    def _before_tail(self) -> list[tuple[int, Token]]:
        tail = kind_words("tail") - _ORDERING
        ends = (place for place, token in self._beside if place > self.last and token.stem in tail)
        end = next(ends, len(self.tokens))
        return [(place, token) for place, token in self._beside if place < end]

    def written(self, place: int) -> str:
        """Give the word at a place, or an empty text where the line does not reach."""
        return self.tokens[place].written if 0 <= place < len(self.tokens) else ""

    def hours(self, place: int) -> float:
        """Give the time at a place in hours, 0 for anything else."""
        quantity = self.tokens[place].quantity
        return quantity.high if quantity is not None and quantity.unit == "hours" else 0.0
