"""The asking itself: bounded concurrency, bounded retries, every outcome stored before the next is counted."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from samp_eval.errors import CannotAsk
from samp_eval.run.respondent import (
    RETRYABLE,
    STOPS_THE_RUN,
    Ask,
    FailedTry,
    Message,
    Respondent,
    Response,
    ResponseFailure,
)

__all__ = ["OutcomeKeeper", "Progress", "RetryRule", "RunTally", "SilentProgress", "execute"]


class OutcomeKeeper(Protocol):
    """Where outcomes go; each call returns after the outcome is on disk."""

    def keep_response(self, response: Response) -> bool:
        """Store a response; False where one was there already."""

    def keep_failure(self, failure: ResponseFailure) -> None:
        """Store a failure."""


class Progress(Protocol):
    """Whoever shows how far a run is."""

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        """One more ask has ended and is stored."""

    def retrying(self, ask: Ask, failed: FailedTry, seconds: float) -> None:
        """A try failed and will be repeated after a wait."""


class SilentProgress:
    """Shows nothing."""

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        """Nothing to show."""

    def retrying(self, ask: Ask, failed: FailedTry, seconds: float) -> None:
        """Nothing to show."""


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often and how patiently a try is repeated.

    Attributes
    ----------
    tries : int
        At most, the first included.
    first_wait, longest_wait : float
        Seconds; the wait doubles from try to try, with jitter, and is never shorter than the server's wish.
    give_up_after : int
        So many asks failing in a row, with none answered between, stop the run.
    """

    tries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    give_up_after: int = 10

    def wait(self, failed_tries: int, wish: float | None) -> float:
        """Seconds to wait after so many failed tries."""
        backoff: float = min(self.longest_wait, self.first_wait * 2.0 ** (failed_tries - 1))
        return max(wish or 0.0, backoff * random.uniform(0.5, 1.0))  # noqa: S311  # jitter, no secret


@dataclass(slots=True)
class RunTally:
    """What a run came to."""

    answered: int = 0
    failed: int = 0
    already_there: int = 0
    _failed_in_a_row: int = field(default=0, repr=False)


async def execute(
    asks: Iterable[Ask],
    respondents: Mapping[str, Respondent],
    compose: Callable[[Ask], Sequence[Message]],
    keeper: OutcomeKeeper,
    *,
    concurrency: int,
    retry: RetryRule | None = None,
    progress: Progress | None = None,
) -> RunTally:
    """Ask everything once, at most ``concurrency`` at a time.

    Raises
    ------
    CannotAsk
        Where going on is useless: a refused key, an unknown model, or nothing but failures. What had arrived is
        stored by then.
    CannotStore
        Where an outcome cannot be stored.
    """
    run = _Run(iter(asks), respondents, compose, keeper, retry or RetryRule(), progress or SilentProgress())
    workers = [asyncio.create_task(run.work()) for _ in range(concurrency)]
    try:
        done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    for worker in done:
        worker.result()
    return run.tally


class _Run:
    """State that the workers of one run share."""

    def __init__(
        self,
        asks: Iterator[Ask],
        respondents: Mapping[str, Respondent],
        compose: Callable[[Ask], Sequence[Message]],
        keeper: OutcomeKeeper,
        retry: RetryRule,
        progress: Progress,
    ) -> None:
        self._asks = asks
        self._respondents = respondents
        self._compose = compose
        self._keeper = keeper
        self._retry = retry
        self._progress = progress
        self.tally = RunTally()

    async def work(self) -> None:
        for ask in self._asks:
            outcome = await self._ask(ask)
            self._keep(outcome)
            self._progress.outcome(outcome)
            if isinstance(outcome, ResponseFailure):
                self._stop_if_useless(outcome)

    async def _ask(self, ask: Ask) -> Response | ResponseFailure:
        respondent = self._respondents[ask.respondent]
        messages = self._compose(ask)
        tries = 0
        while True:
            tries += 1
            asked_at = datetime.now(UTC)
            answer = await respondent.answer(messages)
            if not isinstance(answer, FailedTry):
                return Response(ask, answer, asked_at, tries)
            if answer.kind not in RETRYABLE or tries >= self._retry.tries:
                return ResponseFailure(ask, answer.kind, answer.message, datetime.now(UTC), tries)
            seconds = self._retry.wait(tries, answer.retry_after)
            self._progress.retrying(ask, answer, seconds)
            await asyncio.sleep(seconds)

    def _keep(self, outcome: Response | ResponseFailure) -> None:
        if isinstance(outcome, ResponseFailure):
            self._keeper.keep_failure(outcome)
            self.tally.failed += 1
            self.tally._failed_in_a_row += 1
            return
        self.tally._failed_in_a_row = 0
        if self._keeper.keep_response(outcome):
            self.tally.answered += 1
        else:
            self.tally.already_there += 1

    def _stop_if_useless(self, failure: ResponseFailure) -> None:
        stored = f"{self.tally.answered} responses of this run are stored"
        if failure.kind in STOPS_THE_RUN:
            raise CannotAsk(f"{failure.ask.respondent} cannot be asked ({failure.message}); {stored}")
        if self.tally._failed_in_a_row >= self._retry.give_up_after:
            raise CannotAsk(
                f"the last {self.tally._failed_in_a_row} asks failed, the latest of {failure.ask.respondent} with: "
                f"{failure.message}; {stored}, the same command goes on from there"
            )
