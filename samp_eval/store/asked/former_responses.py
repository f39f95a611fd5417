"""Responses that do not count: why they left, and when they count again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from samp_eval.store import schema
from samp_eval.store.database import now_written
from samp_eval.store.reviews.import_rows import counts
from samp_eval.store.safety.row_digests import BODY_DIGEST, DIGEST, checked

__all__ = [
    "CORRECTED",
    "IMPORT_WITHDRAWN",
    "QUESTION_CHANGED",
    "SAID_AGAIN",
    "bring_back",
    "keep_former",
    "take_out",
    "without_digests",
]

QUESTION_CHANGED = "question changed"
"""It answers another question than the one that has its id now."""

IMPORT_WITHDRAWN = "import withdrawn"
"""The file that it came with was taken back."""

CORRECTED = "corrected"
"""A later import has another text for it."""

SAID_AGAIN = "said again"
"""It was there already when it came with another import."""


def take_out(connection: Connection, cause: str, answers: Mapping[str, str], *where: Any) -> list[dict[str, Any]]:
    """Move responses to where they do not count; ``answers`` is the hash of each question. Returns their rows."""
    table = schema.responses
    rows = [row._asdict() for row in checked(table, connection.execute(select(table).where(*where)))]
    keep_former(connection, rows, cause, answers)
    connection.execute(delete(table).where(*where))
    return rows


def keep_former(
    connection: Connection, rows: Iterable[Mapping[str, Any]], cause: str, answers: Mapping[str, str]
) -> None:
    """Keep rows of responses among those that do not count."""
    left_at = now_written()
    former = [
        {
            **without_digests(row),
            "left_at": left_at,
            "cause": cause,
            "question_sha256": answers.get(row["question_id"], ""),
        }
        for row in rows
    ]
    if former:
        connection.execute(insert(schema.former_responses), former)


def bring_back(
    connection: Connection, question_id: str, answers: str, asks: Collection[tuple[str, int]] | None = None
) -> int:
    """Have the latest former response of each ask count again, if it answers the question as it reads now.

    Parameters
    ----------
    answers : str
        Hash of the question.
    asks : collection of (respondent, round), optional
        Only these; otherwise all that have no response.

    Returns
    -------
    int
        How many there are.
    """
    table, responses = schema.former_responses, schema.responses
    wanted = (table.c.question_id == question_id, table.c.question_sha256 == answers, counts(table))
    rows = checked(table, connection.execute(select(table).where(*wanted).order_by(table.c.sequence)))
    latest = {(row.respondent, row.round): row._asdict() for row in rows}
    if asks is not None:
        latest = {place: row for place, row in latest.items() if place in asks}
    there = select(responses.c.respondent, responses.c.round).where(responses.c.question_id == question_id)
    for respondent, number in connection.execute(there):
        latest.pop((respondent, number), None)
    if latest:
        names = [column.name for column in responses.columns if column.name not in (DIGEST, BODY_DIGEST)]
        connection.execute(insert(responses), [{name: row[name] for name in names} for row in latest.values()])
        connection.execute(delete(table).where(table.c.sequence.in_([row["sequence"] for row in latest.values()])))
        failures = schema.failures
        for respondent, number in latest:
            failed = (failures.c.question_id == question_id, failures.c.respondent == respondent)
            connection.execute(delete(failures).where(*failed, failures.c.round == number))
    return len(latest)


def without_digests(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row that is to be stored elsewhere, under digests of its own."""
    return {name: value for name, value in row.items() if name not in (DIGEST, BODY_DIGEST)}
