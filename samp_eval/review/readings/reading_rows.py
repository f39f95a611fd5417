"""The texts of a study with their readings, each text to a question once, blind to who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from samp_eval.answers.distinct import answer_id_of, line_id_of
from samp_eval.answers.reading import AnswerLine, Reading
from samp_eval.answers.reading_words import doubts_in_words
from samp_eval.answers.readings import answer_text, reading_of, rules_reading
from samp_eval.answers.text_ids import row_id_of
from samp_eval.items.samp import Bank, Question, entry_letter
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import ReadingDecision, Response

__all__ = ["NO_ANSWER", "REFUSED", "ReadingRow", "reading_rows", "sent_letters", "shown_lines"]

REFUSED = "(refused)"
NO_ANSWER = "(no answer)"
"""What stands in place of the first line where there is none; a person may write them, too."""
_FLAGGED = "a reviewer reads it otherwise"


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A text to a question and how it was read.

    Attributes
    ----------
    row_id : str
        Opaque.
    question : Question
    text : str
    by_rules : Reading
        What the rules say.
    present : Reading
        What holds.
    decision : ReadingDecision or None
    responses : int
        How many responses are this text.
    flagged : bool
        Whether a reviewer has said since the last decision that it reads otherwise.
    option_order : tuple of int or None
        In which the options were sent, where it was shuffled: their letters are those that the respondent saw.
    """

    row_id: str
    question: Question
    text: str
    by_rules: Reading
    present: Reading
    decision: ReadingDecision | None
    responses: int
    flagged: bool
    option_order: tuple[int, ...] | None = None

    @property
    def undecided(self) -> bool:
        """Whether a person should look at it."""
        return self.present.doubtful or self.flagged

    @property
    def reason(self) -> str:
        """Why a person should look at it, in words."""
        doubts = doubts_in_words(self.by_rules.doubts)
        return "; ".join(words for words in (doubts, _FLAGGED if self.flagged else "") if words)


def reading_rows(bank: Bank, responses: Iterable[Response], misread: Sequence[Mark]) -> list[ReadingRow]:
    """Every text of a study, in the bank's order of questions, then by row id.

    Parameters
    ----------
    bank : Bank
    responses : iterable of Response
    misread : sequence of Mark
        Where reviewers say that a response is not read as they read it.
    """
    asked = {question.id: (place, question) for place, (_, question) in enumerate(bank.asked())}
    flagged_at = _flagged_at(misread)
    rows: dict[str, ReadingRow] = {}
    for response in responses:
        if response.ask.question_id in asked:
            row = _row(response, asked[response.ask.question_id][1], flagged_at)
            rows[row.row_id] = _joined(rows[row.row_id], row) if row.row_id in rows else row
    return sorted(rows.values(), key=lambda row: (asked[row.question.id][0], row.row_id))


def _flagged_at(misread: Sequence[Mark]) -> dict[str, datetime]:
    flagged: dict[str, datetime] = {}
    for mark in misread:
        flagged[mark.answer_id] = max(mark.marked_at, flagged.get(mark.answer_id, mark.marked_at))
    return flagged


def _row(response: Response, question: Question, flagged_at: Mapping[str, datetime]) -> ReadingRow:
    text, decision = response.reply.text, response.decision
    present = reading_of(response, question)
    flags = [flagged_at[name] for name in _answer_ids(response, question, present) if name in flagged_at]
    since = [moment for moment in flags if decision is None or moment > decision.decided_at]
    order = response.ask.option_order
    row_id = row_id_of(question.id, text, order)
    by_rules = rules_reading(response, question)
    return ReadingRow(row_id, question, text, by_rules, present, decision, 1, bool(since), order)


def _answer_ids(response: Response, question: Question, reading: Reading) -> list[str]:
    ask = response.ask
    counted = [line for line in reading.lines if line.counted]
    names = [answer_id_of(question.id, answer_text(question, line)) for line in counted]
    return names + [line_id_of(question.id, ask.respondent, ask.round, line.number) for line in counted]


def _joined(row: ReadingRow, same: ReadingRow) -> ReadingRow:
    """One row of two for the same text; where only one was cut off, that one's doubts are shown."""
    shown = same if len(same.by_rules.doubts) > len(row.by_rules.doubts) else row
    return replace(shown, responses=row.responses + same.responses, flagged=row.flagged or same.flagged)


def shown_lines(reading: Reading, question: Question, option_order: Sequence[int] | None = None) -> list[str]:
    """The lines of a reading as they are shown to a person; an option has the letter with which it was sent."""
    if reading.outcome == "refused":
        return [REFUSED]
    if reading.outcome == "no_answer":
        return [NO_ANSWER]
    letters = {option: letter for letter, option in sent_letters(question, option_order).items()}
    return [_shown_line(line, question, letters) for line in reading.lines]


def sent_letters(question: Question, option_order: Sequence[int] | None) -> dict[str, int]:
    """Places of the options in the bank by the letters with which they were sent."""
    order = option_order or range(len(question.options))
    return {entry_letter(place): option for place, option in enumerate(order)}


def _shown_line(line: AnswerLine, question: Question, letters: Mapping[int, str]) -> str:
    words = answer_text(question, line)
    return words if line.option is None else f"{letters[line.option]}. {words}"
