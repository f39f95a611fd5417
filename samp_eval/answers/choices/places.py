"""Options that a text names by their place: ``option 3``, ``el punto 1``, ``정답은 3번``; ``2 and 3`` for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from samp_eval.answers.choices.options import Options
from samp_eval.answers.choices.tokens import Token
from samp_eval.answers.choices.vocabulary import TokenKind
from samp_eval.answers.word_lists import read_sections

__all__ = ["with_places"]


def _words(section: str) -> frozenset[str]:
    return frozenset(" ".join(read_sections("samp_eval.answers.choices", "words.txt")[section]).split())


_OF_OPTIONS, _OF_ANYTHING = _words("place noun"), _words("place noun behind a verb")
_NOUNS = _OF_OPTIONS | _OF_ANYTHING
_COUNTERS, _JOINERS = _words("place counter"), _words("place joining")
_STATING = frozenset({"is", "colon", "say"})
_BETWEEN = frozenset({"fill", "open", "cue", "right"})
_ANSWERING = frozenset({"cue", "right", "so", "say"})
_JOINING = frozenset({"and", "or", "separator"})
_ENDING = frozenset({"stop", "line", "close", "colon", "and", "or", "separator", "is", "because", "open", "dash"})
_OPENING = frozenset({"open", "boxed", "dash", "fill", "cue", "colon", "is", "right"})
_ARTICLES = frozenset({"la", "el", "le", "the"})
_OF_QUESTIONS = frozenset({"question", "case", "patient"})
"""Before a number they say which of them is spoken of."""
_FEW, _MOST_JOINED = 5, 9
"""Tokens between a verb and the number, and numbers of one answer."""


def with_places(tokens: Sequence[Token], options: Options) -> list[Token]:
    """Take numbers that stand for options for their letters, also numbers of no option, which nothing may choose.

    Nothing changes where options are numbers themselves, such as *1 and 3*, or where the text calls a number the wrong
    one, which may be what is asked for. Where options hold numbers, such as *2 weeks*, only ``option 3`` and its like
    are taken for places.
    """
    found = list(tokens)
    if options.only_numbers or not any(_digit(token) for token in tokens):
        return found
    if any(_digit(token) and _calls_wrong(tokens, place) for place, token in enumerate(tokens)):
        return found
    goes_through = _goes_through(tokens)
    for place, token in enumerate(tokens):
        if not _digit(token) or found[place].kind == "letter" or _in_decimal(tokens, place):
            continue
        run = _run(tokens, place)
        first = place - (_text(tokens, place - 1) in _NOUNS)
        begins = not goes_through and _begins(tokens, first)
        if not _names_answer(tokens, place, several=len(run) > 1, plain=not options.numbered, begins=begins):
            continue
        if _text(tokens, place - 1) in _NOUNS:
            found[place - 1] = replace(found[place - 1], kind="cue")
        for at in range(place, min(run[-1] + 2, len(tokens))):
            found[at] = _as_letter(tokens[at]) if at in run else _as_sign(tokens[at])
    return found


def _as_letter(token: Token) -> Token:
    return replace(token, kind="letter", option=int(token.text) - 1)


def _as_sign(token: Token) -> Token:
    """What counts or joins numbers, where no spaces are written."""
    if token.text in _COUNTERS:
        return replace(token, kind="close")
    return replace(token, kind="and") if token.text in _JOINERS else token


def _digit(token: Token) -> bool:
    return token.kind == "word" and len(token.text) == 1 and token.text in "123456789"


def _text(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].text.casefold() if 0 <= place < len(tokens) else ""


def _kind(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].kind if 0 <= place < len(tokens) else "line"


def _in_decimal(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number goes on behind a full stop or comma without a space, as in ``2.5`` and ``1,73``."""
    if place + 2 >= len(tokens) or _kind(tokens, place + 1) not in ("stop", "separator"):
        return False
    sign, behind = tokens[place + 1 : place + 3]
    return behind.text[:1].isdecimal() and tokens[place].end == sign.start and sign.end == behind.start


def _names_answer(tokens: Sequence[Token], place: int, *, several: bool, plain: bool, begins: bool) -> bool:
    """Whether a number is an answer: ``option 3`` and several numbers also where they begin the text.

    Elsewhere numbers are left alone: what an explanation says of ``option 3`` is not the answer.
    """
    noun = _text(tokens, place - 1)
    first = place - (noun in _NOUNS)
    if not plain and noun not in _OF_OPTIONS:
        return False
    if noun in _OF_OPTIONS or several:
        return begins or _states(tokens, first)
    counted = _text(tokens, place + 1) in _COUNTERS or _marks_words(tokens, place)
    return (counted or (noun in _OF_ANYTHING and _ends(tokens, place + 1))) and _states(tokens, first)


def _marks_words(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number stands before an option's words: ``Answer: 3. Insulin``; a 1 may only begin a list."""
    marked = tokens[place].text != "1" and _kind(tokens, place + 1) in ("stop", "close")
    return marked and _kind(tokens, place + 2) == "option"


def _goes_through(tokens: Sequence[Token]) -> bool:
    """Whether two lines begin with ``option`` and a number, so that none of them is an answer."""
    lines = 0
    for place in range(1, len(tokens)):
        begins = _digit(tokens[place]) and (place == 1 or tokens[place - 2].kind in ("line", "dash"))
        lines += begins and _text(tokens, place - 1) in _OF_OPTIONS
    return lines > 1


def _states(tokens: Sequence[Token], place: int) -> bool:
    """Whether a verb or a colon stands before a place, and a word for the answer before that: ``The answer is``."""
    said = _said_before(tokens, place)
    return said[-1:] == ["say"] or bool(_ANSWERING & set(said))


def _calls_wrong(tokens: Sequence[Token], place: int) -> bool:
    """Whether the answer at a place is what is wrong, as in ``The incorrect option is number 3``."""
    return "bad" in _said_before(tokens, place - (_text(tokens, place - 1) in _NOUNS))


def _said_before(tokens: Sequence[Token], place: int) -> list[TokenKind]:
    """Kinds of the words up to the verb or colon before a place; none where no such stands there."""
    at = place - 1
    while at >= 0 and place - at <= _FEW and tokens[at].kind in _BETWEEN:
        if _text(tokens, at) in _OF_QUESTIONS:
            return []
        at -= 1
    if _kind(tokens, at) not in _STATING:
        return []
    return [token.kind for token in tokens[max(0, at - _FEW) : at + 1]]


def _begins(tokens: Sequence[Token], place: int) -> bool:
    """Whether nothing but signs and words for the answer stand before a place of the text."""
    return place < _FEW and all(token.kind in _OPENING or token.kind == "line" for token in tokens[:place])


def _run(tokens: Sequence[Token], place: int) -> list[int]:
    """Places of numbers that are joined, the first one given: ``1, 2 and 4``; one alone where words follow."""
    run = [place]
    for _ in range(_MOST_JOINED):
        first = run[-1] + 1 + (_text(tokens, run[-1] + 1) in _COUNTERS)
        at = first
        while at - first < 2 and (_kind(tokens, at) in _JOINING or _text(tokens, at) in _JOINERS):
            at += 1
        if at == first:
            break
        at += _text(tokens, at) in _ARTICLES
        if at >= len(tokens) or not _digit(tokens[at]) or not _ends(tokens, at + 1):
            break
        run.append(at)
    return run


def _ends(tokens: Sequence[Token], place: int) -> bool:
    """Whether what stands behind a number leaves it a place: no word that it counts."""
    text = _text(tokens, place)
    return _kind(tokens, place) in _ENDING or text in _COUNTERS or text in _JOINERS
