"""What the key of a question in a table says: letters, numbers, or the words of options.

A key such as ``A`` or ``3`` may be both: the letter of the first option, and the words of one that reads ``A``. The
other rows of the file decide, and where they do not, the question is left out: a wrong key would not be noticed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from samp_eval.items.importing.fields import (
    DIFFERENT_OPTIONS,
    NAMES_NONE,
    NO_KEY,
    clean,
    same_words,
    shown_key,
    structured,
)
from samp_eval.items.importing.imported import LeftOut

__all__ = ["Habit", "Key", "Options", "chosen_places", "habits_of", "index_of_key", "read_key"]

Habit = Literal["letters", "runs", "numbers", "words"]
"""How keys of a file are written; ``runs`` are letters without anything between, as in ``AC``."""

_BETWEEN = re.compile(r"(?:\s|[,;|/&+]|\b(?:and|et|und|y)\b)+")
_WRAPPED = r"[\s()\[\].:\"'*#]*"
_LETTER = re.compile(rf"{_WRAPPED}([A-La-l]){_WRAPPED}")
_NUMBER = re.compile(rf"{_WRAPPED}(\d{{1,2}})(?:\.0+)?{_WRAPPED}")
_RUN = re.compile(r"[A-L]{2,12}|[a-l]{2,12}")
_LEAD = re.compile(
    r"^(?:the\s+)?(?:correct\s+|right\s+)?(?:answers?|options?|choices?|réponses?|reponses?|propositions?|antwort(?:en)?"
    r"|respuestas?|opci[oó]n(?:es)?)(?:\s+is|\s+are)?[\s:=_-]*(?=\S)",
    re.IGNORECASE,
)
_WITH_WORDS = re.compile(r"[(\[]?([A-La-l]|\d{1,2})(?:\s*[.):\]–-]|\s(?=\())\s*(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one question.

    Attributes
    ----------
    texts : tuple of str
    positions : tuple of int
        Where each stands among all options of its row, from 0; empty ones at the end have a position too.
    base : int or None
        From which the options are numbered, where they have numbers.
    """

    texts: tuple[str, ...]
    positions: tuple[int, ...]
    base: int | None = None

    def places(self, positions: Iterable[int]) -> tuple[int, ...] | None:
        """Places of the options with these positions; None where one has no words or is not there."""
        wanted = set(positions)
        return tuple(sorted(map(self.positions.index, wanted))) if wanted <= set(self.positions) else None


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may say: positions by letters, numbers as they are, places by words; None where it does not."""

    written: str
    letters: tuple[int, ...] | None = None
    numbers: tuple[int, ...] | None = None
    words: tuple[int, ...] | None = None
    is_run: bool = False

    @property
    def habit(self) -> Habit | None:
        """How this key is surely written; None where it may be read in two ways."""
        found: list[Habit] = ["letters"] if self.letters else []
        found += ["numbers"] if self.numbers else []
        found += ["words"] if self.words else []
        return "runs" if found == ["letters"] and self.is_run else found[0] if len(found) == 1 else None


def read_key(value: Any, options: Options) -> Key:
    """Read one key; raises :class:`LeftOut` where there is none, or its letter and words name different options."""
    value = structured(value)
    if isinstance(value, list) and value:
        return _of_list([read_key(part, options) for part in value])
    text = str(value) if isinstance(value, bool) else clean(value)
    if not text or re.fullmatch(r"-\d+(?:\.0+)?", text):
        raise LeftOut(NO_KEY)
    words = _by_words(text, options.texts) or _by_initial(text, options.texts)
    bare = _LEAD.sub("", unicodedata.normalize("NFKC", text))
    parts = [part for part in _BETWEEN.split(bare) if part]
    letters = [found[1] for part in parts if (found := _LETTER.fullmatch(part))]
    numbers = [int(found[1]) for part in parts if (found := _NUMBER.fullmatch(part))]
    is_run = bool(_RUN.fullmatch(bare)) and len(set(bare)) == len(bare)
    letters = list(bare) if is_run else letters
    if parts and len(letters) == (len(bare) if is_run else len(parts)) and _one_case(letters):
        return Key(
            text,
            letters=tuple(sorted({ord(letter.upper()) - ord("A") for letter in letters})),
            words=words,
            is_run=is_run,
        )
    if parts and len(numbers) == len(parts):
        return Key(text, numbers=tuple(sorted(set(numbers))), words=words)
    return Key(text, words=words or _behind_letter(bare, options))


def _one_case(letters: list[str]) -> bool:
    """In ``A e C`` the second is a word."""
    return len({letter.isupper() for letter in letters}) == 1


def _of_list(keys: list[Key]) -> Key:
    def joined(parts: list[tuple[int, ...] | None]) -> tuple[int, ...] | None:
        return None if None in parts else tuple(sorted({place for part in parts for place in part or ()}))

    return Key(
        ", ".join(key.written for key in keys),
        joined([key.letters for key in keys]),
        joined([key.numbers for key in keys]),
        joined([key.words for key in keys]),
    )


def _by_words(text: str, options: tuple[str, ...]) -> tuple[int, ...] | None:
    """Places of the option, or the options in a list, that the text repeats."""
    whole = _same(text, options)
    if whole is not None:
        return (whole,)
    for sign in ("\n", ";", "|", ","):
        places = [_same(part, options) for part in text.split(sign)]
        if len(places) > 1 and None not in places:
            return tuple(sorted({place for place in places if place is not None}))
    return None


def _by_initial(text: str, options: tuple[str, ...]) -> tuple[int, ...] | None:
    """The place of true or false, yes or no, for T or N."""
    places = [place for place, option in enumerate(options) if option[:1].casefold() == text.casefold()]
    return tuple(places) if len(options) == 2 and len(places) == 1 and text.upper() not in ("A", "B") else None


def _same(text: str, options: tuple[str, ...]) -> int | None:
    text = clean(text)
    if text in options:
        return options.index(text)
    alike = [place for place, option in enumerate(options) if same_words(option) == same_words(text)]
    return alike[0] if len({options[place] for place in alike}) == 1 else None


def _behind_letter(text: str, options: Options) -> tuple[int, ...] | None:
    """The place that ``B. Zinc`` or ``2) Zinc`` names with its words, if its letter or number says the same."""
    found = _WITH_WORDS.fullmatch(text)
    if found is None:
        return None
    place = _same(found[2], options.texts)
    place = _same(found[2].strip("()[]"), options.texts) if place is None else place
    if place is None:
        return None
    position = options.positions[place]
    meant = {int(found[1]), int(found[1]) - 1} if found[1].isdecimal() else {ord(found[1].upper()) - ord("A")}
    if position not in meant:
        raise LeftOut(DIFFERENT_OPTIONS, shown_key(text))
    return (place,)


def habits_of(keys: Iterable[Key]) -> frozenset[Habit]:
    """How the keys of a file are written, by those that can be read in one way only."""
    found = {key.habit for key in keys}
    return frozenset(habit for habit in found if habit is not None) | (
        frozenset({"letters"}) if "runs" in found else frozenset()
    )


def index_of_key(key: Key, habits: frozenset[Habit]) -> int | None:
    """The number that shows from where indexes count: 0 if it is there, else the highest; None if words are meant."""
    if key.numbers is None or (key.words is not None and not _means_token(key, habits)):
        return None
    return 0 if 0 in key.numbers else max(key.numbers)


def _form(key: Key) -> Habit:
    """How a key is written if words are not meant."""
    return "numbers" if key.numbers else "runs" if key.is_run else "letters"


def _means_token(key: Key, habits: frozenset[Habit]) -> bool:
    """Whether a key that may be words as well is a letter or number, by the habit of the file alone."""
    return _form(key) in habits and "words" not in habits


def _means_words(key: Key, habits: frozenset[Habit]) -> bool:
    return _form(key) not in habits and ("words" in habits or _form(key) == "runs")


def chosen_places(key: Key, options: Options, habits: frozenset[Habit], base: int | None) -> tuple[int, ...]:
    """The places of the right options.

    Raises
    ------
    LeftOut
        Where the key names none, or could name two different options.
    """
    positions = key.letters if key.letters is not None else _positions(key, base)
    by_token = None if positions is None else options.places(positions)
    listed = key.letters is not None and len(key.letters) > 1 and not key.is_run  # an option that reads "A and B"
    if key.words is None or (_means_token(key, habits) and not listed):
        if by_token is None:
            raise LeftOut(NAMES_NONE, shown_key(key.written))
        return by_token
    if (positions is None and key.numbers is None) or listed or by_token == key.words or _means_words(key, habits):
        return key.words
    if by_token is None and key.numbers is not None and base is None:
        by_token = options.places(key.numbers) or options.places(number - 1 for number in key.numbers)
    if by_token is None and not habits & {"numbers", "letters"}:
        return key.words
    reason = "has a key that could be a letter or number, or the words of another option; write it as A. with the words"
    raise LeftOut(reason, shown_key(key.written))


def _positions(key: Key, base: int | None) -> list[int] | None:
    return None if key.numbers is None or base is None else [number - base for number in key.numbers]
