"""A second process for a command."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["second_process"]


@contextmanager
def second_process() -> Iterator[Executor]:
    """An executor with one other process, which ends with this process in every case.

    If no other process can be created without running the calling program again, the executor runs its tasks in this
    process.
    """
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # the matrices are small, and threads would only wait for each other
    from multiprocessing import active_children

    others = set(active_children())
    with _started() or _InThisProcess() as executor:
        try:
            yield executor
        except BaseException:
            for child in set(active_children()) - others:  # its result is no longer needed
                child.terminate()
            raise


class _InThisProcess(Executor):
    """Runs each task at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # the caller gets it with the result
            done.set_exception(error)
        return done


def _started() -> Executor | None:
    """An executor with a running process; None if none can be created."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    method = _start_method()
    if method is None:
        return None
    try:
        executor = ProcessPoolExecutor(1, get_context(method), initializer=_prepare)
    except (OSError, ImportError, NotImplementedError):  # what Python raises on a system without semaphores
        return None
    with _no_interruption():
        executor.submit(os.getpid)
    return executor


def _start_method() -> str | None:
    """Fork while this process has one thread; spawn, which runs the main program again, only if that is samp-eval."""
    if sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1 and "numpy" not in sys.modules:
        return "fork"
    return "spawn" if Path(sys.argv[0]).name.startswith("samp-eval") else None


@contextmanager
def _no_interruption() -> Iterator[None]:
    """Block Ctrl-C for a moment, because one that arrives during a fork is lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare() -> None:
    """Initialise the second process: it ends on SIGTERM, and when its parent ends."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the parent ends this one

    def end() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=end, daemon=True).start()
