"""What a line says, in a form that can be compared: words without their endings, quantities, and first answers.

British, American and Canadian spellings, plurals, trade names and abbreviations in common use become one form here, in
keys and in answers alike. What follows the first answer on a line is told from it by punctuation and by ``and``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from samp_eval.review.markers.language.negation import is_stopping, without_double_negatives, without_unrelieved
from samp_eval.review.markers.language.order import Side, denied_words, sides_of
from samp_eval.review.markers.language.quantity import (
    AT_LEAST,
    BELOW,
    COUNT_WORDS,
    TIME_UNITS,
    Bound,
    Quantity,
    read_quantity,
)
from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import (
    folded,
    kind_words,
    phrases,
    word_stem,
    words_of_kinds,
)
from samp_eval.review.markers.parts import Boundary, parts_of, words_of

__all__ = ["Answer", "WordReader", "Wording", "is_stopping", "read_answer", "read_wording", "written_words"]

_set = object.__setattr__

_NUMBERED_KINDS = frozenset({"type", "stag", "grad", "clas", "phas", "category", "categori", "factor"})
_SAME_WORD = {">": "over", "≥": "over", "abov": "over", "greater": "over", "<": "under", "≤": "under", "below": "under"}
_SOFT: frozenset[Boundary] = frozenset({"start", "joined"})
_WORDS_TO_BE_KEPT = 4
"""A wording of so many words of which only one is telling is looked for whole: that word alone says too little."""
_ASKING = frozenset({"what", "how", "who", "why", "where", "when"})
_WANTING = frozenset({"want", "need", "should", "might", "must", "can"})
"""Of ``what he would have wanted`` these two are kept: the first alone says nothing."""
_WEIGHTY_WORDS = 2
"""With so many words that say more than ``keep`` or ``that``, a wording needs none of the light ones."""
_LONGEST_QUANTITY = 6
"""Words: ``1 to 2 mmol per l`` is the longest that a key needs."""
_TURNING = frozenset({"no", "reduc"})
_BEFORE_ONE = frozenset({"than", "within", "in", "every", "after", "for"})
_ONE = frozenset({"one", "a", "an"})
_LINKING = frozenset({"than", "or", "equal", "to", "the", "of", "is", "be"})
_EMPTY = frozenset({"=", "a", "an", "the", "of", "and", "or", "versu", "vs", "any"})
_WITHIN_PHRASE = frozenset(
    {"a", "an", "the", "he", "she", "they", "him", "her", "his", "them", "their", "my", "your", "own"}
)
"""Words that may stand inside a phrase of the word lists without being written there."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a key, ready to be looked for.

    Attributes
    ----------
    text : str
    stems : tuple of str
        The telling words, in order; empty for a bare number.
    aside : frozenset of str
        The filler words: they decide only between wordings that fit as well otherwise.
    joins : tuple of str
        Neighbouring telling words written as one.
    quantities : tuple of Quantity
    spoken : frozenset of str
        Every word, filler and grammar too.
    stopping : bool
        Whether its ``no`` is a stop or avoid, and not an absence.
    sides : tuple of Side
        Words that order or compare, with the telling words before and after each: ``more men than women``.
    denied : frozenset of str
        The telling words that a ``no`` stands before.
    sought : frozenset of str
        The stems as a set: equal sets are equal wordings, whatever their order.
    """

    text: str
    stems: tuple[str, ...]
    aside: frozenset[str]
    joins: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    spoken: frozenset[str] = frozenset()
    stopping: bool = False
    sides: tuple[Side, ...] = ()
    denied: frozenset[str] = frozenset()
    sought: frozenset[str] = field(init=False, repr=False, compare=False)
    _in_one_word: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sought", frozenset(self.stems))
        object.__setattr__(self, "_in_one_word", frozenset(self.joins))

    def is_touched_by(self, answer: Answer) -> bool:
        """Whether the answer has any of its telling words, written apart or together."""
        return not (
            self.sought.isdisjoint(answer.places)
            and self.sought.isdisjoint(answer.pairs)
            and self._in_one_word.isdisjoint(answer.places)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer line, read.

    Attributes
    ----------
    tokens : tuple of Token
    boundaries : tuple of Boundary
        What stands before each of its parts.
    corrections : tuple of (str, str)
        What was read as a misspelling, and as what.
    places : mapping of str to int
        Where each stem stands first.
    pairs : set of str
        Neighbouring words written as one.
    stems : frozenset of str
        Of every token; that of a quantity is empty.
    quantities : tuple of Quantity
    first_answer_end : int
        The last part of the first answer: that of ``Assess and treat pain`` is part 1.
    """

    tokens: tuple[Token, ...]
    boundaries: tuple[Boundary, ...]
    corrections: tuple[tuple[str, str], ...] = ()
    places: dict[str, int] = field(init=False, repr=False, compare=False)
    pairs: set[str] = field(init=False, repr=False, compare=False)
    stems: frozenset[str] = field(init=False, repr=False, compare=False)
    quantities: tuple[Quantity, ...] = field(init=False, repr=False, compare=False)
    first_answer_end: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Each of these is needed for every wording of a key, of which there may be a hundred.
        aside = words_of_kinds("grammar", "filler", "tail")
        places: dict[str, int] = {}
        pairs: set[str] = set()
        quantities: list[Quantity] = []
        end, before = -1, None
        for position, token in enumerate(self.tokens):
            stem, _, part, quantity = token
            if before is not None:
                pairs.add(before.stem + stem)
                pairs.add(before.written + stem)
            before = token
            if quantity is not None:
                quantities.append(quantity)
            if stem:
                places.setdefault(stem, position)
                if end < 0 and stem not in aside:
                    end = part
        _set(self, "places", places)
        _set(self, "pairs", pairs)
        _set(self, "stems", frozenset([token.stem for token in self.tokens]))
        _set(self, "quantities", tuple(quantities))
        _set(self, "first_answer_end", max(end, 0))

    def from_part(self, part: int) -> Answer:
        """Give the line from one part on, as if it began there."""
        tokens = tuple(token._replace(part=token.part - part) for token in self.tokens if token.part >= part)
        return Answer(tokens, ("start", *self.boundaries[part + 1 :]), self.corrections)

    def after_word(self, stems: frozenset[str]) -> Answer | None:
        """Give what follows the first of these words in the first part, as if the line began there."""
        for position, token in enumerate(self.tokens):
            if token.part == 0 and token.stem in stems and position + 1 < len(self.tokens):
                return Answer(self.tokens[position + 1 :], self.boundaries, self.corrections)
        return None


@lru_cache(maxsize=1)
def _one_form() -> dict[str, str]:
    """Give words that differ in nothing that matters one form: no, stop and avoid; reduce and limit; over and above."""
    forms = dict(_SAME_WORD)
    for kind, form in (("opposite", "no"), ("stopping", "no"), ("lessening", "reduc"), ("raising", "increas")):
        forms.update(dict.fromkeys(kind_words(kind), form))
    return forms


@lru_cache(maxsize=65_536)
def read_wording(text: str) -> Wording:
    """Read one wording of a key. Filler words are left out unless nothing else is there."""
    plain = [Token(*_plain_word(word), 0) for word in words_of(text)]
    tokens = _tokens(plain, frozenset({0}), in_answer=False)
    tokens = without_unrelieved(tokens)
    words = [token for token in tokens if token.quantity is None]
    quantities = tuple(token.quantity for token in tokens if token.quantity is not None)
    spoken = [token for token in words if token.stem not in kind_words("grammar")] or words
    telling = [token for token in spoken if token.stem not in kind_words("filler")]
    if not quantities and all(token.stem in _TURNING or token.stem in kind_words("modifier") for token in telling):
        telling = spoken
    weighty = [token for token in telling if token.stem not in kind_words("light")]
    if len(weighty) >= _WEIGHTY_WORDS:
        telling = weighty
    if len(telling) == 1 and (len(spoken) >= _WORDS_TO_BE_KEPT or telling[0].stem in words_of_kinds("person", "vague")):
        telling = spoken
    if len(telling) == 1 and telling[0].stem in _ASKING:
        telling = [token for token in words if token.stem in _ASKING or token.stem in _WANTING]
    stems = tuple(dict.fromkeys(token.stem for token in telling))
    joins = tuple(word_stem(first.written + second.written) for first, second in pairwise(telling))
    aside = frozenset(token.stem for token in spoken if token.stem in kind_words("filler"))
    every = frozenset(token.stem for token in words)
    sides, denied = sides_of(words, frozenset(stems)), denied_words(telling)
    if {"he", "she"} <= every:
        sides += (Side("she", frozenset(), frozenset()),)
    stopping = any(map(is_stopping, tokens))
    return Wording(text, stems, aside, joins, quantities, every, stopping, sides=sides, denied=denied)


class WordReader:
    """Reads the words of the answers to one question, each of them once.

    Parameters
    ----------
    corrected : callable
        Gives a word (lower case, marker's spelling) back in its right spelling.
    """

    def __init__(self, corrected: Callable[[str], str]) -> None:
        self._corrected = corrected
        self._read: dict[str, Token] = {}
        self._wrong: dict[str, tuple[str, str]] = {}

    def tokens(self, words: list[tuple[str, int]]) -> list[Token]:
        """Give a token for each word and the part that it stands in."""
        read, found = self._read, []
        for word, part in words:
            token = read.get(word) or self._read_word(word)
            found.append(Token(token.stem, token.written, part) if part else token)
        return found

    def corrections(self, words: list[tuple[str, int]]) -> tuple[tuple[str, str], ...]:
        """Which of the words are read as misspellings, and as what."""
        if not self._wrong:
            return ()
        return tuple(dict(self._wrong[word] for word, _ in words if word in self._wrong).items())

    def _read_word(self, word: str) -> Token:
        stem, written = _plain_word(word)
        right = self._corrected(written)
        if right != written:
            self._wrong[word] = written, right
            stem, written = word_stem(right), right
        token = self._read[word] = Token(stem, written, 0)
        return token


def read_answer(text: str, reader: WordReader) -> Answer:
    """Read one answer line.

    Parameters
    ----------
    text : str
    reader : WordReader
        Of the question.
    """
    words, boundaries = parts_of(text)
    hard = frozenset(part for part, boundary in enumerate(boundaries) if boundary not in _SOFT)
    tokens = _tokens(reader.tokens(words), hard, in_answer=True)
    tokens = without_double_negatives(tokens)
    return Answer(tuple(tokens), tuple(boundaries), reader.corrections(words))


@lru_cache(maxsize=65_536)
def written_words(text: str) -> frozenset[str]:
    """Gather the words as they stand, but for case, endings and articles: equal sets are the same at a glance."""
    return frozenset([_plain_word(word)[0] for word in words_of(text)]) - _EMPTY


@lru_cache(maxsize=65_536)
def _plain_word(word: str) -> tuple[str, str]:
    """Give the stem of a lower-case word, and the word in the marker's spelling."""
    written = folded(COUNT_WORDS.get(word, word))
    return word_stem(written), written


def _tokens(plain: list[Token], hard: frozenset[int], *, in_answer: bool) -> list[Token]:
    tokens = _without_synonyms(plain, hard)
    if tokens is not plain:
        tokens = _without_synonyms(tokens, hard)
    return _with_quantities(tokens, in_answer=in_answer)


def _without_synonyms(tokens: list[Token], hard: frozenset[int]) -> list[Token]:
    """Put the words that stand for them in the place of synonyms; the same list where there are none."""
    by_first = phrases()
    if by_first.keys().isdisjoint([token.stem for token in tokens]):
        return tokens
    out: list[Token] = []
    position = 0
    while position < len(tokens):
        here = tokens[position]
        for words, target in by_first.get(here.stem, ()):
            end = _end_of_phrase(tokens, position, words, hard)
            if end:
                out += [Token(stem, stem, here.part) for stem in target]
                position = end
                break
        else:
            out.append(here)
            position += 1
    return tokens if len(out) == len(tokens) and all(map(operator.is_, out, tokens)) else out


def _end_of_phrase(tokens: list[Token], position: int, words: tuple[str, ...], hard: frozenset[int]) -> int:
    """Say behind which word a phrase ends that begins here, or 0; ``loss of her appetite`` is ``loss of appetite``.

    An ``and`` of the phrase may be the end of a part: answers are divided there, wordings of a key are not.
    """
    place, part = position + 1, tokens[position].part
    for word in words[1:]:
        while place < len(tokens) and tokens[place].stem in _WITHIN_PHRASE and tokens[place].stem != word:
            place += 1
        if place == len(tokens):
            return 0
        if word == "and" and tokens[place].part == part + 1:
            part += 1
            continue
        if tokens[place].stem != word or (tokens[place].part != part and tokens[place].part in hard):
            return 0
        place += 1
    return place


def _with_quantities(tokens: list[Token], *, in_answer: bool) -> list[Token]:
    forms = _one_form()
    out: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.written[0].isdigit() or (token.written in _ONE and _is_one_of_time(tokens, position)):
            before = out[-1] if out else None
            if before is not None and before.part == token.part and _is_numbered(before.stem):
                out[-1] = before._replace(stem=before.stem + token.written, written=before.written + token.written)
                position += 1
                continue
            first = "1" if token.written in _ONE else token.written
            words = [first, *(following.written for following in tokens[position + 1 : position + _LONGEST_QUANTITY])]
            quantity, used = read_quantity(words)
            bound = _taken_bound(out, token.part, opens_within=not in_answer)
            written = " ".join(taken.written for taken in tokens[position : position + used])
            out.append(Token("", written, token.part, quantity.opened(bound) if bound else quantity))
            position += used
            continue
        form = forms.get(token.stem, token.stem)
        out.append(token if form == token.stem else token._replace(stem=form))
        position += 1
    return out


def _taken_bound(out: list[Token], part: int, *, opens_within: bool) -> Bound | None:
    """Take the words off the end that open the coming quantity: ``more than``, ``under``, ``no later than``."""
    place = len(out) - 1
    while place >= 0 and out[place].part == part and out[place].written in _LINKING:
        place -= 1
    word = out[place].written if place >= 0 and out[place].part == part else ""
    if word in AT_LEAST:
        bound: Bound = "at least"
    elif word in BELOW or (opens_within and word == "within"):
        bound = "below"
    else:
        return None
    if word in ("within", "maximum", "max", "≤"):
        bound = "up to"
    if place and out[place - 1].stem == "no" and out[place - 1].written in ("no", "not") and word not in ("before",):
        place -= 1
        bound = "up to" if bound == "at least" else "at least"
    del out[place:]
    return bound


def _is_one_of_time(tokens: list[Token], position: int) -> bool:
    """Say whether a word stands for the number 1 here: ``one week``, ``more than a day``."""
    following = tokens[position + 1].written if position + 1 < len(tokens) else ""
    before = tokens[position - 1].written if position else ""
    is_one = tokens[position].written == "one" or (
        tokens[position].written in _ONE and (before in _BEFORE_ONE or before in AT_LEAST)
    )
    return is_one and following.removesuffix("s") in TIME_UNITS


def _is_numbered(stem: str) -> bool:
    """Say whether a number after this word belongs to it: ``type 2``, ``b 12``."""
    return stem in _NUMBERED_KINDS or (len(stem) == 1 and stem.isalpha() and stem not in ("d", "x"))
