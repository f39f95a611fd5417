"""An event loop whose clock does not run: where nothing is left to do, it moves on to what is waited for next."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run_in_virtual_time"]

Result = TypeVar("Result")


class _Selector(selectors.SelectSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits, and nothing will wake them"
        self.now += max(timeout, 0.0)
        return super().select(0)


class _VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Here and now: a thread would take real time."""
        done: asyncio.Future[Any] = self.create_future()
        done.set_result(func(*args))
        return done


def run_in_virtual_time(work: Coroutine[Any, Any, Result]) -> tuple[Result, float]:
    """What the coroutine returns, and the seconds that it would have taken."""

    async def timed() -> tuple[Result, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        return await work, loop.time() - began

    with asyncio.Runner(loop_factory=_VirtualTimeLoop) as runner:
        return runner.run(timed())
