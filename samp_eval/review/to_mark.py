"""What there is to mark: the counted answer lines of a study, each distinct answer once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from samp_eval.answers.distinct import DistinctAnswer, answer_id_of, distinct_answers, line_id_of
from samp_eval.answers.readings import CountedAnswer, counted_answers
from samp_eval.items.samp import Bank, Question
from samp_eval.literals import SheetUnit
from samp_eval.review.marks import Mark
from samp_eval.review.review_store import ReviewStore
from samp_eval.run.respondent import Response

__all__ = [
    "WORDINGS_ON_A_ROW",
    "AnswersToMark",
    "answer_ids_by_response",
    "answers_to_mark",
    "key_text",
    "lines_to_mark",
    "marks_of_answers",
    "respondents_by_answer",
    "respondents_by_line",
    "reviewed",
]

WORDINGS_ON_A_ROW = 8
"""Of each entry of a key, in a row of a sheet: an entry of ten then still fits in two lines of its column."""


@dataclass(frozen=True, slots=True)
class AnswersToMark:
    """What a reviewer marks in a study.

    Attributes
    ----------
    answers : tuple of DistinctAnswer
        In the bank's order of questions.
    lines : int
        How many counted answer lines they stand for.
    """

    answers: tuple[DistinctAnswer, ...]
    lines: int

    @property
    def saved_percent(self) -> float:
        """Share of the marking that is saved against one mark a line, percent 0 to 100."""
        return 100.0 * (1 - len(self.answers) / self.lines) if self.lines else 0.0


def answers_to_mark(bank: Bank, responses: Sequence[Response], unit: SheetUnit = "answer") -> AnswersToMark:
    """Gather the counted lines of every response to a question of the bank, as :func:`lines_to_mark` does of lines."""
    return lines_to_mark(bank, list(counted_answers(bank, responses)), unit)


def lines_to_mark(bank: Bank, lines: Sequence[CountedAnswer], unit: SheetUnit = "answer") -> AnswersToMark:
    """Gather counted lines.

    Parameters
    ----------
    bank : Bank
    lines : sequence of CountedAnswer
    unit : SheetUnit
        ``answer``: the same words to the same question once; ``line``: every line by itself.
    """
    if unit == "line":
        answers = [DistinctAnswer(_line_id(line), line.response.ask.question_id, line.text, 1) for line in lines]
    else:
        answers = distinct_answers(lines)
    place = {question.id: position for position, (_, question) in enumerate(bank.asked())}
    answers.sort(key=lambda answer: place[answer.question_id])
    return AnswersToMark(tuple(answers), len(lines))


def reviewed(store: ReviewStore, bank: Bank) -> tuple[Bank, list[Response]]:
    """The questions that people mark and the responses: nothing that is excluded, and of a draw only what is drawn."""
    excluded, draw = store.exclusions(), store.draw()
    bank = excluded.bank(bank)
    return bank if draw is None else draw.bank(bank), excluded.counting(store.responses())


def answer_ids_by_response(bank: Bank, responses: Sequence[Response]) -> list[tuple[str, ...]]:
    """Answer ids, and line ids, of the counted lines of each response: where an entry that earns once is looked up."""
    groups: dict[tuple[str, str, str, int], list[str]] = {}
    for line in counted_answers(bank, responses):
        ask = line.response.ask
        named = answer_id_of(ask.question_id, line.text), _line_id(line)
        for unit, identifier in zip(("answer", "line"), named, strict=True):
            groups.setdefault((unit, ask.question_id, ask.respondent, ask.round), []).append(identifier)
    return [tuple(group) for group in groups.values()]


def respondents_by_answer(bank: Bank, responses: Sequence[Response]) -> dict[str, frozenset[str]]:
    """Who gave each answer, by answer id, and each line, by line id."""
    return respondents_by_line(counted_answers(bank, responses))


def respondents_by_line(lines: Iterable[CountedAnswer]) -> dict[str, frozenset[str]]:
    """The same of lines that are there already."""
    found: dict[str, set[str]] = {}
    for line in lines:
        ask = line.response.ask
        for identifier in (answer_id_of(ask.question_id, line.text), _line_id(line)):
            found.setdefault(identifier, set()).add(ask.respondent)
    together: Any = {}.setdefault  # a study has few sets of respondents and many answers
    sets = ((identifier, frozenset(names)) for identifier, names in found.items())
    return {identifier: together(names, names) for identifier, names in sets}


def marks_of_answers(marks: Sequence[Mark], bank: Bank, responses: Sequence[Response]) -> list[Mark]:
    """The marks of answers that these responses gave; those of withdrawn or excluded responses are kept, and wait."""
    known = {identifier for together in answer_ids_by_response(bank, responses) for identifier in together}
    return [mark for mark in marks if mark.answer_id in known]


def _line_id(line: CountedAnswer) -> str:
    ask = line.response.ask
    return line_id_of(ask.question_id, ask.respondent, ask.round, line.number)


def key_text(question: Question, separator: str = "; ", *, most: int | None = None) -> str:
    """The key's entries by letter: ``A. fever / pyrexia; B. cough``.

    Of an entry with more than ``most`` wordings the first stand there, and how many more there are: the others help
    the automatic marker, and no person reads fifty.
    """
    return separator.join(
        f"{letter}. {' / '.join(_some(entry.wordings, most))}" for letter, entry in question.lettered_key().items()
    )


def _some(wordings: Sequence[str], most: int | None) -> Sequence[str]:
    if most is None or len(wordings) <= most + 1:  # "and 1 more" takes the place of the one
        return wordings
    return (*wordings[:most], f"and {len(wordings) - most} more")
