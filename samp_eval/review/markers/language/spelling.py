"""Misspellings of the words of a question: forgiven, unless the word means something else.

Spelling does not matter in the examination. A word that is a known word of its own, above all another drug, is never
taken for a misspelling; neither is one that lies as near to another known word as to the question's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from samp_eval.review.markers.language.vocabulary import drug_names, folded, known_words, raw_tokens, word_stem

__all__ = ["Speller"]

_SHORTEST = 5
"""Letters: one edit of a shorter word makes too many other words."""
_LONG = 9
"""Letters of a word that is read as the question's even where another known word lies as near."""
_LEAST_CUT_OFF = 3
"""Letters that are cut off a word written short; an ending alone makes another word of it."""
_MOST_BEGUN = 8
_OPPOSED = (("hyper", "hypo"), ("macro", "micro"), ("tachy", "brady"), ("intra", "inter"), ("intra", "extra"))
"""Two edits apart and opposite in meaning: never a misspelling of each other."""


@lru_cache(maxsize=1)
def _known_list() -> tuple[str, ...]:
    return tuple(sorted(known_words()))


@lru_cache(maxsize=1)
def _known_stems() -> frozenset[str]:
    return frozenset(word_stem(word) for word in known_words())


@lru_cache(maxsize=16_384)
def _nearest_known(word: str, limit: int) -> tuple[tuple[str, int], ...]:
    """Known words within ``limit`` edits, with their distances."""
    found = process.extract(word, _known_list(), scorer=OSA.distance, score_cutoff=limit, limit=None)
    return tuple((name, int(distance)) for name, distance, _ in found)


def edits_allowed(word: str) -> int:
    """How many letters of a word may be wrong: 1 of five to seven, 2 of eight to eleven, 3 of more."""
    return 1 if len(word) < 8 else 2 if len(word) < 12 else 3


def _known_as(word: str) -> str:
    """Give the one known word that a long word misspells, as ``phisiotherapist``, else the word itself."""
    if len(word) < _LONG:
        return word
    near = [(name, edits) for name, edits in _nearest_known(word, 2) if _may_be(word, name)]
    least = min((edits for _, edits in near), default=0)
    best = {name for name, edits in near if edits == least and name not in drug_names()}
    return next(iter(best)) if len({word_stem(name) for name in best}) == 1 and len(near) == len(best) else word


class Speller:
    """Reads misspelt words as the words of one question.

    Parameters
    ----------
    texts : iterable of str
        Whatever the question holds: wordings of the key, refused answers, the question itself.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        written = {word for text in texts for word in raw_tokens(text.casefold())}
        words = {folded(word) for word in written if word.isalpha()}
        self._stems = {word_stem(word) for word in words}
        self._words = sorted(word for word in words if len(word) >= _SHORTEST)

    def corrected(self, word: str) -> str:
        """Give the word of the question that ``word`` misspells, else ``word`` itself."""
        stem = word_stem(word)
        if len(word) < _SHORTEST or not word.isalpha() or stem in self._stems or stem in _known_stems():
            return word
        limit = edits_allowed(word)
        near = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=limit, limit=None)
        near = [(name, distance, place) for name, distance, place in near if _may_be(word, name)]
        if not near:
            return self._written_out(word) or _known_as(word)
        distance = min(edits for _, edits, _ in near)
        best = {name for name, other, _ in near if other == distance}
        rivals = {
            name
            for name, other in _nearest_known(word, limit)
            if (other < distance or (other == distance and max(map(len, best)) < _LONG))
            and not any(name.startswith(nearest) or nearest.startswith(name) for nearest in best)
        }
        if len({word_stem(name) for name in best | rivals}) > 1:
            return word
        return next(iter(best))

    def _written_out(self, word: str) -> str:
        """Give the only word of the question that begins so and goes on: ``transvag`` for ``transvaginal``, else ""."""
        place = bisect_left(self._words, word)
        begun = [name for name in self._words[place : place + _MOST_BEGUN] if name.startswith(word)]
        if not begun or len(begun[0]) < len(word) + _LEAST_CUT_OFF:
            return ""
        return begun[0] if all(name.startswith(begun[0]) for name in begun) else ""


def _may_be(word: str, name: str) -> bool:
    if (word[0] != name[0] and not (word[0] == name[1] and len(name) >= _LONG)) or edits_allowed(
        min(word, name, key=len)
    ) < OSA.distance(word, name):
        return False
    return not any(
        (word.startswith(prefix) and name.startswith(opposite))
        or (word.startswith(opposite) and name.startswith(prefix))
        for prefix, opposite in _OPPOSED
    )
