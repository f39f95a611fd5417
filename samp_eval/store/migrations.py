"""How an older database becomes today's: in one transaction, so that a kill leaves it as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, func, insert, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from samp_eval.errors import CannotStore
from samp_eval.store import schema
from samp_eval.store.row_digests import BODY_DIGEST, DIGEST, refresh_digests

__all__ = ["MIGRATIONS", "migrate"]


def _add_batches(connection: Connection) -> None:
    schema.metadata.create_all(connection, tables=[schema.batches, schema.batch_asks])


def _add_roles(connection: Connection) -> None:
    """Roles were prefixes of names, and the answer id of a repeat was ``r`` with a hash of the answer's own id."""
    marks, rows = schema.marks, schema.sheet_rows
    for table in (marks, rows):
        _add_columns(connection, table.c.role, table.c.repeat)
        for role in ("automatic", "adjudicator"):
            prefix = f"{role}:"
            connection.execute(
                update(table)
                .where(func.substr(table.c.reviewer, 1, len(prefix)) == prefix)
                .values(role=role, reviewer=func.substr(table.c.reviewer, len(prefix) + 1))
            )
        connection.execute(update(table).where(func.substr(table.c.answer_id, 1, 1) == "r").values(repeat=1))
    repeated = {
        answer_id
        for table in (marks, rows)
        for (answer_id,) in connection.execute(select(table.c.answer_id).where(table.c.repeat == 1).distinct())
    }
    shown = select(rows.c.answer_id, rows.c.unit).where(rows.c.unit.in_(("answer", "line"))).distinct()
    for answer_id, unit in connection.execute(shown).all():
        repeat_id = "r" + hashlib.sha256(f"repeat\n{answer_id}".encode()).hexdigest()[:15]
        if repeat_id in repeated:
            connection.execute(update(marks).where(marks.c.answer_id == repeat_id).values(answer_id=answer_id))
            of_repeat = update(rows).where(rows.c.answer_id == repeat_id)
            connection.execute(of_repeat.values(answer_id=answer_id, unit=unit))


def _add_mark_ids(connection: Connection) -> None:
    _add_columns(connection, schema.marks.c.mark_id, schema.marks.c.stands_against)
    schema.marks_by_id.create(connection)


def _one_row_an_answer(connection: Connection) -> None:
    """Rows that went out twice stay known, so that a sheet or an open page with either can still come back."""
    table = schema.sheet_rows
    place = table.c.reviewer, table.c.role, table.c.answer_id, table.c.unit, table.c.repeat
    first = select(func.min(table.c.row_id)).group_by(*place)
    connection.execute(update(table).where(table.c.row_id.not_in(first)).values(unit="duplicate"))
    schema.one_row_an_answer.create(connection)


def _add_digests(connection: Connection) -> None:
    """What was stored before is taken as it is: its digests notice what is damaged from now on."""
    for table in schema.metadata.sorted_tables:
        columns = [table.c[name] for name in (BODY_DIGEST, DIGEST) if name in table.columns]
        if columns:
            _add_columns(connection, *columns)
            refresh_digests(connection, table)


def _add_columns(connection: Connection, *columns: Column[Any]) -> None:
    for column in columns:
        definition = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}"))


def _keep_first_reading_rules(connection: Connection) -> None:
    """A study with responses goes on reading them as it did."""
    schema.metadata.create_all(connection, tables=[schema.reading_rules])
    if connection.execute(select(schema.responses.c.round).limit(1)).first() is not None:
        connection.execute(insert(schema.reading_rules).values(version=1))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _add_batches,
    _add_roles,
    _add_mark_ids,
    _one_row_an_answer,
    _add_digests,
    _keep_first_reading_rules,
)
"""One step for each version after the first: ``MIGRATIONS[0]`` turns version 1 into version 2."""


def migrate(connection: Connection) -> None:
    """Create the tables in a new database; bring an older one up to date; refuse one from a newer samp-eval."""
    versions = schema.schema_version
    current = len(MIGRATIONS) + 1
    if not inspect(connection).has_table(versions.name):
        schema.metadata.create_all(connection)
        connection.execute(insert(versions).values(version=current))
        return
    version = connection.execute(select(func.max(versions.c.version))).scalar_one()
    if version > current:
        raise CannotStore(
            f"the study's database is of version {version}, and this samp-eval knows versions up to {current}; "
            "upgrade samp-eval"
        )
    for number, step in enumerate(MIGRATIONS[version - 1 :], start=version + 1):
        step(connection)
        connection.execute(insert(versions).values(version=number))
