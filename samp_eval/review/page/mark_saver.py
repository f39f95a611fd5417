"""Marks of all reviewers on their way to the store: those that arrive during a commit share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from samp_eval.review.marks import SentMark, StandingMark
from samp_eval.review.review_store import ReviewStore

__all__ = ["MarkSaver"]


class MarkSaver:
    """Saves marks in the order of their arrival; a commit costs the same for one mark as for fifty.

    Parameters
    ----------
    store : ReviewStore
    """

    def __init__(self, store: ReviewStore) -> None:
        self._store = store
        self._waiting: list[tuple[Sequence[SentMark], asyncio.Future[list[StandingMark]]]] = []
        self._saving: asyncio.Task[None] | None = None

    async def save(self, marks: Sequence[SentMark]) -> list[StandingMark]:
        """Return once the marks are on disk, with what holds in the place of each."""
        saved: asyncio.Future[list[StandingMark]] = asyncio.get_running_loop().create_future()
        self._waiting.append((marks, saved))
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_all())
        return await saved

    async def _save_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                held = await run_in_threadpool(
                    self._store.keep_sent_marks, [mark for marks, _ in group for mark in marks]
                )
            except Exception as error:  # raised again by every request that waits for it
                for _, saved in group:
                    saved.set_exception(error)
                continue
            found = iter(held)
            for marks, saved in group:
                saved.set_result([next(found) for _ in marks])
