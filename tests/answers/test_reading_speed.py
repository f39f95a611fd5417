"""Reading takes time in proportion to the text, whatever it is; a megabyte of anything is read within a moment."""

from __future__ import annotations

import random
import time

import pytest

from samp_eval.answers.reading import read_response
from samp_eval.literals import QuestionFormat

MEGABYTE = 1_000_000
MOST_SECONDS = 2.0
"""Of processor time; the slowest takes 0.2 where nothing else runs, and minutes if a pattern goes back and forth."""
OPTIONS = ["Apixaban", "Aspirin", "Clopidogrel", "Digoxin", "Dipyridamole", "Enoxaparin", "Furosemide", "Ibuprofen"]
PIECES = [
    "<think>", "</think>", "<think></think>", "<think>a</think>b", "<think ", "<details ", "<", "</", "<!--", "<ol>",
    "<ol><li>", "<li>a", "<td>", "<tr><td>a</td></tr>", "<br>", "<b>", "x</s> ", "<answer>", "<answer>a</answer>",
    "<|channel|>", "<|channel|>analysis<|message|>", "<|", "a<|im_end|>", "[", "(", "{", "[\"", "[\"\\", "{\"a\":",
    "['", "- ", "1. ", "1. a\n", "A.\n", "i. a\n", "1\tb\n", "a,b\n", "\"a\",\"b\"\n", "|", "| ", "|a|b|\n", "*",
    "**a ", "*a ", "_a ", "`a ", "~~a ", "\"", "&#1", "$a ", "\\", "\\text{", "\\boxed{", "\\item ", "\\begin{a}",
    "![", "[a](", "[a](b", "【1", "> ", "# ", "\x1b[", "\x00", "a\x00", "a\u200b", "\r\n", "a\x85", "\u2028", " ",
    "a ", "a\n", "a. ", "a:\n", "中", "一、", "①", "👉 ", "1", "(A)", "A. ", "A, ", "A or ", "A\nB\n", "Answer: \n",
    "the answer is ", "the answer is A ", "not ", "aspirin ", "if ", "final ", "i'm sorry but ", "Note: ", "First, ",
    "abc def ghi ", "abc 1: ", "#1 ", "\ud800", "-", "- - ", "[x] ", "✅ A\n", "☐ ", "- [ ] a\n", "only if ",
]  # fmt: skip
WHOLE = [
    "```" + "\n" * MEGABYTE + "x",
    "x" + " " * MEGABYTE + "x",
    "\x1b[" + "0" * MEGABYTE,
    "\x1b]" + "a" * MEGABYTE,
    "\\boxed" + "{" * MEGABYTE,
    "-" * MEGABYTE + "x",
    "- " * (MEGABYTE // 2) + "x",
    "analysisA" + "assistant " * (MEGABYTE // 10),
    "<ol><li>" + "a\n" * (MEGABYTE // 2),
]


FORMS: list[tuple[QuestionFormat, int, list[str]]] = [("write-in", 3, []), ("menu", 2, OPTIONS), ("single", 1, OPTIONS)]
TEXTS = [*(piece * (MEGABYTE // len(piece)) for piece in PIECES), *WHOLE]


@pytest.mark.parametrize("number", range(len(TEXTS)), ids=lambda number: repr(TEXTS[number][:20]))
def test_a_megabyte_of_anything_is_read_at_once(number: int) -> None:
    question_format, requested, options = FORMS[number % len(FORMS)]
    began = time.process_time()
    read_response(TEXTS[number], requested=requested, question_format=question_format, options=options)
    assert time.process_time() - began < MOST_SECONDS


def test_twice_the_text_takes_at_most_four_times_as_long() -> None:
    def seconds(length: int) -> float:
        text = "\n".join(f"{number}. Ask about risk factor {number} (often)" for number in range(length))
        taken = []
        for _ in range(7):
            began = time.process_time()
            read_response(text, requested=3)
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(800) < 4 * seconds(400)


def test_ordinary_responses_take_less_than_a_sixth_of_a_millisecond() -> None:
    chance = random.Random(15)
    words = ["active", "cancer", "recent", "surgery", "estrogen", "therapy", "order", "ultrasound", "give", "apixaban"]
    lines = [[" ".join(chance.choices(words, k=4)).capitalize() for _ in range(3)] for _ in range(1000)]
    texts = ["\n".join(f"{number}. {line}" for number, line in enumerate(three, start=1)) for three in lines]
    began = time.process_time()
    for text in texts:
        read_response(text, requested=3)
    assert time.process_time() - began < len(texts) / 6000 * 6  # others on the machine, or tracing, cost a part
