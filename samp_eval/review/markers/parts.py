"""The parts of a line, which punctuation and words such as ``and`` separate, and the words in each."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, cast

from samp_eval.review.markers.language.shorthand import spelled_out
from samp_eval.review.markers.language.vocabulary import raw_tokens

__all__ = ["Boundary", "parts_of", "words_of"]

Boundary = Literal["start", "list", "label", "bracket", "naming", "joined", "explained"]
"""What stands before a part of a line: a comma, semicolon, and, or (list); a colon (label); a bracket; such as,
including (naming); a slash or ampersand (joined); a dash or a new sentence (explained)."""

_ABBREVIATIONS_IN_CAPITALS = (
    (re.compile(r"\bUS\b"), "ultrasound"),
    (re.compile(r"\b[Kk]\+"), "potassium "),
    (re.compile(r"\bNa\+?(?![A-Za-z])"), "sodium"),
    (re.compile(r"\bCr\b"), "creatinine"),
    (re.compile(r"\bCa2?\+\+?"), "calcium "),
)
_MAY_ABBREVIATE = re.compile(r"US|[Kk]\+|Na|Cr|Ca")
_WEEKS_OR_MONTHS = re.compile(r"\b(\d{1,2})/(52|12)\b")
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
_SEPARATING = frozenset(re.findall(r"[a-z]{2,}", _SEPARATOR.pattern)) - {"as", "by", "in", "of", "than", "to"}
"""At least one word of each separator that is written in letters."""
_LEADING_ALTERNATIVE = re.compile(
    r"^\W*(?:rather than|instead of|in place of|as opposed to"
    r"|(?:any|every|all|no)\w*\s(?:\w+\s)?(?:but|except|other than|apart from|besides))\s",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"\s(?:rather than|instead of|in place of|as opposed to)\s", re.IGNORECASE)
_OFF = re.compile(
    r"\b(?:get|getting|take|taking|bring|wean|weaning)\s+(?:him|her|them|(?:the|this) patient)\s+off\s+(?!work|duty)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def _unified(text: str) -> str:
    """Write shorthand out; kept because a line is compared as it stands first, and then read."""
    text = spelled_out(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "/" in text:
        text = _WEEKS_OR_MONTHS.sub(lambda found: f"{found[1]} {'weeks' if found[2] == '52' else 'months'}", text)
    if "(" in text:
        text = _SHORT_BRACKET.sub(r"\1", text)
    if found := _LEADING_ALTERNATIVE.match(text):
        text = f"not {text[found.end() :]}"
    text = _ALTERNATIVE.sub(", not ", text)
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


def words_of(text: str) -> tuple[str, ...]:
    """Give the lower-case words of a whole text, with shorthand written out."""
    return raw_tokens(_lowered(_unified(text)))


def parts_of(text: str) -> tuple[list[tuple[str, int]], list[Boundary]]:
    """Words of a line with the part that each stands in, and what stands before each part."""
    words: list[tuple[str, int]] = []
    boundaries: list[Boundary] = ["start"]
    text = _unified(text)
    if _has_one_part(text):
        return [(word, 0) for word in raw_tokens(_lowered(text))], boundaries
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


def _has_one_part(text: str) -> bool:
    """Say at a glance that nothing in a line can be a separator; most lines are words alone."""
    return text.isascii() and text.replace(" ", "").isalnum() and _SEPARATING.isdisjoint(text.lower().split())
