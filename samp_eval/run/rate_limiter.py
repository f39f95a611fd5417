"""How many asks are in flight, and how many a minute: fixed, limited, or adapting to what the server takes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds for which nothing is sent to a server that refuses everything and names no time to wait; they double."""

__all__ = ["MAX_SERVER_PAUSE", "ConcurrencyLimit", "RateLimit", "RateLimiter"]

MAX_SERVER_PAUSE = 3600.0
"""Seconds: where a server wants a longer pause, asks fail and say so, instead of a run that seems to hang."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a rate limiter keeps to.

    Attributes
    ----------
    concurrency : int or None
        Asks in flight at the same time; None adapts between ``initial_concurrency`` and ``max_concurrency``.
    requests_per_minute, tokens_per_minute : float or None
        Upper limits.
    initial_concurrency, max_concurrency : int
        Where adapting begins, and what it never exceeds.
    """

    concurrency: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    initial_concurrency: int = 8
    max_concurrency: int = 128

    @property
    def workers(self) -> int:
        """How many asks can ever be in flight."""
        return self.concurrency or self.max_concurrency


class ConcurrencyLimit:
    """How many asks of one server are in flight, whichever respondents they belong to.

    An adapting limit grows by one with each answer until the server complains first, then by one with each full round
    of answers; it halves when the server is overloaded, once for what was in flight together.
    """

    def __init__(self, rate_limits: Sequence[RateLimit]) -> None:
        fixed = [rate_limit.concurrency for rate_limit in rate_limits if rate_limit.concurrency is not None]
        self._fixed = len(fixed) == len(rate_limits)
        initial = min(rate_limit.initial_concurrency for rate_limit in rate_limits)
        self.value = float(max(fixed) if self._fixed else initial)
        self._max = max(rate_limit.max_concurrency for rate_limit in rate_limits)
        self._in_flight = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._overloaded_before = False
        self._halved_at = float("-inf")

    @property
    def full(self) -> bool:
        """Whether no further ask may be sent now."""
        return self._in_flight >= int(self.value)

    @property
    def busy(self) -> bool:
        """Whether an ask is in flight."""
        return self._in_flight > 0

    async def wait_for_release(self) -> None:
        """Wait until an ask has ended."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def enter(self) -> None:
        """An ask is sent."""
        self._in_flight += 1

    def release(self) -> None:
        """An ask has ended."""
        self._in_flight -= 1
        free = int(self.value) - self._in_flight
        while free > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                free -= 1

    def grow(self) -> None:
        """The server answers well."""
        if not self._fixed:
            growth = 1.0 / self.value if self._overloaded_before else 1.0
            self.value = min(self._max, self.value + growth)

    def halve(self, latency: float) -> None:
        """The server is overloaded; ``latency`` seconds are what one answer takes."""
        self._overloaded_before = True
        now = _now()
        if not self._fixed and now - self._halved_at > max(latency, 0.05):
            self.value = max(1.0, self.value / 2.0)
            self._halved_at = now


class RateLimiter:
    """Lets asks through. One :meth:`answered`, :meth:`overloaded` or :meth:`failed` follows each :meth:`acquire`.

    Parameters
    ----------
    rate_limit : RateLimit
    concurrency : ConcurrencyLimit, optional
        Shared with other respondents of the same server. It does not grow while this respondent's answers take twice
        as long as its quickest did, because then the server only queues them.
    """

    def __init__(self, rate_limit: RateLimit, concurrency: ConcurrencyLimit | None = None) -> None:
        self._rate_limit = rate_limit
        self.concurrency = concurrency or ConcurrencyLimit([rate_limit])
        self.waits = 0
        self._resume_at = 0.0
        self._next_request = 0.0
        self._tokens = rate_limit.tokens_per_minute or 0.0
        self._tokens_at = _now()
        self._latency = 0.0
        self._best_latency = float("inf")
        self._refused_since: float | None = None
        self._refusal_counted_at = float("-inf")
        self._refusals_in_turn = 0

    @property
    def refused_seconds(self) -> float:
        """For how long the server has refused everything without naming a time; 0 while it may be answering an ask."""
        return 0.0 if self._refused_since is None or self.concurrency.busy else _now() - self._refused_since

    async def acquire(self) -> None:
        """Wait until one more ask may be sent."""
        while True:
            seconds = self._seconds_to_wait()
            if seconds > 0:
                await asyncio.sleep(seconds)
            elif self.concurrency.full:
                await self.concurrency.wait_for_release()
            else:
                break
        self.concurrency.enter()
        if self._rate_limit.requests_per_minute:
            interval = 60.0 / self._rate_limit.requests_per_minute
            self._next_request = max(_now(), self._next_request) + interval

    def answered(self, latency: float | None, tokens: int, pause: float | None) -> None:
        """An answer came, after ``latency`` seconds; ``pause`` is for how long the server wants no more."""
        self._tokens -= tokens
        self._refused_since, self._refusals_in_turn = None, 0
        if latency is not None:
            self._latency = latency if not self._latency else 0.9 * self._latency + 0.1 * latency
            self._best_latency = min(self._best_latency, self._latency)
        if pause:
            self._pause(pause)
        if self._latency <= 2.0 * self._best_latency:
            self.concurrency.grow()
        self.concurrency.release()

    def overloaded(self, retry_after: float | None) -> None:
        """The server asks for patience, for ``retry_after`` seconds if it says so."""
        self.waits += 1
        self.concurrency.halve(self._latency)
        if retry_after is None:
            self._refused_without_hint()
        else:
            self._refused_since = None
            self._pause(retry_after)
        self.concurrency.release()

    def _refused_without_hint(self) -> None:
        """Rest for longer and longer while nothing is answered; refusals of asks sent together count once.

        The first refusal makes nobody rest: a server that takes fewer asks at a time goes on answering the others.
        """
        now = _now()
        if self._refused_since is None:
            self._refused_since = now
        if now - self._refusal_counted_at > max(self._latency, 0.05):
            if self._refusals_in_turn:
                self._pause(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._refusals_in_turn, 20)))
            self._refusals_in_turn += 1
            self._refusal_counted_at = now

    def failed(self) -> None:
        """Any other attempt that brought nothing."""
        self.concurrency.release()

    def _pause(self, seconds: float) -> None:
        if seconds <= MAX_SERVER_PAUSE:
            self._resume_at = max(self._resume_at, _now() + seconds)

    def _seconds_to_wait(self) -> float:
        now = _now()
        rest = self._resume_at - now
        if self._rate_limit.requests_per_minute:
            rest = max(rest, self._next_request - now)
        per_minute = self._rate_limit.tokens_per_minute
        if per_minute:
            self._tokens = min(per_minute, self._tokens + (now - self._tokens_at) * per_minute / 60.0)
            self._tokens_at = now
            rest = max(rest, -self._tokens * 60.0 / per_minute)
        return rest


def _now() -> float:
    """Seconds on the clock of the loop that asks."""
    return asyncio.get_running_loop().time()
