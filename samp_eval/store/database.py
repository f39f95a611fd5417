"""The study's database: how it is opened, read and written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Self

from sqlalchemy import Connection

from samp_eval.errors import CannotStore
from samp_eval.store.engines.location import StudyLocation, named_errors, study_location
from samp_eval.store.engines.run_lock import wait_for_lock
from samp_eval.store.migrations import migrate

__all__ = ["Database", "now_written", "written"]


@dataclass(slots=True)
class _HeldLock:
    """The connection that holds the study for a run, if it is one on which everything is written."""

    connection: Connection | None = None


class Database:
    """A study's database. Use as a context manager; every method commits before it returns.

    Parameters
    ----------
    location : SQLiteStudy or PostgreSQLStudy
    create : bool
        Whether to make a study where there is none.
    """

    def __init__(self, location: StudyLocation, *, create: bool) -> None:
        self._location = location
        self._engine = location.engine()
        self._held = _HeldLock()
        self._write_mutex = threading.Lock()
        self._exclusive_write_mutex = threading.Lock()
        try:
            with named_errors(location):
                exists = location.exists(self._engine)
            if not exists and not create:
                raise CannotStore(f"{location.missing}; run samp-eval run or samp-eval responses import first")
            with self._writing() as connection:
                location.begin_migration(connection)
                migrate(connection)
            location.refuse_writing(self._engine)
        except BaseException:
            self._engine.dispose()
            raise

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Open a study folder's database, making folder and database where ``create`` allows it.

        Raises
        ------
        CannotStore
            Where the folder cannot be written, holds no study, or the database cannot be opened.
        """
        if create:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CannotStore(f"the study folder {folder} cannot be made: {error.strerror}") from error
        return cls(study_location(folder), create=create)

    @property
    def location(self) -> StudyLocation:
        """Where the study's records are."""
        return self._location

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    @contextmanager
    def _hold_run_lock(self, notify: Callable[[str], None] | None) -> Iterator[bool]:
        """Hold the study for one run; wait while another process does, unless nobody can be notified.

        The context's value is whether the study is held here.
        """
        lock = self._location.run_lock(self._engine)
        try:
            with named_errors(self._location):
                acquired = wait_for_lock(lock, notify)
            self._held.connection = lock.connection if acquired else None
            yield acquired
        finally:
            self._held.connection = None
            lock.release()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with named_errors(self._location):
            if self._held.connection is None:
                with self._engine.begin() as connection:
                    yield connection
                return
            with self._write_mutex:
                if self._held.connection.invalidated:
                    raise CannotStore(f"{self._location.name}: {self._location.remedy('the connection is lost')}")
                with self._held.connection.begin():
                    yield self._held.connection

    @contextmanager
    def _writing_alone(self) -> Iterator[Connection]:
        """A transaction whose reads still hold when it writes: no other one like it is open meanwhile.

        Threads wait for a lock of their own, because SQLite lets a waiting writer sleep for up to 100 ms at a time.
        """
        with self._exclusive_write_mutex, self._writing() as connection:
            self._location.begin_writing_alone(connection)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with named_errors(self._location), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self, *, damaged_text: bool = False) -> Iterator[Connection]:
        """Everything in one state, whatever others write meanwhile; with ``damaged_text`` also what is no UTF-8."""
        with self._reading() as connection:
            self._location.begin_snapshot(connection)
            with self._location.reading_damaged_text(connection) if damaged_text else nullcontext():
                yield connection


def now_written() -> str:
    """The present moment as the tables hold it."""
    return written(datetime.now(UTC)) or ""


@lru_cache(maxsize=1024)
def written(moment: datetime | None) -> str | None:
    """A moment as the tables hold it: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment is not None else None
