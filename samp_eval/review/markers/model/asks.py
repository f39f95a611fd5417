"""What a model is asked to mark, under an opaque id that says neither who answered nor when."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from samp_eval.answers.distinct import DistinctAnswer, answer_id_of
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.canaries import Canary, CanaryKind, canaries, canary_questions
from samp_eval.review.markers.model.prompt import marking_prompt
from samp_eval.review.markers.model.request import ask_id_of
from samp_eval.review.people.reviewers import Reviewer

__all__ = [
    "AskPurpose",
    "JudgeAsk",
    "asks_for_answers",
    "asks_for_canaries",
    "canary_of",
    "judge_named",
    "linked_ask",
    "linked_id",
]

AskPurpose = Literal["mark", "anchor", "second_try"] | CanaryKind
"""mark: the mark of an answer; anchor: the same request again at the end, which is no mark; second_try: an answer whose
first reply had no verdict, with its entries in another order; else the kind of a canary."""


@dataclass(frozen=True, slots=True)
class JudgeAsk:
    """One answer to be marked by one model on one basis, as often as it is repeated.

    Attributes
    ----------
    ask_id : str
        See :func:`samp_eval.review.markers.model.request.ask_id_of`.
    judge : str
        Label of the model as a reviewer: ``model:gpt-4``.
    question_id, answer_id : str
    text : str
        The answer as it is shown at every repeat.
    basis : MarkBasis
    key_version : int
        Of the bank whose key is shown.
    prompt, prompt_sha256 : str
        Name with version, and hash.
    purpose : AskPurpose
    planned_at : datetime
        UTC.
    """

    ask_id: str
    judge: str
    question_id: str
    answer_id: str
    text: str
    basis: MarkBasis
    key_version: int
    prompt: str
    prompt_sha256: str
    purpose: AskPurpose
    planned_at: datetime

    @property
    def is_canary(self) -> bool:
        """Whether it asks about an answer of known worth, which belongs to no response."""
        return self.purpose in get_args(CanaryKind)


def judge_named(name: str) -> str:
    """The label under which a model is asked and its marks are shown."""
    return Reviewer(name, "model").label


def asks_for_answers(
    judge: str, bank: Bank, answers: Sequence[DistinctAnswer], bases: Sequence[MarkBasis], now: datetime
) -> Iterator[JudgeAsk]:
    """Every answer on every basis, question by question and basis by basis: what is alike goes out together.

    So a provider's prompt cache, and that of the embedded model, hold the case, and the key where it is not shuffled.
    """
    asked = bank.by_question()
    by_question: dict[str, list[DistinctAnswer]] = {}
    for answer in answers:
        by_question.setdefault(answer.question_id, []).append(answer)
    for question_id, given in by_question.items():
        case, question = asked[question_id]
        for basis in bases:
            for answer in given:
                yield _ask(judge, case, question, basis, answer.answer_id, answer.text, bank.version, "mark", now)


def asks_for_canaries(judge: str, now: datetime) -> Iterator[JudgeAsk]:
    """Every canary, by its key."""
    for canary in canaries():
        case, question = canary_questions()[canary.question_id]
        answer_id = answer_id_of(canary.question_id, canary.text)
        yield _ask(judge, case, question, "key", answer_id, canary.text, 0, canary.kind, now)


def linked_ask(ask: JudgeAsk, purpose: Literal["anchor", "second_try"], language: str = "en") -> JudgeAsk:
    """An ask about the same answer for another purpose, under an id of its own; ``language`` is that of its case."""
    prompt = marking_prompt(ask.basis, language, second_try=purpose == "second_try")
    identifier = linked_id(ask.ask_id, purpose)
    return replace(ask, ask_id=identifier, purpose=purpose, prompt=prompt.name, prompt_sha256=prompt.sha256)


def linked_id(ask_id: str, purpose: Literal["anchor", "second_try"]) -> str:
    """The id of an ask about the same thing for another purpose."""
    return hashlib.sha256(f"{purpose}\n{ask_id}".encode()).hexdigest()[:32]


def canary_of(ask: JudgeAsk) -> Canary | None:
    """The canary of an ask; None where it is none, or one of another samp-eval."""
    place = ask.question_id, ask.purpose, ask.text
    same = (canary for canary in canaries() if (canary.question_id, canary.kind, canary.text) == place)
    return next(same, None)


def _ask(
    judge: str,
    case: SampCase,
    question: Question,
    basis: MarkBasis,
    answer_id: str,
    text: str,
    key_version: int,
    purpose: AskPurpose,
    now: datetime,
) -> JudgeAsk:
    prompt = marking_prompt(basis, case.language)
    identifier = ask_id_of(judge, case, question, basis, answer_id)
    place = question.id, answer_id, text, basis, key_version
    return JudgeAsk(identifier, judge, *place, prompt.name, prompt.sha256, purpose, now)
