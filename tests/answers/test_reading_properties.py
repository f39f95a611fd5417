"""What holds for the reading of any text."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from samp_eval.answers.characters import shown
from samp_eval.answers.reading import read_response
from samp_eval.answers.shapes.inline import plain
from samp_eval.literals import QuestionFormat

OPTIONS = ["Amoxicillin", "Azithromycin", "Ceftriaxone", "Doxycycline", "Vitamin D", "None of the above"]
PIECES = st.sampled_from(
    ["\n", " ", "1. ", "2) ", "- ", "* ", "A. ", "**", "`", "```", "|", "|---|", "<think>", "</think>", "<li>", "</li>",
     "{", "}", "[", "]", '"', ":", ",", "\\boxed{", "\\item ", "Answer: ", "the answer is ", "C", "(D)", "not ", "or ",
     "doxycycline", "Ceftriaxone", "Fever", "Cough. ", "\u200b", "\r", "\x1b[0m", "①", "；", "答案",
     "<|channel|>final<|message|>"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))
FINISH = st.sampled_from([None, "stop", "length"])
WORDS = st.text("bcdfgjkmpqtvwxzBCDFGJKMPQTVWXZ", min_size=3, max_size=12)


@given(TEXTS, st.integers(1, 10), FINISH)
@example("1. \u200b", 1, None)
def test_every_line_stands_where_it_says(text: str, requested: int, finish_reason: str | None) -> None:
    reading = read_response(text, requested=requested, finish_reason=finish_reason)
    position = 0
    for number, line in enumerate(reading.lines, start=1):
        assert (line.number, line.counted) == (number, number <= requested)
        assert position <= line.start < line.end <= len(text)
        position = line.start
        assert line.text.strip()
        assert "\n" not in line.text
        whole = not any(line.start < one.end and one.start < line.end for one in reading.removed)
        if whole and not reading.shape.startswith("json"):
            written = shown(text[line.start : line.end])
            assert line.text in (plain(written), plain(written).rstrip(":：").rstrip())


@given(TEXTS, st.integers(1, 3), FINISH)
def test_an_option_is_chosen_or_a_person_is_asked(text: str, requested: int, finish_reason: str | None) -> None:
    form: QuestionFormat = "single" if requested == 1 else "menu"
    reading = read_response(
        text, requested=requested, question_format=form, options=OPTIONS, finish_reason=finish_reason
    )
    assert reading.scored == bool(reading.lines)
    assert reading.doubts or reading.scored
    if reading.outcome == "answered":
        assert reading.step is not None
        assert all(line.option is not None and line.option < len(OPTIONS) for line in reading.lines)
        assert all(text[line.start : line.end] for line in reading.lines)
    if requested == 1:
        assert len({line.option for line in reading.lines}) <= 1


@given(st.lists(WORDS, min_size=2, max_size=6, unique=True))
def test_every_way_of_listing_gives_the_same_answers(words: list[str]) -> None:
    listings = [
        "\n".join(words),
        "\n".join(f"{number}. {word}" for number, word in enumerate(words, start=1)),
        "\n".join(f"- {word}" for word in words),
        json.dumps(words),
        "".join(f"<li>{word}</li>" for word in words),
        "| # | Answer |\n|---|---|\n" + "\n".join(f"| {number} | {word} |" for number, word in enumerate(words)),
    ]
    for listing in listings:
        reading = read_response(listing, requested=len(words))
        assert [line.text for line in reading.lines] == words
        again = read_response("\n".join(line.text for line in reading.lines), requested=len(words))
        assert [line.text for line in again.lines] == words


@pytest.mark.parametrize("text", ["", "x", "\0" * 1000, "a\n" * 100_000, "x" * 1_000_000])
def test_extreme_texts_are_read(text: str) -> None:
    reading = read_response(text, requested=3)
    assert reading.outcome == ("answered" if text.strip("\0") else "no_answer")


def test_a_number_of_thousands_of_digits_is_read_like_any_text() -> None:
    text = f"{'9' * 5000}. Doxycycline"
    reading = read_response(text, requested=2, question_format="menu", options=OPTIONS)
    assert reading.outcome in ("answered", "open")
    assert read_response(text, requested=1).outcome == "answered"


def test_what_was_taken_off_is_named_with_its_place() -> None:
    text = "<think>Three.</think>Fever<|im_end|>"
    reading = read_response(text, requested=1)
    assert [(one.part, text[one.start : one.end]) for one in reading.removed] == [
        ("reasoning", "<think>Three.</think>"),
        ("token", "<|im_end|>"),
    ]
    assert [text[line.start : line.end] for line in reading.lines] == ["Fever"]


def test_the_middle_of_what_nobody_would_write_is_not_read_and_that_is_said() -> None:
    reading = read_response("a first line\n" + "word " * 100_000 + "\n\nFinal answer: Fever", requested=1)
    assert [line.text for line in reading.lines] == ["Fever"]
    assert "too_long" in reading.doubts
    assert [one.part for one in reading.removed] == ["middle"]


def test_the_step_that_recognised_an_option_is_named() -> None:
    steps = {
        '{"answer": "C"}': "json",
        "The answer is C.": "statement",
        "So \\boxed{C}": "boxed",
        "C. Ceftriaxone": "alone",
        "A cephalosporin such as ceftriaxone": "text",
    }
    for text, step in steps.items():
        reading = read_response(text, requested=1, question_format="single", options=OPTIONS)
        assert (reading.step, [line.option for line in reading.lines]) == (step, [2])


def test_what_ended_at_the_limit_of_tokens_is_believed_only_in_its_first_sentence() -> None:
    for text, expected in (
        ("C", [2]),
        ("C. Ceftriaxone is pref", [2]),
        ("Ceftriaxone would not help. The answer is D", []),
    ):
        reading = read_response(text, requested=1, question_format="single", options=OPTIONS, finish_reason="length")
        assert [line.option for line in reading.lines] == expected
        assert "cut_off" in reading.doubts


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("C. None\nD. Some\nA. Ma", None),
        ("B. Sodium fluoride\nC. Sodium chl", None),
        ("Answer: Iron is given in anaemia. Zinc is given in diarrhoea. Gold was given for jo", None),
        ("Answer: Iron\nZinc is given in diarrhoea. Gold was given for joints. Copper is no", 0),
        ("Answer: A. Irons\nB. Zinc\nC. Copper\nD. Go", None),
        ("Answer: C. Copper\n\nA. Iron is found in blood.\nB. Zinc is not.\nD. Go", 2),
        ("C. Because of the\nheart. A. is", 2),
    ],
)
def test_options_that_are_gone_on_with_until_the_text_is_cut_off_choose_none(text: str, chosen: int | None) -> None:
    reading = read_response(
        text, requested=1, question_format="single", options=("Iron", "Zinc", "Copper", "Gold"), finish_reason="length"
    )
    assert [line.option for line in reading.lines] == ([] if chosen is None else [chosen])
