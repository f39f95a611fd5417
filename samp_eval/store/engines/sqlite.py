"""A study in a file of its folder: SQLite, as it comes with Python."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from samp_eval.store.engines.run_lock import FileLock

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

    def engine(self) -> Engine:
        """Connections to it; the file is made with the first."""
        engine = create_engine(URL.create("sqlite", database=str(self.file)), connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _configure)
        return engine

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

    def run_lock(self, engine: Engine) -> FileLock:
        """What a run holds while it asks."""
        return FileLock(self.file.with_name(f"{self.file.name}.lock"))

    def remedy(self, cause: str) -> str:
        """What a user reads where SQLite fails."""
        if "locked" in cause:
            return f"another process holds the database ({cause}); wait until it has finished"
        if "readonly" in cause or "unable to open" in cause:
            return (
                f"the file cannot be written ({cause}); check the folder's permissions or choose another with --study"
            )
        if "full" in cause:
            return "the disk is full; make room and run the same command again, nothing stored is lost"
        if "not a database" in cause or "malformed" in cause:
            return (
                f"this is not a study database ({cause}); restore it from a copy or choose another folder with --study"
            )
        return cause


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
