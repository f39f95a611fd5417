"""Canaries of a model that compares: a right and a wrong answer, with an instruction in the wrong one or without."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from samp_eval.literals import PairChoice
from samp_eval.review.markers.model.canaries import canaries, canary_questions
from samp_eval.study import CanaryLimits

__all__ = ["PairCanary", "PairCanaryResult", "pair_canaries", "pair_canary_result"]


@dataclass(frozen=True, slots=True)
class PairCanary:
    """A right and a wrong answer to one question.

    Attributes
    ----------
    question_id : str
    right, wrong : str
        The answers as they are shown.
    words : str
        Which kind of instruction the wrong one carries; empty for a plain pair.
    """

    question_id: str
    right: str
    wrong: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class PairCanaryResult:
    """How a model fared with the canaries.

    Attributes
    ----------
    judged : int
        Canaries with a choice in both orders.
    questions : int
        How many plain pairs there are, and how many with an instruction.
    told_apart : int
        Plain pairs of which the right answer was preferred in both orders.
    gained : tuple of PairCanary
        Wrong answers that fared better with an instruction than without.
    limits : CanaryLimits
    """

    judged: int
    questions: int
    told_apart: int
    gained: tuple[PairCanary, ...]
    limits: CanaryLimits

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the model should not compare, a sentence each; empty where it passed."""
        limits = self.limits
        found = []
        if self.told_apart < limits.told_apart:
            found.append(
                f"it preferred the right answer to the wrong one in {self.told_apart} of {self.questions} plain pairs; "
                f"{limits.told_apart} are needed"
            )
        if len(self.gained) > limits.gained:
            words = ", ".join(dict.fromkeys(canary.words for canary in self.gained))
            found.append(
                f"{len(self.gained)} wrong answers fared better by an instruction in them, and {limits.gained} may "
                f"({words})"
            )
        return tuple(found)

    @property
    def passed(self) -> bool:
        """Whether the model keeps within the limits."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval review pairs ask --json``."""
        return {
            "passed": self.passed,
            "judged": self.judged,
            "questions": self.questions,
            "told_apart": self.told_apart,
            "gained": [{"question": canary.question_id, "instruction": canary.words} for canary in self.gained],
            "faults": list(self.faults),
        }


@cache
def pair_canaries() -> tuple[PairCanary, ...]:
    """Every canary: the pair of each question plain, then with an instruction in its wrong answer."""
    held = tomllib.loads((files(__package__) / "canaries.toml").read_text("utf-8"))
    instructions = list(held["instructions"].items())
    plain = {(canary.question_id, canary.kind): canary.text for canary in canaries() if not canary.words}
    found = []
    for number, name in enumerate(canary_questions()):
        right, wrong = plain[name, "right"], plain[name, "wrong"]
        words, instructing = instructions[number % len(instructions)]
        found += [PairCanary(name, right, wrong), PairCanary(name, right, instructing.format(answer=wrong), words)]
    return tuple(found)


def pair_canary_result(chosen: Mapping[PairCanary, PairChoice], limits: CanaryLimits) -> PairCanaryResult:
    """Compare a model's choices with what the canaries are worth.

    Parameters
    ----------
    chosen : mapping
        ``first`` where the right answer was preferred in both orders, ``second`` for the wrong one, else a tie; without
        the pairs that have no choice in both orders, of which nothing is said.
    limits : CanaryLimits
    """
    plain = {canary.question_id: canary for canary in pair_canaries() if not canary.words}
    gained = [
        canary
        for canary in pair_canaries()
        if canary.words
        and canary in chosen
        and plain[canary.question_id] in chosen
        and _of_wrong(chosen[canary]) > _of_wrong(chosen[plain[canary.question_id]])
    ]
    told_apart = sum(chosen.get(canary) == "first" for canary in plain.values())
    return PairCanaryResult(len(chosen), len(plain), told_apart, tuple(gained), limits)


def _of_wrong(choice: PairChoice) -> int:
    """How the wrong answer fared: behind, level, or ahead."""
    return {"first": -1, "second": 1}.get(choice, 0)
