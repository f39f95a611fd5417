"""What the automatic marks by the key come to, for each respondent."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from samp_eval.answers.distinct import answer_id_of, distinct_answers
from samp_eval.answers.reading_counts import ReadingCounts, readings_by_respondent
from samp_eval.answers.readings import counted_answers
from samp_eval.items.samp import Bank, SampCase
from samp_eval.review.markers.key_marker import OPEN_FOR_A_PERSON, key_marks
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer
from samp_eval.run.respondent import Response

__all__ = ["AutomaticMarks", "RespondentCredit", "mark_by_key", "not_validated"]

Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Takes how much there is to do; what it yields is told how much was done since it was told last."""

VALIDATED = "en"
"""The language in which the marker was compared with people (tests/data/gold.csv)."""

_PART = 4_000
"""Responses that are marked at a time on one of several processors."""
_MANY = 20_000
"""Responses; below that other processes take longer to start than they save."""


@dataclass(frozen=True, slots=True)
class RespondentCredit:
    """Automatic credit of one respondent over all its rounds.

    Attributes
    ----------
    respondent : str
    lines : int
        Answer lines that count.
    credited : int
        Lines that earned their mark; an entry earns once in a response.
    """

    respondent: str
    lines: int
    credited: int

    @property
    def percent(self) -> float:
        """Lines credited in 100 lines, 0 to 100."""
        return 100.0 * self.credited / self.lines if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class AutomaticMarks:
    """Marks of the automatic marker, never of a person, with what they come to.

    Attributes
    ----------
    reviewer : Reviewer
    marks : tuple of Mark
        In the order in which the answers were met first.
    respondents : tuple of RespondentCredit
    readings : dict
        How the responses were read, by respondent.
    """

    reviewer: Reviewer
    marks: tuple[Mark, ...]
    respondents: tuple[RespondentCredit, ...]
    readings: dict[str, ReadingCounts]

    @property
    def open(self) -> int:
        """How many answers earn nothing because only a person can tell what they say."""
        return sum(f": {OPEN_FOR_A_PERSON}:" in mark.source for mark in self.marks)


@contextmanager
def no_progress(total: int) -> Iterator[Callable[[int], None]]:
    """Progress that nobody sees."""
    yield lambda done: None


def not_validated(bank: Bank) -> dict[str, list[str]]:
    """Questions whose free text the marker reads in a language in which it was never compared with people.

    Returns
    -------
    dict of str to list of str
        Question ids by the code of their language. Options are chosen, not read, so they may be in any language.
    """
    found: dict[str, list[str]] = {}
    for case, question in bank.asked():
        language = case.language.partition("-")[0]
        if question.format == "write-in" and language != VALIDATED:
            found.setdefault(language, []).append(question.id)
    return found


def mark_by_key(
    bank: Bank, responses: Sequence[Response], now: datetime, progress: Progress = no_progress
) -> AutomaticMarks:
    """Mark every distinct answer that counts by the key of the bank.

    Parameters
    ----------
    bank : Bank
    responses : sequence of Response
    now : datetime
        UTC.
    progress : Progress
        Of the responses.
    """
    with progress(len(responses)) as advance:
        parts = []
        for part in _marked_parts(bank, responses, now):
            parts.append(part)
            advance(part.responses)
    marks = sorted((pair for part in parts for pair in part.marks), key=itemgetter(0))
    lines, credited, readings = Counter[str](), Counter[str](), dict[str, ReadingCounts]()
    for part in parts:
        lines += part.lines
        credited += part.credited
        for name, counts in part.readings.items():
            readings.setdefault(name, ReadingCounts()).add_counts(counts)
    asked = bank.by_question()
    names = dict.fromkeys(response.ask.respondent for response in responses if response.ask.question_id in asked)
    credits = tuple(RespondentCredit(name, lines[name], credited[name]) for name in names)
    readings = {name: readings[name] for name in names}
    return AutomaticMarks(KEY_MARKER, tuple(mark for _, mark in marks), credits, readings)


@dataclass(frozen=True, slots=True)
class _MarkedPart:
    """Some questions, marked; the number before a mark is the place of the first response that gave the answer."""

    responses: int
    marks: list[tuple[int, Mark]]
    lines: Counter[str]
    credited: Counter[str]
    readings: dict[str, ReadingCounts]


def _marked_parts(bank: Bank, responses: Sequence[Response], now: datetime) -> Iterable[_MarkedPart]:
    if len(responses) < _MANY:
        return [_marked_part(bank, list(enumerate(responses)), now)]
    from joblib import Parallel, delayed

    tasks = (delayed(_marked_elsewhere)(part, placed, now) for part, placed in _parts(bank, responses))
    marked: Iterable[_MarkedPart] = Parallel(n_jobs=-1, return_as="generator")(tasks)
    return marked


def _marked_elsewhere(bank: Bank, placed: Sequence[tuple[int, Response]], now: datetime) -> _MarkedPart:
    """Mark a part in a process of its own, with the collector of garbage as ``entry_point`` has it."""
    gc.set_threshold(50_000, 20, 100)
    gc.freeze()
    return _marked_part(bank, placed, now)


def _parts(bank: Bank, responses: Sequence[Response]) -> Iterator[tuple[Bank, list[tuple[int, Response]]]]:
    """The bank case by case in parts of some thousand responses, which come with their places."""
    by_question: dict[str, list[tuple[int, Response]]] = {}
    for place, response in enumerate(responses):
        by_question.setdefault(response.ask.question_id, []).append((place, response))
    cases: list[SampCase] = []
    placed: list[tuple[int, Response]] = []
    for case in bank.cases:
        cases.append(case)
        placed += [pair for question in case.questions for pair in by_question.get(question.id, ())]
        if len(placed) >= _PART or case is bank.cases[-1]:
            yield replace(bank, cases=tuple(cases), pictures={}), sorted(placed, key=itemgetter(0))
            cases, placed = [], []


def _marked_part(bank: Bank, placed: Sequence[tuple[int, Response]], now: datetime) -> _MarkedPart:
    responses = [response for _, response in placed]
    place_of = {id(response): place for place, response in placed}
    lines = list(counted_answers(bank, responses))
    answers = distinct_answers(lines)
    marks = {mark.answer_id: mark for mark in key_marks(bank, answers, now)}
    first: dict[str, int] = {}
    counts: Counter[str] = Counter()
    earned: dict[tuple[str, str, int, str], str] = {}
    for line in lines:
        ask = line.response.ask
        identifier = answer_id_of(ask.question_id, line.text)
        first.setdefault(identifier, place_of[id(line.response)])
        counts[ask.respondent] += 1
        entry = marks[identifier].value
        if entry != "0":
            earned[ask.respondent, ask.question_id, ask.round, entry] = ask.respondent
    in_order = [(first[identifier], mark) for identifier, mark in marks.items()]
    readings = readings_by_respondent(bank, responses)
    return _MarkedPart(len(responses), in_order, counts, Counter(earned.values()), readings)
