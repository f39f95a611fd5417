"""The study's database: how it is opened, read and written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection

from samp_eval.errors import CannotStore
from samp_eval.store import schema
from samp_eval.store.location import StudyPlace, named_errors, study_place
from samp_eval.store.run_lock import wait_for_lock

__all__ = ["Database", "now_written", "written"]


class Database:
    """A study's database. Use as a context manager; every method commits before it returns.

    Parameters
    ----------
    place : SQLiteStudy or PostgreSQLStudy
    create : bool
        Whether to make a study where there is none.
    """

    def __init__(self, place: StudyPlace, *, create: bool) -> None:
        self._place = place
        self._engine = place.engine()
        self._held: Connection | None = None
        self._one_writer = threading.Lock()
        try:
            with named_errors(place):
                exists = place.exists(self._engine)
            if not exists and not create:
                raise CannotStore(f"{place.missing}; run samp-eval run or samp-eval responses import first")
            with self._writing() as connection:
                place.begin_migration(connection)
                schema.migrate(connection)
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
        return cls(study_place(folder), create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _run_lock(self, notify: Callable[[str], None] | None) -> Iterator[bool]:
        """Hold the study for one run; wait while another process does, unless there is nobody to say it to.

        The context's value is whether the study is held here.
        """
        lock = self._place.run_lock(self._engine)
        try:
            with named_errors(self._place):
                alone = wait_for_lock(lock, notify)
            self._held = lock.connection if alone else None
            yield alone
        finally:
            self._held = None
            lock.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with named_errors(self._place):
            if self._held is None:
                with self._engine.begin() as connection:
                    yield connection
                return
            with self._one_writer:
                if self._held.invalidated:
                    raise CannotStore(f"{self._place.name}: {self._place.remedy('the connection is lost')}")
                with self._held.begin():
                    yield self._held

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with named_errors(self._place), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Everything in one state, whatever others write meanwhile."""
        with self._reading() as connection:
            self._place.begin_snapshot(connection)
            yield connection


def now_written() -> str:
    """The present moment as the tables hold it."""
    return written(datetime.now(UTC)) or ""


def written(moment: datetime | None) -> str | None:
    """A moment as the tables hold it: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment is not None else None
