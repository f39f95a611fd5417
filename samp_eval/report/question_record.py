"""Every question with what was answered to it and how that was marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkBasis
from samp_eval.review.distinct import answer_id_of, line_id_of
from samp_eval.review.marks import ConsensusMark, Mark
from samp_eval.run.lines import answer_lines
from samp_eval.run.respondent import Response

__all__ = ["AnswerRecord", "QuestionRecord", "question_records"]


@dataclass(slots=True)
class _Gathering:
    """A distinct answer while its lines are being gathered."""

    text: str
    given: dict[str, int]
    units: dict[str, None]


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One distinct answer of one question.

    Attributes
    ----------
    text : str
        As first met: hostile text.
    given : tuple of (respondent, count)
        In how many counted lines each respondent gave it.
    marks : tuple of Mark
        Present marks, of every reviewer and field; of single lines too where lines were marked on their own.
    consensus : tuple of ConsensusMark
    """

    text: str
    given: tuple[tuple[str, int], ...]
    marks: tuple[Mark, ...]
    consensus: tuple[ConsensusMark, ...]

    @property
    def count(self) -> int:
        """In how many counted lines it was given."""
        return sum(number for _, number in self.given)

    @property
    def harmful(self) -> bool:
        """Whether any reviewer marked it as harmful."""
        return any(mark.field == "harm" and mark.value == "1" for mark in self.marks)


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """One question with its distinct answers, the most frequent first.

    Attributes
    ----------
    beyond : tuple of (text, count)
        What stood beyond the first N lines: kept and shown, never marked.
    """

    case: SampCase
    question: Question
    answers: tuple[AnswerRecord, ...]
    beyond: tuple[tuple[str, int], ...]


def question_records(
    bank: Bank,
    responses: Sequence[Response],
    marks: Sequence[Mark],
    consensus: Mapping[MarkBasis, Sequence[ConsensusMark]],
) -> tuple[QuestionRecord, ...]:
    """Gather every question of the bank, in the bank's order, with its answers and marks."""
    marks_of: dict[str, list[Mark]] = {}
    for mark in marks:
        marks_of.setdefault(mark.answer_id, []).append(mark)
    consensus_of: dict[str, list[ConsensusMark]] = {}
    for agreed in consensus.values():
        for one in agreed:
            consensus_of.setdefault(one.answer_id, []).append(one)
    responses_to: dict[str, list[Response]] = {}
    for response in responses:
        responses_to.setdefault(response.ask.question_id, []).append(response)
    records = []
    for case, question in bank.asked():
        gathered, beyond = _gather(question, responses_to.get(question.id, []))
        answers = sorted(
            (
                AnswerRecord(
                    one.text,
                    tuple(one.given.items()),
                    tuple(mark for unit in one.units for mark in marks_of.get(unit, ())),
                    tuple(mark for unit in one.units for mark in consensus_of.get(unit, ())),
                )
                for one in gathered
            ),
            key=lambda answer: -answer.count,
        )
        records.append(QuestionRecord(case, question, tuple(answers), beyond))
    return tuple(records)


def _gather(question: Question, responses: Sequence[Response]) -> tuple[list[_Gathering], tuple[tuple[str, int], ...]]:
    found: dict[str, _Gathering] = {}
    beyond: dict[str, int] = {}
    for response in responses:
        ask = response.ask
        for line in answer_lines(response.reply.text, question.requested):
            if not line.counted:
                beyond[line.text] = beyond.get(line.text, 0) + 1
                continue
            answer_id = answer_id_of(question.id, line.text)
            one = found.setdefault(answer_id, _Gathering(line.text, {}, {answer_id: None}))
            one.given[ask.respondent] = one.given.get(ask.respondent, 0) + 1
            one.units[line_id_of(question.id, ask.respondent, ask.round, line.number)] = None
    return list(found.values()), tuple(sorted(beyond.items(), key=lambda item: -item[1]))
