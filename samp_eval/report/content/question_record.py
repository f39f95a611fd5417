"""Every question with its answers and their marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.items.samp import Question, SampCase
from samp_eval.report.content.question_outcomes import QuestionOutcomes, question_outcomes
from samp_eval.review.marks import ConsensusMark, Mark

__all__ = ["AnswerRecord", "QuestionRecord", "question_records"]


@dataclass(slots=True)
class _Answer:
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
        The first form in which it was given; untrusted text.
    given : tuple of (respondent, count)
        The number of counted lines in which each respondent gave it.
    marks : tuple of Mark
        Present marks of every reviewer and field, including those of single lines if lines were marked separately.
    consensus : tuple of ConsensusMark
    """

    text: str
    given: tuple[tuple[str, int], ...]
    marks: tuple[Mark, ...]
    consensus: tuple[ConsensusMark, ...]

    @property
    def count(self) -> int:
        """The number of counted lines in which it was given."""
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
        Lines beyond the first N, which are stored and shown but never marked.
    outcomes : QuestionOutcomes
        Responses that failed, are excluded, have no score or were read in doubt.
    """

    case: SampCase
    question: Question
    answers: tuple[AnswerRecord, ...]
    beyond: tuple[tuple[str, int], ...]
    outcomes: QuestionOutcomes = ()


def question_records(
    study: ScoredStudy,
    *,
    controls: bool = True,
    drawn: Collection[str] | None = None,
    amended: Collection[str] = (),
) -> tuple[QuestionRecord, ...]:
    """Gather every question in the order of the bank, with its answers and marks.

    Parameters
    ----------
    study : ScoredStudy
    controls : bool
        Whether answers given in rounds without pictures are among them.
    drawn, amended
        See :func:`samp_eval.report.content.question_outcomes.question_outcomes`.
    """
    marks: dict[str, list[Mark]] = {}
    for mark in study.marks:
        if not mark.repeat:
            marks.setdefault(mark.answer_id, []).append(mark)
    consensus: dict[str, list[ConsensusMark]] = {}
    for agreed in study.agreed.values():
        for settled in agreed:
            consensus.setdefault(settled.answer_id, []).append(settled)
    answers = _answers_by_question(study.lines, marks, controls=controls)
    beyond = _beyond(study.lines)
    outcomes = question_outcomes(study, drawn, amended)
    records = []
    for case, question in study.bank.asked():
        of_question = [_answer_record(answer, marks, consensus) for answer in answers.get(question.id, {}).values()]
        of_question.sort(key=lambda answer: -answer.count)
        found = sorted(beyond.get(question.id, {}).items(), key=lambda item: -item[1])
        records.append(QuestionRecord(case, question, tuple(of_question), tuple(found), outcomes[question.id]))
    return tuple(records)


def _answer_record(
    answer: _Answer, marks: Mapping[str, Sequence[Mark]], consensus: Mapping[str, Sequence[ConsensusMark]]
) -> AnswerRecord:
    return AnswerRecord(
        answer.text,
        tuple(answer.given.items()),
        tuple(mark for unit in answer.units for mark in marks.get(unit, ())),
        tuple(mark for unit in answer.units for mark in consensus.get(unit, ())),
    )


def _answers_by_question(
    lines: CountedLines, marked: Collection[str], *, controls: bool
) -> dict[str, dict[int, _Answer]]:
    """By question, then by place of the distinct answer."""
    line_ids = lines.line_ids if lines.marked_by_themselves(marked) else ()
    found: dict[str, dict[int, _Answer]] = {}
    columns = zip(lines.response.tolist(), lines.answer.tolist(), lines.texts, strict=True)
    for line, (response, place, text) in enumerate(columns):
        ask = lines.responses[response].ask
        if not (controls or ask.condition.pictures):
            continue
        of_question = found.setdefault(ask.question_id, {})
        answer = of_question.get(place)
        if answer is None:
            answer = of_question[place] = _Answer(text, {}, {lines.answer_ids[place]: None})
        answer.given[ask.respondent] = answer.given.get(ask.respondent, 0) + 1
        if line_ids:
            answer.units[line_ids[line]] = None
    return found


def _beyond(lines: CountedLines) -> dict[str, dict[str, int]]:
    """By question, how often each text stood beyond the first N lines."""
    found: dict[str, dict[str, int]] = {}
    for place, text in lines.beyond:
        of_question = found.setdefault(lines.asked[place][1].id, {})
        of_question[text] = of_question.get(text, 0) + 1
    return found
