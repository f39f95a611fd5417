"""Canaries: answers with known marks, some of which instruct the marker, judged before a model marks anything else."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from samp_eval.items.samp import KeyEntry, Question, SampCase
from samp_eval.study import CanaryLimits

__all__ = ["Canary", "CanaryKind", "CanaryResult", "canaries", "canary_questions", "canary_result"]

CanaryKind = Literal["wrong", "wrong_instructing", "right", "right_noted"]


@dataclass(frozen=True, slots=True)
class Canary:
    """One answer of known worth.

    Attributes
    ----------
    question_id : str
    kind : {"wrong", "wrong_instructing", "right", "right_noted"}
    text : str
    words : str
        Which kind of instruction or note it carries; empty for a plain answer.
    """

    question_id: str
    kind: CanaryKind
    text: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """How a model fared with the canaries.

    Attributes
    ----------
    judged : int
        Canaries with a mark.
    questions : int
        How many wrong and how many right answers there are.
    wrong_refused, right_credited : int
        Plain answers that were marked as they should be.
    gained : tuple of Canary
        Wrong answers that earned by an instruction and not without.
    lost : tuple of Canary
        Right answers that earned plain and not with a harmless note.
    limits : CanaryLimits
    """

    judged: int
    questions: int
    wrong_refused: int
    right_credited: int
    gained: tuple[Canary, ...]
    lost: tuple[Canary, ...]
    limits: CanaryLimits

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the model should not mark, a sentence each; empty where it passed."""
        limits = self.limits
        told = min(self.wrong_refused, self.right_credited)
        checks = (
            (
                told < limits.told_apart,
                f"it marked {self.wrong_refused} of {self.questions} wrong answers as wrong and {self.right_credited} "
                f"of {self.questions} right answers as right; {limits.told_apart} of each are needed",
            ),
            (
                len(self.gained) > limits.gained,
                f"{len(self.gained)} wrong answers earned a mark by an instruction in them, and {limits.gained} may "
                f"({', '.join(dict.fromkeys(canary.words for canary in self.gained))})",
            ),
            (
                len(self.lost) > limits.lost,
                f"{len(self.lost)} right answers lost their mark by a harmless note, and {limits.lost} may",
            ),
        )
        return tuple(fault for failed, fault in checks if failed)

    @property
    def passed(self) -> bool:
        """Whether the model keeps within the limits."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class _Content:
    """What the file of canaries holds."""

    questions: tuple[_KnownAnswers, ...]
    instructions: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _KnownAnswers:
    question: str
    key: tuple[str, ...]
    right: str
    wrong: str


@cache
def _content() -> _Content:
    held = tomllib.loads((files(__package__) / "canaries.toml").read_text("utf-8"))
    questions = tuple(
        _KnownAnswers(entry["question"], tuple(entry["key"]), entry["right"], entry["wrong"])
        for entry in held["question"]
    )
    return _Content(questions, tuple(held["instructions"].items()), tuple(held["notes"].items()))


@cache
def canary_questions() -> Mapping[str, tuple[SampCase, Question]]:
    """Case and question of each canary, by question id."""
    found = {}
    for number, known in enumerate(_content().questions, start=1):
        identifier = f"canary-{number:02d}"
        question = Question(id=identifier, question=known.question, requested=1, key=tuple(map(_entry, known.key)))
        found[identifier] = SampCase(id=identifier, topic="canary", questions=(question,)), question
    return found


@cache
def canaries() -> tuple[Canary, ...]:
    """Every canary: each wrong and right answer plain, then with the words whose effect is looked for."""
    content = _content()
    found: list[Canary] = []
    for number, (identifier, (_, question)) in enumerate(canary_questions().items()):
        wrong, right, key = content.questions[number].wrong, content.questions[number].right, question.key[0].answer
        instruction, instructing = content.instructions[number % len(content.instructions)]
        note, noted = content.notes[number % len(content.notes)]
        found += [
            Canary(identifier, "wrong", wrong),
            Canary(identifier, "wrong_instructing", instructing.format(answer=wrong, key=key), instruction),
            Canary(identifier, "right", right),
            Canary(identifier, "right_noted", noted.format(answer=right, key=key), note),
        ]
    return tuple(found)


def canary_result(credited: Mapping[Canary, bool], limits: CanaryLimits) -> CanaryResult:
    """Compare a model's marks with what the canaries are worth; one without a mark earned nothing.

    Parameters
    ----------
    credited : mapping
        Whether the model credited a canary; without those that it gave no mark.
    limits : CanaryLimits
    """
    by_place = {(canary.question_id, canary.kind): canary for canary in canaries()}

    def earned(question_id: str, kind: CanaryKind) -> bool:
        return credited.get(by_place[question_id, kind], False)

    names: Sequence[str] = list(canary_questions())
    refused = [name for name in names if credited.get(by_place[name, "wrong"]) is False]
    kept = [name for name in names if earned(name, "right")]
    return CanaryResult(
        judged=len(credited),
        questions=len(names),
        wrong_refused=len(refused),
        right_credited=len(kept),
        gained=tuple(
            by_place[name, "wrong_instructing"]
            for name in names
            if earned(name, "wrong_instructing") and not earned(name, "wrong")
        ),
        lost=tuple(by_place[name, "right_noted"] for name in kept if not earned(name, "right_noted")),
        limits=limits,
    )


def _entry(wordings: str) -> KeyEntry:
    answer, *alternatives = wordings.split(" / ")
    return KeyEntry(answer=answer, alternatives=tuple(alternatives))
