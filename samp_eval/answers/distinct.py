"""Distinct answers: the same words to the same question are marked once and counted wherever they occur."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from samp_eval.answers.rules_v1 import without_list_marker
from samp_eval.literals import OptionStep

if TYPE_CHECKING:  # the store needs the ids only, and is imported before every command
    from samp_eval.answers.readings import CountedAnswer

__all__ = ["DistinctAnswer", "answer_id_of", "distinct_answers", "line_id_of", "normalised"]


@dataclass(frozen=True, slots=True)
class DistinctAnswer:
    """One answer of one question, however often it was given.

    Attributes
    ----------
    answer_id : str
        Opaque; the same for the same question and normalised words.
    question_id : str
    text : str
        As first met, for a reviewer to read.
    count : int
        In how many answer lines it occurs.
    steps : tuple of OptionStep
        How the option was recognised, each way once; empty for a write-in question.
    """

    answer_id: str
    question_id: str
    text: str
    count: int
    steps: tuple[OptionStep, ...] = ()


def normalised(text: str) -> str:
    """The words by which two answers are the same: trimmed, case folded, white space and list markers collapsed.

    Marks are kept under these words, so this never changes, whatever the rules for reading become.
    """
    return " ".join(without_list_marker(unicodedata.normalize("NFC", text)).casefold().split())


@lru_cache(maxsize=1 << 17)
def answer_id_of(question_id: str, text: str) -> str:
    """Identifier of a distinct answer: 16 hexadecimal digits of the SHA-256 of question and normalised words."""
    return hashlib.sha256(f"{question_id}\n{normalised(text)}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1 << 18)
def line_id_of(question_id: str, respondent: str, round_number: int, line: int) -> str:
    """Identifier of one answer line, where every line is marked on its own (``--unit line``)."""
    return hashlib.sha256(f"{question_id}\n{respondent}\n{round_number}\n{line}".encode()).hexdigest()[:16]


def distinct_answers(lines: Iterable[CountedAnswer]) -> list[DistinctAnswer]:
    """Gather counted answer lines into distinct answers, in order of first meeting."""
    first: dict[str, CountedAnswer] = {}
    counts: dict[str, int] = {}
    steps: dict[str, dict[OptionStep, None]] = {}
    for line in lines:
        identifier = answer_id_of(line.response.ask.question_id, line.text)
        first.setdefault(identifier, line)
        counts[identifier] = counts.get(identifier, 0) + 1
        if line.step is not None:
            steps.setdefault(identifier, {})[line.step] = None
    return [
        DistinctAnswer(
            identifier, line.response.ask.question_id, line.text, counts[identifier], tuple(steps.get(identifier, ()))
        )
        for identifier, line in first.items()
    ]
