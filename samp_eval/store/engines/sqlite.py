"""A study in a file of its folder: SQLite, as it comes with Python."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from samp_eval.store.engines.run_lock import NO_LOCKS, FileLock

__all__ = ["DATABASE_FILE", "SQLiteStudy"]

DATABASE_FILE = "study.db"
BUSY_SECONDS = 10.0
"""So long a connection waits for another's commit, which takes milliseconds; longer means that something is stuck."""


@dataclass(frozen=True, slots=True)
class SQLiteStudy:
    """A study's SQLite database.

    Attributes
    ----------
    file : Path
    """

    file: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.file)

    @property
    def missing(self) -> str:
        """What a user reads where there is no study."""
        return f"{self.file.parent} holds no study yet ({self.file.name} is not there)"

    @property
    def journal_stem(self) -> Path:
        """What the files of the journal are named for."""
        return self.file

    @property
    def read_only(self) -> bool:
        """Whether there is a study that cannot be written to: its folder or file is protected, or the disk is."""
        return self.file.exists() and not (os.access(self.file, os.W_OK) and os.access(self.file.parent, os.W_OK))

    def engine(self) -> Engine:
        """Connections to it; the file is made with the first.

        A study that cannot be written to is read from a copy, since SQLite needs files of its own beside a database
        with a write-ahead log, and since an older study must be migrated.
        """
        if not self.read_only:
            return _engine(self.file)
        folder = Path(tempfile.mkdtemp(prefix="samp-eval-"))
        for helper in ("", "-wal"):
            if (source := self.file.with_name(self.file.name + helper)).exists():
                shutil.copyfile(source, folder / source.name)
        engine = _engine(folder / self.file.name)
        weakref.finalize(engine, shutil.rmtree, folder, ignore_errors=True)
        return engine

    def refuse_writing(self, engine: Engine) -> None:
        """Have every later connection refuse to write where the study is read from a copy."""
        if self.read_only:
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
            engine.dispose()

    def integrity_faults(self, connection: Connection) -> Iterator[str]:
        """What SQLite itself finds wrong with the file."""
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != "ok":
                yield said

    def exists(self, engine: Engine) -> bool:
        """Whether there is a study."""
        return self.file.exists()

    def begin_migration(self, connection: Connection) -> None:
        """Keep other processes from making or changing tables until this transaction ends."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_writing_alone(self, connection: Connection) -> None:
        """Keep every other writer waiting until this transaction ends."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_snapshot(self, connection: Connection) -> None:
        """Have all that is read until this transaction ends be of one moment."""
        connection.exec_driver_sql("BEGIN")

    @contextmanager
    def reading_damaged_text(self, connection: Connection) -> Iterator[None]:
        """Have text that is no UTF-8 any more be read all the same, with half surrogates for its bytes."""
        driver: Any = connection.connection.driver_connection
        driver.text_factory = lambda content: content.decode(errors="surrogateescape")
        try:
            yield
        finally:
            driver.text_factory = str

    def run_lock(self, engine: Engine) -> FileLock:
        """What a run holds while it asks."""
        return FileLock(self.file.with_name(f"{self.file.name}.lock"))

    def remedy(self, cause: str) -> str:
        """What a user reads where SQLite fails."""
        if "locked" in cause:
            return f"another process holds the database ({cause}); wait until it has finished"
        if "locking protocol" in cause:
            return f"the file cannot be locked ({cause}): {NO_LOCKS}"
        if "readonly" in cause or "unable to open" in cause:
            return (
                f"the file cannot be written ({cause}); check the folder's permissions or choose another with --study"
            )
        if "decode to UTF-8" in cause:
            return f"the database is damaged ({cause}); samp-eval check lists all damage, and a backup is whole"
        if "full" in cause:
            return "the disk is full; make room and run the same command again, nothing stored is lost"
        if "not a database" in cause or "malformed" in cause:
            return (
                f"this is not a study database ({cause}); restore it from a copy or choose another folder with --study"
            )
        return cause


_CACHE_KB = 32_000
"""SQLite's own 2,000 are less than the indices of a large study's rows, which it then reads from the file again and
again while rows are added."""


def _engine(file: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: Any, _: object) -> None:
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
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
