"""A list that needs no interpretation: ``1. Fever`` on every line, with nothing in it that could be anything else.

Most responses are such a list. What it may hold is so little that no rule for reasoning, tables, headings, labels or
markup applies, and its reading is the one that :func:`samp_eval.answers.shapes.written.written_answers` would come to.
"""

from __future__ import annotations

import re

from samp_eval.answers.shapes.phrases import answer_heading

__all__ = ["plain_list"]

_WORDS = r"[A-Za-z](?:\x20?[A-Za-z0-9,.()/%'+-])*(?<!,)"
"""No colon, which a label would need, and no sign of any markup."""
_SECOND_NUMBER = r"n[or]\.?\x20?\(?\d"
"""``No 1``: a number behind the number."""
_ITEM = re.compile(rf"[1-9]\d?[.)]\x20((?!(?i:{_SECOND_NUMBER})){_WORDS})(?:\n+|\Z)")
_LONGEST = 2_000
"""Characters; of a long text the middle may be left out."""


def plain_list(text: str, requested: int) -> tuple[tuple[str, int, int], ...] | None:
    """The answers of a plainly numbered list, each with its place; None for any other text, and for too few answers.

    Parameters
    ----------
    text : str
        The response as received.
    requested : int
        How many answers the question asks for (N): of fewer, a line may hold several.
    """
    if len(text) > _LONGEST:
        return None
    answers = []
    position = 0
    while position < len(text):
        found = _ITEM.match(text, position)
        if found is None or answer_heading(found[1])[0]:
            return None
        answers.append((found[1], *found.span(1)))
        position = found.end()
    if len(answers) < requested or all("," in words for words, _, _ in answers):  # the rows of a table have commas
        return None
    return tuple(answers)
