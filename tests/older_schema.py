"""What a study's tables lacked in earlier versions."""

from __future__ import annotations

from sqlalchemy import Connection, text

from samp_eval.store import schema
from samp_eval.store.safety.row_digests import BODY_DIGEST, DIGEST

__all__ = ["drop_digests"]


def drop_digests(connection: Connection) -> None:
    """Take the digests out of all tables, as before version 6."""
    for table in schema.metadata.sorted_tables:
        for name in (BODY_DIGEST, DIGEST):
            if name in table.columns:
                connection.execute(text(f"ALTER TABLE {table.name} DROP COLUMN {name}"))
