"""A process that works beside a command."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

__all__ = ["second_process"]


@contextmanager
def second_process() -> Iterator[Executor]:
    """A process beside this one, which ends with it whatever happens."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small; threads only wait for each other
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    with ProcessPoolExecutor(1, get_context(_start_method()), initializer=_end_with_parent) as beside:
        try:
            yield beside
        except BaseException:
            for child in active_children():  # nobody needs any more what it reads or fits
                child.terminate()
            raise


def _start_method() -> str:
    """Fork where it is safe, before anything with threads is loaded; else spawn, which imports the commands again."""
    alone = threading.active_count() == 1 and "numpy" not in sys.modules
    return "fork" if alone and sys.platform == "linux" else "spawn"


def _end_with_parent() -> None:
    """Run by the second process first: a killed parent can no longer tell it to end."""
    from multiprocessing import parent_process

    def end() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=end, daemon=True).start()
