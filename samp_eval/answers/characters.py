"""Characters that are no part of an answer: line breaks of every kind become one kind, what cannot be seen goes."""

from __future__ import annotations

import re

from samp_eval.answers.excerpt import Change, Excerpt

__all__ = ["FULL_WIDTH", "shown", "without_unseen"]

_TERMINAL_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
_UNSEEN = (
    r"[\x00-\x08\x0e-\x1a\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\U000e0000-\U000e01ef]+"
)
_JOINER = r"(?<![\u0590-\u0fff])[\u200c\u200d]+"
"""They shape words in Persian and in the scripts of India, and are nothing elsewhere."""
_BREAK = r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
_BLANK = r"[\x1f\u2800\u3164\uffa0]"
_TO_CHANGE = re.compile(
    rf"(?P<off>{_TERMINAL_ESCAPE}|{_UNSEEN}|{_JOINER}|\x1b)|(?P<break>{_BREAK})|(?P<blank>{_BLANK})"
)
_MAY_CHANGE = re.compile(
    r"[^\t\n -~\xa0-\xac\xae-\u02ff\u0370-\u0589\u2010-\u2027\u2030-\u205f\u3001-\u3100\u4e00-\u9fff]"
)

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3002: ord("."), 0x3000: ord(" ")}
"""Full-width forms as Chinese and Japanese write them, and the ideographic full stop; one character for one."""


def without_unseen(excerpt: Excerpt) -> Excerpt:
    """The excerpt with line feeds for all line breaks, and without control and invisible characters."""
    if not _MAY_CHANGE.search(excerpt.text):
        return excerpt
    changes: list[Change] = []
    for found in _TO_CHANGE.finditer(excerpt.text):
        instead = {"off": "", "break": "\n", "blank": " "}[found.lastgroup or "off"]
        changes.append((found.start(), found.end(), instead))
    return excerpt.replaced(changes) if changes else excerpt


def shown(text: str) -> str:
    """The same for a text whose places do not matter."""
    return without_unseen(Excerpt(text)).text
