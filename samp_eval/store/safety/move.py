"""A whole study copied from ``study.db`` to PostgreSQL or back: all of it or nothing, and compared afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Row, Table, func, insert, select

from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.store import schema
from samp_eval.store.engines.location import StudyLocation, named_errors
from samp_eval.store.engines.postgresql import PostgreSQLStudy
from samp_eval.store.engines.sqlite import DATABASE_FILE, SQLiteStudy
from samp_eval.store.migrations import migrate
from samp_eval.store.study_store import StudyStore
from samp_eval.study import STUDY_FILE, load_study

__all__ = ["MovedTable", "copy_to_file", "move_study"]

ROWS_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table that stands in both places now.

    Attributes
    ----------
    name : str
    rows : int
    sha256 : str
        Of the content, row by row; the same in both places.
    """

    name: str
    rows: int
    sha256: str


def move_study(
    folder: Path, to: Literal["postgresql", "sqlite"], notify: Callable[[str], None]
) -> tuple[str, list[MovedTable]]:
    """Copy a study to the other database; the old one stays as it is, but for the name of its file.

    A copy that was interrupted leaves nothing behind that counts, and can be made again.

    Parameters
    ----------
    folder : Path
        Its ``study.toml`` names the schema.
    to : {"postgresql", "sqlite"}
    notify : callable
        Told where a run is under way and waited for.

    Returns
    -------
    str
        Where the study is now, and what of the old place.
    list of MovedTable

    Raises
    ------
    StudyConflict
        Where the study file names no schema, or the new place holds something already.
    CannotStore
        Where a database cannot be used, or the copy differs.
    """
    settings = load_study(folder).store
    if settings is None:
        raise StudyConflict(
            f'{folder / STUDY_FILE} names no place on PostgreSQL; add [store] and postgresql_schema = "my_study"'
        )
    server, file = PostgreSQLStudy.of(folder, settings), SQLiteStudy(folder / DATABASE_FILE)
    if to == "postgresql":
        with StudyStore(file, create=False) as store, store.run_lock(notify):
            moved = _to_postgresql(store, server)
        return f"the study is in {server.name} now; {_rename_old_file(file.file)}", moved
    with StudyStore(server, create=False) as store, store.run_lock(notify):
        moved = copy_to_file(store, file)
    return f"the study is in {file.name} now; remove [store] from {STUDY_FILE} to go on with it", moved


def _rename_old_file(file: Path) -> str:
    """Rename a file that is not the study any more, unless a process works on it; says what became of it."""
    if any(helper.exists() for helper in _helpers(file)):
        return f"another process has {file} open; end it, then rename the file"
    suffixes = chain([""], (f"-{number}" for number in count(2)))
    names = (file.with_name(f"study-before-move{suffix}.db") for suffix in suffixes)
    new = next(name for name in names if not name.exists())
    file.rename(new)
    return f"{new} holds it as it was, to be kept or deleted"


def _to_postgresql(store: StudyStore, server: PostgreSQLStudy) -> list[MovedTable]:
    engine = server.engine()
    try:
        with named_errors(server), engine.begin() as target:
            server.begin_migration(target)
            if server.holds_tables(target):
                raise StudyConflict(f"{server.name} holds a study already, and nothing is ever overwritten")
            return _copy(store, server, target)
    finally:
        engine.dispose()


def copy_to_file(store: StudyStore, file: SQLiteStudy) -> list[MovedTable]:
    """Copy a study's records, as of one moment, into a new file; it has another name until it is whole."""
    held = next((name for name in (file.file, *_helpers(file.file)) if name.exists()), None)
    if held is not None:
        raise StudyConflict(f"{held} is there already, and nothing is ever overwritten; rename it first")
    unfinished = SQLiteStudy(file.file.with_name(f"{file.file.name}-unfinished"))
    for leftover in (unfinished.file, *_helpers(unfinished.file)):
        leftover.unlink(missing_ok=True)
    engine = unfinished.engine()
    try:
        with named_errors(unfinished), engine.begin() as target:
            unfinished.begin_migration(target)
            moved = _copy(store, unfinished, target)
    finally:
        engine.dispose()
    unfinished.file.rename(file.file)
    return moved


def _helpers(file: Path) -> tuple[Path, Path]:
    """What SQLite keeps beside a file that is open, or whose process was killed."""
    return file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")


def _copy(store: StudyStore, place: StudyLocation, target: Connection) -> list[MovedTable]:
    """Make the tables, fill them from one state of the source, and compare."""
    migrate(target)
    tables = [table for table in schema.metadata.sorted_tables if table is not schema.schema_version]
    with store.snapshot() as source:
        moved = [_copy_table(source, place, target, table) for table in tables]
    for table, source_table in zip(tables, moved, strict=True):
        if _content(table.name, _parts(target, table)) != source_table:
            raise CannotStore(f"the copy of {table.name} in {place.name} differs from the original; it is not kept")
        if isinstance(place, PostgreSQLStudy):
            _continue_numbers(target, table)
    return moved


def _copy_table(source: Connection, place: StudyLocation, target: Connection, table: Table) -> MovedTable:
    def passed_on() -> Iterator[Sequence[Row[Any]]]:
        for part in _parts(source, table):
            with named_errors(place):
                target.execute(insert(table), [dict(row._mapping) for row in part])
            yield part

    return _content(table.name, passed_on())


def _parts(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """All rows, a thousand at a time, in the order of their keys."""
    query = select(table).order_by(*table.primary_key.columns)
    yield from connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(query).partitions()


def _content(name: str, parts: Iterable[Sequence[Row[Any]]]) -> MovedTable:
    rows, digest = 0, hashlib.sha256()
    for part in parts:
        rows += len(part)
        for row in part:
            digest.update(json.dumps(list(row)).encode() + b"\n")
    return MovedTable(name, rows, digest.hexdigest())


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after those that came with their numbers."""
    for column in table.primary_key.columns:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        if connection.execute(select(sequence)).scalar_one() is not None:
            connection.execute(select(func.setval(sequence, func.max(column))).where(column.is_not(None)))
