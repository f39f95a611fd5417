"""What a line says, in a form that can be compared: words without their endings, quantities, and first answers.

British, American and Canadian spellings, plurals, trade names and abbreviations in common use become one form here, in
keys and in answers alike. What follows the first answer on a line is told from it by punctuation and by ``and``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal, cast

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
from samp_eval.review.markers.language.shorthand import spelled_out
from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import (
    folded,
    kind_words,
    phrases,
    raw_tokens,
    word_stem,
    words_of_kinds,
)

__all__ = [
    "Answer",
    "Boundary",
    "Token",
    "Wording",
    "is_stopping",
    "read_answer",
    "read_wording",
    "written_words",
]

Boundary = Literal["start", "list", "label", "bracket", "naming", "joined", "explained"]
"""What stands before a part of a line: a comma, semicolon, and, or (list); a colon (label); a bracket; such as,
including (naming); a slash or ampersand (joined); a dash or a new sentence (explained)."""

_NUMBERED_KINDS = frozenset({"type", "stag", "grad", "clas", "phas", "category", "categori", "factor"})
_SAME_WORD = {">": "over", "≥": "over", "abov": "over", "greater": "over", "<": "under", "≤": "under", "below": "under"}
_ABBREVIATIONS_IN_CAPITALS = (
    (re.compile(r"\bUS\b"), "ultrasound"),
    (re.compile(r"\b[Kk]\+"), "potassium "),
    (re.compile(r"\bNa\+?(?![A-Za-z])"), "sodium"),
    (re.compile(r"\bCr\b"), "creatinine"),
    (re.compile(r"\bCa2?\+\+?"), "calcium "),
)
_MAY_ABBREVIATE = re.compile(r"US|[Kk]\+|Na|Cr|Ca")
_SHORT_BRACKET = re.compile(r"(?<=\w)\((\w{1,2})\)")
_SEPARATOR = re.compile(
    r"(?P<naming>[,;]?\s*\b(?:such as|e\.g\.,?|eg\b,?|i\.e\.,?|ie\b,?|including|specifically|namely|especially)\s)"
    r"|(?P<bracket>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<label>:(?!\d))"
    r"|(?P<list>[,;\n|](?!\d{3}\b)|\s(?:and|or|and/or|plus|vs\.?|versus|as well as|followed by"
    r"|(?:and )?then)\s|\s\+\s?)"
    r"|(?P<explained>\s[-–—]+\s|—|\s[-=]+>\s|→|(?<=[a-z]{3})[.!?]\s+(?=[A-Z]))"
    r"|(?P<joined>(?:(?<=[A-Za-z]{2})|(?<![A-Za-z]))[/&](?!\d)|[/&](?!\d)(?![A-Za-z]\b))",
    re.IGNORECASE,
)
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
_LEADING_ALTERNATIVE = re.compile(
    r"^\W*(?:rather than|instead of|in place of|as opposed to"
    r"|(?:any|every|all|no)\w*\s(?:\w+\s)?(?:but|except|other than|apart from|besides))\s",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"\s(?:rather than|instead of|in place of|as opposed to)\s", re.IGNORECASE)
_WITHIN_PHRASE = frozenset(
    {"a", "an", "the", "he", "she", "they", "him", "her", "his", "them", "their", "my", "your", "own"}
)
"""Words that may stand inside a phrase of the word lists without being written there."""
_OFF = re.compile(
    r"\b(?:get|getting|take|taking|bring|wean|weaning)\s+(?:him|her|them|(?:the|this) patient)\s+off\s+(?!work|duty)",
    re.IGNORECASE,
)


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
    may_lessen : bool
        Whether another wording of its entry speaks of less, so that ``reduced`` takes nothing back.
    kin : frozenset of str
        Every word of its entry's wordings: beside it they change nothing.
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
    may_lessen: bool = False
    kin: frozenset[str] = frozenset()
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
    pairs : frozenset of str
        Neighbouring words written as one.
    quantities : tuple of Quantity
    first_answer_end : int
        The last part of the first answer: that of ``Assess and treat pain`` is part 1.
    """

    tokens: tuple[Token, ...]
    boundaries: tuple[Boundary, ...]
    corrections: tuple[tuple[str, str], ...] = ()
    places: dict[str, int] = field(init=False, repr=False, compare=False)
    pairs: frozenset[str] = field(init=False, repr=False, compare=False)
    quantities: tuple[Quantity, ...] = field(init=False, repr=False, compare=False)
    first_answer_end: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Each of these is needed for every wording of a key, of which there may be a hundred.
        aside = words_of_kinds("grammar", "filler", "tail")
        places: dict[str, int] = {}
        for position, token in enumerate(self.tokens):
            if token.stem:
                places.setdefault(token.stem, position)
        pairs = {first + second.stem for one, second in pairwise(self.tokens) for first in (one.stem, one.written)}
        end = next((token.part for token in self.tokens if token.stem and token.stem not in aside), 0)
        quantities = tuple(token.quantity for token in self.tokens if token.quantity is not None)
        found = {"places": places, "pairs": frozenset(pairs), "quantities": quantities, "first_answer_end": end}
        for name, value in found.items():
            object.__setattr__(self, name, value)

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
    tokens = _tokens([(word, 0) for word in raw_tokens(_lowered(_unified(text)))], frozenset({0}), None)
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
    if len(telling) == 1 and len(spoken) >= _WORDS_TO_BE_KEPT:
        telling = spoken
    if len(telling) == 1 and telling[0].stem in _ASKING:
        telling = [token for token in words if token.stem in _ASKING or token.stem in _WANTING]
    stems = tuple(dict.fromkeys(token.stem for token in telling))
    joins = tuple(word_stem(first.written + second.written) for first, second in pairwise(telling))
    aside = frozenset(token.stem for token in spoken if token.stem in kind_words("filler"))
    every = frozenset(token.stem for token in words)
    sides, denied = sides_of(words, frozenset(stems)), denied_words(telling)
    stopping = any(map(is_stopping, tokens))
    return Wording(text, stems, aside, joins, quantities, every, stopping, sides=sides, denied=denied)


def read_answer(text: str, corrected: Callable[[str], str]) -> Answer:
    """Read one answer line.

    Parameters
    ----------
    text : str
    corrected : callable
        Gives a word (lower case, marker's spelling) back in its right spelling.
    """
    words, boundaries = _parts(text)
    corrections: dict[str, str] = {}

    def correct(word: str) -> str:
        right = corrected(word)
        if right != word:
            corrections[word] = right
        return right

    hard = frozenset(part for part, boundary in enumerate(boundaries) if boundary not in _SOFT)
    tokens = _tokens(words, hard, correct)
    tokens = without_double_negatives(tokens)
    return Answer(tuple(tokens), tuple(boundaries), tuple(corrections.items()))


@lru_cache(maxsize=65_536)
def written_words(text: str) -> frozenset[str]:
    """Gather the words as they stand, but for case, endings and articles: equal sets are the same at a glance."""
    words = raw_tokens(_lowered(_unified(text)))
    return frozenset(word_stem(folded(COUNT_WORDS.get(word, word))) for word in words) - _EMPTY


@lru_cache(maxsize=1024)
def _unified(text: str) -> str:
    """Write shorthand out; kept because a line is compared as it stands first, and then read."""
    text = spelled_out(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "(" in text:
        text = _SHORT_BRACKET.sub(r"\1", text)
    text = _ALTERNATIVE.sub(", not ", _LEADING_ALTERNATIVE.sub("not ", text))
    if " off " in text:
        text = _OFF.sub("stop ", text)
    if _MAY_ABBREVIATE.search(text):
        for pattern, meaning in _ABBREVIATIONS_IN_CAPITALS:
            text = pattern.sub(meaning, text)
    return text


def _lowered(text: str) -> str:
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _parts(text: str) -> tuple[list[tuple[str, int]], list[Boundary]]:
    """Words of a line with the part that each stands in, and what stands before each part."""
    words: list[tuple[str, int]] = []
    boundaries: list[Boundary] = ["start"]
    text = _unified(text)
    position, filled = 0, False
    for found in (*_SEPARATOR.finditer(text), None):
        piece = raw_tokens(_lowered(text[position : found.start() if found else len(text)]))
        words += [(word, len(boundaries) - 1) for word in piece]
        filled = filled or bool(piece)
        if found is None:
            break
        position = found.end()
        kind = cast(Boundary | Literal["close"], found.lastgroup)
        if filled:
            boundaries.append("list" if kind == "close" else kind)
            filled = False
        elif kind != "close" and len(boundaries) > 1:
            boundaries[-1] = kind
    return words, boundaries


def _tokens(words: list[tuple[str, int]], hard: frozenset[int], corrected: Callable[[str], str] | None) -> list[Token]:
    plain = []
    for word, part in words:
        written = folded(COUNT_WORDS.get(word, word))
        written = corrected(written) if corrected is not None else written
        plain.append(Token(word_stem(written), written, part))
    return _with_quantities(_without_synonyms(_without_synonyms(plain, hard), hard), in_answer=corrected is not None)


def _without_synonyms(tokens: list[Token], hard: frozenset[int]) -> list[Token]:
    by_first = phrases()
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
    return out


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
        if token.written[0].isdigit() or _is_one_of_time(tokens, position):
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
    return stem in _NUMBERED_KINDS or (len(stem) == 1 and stem.isalpha() and stem != "x")
