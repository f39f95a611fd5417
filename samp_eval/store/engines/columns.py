"""Types of columns that hold the same values on SQLite and PostgreSQL, in the same order."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy
from sqlalchemy import BigInteger, Dialect, TypeDecorator
from sqlalchemy.types import TypeEngine

__all__ = ["Integer", "String", "Text"]

Integer = sqlalchemy.Integer().with_variant(BigInteger(), "postgresql")
"""64 bits on both."""

ESCAPE = "\ue000"
_ESCAPED = re.compile(f"{ESCAPE}([01])")


def without_nul(text: str | None) -> str | None:
    """Text as PostgreSQL can hold it: U+0000, which it refuses, becomes U+E000 and 0, and U+E000 gets a 1."""
    if text is None or ("\x00" not in text and ESCAPE not in text):
        return text
    return text.replace(ESCAPE, f"{ESCAPE}1").replace("\x00", f"{ESCAPE}0")


def with_nul(text: str | None) -> str | None:
    """The text that :func:`without_nul` was given."""
    if text is None or ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: "\x00" if found[1] == "0" else ESCAPE, text)


class String(TypeDecorator[str]):
    """Text of any length, ordered by code points, in which every character comes back as it went.

    A length is a remark for the reader: SQLite does not enforce one, so PostgreSQL must not either.
    """

    impl = sqlalchemy.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """``TEXT COLLATE "C"`` on PostgreSQL: its own order would be the locale's."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sqlalchemy.Text(collation="C"))
        return super().load_dialect_impl(dialect)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """What a value passes on its way in; nothing on SQLite."""
        return without_nul if dialect.name == "postgresql" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """What a value passes on its way out; nothing on SQLite."""
        return with_nul if dialect.name == "postgresql" else None


class Text(String):
    """The same, where a reader expects much."""

    impl = sqlalchemy.Text
    cache_ok = True
