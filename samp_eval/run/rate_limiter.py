"""How many asks are in flight, and how many a minute: fixed, limited, or adapting to what the server takes."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

__all__ = ["MAX_SERVER_PAUSE", "RateLimit", "RateLimiter"]

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


class RateLimiter:
    """Lets asks through. One :meth:`answered`, :meth:`overloaded` or :meth:`failed` follows each :meth:`acquire`.

    An adapting limit grows by one with each answer until the server complains first, then by one with each full round
    of answers; it halves when the server is overloaded, once for what was under way together; and it stops growing
    while answers take twice as long as the quickest did, because the server only queues them.
    """

    def __init__(self, rate_limit: RateLimit) -> None:
        self._rate_limit = rate_limit
        self._fixed = rate_limit.concurrency is not None
        self.limit = float(rate_limit.concurrency or rate_limit.initial_concurrency)
        self.waits = 0
        self._in_flight = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._overloaded_before = False
        self._halved_at = float("-inf")
        self._resume_at = 0.0
        self._next_request = 0.0
        self._tokens = rate_limit.tokens_per_minute or 0.0
        self._tokens_at = self._now()
        self._latency = 0.0
        self._best_latency = float("inf")

    async def acquire(self) -> None:
        """Wait until one more ask may be sent."""
        while True:
            seconds = self._seconds_to_wait()
            if seconds > 0:
                await asyncio.sleep(seconds)
            elif self._in_flight >= int(self.limit):
                await self._wait_for_release()
            else:
                break
        self._in_flight += 1
        if self._rate_limit.requests_per_minute:
            self._next_request = max(self._now(), self._next_request) + 60.0 / self._rate_limit.requests_per_minute

    def answered(self, latency: float | None, tokens: int, pause: float | None) -> None:
        """An answer came, after ``latency`` seconds; ``pause`` is for how long the server wants no more."""
        self._tokens -= tokens
        if latency is not None:
            self._latency = latency if not self._latency else 0.9 * self._latency + 0.1 * latency
            self._best_latency = min(self._best_latency, self._latency)
        if pause:
            self._pause(pause)
        if not self._fixed and self._latency <= 2.0 * self._best_latency:
            growth = 1.0 / self.limit if self._overloaded_before else 1.0
            self.limit = min(self._rate_limit.max_concurrency, self.limit + growth)
        self._release()

    def overloaded(self, retry_after: float | None) -> None:
        """The server asks for patience."""
        self.waits += 1
        self._overloaded_before = True
        now = self._now()
        if not self._fixed and now - self._halved_at > max(self._latency, 0.05):
            self.limit = max(1.0, self.limit / 2.0)
            self._halved_at = now
        if retry_after:
            self._pause(retry_after)
        self._release()

    def failed(self) -> None:
        """Any other try that brought nothing."""
        self._release()

    @staticmethod
    def _now() -> float:
        """Seconds on the clock of the loop that asks."""
        return asyncio.get_running_loop().time()

    def _pause(self, seconds: float) -> None:
        if seconds <= MAX_SERVER_PAUSE:
            self._resume_at = max(self._resume_at, self._now() + seconds)

    def _seconds_to_wait(self) -> float:
        now = self._now()
        rest = self._resume_at - now
        if self._rate_limit.requests_per_minute:
            rest = max(rest, self._next_request - now)
        per_minute = self._rate_limit.tokens_per_minute
        if per_minute:
            self._tokens = min(per_minute, self._tokens + (now - self._tokens_at) * per_minute / 60.0)
            self._tokens_at = now
            rest = max(rest, -self._tokens * 60.0 / per_minute)
        return rest

    async def _wait_for_release(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _release(self) -> None:
        self._in_flight -= 1
        free = int(self.limit) - self._in_flight
        while free > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                free -= 1
