"""What is out of every figure, with the reason: questions, respondents and single responses."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar, get_args

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.literals import ExclusionKind
from samp_eval.run.respondent import Ask, Response

__all__ = ["Decision", "Exclusions", "check_decision"]


@dataclass(frozen=True, slots=True)
class Decision:
    """That something is excluded, or included again.

    Attributes
    ----------
    kind : ExclusionKind
    question_id : str or None
        None for a respondent.
    respondent : str or None
        None for a question.
    round : int or None
        Of a response.
    excluded : bool
        False where it is included again.
    reason : str
    decided_by : str
        Empty where nobody is named.
    decided_at : datetime
        UTC.
    """

    kind: ExclusionKind
    question_id: str | None
    respondent: str | None
    round: int | None
    excluded: bool
    reason: str
    decided_by: str
    decided_at: datetime

    @property
    def target(self) -> tuple[ExclusionKind, str | None, str | None, int | None]:
        """What it is about; a later decision on the same replaces it."""
        return self.kind, self.question_id, self.respondent, self.round

    def in_words(self) -> str:
        """``question fever-1``; ``the response of gpt-4 to fever-1 in round 2``."""
        if self.kind == "response":
            return f"the response of {self.respondent} to {self.question_id} in round {self.round}"
        return f"{self.kind} {self.question_id or self.respondent}"

    def as_json(self) -> dict[str, Any]:
        """Fields for ``--json``."""
        return {**asdict(self), "decided_at": self.decided_at.isoformat()}


class _Asked(Protocol):
    @property
    def ask(self) -> Ask: ...


Outcome = TypeVar("Outcome", bound=_Asked)


class Exclusions:
    """What is excluded now.

    Parameters
    ----------
    decisions : iterable of Decision
        All that were ever taken, in order.
    """

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        latest: dict[tuple[Any, ...], Decision] = {}
        for decision in decisions:
            latest.pop(decision.target, None)
            latest[decision.target] = decision
        self.holding = tuple(decision for decision in latest.values() if decision.excluded)
        by_kind = {
            kind: [decision for decision in self.holding if decision.kind == kind] for kind in get_args(ExclusionKind)
        }
        self._questions = frozenset(str(decision.question_id) for decision in by_kind["question"])
        self._respondents = frozenset(str(decision.respondent) for decision in by_kind["respondent"])
        self._responses = {
            (decision.question_id, decision.respondent, decision.round) for decision in by_kind["response"]
        }

    def __bool__(self) -> bool:
        return bool(self.holding)

    @property
    def questions(self) -> frozenset[str]:
        """Ids of the excluded questions."""
        return self._questions

    @property
    def excluded_respondents(self) -> frozenset[str]:
        """Ids of the excluded respondents."""
        return self._respondents

    def bank(self, bank: Bank) -> Bank:
        """The bank without the excluded questions; what is left reads as before."""
        return replace(bank, excluded=self._questions)

    def counting(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """The responses or failures that are not excluded."""
        return [
            outcome
            for outcome in outcomes
            if outcome.ask.respondent not in self._respondents
            and outcome.ask.question_id not in self._questions
            and (outcome.ask.question_id, outcome.ask.respondent, outcome.ask.round) not in self._responses
        ]

    def responses_left_out(self, respondent: str, round_number: int, questions: Container[str]) -> int:
        """How many single responses to these questions are excluded of a respondent's round."""
        return sum(
            question_id in questions and (name, number) == (respondent, round_number)
            for question_id, name, number in self._responses
        )

    def respondents(self, names: Iterable[str]) -> list[str]:
        """The respondents that are not excluded."""
        return [name for name in names if name not in self._respondents]


def check_decision(
    decision: Decision,
    held: Exclusions,
    bank: Bank,
    responses: Iterable[Response],
    respondents: Mapping[str, Any],
    reference: str | None,
) -> None:
    """Refuse what cannot be excluded or included.

    Parameters
    ----------
    reference : str or None
        The respondent with which the others are compared.

    Raises
    ------
    StudyConflict
        With the reason, and what the study has.
    """
    if decision.excluded == (decision.target in {former.target for former in held.holding}):
        state = "excluded already" if decision.excluded else "not excluded"
        raise StudyConflict(f"{decision.in_words()} is {state}")
    if not decision.excluded:
        return
    if decision.kind == "question" and decision.question_id not in bank.by_question():
        raise StudyConflict(f"the study's bank has no question {decision.question_id!r}; samp-eval items list --study")
    if decision.kind == "respondent" and decision.respondent not in respondents:
        raise StudyConflict(f"the study has no respondent {decision.respondent!r}; it has {', '.join(respondents)}")
    if decision.kind == "response" and not any(
        (response.ask.question_id, response.ask.respondent, response.ask.round) == decision.target[1:]
        for response in responses
    ):
        raise StudyConflict(f"the study does not have {decision.in_words()}")
    if decision.kind == "respondent" and decision.respondent == reference:
        others = [name for name in held.respondents(respondents) if name != reference]
        another = others[0] if others else "NAME"
        raise StudyConflict(
            f"{decision.respondent} is the reference, with which the others are compared; name another one in "
            f'study.toml first ([analysis], reference = "{another}")'
        )
