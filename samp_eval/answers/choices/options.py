"""The options of a question, and where a text names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from samp_eval.answers.word_lists import read_sections

__all__ = ["COMMON_WORDS", "Mention", "Options", "options_of"]

_WORDS = re.compile(r"\w+")
_BRACKET = re.compile(r"\s*\(([^()]{2,60})\)\s*")
COMMON_WORDS = frozenset(read_sections("samp_eval.answers.choices", "words.txt")["common option"][0].split())
_OF_THE_ABOVE = re.compile(
    r"(?:none|all|any|both|neither)(?: of (?:the|these|those))?(?: (?:above|options|other(?:s| options)?|listed))?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?<!\w)(?:[Tt]he|[Aa]n|a)\s+(?=\w)")
"""Not a capital A, which may be the letter of an option."""
_LETTER_A = re.compile(r"[Aa][.):]\s*")
"""``A. Left incision`` begins with a letter, also where another option is *A left incision*."""
_ARTICLES = frozenset({"a", "an", "the"})
_ACRONYM = re.compile("[A-Z]{2}")
"""``MI``; in small letters it may be a word."""
_SHORTEST_PARAPHRASE, _NEAR, _FURTHER = 12, 82.0, 20.0
"""Characters, and likeness of 100: words of an option with another word or two in them, and how much less like the
letter's own option they must be."""
_FEW_WORDS = 6
_SHORTEST_SPELLED = 6
_SAME_START = 3
_SHORTENED = 5
"""A misspelt word is forgiven one letter where it has six or more and begins with the same three: then it is not
micro for macro, and hypo for hyper is two letters."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One option named in a text, from ``start`` to ``end``."""

    option: int
    start: int
    end: int


class Options:
    """The options of one question.

    Parameters
    ----------
    texts : sequence of str
        In the order in which they were shown; the first has the letter A.

    Attributes
    ----------
    count : int
    numbered : bool
        Whether a short one holds a number that could be the place of one, such as *2 weeks*.
    only_numbers : bool
        Whether one is nothing but such numbers: *1 and 3*.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.count = len(texts)
        said = [_said(text) for text in texts]
        self.numbered = any(_has_place(words, len(texts)) for words in said)
        self.only_numbers = any(_has_place(words, len(texts)) and not _other_words(words) for words in said)
        wordings = [(_wordings(text), place) for place, text in enumerate(texts)]
        taken: dict[tuple[str, ...], int | None] = {}
        for variants, place in wordings:
            for rank, words in enumerate(variants):
                if words in taken and taken[words] != place:
                    taken[words] = taken[words] if rank else None
                else:
                    taken[words] = place
        self._places = {words: place for words, place in taken.items() if place is not None and words}
        self._common = {
            words for words in self._places if set(words) <= COMMON_WORDS or _OF_THE_ABOVE.match(" ".join(words))
        }
        self._short = {words for words in self._places if len(words) == 1 and len(words[0]) < 3}
        acronyms = [text for text in texts if _ACRONYM.fullmatch(text)]
        self._telling = self._pattern(set(self._places) - self._common - self._short, acronyms)

    def _pattern(self, wordings: set[tuple[str, ...]], acronyms: Sequence[str]) -> re.Pattern[str] | None:
        if not wordings and not acronyms:
            return None
        longest_first = sorted(wordings, key=lambda words: -sum(map(len, words)))
        parts = [r"[\W_]{1,3}(?:(?:the|an?)\s)?".join(map(re.escape, words)) for words in longest_first]
        parts += [f"(?-i:{acronym})" for acronym in acronyms]
        return re.compile(rf"(?<![^\W_])(?<!\d[.,])(?:{'|'.join(parts)})(?:e?s)?(?![^\W_])(?![.,]\d)", re.IGNORECASE)

    def mentions(self, text: str, start: int = 0, end: int | None = None) -> list[Mention]:
        """Every option that the text names; words such as ``none`` are not taken for one."""
        if self._telling is None:
            return []
        found = self._telling.finditer(text, start, len(text) if end is None else end)
        mentioned = []
        for match in found:
            letter = _LETTER_A.match(match.group())
            first = match.start() + (letter.end() if letter else 0)
            option = self._option(text[first : match.end()])
            if option is not None:
                mentioned.append(Mention(option, first, match.end()))
        return mentioned

    def whole(self, text: str) -> int | None:
        """The option that a short text is: in the same words, one letter misspelt, or the beginning of one option."""
        said = _said(text[:300])
        if not said:
            return None
        exact = self._places.get(said)
        if exact is not None:
            return exact
        alike = {place for words, place in self._places.items() if _alike(words, said)}
        if not alike and len("".join(said)) > _SAME_START:
            alike = {place for words, place in self._places.items() if _begins(words, said)}
        return alike.pop() if len(alike) == 1 else None

    def exactly(self, text: str) -> int | None:
        """The option that a text is, in the same words."""
        return self._places.get(_said(text[:300]))

    def nearly_another(self, text: str, option: int) -> bool:
        """Whether a text says another option in nearly its words, and not this one."""
        said = " ".join(_said(text[:300]))
        if len(said) < _SHORTEST_PARAPHRASE:
            return False
        nearness = [0.0] * self.count
        for words, place in self._places.items():
            nearness[place] = max(nearness[place], fuzz.token_sort_ratio(said, " ".join(words)))
        return max(nearness) >= _NEAR and max(nearness) - nearness[option] >= _FURTHER

    def _option(self, written: str) -> int | None:
        """The option that was found: in ``A. A motor neuron`` it is ``A motor neuron`` behind its letter."""
        said = _said(written)
        bare = tuple(word for word in said if word not in _ARTICLES)
        for words in (said, said[1:], bare):
            for ending in ("", "s", "es"):
                place = self._places.get((*words[:-1], words[-1].removesuffix(ending))) if words else None
                if place is not None:
                    return place
        return None


def _said(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(_ARTICLE.sub("", text.replace("_", " ")).casefold()))


def _has_place(words: tuple[str, ...], count: int) -> bool:
    return len(words) <= _FEW_WORDS and any(word in map(str, range(1, count + 1)) for word in words)


def _other_words(words: tuple[str, ...]) -> bool:
    """Whether there is a word of four letters or more: not one that joins numbers, such as ``and`` or ``y``."""
    return any(len(word) > _SAME_START and not word.isdecimal() and word not in COMMON_WORDS for word in words)


def _wordings(text: str) -> list[tuple[str, ...]]:
    """The words of an option, then those without what stands in brackets, then those in brackets."""
    variants = [_said(text)]
    if text.startswith("A "):
        variants.append(_said(text[2:]))
    bracket = _BRACKET.search(text)
    if bracket:
        variants += [_said(text[: bracket.start()] + " " + text[bracket.end() :]), _said(bracket.group(1))]
    return [words for words in variants if words]


def _begins(words: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether an option begins with these words; the last one may be shortened, as in ``sodium bicarb``."""
    last = len(said) - 1
    if words[:last] != said[:last] or len(words) <= last:
        return False
    return words[last] == said[last] or (len(said[last]) >= _SHORTENED and words[last].startswith(said[last]))


def _alike(words: tuple[str, ...], said: tuple[str, ...]) -> bool:
    return len(words) == len(said) and all(map(_same_word, words, said))


def _same_word(word: str, said: str) -> bool:
    if word == said or word + "s" == said or word == said + "s":
        return True
    if min(len(word), len(said)) < _SHORTEST_SPELLED or word[:_SAME_START] != said[:_SAME_START]:
        return False
    return _one_edit(word, said)


def _one_edit(word: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too much, or two neighbours are exchanged."""
    if abs(len(word) - len(other)) > 1:
        return False
    first = next(
        (place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    if len(word) == len(other):
        swapped = word[first : first + 2] == other[first : first + 2][::-1] and word[first + 2 :] == other[first + 2 :]
        return swapped or word[first + 1 :] == other[first + 1 :]
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return longer[first + 1 :] == shorter[first:]


@lru_cache(maxsize=4096)
def options_of(texts: tuple[str, ...]) -> Options:
    """The same options again and again, one for each question of a bank."""
    return Options(texts)
