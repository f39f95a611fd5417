"""A study in a schema of a PostgreSQL database, for several machines or several people at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.sql.functions import func

from samp_eval.errors import CannotStore, NotInstalled
from samp_eval.store.engines.sqlite import DATABASE_FILE
from samp_eval.study import STUDY_FILE, StoreSettings

__all__ = ["PostgreSQLStudy"]

CONNECTION = {
    "application_name": "samp-eval",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "40000",
}
"""A server that is gone is noticed within a minute; the URL may say otherwise."""

RELEASE_DEAD_CLIENTS = "SET tcp_keepalives_idle TO 60; SET tcp_keepalives_interval TO 10; SET tcp_keepalives_count TO 6"
"""The server releases the lock of a machine that is gone within two minutes."""

MAX_CAUSE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, repr=False)
class PostgreSQLStudy:
    """A study's schema in a PostgreSQL database.

    Attributes
    ----------
    folder : Path
        The study's folder, for what has no place in a database.
    settings : StoreSettings
        Schema, and the variable that holds the URL.
    url : URL
        Never shown: it may hold a password.
    """

    folder: Path
    settings: StoreSettings
    url: URL

    @classmethod
    def of(cls, folder: Path, settings: StoreSettings) -> PostgreSQLStudy:
        """Read the URL from the environment.

        Raises
        ------
        CannotStore
            Where there is none, or it is none of PostgreSQL; the message does not show it.
        """
        return cls(folder, settings, _url(settings.url_env))

    @property
    def name(self) -> str:
        """What messages call it."""
        host = self.url.host or self.url.query.get("host") or "this machine"
        return f"schema {self.settings.postgresql_schema} of database {self.url.database} on {host}"

    @property
    def missing(self) -> str:
        """What a user reads where there is no study."""
        return f"{self.name} holds no study yet"

    @property
    def journal_stem(self) -> Path:
        """What the files of the journal are named for."""
        return self.folder / f"{self.settings.postgresql_schema}.postgresql"

    @property
    def read_only(self) -> bool:
        """Never known beforehand: a server says by itself what a user may not do."""
        return False

    def engine(self) -> Engine:
        """Connections to the study's schema alone.

        Raises
        ------
        NotInstalled
            Where the driver is missing.
        """
        arguments = {name: value for name, value in CONNECTION.items() if name not in self.url.query}
        try:
            engine = create_engine(self.url, connect_args=arguments, pool_pre_ping=True)
        except ImportError as error:
            raise NotInstalled("A study on PostgreSQL", "postgres") from error

        def use_schema(connection: Any, _: object) -> None:
            connection.autocommit = True  # a SET in a transaction would go with its rollback
            connection.execute(f'SET search_path TO "{self.settings.postgresql_schema}"')
            connection.execute(RELEASE_DEAD_CLIENTS)
            connection.autocommit = False

        event.listen(engine, "connect", use_schema)
        return engine

    def holds_tables(self, connection: Connection) -> bool:
        """Whether the schema holds a study's tables."""
        return inspect(connection).has_table("schema_version", schema=self.settings.postgresql_schema)

    def exists(self, engine: Engine) -> bool:
        """Whether there is a study; where the folder has a ``study.db`` too, nobody can know which one is meant.

        Raises
        ------
        CannotStore
            Where there is a ``study.db``, with the remedy.
        """
        with engine.connect() as connection:
            found = self.holds_tables(connection)
        file = self.folder / DATABASE_FILE
        if file.exists() and found:
            raise CannotStore(
                f"both {file} and {self.name} hold this study; rename {DATABASE_FILE} to go on with PostgreSQL, "
                f"or remove [store] from {STUDY_FILE} to go on with {DATABASE_FILE}"
            )
        if file.exists():
            raise CannotStore(
                f"{file} holds this study, and {self.name} does not yet; samp-eval move --to postgresql copies it there"
            )
        return found

    def begin_migration(self, connection: Connection) -> None:
        """Keep other processes from making or changing tables until this transaction ends; make the schema."""
        connection.execute(select(func.pg_advisory_xact_lock(self._key("migration"))))
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise CannotStore(f"{self.name}: the database's encoding is {encoding}; make one with UTF8 for studies")
        if self.settings.postgresql_schema not in inspect(connection).get_schema_names():
            connection.execute(text(f'CREATE SCHEMA "{self.settings.postgresql_schema}"'))

    def begin_writing_alone(self, connection: Connection) -> None:
        """Keep others who write alone waiting until this transaction ends; a run goes on."""
        connection.execute(select(func.pg_advisory_xact_lock(self._key("review"))))

    def refuse_writing(self, engine: Engine) -> None:
        """A server says by itself what a user may not do."""

    def integrity_faults(self, connection: Connection) -> Iterator[str]:
        """Nothing: a server checks its pages by itself."""
        yield from ()

    def begin_snapshot(self, connection: Connection) -> None:
        """Have all that is read until this transaction ends be of one moment."""
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    @contextmanager
    def reading_damaged_text(self, connection: Connection) -> Iterator[None]:
        """Nothing: a server gives no text that is no UTF-8."""
        yield

    def run_lock(self, engine: Engine) -> AdvisoryLock:
        """What a run holds while it asks, on every machine."""
        return AdvisoryLock(engine, self._key("run"))

    def remedy(self, cause: str) -> str:
        """What a user reads where PostgreSQL fails, on one line and without the password."""
        said = " ".join(cause.split())
        for secret in (self.url.password, self.url.query.get("password"), self.url.query.get("sslpassword")):
            if secret:
                said = said.replace(str(secret), "***")
        said = said if len(said) <= MAX_CAUSE_CHARACTERS else f"{said[:MAX_CAUSE_CHARACTERS]} ..."
        lost = ("server closed the connection", "terminating connection", "connection is lost", "connection is closed")
        if any(phrase in said for phrase in lost):
            return (
                f"the connection was lost ({said}); run the same command again: nothing stored is lost, and answers "
                "that had arrived are noted in the study's folder and taken in then"
            )
        if "permission denied" in said:
            return f"the database's user may not do this ({said}); ask for the rights on the schema"
        unreachable = ("connection failed", "connection to", "connection timeout", "connection option")
        if any(phrase in said for phrase in unreachable):
            return f"PostgreSQL cannot be reached ({said}); check the server, and the URL in {self.settings.url_env}"
        return said

    def _key(self, what: str) -> int:
        """Of an advisory lock: 64 bits, the same on every machine."""
        digest = hashlib.sha256(f"samp-eval {what} {self.settings.postgresql_schema}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


class AdvisoryLock:
    """A lock of the server, released when its connection ends.

    The run writes on that very connection: a run that has lost the lock can store nothing, while another run asks.
    """

    def __init__(self, engine: Engine, key: int) -> None:
        self._engine = engine
        self._key = key
        self.connection: Connection | None = None

    def try_acquire(self) -> bool:
        """Acquire it unless another process holds it; returns whether it is held here now."""
        if self.connection is None:
            self.connection = self._engine.connect()
            self.connection.detach()  # no other user of the pool may inherit the lock
        with self.connection.begin():
            return bool(self.connection.execute(select(func.pg_try_advisory_lock(self._key))).scalar_one())

    def release(self) -> None:
        """Release it."""
        if self.connection is not None:
            with suppress(SQLAlchemyError):  # a connection that is lost has released it already
                self.connection.close()


def _url(variable: str) -> URL:
    value = os.environ.get(variable, "").strip()
    form = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    if not value:
        raise CannotStore(
            f"this study is on PostgreSQL by its study.toml; set the variable {variable} to the database's URL ({form})"
        )
    if value.split("?")[0].count("@") > 1:
        raise CannotStore(f"the URL in {variable} has more than one @; one in a user or a password is written %40")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise CannotStore(f"what {variable} holds is not a URL of the form {form}") from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg") or not url.database:
        raise CannotStore(f"the URL in {variable} does not name a PostgreSQL database; its form is {form}")
    return url.set(drivername="postgresql+psycopg")
