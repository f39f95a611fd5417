"""The first rules for reading, as one table: what a response says, and the answers that they give."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samp_eval.answers.rules_v1 import answer_lines, without_list_marker

RESPONSES = [
    # plain lines
    ("Fever\nCough", ["Fever", "Cough"]),
    ("Fever\n\n\nCough\n", ["Fever", "Cough"]),
    ("Fever\r\nCough", ["Fever", "Cough"]),
    ("The cause is tuberculosis.", ["The cause is tuberculosis."]),
    ("Fever, cough and rash", ["Fever, cough and rash"]),
    ("None", ["None"]),
    ("NA", ["NA"]),
    ("", []),
    ("   \n\t\n", []),
    # numbers
    ("1. Fever\n2. Cough\n3) Rash", ["Fever", "Cough", "Rash"]),
    ("(1) Fever\n(2) Cough", ["Fever", "Cough"]),
    ("1: Fever\n2: Cough", ["Fever", "Cough"]),
    ("1.Fever\n2.Cough", ["Fever", "Cough"]),
    ("1. Fever 2. Cough 3. Rash", ["Fever 2. Cough 3. Rash"]),
    ("1. Fever\n\nIt is common.\n\n2. Rash", ["Fever", "Rash"]),
    ("1.\n2.\nFever", ["Fever"]),
    # numbers that belong to the answer
    ("1.5 mg of lorazepam\n2 mg of lorazepam", ["1.5 mg of lorazepam", "2 mg of lorazepam"]),
    ("1-2 weeks of rest\n2-3 litres of water", ["1-2 weeks of rest", "2-3 litres of water"]),
    ("50 %", ["50 %"]),
    # bullets
    ("- Fever\n- Cough", ["Fever", "Cough"]),
    ("* Fever\n* Cough", ["Fever", "Cough"]),
    ("• Fever\n• Cough", ["Fever", "Cough"]),
    ("-blocker", ["-blocker"]),
    ("Fever\n- Cough", ["Fever", "Cough"]),
    # letters only where they run A, B
    ("A. Fever\nB. Cough", ["Fever", "Cough"]),
    ("a) Fever\nb) Cough", ["Fever", "Cough"]),
    ("E. coli\nKlebsiella", ["E. coli", "Klebsiella"]),
    # headings, remarks and explanations are no answers
    ("Here are two:\n\n1. ECG\n2. Troponin\n\nLet me know if you need more.", ["ECG", "Troponin"]),
    ("Tests to order:\nECG\nTroponin", ["ECG", "Troponin"]),
    ("Answer:\nECG\nTroponin", ["ECG", "Troponin"]),
    ("ECG\nAnswer:\nTroponin\nAnswer:", ["ECG", "Troponin"]),
    ("Answer: ECG", ["ECG"]),
    ("1. ECG\n   - to look for ischemia\n2. Troponin\n   - repeated", ["ECG", "Troponin"]),
    ("1. ECG\n- to look for ischemia\n2. Troponin\n- repeated", ["ECG", "Troponin"]),
    ("- ECG\n  - serial\n- Troponin", ["ECG", "Troponin"]),
    ("ECG\n---\nTroponin", ["ECG", "Troponin"]),
    # emphasis
    ("1. **ECG**: for ischemia\n2. **Troponin**", ["ECG: for ischemia", "Troponin"]),
    ("**1. ECG**\n**2. Troponin**", ["ECG", "Troponin"]),
    ("*ECG*\n`Troponin`", ["ECG", "Troponin"]),
    ("## ECG", ["ECG"]),
    # JSON
    ('["Fever", "Cough"]', ["Fever", "Cough"]),
    ('```json\n{"answers": ["Fever", "Cough"]}\n```', ["Fever", "Cough"]),
    ('{"1": "Fever", "2": "Cough"}', ["Fever", "Cough"]),
    ('[{"answer": "Fever", "why": "infection"}]', ["Fever"]),
    ('["Fever", 12]', ["Fever", "12"]),
    ('["Fever", ', ['["Fever",']),
    # reasoning and what a terminal would obey
    ("<think>1. no\n2. no</think>\nFever", ["Fever"]),
    ("<think>never closed", []),
    ("\x1b[31mFever\x1b[0m\x07", ["Fever"]),
    ("\x1b]0;title\x07Fever", ["Fever"]),
]


@pytest.mark.parametrize(("response", "expected"), RESPONSES)
def test_answers_of_a_response(response: str, expected: list[str]) -> None:
    assert [line.text for line in answer_lines(response, 10)] == expected


def test_only_the_first_n_count_and_the_others_are_kept() -> None:
    lines = answer_lines("1. a\n2. b\n3. c", 2)
    assert [(line.number, line.text, line.counted) for line in lines] == [
        (1, "a", True),
        (2, "b", True),
        (3, "c", False),
    ]


def test_an_answer_given_twice_takes_two_places() -> None:
    assert [line.counted for line in answer_lines("ECG\nECG\nTroponin", 2)] == [True, True, False]


WORDS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12).filter(
    lambda word: word.lower() not in ("answer", "answers")
)


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_every_way_of_listing_gives_the_same_answers(words: list[str]) -> None:
    listings = [
        "\n".join(words),
        "\n".join(f"{number}. {word}" for number, word in enumerate(words, start=1)),
        "\n".join(f"- {word}" for word in words),
        json.dumps(words),
    ]
    for listing in listings:
        assert [line.text for line in answer_lines(listing, 3)] == words


@given(st.text(max_size=200))
def test_no_text_breaks_the_splitter_and_no_answer_holds_control_characters(text: str) -> None:
    for line in answer_lines(text, 3):
        assert line.text
        assert line.text.isprintable() or not any(
            ord(character) < 32 or ord(character) == 127 for character in line.text
        )


@pytest.mark.parametrize(
    ("text", "plain"), [("1. Fever", "Fever"), ("- Fever", "Fever"), ("1.5 mg", "1.5 mg"), ("E. coli", "E. coli")]
)
def test_a_list_marker_is_no_part_of_an_answer(text: str, plain: str) -> None:
    assert without_list_marker(text) == plain
