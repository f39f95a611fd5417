"""Reading takes time in proportion to the text, whatever it is.

No clock is read: a pattern that goes back and forth takes hours over these texts, and the suite ends a test that hangs.
"""

from __future__ import annotations

import pytest

from samp_eval.answers.reading import read_response
from samp_eval.literals import QuestionFormat

LENGTH = 300_000
"""Characters: a moment where the time grows in proportion, hours where it grows with the square."""
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
    "# Medical question\n", "# a a ", "{\"answer\": \"A\"}\n", "```json\n{\"answer\": \"A\"}\n```\n", "none of the a ",
    "option 1 ", "1, ", "2 and ", "the answer is 1 and ", "3번 ", "A 40-year-old ", "\nA 40-year-old man\nA) a\n",
    "i cannot choose ", "un hombre de ", "the answer is:\nA. a\n", "answer is option 1\n",
]  # fmt: skip
WHOLE = [
    "```" + "\n" * LENGTH + "x",
    "x" + " " * LENGTH + "x",
    "\x1b[" + "0" * LENGTH,
    "\x1b]" + "a" * LENGTH,
    "\\boxed" + "{" * LENGTH,
    "-" * LENGTH + "x",
    "- " * (LENGTH // 2) + "x",
    "analysisA" + "assistant " * (LENGTH // 10),
    "<ol><li>" + "a\n" * (LENGTH // 2),
]


FORMS: list[tuple[QuestionFormat, int, list[str]]] = [("write-in", 3, []), ("menu", 2, OPTIONS), ("single", 1, OPTIONS)]
TEXTS = [*(piece * (LENGTH // len(piece)) for piece in PIECES), *WHOLE]


@pytest.mark.parametrize("number", range(len(TEXTS)), ids=lambda number: repr(TEXTS[number][:20]))
def test_a_long_text_of_anything_is_read(number: int) -> None:
    question_format, requested, options = FORMS[number % len(FORMS)]
    read_response(TEXTS[number], requested=requested, question_format=question_format, options=options)
