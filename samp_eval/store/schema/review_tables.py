"""The tables of who marked what: sheets, marks, pairs, plans, and reviews of the bank."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Index, Table, UniqueConstraint, event

from samp_eval.store.engines.columns import Integer, String, Text
from samp_eval.store.safety.row_digests import digest_column
from samp_eval.store.schema.base import metadata

__all__ = [
    "assignment_plans",
    "bank_acceptances",
    "bank_ratings",
    "bank_review_rows",
    "draws",
    "marks",
    "marks_by_id",
    "one_row_an_answer",
    "pair_choices",
    "pair_rows",
    "sheet_rows",
    "sheets",
    "standards",
]

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
    Column("role", String(20), nullable=False, server_default="reviewer"),
    Column("repeat", Integer, nullable=False, server_default="0"),
    Column("key_version", Integer, nullable=False, server_default="0"),
    Column("import_number", Integer),
    Column("sheet", String(12)),
    digest_column(),
)
"""Append only: the latest row of a reviewer in a role, answer, field and repeat holds, the earlier are its history.

Rows whose import was withdrawn are history too. ``import_number`` and ``sheet`` are None for a mark of a page.

``mark_id`` was drawn by the marking page. ``stands_against`` is the value of the row before: it was given by a page
that had not seen what holds, so what holds was written once more, until the reviewer decides. ``key_version`` is the
bank whose letters the reviewer saw.
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
    Column("role", String(20), nullable=False, server_default="reviewer"),
    Column("repeat", Integer, nullable=False, server_default="0"),
    Column("key_version", Integer, nullable=False, server_default="0"),
    digest_column(),
    UniqueConstraint("reviewer", "answer_id", "row_id"),
)
"""What stands behind each opaque row id that ever went out."""

_no_duplicate = sheet_rows.c.unit != "duplicate"

one_row_an_answer = Index(
    "one_row_an_answer",
    sheet_rows.c.reviewer,
    sheet_rows.c.role,
    sheet_rows.c.answer_id,
    sheet_rows.c.unit,
    sheet_rows.c.repeat,
    sheet_rows.c.key_version,
    unique=True,
    sqlite_where=_no_duplicate,
)


@event.listens_for(one_row_an_answer, "before_create")
def _also_on_postgresql(index: Index, connection: Connection, **_: object) -> None:
    """Name PostgreSQL only there: its dialect takes 30 ms to import."""
    if connection.dialect.name == "postgresql":
        index.dialect_options["postgresql"]["where"] = _no_duplicate


sheets = Table(
    "sheets",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("reviewer", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("exported_at", String(32), nullable=False),
    Column("file", Text, nullable=False),
    Column("shown", Text, nullable=False),
    digest_column(),
)
"""Every sheet that went out; ``shown`` is JSON: the marks that it showed, by row id and field."""

pair_rows = Table(
    "pair_rows",
    metadata,
    Column("row_id", String(32), primary_key=True),
    Column("reviewer", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("first_respondent", String(120), nullable=False),
    Column("first_round", Integer, nullable=False),
    Column("second_respondent", String(120), nullable=False),
    Column("second_round", Integer, nullable=False),
    Column("first_text", Text, nullable=False),
    Column("second_text", Text, nullable=False),
    Column("exported_at", String(32), nullable=False),
    digest_column(),
)
"""Two responses as a reviewer sees them side by side; without a reviewer, two that read alike and go to nobody."""

pair_choices = Table(
    "pair_choices",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("row_id", String(32), nullable=False, index=True),
    Column("choice", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("chosen_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    digest_column(),
)
"""Which response of a row is better. Append only: the latest of a row holds, the earlier are its history."""

assignment_plans = Table(
    "assignment_plans",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("content", Text, nullable=False),
    Column("planned_at", String(32), nullable=False),
    digest_column(),
)
"""Who marks what, as JSON. Append only: the last one holds."""

draws = Table(
    "draws",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("content", Text, nullable=False),
    Column("drawn_at", String(32), nullable=False),
    digest_column(),
)
"""Which questions were drawn to be marked, as JSON. Append only: the last one holds, in the order of the first."""

bank_review_rows = Table(
    "bank_review_rows",
    metadata,
    Column("row_id", String(32), primary_key=True),
    Column("expert", String(120), nullable=False, index=True),
    Column("step", String(20), nullable=False),
    Column("round", Integer, nullable=False),
    Column("question_id", String(80), nullable=False),
    Column("bank_version", Integer, nullable=False),
    Column("exported_at", String(32), nullable=False),
    digest_column(),
    UniqueConstraint("expert", "step", "round", "question_id", "bank_version"),
)
"""A question as it went out to an expert who reviews the bank; ``bank_version`` is the bank that the expert saw."""

bank_ratings = Table(
    "bank_ratings",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("row_id", String(32), nullable=False, index=True),
    Column("field", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("given_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    Column("sheet", String(12)),
    Column("rating_id", String(40), index=True),
    Column("stands_against", Text),
    digest_column(),
)
"""What experts say of the bank. Append only: the latest of a row and field holds, the earlier are its history.

``sheet`` is the export that it came with; ``rating_id`` and ``stands_against`` are as ``mark_id`` and that of marks.
"""

bank_acceptances = Table(
    "bank_acceptances",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("case_id", String(80), nullable=False),
    Column("case_sha256", String(64), nullable=False),
    Column("experts", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("accepted_at", String(32), nullable=False),
    digest_column(),
)
"""Cases that were accepted after a review, by the hash of their text; ``reason`` is why against the rule, or empty."""

standards = Table(
    "standards",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("method", String(40), nullable=False),
    Column("content", Text, nullable=False),
    Column("set_at", String(32), nullable=False),
    digest_column(),
)
"""Pass marks that were set, as JSON. Append only: the last one of a method holds."""
