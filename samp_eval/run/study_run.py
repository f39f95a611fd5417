"""A run of a study: what it will ask, then the asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from samp_eval.items.samp import Bank
from samp_eval.run.execute import OutcomeKeeper, Progress, RunTally, execute
from samp_eval.run.local_respondent import PARALLEL, is_local, serve_local
from samp_eval.run.plan import RoundNotDue, check_same_questions, plan_asks, rounds_due, rounds_wanted
from samp_eval.run.prompt import messages_for, prompt_sha256
from samp_eval.run.respondent import Ask, Message
from samp_eval.study import RespondentSettings, Round

__all__ = ["RespondentPlan", "RunPlan", "StudyMemory", "plan_run", "recorded_settings", "run_study"]

DEFAULT_CONCURRENCY = 16


class StudyMemory(OutcomeKeeper, Protocol):
    """What a run needs to know of the study, and where it leaves what it learns."""

    def bank(self) -> Bank | None:
        """The bank the study was last asked with."""

    def keep_bank(self, bank: Bank) -> None:
        """Record the bank."""

    def keep_respondent(self, identifier: str, settings: Mapping[str, Any]) -> None:
        """Record a respondent; refuse the same id under other settings."""

    def stored(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's stored responses."""

    def first_asked(self, respondent: str) -> datetime | None:
        """UTC time of a respondent's first response."""


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
    missing : int
        How many asks remain in the rounds that are due.
    """

    settings: RespondentSettings
    rounds: dict[int, Round]
    waiting: list[RoundNotDue]
    stored: set[tuple[str, int]]
    missing: int


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A whole run, before anything is sent."""

    bank: Bank
    question_ids: tuple[str, ...]
    respondents: tuple[RespondentPlan, ...]

    @property
    def missing(self) -> int:
        """How many asks remain."""
        return sum(one.missing for one in self.respondents)

    def asks(self) -> Iterator[Ask]:
        """Every remaining ask: respondent after respondent, round after round, in the bank's order."""
        for one in self.respondents:
            yield from plan_asks(self.question_ids, one.settings.id, one.rounds, one.stored)



def recorded_settings(settings: RespondentSettings) -> dict[str, Any]:
    """What makes a respondent itself, as the study keeps it; the name of a key's variable is no part of it."""
    values = settings.model_dump(mode="json", exclude={"id", "api_key_env"}, exclude_none=True)
    return {**{name: value for name, value in values.items() if value != []}, "prompt_sha256": prompt_sha256()}


def plan_run(
    bank: Bank,
    protocol: Sequence[Round],
    respondents: Sequence[RespondentSettings],
    memory: StudyMemory | None,
    *,
    rounds: int | None,
    limit: int | None,
    now: datetime,
) -> RunPlan:
    """Work out what is still to be asked; nothing is sent or stored.

    Parameters
    ----------
    memory : StudyMemory or None
        None for a study that has not begun.
    rounds : int or None
        The first so many rounds of the protocol; all of them when None.
    limit : int or None
        Only the first so many questions of the bank.
    now : datetime
        UTC.

    Raises
    ------
    StudyConflict
        Where the bank or a respondent contradicts what the study holds.
    """
    held = memory.bank() if memory is not None else None
    if held is not None:
        check_same_questions(held, bank)
    question_ids = tuple(question.id for _, question in bank.asked())[:limit]
    plans = []
    for settings in respondents:
        first_asked = memory.first_asked(settings.id) if memory is not None else None
        stored = memory.stored(settings.id) if memory is not None else set()
        due, waiting = rounds_due(rounds_wanted(protocol, rounds), first_asked, now)
        missing = sum((question_id, number) not in stored for number in due for question_id in question_ids)
        plans.append(RespondentPlan(settings, due, waiting, stored, missing))
    return RunPlan(bank, question_ids, tuple(plans))


def run_study(
    plan: RunPlan,
    memory: StudyMemory,
    *,
    concurrency: int | None = None,
    progress: Progress | None = None,
    notify: Callable[[str], None],
) -> RunTally:
    """Ask what is missing and store what comes back.

    Parameters
    ----------
    concurrency : int or None
        Asks under way at the same time; when None 16, or what the embedded model's server answers at a time.
    notify : callable
        Is told what a user should read once: a licence notice, a server that is starting.

    Raises
    ------
    CannotAsk
        Where a respondent cannot be asked at all.
    StudyConflict
        Where a respondent was asked under other settings.
    """
    from samp_eval.run.openai_respondent import api_key_for

    asked = [one.settings for one in plan.respondents if one.missing]
    keys = {settings.id: "" if is_local(settings.model) else api_key_for(settings) for settings in asked}
    for one in plan.respondents:
        memory.keep_respondent(one.settings.id, recorded_settings(one.settings))
    memory.keep_bank(plan.bank)
    if not asked:
        return RunTally()
    at_a_time = concurrency or (PARALLEL if any(is_local(settings.model) for settings in asked) else DEFAULT_CONCURRENCY)
    with ExitStack() as servers:
        endpoints = {}
        for settings in asked:
            if is_local(settings.model):
                server = servers.enter_context(serve_local(settings.model, notify))
                endpoints[settings.id] = server.base_url
        return asyncio.run(_ask_all(plan, asked, keys, endpoints, memory, at_a_time, progress))


async def _ask_all(
    plan: RunPlan,
    asked: Sequence[RespondentSettings],
    keys: Mapping[str, str],
    endpoints: Mapping[str, str],
    memory: StudyMemory,
    concurrency: int,
    progress: Progress | None,
) -> RunTally:
    from samp_eval.run.openai_respondent import OpenAIRespondent

    by_question = plan.bank.by_question()

    def compose(ask: Ask) -> list[Message]:
        case, question = by_question[ask.question_id]
        return messages_for(case, question, ask.condition)

    async with AsyncExitStack() as stack:
        respondents = {}
        for settings in asked:
            if settings.id in endpoints:
                served = settings.model_copy(update={"base_url": endpoints[settings.id]})
                respondent = OpenAIRespondent(served, "embedded")
            else:
                respondent = OpenAIRespondent(settings, keys[settings.id])
            respondents[settings.id] = await stack.enter_async_context(respondent)
        return await execute(
            plan.asks(), respondents, compose, memory, concurrency=concurrency, progress=progress
        )
