"""What the asking needs of a plan, whoever is asked what for: a study's respondents, or models that mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from samp_eval.items.samp import Bank
from samp_eval.run.prompt import Prompt, bundled_prompt
from samp_eval.run.respondent import Ask, Message
from samp_eval.study import RespondentSettings, Round

__all__ = ["AskingPlan", "RespondentPlan", "RoundNotDue"]


@dataclass(frozen=True, slots=True)
class RoundNotDue:
    """A round that has to wait; ``due`` is UTC, None while the respondent's first round has not begun."""

    round: int
    due: datetime | None


@dataclass(frozen=True, slots=True)
class RespondentPlan:
    """What one respondent will be asked.

    Attributes
    ----------
    settings : RespondentSettings
    rounds : dict
        Rounds that are due, by number.
    waiting : list of RoundNotDue
    stored : set
        (question_id, round) that are there already.
    only : set or None
        Where only failures are asked again: (question_id, round) of these.
    missing : int
        How many asks remain in the rounds that are due.
    prompt : Prompt
        What its prompted rounds say beside the case.
    pending : set
        (question_id, round) that a batch is asking; they are not asked beside it.
    excluded : bool
        Whether the respondent is out of the study's figures, so that nothing is asked.
    """

    settings: RespondentSettings
    rounds: dict[int, Round]
    waiting: list[RoundNotDue]
    stored: set[tuple[str, int]]
    only: set[tuple[str, int]] | None
    missing: int
    prompt: Prompt = field(default_factory=bundled_prompt)
    pending: set[tuple[str, int]] = field(default_factory=set)
    excluded: bool = False

    @property
    def taken(self) -> set[tuple[str, int]]:
        """(question_id, round) that need no ask: stored or pending."""
        return self.stored | self.pending if self.pending else self.stored


class AskingPlan(Protocol):
    """What is still to be asked, and how; nothing of it has been sent."""

    @property
    def bank(self) -> Bank:
        """The study's bank."""

    @property
    def respondents(self) -> Sequence[RespondentPlan]:
        """Who is asked."""

    @property
    def early_rounds(self) -> Sequence[int]:
        """Rounds that are asked before their interval has passed, because it is ignored."""

    @property
    def by_schema(self) -> bool:
        """Whether answers are to keep to a JSON schema, which comes with each ask."""

    def asks(self, respondent: RespondentPlan) -> Iterator[Ask]:
        """Every remaining ask of a respondent, made as it is needed."""

    def composer(self) -> Callable[[Ask], Sequence[Message]]:
        """What makes the messages of an ask."""

    def prompt_hashes(self, respondent: RespondentPlan) -> dict[str, str]:
        """Hashes of a respondent's prompts, which are part of its identity."""

    def facts(self) -> dict[str, Any]:
        """What is recorded of a run beside versions and the bank."""
