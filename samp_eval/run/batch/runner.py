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
from samp_eval.input_files.picture import PlainPicture
from samp_eval.run.asking_plan import AskingPlan, RespondentPlan
from samp_eval.run.batch.collect import Collected, collect
from samp_eval.run.batch.openai_batches import BatchEndpoint, BatchNotFound, BatchUnavailable, RemoteBatch
from samp_eval.run.batch.records import BatchStore, KeptBatch
from samp_eval.run.batch.submit import new_batches, resume, send
from samp_eval.run.cost.prices import Budget
from samp_eval.run.providers.chat_request import ChatRequest
from samp_eval.run.providers.credentials import api_key_for
from samp_eval.run.providers.embedded_model import refuse_without_batches
from samp_eval.run.respondent import Ask, Message
from samp_eval.run.study_run import record_circumstances, recorded_settings
from samp_eval.study import RespondentSettings

__all__ = ["BatchTally", "check_batches", "run_batches"]

MAX_BATCHES_PER_ASK = 4
"""An ask that failed in so many batches is put into another only with ``--retry-failed``."""

INITIAL_POLL_INTERVAL, MAX_POLL_INTERVAL = 5.0, 300.0
"""Seconds. A batch takes minutes to a day: a small one is noticed soon, and a day's wait asks 300 times, not 17,000."""


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
    make_plan: Callable[[], AskingPlan],
    store: BatchStore,
    *,
    run_lock: Callable[[], AbstractContextManager[None]],
    protocol: Mapping[str, Any] | None,
    budget: Budget,
    wait: bool = False,
    cancel: bool = False,
    notify: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> BatchTally:
    """Collect what has ended, submit what is missing, and where wanted wait and go on until nothing is pending.

    Parameters
    ----------
    make_plan : callable
        Works out anew what is missing.
    run_lock : callable
        Holds the study for one run; it is released while waiting.
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
    run = _BatchRun(make_plan, store, protocol, budget, wait, cancel, notify)
    seconds = INITIAL_POLL_INTERVAL
    with ExitStack() as stack:
        while True:
            with run_lock():
                tally = run.poll(stack)
            if not (wait and (tally.pending or tally.waiting) and run.has_active_respondents):
                break
            sleep(seconds)
            seconds = min(MAX_POLL_INTERVAL, seconds * 1.5)
    tally.cost_usd = budget.spent
    if run.faults:
        for name in run.stopped:
            if not store.live_batches(name):
                store.forget_never_asked(name)
        raise CannotAsk("; ".join(run.faults))
    return tally


@dataclass(slots=True)
class _BatchRun:
    """State of one command."""

    make_plan: Callable[[], AskingPlan]
    store: BatchStore
    protocol: Mapping[str, Any] | None
    budget: Budget
    wait: bool
    cancel: bool
    notify: Callable[[str], None]
    endpoints: dict[str, BatchEndpoint] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    postponed: set[str] = field(default_factory=set)
    last_notice: dict[str, str] = field(default_factory=dict)
    tally: BatchTally = field(default_factory=BatchTally)
    submitted_before: bool = False
    pictures: Mapping[str, PlainPicture] = field(default_factory=dict)
    by_schema: bool = False

    @property
    def has_active_respondents(self) -> bool:
        """Whether a respondent is left that can be asked."""
        return not self.endpoints.keys() <= self.stopped

    def poll(self, stack: ExitStack) -> BatchTally:
        """Ask for the state of every batch, collect, submit."""
        plan = self.make_plan()
        self.pictures = plan.bank.pictures
        self.by_schema = plan.by_schema
        self.postponed.clear()
        self.tally = BatchTally(answered=self.tally.answered, submitted=self.tally.submitted)
        for respondent in plan.respondents:
            settings = respondent.settings
            self.store.keep_respondent(settings.id, recorded_settings(plan, respondent))
            if settings.id not in self.endpoints:
                endpoint = BatchEndpoint(settings, api_key_for(settings))
                self.endpoints[settings.id] = stack.enter_context(endpoint)
        self.store.keep_bank(plan.bank)
        for name in self.endpoints:
            self._isolated(name, self._collect_all)
        if not self.cancel:
            self._submit_all(self.make_plan())
        for name in self.endpoints:
            self.tally.pending += len(self.store.pending(name))
        return self.tally

    def _isolated(self, name: str, step: Callable[[str], None]) -> None:
        """Take a step for a respondent; what stops it leaves the others alone."""
        if name in self.stopped | self.postponed:
            return
        try:
            step(name)
        except CannotAsk as error:
            if isinstance(error, BatchUnavailable) and self.wait:
                self.postponed.add(name)
                self._notify_change(name, str(error))
                return
            self.faults.append(str(error))
            self.stopped.add(name)

    # Collecting ----------------------------------------------------------------------------------------------------

    def _collect_all(self, name: str) -> None:
        for batch in self.store.live_batches(name):
            self._collect_batch(batch, self.endpoints[name])

    def _collect_batch(self, batch: KeptBatch, endpoint: BatchEndpoint) -> None:
        if batch.state != "submitted":
            resumed = resume(batch, endpoint, self.store, self.pictures, cancel=self.cancel, notify=self.notify)
            if resumed is None:
                return
            batch = resumed
        try:
            self._update_batch(batch, endpoint)
        except BatchNotFound as error:
            if not self.cancel:
                raise CannotAsk(f"{error}; was it made with another key? --batch --cancel gives it up") from error
            self.store.change_batch(batch, state="withdrawn", ended_at=datetime.now(UTC))
            self._notify_of_batch(batch, "is not there any more and is given up")

    def _update_batch(self, batch: KeptBatch, endpoint: BatchEndpoint) -> None:
        remote = endpoint.retrieve(batch.batch_id or "")
        if self.cancel and remote.status in ("validating", "in_progress"):
            remote = endpoint.cancel(remote.batch_id)
        batch = self.store.change_batch(batch, status=remote.status, completed=remote.completed, failed=remote.failed)
        if not remote.ended:
            progress = f"{remote.completed:,} of {batch.asks:,} requests answered, {remote.failed:,} failed"
            self._notify_of_batch(batch, f"is {remote.status}: {progress}")
        elif remote.status == "failed" and not remote.files:
            self._not_accepted(batch, remote)
        else:
            collected = collect(batch, remote, endpoint, self.store, self.budget, by_schema=self.by_schema)
            self.tally.answered += collected.new
            self._report(batch, remote, collected)

    def _report(self, batch: KeptBatch, remote: RemoteBatch, collected: Collected) -> None:
        parts = [f"{collected.answered:,} answered", f"{collected.failed:,} failed"]
        parts += [f"{collected.withdrawn:,} cancelled before their turn"] * (collected.withdrawn > 0)
        parts += [f"{collected.unreadable:,} lines could not be read"] * (collected.unreadable > 0)
        self._notify_of_batch(batch, f"is {remote.status}: {', '.join(parts)}")
        for adaptation in collected.adaptations:
            self.notify(f"{batch.respondent}: {adaptation}")

    def _not_accepted(self, batch: KeptBatch, remote: RemoteBatch) -> None:
        """The provider looked at the file and did not take it: nothing was asked, nothing is paid."""
        reasons = "; ".join(remote.errors) or "no reason given"
        too_large = remote.queue_full and batch.asks > 1
        self.store.change_batch(batch, state="too_large" if too_large else "refused", ended_at=datetime.now(UTC))
        if too_large:
            self._notify_of_batch(
                batch, f"was not accepted, its queue is full ({reasons}); smaller ones follow one by one"
            )
        else:
            self.faults.append(f"{batch.respondent}: the batch {batch.batch_id} was not accepted ({reasons})")
            self.stopped.add(batch.respondent)

    def _notify_of_batch(self, batch: KeptBatch, what: str) -> None:
        self._notify_change(batch.id, f"{batch.respondent}: the batch {batch.batch_id} {what}")

    def _notify_change(self, subject: str, notice: str) -> None:
        """Notify, unless this was the last notice on the subject."""
        if self.last_notice.get(subject) != notice:
            self.last_notice[subject] = notice
            self.notify(notice)

    # Submitting ----------------------------------------------------------------------------------------------------

    def _submit_all(self, plan: AskingPlan) -> None:
        live = [batch for name in self.endpoints for batch in self.store.live_batches(name)]
        self.budget.reserve_only(sum(batch.reserved_usd for batch in live))
        wanted = {respondent.settings.id: self._wanted(plan, respondent) for respondent in plan.respondents}
        self.submitted_before = True
        compose = plan.composer()
        begin = cache(partial(record_circumstances, plan, self.store, self.protocol))
        for name, asks in wanted.items():
            self._isolated(name, partial(self._submit, asks=asks, compose=compose, begin=begin))

    def _wanted(self, plan: AskingPlan, respondent: RespondentPlan) -> list[Ask]:
        """What is missing, less what failed for good; that too where only failures are asked, once for a command."""
        asks = list(plan.asks(respondent))
        if respondent.only is not None and not self.submitted_before:
            return asks
        given_up = self.store.given_up(respondent.settings.id, MAX_BATCHES_PER_ASK)
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
        room = self.store.batch_room(name)
        if not asks or (room is not None and self.store.live_batches(name)):
            self.tally.waiting += len(asks)
            return
        endpoint = self.endpoints[name]
        request = ChatRequest(endpoint.settings, self._accepted(name), by_schema=self.by_schema)
        left = len(asks)
        without_key = endpoint.secrets.exactly
        for new in new_batches(name, asks, compose, request, without_key, self.budget, room, self.pictures):
            begin()
            batch = send(self.store.keep_batch(new), endpoint, self.store, self.pictures)
            left -= batch.asks
            self.tally.submitted += batch.asks
            self.notify(f"{name}: the batch {batch.batch_id} was submitted with {batch.asks:,} requests")
            if room is not None:
                self.tally.waiting += left
                return
        self.tally.out_of_budget |= left > 0

    def _accepted(self, name: str) -> Mapping[str, Any] | None:
        """What the model is known to accept, from batches or else from requests made one by one."""
        known = self.store.accepted_parameters(name)
        return self.store.accepted_request(name) if known is None else known
