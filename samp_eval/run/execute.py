"""The asking itself: every respondent at its own pace, bounded retries, every outcome stored before it is counted."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from samp_eval.errors import CannotAsk
from samp_eval.run.prices import Budget
from samp_eval.run.rate_limiter import LONGEST_WAIT, RateLimit, RateLimiter
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
        """A try failed and will be repeated after a wait."""


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
    """How often and how patiently a try is repeated.

    Attributes
    ----------
    tries : int
        At most, the first included; waits for a rate limit are not among them.
    rate_limit_tries : int
        So many refusals for going too fast, then the ask has failed.
    first_wait, longest_wait : float
        Seconds; the wait doubles from try to try, with jitter, and is never shorter than the server's wish. A wish of
        more than an hour is not waited for: the ask has failed.
    give_up_after : int
        So many asks of a respondent failing in a row, with none answered between, end its part of the run.
    """

    tries: int = 5
    rate_limit_tries: int = 20
    first_wait: float = 0.5
    longest_wait: float = 30.0
    give_up_after: int = 10

    def over(self, failed: Sequence[FailedAttempt]) -> bool:
        """Whether another try is useless."""
        if failed[-1].kind not in RETRYABLE or (failed[-1].retry_after or 0.0) > LONGEST_WAIT:
            return True
        refusals = sum(one.kind == "rate_limit" for one in failed)
        return refusals >= self.rate_limit_tries or len(failed) - refusals >= self.tries

    def wait(self, failed_tries: int, wish: float | None) -> float:
        """Seconds to wait after so many failed tries."""
        backoff: float = min(self.longest_wait, self.first_wait * 2.0 ** min(failed_tries - 1, 20))
        return max(wish or 0.0, backoff * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret


@dataclass(frozen=True, slots=True)
class RespondentQueue:
    """One respondent, what it is asked, and its pace."""

    respondent: Respondent
    asks: Iterator[Ask]
    pace: RateLimit


@dataclass(slots=True)
class RunTally:
    """What a run came to.

    Attributes
    ----------
    answered, failed, already_there : int
        Asks; ``already_there`` were answered here and stored by another run in the meantime.
    rate_limit_waits : int
        Tries that the server put off; they are no failures.
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
    lanes: Sequence[RespondentQueue],
    compose: Callable[[Ask], Sequence[Message]],
    keeper: OutcomeStore,
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
    async with Saver(keeper) as saver:
        running = [
            _QueueRun(lane, compose, saver, retry or RetryRule(), progress or SilentProgress(), budget, tally)
            for lane in lanes
        ]
        workers = [asyncio.create_task(one.work()) for one in running for _ in range(one.lane.pace.workers)]
        try:
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        for worker in done:
            worker.result()
    tally.rate_limit_waits = sum(one.pace.waits for one in running)
    tally.cost_usd = budget.spent if budget is not None else 0.0
    stopped = [reason for one in running if (reason := one.why_useless())]
    if stopped:
        raise CannotAsk(f"{'; '.join(stopped)}; {tally.answered} responses of this run are stored")
    return tally


@dataclass(slots=True)
class _QueueRun:
    """State that the workers of one respondent share."""

    lane: RespondentQueue
    compose: Callable[[Ask], Sequence[Message]]
    saver: Saver
    retry: RetryRule
    progress: Progress
    budget: Budget | None
    tally: RunTally
    pace: RateLimiter = field(init=False)
    answered: int = 0
    failed_in_a_row: int = 0
    only_unreachable: bool = True
    stop: ResponseFailure | None = None
    last: ResponseFailure | None = None

    def __post_init__(self) -> None:
        self.pace = RateLimiter(self.lane.pace)

    async def work(self) -> None:
        """Ask on until nothing is left; the next ask goes out while the last outcome is being stored."""
        storing: asyncio.Future[bool] | None = None
        try:
            while self.stop is None and not self.tally.out_of_budget:
                ask = next(self.lane.asks, None)
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
        await self.pace.turn()
        if self.stop is not None:
            self.pace.failed()
            return None
        reserved = self.budget.reserve(ask.respondent, messages) if self.budget is not None else 0.0
        if reserved is None:
            self.tally.out_of_budget = True
            self.pace.failed()
            return None
        self.progress.asking(ask)
        outcome = await self._tries(ask, messages)
        if isinstance(outcome, ResponseFailure) and outcome.kind in STOPS_THE_RUN:
            self.stop = self.stop or outcome
        if self.budget is not None:
            self.budget.settle(ask.respondent, reserved, outcome.reply if isinstance(outcome, Response) else None)
        return outcome

    async def _tries(self, ask: Ask, messages: Sequence[Message]) -> Response | ResponseFailure:
        failed: list[FailedAttempt] = []
        while True:
            asked_at = datetime.now(UTC)
            answer = await self._answer(messages)
            if not isinstance(answer, FailedAttempt):
                return Response(ask, answer, asked_at, len(failed) + 1, tuple(failed))
            failed.append(replace(answer, at=asked_at))
            if self.retry.over(failed) or self.stop is not None:
                return ResponseFailure(ask, answer.kind, answer.message, datetime.now(UTC), len(failed), tuple(failed))
            seconds = self.retry.wait(sum(one.kind == answer.kind for one in failed), answer.retry_after)
            self.progress.retrying(ask, answer, seconds)
            await asyncio.sleep(seconds)
            await self.pace.turn()

    async def _answer(self, messages: Sequence[Message]) -> Reply | FailedAttempt:
        answer = await self.lane.respondent.answer(messages)
        if not isinstance(answer, FailedAttempt):
            tokens = (answer.prompt_tokens or 0) + (answer.completion_tokens or 0)
            self.pace.answered(answer.latency_seconds, tokens, answer.pause)
        elif answer.kind == "rate_limit":
            self.pace.overloaded(answer.retry_after)
        else:
            self.pace.failed()
        return answer

    def _count(self, outcome: Response | ResponseFailure, stored: asyncio.Future[bool]) -> None:
        """An outcome is on disk: now it counts."""
        if stored.cancelled() or stored.exception() is not None:
            return
        new = stored.result()
        self.progress.outcome(outcome)
        if isinstance(outcome, Response):
            self.answered += 1
            self.failed_in_a_row = 0
            self.tally.answered += new
            self.tally.already_there += not new
            return
        self.tally.failed += 1
        self.failed_in_a_row += 1
        self.last = outcome
        self.only_unreachable &= outcome.kind == "connection"
        if outcome.kind in STOPS_THE_RUN or self.failed_in_a_row >= self.retry.give_up_after:
            self.stop = self.stop or outcome

    def why_useless(self) -> str | None:
        """Why this respondent was given up; None where it was not."""
        if self.stop is not None and self.stop.kind in STOPS_THE_RUN:
            return f"{self.stop.ask.respondent} cannot be asked ({self.stop.message})"
        if self.stop is not None and self.last is not None:
            return (
                f"the last {self.failed_in_a_row} requests to {self.last.ask.respondent} failed, "
                f"with: {self.last.message}"
            )
        if self.last is not None and not self.answered and self.only_unreachable:
            return f"{self.last.ask.respondent} cannot be asked ({self.last.message})"
        return None
