"""One run at a time on a study's file: a lock that the system lets go of however its holder ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from samp_eval.errors import CannotStore

__all__ = ["only_run"]

SECONDS_BETWEEN_LOOKS = 0.1

if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return True
        return False

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextmanager
def only_run(file: Path, notify: Callable[[str], None] | None) -> Iterator[bool]:
    """Hold a study for one run; wait, after saying so, while another process holds it.

    Where there is nobody to say it to, do not wait; the context's value is whether the study is held here.

    Raises
    ------
    CannotStore
        Where the lock file cannot be made.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise CannotStore(f"{file} cannot be written ({error.strerror}); check the folder's permissions") from error
    try:
        taken = _taken(descriptor)
        if taken and notify is not None:
            notify("another run of this study is under way; waiting for it to end (Ctrl-C leaves)")
            while taken := _taken(descriptor):
                time.sleep(SECONDS_BETWEEN_LOOKS)
        yield not taken
    finally:
        os.close(descriptor)
