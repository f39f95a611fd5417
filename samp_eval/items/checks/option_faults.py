"""Faults of options that no bank may have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from samp_eval.items.samp import Question, entry_letter

__all__ = ["option_problems"]

OPTIONS = range(2, 13)
_PRINTED = re.compile(r"(?<![A-Za-z])\(?([A-L])[.):]\s*(\S)")


def option_problems(question: Question) -> Iterator[tuple[str, str]]:
    """Place and problem of every fault of a question's options."""
    if question.format == "write-in":
        return
    options = question.options
    if len(options) not in OPTIONS:
        yield "options", f"there are {len(options)}; a question has 2 to 12 options"
    first: dict[str, int] = {}
    for position, option in enumerate(options):
        earlier = first.setdefault(_same_words(option), position)
        if earlier != position:
            right = {entry.answer for entry in question.key} & {option, options[earlier]}
            about = ", and it is the right answer" if right else ""
            yield "options", f"{entry_letter(earlier)} and {entry_letter(position)} are both {option!r}{about}"
    lettered = [
        option for position, option in enumerate(options) if re.match(rf"\(?{entry_letter(position)}[.)]\s", option)
    ]
    if len(lettered) > 1:
        yield "options", f"carry their letters ({lettered[0]!r}); letters are added where options are shown"
    printed = {found.group(1) for found in _PRINTED.finditer(question.question)}
    if {"A", "B", "C"} <= printed and sum(option[:40] in question.question for option in options) >= 2:
        yield "question", "holds its options as well; they are sent below the question already"


def _same_words(option: str) -> str:
    folded = unicodedata.normalize("NFKC", option).casefold()
    return " ".join(re.sub(r"[\s.]+", " ", folded).split())
