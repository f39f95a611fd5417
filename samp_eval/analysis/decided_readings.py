"""What people decided on how responses are read."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.answers.reading import Reading
from samp_eval.answers.readings import answer_text, rules_reading
from samp_eval.items.samp import Bank, Question

__all__ = ["DecidedReadings", "decided_readings"]


@dataclass(frozen=True, slots=True)
class DecidedReadings:
    """The decisions that hold.

    Attributes
    ----------
    decided_by : tuple of str
        Every person once.
    responses : int
    changed : int
        Responses with other answers, or another outcome, than the rules gave; the others were confirmed.
    refused, no_answer : int
        Responses that were decided to be these.
    """

    decided_by: tuple[str, ...]
    responses: int
    changed: int
    refused: int
    no_answer: int


def decided_readings(bank: Bank, lines: CountedLines) -> DecidedReadings:
    """Count the decisions that hold in a study."""
    asked = bank.by_question()
    read = [*zip(lines.responses, lines.readings, strict=True), *lines.without_answer]
    decided = [(response, reading) for response, reading in read if reading.decided_by is not None]
    changed = 0
    for response, reading in decided:
        question = asked[response.ask.question_id][1]
        changed += _says(reading, question) != _says(rules_reading(response, question), question)
    return DecidedReadings(
        tuple(dict.fromkeys(reading.decided_by for _, reading in decided if reading.decided_by is not None)),
        len(decided),
        changed,
        sum(reading.outcome == "refused" for _, reading in decided),
        sum(reading.outcome == "no_answer" for _, reading in decided),
    )


def _says(reading: Reading, question: Question) -> tuple[str, tuple[str, ...]]:
    return reading.outcome, tuple(answer_text(question, line) for line in reading.lines if line.counted)
