"""A bank of a few questions, written as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

KEY = "sk-testtesttesttesttest1234"
QUESTIONS = 4

CASE = """
id: {case}
topic: Fever
stem: A three-year-old boy of case {case} has been hot for two days.
questions:
"""
QUESTION = """
  - id: {case}-{number}
    question: What is it, number {number}?
    requested: 2
    key:
      - answer: fever
      - answer: cough
"""


def write_bank(folder: Path, cases: int = 2, questions: int = 2) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for one in range(cases):
        name = f"case{one:03d}"
        text = CASE.format(case=name) + "".join(QUESTION.format(case=name, number=n + 1) for n in range(questions))
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


Command = Callable[..., tuple[int, str, str]]
