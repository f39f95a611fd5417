"""Connections of the marking page: only so many, and none for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["BACKLOG", "MOST_CONNECTIONS", "REQUEST_SECONDS", "LimitedConnection"]

MOST_CONNECTIONS = 256
"""Enough for 50 browsers; with the backlog well below the 1,024 open files that systems allow a process."""

BACKLOG = 128
"""How many connections wait to be accepted, and how many are accepted at a time."""

REQUEST_SECONDS = 20.0
"""For a connection to send its request and to take the answer."""


class LimitedConnection(H11Protocol):
    """A connection that is closed where it takes too long; idle ones make room for new ones."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        """Take a connection in the place of the one that has been idle longest, where there are too many."""
        super().connection_made(transport)
        self._start_clock()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def on_response_complete(self) -> None:
        """Begin the time of the next request."""
        super().on_response_complete()
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._clock.cancel()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        held = [connection for connection in self.connections if isinstance(connection, LimitedConnection)]
        held = [connection for connection in held if not connection.transport.is_closing()]
        if len(held) > MOST_CONNECTIONS:
            idle = [connection for connection in held if connection.is_idle]  # at least this connection
            min(idle, key=lambda connection: connection.idle_since).transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether no whole request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _start_clock(self) -> None:
        clock: Any = getattr(self, "_clock", None)
        if clock is not None:
            clock.cancel()
        self.idle_since = self.loop.time()
        self._clock = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)
