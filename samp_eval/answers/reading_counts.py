"""How many responses were read how, for each respondent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from samp_eval.answers.reading import Reading
from samp_eval.answers.readings import reading_of
from samp_eval.items.samp import Bank
from samp_eval.literals import AnswerShape
from samp_eval.run.respondent import Response

__all__ = ["ReadingCounts", "attention_of", "count_readings", "readings_by_respondent"]


@dataclass(slots=True)
class ReadingCounts:
    """Responses of one respondent.

    Attributes
    ----------
    responses : int
    shapes : dict
        How many have which shape.
    refused : int
        Declined in words; these earn nothing.
    open : int
        A person must say what the answer is; these have no score.
    no_answer : int
        Failures of reading: nothing but reasoning, or nothing at all.
    doubtful : int
        A person should look at them and has not; some of them are open.
    decided : int
        A person said what the answers are.
    """

    responses: int = 0
    shapes: dict[AnswerShape, int] = field(default_factory=dict)
    refused: int = 0
    open: int = 0
    no_answer: int = 0
    doubtful: int = 0
    decided: int = 0

    def add(self, reading: Reading) -> None:
        """Count one more response."""
        self.responses += 1
        self.shapes[reading.shape] = self.shapes.get(reading.shape, 0) + 1
        self.refused += reading.outcome == "refused"
        self.open += reading.outcome == "open"
        self.no_answer += reading.outcome == "no_answer"
        self.doubtful += reading.doubtful
        self.decided += reading.decided_by is not None

    def add_counts(self, other: ReadingCounts) -> None:
        """Count the responses of another part of a study too."""
        self.responses += other.responses
        for shape, count in other.shapes.items():
            self.shapes[shape] = self.shapes.get(shape, 0) + count
        self.refused += other.refused
        self.open += other.open
        self.no_answer += other.no_answer
        self.doubtful += other.doubtful
        self.decided += other.decided

    def attention(self) -> dict[str, int]:
        """What needs attention, as ``samp-eval status --json`` gives it."""
        return {"refused": self.refused, "open": self.open, "no_answer": self.no_answer, "doubtful": self.doubtful}


def count_readings(read: Iterable[tuple[str, Reading]]) -> dict[str, ReadingCounts]:
    """Counts by respondent, from pairs of respondent and reading."""
    counts: dict[str, ReadingCounts] = {}
    for respondent, reading in read:
        counts.setdefault(respondent, ReadingCounts()).add(reading)
    return counts


def readings_by_respondent(bank: Bank, responses: Iterable[Response]) -> dict[str, ReadingCounts]:
    """Counts by respondent of the responses to questions of a bank."""
    asked = bank.by_question()
    return count_readings(
        (response.ask.respondent, reading_of(response, asked[response.ask.question_id][1]))
        for response in responses
        if response.ask.question_id in asked
    )


def attention_of(counts: Mapping[str, ReadingCounts]) -> dict[str, dict[str, int]]:
    """The respondents with responses that need attention, and how many these are."""
    return {name: found.attention() for name, found in counts.items() if any(found.attention().values())}
