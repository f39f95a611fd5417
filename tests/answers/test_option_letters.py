"""Outputs to option questions, read as a person reads them or left open: ``tests/data/letters.yaml``."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from samp_eval.answers.reading import read_response
from samp_eval.literals import QuestionFormat

TABLE = yaml.safe_load((Path(__file__).parents[1] / "data" / "letters.yaml").read_text(encoding="utf-8"))
QUESTIONS = TABLE.pop("questions")
OUTPUTS = [(language, *output) for language, outputs in TABLE.items() for output in outputs]
MOST_LEFT_OPEN = 0.1


def read(question: str, text: str) -> str:
    """Letters of the options that count; empty where a person must say."""
    asked = QUESTIONS[question]
    form: QuestionFormat = "single" if asked["requested"] == 1 else "menu"
    reading = read_response(text, requested=asked["requested"], question_format=form, options=asked["options"])
    chosen = [line.option for line in reading.lines if line.counted and line.option is not None]
    return "".join("ABCDEFGHIJ"[option] for option in chosen)


def test_there_are_enough_outputs_of_each_language() -> None:
    assert len(TABLE["english"]) >= 150
    assert sum(len(outputs) for language, outputs in TABLE.items() if language != "english") >= 50


@pytest.mark.parametrize(("language", "question", "letters", "text"), OUTPUTS)
def test_no_output_is_read_as_another_option_than_a_person_reads(
    language: str, question: str, letters: str, text: str
) -> None:
    assert read(question, text) in (letters, "")


@pytest.mark.parametrize(
    "text",
    [
        "The correct answer is point 4.\n\n- Ceftriaxone",
        "La respuesta correcta es el punto 4.\n\n* Azithromycin",
        "La réponse est le point 4.",
        "正解は4番です。",
        "정답은 4번입니다.",
        "Answer: D\nA 30-year-old man coughs. Which drug?\nA) Ceftriaxone\nB) Azithromycin\nAnswer: B",
    ],
)
def test_an_option_named_by_its_place_and_an_answer_before_another_case_are_read(text: str) -> None:
    assert read("fever", text) == "D"


@pytest.mark.parametrize("english", [True, False])
def test_at_most_a_tenth_of_what_a_person_reads_is_left_open(english: bool) -> None:
    telling = [one for one in OUTPUTS if one[2] and (one[0] == "english") is english]
    left_open = [text for _, question, _, text in telling if not read(question, text)]
    assert len(left_open) <= MOST_LEFT_OPEN * len(telling), left_open
