"""What the newest rules for reading would read otherwise in a study that keeps earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from samp_eval.answers.distinct import answer_id_of
from samp_eval.answers.reading import Reading
from samp_eval.answers.readings import answer_text, newest_reading, rules_reading
from samp_eval.answers.text_ids import row_id_of
from samp_eval.items.samp import Bank, Question
from samp_eval.literals import ReadingOutcome
from samp_eval.run.respondent import Response

__all__ = ["RuleChange", "rule_changes"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A text that the newest rules read otherwise.

    Attributes
    ----------
    row_id, question_id : str
    outcome_before, outcome_after : ReadingOutcome
    before, after : tuple of str
        The answers that count.
    responses : int
        How many responses are this text.
    unmarked : int
        Answers among those after that nobody has marked yet.
    """

    row_id: str
    question_id: str
    outcome_before: ReadingOutcome
    outcome_after: ReadingOutcome
    before: tuple[str, ...]
    after: tuple[str, ...]
    responses: int
    unmarked: int


def rule_changes(bank: Bank, responses: Iterable[Response], marked: Collection[str]) -> list[RuleChange]:
    """Every text that nobody decided and that the newest rules read otherwise, in the bank's order of questions.

    Parameters
    ----------
    bank : Bank
    responses : iterable of Response
    marked : collection of str
        Ids of the answers with marks.
    """
    asked = {question.id: (place, question) for place, (_, question) in enumerate(bank.asked())}
    texts: dict[str, tuple[Response, int]] = {}
    for response in responses:
        if response.ask.question_id in asked and response.decision is None:
            row_id = row_id_of(response.ask.question_id, response.reply.text, response.ask.option_order)
            texts[row_id] = texts.get(row_id, (response, 0))[0], texts.get(row_id, (response, 0))[1] + 1
    found = []
    for row_id, (response, count) in texts.items():
        question = asked[response.ask.question_id][1]
        old, new = rules_reading(response, question), newest_reading(response, question)
        before, after = _counted(old, question), _counted(new, question)
        if (old.outcome, before) != (new.outcome, after):
            unmarked = sum(answer_id_of(question.id, words) not in marked for words in after)
            found.append(RuleChange(row_id, question.id, old.outcome, new.outcome, before, after, count, unmarked))
    return sorted(found, key=lambda change: (asked[change.question_id][0], change.row_id))


def _counted(reading: Reading, question: Question) -> tuple[str, ...]:
    return tuple(answer_text(question, line) for line in reading.lines if line.counted)
