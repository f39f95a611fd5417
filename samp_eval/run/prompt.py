"""The text of a request under a condition: the same case and question, with or without instructions and examples."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from samp_eval.items.samp import Question, SampCase
from samp_eval.run.respondent import Message
from samp_eval.study import Condition

__all__ = ["case_text", "messages_for", "prompt_sha256", "question_text"]


def messages_for(case: SampCase, question: Question, condition: Condition) -> list[Message]:
    """The chat messages of one ask.

    Prompted: instructions, three worked examples of our own, then the case. Bare: only the case and the question, as a
    candidate would read them. Regenerated and later rounds send the same text as the fresh ones.
    """
    if not condition.prompted:
        return [{"role": "user", "content": f"{case_text(case, question)}\n\n{question_text(question)}\n"}]
    text = "\n\n".join(
        [
            _prompt_file("instructions.txt"),
            _prompt_file("examples.txt"),
            f"Case: {case_text(case, question)}\nQuestion: {question_text(question)}\nAnswer:\n",
        ]
    )
    return [{"role": "user", "content": text}]


def case_text(case: SampCase, question: Question) -> str:
    """What a candidate has read when the question comes: stem, vital signs, and every update so far."""
    parts = [case.stem]
    if case.vitals is not None and case.vitals.lines():
        parts.append("\n".join(["Vital signs", *case.vitals.lines()]))
    parts += case.updates_until(question)
    return "\n\n".join(parts)


def question_text(question: Question) -> str:
    """The question with its generated instruction, and its options where it has some."""
    text = f"{question.question} {question.instruction}"
    return "\n".join([text, *question.options])


def prompt_sha256() -> str:
    """SHA-256 of the instructions and examples: part of a respondent's settings."""
    return hashlib.sha256((_prompt_file("instructions.txt") + _prompt_file("examples.txt")).encode()).hexdigest()


@cache
def _prompt_file(name: str) -> str:
    return files("samp_eval.run").joinpath("prompts", name).read_text(encoding="utf-8").strip()
