"""A run through a provider's Batch API: submit what is missing, leave, and collect with the same command."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from samp_eval.errors import CannotAsk
from samp_eval.run.batch.batch_store import BatchStore
from samp_eval.run.batch.collect import Collected, collect
from samp_eval.run.batch.openai_batches import BatchEndpoint, BatchNotFound, BatchSnapshot, BatchUnavailable
from samp_eval.run.batch.records import KeptBatch
from samp_eval.run.batch.submit import new_batches, resume, send
from samp_eval.run.prices import Budget
from samp_eval.run.providers.chat_request import ChatRequest
from samp_eval.run.providers.embedded_model import refuse_without_batches
from samp_eval.run.providers.openai_client import api_key_for
from samp_eval.run.respondent import Ask, Message
from samp_eval.run.study_run import RespondentPlan, RunPlan, record_circumstances, recorded_settings
from samp_eval.study import RespondentSettings

__all__ = ["BatchTally", "check_batches", "run_batches"]

MOST_BATCHES = 4
"""An ask that failed in so many batches is not put into another by itself."""

FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds between two looks."""


@dataclass(slots=True)
class BatchTally:
    """What a command came to.

    Attributes
    ----------
    answered, submitted : int
        Responses newly stored, and asks newly submitted.
    pending : int
        Asks that a batch is asking now.
    given_up : int
        Asks that failed and are not put into another batch by themselves.
    waiting : int
        Asks that the provider's queue has no room for yet.
    cost_usd : float
        US dollars at the prices of the table, of what was collected.
    out_of_budget : bool
        Whether asks were left because they might have passed the limit.
    """

    answered: int = 0
    submitted: int = 0
    pending: int = 0
    given_up: int = 0
    waiting: int = 0
    cost_usd: float = 0.0
    out_of_budget: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing is left to come back for."""
        return not (self.pending or self.given_up or self.waiting or self.out_of_budget)


def check_batches(respondents: Sequence[RespondentSettings]) -> None:
    """See that every respondent can be asked in batches, before anything is made.

    Raises
    ------
    CannotAsk
        Naming the respondent that cannot.
    """
    refuse_without_batches(respondents)
    for settings in respondents:
        with BatchEndpoint(settings, api_key_for(settings)) as endpoint:
            endpoint.check()


def run_batches(
    plan: Callable[[], RunPlan],
    memory: BatchStore,
    *,
    alone: Callable[[], AbstractContextManager[None]],
    protocol: Mapping[str, Any],
    budget: Budget,
    wait: bool = False,
    cancel: bool = False,
    notify: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> BatchTally:
    """Collect what has ended, submit what is missing, and where wanted wait and go on until nothing is pending.

    Parameters
    ----------
    plan : callable
        Works out anew what is missing.
    alone : callable
        Holds the study for one run; it is let go of while waiting.
    cancel : bool
        Cancel what is pending and submit nothing.
    notify : callable
        Is told how far each batch is.

    Raises
    ------
    CannotAsk
        After the other respondents are through, where one could not be asked or a batch was not accepted.
    StudyConflict
        Where a respondent was asked under other settings.
    """
    run = _BatchRun(plan, memory, protocol, budget, wait, cancel, notify)
    seconds = FIRST_WAIT
    with ExitStack() as stack:
        while True:
            with alone():
                tally = run.once(stack)
            if not (wait and (tally.pending or tally.waiting) and run.going):
                break
            sleep(seconds)
            seconds = min(LONGEST_WAIT, seconds * 1.5)
    tally.cost_usd = budget.spent
    if run.faults:
        for name in run.stopped:
            if not memory.live_batches(name):
                memory.forget_never_asked(name)
        raise CannotAsk("; ".join(run.faults))
    return tally


@dataclass(slots=True)
class _BatchRun:
    """State of one command."""

    plan: Callable[[], RunPlan]
    memory: BatchStore
    protocol: Mapping[str, Any]
    budget: Budget
    wait: bool
    cancel: bool
    notify: Callable[[str], None]
    endpoints: dict[str, BatchEndpoint] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)
    tally: BatchTally = field(default_factory=BatchTally)
    retried: bool = False

    @property
    def going(self) -> bool:
        """Whether a respondent is left that can be asked."""
        return not self.endpoints.keys() <= self.stopped

    def once(self, stack: ExitStack) -> BatchTally:
        """Look at every batch, collect, submit."""
        plan = self.plan()
        self.later.clear()
        self.tally = BatchTally(answered=self.tally.answered, submitted=self.tally.submitted)
        for one in plan.respondents:
            self.memory.keep_respondent(one.settings.id, recorded_settings(one.settings, one.prompt))
            if one.settings.id not in self.endpoints:
                endpoint = BatchEndpoint(one.settings, api_key_for(one.settings))
                self.endpoints[one.settings.id] = stack.enter_context(endpoint)
        self.memory.keep_bank(plan.bank)
        for name in self.endpoints:
            self._guarded(name, self._collect_all)
        if not self.cancel:
            self._submit_all(self.plan())
        for name in self.endpoints:
            self.tally.pending += len(self.memory.pending(name))
        return self.tally

    def _guarded(self, name: str, step: Callable[[str], None]) -> None:
        """Take a step for a respondent; what stops it leaves the others alone."""
        if name in self.stopped | self.later:
            return
        try:
            step(name)
        except CannotAsk as error:
            if isinstance(error, BatchUnavailable) and self.wait:
                self.later.add(name)
                self._say(name, str(error))
                return
            self.faults.append(str(error))
            self.stopped.add(name)

    # Collecting ----------------------------------------------------------------------------------------------------

    def _collect_all(self, name: str) -> None:
        for batch in self.memory.live_batches(name):
            self._look(batch, self.endpoints[name])

    def _look(self, batch: KeptBatch, endpoint: BatchEndpoint) -> None:
        if batch.state != "submitted":
            resumed = resume(batch, endpoint, self.memory, cancel=self.cancel, notify=self.notify)
            if resumed is None:
                return
            batch = resumed
        try:
            self._take_in(batch, endpoint)
        except BatchNotFound as error:
            if not self.cancel:
                raise CannotAsk(f"{error}; was it made with another key? --batch --cancel gives it up") from error
            self.memory.change_batch(batch, state="withdrawn", ended_at=datetime.now(UTC))
            self._say(batch.id, f"{batch.respondent}: the batch {batch.batch_id} is not there any more and is given up")

    def _take_in(self, batch: KeptBatch, endpoint: BatchEndpoint) -> None:
        seen = endpoint.look(batch.batch_id or "")
        if self.cancel and seen.status in ("validating", "in_progress"):
            seen = endpoint.cancel(seen.batch_id)
        batch = self.memory.change_batch(batch, status=seen.status, completed=seen.completed, failed=seen.failed)
        if not seen.ended:
            self._tell(
                batch,
                f"is {seen.status}: {seen.completed:,} of {batch.asks:,} requests answered, {seen.failed:,} failed",
            )
        elif seen.status == "failed" and not seen.files:
            self._not_accepted(batch, seen)
        else:
            found = collect(batch, seen, endpoint, self.memory, self.budget)
            self.tally.answered += found.new
            self._report(batch, seen, found)

    def _report(self, batch: KeptBatch, seen: BatchSnapshot, found: Collected) -> None:
        parts = [f"{found.answered:,} answered", f"{found.failed:,} failed"]
        parts += [f"{found.withdrawn:,} cancelled before their turn"] * (found.withdrawn > 0)
        parts += [f"{found.unreadable:,} lines could not be read"] * (found.unreadable > 0)
        self._tell(batch, f"is {seen.status}: {', '.join(parts)}")
        for adaptation in found.adaptations:
            self.notify(f"{batch.respondent}: {adaptation}")

    def _not_accepted(self, batch: KeptBatch, seen: BatchSnapshot) -> None:
        """The provider looked at the file and did not take it: nothing was asked, nothing is paid."""
        reasons = "; ".join(seen.errors) or "no reason given"
        too_large = seen.queue_full and batch.asks > 1
        self.memory.change_batch(batch, state="too_large" if too_large else "refused", ended_at=datetime.now(UTC))
        if too_large:
            self._tell(batch, f"was not accepted, its queue is full ({reasons}); smaller ones follow one by one")
        else:
            self.faults.append(f"{batch.respondent}: the batch {batch.batch_id} was not accepted ({reasons})")
            self.stopped.add(batch.respondent)

    def _tell(self, batch: KeptBatch, what: str) -> None:
        self._say(batch.id, f"{batch.respondent}: the batch {batch.batch_id} {what}")

    def _say(self, about: str, what: str) -> None:
        """Say it, unless it was the last that was said about this."""
        if self.said.get(about) != what:
            self.said[about] = what
            self.notify(what)

    # Submitting ----------------------------------------------------------------------------------------------------

    def _submit_all(self, plan: RunPlan) -> None:
        live = [batch for name in self.endpoints for batch in self.memory.live_batches(name)]
        self.budget.pending(sum(batch.reserved_usd for batch in live))
        wanted = {one.settings.id: self._wanted(plan, one) for one in plan.respondents}
        self.retried = True
        compose = plan.composer()
        begin = cache(partial(record_circumstances, plan, self.memory, self.protocol))
        for name, asks in wanted.items():
            self._guarded(name, partial(self._submit, asks=asks, compose=compose, begin=begin))

    def _wanted(self, plan: RunPlan, one: RespondentPlan) -> list[Ask]:
        """What is missing, less what failed for good; that too where only failures are asked, once for a command."""
        asks = list(plan.asks(one))
        if one.only is not None and not self.retried:
            return asks
        given_up = self.memory.given_up(one.settings.id, MOST_BATCHES)
        wanted = [ask for ask in asks if (ask.question_id, ask.round) not in given_up]
        self.tally.given_up += len(asks) - len(wanted)
        return wanted

    def _submit(
        self,
        name: str,
        *,
        asks: Sequence[Ask],
        compose: Callable[[Ask], Sequence[Message]],
        begin: Callable[[], None],
    ) -> None:
        room = self.memory.batch_room(name)
        if not asks or (room is not None and self.memory.live_batches(name)):
            self.tally.waiting += len(asks)
            return
        endpoint = self.endpoints[name]
        request = ChatRequest(endpoint.settings, self._accepted(name))
        left = len(asks)
        for new in new_batches(name, asks, compose, request, endpoint.secrets.exactly, self.budget, room):
            begin()
            batch = send(self.memory.keep_batch(new), endpoint, self.memory)
            left -= batch.asks
            self.tally.submitted += batch.asks
            self.notify(f"{name}: the batch {batch.batch_id} was submitted with {batch.asks:,} requests")
            if room is not None:
                self.tally.waiting += left
                return
        self.tally.out_of_budget |= left > 0

    def _accepted(self, name: str) -> Mapping[str, Any] | None:
        """What the model is known to accept, from batches or else from requests made one by one."""
        known = self.memory.accepted_parameters(name)
        return self.memory.accepted_request(name) if known is None else known
