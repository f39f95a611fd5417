"""Questions that do not tell how many options are right: what is chosen is compared with the key as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from samp_eval.analysis.counted_lines import counted_lines
from samp_eval.analysis.score import count_correct, credit_lines, score_percents
from samp_eval.answers.readings import reading_of
from samp_eval.errors import FaultyBank
from samp_eval.items.load import load_bank
from samp_eval.items.parse_case import parse_case
from samp_eval.items.samp import Bank
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.markers.automatic_marks import mark_by_key
from samp_eval.run.prompt import question_text
from samp_eval.run.recorded.answer_rows import recorded_responses
from samp_eval.study import Round

QUESTION: dict[str, Any] = {
    "id": "v1",
    "question": "Which vitamins dissolve in fat?",
    "format": "menu",
    "requested": "any",
    "options": ["Retinol", "Ascorbic acid", "Calciferol", "Thiamine", "Biotin"],
    "key": [{"answer": "Retinol"}, {"answer": "Calciferol"}],
}
CASE: dict[str, Any] = {"id": "vitamins", "topic": "Vitamins", "questions": [QUESTION]}


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    (tmp_path / "vitamins.yaml").write_text(yaml.safe_dump(CASE), encoding="utf-8")
    return load_bank(tmp_path)


def score(bank: Bank, text: str) -> float:
    rows = [["question_id", "respondent", "round", "text"], ["v1", "m", "1", text]]
    responses = recorded_responses(rows, "x", bank, {1: Round(prompt="bare")}).responses
    marks = mark_by_key(bank, responses, datetime(2026, 1, 1, tzinfo=UTC)).marks
    lines = counted_lines(bank, responses)
    agreed = GatheredMarks(marks).consensus("key", "automatic:key", (), [])
    return float(score_percents(lines, count_correct(lines, credit_lines(lines, agreed, "key")))[0])


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("A, C", 100),
        ("AC", 100),
        ("A. Retinol\nC. Calciferol", 100),
        ("The answers are A and C.", 100),
        ("A", 50),
        ("A, B, C", 200 / 3),
        ("A, B, C, D", 50),
        ("A, B, C, D, E", 40),
        ("ABCDE", 40),
        ("A\nB\nC\nD\nE\n", 40),
        ("(a), (b), (c), (d) and (e).", 40),
        ("B, D", 0),
        ("Retinol and calciferol. Ascorbic acid is wrong.", 100),
        ("B\nC", 100 / 3),
    ],
)
def test_the_score_is_what_is_right_of_all_that_is_right_or_chosen(bank: Bank, text: str, percent: float) -> None:
    assert score(bank, text) == pytest.approx(percent)


def test_a_response_that_names_no_option_waits_for_a_person(bank: Bank) -> None:
    rows = [["question_id", "respondent", "round", "text"], ["v1", "m", "1", "It depends on many things."]]
    (response,) = recorded_responses(rows, "x", bank, {1: Round(prompt="bare")}).responses
    assert reading_of(response, bank.by_question()["v1"][1]).outcome == "open"


def test_the_candidate_reads_letters_and_no_number(bank: Bank) -> None:
    case, question = bank.by_question()["v1"]
    assert question_text(case, question).startswith(
        "Which vitamins dissolve in fat? Select all that apply.\nA. Retinol\nB. "
    )


@pytest.mark.parametrize("change", [{"format": "single"}, {"format": "write-in", "options": []}])
def test_any_goes_with_a_menu(change: dict[str, Any]) -> None:
    with pytest.raises(FaultyBank, match="any"):
        parse_case(CASE | {"questions": [QUESTION | change]}, "x.yaml")
