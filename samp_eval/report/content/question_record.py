"""Every question with what was answered to it and how that was marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from samp_eval.analysis.score import CountedLines
from samp_eval.answers.lines import answer_lines
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import ConsensusMark, Mark
from samp_eval.review.row_ids import is_repeat

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
    lines: CountedLines,
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
    gathered = _gather(lines, marks_of)
    beyond = _beyond(lines)
    records = []
    for case, question in bank.asked():
        answers = sorted(
            (
                AnswerRecord(
                    one.text,
                    tuple(one.given.items()),
                    tuple(mark for unit in one.units for mark in marks_of.get(unit, ())),
                    tuple(mark for unit in one.units for mark in consensus_of.get(unit, ())),
                )
                for one in gathered.get(question.id, {}).values()
            ),
            key=lambda answer: -answer.count,
        )
        found = sorted(beyond.get(question.id, {}).items(), key=lambda item: -item[1])
        records.append(QuestionRecord(case, question, tuple(answers), tuple(found)))
    return tuple(records)


def _gather(lines: CountedLines, marked: Collection[str]) -> dict[str, dict[int, _Gathering]]:
    """By question, then by place of the distinct answer."""
    own = lines.line_ids({one for one in marked if not is_repeat(one)})
    found: dict[str, dict[int, _Gathering]] = {}
    columns = zip(lines.response.tolist(), lines.answer.tolist(), lines.number.tolist(), strict=True)
    for place, (response, answer, number) in enumerate(columns):
        ask = lines.responses[response].ask
        of_question = found.setdefault(ask.question_id, {})
        one = of_question.get(answer)
        if one is None:
            given = answer_lines(lines.responses[response].reply.text, lines.asked[response][1].requested)
            text = given[number - 1].text
            one = of_question[answer] = _Gathering(text, {}, {lines.answer_ids[answer]: None})
        one.given[ask.respondent] = one.given.get(ask.respondent, 0) + 1
        if own:
            one.units[own[place]] = None
    return found


def _beyond(lines: CountedLines) -> dict[str, dict[str, int]]:
    """By question, how often each text stood beyond the first N lines."""
    found: dict[str, dict[str, int]] = {}
    for response, (_, question) in zip(lines.responses, lines.asked, strict=True):
        for line in answer_lines(response.reply.text, question.requested)[question.requested :]:
            of_question = found.setdefault(question.id, {})
            of_question[line.text] = of_question.get(line.text, 0) + 1
    return found
