"""From stored responses to their readings, the only way on which any code comes to answer lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from samp_eval.answers.decisions import decided_reading
from samp_eval.answers.reading import AnswerLine, Reading, read_response
from samp_eval.answers.rules_v1 import answer_lines
from samp_eval.items.samp import Bank, Question
from samp_eval.literals import OptionStep, QuestionFormat
from samp_eval.run.respondent import Response

__all__ = ["CountedAnswer", "answer_text", "counted_answers", "newest_reading", "reading_of", "rules_reading"]


@dataclass(frozen=True, slots=True)
class CountedAnswer:
    """One answer line that counts, to be marked.

    Attributes
    ----------
    response : Response
    number : int
        Of the line, from 1.
    text : str
        The words of the chosen option, or the line as it is written.
    step : OptionStep or None
        How the option was recognised.
    """

    response: Response
    number: int
    text: str
    step: OptionStep | None


def reading_of(response: Response, question: Question) -> Reading:
    """How a response to a question is read: as a person decided, else by the rules that its study has."""
    by_rules = rules_reading(response, question)
    if response.decision is None:
        return by_rules
    return decided_reading(response.decision, by_rules, response.reply.text, question)


def rules_reading(response: Response, question: Question) -> Reading:
    """How the rules read a response, whatever a person decided."""
    reply = response.reply
    if response.reading_rules == 1:
        return _by_first_rules(reply.text, question.requested)
    return newest_reading(response, question)


def newest_reading(response: Response, question: Question) -> Reading:
    """How the newest version of the rules reads a response; options are those of the bank, however they were sent."""
    order = response.ask.option_order
    if order is None or sorted(order) != list(range(len(question.options))):
        return _newest(response, question, question.options)
    reading = _newest(response, question, tuple(question.options[option] for option in order))
    lines = (line if line.option is None else replace(line, option=order[line.option]) for line in reading.lines)
    return replace(reading, lines=tuple(lines))


def _newest(response: Response, question: Question, options: tuple[str, ...]) -> Reading:
    reply = response.reply
    if question.any_number:
        return _read_any_number(reply.text, options, reply.finish_reason)
    return _read(reply.text, question.requested, question.format, options, reply.finish_reason)


def counted_answers(bank: Bank, responses: Iterable[Response]) -> Iterator[CountedAnswer]:
    """Every answer line that counts of the responses to questions of a bank."""
    asked = bank.by_question()
    for response in responses:
        if response.ask.question_id in asked:
            question = asked[response.ask.question_id][1]
            reading = reading_of(response, question)
            for line in reading.lines:
                if line.counted:
                    yield CountedAnswer(response, line.number, answer_text(question, line), reading.step)


def answer_text(question: Question, line: AnswerLine) -> str:
    """The words by which an answer is marked: those of the option, so that ``C`` and its words are one answer."""
    return line.text if line.option is None else question.options[line.option]


@lru_cache(maxsize=1 << 16)
def _by_first_rules(text: str, requested: int) -> Reading:
    lines = tuple(AnswerLine(line.number, line.text, line.counted) for line in answer_lines(text, requested))
    return Reading("answered", "lines" if lines else "none", lines, version=1)


@lru_cache(maxsize=1 << 16)
def _read(
    text: str, requested: int, form: QuestionFormat, options: tuple[str, ...], finish_reason: str | None
) -> Reading:
    """Kept because marking, scoring and the report need the same readings again and again."""
    return read_response(text, requested=requested, question_format=form, options=options, finish_reason=finish_reason)


_OTHER_NUMBER = frozenset({"several_options", "fewer_options", "no_option"})


@lru_cache(maxsize=1 << 16)
def _read_any_number(text: str, options: tuple[str, ...], finish_reason: str | None) -> Reading:
    """Read a choice of as many options as the response itself names: the smallest number that it fits."""
    everything = _every_letter(text, len(options))
    if everything is not None:
        return everything
    first = _read(text, 1, "menu", options, finish_reason)
    for count in range(1, len(options) + 1):
        reading = first if count == 1 else _read(text, count, "menu", options, finish_reason)
        if reading.outcome == "answered" and len(reading.lines) == count and not _OTHER_NUMBER & set(reading.doubts):
            return reading
    return first


_BETWEEN_LETTERS = re.compile(r"[\s,;.:&+*()\[\]/-]*(?:\b(?:and|et)\b)?[\s,;.:&+*()\[\]/-]*", re.IGNORECASE)


def _every_letter(text: str, count: int) -> Reading | None:
    """Read a response that is nothing but the letter of every option: elsewhere that names no choice."""
    lines: list[AnswerLine] = []
    place = 0
    for option in range(count):
        found = _BETWEEN_LETTERS.match(text, place)
        place = found.end() if found is not None else place
        letter = chr(ord("A") + option)
        if text[place : place + 1].upper() != letter:
            return None
        lines.append(AnswerLine(option + 1, letter, True, place, place + 1, option))
        place += 1
    rest = _BETWEEN_LETTERS.fullmatch(text, place)
    return Reading("answered", "option", tuple(lines), step="alone") if rest is not None and count > 1 else None
