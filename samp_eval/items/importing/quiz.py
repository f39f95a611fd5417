"""What the two quiz forms of Moodle have in common: answers with the share of the mark that each earns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from samp_eval.items.importing.imported import ImportedQuestion, LeftOut

__all__ = ["QuizAnswer", "category_name", "choice_question", "number_words", "short_question"]


@dataclass(frozen=True, slots=True)
class QuizAnswer:
    """One answer; ``percent`` is the share of the mark that it earns, 100 for a right one, negative for a penalty."""

    text: str
    percent: float


def category_name(path: str) -> str:
    """The last name of a category; a stroke within a name is written twice."""
    return re.split(r"(?<!/)/(?!/)", path.strip())[-1].replace("//", "/")


def number_words(number: str, tolerance: str) -> str:
    """A number as a key has it, with its tolerance if there is any."""
    none = not tolerance.strip() or re.fullmatch(r"0*(?:[.,]0*)?", tolerance.strip())
    return number if none else f"{number} ± {tolerance.strip()}"


def choice_question(
    name: str, question: str, answers: Sequence[QuizAnswer], *, single: bool, topic: str
) -> ImportedQuestion:
    """Make a question with options; of several right ones Moodle does not tell how many there are."""
    best = max((answer.percent for answer in answers), default=0.0)
    right = tuple(
        place
        for place, answer in enumerate(answers)
        if (answer.percent == best if single else answer.percent > 0) and answer.percent > 0
    )
    if not right:
        raise LeftOut("has no key")
    if single and len(right) > 1:
        raise LeftOut("has two best answers where one is to be chosen")
    options = tuple(answer.text for answer in answers)
    return ImportedQuestion(name, question, options, right, count_told=single, topic=topic)


def short_question(name: str, question: str, answers: Sequence[QuizAnswer], topic: str) -> ImportedQuestion:
    """Make a question for free text: one entry, whose wordings are the answers that earn the whole mark."""
    full = tuple(dict.fromkeys(_without_wildcards(answer.text) for answer in answers if answer.percent >= 100))
    wordings = tuple(wording for wording in full if wording and not _WILDCARD.search(wording))
    if not wordings:
        raise LeftOut("has only answers with gaps (*), which no marker reads" if any(full) else "has no key")
    escaped = tuple(wording.replace(r"\*", "*") for wording in wordings)
    return ImportedQuestion(name, question, answers=(escaped,), topic=topic)


_WILDCARD = re.compile(r"(?<!\\)\*")
"""What stands for any letters in Moodle's short answers."""


def _without_wildcards(text: str) -> str:
    """An answer without the asterisks around it, which let any words stand there, as a marker does."""
    return re.sub(r"^(?:\*\s*)+|(?:\s*(?<!\\)\*)+$", "", text.strip())
