"""Headings with letters, as in ``A. Understanding the case`` and ``B. Conclusion``: their letters choose no option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from samp_eval.answers.choices.claims import behind_marker
from samp_eval.answers.choices.tokens import Token

__all__ = ["goes_on_listing", "listed_lines", "without_listed_lines", "without_section_letters"]

_OF_OPTIONS = frozenset({"option", "right", "bad", "not", "is", "because"})
"""What stands in lines that speak of the options by their letters."""
_BEFORE_SENTENCE = frozenset({"stop", "line", "colon"})
_ANNOUNCING = frozenset({"cue", "fill", "right", "so", "is"})
_BEHIND_LETTER = frozenset({"stop", "close", "colon"})
_LONGEST_HEADING, _EACH = 8, 3


def without_section_letters(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Take the letters of headings for words: where one with A stands above one with B, and above the answer."""
    lines = _lines(tokens)
    headings = {place for place, end in lines if _is_heading(text, tokens[place:end])}
    letters = [tokens[place].option for place in sorted(headings)]
    if letters[:2] != [0, 1] or any(after <= before for before, after in pairwise(letters)):
        headings = set()
    headings |= {place for place, end in lines[:-1] if _heads_answer(tokens[place:end])}
    return [
        replace(token, kind="word", option=-1) if place in headings else token for place, token in enumerate(tokens)
    ]


def goes_on_listing(tokens: Sequence[Token]) -> bool:
    """Whether options are gone on with, none chosen: letters with words of none, or a sentence about each of three."""
    first = [tokens[begin:end] for begin, end in _lines(tokens)[:2]]
    lettered = len(first) > 1 and all(
        len(line) > 2 and line[0].kind == "letter" and line[1].kind == "stop" and line[2].kind != "option"
        for line in first
    )
    return lettered or _lists_three(tokens) or _tells_of_each(tokens)


def without_listed_lines(tokens: Sequence[Token]) -> list[Token]:
    """Leave out the lines that go through the options in their order."""
    listed = {at for _, begin, end in listed_lines(tokens) for at in range(begin, end)}
    return [token for place, token in enumerate(tokens) if place not in listed]


def listed_lines(tokens: Sequence[Token]) -> list[tuple[int, int, int]]:
    """Lines that go through the options in their order: ``(A) Insulin: not needed``; the option, first and last place.

    Three and more letters in a row from A on, below other text: an answer that begins the text may be followed by the
    reasons against the others.
    """
    listed: list[tuple[int, int, int]] = []
    run: list[tuple[int, int, int]] = []
    for number, (begin, end) in enumerate(_lines(tokens)):
        place = behind_marker(tokens, begin)
        place += place < end and tokens[place].kind == "open"
        if place + 1 >= end or tokens[place].kind != "letter" or tokens[place + 1].kind not in _BEHIND_LETTER:
            continue
        letter = tokens[place].option
        if not run or letter != run[-1][0] + 1:
            run = []
        if run or (letter == 0 and number):
            run.append((letter, begin, end))
        if len(run) >= _EACH:
            listed += run if len(run) == _EACH else run[-1:]
    return listed


def _lists_three(tokens: Sequence[Token]) -> bool:
    """Whether the first three lines begin with letters in a row, the first of them perhaps behind ``Answer:``."""
    letters = []
    for begin, end in _lines(tokens)[:_EACH]:
        colons = [place for place in range(begin, min(begin + _EACH, end)) if tokens[place].kind == "colon"]
        begin = colons[0] + 1 if colons else begin
        lettered = end - begin > 2 and tokens[begin].kind == "letter" and tokens[begin + 1].kind == "stop"
        letters.append(tokens[begin].option if lettered else -1)
    return len(letters) == _EACH and letters[0] >= 0 and all(b == a + 1 for a, b in pairwise(letters))


def _tells_of_each(tokens: Sequence[Token]) -> bool:
    begins = [place for place in range(len(tokens) - 1) if not place or tokens[place - 1].kind in _BEFORE_SENTENCE]
    named = [place for place in begins if tokens[place].kind == "option"]
    if not named or any(token.kind == "letter" for token in tokens[: named[0]]):
        return False
    said = [tokens[place].option for place in named if tokens[place + 1].kind in ("is", "word", "fill")]
    return tokens[named[0]].option in said[:1] and len(set(said)) >= _EACH


def _lines(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """From where to where the tokens of each line go."""
    ends = [place for place, token in enumerate(tokens) if token.kind == "line"]
    begins = [0, *(place + 1 for place in ends)]
    return [(begin, end) for begin, end in zip(begins, [*ends, len(tokens)], strict=True) if begin < end]


def _is_heading(text: str, line: Sequence[Token]) -> bool:
    """Whether a line is a letter with a full stop and a few words that say nothing of an option."""
    if len(line) < 3 or line[0].kind != "letter" or not line[0].text.isupper() or line[1].kind != "stop":
        return False
    rest = line[2:]
    words = [token for token in rest if token.kind not in ("colon", "dash", "separator", "open", "close")]
    whole = text[rest[0].start : rest[-1].end].split()
    of_options = any(word.kind in _OF_OPTIONS and word.text.casefold() != "to" for word in words)
    return len(whole) <= _LONGEST_HEADING and rest[-1].kind != "stop" and not of_options


def _heads_answer(line: Sequence[Token]) -> bool:
    """Whether a line only announces what stands below it: ``C. Answer to the question:``."""
    if len(line) < 4 or line[0].kind != "letter" or not line[0].text.isupper() or line[1].kind != "stop":
        return False
    kinds = {token.kind for token in line[2:-1]}
    return line[-1].kind == "colon" and kinds <= _ANNOUNCING and bool(kinds & {"cue", "so"})
