"""Marks become scores: how many of the N requested answers of a response are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from samp_eval.items.samp import Bank, Question
from samp_eval.literals import MarkBasis
from samp_eval.review.distinct import answer_id_of, line_id_of
from samp_eval.review.marks import ConsensusMark
from samp_eval.run.lines import answer_lines
from samp_eval.run.respondent import Response

__all__ = ["ResponseScore", "score_response", "score_responses"]


@dataclass(frozen=True, slots=True)
class ResponseScore:
    """The score of one response on one basis.

    Attributes
    ----------
    response : Response
    case_id : str
    basis : MarkBasis
    requested : int
        N, the most that can be right.
    correct : float or None
        Right answers, 0 to N; a fraction only under the consensus rule ``mean``; None while a counted line is
        unmarked or its reviewers' disagreement is unresolved.
    open_lines : int
        Counted lines without a consensus mark.
    """

    response: Response
    case_id: str
    basis: MarkBasis
    requested: int
    correct: float | None
    open_lines: int

    @property
    def percent(self) -> float | None:
        """Score percentage, 0 to 100; the ordinal outcome."""
        return None if self.correct is None else 100.0 * self.correct / self.requested


def score_response(
    response: Response, question: Question, marks: Mapping[str, ConsensusMark]
) -> tuple[float | None, int]:
    """Right answers of one response, and how many of its counted lines have no consensus mark yet.

    Parameters
    ----------
    response : Response
    question : Question
    marks : mapping
        Consensus marks of one basis by answer id or line id; a line's own mark goes before its answer's.

    Notes
    -----
    A key entry earns once in a response, and so does an answer that is given twice. A response with fewer lines than
    N is still scored over N; lines beyond N are not scored.
    """
    ask = response.ask
    earned: dict[str, float] = {}
    open_lines = 0
    for line in answer_lines(response.reply.text, question.requested):
        if not line.counted:
            break
        answer_id = answer_id_of(ask.question_id, line.text)
        mark = marks.get(line_id_of(ask.question_id, ask.respondent, ask.round, line.number)) or marks.get(answer_id)
        if mark is None or mark.credit is None:
            open_lines += 1
            continue
        once = mark.entry or answer_id
        earned[once] = max(earned.get(once, 0.0), mark.credit)
    return (None if open_lines else sum(earned.values())), open_lines


def score_responses(
    bank: Bank, responses: Iterable[Response], marks: Sequence[ConsensusMark], basis: MarkBasis
) -> list[ResponseScore]:
    """Score every response to a question of the bank on one basis."""
    by_question = bank.by_question()
    by_answer = {mark.answer_id: mark for mark in marks if mark.basis == basis}
    scores = []
    for response in responses:
        if response.ask.question_id in by_question:
            case, question = by_question[response.ask.question_id]
            correct, open_lines = score_response(response, question, by_answer)
            scores.append(ResponseScore(response, case.id, basis, question.requested, correct, open_lines))
    return scores
