"""A run of a study: what it will ask, then the asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from samp_eval.endpoint import is_local
from samp_eval.errors import CannotAsk, NotInstalled
from samp_eval.gc_control import reduced_gc
from samp_eval.items.samp import Bank
from samp_eval.run.execute import OutcomeStore, Progress, RespondentQueue, RunTally, execute
from samp_eval.run.plan import RoundNotDue, check_same_questions, plan_asks, rounds_due, rounds_wanted
from samp_eval.run.prices import Budget
from samp_eval.run.prompt import Prompt, bundled_prompt, messages_for
from samp_eval.run.provenance import run_facts
from samp_eval.run.providers.embedded_model import PARALLEL, serve_local
from samp_eval.run.rate_limiter import RateLimit
from samp_eval.run.respondent import Ask, Message
from samp_eval.study import RespondentSettings, Round

__all__ = [
    "RespondentPlan",
    "RunPlan",
    "RunStore",
    "plan_run",
    "record_circumstances",
    "recorded_settings",
    "run_study",
]


class RunStore(OutcomeStore, Protocol):
    """What a run needs to know of the study, and where it leaves what it learns."""

    def bank(self) -> Bank | None:
        """The bank the study was last asked with."""

    def keep_bank(self, bank: Bank) -> None:
        """Record the bank."""

    def keep_respondent(self, identifier: str, settings: Mapping[str, Any]) -> None:
        """Record a respondent; refuse the same id under other settings."""

    def forget_never_asked(self, respondent: str) -> None:
        """Take a respondent out of the study where all that came of it are a wrong name, key or address."""

    def stored(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's stored responses."""

    def failed(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's failures."""

    def accepted_request(self, respondent: str) -> Mapping[str, Any] | None:
        """The body of a respondent's latest request that was answered; None before the first."""

    def pending(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of a respondent's asks in batches that have not ended."""

    def first_asked(self, respondent: str) -> datetime | None:
        """UTC time of a respondent's first response."""

    def begin_run(self, facts: Mapping[str, Any]) -> None:
        """Record under what circumstances the responses that follow are asked."""

    def keep_protocol(self, content: Mapping[str, Any]) -> str:
        """Freeze the study as planned, note later changes, return its SHA-256."""

    def note_deviation(self, what: str) -> None:
        """Record what was done otherwise than planned."""


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
    """

    settings: RespondentSettings
    rounds: dict[int, Round]
    waiting: list[RoundNotDue]
    stored: set[tuple[str, int]]
    only: set[tuple[str, int]] | None
    missing: int
    prompt: Prompt = field(default_factory=bundled_prompt)
    pending: set[tuple[str, int]] = field(default_factory=set)

    @property
    def taken(self) -> set[tuple[str, int]]:
        """(question_id, round) that need no ask: stored or pending."""
        return self.stored | self.pending if self.pending else self.stored


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A whole run, before anything is sent.

    Attributes
    ----------
    shuffle_seed : int or None
        Seed of the order within a round; None is the bank's order.
    early_rounds : tuple of int
        Rounds that are asked before their interval has passed, because it is ignored.
    """

    bank: Bank
    question_ids: tuple[str, ...]
    respondents: tuple[RespondentPlan, ...]
    shuffle_seed: int | None = None
    early_rounds: tuple[int, ...] = ()

    @property
    def missing(self) -> int:
        """How many asks remain."""
        return sum(one.missing for one in self.respondents)

    def asks(self, one: RespondentPlan) -> Iterator[Ask]:
        """Every remaining ask of a respondent, made as it is needed."""
        return plan_asks(
            self.question_ids,
            one.settings.id,
            one.rounds,
            one.taken,
            only=one.only,
            shuffle_seed=self.shuffle_seed,
            question_by_question=is_local(one.settings.model),
        )

    def composer(self) -> Callable[[Ask], list[Message]]:
        """What makes the messages of an ask: the only place where questions and prompts become requests."""
        by_question = self.bank.by_question()
        prompts = {one.settings.id: one.prompt for one in self.respondents}

        def compose(ask: Ask) -> list[Message]:
            case, question = by_question[ask.question_id]
            return messages_for(case, question, ask.condition, prompts[ask.respondent])

        return compose


def recorded_settings(settings: RespondentSettings, prompt: Prompt | None = None) -> dict[str, Any]:
    """What makes a respondent itself, as the study keeps it; a key's variable and the pace are no part of it."""
    values = settings.model_dump(mode="json", exclude=set(RespondentSettings.NOT_IDENTITY), exclude_none=True)
    kept = {name: value for name, value in values.items() if value not in ([], {})}
    return {**kept, "prompt_sha256": (prompt or bundled_prompt()).sha256}


def plan_run(
    bank: Bank,
    protocol: Sequence[Round],
    respondents: Sequence[RespondentSettings],
    memory: RunStore | None,
    *,
    rounds: int | None,
    limit: int | None,
    now: datetime,
    shuffle_seed: int | None = None,
    only_failed: bool = False,
    ignore_intervals: bool = False,
    prompts: Mapping[str, Prompt] | None = None,
) -> RunPlan:
    """Work out what is still to be asked; nothing is sent or stored.

    Parameters
    ----------
    memory : RunStore or None
        None for a study that has not begun.
    rounds : int or None
        The first so many rounds of the protocol; all of them when None.
    limit : int or None
        Only the first so many questions of the bank.
    now : datetime
        UTC.
    shuffle_seed : int or None
        Seed of the order within a round; None asks in the bank's order.
    only_failed : bool
        Only what failed before.
    ignore_intervals : bool
        Ask rounds that are not due yet.
    prompts : mapping, optional
        By respondent; the prompt that comes with samp-eval for one that is not there.

    Raises
    ------
    StudyConflict
        Where the bank or a respondent contradicts what the study holds.
    """
    held = memory.bank() if memory is not None else None
    if held is not None:
        check_same_questions(held, bank)
    question_ids = tuple(question.id for _, question in bank.asked())[:limit]
    wanted = rounds_wanted(protocol, rounds)
    plans = []
    early_rounds: set[int] = set()
    for settings in respondents:
        first_asked = memory.first_asked(settings.id) if memory is not None else None
        stored = memory.stored(settings.id) if memory is not None else set()
        failed = memory.failed(settings.id) if memory is not None else set()
        pending = memory.pending(settings.id) if memory is not None else set()
        due, waiting = rounds_due(wanted, first_asked, now)
        if ignore_intervals:
            early_rounds |= {one.round for one in waiting}
            due, waiting = rounds_due(wanted, first_asked, now, ignore_intervals=True)
        only = failed if only_failed else None
        taken = stored | pending
        missing = sum(
            (question_id, number) not in taken and (only is None or (question_id, number) in only)
            for number in due
            for question_id in question_ids
        )
        prompt = (prompts or {}).get(settings.id) or bundled_prompt()
        plans.append(RespondentPlan(settings, due, waiting, stored, only, missing, prompt, pending))
    return RunPlan(bank, question_ids, tuple(plans), shuffle_seed, tuple(sorted(early_rounds)))


def run_study(
    plan: RunPlan,
    memory: RunStore,
    *,
    protocol: Mapping[str, Any] | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    notify: Callable[[str], None],
) -> RunTally:
    """Ask what is missing and store what comes back.

    Parameters
    ----------
    protocol : mapping, optional
        The study as planned, frozen at its first ask.
    budget : Budget, optional
        Counts what the run costs, and ends it before a limit.
    notify : callable
        Is told what a user should read once: a licence notice, a parameter that a model refuses.

    Raises
    ------
    CannotAsk
        Where a respondent cannot be asked at all.
    NotInstalled
        Where one is to be served on this machine and the extra ``local`` is missing.
    StudyConflict
        Where a respondent was asked under other settings.
    """
    from samp_eval.run.providers.openai_client import api_key_for

    asked = [one for one in plan.respondents if one.missing]
    keys = {one.settings.id: "" if is_local(one.settings.model) else api_key_for(one.settings) for one in asked}
    for one in plan.respondents:
        memory.keep_respondent(one.settings.id, recorded_settings(one.settings, one.prompt))
    memory.keep_bank(plan.bank)
    if not asked:
        return RunTally()
    record_circumstances(plan, memory, protocol)
    with ExitStack() as servers, reduced_gc():
        try:
            endpoints = {
                one.settings.id: servers.enter_context(serve_local(one.settings.model, notify)).base_url
                for one in asked
                if is_local(one.settings.model)
            }
            return asyncio.run(_ask_all(plan, asked, keys, endpoints, memory, budget, progress, notify))
        except (CannotAsk, NotInstalled):
            for one in asked:
                memory.forget_never_asked(one.settings.id)
            raise


def record_circumstances(plan: RunPlan, memory: RunStore, protocol: Mapping[str, Any] | None) -> None:
    """Record under what circumstances the asks that follow are made."""
    prompts = {one.settings.id: one.prompt for one in plan.respondents if one.missing}
    facts = run_facts(plan.bank.sha256, prompts, plan.shuffle_seed)
    if protocol is not None:
        facts["protocol_sha256"] = memory.keep_protocol(protocol)
    for number in plan.early_rounds:
        memory.note_deviation(f"round {number} was asked before its interval had passed (--ignore-intervals)")
    memory.begin_run(facts)


def _rate_limit_of(settings: RespondentSettings) -> RateLimit:
    at_a_time = settings.concurrency or (PARALLEL if is_local(settings.model) else None)
    return RateLimit(at_a_time, settings.requests_per_minute, settings.tokens_per_minute)


async def _ask_all(
    plan: RunPlan,
    asked: Sequence[RespondentPlan],
    keys: Mapping[str, str],
    endpoints: Mapping[str, str],
    memory: RunStore,
    budget: Budget | None,
    progress: Progress | None,
    notify: Callable[[str], None],
) -> RunTally:
    from samp_eval.run.providers.openai_respondent import OpenAIRespondent

    async with AsyncExitStack() as stack:
        lanes = []
        for one in asked:
            settings, pace = one.settings, _rate_limit_of(one.settings)
            key = keys[settings.id]
            if settings.id in endpoints:
                settings, key = settings.model_copy(update={"base_url": endpoints[settings.id]}), "embedded"
            accepted = memory.accepted_request(settings.id)
            respondent = OpenAIRespondent(settings, key, at_a_time=pace.workers, accepted=accepted)
            lanes.append(RespondentQueue(await stack.enter_async_context(respondent), plan.asks(one), pace))
        try:
            return await execute(lanes, plan.composer(), memory, progress=progress, budget=budget)
        finally:
            for lane in lanes:
                for adaptation in lane.respondent.adaptations:
                    notify(f"{lane.respondent.id}: {adaptation}")
                    memory.note_deviation(f"{lane.respondent.id}: {adaptation}")
