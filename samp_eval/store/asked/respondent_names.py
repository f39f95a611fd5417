"""A respondent gets another name: everything that is kept under it moves along."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from samp_eval.answers.distinct import line_id_of
from samp_eval.errors import StudyConflict
from samp_eval.store import schema
from samp_eval.store.asked.former_responses import without_digests
from samp_eval.store.reviews.import_rows import note
from samp_eval.store.safety.row_digests import checked, refresh_digests, refuse_damage

__all__ = ["rename_respondent"]

_MOST_LISTED = 5


def rename_respondent(connection: Connection, old: str, new: str) -> int:
    """Rename a respondent, into an existing one where no ask and no setting conflicts; returns its responses.

    Raises
    ------
    StudyConflict
        With what conflicts; nothing is changed.
    """
    table = schema.respondents
    rows = checked(table, connection.execute(select(table).order_by(table.c.sequence)))
    held = {row.id: json.loads(row.settings) for row in rows}
    if old not in held:
        raise StudyConflict(f"the study has no respondent {old!r}; it has {', '.join(held)}")
    settings = dict(held[old])
    if settings.get("recorded") and settings.get("model") == old:  # by default; an asked model's name is its own
        settings["model"] = new
    if new in held:
        _check_merge(connection, old, new, settings, held[new])
        connection.execute(delete(table).where(table.c.id == old))
        _drop_failures_with_a_response(connection, old, new)
    else:
        written = json.dumps(settings, sort_keys=True)
        connection.execute(update(table).where(table.c.id == old).values(id=new, settings=written))
        refresh_digests(connection, table, table.c.id == new)
    _move_lines(connection, old, new)
    moved = _move(connection, schema.responses, old, lambda row: _renamed(row, old, new))
    _move(connection, schema.former_responses, old, lambda row: _renamed(row, old, new))
    for other in (schema.failures, schema.exclusions):
        _move(connection, other, old, lambda row: {**row, "respondent": new})
    for asked in (schema.batches, schema.batch_asks):
        refuse_damage(connection, asked, asked.c.respondent.in_((old, new)))
        connection.execute(update(asked).where(asked.c.respondent == old).values(respondent=new))
        refresh_digests(connection, asked, asked.c.respondent == new)
    note(connection, f"The respondent {old} was renamed to {new} ({moved:,} responses)")
    return moved


def _check_merge(
    connection: Connection, old: str, new: str, settings: Mapping[str, Any], others: Mapping[str, Any]
) -> None:
    differing = [name for name in sorted({*settings, *others}) if settings.get(name) != others.get(name)]
    if differing:
        both = "; ".join(f"{name}: {settings.get(name)!r} and {others.get(name)!r}" for name in differing)
        raise StudyConflict(f"{old} and {new} are different respondents, because their settings differ: {both}")
    asks = {name: _asks(connection, schema.responses, name) for name in (old, new)}
    conflicts = sorted(asks[old] & asks[new])
    if conflicts:
        listed = ", ".join(f"{question_id} in round {number}" for question_id, number in conflicts[:_MOST_LISTED])
        more = f" and {len(conflicts) - _MOST_LISTED} more" if len(conflicts) > _MOST_LISTED else ""
        raise StudyConflict(
            f"{old} and {new} both have responses to {listed}{more}; take one of the imports back first with "
            "samp-eval responses withdraw"
        )


def _asks(connection: Connection, table: Table, respondent: str) -> set[tuple[str, int]]:
    query = select(table.c.question_id, table.c.round).where(table.c.respondent == respondent)
    return {(row.question_id, row.round) for row in connection.execute(query)}


def _drop_failures_with_a_response(connection: Connection, old: str, new: str) -> None:
    """A failure stands only until its ask has a response; of two failures of an ask the one that was there stays."""
    table = schema.failures
    responses = {name: _asks(connection, schema.responses, name) for name in (old, new)}
    failed = _asks(connection, table, new)
    for name, taken in ((new, responses[old]), (old, responses[new] | (failed - responses[old]))):
        for question_id, number in taken & _asks(connection, table, name):
            where = (table.c.question_id == question_id, table.c.respondent == name, table.c.round == number)
            connection.execute(delete(table).where(*where))


def _renamed(row: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A recorded answer without the model's own words for itself has the respondent's name there."""
    by_default = row["import_number"] is not None and row["model_returned"] == old
    returned = new if by_default else row["model_returned"]
    return {**row, "respondent": new, "model_returned": returned}


def _move(connection: Connection, table: Table, old: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> int:
    """Store rows anew under digests of their own, once they are known to be whole; returns how many."""
    of_old = table.c.respondent == old
    rows = [row._asdict() for row in checked(table, connection.execute(select(table).where(of_old)))]
    connection.execute(delete(table).where(of_old))
    if rows:
        connection.execute(insert(table), [change(without_digests(row)) for row in rows])
    return len(rows)


def _move_lines(connection: Connection, old: str, new: str) -> None:
    """Lines that were marked one by one are known by their respondent, so their marks and rows move along."""
    by_line = select(schema.sheet_rows.c.row_id).where(schema.sheet_rows.c.unit == "line").limit(1)
    if connection.execute(by_line).first() is None:
        return
    ids = {}
    for table in (schema.responses, schema.former_responses):
        query = select(table.c.question_id, table.c.round, table.c.text).where(table.c.respondent == old)
        for question_id, number, text in connection.execute(query):
            for line in range(1, len(text) + 2):
                ids[line_id_of(question_id, old, number, line)] = line_id_of(question_id, new, number, line)
    for table in (schema.sheet_rows, schema.marks):
        known = set(connection.execute(select(table.c.answer_id).distinct()).scalars()) & ids.keys()
        for answer_id in known:
            connection.execute(update(table).where(table.c.answer_id == answer_id).values(answer_id=ids[answer_id]))
            refresh_digests(connection, table, table.c.answer_id == ids[answer_id])
