"""What the two quiz forms of Moodle have in common: answers with the share of the mark that each earns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samp_eval.items.importing.imported import ImportedQuestion, LeftOut

__all__ = ["QuizAnswer", "choice_question", "short_question"]


@dataclass(frozen=True, slots=True)
class QuizAnswer:
    """One answer; ``percent`` is the share of the mark that it earns, 100 for a right one, negative for a penalty."""

    text: str
    percent: float


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
    full = tuple(dict.fromkeys(answer.text for answer in answers if answer.percent >= 100 and answer.text != "*"))
    if not full:
        raise LeftOut("has no key")
    return ImportedQuestion(name, question, answers=(full,), topic=topic)
