"""A digest of every row, so that a changed bit in the database is noticed when the row is read.

A digest is computed where a row is inserted or updated, from its values as they are given, and compared with the values
as they come back. It guards against damage, not against a person who changes the row and its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Float, Integer, Row, Table, bindparam, select, update

from samp_eval.errors import CannotStore
from samp_eval.store.engines.columns import String

__all__ = [
    "BODY_DIGEST",
    "DIGEST",
    "add_digests",
    "body_digest_column",
    "checked",
    "checked_body",
    "damaged",
    "damaged_keys",
    "digest_column",
    "is_intact",
    "refresh_digests",
    "refuse_damage",
    "stored_json",
    "without_body",
]

DIGEST = "row_digest"
BODY_DIGEST = "received_digest"
_BODY = "received"
_as_json = json.JSONEncoder(default=repr).encode  # a damaged cell can come back as bytes, which are no JSON
_BYTES = 8
"""64 bits: one damaged row in 2 ** 64 would go unnoticed."""
_ROWS_AT_A_TIME = 1000


def digest_column() -> Column[str]:
    """The column with the digest of its row."""
    return Column(DIGEST, String(2 * _BYTES), default=_of_inserted_row)


def body_digest_column() -> Column[str]:
    """The column with the digest of the body as received, so that a row can be checked without reading its body."""
    return Column(BODY_DIGEST, String(2 * _BYTES), default=_of_inserted_body)


def without_body(table: Table) -> list[Column[Any]]:
    """The columns that :func:`checked` needs, in order: all but the body as received."""
    return [column for column in table.columns if column.name != _BODY]


def checked(table: Table, rows: Iterable[Row[Any]], *, bodies: bool = False) -> Iterator[Row[Any]]:
    """Pass rows on whose digests hold; they have at least the columns of :func:`without_body`, or all with ``bodies``.

    Raises
    ------
    CannotStore
        At the first row that differs from its digest, with the row's key and the remedy.
    """
    for row, intact in _compared(table, rows):
        if not intact or (bodies and not _body_is_intact(row._asdict())):
            raise damaged(f"a row of {table.name} ({_key(table, row._asdict())}) is not what was stored")
        yield row


def _compared(table: Table, rows: Iterable[Row[Any]]) -> Iterator[tuple[Row[Any], bool]]:
    """Rows, and whether each is what was stored, but for its body as received."""
    places: list[int] = []
    floats: list[int] = []
    own = 0
    for row in rows:
        if not places:
            fields = row._fields
            places = [fields.index(column.name) for column in _covered(table)]
            floats = [n for n, column in enumerate(_covered(table)) if isinstance(column.type, Float)]
            own = fields.index(DIGEST)
        values = [row[place] for place in places]
        for place in floats:
            values[place] = _as_float(values[place])
        yield row, _digest(values) == row[own]


def damaged(what: str) -> CannotStore:
    """The error for what is not as it was stored, with the remedy."""
    return CannotStore(
        f"the study's database is damaged: {what}; samp-eval check lists all damage, and a backup holds it as it was"
    )


def checked_body(body: str, sha256: str | None) -> str:
    """The body of a request, which is found by its hash and must have it; empty where none was kept.

    Raises
    ------
    CannotStore
        Where it has not.
    """
    if body and hashlib.sha256(body.encode(errors="surrogatepass")).hexdigest() != sha256:
        raise damaged(f"the body of the request {str(sha256)[:12]} is not what was sent")
    return body


def stored_json(text: str, what: str) -> Any:
    """What a column holds as JSON, where no digest is compared; ``what`` names it in the error."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise damaged(f"{what} is no JSON any more") from error


def damaged_keys(connection: Connection, table: Table, *, bodies: bool = True) -> Iterator[str]:
    """Keys of the rows that differ from their digests; without ``bodies`` those as received are not read."""
    columns = list(table.columns) if bodies else without_body(table)
    rows = connection.execution_options(yield_per=_ROWS_AT_A_TIME).execute(select(*columns))
    for row, intact in _compared(table, rows):
        if not intact or (bodies and not _body_is_intact(row._asdict())):
            yield _key(table, row._asdict())


def is_intact(table: Table, values: Mapping[str, Any]) -> bool:
    """Whether a row is what was stored, with its body as received."""
    return _row_digest(table, values) == values[DIGEST] and _body_is_intact(values)


def _body_is_intact(values: Mapping[str, Any]) -> bool:
    return _body_digest(values) == values.get(BODY_DIGEST)


def refuse_damage(connection: Connection, table: Table, *where: Any) -> None:
    """Raise where a row that is to be changed is damaged: its new digest would hide that."""
    for _ in checked(table, connection.execute(select(table).where(*where))):
        pass


def add_digests(table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Give rows of a table without fractions or bodies, with all columns, their digests before they are inserted.

    SQLAlchemy computes the default of a column for one row after another, which takes longer.
    """
    values_of = itemgetter(*(column.name for column in _covered(table)))
    for row in rows:
        row[DIGEST] = _digest(values_of(row))


def refresh_digests(connection: Connection, table: Table, *where: Any) -> None:
    """Compute the digests of rows anew, after an update or a migration."""
    keys = list(table.primary_key.columns)
    fresh = []
    for row in connection.execute(select(table).where(*where)):
        values = row._asdict()
        body = {BODY_DIGEST: _body_digest(values)} if BODY_DIGEST in table.columns else {}
        digest: dict[str, Any] = {f"new_{DIGEST}": _row_digest(table, {**values, **body})}
        digest |= {f"new_{name}": value for name, value in body.items()}
        fresh.append(digest | {f"of_{key.name}": values[key.name] for key in keys})
    if fresh:
        names = [name for name in (BODY_DIGEST, DIGEST) if name in table.columns]
        change = update(table).where(*(key == bindparam(f"of_{key.name}") for key in keys))
        connection.execute(change.values({name: bindparam(f"new_{name}") for name in names}), fresh)


def _row_digest(table: Table, values: Mapping[str, Any]) -> str:
    """Digest of a row's values; what is missing has its server's default, else None."""
    return _digest([_plain(column, values) for column in _covered(table)])


@cache
def _covered(table: Table) -> tuple[Column[Any], ...]:
    """All columns but the digest, the body, and a number that the database counts up itself."""
    left_out = {DIGEST, _BODY}
    return tuple(
        column for column in table.columns if column.name not in left_out and column is not table.autoincrement_column
    )


def _plain(column: Column[Any], values: Mapping[str, Any]) -> Any:
    if column.name not in values:
        return _default(column, values)
    value = values[column.name]
    return _as_float(value) if isinstance(column.type, Float) else value


def _as_float(value: Any) -> Any:
    """A number that comes back as another kind of number; what is no number any more stays as it is."""
    return float(value) if isinstance(value, int) else value


def _default(column: Column[Any], values: Mapping[str, Any]) -> Any:
    if column.name == BODY_DIGEST:
        return _body_digest(values)
    if column.server_default is None:
        return None
    text = str(getattr(column.server_default, "arg", ""))
    return int(text) if isinstance(column.type, Integer) or column.type.python_type is int else text


def _body_digest(values: Mapping[str, Any]) -> str | None:
    body = values.get(_BODY)
    return None if body is None else _digest(body)


def _digest(content: Any) -> str:
    return hashlib.blake2b(_as_json(content).encode(), digest_size=_BYTES).hexdigest()


def _key(table: Table, values: Mapping[str, Any]) -> str:
    """A row's key for a message: ``question_id fever-infant-1, respondent gpt-4, round 2``."""
    return ", ".join(f"{column.name} {values[column.name]}" for column in table.primary_key.columns)


def _of_inserted_row(context: Any) -> str:
    return _row_digest(context.compiled.statement.table, context.get_current_parameters())


def _of_inserted_body(context: Any) -> str | None:
    return _body_digest(context.get_current_parameters())
