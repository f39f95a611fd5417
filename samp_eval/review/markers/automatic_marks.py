"""What the automatic marks by the key come to, for each respondent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from samp_eval.answers.distinct import answer_id_of, distinct_answers
from samp_eval.answers.readings import counted_answers
from samp_eval.items.samp import Bank
from samp_eval.review.markers.key_marker import OPEN_FOR_A_PERSON, key_marks
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer
from samp_eval.run.respondent import Response

__all__ = ["AutomaticMarks", "RespondentCredit", "mark_by_key", "not_validated"]

Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Takes how much there is to do; what it yields is told how much was done since it was told last."""

VALIDATED = "en"
"""The language in which the marker was compared with people (tests/data/gold.csv)."""


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
    """Marks of the automatic marker, never of a person, with what they come to."""

    reviewer: Reviewer
    marks: tuple[Mark, ...]
    respondents: tuple[RespondentCredit, ...]

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
        Of the distinct answers.
    """
    lines = list(counted_answers(bank, responses))
    answers = distinct_answers(lines)
    with progress(len(answers)) as advance:
        marks = key_marks(bank, answers, now, advance)
    entry_of = {mark.answer_id: mark.value for mark in marks}
    asked = bank.by_question()
    respondents = dict.fromkeys(response.ask.respondent for response in responses if response.ask.question_id in asked)
    counts = Counter(line.response.ask.respondent for line in lines)
    earned: dict[str, set[tuple[str, int, str]]] = {name: set() for name in respondents}
    for line in lines:
        ask = line.response.ask
        entry = entry_of[answer_id_of(ask.question_id, line.text)]
        if entry != "0":
            earned[ask.respondent].add((ask.question_id, ask.round, entry))
    credits = tuple(RespondentCredit(name, counts[name], len(earned[name])) for name in respondents)
    return AutomaticMarks(KEY_MARKER, tuple(marks), credits)
