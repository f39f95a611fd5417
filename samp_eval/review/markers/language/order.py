"""What stands before and after a word that compares or denies: ``more men than women`` is not the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from samp_eval.review.markers.language.tokens import Token

__all__ = ["STOPPING_NOUNS", "Side", "denied_words", "sides_of"]

_ORDERING = frozenset({"than", "before", "after"})
STOPPING_NOUNS = ("tion", "ance", "ence")
"""How ``cessation``, ``avoidance`` and ``abstinence`` end, which deny the word before them."""


class Side(NamedTuple):
    """A word that orders or compares, with the telling words that stand on one side of it alone."""

    word: str
    before: frozenset[str]
    after: frozenset[str]


def sides_of(words: Sequence[Token], telling: frozenset[str]) -> tuple[Side, ...]:
    """Find the words that order or compare, with the telling words on each side."""
    found = []
    for place, token in enumerate(words):
        if token.written in _ORDERING:
            before = frozenset(word.stem for word in words[:place]) & telling
            after = frozenset(word.stem for word in words[place + 1 :]) & telling
            if before and after:
                found.append(Side(token.written, before - after, after - before))
    return tuple(found)


def denied_words(telling: Sequence[Token]) -> frozenset[str]:
    """The telling words that a ``no`` or ``loss`` stands before, or ``cessation`` and ``avoidance`` stand behind."""
    denied = {second.stem for first, second in pairwise(telling) if first.stem in ("no", "loss")}
    denied |= {
        first.stem
        for first, second in pairwise(telling)
        if second.stem == "no" and second.written.endswith(STOPPING_NOUNS)
    }
    return frozenset(denied)
