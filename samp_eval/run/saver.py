"""One writer for all that arrives: outcomes are noted at once and committed in groups, off the loop that asks."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

from samp_eval.run.respondent import Response, ResponseFailure

__all__ = ["OutcomeStore", "Saver"]

Outcome = Response | ResponseFailure

SWITCH_INTERVAL = 0.0005
"""A commit takes up the interpreter some six times; at Python's own 5 ms each, answers would wait 30 ms."""


class OutcomeStore(Protocol):
    """Where outcomes go."""

    def journal_outcome(self, outcome: Outcome) -> None:
        """Have an outcome survive a kill of this process, at once."""

    def rotate_journal(self) -> None:
        """What is noted so far is about to be stored; what was noted before the last rotation is stored."""

    def drop_journal(self) -> None:
        """All that was noted is stored."""

    def keep_outcomes(self, outcomes: Sequence[Outcome]) -> list[bool]:
        """Store all of them and return when they are on disk; False for a response that was there already."""


class Saver:
    """Stores what it is given, as many outcomes in one commit as arrived during the commit before.

    Use as an async context manager: leaving it stores the rest, however it is left.
    """

    def __init__(self, store: OutcomeStore) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._switch_interval = sys.getswitchinterval()
        self._pending: list[tuple[Outcome, asyncio.Future[bool]]] = []
        self._commit: asyncio.Task[None] | None = None
        self._failed = False

    async def __aenter__(self) -> Self:
        sys.setswitchinterval(SWITCH_INTERVAL)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._commit is not None:
            await asyncio.wait([self._commit])
        self._thread.shutdown()
        if not self._failed:
            self._store.drop_journal()
        sys.setswitchinterval(self._switch_interval)

    def save(self, outcome: Outcome) -> asyncio.Future[bool]:
        """Have an outcome stored; the future is done when it is on disk, and holds whether it was new.

        The future raises :class:`~samp_eval.errors.CannotStore` where the store does, and so does this call.
        """
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._store.journal_outcome(outcome)
        self._pending.append((outcome, stored))
        if self._commit is None:
            self._commit = asyncio.create_task(self._store_pending())
        return stored

    async def _store_pending(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            group, self._pending = self._pending, []
            if not self._failed:
                self._store.rotate_journal()
            outcomes = [outcome for outcome, _ in group]
            try:
                kept = await loop.run_in_executor(self._thread, self._store.keep_outcomes, outcomes)
            except Exception as error:  # handed on to whoever waits: nobody may wait for ever
                self._failed = True
                for _, stored in group:
                    if not stored.cancelled():
                        stored.set_exception(error)
                continue
            for (_, stored), new in zip(group, kept, strict=True):
                if not stored.cancelled():
                    stored.set_result(new)
        self._commit = None
