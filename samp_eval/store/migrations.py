"""How an older database becomes today's: in one transaction, so that a kill leaves it as it was.

Tables, columns and indexes are brought to what :mod:`samp_eval.store.schema` says before the steps run, so a step only
says what becomes of what is stored already.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from sqlalchemy import Connection, Table, func, insert, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from samp_eval.errors import CannotStore
from samp_eval.store import schema
from samp_eval.store.safety.row_digests import DIGEST, damaged, refresh_digests

__all__ = ["MIGRATIONS", "migrate"]


def _nothing_stored(_: Connection) -> None:
    """A version that only has more tables, columns or indexes."""


def _add_roles(connection: Connection) -> None:
    """Roles were prefixes of names, and the answer id of a repeat was ``r`` with a hash of the answer's own id."""
    marks, rows = schema.marks, schema.sheet_rows
    for table in (marks, rows):
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


def _one_row_an_answer(connection: Connection) -> None:
    """Rows that went out twice stay known, so that a sheet or an open page with either can still come back."""
    table = schema.sheet_rows
    place = table.c.reviewer, table.c.role, table.c.answer_id, table.c.unit, table.c.repeat
    first = select(func.min(table.c.row_id)).group_by(*place)
    connection.execute(update(table).where(table.c.row_id.not_in(first)).values(unit="duplicate"))


def _keep_first_reading_rules(connection: Connection) -> None:
    """A study with responses goes on reading them as it did."""
    if connection.execute(select(schema.responses.c.round).limit(1)).first() is not None:
        connection.execute(insert(schema.reading_rules).values(version=1))


def _add_key_versions(connection: Connection) -> None:
    """Every mark and row of an older study is of the key that the study has now: that is how they counted."""
    present = select(func.coalesce(func.max(schema.banks.c.sequence), 0)).scalar_subquery()
    for table in (schema.marks, schema.sheet_rows):
        connection.execute(update(table).values(key_version=present))
        refresh_digests(connection, table)


def _keep_earlier_sheets(connection: Connection) -> None:
    """Rows of an older study count as having been on a sheet; which sheet, and when it went out, was not kept."""
    table = schema.sheet_rows
    shown: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    for row in connection.execute(select(table).order_by(table.c.row_id)):
        shown.setdefault((row.reviewer, row.role), {})[row.row_id] = {}
    if shown:
        moment = connection.execute(select(func.max(table.c.exported_at))).scalar_one()
        sheets = [
            {
                "id": f"before-{number}",
                "reviewer": reviewer,
                "role": role,
                "exported_at": moment,
                "file": "",
                "shown": json.dumps(rows),
            }
            for number, ((reviewer, role), rows) in enumerate(shown.items(), start=1)
        ]
        connection.execute(insert(schema.sheets), sheets)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _nothing_stored,  # batches
    _add_roles,
    _nothing_stored,  # ids of the page's marks
    _one_row_an_answer,
    _nothing_stored,  # digests
    _keep_first_reading_rules,
    _add_key_versions,
    _nothing_stored,  # exclusions
    _nothing_stored,  # decisions of people on readings
    _nothing_stored,  # plans of who marks what
    _nothing_stored,  # draws of questions
    _keep_earlier_sheets,
    _nothing_stored,  # digests of batches and of reading rules
    _nothing_stored,  # pairs that reviewers compare
    _nothing_stored,  # what models are asked to mark
    _nothing_stored,  # the order of options in batches
    _nothing_stored,  # experts' reviews of the bank
    _nothing_stored,  # pictures
    _nothing_stored,  # pass marks
    _nothing_stored,  # the page of the bank review
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
    if version < 1:
        raise damaged(f"its version is {version}, which there never was")
    if version > current:
        raise CannotStore(
            f"the study's database is of version {version}, and this samp-eval knows versions up to {current}; "
            "upgrade samp-eval"
        )
    if version == current:
        return
    widened = _bring_to_columns_of_today(connection)
    for number, step in enumerate(MIGRATIONS[version - 1 :], start=version + 1):
        step(connection)
        connection.execute(insert(versions).values(version=number))
    for table in widened:
        refresh_digests(connection, table)
    _bring_to_indexes_of_today(connection)


def _bring_to_columns_of_today(connection: Connection) -> list[Table]:
    """Make the tables and columns that are missing; returns the tables that were there and have more columns now.

    What was stored in these is taken as it is: their digests notice what is damaged from now on.
    """
    inspector = inspect(connection)
    there = [table for table in schema.metadata.sorted_tables if inspector.has_table(table.name)]
    schema.metadata.create_all(connection)
    widened = []
    for table in there:
        held = {column["name"] for column in inspector.get_columns(table.name)}
        missing = [column for column in table.columns if column.name not in held]
        for column in missing:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {definition}"))
        widened += [table] if missing and DIGEST in table.columns else []
    return widened


def _bring_to_indexes_of_today(connection: Connection) -> None:
    """Make the indexes that are missing, and those anew whose columns have changed."""
    for table in schema.metadata.sorted_tables:
        held = {index["name"]: index["column_names"] for index in inspect(connection).get_indexes(table.name)}
        for index in table.indexes:
            if held.get(index.name) != [column.name for column in index.columns]:
                connection.execute(text(f"DROP INDEX IF EXISTS {index.name}"))
                index.create(connection)
