"""A study's responses and their answer lines, split once."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from samp_eval.answers.distinct import answer_id_of, line_id_of
from samp_eval.answers.reading import Reading
from samp_eval.answers.reading_counts import ReadingCounts, count_readings
from samp_eval.answers.readings import answer_text, reading_of
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import Response

__all__ = ["CountedLines", "counted_lines"]


@dataclass(frozen=True)
class CountedLines:
    """Responses to the questions of a bank and their counted answer lines, to be scored as often as wanted.

    Attributes
    ----------
    responses : tuple of Response, length n
        Those to questions of the bank that hold an answer, in the order given.
    asked : tuple of (SampCase, Question), length n
        What each response answers.
    answer_ids : tuple of str
        Every distinct answer once.
    response, answer, number : int arrays (lines,)
        For each counted line the place of its response, the place of its distinct answer, and its number.
    texts : tuple of str, length lines
        As they were given.
    beyond : tuple of (int, str)
        Lines past the number asked for, which are shown and never marked: the place of the response, and the text.
    readings : tuple of Reading, length n
        How each response was read.
    without_answer : tuple of (Response, Reading)
        Further responses that hold no answer at all: failures, and no zeros.
    """

    responses: tuple[Response, ...]
    asked: tuple[tuple[SampCase, Question], ...]
    answer_ids: tuple[str, ...]
    response: NDArray[np.int64]
    answer: NDArray[np.int64]
    number: NDArray[np.int64]
    texts: tuple[str, ...]
    beyond: tuple[tuple[int, str], ...]
    readings: tuple[Reading, ...]
    without_answer: tuple[tuple[Response, Reading], ...]

    @cached_property
    def requested(self) -> NDArray[np.int64]:
        """How many lines the question of each response asks for, shape (n,)."""
        return np.array([question.requested for _, question in self.asked], dtype=np.int64)

    @cached_property
    def undecided(self) -> NDArray[np.bool_]:
        """Where a person must say what the answer is, shape (n,): such a response has no score."""
        return np.array([reading.outcome == "open" for reading in self.readings], dtype=np.bool_)

    @cached_property
    def doubtful(self) -> NDArray[np.bool_]:
        """Where a person should look at the reading and has not, shape (n,)."""
        return np.array([reading.doubtful for reading in self.readings], dtype=np.bool_)

    @cached_property
    def refused(self) -> NDArray[np.bool_]:
        """Where the respondent declined, shape (n,)."""
        return np.array([reading.outcome == "refused" for reading in self.readings], dtype=np.bool_)

    def reading_counts(self) -> dict[str, ReadingCounts]:
        """How many responses of each respondent were read how, those without an answer among them."""
        asked = [response.ask.respondent for response in self.responses]
        failed = ((response.ask.respondent, reading) for response, reading in self.without_answer)
        return count_readings([*zip(asked, self.readings, strict=True), *failed])

    @cached_property
    def given(self) -> NDArray[np.int64]:
        """How many counted lines each response has, shape (n,)."""
        return np.bincount(self.response, minlength=len(self.responses))

    @cached_property
    def any_number(self) -> NDArray[np.bool_]:
        """Whether the candidate was not told how many options are right, shape (n,)."""
        return np.array([question.any_number for _, question in self.asked], dtype=np.bool_)

    @cached_property
    def line_ids(self) -> tuple[str, ...]:
        """Identifier of every counted line, under which its marks stand where it was marked by itself."""
        asks = [response.ask for response in self.responses]
        return tuple(
            line_id_of(asks[place].question_id, asks[place].respondent, asks[place].round, number)
            for place, number in zip(self.response.tolist(), self.number.tolist(), strict=True)
        )

    def marked_by_themselves(self, marked: Collection[str]) -> bool:
        """Whether any of these identifiers is not an answer's, so that it may be a line's."""
        return not set(marked) <= set(self.answer_ids)

    def marks_of(self, marks: Sequence[Mark]) -> list[Mark]:
        """The marks of these lines; an answer that only withdrawn or excluded responses gave has marks still."""
        marked = {mark.answer_id for mark in marks}
        known = {*self.answer_ids, *(self.line_ids if self.marked_by_themselves(marked) else ())}
        return [mark for mark in marks if mark.answer_id in known]

    def without(self, respondents: Container[str], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """A value of each response, NaN for these respondents."""
        left_out = [response.ask.respondent in respondents for response in self.responses]
        return np.where(left_out, np.nan, values)

    def together(self, marked: Collection[str]) -> list[tuple[str, ...]]:
        """Answer ids, and line ids where lines were marked by themselves, that stand in one response."""
        named = [tuple(self.answer_ids[place] for place in self.answer.tolist())]
        named += [self.line_ids] if self.marked_by_themselves(marked) else []
        breaks = (np.flatnonzero(np.diff(self.response)) + 1).tolist()
        spans = list(zip([0, *breaks], [*breaks, len(self.texts)], strict=True))
        return [ids[first:last] for ids in named for first, last in spans]


def counted_lines(bank: Bank, responses: Iterable[Response]) -> CountedLines:
    """Read every response to a question of the bank."""
    by_question = bank.by_question()
    answering = [response for response in responses if response.ask.question_id in by_question]
    readings = [reading_of(response, by_question[response.ask.question_id][1]) for response in answering]
    pairs = list(zip(answering, readings, strict=True))
    read = [pair for pair in pairs if pair[1].outcome != "no_answer"]
    asked = tuple(by_question[response.ask.question_id] for response, _ in read)
    places: dict[str, int] = {}
    place_of_text: dict[tuple[str, str], int] = {}
    counted: list[tuple[int, int, int]] = []
    texts: list[str] = []
    beyond: list[tuple[int, str]] = []
    for place, ((_, reading), (_, question)) in enumerate(zip(read, asked, strict=True)):
        for line in reading.lines:
            if line.counted:
                words = (question.id, answer_text(question, line))
                if words not in place_of_text:
                    place_of_text[words] = places.setdefault(answer_id_of(*words), len(places))
                counted.append((place, place_of_text[words], line.number))
                texts.append(words[1])
            elif reading.outcome == "answered":
                beyond.append((place, line.text))
    response_places, answers, numbers = np.array(counted, dtype=np.int64).reshape(-1, 3).T
    return CountedLines(
        responses=tuple(response for response, _ in read),
        asked=asked,
        answer_ids=tuple(places),
        response=response_places,
        answer=answers,
        number=numbers,
        texts=tuple(texts),
        beyond=tuple(beyond),
        readings=tuple(reading for _, reading in read),
        without_answer=tuple(pair for pair in pairs if pair[1].outcome == "no_answer"),
    )
