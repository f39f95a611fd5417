"""One run at a time on a study: a lock that the system releases however its holder ends."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from samp_eval.errors import CannotStore

__all__ = ["NO_LOCKS", "FileLock", "RunLock", "wait_for_lock"]

RETRY_SECONDS = 0.1
NO_LOCKS = (
    "its file system, perhaps a network drive, has no locks, which keep two runs from asking the same; move the study "
    "to a local disk, or to PostgreSQL as docs/how-to/postgresql.md shows"
)

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EDEADLK):
                raise
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class RunLock(Protocol):
    """What a run holds while it asks."""

    connection: Connection | None
    """The only connection that may write while it is held; None where any may."""

    def try_acquire(self) -> bool:
        """Acquire it unless another process holds it; returns whether it is held here now."""

    def release(self) -> None:
        """Release it."""


class FileLock:
    """A locked file.

    Raises
    ------
    CannotStore
        Where the file cannot be made, or its file system has no locks.
    """

    connection: Connection | None = None

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise CannotStore(f"{file} cannot be written ({error.strerror}); check the folder's permissions") from error

    def try_acquire(self) -> bool:
        """Acquire it unless another process holds it; returns whether it is held here now."""
        try:
            return _try_lock(self._descriptor)
        except OSError as error:
            raise CannotStore(f"{self._file} cannot be locked ({error.strerror}): {NO_LOCKS}") from error

    def release(self) -> None:
        """Release it."""
        os.close(self._descriptor)


def wait_for_lock(lock: RunLock, notify: Callable[[str], None] | None) -> bool:
    """Wait, after saying so, while another process holds the study; returns whether it is held here.

    Where nobody can be notified, do not wait.
    """
    acquired = lock.try_acquire()
    if not acquired and notify is not None:
        notify("a run of this study is under way in another process; waiting for it to end (Ctrl-C leaves)")
        while not (acquired := lock.try_acquire()):
            time.sleep(RETRY_SECONDS)
    return acquired
