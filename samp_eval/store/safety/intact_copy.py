"""A damaged study without its damaged rows, to be read from a copy of its own."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import SQLAlchemyError

from samp_eval.store import schema
from samp_eval.store.engines.location import named_errors
from samp_eval.store.engines.sqlite import DATABASE_FILE, SQLiteStudy
from samp_eval.store.migrations import migrate
from samp_eval.store.safety.integrity import Damage, check_study
from samp_eval.store.safety.row_digests import DIGEST, damaged, is_intact
from samp_eval.store.study_store import StudyStore

__all__ = ["intact_records"]

_ROWS_AT_A_TIME = 1000


@contextmanager
def intact_records(store: StudyStore) -> Iterator[tuple[StudyStore, tuple[Damage, ...]]]:
    """A study's intact records, and what is damaged: the study itself where nothing is, else a copy without that.

    Raises
    ------
    CannotStore
        Where the questions, their keys or the rules of reading are damaged, without which nothing else has a meaning.
    """
    damage = check_study(store, quick=True).damage
    if not damage:
        yield store, ()
        return
    basis = next((fault for fault in damage if fault.what in (schema.banks.name, schema.reading_rules.name)), None)
    if basis is not None:
        raise damaged(f"no result can be shown without {basis}")
    with tempfile.TemporaryDirectory(prefix="samp-eval-") as folder:
        place = SQLiteStudy(Path(folder) / DATABASE_FILE)
        _copy_intact_rows(store, place)
        with StudyStore(place, create=False) as copy:
            yield copy, damage


def _copy_intact_rows(store: StudyStore, place: SQLiteStudy) -> None:
    engine = place.engine()
    try:
        with named_errors(place), engine.begin() as target, store.snapshot(damaged_text=True) as source:
            place.begin_migration(target)
            migrate(target)
            for table in schema.metadata.sorted_tables:
                if table is not schema.schema_version:
                    for rows in _intact_rows(source, table):
                        target.execute(insert(table), rows)
    finally:
        engine.dispose()


def _intact_rows(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """A thousand rows at a time; what is behind a place where the table cannot be read is lost."""
    with suppress(SQLAlchemyError):
        found = source.execution_options(yield_per=_ROWS_AT_A_TIME).execute(select(table))
        for part in found.mappings().partitions():
            rows = [dict(row) for row in part]
            intact = [row for row in rows if _holds(table, row)]
            if intact:
                yield intact


def _holds(table: Table, row: dict[str, Any]) -> bool:
    if DIGEST in table.columns:
        return is_intact(table, row)
    if table is schema.requests:
        return hashlib.sha256(str(row["body"]).encode(errors="replace")).hexdigest() == str(row["sha256"])
    return True
