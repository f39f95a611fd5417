"""What a row of tokens says of options: picks at a place, and whether they are rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from samp_eval.answers.choices.options import COMMON_WORDS
from samp_eval.answers.choices.tokens import Token

__all__ = [
    "NO_CLAIM",
    "Claim",
    "Pick",
    "affirmed",
    "behind_marker",
    "behind_turn",
    "claim_at",
    "denied",
    "in_condition",
    "kind_at",
    "rejected_behind",
    "rejected_in_clause",
]

_ENDS = frozenset({"stop", "line"})
_MARKS = frozenset({"open", "close", "boxed"})
_BESIDE = frozenset({"dash", "colon", "close", "open", "boxed"})
_AFTER_LETTER = frozenset({"and", "or", "because", "is", "right", "so", "not", "if", "letter", "say"})
_AFTER_ARTICLE = frozenset({"and", "or", "because", "so", "letter"})
_AFTER_SMALL_LETTER = frozenset({"and", "or", "because", "so"})
_BEFORE_LAST_A = frozenset({"is", "colon", "open", "cue", "line", "dash", "boxed"})
"""Before a small ``a`` that ends a text; behind other words the text was cut off at an article."""
_TURNS = frozenset({"but", "mais", "sondern", "pero", "sino", "但", "而是"})
_TRAILING = frozenset({"fill", "stop", "line", "close", ""})
_COPULAS = frozenset({"is", "was", "would", "est", "serait", "ist", "wäre", "es", "sería", "="})
_JOINING = frozenset({"separator", "and", "or"})
_GOES_ON = frozenset({"is", "word", "fill", "say"})
_REJECTING = ("n't", "n’t", "cannot", "n'est", "n’est")
_MOST_PICKS, _MOST_SKIPPED = 12, 12
"""Options of one claim, and signs between a letter and what stands beside it."""
_SCOPE = 30
"""Tokens before a name in which its rejection is looked for."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One chosen option and where it is said; in the text that was read."""

    option: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What one place says.

    Attributes
    ----------
    picks : tuple of Pick
    after : int
        The place behind the last token that belongs to it.
    contrary : bool
        Whether a letter and the words beside it name different options.
    unsure : bool
        Whether several are named with ``or`` between them.
    """

    picks: tuple[Pick, ...]
    after: int
    contrary: bool = False
    unsure: bool = False

    @property
    def options(self) -> tuple[int, ...]:
        """The chosen options, each once, in order."""
        return tuple(dict.fromkeys(pick.option for pick in self.picks))


NO_CLAIM = Claim((), 0)


def claim_at(tokens: Sequence[Token], place: int, *, many: bool) -> Claim:
    """Read the options that are named from a place on.

    Parameters
    ----------
    tokens : sequence of Token
    place : int
    many : bool
        Whether several are asked for, so that ``A, Enoxaparin`` are two and no contradiction, and so that they may
        stand one below the other.
    """
    picks: list[Pick] = []
    unsure, after = False, place
    for _ in range(_MOST_PICKS):
        pick, behind, contrary = _one(tokens, place, many=many)
        if contrary:
            return Claim((), behind, contrary=True)
        if pick is None or (kind_at(tokens, place - 1) == "line" and picks and kind_at(tokens, behind) in _GOES_ON):
            break
        picks.append(pick)
        after = behind
        place, either = _to_next(tokens, behind, many=many)
        unsure = unsure or either
        if place == behind and not (many and kind_at(tokens, place) in ("letter", "open")):
            break
    return Claim(tuple(picks), after, unsure=unsure and len(picks) > 1)


def _to_next(tokens: Sequence[Token], place: int, *, many: bool) -> tuple[int, bool]:
    """Behind what joins two options, and whether it was ``or``."""
    either = False
    joining = _JOINING | {"line", "stop"} if many else _JOINING
    for _ in range(_MOST_SKIPPED):
        if kind_at(tokens, place) not in joining:
            break
        either = either or tokens[place].kind == "or"
        place += 1
        if many:
            place = behind_marker(tokens, place)
    return place, either


def behind_marker(tokens: Sequence[Token], place: int) -> int:
    """Behind the number or bullet at the beginning of a line."""
    if kind_at(tokens, place) == "dash":
        return place + 1
    opened = kind_at(tokens, place) == "open"
    number = tokens[place + opened] if place + opened < len(tokens) else None
    if (
        number is not None
        and number.kind != "letter"
        and number.text.isdecimal()
        and kind_at(tokens, place + opened + 1) in ("stop", "close", "colon")
    ):
        behind = place + opened + 2
        decimal = behind < len(tokens) and tokens[behind].text[:1].isdecimal()
        return place if decimal and tokens[behind].start == tokens[behind - 1].end else behind
    return place


def _one(tokens: Sequence[Token], place: int, *, many: bool) -> tuple[Pick | None, int, bool]:
    """One letter or name with what stands beside it: the pick, the place behind it, and whether they disagree."""
    place = _skip(tokens, place, lambda at: tokens[at].kind in _MARKS or _is_label(tokens, at))
    if place >= len(tokens):
        return None, place, False
    token = tokens[place]
    if token.kind == "option":
        return _named(tokens, place)
    if token.kind != "letter" or not _is_letter(tokens, place):
        return None, place, False
    beside = _skip(tokens, place + 1, lambda at: tokens[at].kind in _BESIDE or _joins(tokens, at, many))
    if beside < len(tokens) and tokens[beside].kind == "fill" and kind_at(tokens, beside + 1) == "option":
        beside += 1
    if kind_at(tokens, beside) == "option" and not (many and tokens[beside - 1].kind == "line"):
        if tokens[beside].option != token.option:
            return None, place, True
        return Pick(token.option, token.start, tokens[beside].end), _behind_marks(tokens, beside + 1), False
    if rejected_behind(tokens, place + 1):
        return None, place, False
    if not many and _another_letter(tokens, beside, token):
        return None, place, True
    if _names_another(tokens, beside, token.option):
        return None, place, True
    return Pick(token.option, token.start, token.end), _behind_marks(tokens, place + 1), False


def _joins(tokens: Sequence[Token], place: int, many: bool) -> bool:
    """A full stop behind a letter, or a comma where one option is asked for: ``C, metoprolol``."""
    token = tokens[place]
    return (token.kind == "stop" and tokens[place - 1].kind in ("letter", "close")) or (
        not many and token.text == "," and kind_at(tokens, place + 1) in ("option", "fill")
    )


def _named(tokens: Sequence[Token], place: int) -> tuple[Pick | None, int, bool]:
    """The name of an option, and the letter in brackets or behind a dash after it."""
    token = tokens[place]
    beside = _skip(tokens, place + 1, lambda at: tokens[at].kind in ("open", "dash", "close", "cue"))
    ended = kind_at(tokens, beside + 1) in ("close", "stop", "line", "", "separator")
    if kind_at(tokens, beside) == "letter" and beside > place + 1 and ended:
        letter = tokens[beside]
        if letter.option != token.option:
            return None, place, True
        return Pick(token.option, token.start, letter.end), _behind_marks(tokens, beside + 1), False
    if rejected_behind(tokens, place + 1):
        return None, place, False
    return Pick(token.option, token.start, token.end), _behind_marks(tokens, place + 1), False


def _is_letter(tokens: Sequence[Token], place: int) -> bool:
    """Whether a letter is one of an option: never the article, the pronoun, or the first part of ``E. coli``."""
    letter = tokens[place].text
    if letter.isdecimal():
        return True
    behind = _skip(tokens, place + 1, lambda at: tokens[at].kind in ("close", "boxed"))
    kind = kind_at(tokens, behind)
    if kind == "" and letter == "a" and place and not _goes_before_last_a(tokens, place):
        return False
    if kind in ("", "line", "separator", "dash", "colon", "open"):
        return True
    if kind == "stop":
        return not (letter.isupper() and behind == place + 1 and _is_species(tokens, behind + 1))
    if behind > place + 1 or tokens[behind].unspaced:
        return True
    if kind == "option":
        return letter not in "aA" or tokens[behind].option == tokens[place].option
    if letter in "aiI":
        return letter == "I" and kind in ("and", "or")
    if letter == "A":
        return kind in _AFTER_ARTICLE or tokens[behind].text.casefold() in _COPULAS
    if kind == "fill":
        return letter.isupper() and all(kind_at(tokens, at) in _TRAILING for at in range(behind, behind + 4))
    return kind in (_AFTER_LETTER if letter.isupper() else _AFTER_SMALL_LETTER)


def _goes_before_last_a(tokens: Sequence[Token], place: int) -> bool:
    """Whether a small ``a`` at the very end may be a letter: behind ``is`` or a colon, or the last of ``d, c, a``."""
    if kind_at(tokens, place - 1) in _JOINING:
        return place > 1 and tokens[place - 2].kind in ("letter", "close")
    return tokens[place - 1].kind in _BEFORE_LAST_A


def _is_species(tokens: Sequence[Token], place: int) -> bool:
    """A word in small letters behind a capital and a full stop, but not ``A. yes``."""
    if kind_at(tokens, place) != "word":
        return False
    return tokens[place].text[:1].islower() and tokens[place].text not in COMMON_WORDS


def _is_label(tokens: Sequence[Token], place: int) -> bool:
    """``Option C``: the noun before a letter belongs to it."""
    return tokens[place].kind == "cue" and kind_at(tokens, place + 1) in ("letter", "open", "option")


def _behind_marks(tokens: Sequence[Token], place: int) -> int:
    return _skip(tokens, place, lambda at: tokens[at].kind == "close")


def _skip(tokens: Sequence[Token], place: int, skipped: Callable[[int], bool]) -> int:
    """Behind the tokens that are skipped, at most so many that every claim takes the same time."""
    last = min(len(tokens), place + _MOST_SKIPPED)
    while place < last and skipped(place):
        place += 1
    return place


def kind_at(tokens: Sequence[Token], place: int) -> str:
    """Kind of the token at a place; empty behind the last one."""
    return tokens[place].kind if place < len(tokens) else ""


def _another_letter(tokens: Sequence[Token], place: int, letter: Token) -> bool:
    """Whether a second letter stands behind the full stop of one: ``D. E.`` and ``D. C``."""
    if kind_at(tokens, place) != "letter" or kind_at(tokens, place - 1) != "stop":
        return False
    return tokens[place].option != letter.option and kind_at(tokens, place + 1) in ("stop", "line", "")


def _names_another(tokens: Sequence[Token], place: int, option: int) -> bool:
    """Whether the clause behind a letter recommends another option and not its own."""
    named: set[int] = set()
    for behind in range(place, min(place + 12, len(tokens))):
        token = tokens[behind]
        if token.kind in ("line", "stop", "separator", "because", "not", "but"):
            break
        if token.kind == "option" and not rejected_behind(tokens, behind + 1):
            named.add(token.option)
    return bool(named) and option not in named


def rejected_behind(tokens: Sequence[Token], place: int) -> bool:
    """Whether what follows an option rejects it: ``is contraindicated``, ``would not help``, ``is an alternative``."""
    verb = False
    for behind in range(place, min(place + 7, len(tokens))):
        token = tokens[behind]
        if token.kind == "bad":
            return True
        if token.kind == "not":
            return verb or token.text.casefold().endswith(_REJECTING) or token.unspaced
        if token.kind == "right":
            return _only_if(tokens, behind + 1)
        verb = verb or token.kind == "is"
        if token.kind not in ("is", "fill", "letter", "close", "say", "open"):
            return False
    return False


def rejected_in_clause(tokens: Sequence[Token], place: int) -> bool:
    """Whether the clause behind an option says something bad, before it names another one or gives a reason."""
    for token in tokens[place + 1 : place + _SCOPE]:
        if token.kind in ("stop", "line", "separator", "but", "because", "so", "option"):
            return False
        if token.kind == "bad":
            return True
    return False


def _only_if(tokens: Sequence[Token], place: int) -> bool:
    """Whether ``only if`` stands here: what would be right in another case is not chosen."""
    return kind_at(tokens, place) == "if" and " " in tokens[place].text


def denied(tokens: Sequence[Token], place: int) -> bool:
    """Whether the words directly before a statement turn it around: ``I would not choose``, ``an incorrect option``."""
    for before in range(place - 1, max(-1, place - _SCOPE), -1):
        if tokens[before].kind in ("not", "bad"):
            return True
        if tokens[before].kind not in ("fill", "say", "right", "is", "cue"):
            return False
    return False


def affirmed(tokens: Sequence[Token], place: int) -> bool:
    """Whether nothing in its clause rejects the option at a place."""
    for before in range(place - 1, max(-1, place - _SCOPE), -1):
        kind = tokens[before].kind
        if kind == "but" and before and tokens[before - 1].kind == "not":
            return False
        if kind in ("stop", "line", "but", "so", "colon", "dash") or tokens[before].text == ";":
            break
        if kind in ("not", "if"):
            return False
    return not rejected_behind(tokens, place + 1) and not _asked(tokens, place)


def _asked(tokens: Sequence[Token], place: int) -> bool:
    """Whether the sentence is a question."""
    for token in tokens[place : place + _SCOPE]:
        if token.kind in _ENDS:
            return token.text == "?"
    return False


def behind_turn(tokens: Sequence[Token], place: int) -> int | None:
    """Behind the ``but`` of ``not A but C``, or the comma of ``not A, it is C``; None where a rejection has no turn."""
    rejected = False
    for at in range(place, min(place + _SCOPE, len(tokens))):
        kind = tokens[at].kind
        if kind in _ENDS:
            return None
        turns = tokens[at].text.casefold() in _TURNS
        if rejected and (turns or kind == "colon" or (kind == "separator" and kind_at(tokens, at + 1) == "is")):
            return at + 1 + (kind == "separator" or kind_at(tokens, at + 1) == "fill")
        rejected = rejected or kind in ("not", "bad")
    return None


def in_condition(tokens: Sequence[Token], place: int) -> bool:
    """Whether a sentence says what would be answered in another case: ``If he had asthma, the answer is E``."""
    for before in range(place - 1, max(-1, place - _SCOPE), -1):
        if tokens[before].kind in _ENDS or tokens[before].kind == "but":
            return False
        if tokens[before].kind == "if":
            return True
    return False
