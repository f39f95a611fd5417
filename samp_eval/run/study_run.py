"""A run of a study: its circumstances are recorded, then the missing asks go out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import Any

from samp_eval.endpoint import is_local, is_loopback, server_of
from samp_eval.errors import CannotAsk, NotInstalled
from samp_eval.run.asking_plan import AskingPlan, RespondentPlan
from samp_eval.run.cost.prices import Budget
from samp_eval.run.execute import Progress, RespondentQueue, RunTally, execute
from samp_eval.run.provenance import run_facts
from samp_eval.run.providers.credentials import api_key_for
from samp_eval.run.providers.embedded_model import PARALLEL, serve_local
from samp_eval.run.rate_limiter import RateLimit
from samp_eval.run.run_records import RunStore
from samp_eval.study import RespondentSettings

__all__ = ["rate_limit_for", "record_circumstances", "recorded_settings", "run_study"]


def recorded_settings(plan: AskingPlan, respondent: RespondentPlan) -> dict[str, Any]:
    """What makes a respondent itself, as the study keeps it; a key's variable and the rate limit are no part of it."""
    excluded = set(RespondentSettings.NOT_IDENTITY)
    values = respondent.settings.model_dump(mode="json", exclude=excluded, exclude_none=True)
    kept = {name: value for name, value in values.items() if value not in ([], {})}
    return {**kept, **plan.prompt_hashes(respondent)}


def run_study(
    plan: AskingPlan,
    store: RunStore,
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
    to_ask = [respondent for respondent in plan.respondents if respondent.missing]
    keys = {
        respondent.settings.id: "" if is_local(respondent.settings.model) else api_key_for(respondent.settings)
        for respondent in to_ask
    }
    for respondent in plan.respondents:
        store.keep_respondent(respondent.settings.id, recorded_settings(plan, respondent))
    store.keep_bank(plan.bank)
    if not to_ask:
        return RunTally()
    record_circumstances(plan, store, protocol)
    with ExitStack() as servers:
        try:
            local_addresses = {
                respondent.settings.id: servers.enter_context(serve_local(respondent.settings.model, notify)).base_url
                for respondent in to_ask
                if is_local(respondent.settings.model)
            }
            return asyncio.run(_ask_all(plan, to_ask, keys, local_addresses, store, budget, progress, notify))
        except (CannotAsk, NotInstalled):
            for respondent in to_ask:
                store.forget_never_asked(respondent.settings.id)
            raise


def record_circumstances(plan: AskingPlan, store: RunStore, protocol: Mapping[str, Any] | None) -> None:
    """Record under what circumstances the asks that follow are made."""
    facts = run_facts(plan)
    if protocol is not None:
        facts["protocol_sha256"] = store.keep_protocol(protocol)
    for number in plan.early_rounds:
        store.note_deviation(f"round {number} was asked before its interval had passed (--ignore-intervals)")
    store.begin_run(facts)


LOOPBACK_CONCURRENCY = 2
"""Where an adapting limit begins at a server on this machine, which mostly answers one or a few requests at a time."""


def rate_limit_for(settings: RespondentSettings) -> RateLimit:
    """How fast a respondent is asked: its own limits, or adapting from what its server is likely to take."""
    concurrency = settings.concurrency or (PARALLEL if is_local(settings.model) else None)
    limits = (concurrency, settings.requests_per_minute, settings.tokens_per_minute)
    if settings.base_url is not None and is_loopback(settings.base_url):
        return RateLimit(*limits, initial_concurrency=LOOPBACK_CONCURRENCY)
    return RateLimit(*limits)


async def _ask_all(
    plan: AskingPlan,
    to_ask: Sequence[RespondentPlan],
    keys: Mapping[str, str],
    local_addresses: Mapping[str, str],
    store: RunStore,
    budget: Budget | None,
    progress: Progress | None,
    notify: Callable[[str], None],
) -> RunTally:
    from samp_eval.run.providers.openai_respondent import OpenAIRespondent

    async with AsyncExitStack() as stack:
        queues = []
        for planned in to_ask:
            settings, rate_limit = planned.settings, rate_limit_for(planned.settings)
            key = keys[settings.id]
            if settings.id in local_addresses:
                settings, key = settings.model_copy(update={"base_url": local_addresses[settings.id]}), "embedded"
            accepted = store.accepted_request(settings.id)
            respondent = OpenAIRespondent(
                settings,
                key,
                connections=rate_limit.workers,
                accepted=accepted,
                pictures=plan.bank.pictures,
                by_schema=plan.by_schema,
            )
            entered = await stack.enter_async_context(respondent)
            queues.append(RespondentQueue(entered, plan.asks(planned), rate_limit, server_of(settings.base_url)))
        try:
            return await execute(queues, plan.composer(), store, progress=progress, budget=budget)
        finally:
            for queue in queues:
                for adaptation in queue.respondent.adaptations:
                    notify(f"{queue.respondent.id}: {adaptation}")
                    store.note_deviation(f"{queue.respondent.id}: {adaptation}")
