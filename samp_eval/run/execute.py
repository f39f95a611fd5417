"""The asking itself: each respondent within its rate limit, bounded retries, outcomes stored before they count."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import zip_longest
from typing import Protocol

from samp_eval.errors import CannotAsk
from samp_eval.run.cost.prices import Budget
from samp_eval.run.rate_limiter import MAX_SERVER_PAUSE, ConcurrencyLimit, RateLimit, RateLimiter
from samp_eval.run.respondent import (
    RETRYABLE,
    STOPS_THE_RUN,
    Ask,
    FailedAttempt,
    Message,
    Reply,
    Respondent,
    Response,
    ResponseFailure,
)
from samp_eval.run.saver import OutcomeStore, Saver

__all__ = ["RespondentQueue", "OutcomeStore", "Progress", "RetryRule", "RunTally", "SilentProgress", "execute"]


class Progress(Protocol):
    """Whoever shows how far a run is."""

    def asking(self, ask: Ask) -> None:
        """An ask is under way."""

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        """An ask has ended and is stored."""

    def retrying(self, ask: Ask, failed: FailedAttempt, seconds: float) -> None:
        """An attempt failed and will be repeated after a wait."""


class SilentProgress:
    """Shows nothing."""

    def asking(self, ask: Ask) -> None:
        """Nothing to show."""

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        """Nothing to show."""

    def retrying(self, ask: Ask, failed: FailedAttempt, seconds: float) -> None:
        """Nothing to show."""


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often an attempt is repeated, and after how long a wait.

    Attributes
    ----------
    max_attempts : int
        The first included; refusals for a rate limit are not among them.
    max_rate_limit_attempts : int
        After so many refusals for a rate limit the ask has failed.
    patience : float
        Seconds. A server that refuses every request for so long and names no time to wait is asked no more: an
        allowance for each minute has been renewed by then, and one for each day has not.
    initial_backoff, max_backoff : float
        Seconds; the wait doubles from attempt to attempt, with jitter, and is never shorter than the server asks for.
        Where the server asks for more than an hour, the ask has failed.
    max_consecutive_failures : int
        After so many failed asks in a row, a respondent is asked no more in this run.
    """

    max_attempts: int = 5
    max_rate_limit_attempts: int = 20
    patience: float = 65.0
    initial_backoff: float = 0.5
    max_backoff: float = 30.0
    max_consecutive_failures: int = 10

    def exhausted(self, failed: Sequence[FailedAttempt]) -> bool:
        """Whether another attempt is useless."""
        if failed[-1].kind not in RETRYABLE or (failed[-1].retry_after or 0.0) > MAX_SERVER_PAUSE:
            return True
        refusals = sum(attempt.kind == "rate_limit" for attempt in failed)
        return refusals >= self.max_rate_limit_attempts or len(failed) - refusals >= self.max_attempts

    def backoff(self, failed_attempts: int, retry_after: float | None) -> float:
        """Seconds to wait after so many failed attempts."""
        # 2^20 half seconds are six days: beyond it the power could only overflow
        seconds: float = min(self.max_backoff, self.initial_backoff * 2.0 ** min(failed_attempts - 1, 20))
        return max(retry_after or 0.0, seconds * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret


@dataclass(frozen=True, slots=True)
class RespondentQueue:
    """One respondent, what it is asked, and how fast; queues of the same ``server`` share its limit of concurrency."""

    respondent: Respondent
    asks: Iterator[Ask]
    rate_limit: RateLimit
    server: str = ""


@dataclass(slots=True)
class RunTally:
    """What a run came to.

    Attributes
    ----------
    answered, failed, already_there : int
        Asks; ``already_there`` were answered here and stored by another run in the meantime.
    rate_limit_waits : int
        Attempts that the server put off; they are no failures.
    cost_usd : float
        US dollars at the prices of the table; 0 where there are none.
    out_of_budget : bool
        Whether asks were left because the next might have passed the limit.
    """

    answered: int = 0
    failed: int = 0
    already_there: int = 0
    rate_limit_waits: int = 0
    cost_usd: float = 0.0
    out_of_budget: bool = False


async def execute(
    queues: Sequence[RespondentQueue],
    compose: Callable[[Ask], Sequence[Message]],
    store: OutcomeStore,
    *,
    retry: RetryRule | None = None,
    progress: Progress | None = None,
    budget: Budget | None = None,
) -> RunTally:
    """Ask everything once, the respondents side by side.

    Raises
    ------
    CannotAsk
        After the other respondents are through, where going on with one was useless: a refused key, an unknown model,
        or nothing but failures. What had arrived is stored by then.
    CannotStore
        Where an outcome cannot be stored.
    """
    tally = RunTally()
    async with Saver(store) as saver:
        by_server: dict[str, list[RateLimit]] = {}
        for queue in queues:
            by_server.setdefault(queue.server, []).append(queue.rate_limit)
        shared = {server: ConcurrencyLimit(rate_limits) for server, rate_limits in by_server.items()}
        running = [
            _QueueRun(
                queue,
                RateLimiter(queue.rate_limit, shared[queue.server]),
                compose,
                saver,
                retry or RetryRule(),
                progress or SilentProgress(),
                budget,
                tally,
            )
            for queue in queues
        ]
        # in turns, so that the workers of one respondent do not all wait before the first of another
        turns = zip_longest(*([run] * run.queue.rate_limit.workers for run in running))
        workers = [asyncio.create_task(run.work()) for turn in turns for run in turn if run is not None]
        try:
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        for worker in done:
            worker.result()
    tally.rate_limit_waits = sum(run.rate_limiter.waits for run in running)
    tally.cost_usd = budget.spent if budget is not None else 0.0
    stopped = [reason for run in running if (reason := run.stop_reason())]
    if stopped:
        raise CannotAsk(f"{'; '.join(stopped)}; {tally.answered} responses of this run are stored")
    return tally


@dataclass(slots=True)
class _QueueRun:
    """State that the workers of one respondent share."""

    queue: RespondentQueue
    rate_limiter: RateLimiter
    compose: Callable[[Ask], Sequence[Message]]
    saver: Saver
    retry: RetryRule
    progress: Progress
    budget: Budget | None
    tally: RunTally
    answered: int = 0
    consecutive_failures: int = 0
    only_unreachable: bool = True
    """Whether every failure so far was a connection that could not be made."""
    refuses_all: bool = False
    """Whether the server has refused every request for longer than the rule has patience."""
    stop: ResponseFailure | None = None
    last: ResponseFailure | None = None

    async def work(self) -> None:
        """Ask on until nothing is left; the next ask goes out while the last outcome is being stored."""
        storing: asyncio.Future[bool] | None = None
        try:
            while not (self._useless or self.tally.out_of_budget):
                ask = next(self.queue.asks, None)
                outcome = await self._ask(ask) if ask is not None else None
                before, storing = storing, None
                if outcome is not None:
                    storing = self.saver.save(outcome)
                    storing.add_done_callback(partial(self._count, outcome))
                if before is not None:
                    await before
                if outcome is None:
                    break
        finally:
            if storing is not None:
                await asyncio.shield(storing)

    async def _ask(self, ask: Ask) -> Response | ResponseFailure | None:
        """What came of an ask; None where the budget does not allow it, or it became useless while it waited."""
        messages = self.compose(ask)
        await self.rate_limiter.acquire()
        if self._useless:
            self.rate_limiter.failed()
            return None
        reserved = self.budget.reserve(ask.respondent, messages) if self.budget is not None else 0.0
        if reserved is None:
            self.tally.out_of_budget = True
            self.rate_limiter.failed()
            return None
        self.progress.asking(ask)
        outcome = await self._attempt(ask, messages)
        if isinstance(outcome, ResponseFailure) and outcome.kind in STOPS_THE_RUN:
            self.stop = self.stop or outcome
        if self.budget is not None:
            self.budget.settle(ask.respondent, reserved, outcome.reply if isinstance(outcome, Response) else None)
        return outcome

    async def _attempt(self, ask: Ask, messages: Sequence[Message]) -> Response | ResponseFailure:
        failed: list[FailedAttempt] = []
        while True:
            asked_at = datetime.now(UTC)
            answer = await self._answer(ask, messages)
            if not isinstance(answer, FailedAttempt):
                return Response(ask, answer, asked_at, len(failed) + 1, tuple(failed))
            failed.append(replace(answer, at=asked_at))
            self.refuses_all |= answer.kind == "rate_limit" and self.rate_limiter.refused_seconds > self.retry.patience
            if self.retry.exhausted(failed) or not await self._may_try_again(ask, failed):
                return ResponseFailure(ask, answer.kind, answer.message, datetime.now(UTC), len(failed), tuple(failed))

    async def _may_try_again(self, ask: Ask, failed: Sequence[FailedAttempt]) -> bool:
        """Wait until another attempt may be sent; False where it has become useless."""
        if self._useless:
            return False
        latest = failed[-1]
        seconds = self.retry.backoff(sum(attempt.kind == latest.kind for attempt in failed), latest.retry_after)
        self.progress.retrying(ask, latest, seconds)
        await asyncio.sleep(seconds)
        await self.rate_limiter.acquire()
        if self._useless:
            self.rate_limiter.failed()
            return False
        return True

    async def _answer(self, ask: Ask, messages: Sequence[Message]) -> Reply | FailedAttempt:
        answer = await self.queue.respondent.answer(messages, ask.sampling_seed, ask.answer_schema)
        if not isinstance(answer, FailedAttempt):
            tokens = (answer.prompt_tokens or 0) + (answer.completion_tokens or 0)
            self.rate_limiter.answered(answer.latency_seconds, tokens, answer.pause)
        elif answer.kind == "rate_limit":
            self.rate_limiter.overloaded(answer.retry_after)
        else:
            self.rate_limiter.failed()
        return answer

    def _count(self, outcome: Response | ResponseFailure, stored: asyncio.Future[bool]) -> None:
        """An outcome is on disk: now it counts."""
        if stored.cancelled() or stored.exception() is not None:
            return
        new = stored.result()
        self.progress.outcome(outcome)
        if isinstance(outcome, Response):
            self.answered += 1
            self.consecutive_failures = 0
            self.tally.answered += new
            self.tally.already_there += not new
            return
        self.tally.failed += 1
        self.consecutive_failures += 1
        self.last = outcome
        self.only_unreachable &= outcome.kind == "connection"
        if outcome.kind in STOPS_THE_RUN or self.consecutive_failures >= self.retry.max_consecutive_failures:
            self.stop = self.stop or outcome

    @property
    def _useless(self) -> bool:
        """Whether going on with this respondent brings nothing."""
        return self.stop is not None or self.refuses_all

    def stop_reason(self) -> str | None:
        """Why this respondent is asked no more; None where it is."""
        if self.stop is not None and self.stop.kind in STOPS_THE_RUN:
            return f"{self.stop.ask.respondent} cannot be asked ({self.stop.message})"
        if self.refuses_all and self.last is not None:
            return (
                f"the server of {self.last.ask.respondent} has refused every request for "
                f"{self.retry.patience:g} seconds ({self.last.message}); run the same command again later"
            )
        if self.stop is not None and self.last is not None:
            return (
                f"the last {self.consecutive_failures} requests to {self.last.ask.respondent} failed, "
                f"with: {self.last.message}"
            )
        if self.last is not None and not self.answered and self.only_unreachable:
            return f"{self.last.ask.respondent} cannot be asked ({self.last.message})"
        return None
