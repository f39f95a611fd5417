"""Where a model without an end of its answer goes on to write itself another question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samp_eval.answers.word_lists import entry_pattern, read_sections

__all__ = ["NextQuestion", "next_questions"]

_HEADING = re.compile(
    r"^(?:[ \t#*>-]{0,20}(?:(?:next|new|another) )?|[ \t]{0,9}[#*]{1,6}[ \t]{0,3}(?:[a-z]{1,20} ){1,3})"
    r"(?:question|options)\b[ \t*\d.]{0,20}(?::|$)"
    r"|^[ \t]{0,9}[#*]{1,6}[ \t]{0,3}(?:example|exercise) ?\d{0,3}[ \t*:]{0,9}$",
    re.IGNORECASE | re.MULTILINE,
)
"""Behind the signs of a heading also ``Medical question``, ``Example 3`` and the like."""
_CASES = map(entry_pattern, read_sections("samp_eval.answers.choices", "words.txt")["case"])
_AGED = "|".join(_CASES).replace("AGE", r"\d{1,3}")
_CASE = re.compile(rf"^[ \t*>_]{{0,9}}(?:{_AGED})", re.IGNORECASE | re.MULTILINE)
_FIRST_OPTION = re.compile(r"^[ \t*>(-]{0,9}[aA1][).:][^\n]{1,400}\n{1,3}[ \t*>(-]{0,9}[bB2][).:]", re.MULTILINE)
_MOST_HEADINGS, _LONGEST_CASE = 3, 4_000


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """Where another question may begin; one without a heading only does where an answer was named as such before."""

    start: int
    headed: bool


def next_questions(text: str) -> list[NextQuestion]:
    """The first places of a text where another question may begin: its heading, or a case with options below."""
    headed = [NextQuestion(found.start(), True) for found in _first(_HEADING, text)]
    cases = [
        NextQuestion(found.start(), False)
        for found in _first(_CASE, text)
        if _FIRST_OPTION.search(text, found.end(), found.end() + _LONGEST_CASE)
    ]
    return sorted([*headed, *cases], key=lambda question: question.start)


def _first(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    return [found for _, found in zip(range(_MOST_HEADINGS), pattern.finditer(text), strict=False)]
