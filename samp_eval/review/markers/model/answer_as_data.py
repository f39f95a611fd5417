"""A candidate's answer as data: nothing in it can end its place, hide, or be taken for a part of the request."""

from __future__ import annotations

import json
import re
import unicodedata

__all__ = ["answer_as_data", "speaks_to_marker"]

LONGEST = 400
"""Characters. An answer line has at most 99 in the examination; padding of pages is an attack of its own."""

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
"""Categories of characters that cannot be seen or that change the direction of others."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")
"""Letters by category that show nothing."""

_DELIMITER = re.compile(
    r"END OF ANSWER|ANSWER KEY|</?\s*[A-Za-z|]|\[/?\s*(?:INST|BEGIN|END|SYS)|`{3,}|<\||\|>|#{2,}"
    r"|\b(?:GRADE|VERDICT|SCORE|MARK)\s*[:=]",
    re.IGNORECASE,
)

_TO_THE_MARKER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|previous|above|rule|prompt|key)"
    r"|\b(?:you are|act as|pretend)\b.{0,30}\b(?:marker|grader|examiner|judge|assistant)"
    r"|\b(?:mark|grade|score|credit|accept|count)\b.{0,25}\b(?:this|it|answer|me)\b.{0,25}"
    r"\b(?:correct|right|full|as\b|yes|pass)"
    r"|\banswer is (?:the )?(?:correct|right)\b|\baccept (?:it|this)\b"
    r"|\b(?:full|maximum|all) (?:marks|credit|points|score)"
    r"|\b(?:give|award|grant)\b.{0,20}\b(?:mark|credit|point)"
    r"|\b(?:grader|examiner|dear marker|note to (?:the )?(?:marker|grader|examiner|judge|reviewer))\b"
    r"|\b(?:verdict|instruction_found|answer_restated|verdict_confidence|system prompt)\b"
    r"|\b(?:official|updated|corrected|real) (?:answer )?key\b|\bkey (?:says|states|lists|now)\b"
    r"|\bend of (?:the )?answer\b|\b(?:as an? (?:expert|excellent) (?:marker|grader))"
    r"|\b(?:ignorez|ignora|ignoriere|ignoriert|vergiss|oubliez)\b"
    r"|\b[A-Za-z0-9+/]{40,}={0,2}",
    re.IGNORECASE | re.DOTALL,
)
"""What an answer to an examiner has no reason to say. A hit asks a person to look; it decides nothing."""


def answer_as_data(text: str) -> str:
    """The answer as a JSON string: what cannot be seen is named, delimiters are broken, the rest is cut off.

    Every character that is invisible or turns the direction of others stands as its code, such as ``[U+202E]``.
    """
    cut = f"{text[:LONGEST]} [cut off after {LONGEST} characters]" if len(text) > LONGEST else text
    named = "".join(_named(character) for character in cut)
    return json.dumps(_DELIMITER.sub(lambda found: " ".join(found[0]), named), ensure_ascii=False)


def speaks_to_marker(text: str) -> bool:
    """Whether an answer looks as if it spoke to whoever marks it, or hides something."""
    return any(_is_hidden(character) and character not in "\t\n\r" for character in text) or bool(
        _TO_THE_MARKER.search(unicodedata.normalize("NFKC", text[: 50 * LONGEST]))
    )


def _named(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return f"[U+{ord(character):04X}]" if _is_hidden(character) else character


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or character in _BLANK
