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
    """Something that works on what it is given beside this process, and ends with it whatever happens.

    It is another process where one can be made without starting the calling program anew; else this very process, which
    then does everything in turn.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small; threads only wait for each other
    from multiprocessing import active_children

    others = set(active_children())
    with _begun() or _InThisProcess() as beside:
        try:
            yield beside
        except BaseException:
            for child in set(active_children()) - others:  # nobody needs any more what it reads or fits
                child.terminate()
            raise


class _InThisProcess(Executor):
    """Works at once on whatever it is given."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # whoever asks for the result meets it
            done.set_exception(error)
        return done


def _begun() -> Executor | None:
    """A running process; None where none can be made."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    method = _start_method()
    if method is None:
        return None
    try:
        beside = ProcessPoolExecutor(1, get_context(method), initializer=_prepare)
    except (OSError, ImportError, NotImplementedError):  # what Python raises on a system without semaphores
        return None
    with _no_interruption():
        beside.submit(os.getpid)
    return beside


def _start_method() -> str | None:
    """Fork while nothing with threads is loaded; spawn, which runs the main program again, only where that is ours."""
    if sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1 and "numpy" not in sys.modules:
        return "fork"
    return "spawn" if Path(sys.argv[0]).name.startswith("samp-eval") else None


@contextmanager
def _no_interruption() -> Iterator[None]:
    """Hold Ctrl-C for a moment: one that comes within a fork is lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare() -> None:
    """Run by the second process first: it ends when it is told to, and when its parent does."""
    from multiprocessing import parent_process

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the parent ends this one

    def end() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=end, daemon=True).start()
