"""The tables of a study and how an older database becomes today's."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateColumn

from samp_eval.errors import CannotStore
from samp_eval.store.engines.columns import Integer, String, Text

__all__ = [
    "banks",
    "batch_asks",
    "batches",
    "deviations",
    "failures",
    "marks",
    "metadata",
    "migrate",
    "protocols",
    "requests",
    "respondents",
    "responses",
    "runs",
    "sheet_rows",
]

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

banks = Table(
    "banks",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("location", Text, nullable=False),
    Column("cases", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
)
"""Every bank the study was asked with, in order; the last one holds."""

respondents = Table(
    "respondents",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("first_asked_at", String(32), nullable=False),
)

responses = Table(
    "responses",
    metadata,
    Column("question_id", String(80), primary_key=True),
    Column("respondent", String(120), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("condition", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_at", String(32)),
    Column("model_returned", Text, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("finish_reason", String(60)),
    Column("latency_seconds", Float),
    Column("tries", Integer, nullable=False),
    Column("failed_tries", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("run", Integer),
    Column("request_sha256", String(64)),
    Column("received", Text),
)
"""``run`` is None for a recorded answer; ``received`` is the body as it came."""

requests = Table(
    "requests",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)
"""Every body that was sent, once: regenerated rounds send the same."""

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started_at", String(32), nullable=False),
    Column("facts", Text, nullable=False),
)
"""Under what circumstances a run asked: versions, hashes, order."""

protocols = Table(
    "protocols",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
)
"""The study as planned: the first row is frozen at the first ask, later ones are what it was changed to."""

deviations = Table(
    "deviations",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False, unique=True),
    Column("noted_at", String(32), nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("question_id", String(80), primary_key=True),
    Column("respondent", String(120), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("condition", String(60), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("message", Text, nullable=False),
    Column("failed_at", String(32), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("failed_tries", Text, nullable=False),
)
"""What could not be had, until a later try succeeds."""

batches = Table(
    "batches",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("respondent", String(120), nullable=False, index=True),
    Column("endpoint", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run", Integer),
    Column("asks", Integer, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("adaptations", Text, nullable=False),
    Column("reserved_usd", Float, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("planned_at", String(32), nullable=False),
    Column("sent_at", String(32)),
    Column("submitted_at", String(32)),
    Column("ended_at", String(32)),
    Column("file_id", Text),
    Column("batch_id", Text),
    Column("status", String(40)),
    Column("completed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)
"""Batches of a provider's Batch API: ``id`` is our own, known before anything is sent, ``batch_id`` the provider's."""

batch_asks = Table(
    "batch_asks",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("custom_id", String(120), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("question_id", String(80), nullable=False),
    Column("respondent", String(120), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("condition", String(60), nullable=False),
    Column("request_sha256", String(64), nullable=False),
    Column("result", String(40)),
    Column("message", Text),
    Column("failed_at", String(32)),
    Column("again", Integer),
)
"""What each batch asks, in the order of its file; ``result`` is ``answered``, ``withdrawn`` or a kind of failure."""

marks = Table(
    "marks",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("reviewer", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("answer_id", String(16), nullable=False, index=True),
    Column("field", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("marked_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    Column("mark_id", String(40)),
    Column("stands_against", Text),
)
"""Append only: the latest row of a reviewer, answer and field holds, the earlier ones are its history.

``mark_id`` was drawn by the marking page. ``stands_against`` is the value of the row before: it was given by a page
that had not seen what holds, so what holds was written once more, until the reviewer decides.
"""

marks_by_id = Index("marks_by_id", marks.c.reviewer, marks.c.mark_id, unique=True)

sheet_rows = Table(
    "sheet_rows",
    metadata,
    Column("row_id", String(32), primary_key=True),
    Column("reviewer", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("answer_id", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("exported_at", String(32), nullable=False),
    UniqueConstraint("reviewer", "answer_id", "row_id"),
)
"""What stands behind each opaque row id that ever went out."""

_no_duplicate = sheet_rows.c.unit != "duplicate"
one_row_an_answer = Index(
    "one_row_an_answer",
    sheet_rows.c.reviewer,
    sheet_rows.c.answer_id,
    sheet_rows.c.unit,
    unique=True,
    sqlite_where=_no_duplicate,
    postgresql_where=_no_duplicate,
)


def _add_batches(connection: Connection) -> None:
    metadata.create_all(connection, tables=[batches, batch_asks])


def _add_mark_ids(connection: Connection) -> None:
    for column in (marks.c.mark_id, marks.c.stands_against):
        wanted = CreateColumn(column).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE {marks.name} ADD COLUMN {wanted}"))
    marks_by_id.create(connection)


def _one_row_an_answer(connection: Connection) -> None:
    """Rows that went out twice stay known, so that a sheet or an open page with either can still come back."""
    table = sheet_rows
    first = select(func.min(table.c.row_id)).group_by(table.c.reviewer, table.c.answer_id, table.c.unit)
    connection.execute(update(table).where(table.c.row_id.not_in(first)).values(unit="duplicate"))
    one_row_an_answer.create(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_add_batches, _add_mark_ids, _one_row_an_answer)
"""One step for each version after the first: ``MIGRATIONS[0]`` turns version 1 into version 2."""


def migrate(connection: Connection) -> None:
    """Create the tables in a new database; bring an older one up to date; refuse one from a newer samp-eval."""
    current = len(MIGRATIONS) + 1
    if not inspect(connection).has_table("schema_version"):
        metadata.create_all(connection)
        connection.execute(insert(schema_version).values(version=current))
        return
    version = connection.execute(select(func.max(schema_version.c.version))).scalar_one()
    if version > current:
        raise CannotStore(
            f"the study's database is of version {version}, and this samp-eval knows versions up to {current}; "
            "upgrade samp-eval"
        )
    for number, step in enumerate(MIGRATIONS[version - 1 :], start=version + 1):
        step(connection)
        connection.execute(insert(schema_version).values(version=number))
