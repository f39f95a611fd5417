"""The study's database: how it is opened, and what a user reads where it cannot be."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from samp_eval.errors import CannotStore
from samp_eval.store import schema

__all__ = ["DATABASE_FILE", "Database", "now_written", "written"]

DATABASE_FILE = "study.db"
BUSY_SECONDS = 10.0


class Database:
    """A study's database. Use as a context manager; every method commits before it returns.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    name : str
        What messages call it.
    """

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        self._engine: Engine = create_engine(
            url, connect_args={"timeout": BUSY_SECONDS} if url.startswith("sqlite") else {}
        )
        if url.startswith("sqlite"):
            event.listen(self._engine, "connect", _safe_sqlite)
        try:
            with self._writing() as connection:
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                schema.migrate(connection)
        except CannotStore:
            self.close()
            raise

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Open a study folder's database, making folder and file where ``create`` allows it.

        Raises
        ------
        CannotStore
            Where the folder cannot be written, holds no study, or another process keeps the database.
        """
        file = folder / DATABASE_FILE
        if not create and not file.exists():
            raise CannotStore(f"{folder} holds no study yet ({DATABASE_FILE} is not there); run samp-eval run first")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStore(f"the study folder {folder} cannot be made: {error.strerror}") from error
        return cls(f"sqlite:///{file}", str(file))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @property
    def lock_file(self) -> Path:
        """What a run holds while it asks."""
        return Path(f"{self._name}.lock")

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._named_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._named_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error)
            raise CannotStore(f"{self._name}: {_remedy(cause)}") from error


def _remedy(cause: str) -> str:
    if "locked" in cause:
        return f"another process holds the database ({cause}); wait until it has finished"
    if "readonly" in cause or "unable to open" in cause:
        return f"the file cannot be written ({cause}); check the folder's permissions or choose another with --study"
    if "full" in cause:
        return "the disk is full; make room and run the same command again, nothing stored is lost"
    if "not a database" in cause or "malformed" in cause:
        return f"this is not a study database ({cause}); restore it from a copy or choose another folder with --study"
    return cause


def _safe_sqlite(connection: Any, _: object) -> None:
    """Write-ahead log, synced at every commit: a stored response survives a kill and a power cut."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            # two processes that switch a new file at the same moment: SQLite refuses one at once, without waiting
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=FULL")


def now_written() -> str:
    """The present moment as the tables hold it."""
    return written(datetime.now(UTC)) or ""


def written(moment: datetime | None) -> str | None:
    """A moment as the tables hold it: UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment is not None else None
