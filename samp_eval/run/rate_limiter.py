"""How many asks are under way, and how many a minute: fixed, limited, or adapting to what the server takes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

__all__ = ["LONGEST_WAIT", "RateLimiter", "RateLimit"]

LONGEST_WAIT = 3600.0
"""Seconds: where a server wants a longer pause, asks fail and say so, instead of a run that seems to hang."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a pace keeps to.

    Attributes
    ----------
    at_a_time : int or None
        Asks under way at the same time; None adapts between ``first`` and ``most``.
    requests_per_minute, tokens_per_minute : float or None
        Never more than these.
    first, most : int
        Where an adapting pace begins, and what it never passes.
    """

    at_a_time: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    first: int = 8
    most: int = 128

    @property
    def workers(self) -> int:
        """How many asks can ever be under way."""
        return self.at_a_time or self.most


class RateLimiter:
    """Lets asks through. Every :meth:`turn` is followed by one :meth:`answered`, :meth:`overloaded` or :meth:`failed`.

    An adapting pace grows by one with each answer until the server complains first, then by one with each full round
    of answers; it halves when the server is overloaded, once for what was under way together; and it stops growing
    while answers take twice as long as the quickest did, because the server only queues them.
    """

    def __init__(self, rule: RateLimit) -> None:
        self._rule = rule
        self._fixed = rule.at_a_time is not None
        self.limit = float(rule.at_a_time or rule.first)
        self.waits = 0
        self._active = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._complained = False
        self._halved_at = 0.0
        self._resume_at = 0.0
        self._next_request = 0.0
        self._tokens = rule.tokens_per_minute or 0.0
        self._tokens_at = time.monotonic()
        self._latency = 0.0
        self._quickest = float("inf")

    async def turn(self) -> None:
        """Wait until one more ask may be sent."""
        while True:
            seconds = self._must_rest()
            if seconds > 0:
                await asyncio.sleep(seconds)
            elif self._active >= int(self.limit):
                await self._next_free()
            else:
                break
        self._active += 1
        if self._rule.requests_per_minute:
            self._next_request = max(time.monotonic(), self._next_request) + 60.0 / self._rule.requests_per_minute

    def answered(self, latency: float | None, tokens: int, pause: float | None) -> None:
        """An answer came, after ``latency`` seconds; ``pause`` is for how long the server wants no more."""
        self._tokens -= tokens
        if latency is not None:
            self._latency = latency if not self._latency else 0.9 * self._latency + 0.1 * latency
            self._quickest = min(self._quickest, self._latency)
        if pause:
            self._rest(pause)
        if not self._fixed and self._latency <= 2.0 * self._quickest:
            self.limit = min(self._rule.most, self.limit + (1.0 / self.limit if self._complained else 1.0))
        self._leave()

    def overloaded(self, retry_after: float | None) -> None:
        """The server asks for patience."""
        self.waits += 1
        self._complained = True
        now = time.monotonic()
        if not self._fixed and now - self._halved_at > max(self._latency, 0.05):
            self.limit = max(1.0, self.limit / 2.0)
            self._halved_at = now
        if retry_after:
            self._rest(retry_after)
        self._leave()

    def failed(self) -> None:
        """Any other try that brought nothing."""
        self._leave()

    def _rest(self, seconds: float) -> None:
        if seconds <= LONGEST_WAIT:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def _must_rest(self) -> float:
        now = time.monotonic()
        rest = self._resume_at - now
        if self._rule.requests_per_minute:
            rest = max(rest, self._next_request - now)
        per_minute = self._rule.tokens_per_minute
        if per_minute:
            self._tokens = min(per_minute, self._tokens + (now - self._tokens_at) * per_minute / 60.0)
            self._tokens_at = now
            rest = max(rest, -self._tokens * 60.0 / per_minute)
        return rest

    async def _next_free(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        await place

    def _leave(self) -> None:
        self._active -= 1
        free = int(self.limit) - self._active
        while free > 0 and self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                free -= 1
