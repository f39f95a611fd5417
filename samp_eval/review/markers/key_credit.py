"""What the automatic marks by the key come to, for each respondent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from samp_eval.answers.distinct import answer_id_of, distinct_answers
from samp_eval.answers.lines import answer_lines
from samp_eval.items.samp import Bank
from samp_eval.review.markers.key_marker import key_marks
from samp_eval.review.marks import KEY_MARKER, Mark
from samp_eval.run.respondent import Response

__all__ = ["AutomaticMarks", "RespondentCredit", "mark_by_key"]


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

    reviewer: str
    marks: tuple[Mark, ...]
    respondents: tuple[RespondentCredit, ...]


def mark_by_key(bank: Bank, responses: Sequence[Response], now: datetime) -> AutomaticMarks:
    """Mark every distinct answer that counts by the key of the bank.

    Parameters
    ----------
    bank : Bank
    responses : sequence of Response
    now : datetime
        UTC.
    """
    asked = bank.by_question()
    known = [response for response in responses if response.ask.question_id in asked]
    counted = {
        id(response): [
            line.text
            for line in answer_lines(response.reply.text, asked[response.ask.question_id][1].requested)
            if line.counted
        ]
        for response in known
    }
    lines = [(response.ask.question_id, text) for response in known for text in counted[id(response)]]
    marks = key_marks(bank, distinct_answers(lines), now)
    entries = {mark.answer_id: mark.value for mark in marks}
    totals: dict[str, tuple[int, int]] = {}
    for response in known:
        question_id = response.ask.question_id
        found = {entries[answer_id_of(question_id, text)] for text in counted[id(response)]}
        before = totals.get(response.ask.respondent, (0, 0))
        totals[response.ask.respondent] = (before[0] + len(counted[id(response)]), before[1] + len(found - {"0"}))
    respondents = tuple(RespondentCredit(name, *total) for name, total in totals.items())
    return AutomaticMarks(KEY_MARKER, tuple(marks), respondents)
