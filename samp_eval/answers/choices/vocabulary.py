"""What words do around the name of an option; listed in ``words.txt``."""

from __future__ import annotations

from functools import cache
from typing import Literal, cast, get_args

from samp_eval.answers.word_lists import read_sections

__all__ = ["TokenKind", "kinds_of_phrases", "kinds_of_words"]

TokenKind = Literal[
    "letter",
    "option",
    "cue",
    "say",
    "so",
    "is",
    "fill",
    "right",
    "not",
    "bad",
    "but",
    "if",
    "because",
    "and",
    "or",
    "separator",
    "dash",
    "colon",
    "open",
    "close",
    "boxed",
    "stop",
    "line",
    "word",
]
"""letter: one that stands alone; option: the words of one; cue: a noun such as ``answer``; say: a verb of choosing;
right, bad: what is said of an option; not: what rejects the option behind it; but: what ends a rejection."""


@cache
def kinds_of_words() -> dict[str, TokenKind]:
    """Kind of each word, in small letters, with a straight apostrophe."""
    return {word: kind for kind, line in _entries() if not line.startswith("=") for word in line.split()}


@cache
def kinds_of_phrases() -> dict[str, TokenKind]:
    """Kind of what is several words, or a word inside of others where no spaces are written."""
    phrases = {line[1:].strip(): kind for kind, line in _entries() if line.startswith("=")}
    return phrases | {word: kind for word, kind in kinds_of_words().items() if word[0] > "\u2e80"}


def _entries() -> list[tuple[TokenKind, str]]:
    sections = read_sections("samp_eval.answers.choices", "words.txt")
    kinds = get_args(TokenKind)
    return [(cast(TokenKind, kind), line) for kind in sections if kind in kinds for line in sections[kind]]
