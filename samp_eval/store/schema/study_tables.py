"""The tables of what a study is about: its banks, its plan, and what was changed."""

from __future__ import annotations

from sqlalchemy import Column, Table

from samp_eval.store.engines.columns import Integer, String, Text
from samp_eval.store.safety.row_digests import digest_column
from samp_eval.store.schema.base import metadata

__all__ = ["banks", "deviations", "exclusions", "imports", "pictures", "protocols"]

banks = Table(
    "banks",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("location", Text, nullable=False),
    Column("cases", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
    Column("entries", Text),
    Column("files_sha256", String(64)),
    digest_column(),
)
"""Every bank that the study has had, in order; the last one holds.

``entries`` are the identities of the key's entries as JSON by question; None for an older study, whose entries have
identities by their place. ``files_sha256`` is of the files as they were read.
"""

pictures = Table(
    "pictures",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", Text, nullable=False),
    digest_column(),
)
"""Every picture of every bank, once, as it is sent (base64); the hash is of the file that it was read from."""

protocols = Table(
    "protocols",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
    digest_column(),
)
"""The study as planned: the first row is frozen at the first ask, later ones are what it was changed to."""

deviations = Table(
    "deviations",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False, unique=True),
    Column("noted_at", String(32), nullable=False),
    digest_column(),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("question_id", String(80)),
    Column("respondent", String(120)),
    Column("round", Integer),
    Column("excluded", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", String(32), nullable=False),
    digest_column(),
)
"""Append only: the latest row of a question, a respondent or a response holds."""

imports = Table(
    "imports",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("imported_at", String(32), nullable=False),
    Column("withdrawn_at", String(32)),
    Column("withdrawn_by", Text),
    Column("reason", Text),
    digest_column(),
)
"""Every file whose marks or responses were taken in; what came with a withdrawn one is kept and does not count."""
