"""Scores by hand: what earns once, what is open, and whose mark goes first."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from samp_eval.analysis.counted_lines import counted_lines
from samp_eval.analysis.score import count_correct, credit_lines, score_percents
from samp_eval.answers.distinct import answer_id_of, line_id_of
from samp_eval.items.load import bank_of
from samp_eval.items.samp import SampCase
from samp_eval.review.marks import ConsensusMark
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.study import Condition

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CASE = SampCase.model_validate(
    {
        "id": "c",
        "topic": "Fever",
        "stem": "A child is unwell.",
        "questions": [
            {
                "id": "q",
                "question": "What would you ask about?",
                "requested": 2,
                "key": [{"answer": "Fever"}, {"answer": "Cough"}, {"answer": "Rash"}],
            }
        ],
    }
)
TEXTS = (
    "Fever\nCough",
    "Fever\nPyrexia",
    "Travel\nTravel",
    "Rash",
    "Headache\nFever",
    "I cannot answer that.",
    "NA\nCough\nRash",
)
EMPTY = "\n"


def mark(identifier: str, credit: float | None, entry: str = "") -> ConsensusMark:
    return ConsensusMark("q", identifier, "key", credit, entry)


def test_scores_by_hand() -> None:
    responses = [
        Response(Ask("q", "m", number, Condition()), Reply(text, "m"), NOW)
        for number, text in enumerate((*TEXTS, EMPTY), 1)
    ]
    stray = Response(Ask("elsewhere", "m", 1, Condition()), Reply("Fever", "m"), NOW)
    lines = counted_lines(bank_of([CASE], location="tests"), [*responses, stray])
    assert [response.reply.text for response in lines.responses] == list(TEXTS), "a refusal is a zero"
    assert [response.reply.text for response, _ in lines.without_answer] == [EMPTY], "an empty answer is none"
    marks = [
        *(mark(answer_id_of("q", text), 1.0, letter) for text, letter in (("Fever", "A"), ("Pyrexia", "A"))),
        mark(answer_id_of("q", "Cough"), 0.5, "B"),
        mark(answer_id_of("q", "Rash"), 1.0, "C"),
        mark(answer_id_of("q", "Travel"), 1.0),
        mark(answer_id_of("q", "NA"), 0.0),
        mark(answer_id_of("q", "Headache"), None),
    ]
    by_answer = [1.5, 1.0, 1.0, 1.0, np.nan, 0.0, 0.5]
    np.testing.assert_array_equal(count_correct(lines, credit_lines(lines, marks, "key")), by_answer)
    np.testing.assert_array_equal(score_percents(lines, np.array(by_answer)), [75, 50, 50, 50, np.nan, 0, 25])
    own = [*marks, mark(line_id_of("q", "m", 1, 1), 0.0), mark(line_id_of("q", "m", 5, 1), 1.0, "B")]
    np.testing.assert_array_equal(
        count_correct(lines, credit_lines(lines, own, "key")), [0.5, 1.0, 1.0, 1.0, 2.0, 0.0, 0.5]
    )
    assert np.isnan(count_correct(lines, credit_lines(lines, marks, "judgement"))[:5]).all(), "no mark on that basis"


def test_a_response_without_a_decided_answer_has_no_score() -> None:
    cut_off = Reply("<think>Fever, because", "m", finish_reason="length")
    ended_in_thought = Reply("<think>Fever and cough", "m", finish_reason="stop")
    fever = Reply("Fever", "m", finish_reason="stop")
    responses = [
        Response(Ask("q", "m", number, Condition()), reply, NOW)
        for number, reply in enumerate((cut_off, ended_in_thought, fever), 1)
    ]
    lines = counted_lines(bank_of([CASE], location="tests"), responses)
    assert [response.reply for response, _ in lines.without_answer] == [cut_off], "a failure"
    assert [response.reply for response in lines.responses] == [ended_in_thought, fever]
    assert lines.undecided.tolist() == [True, False]
    credits = credit_lines(lines, [mark(answer_id_of("q", "Fever"), 1.0, "A")], "key")
    np.testing.assert_array_equal(count_correct(lines, credits), [np.nan, 1.0])
