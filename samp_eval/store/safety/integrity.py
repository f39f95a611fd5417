"""Is a study whole? Every row against its digest, every body against its hash, and what refers to what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from samp_eval.errors import SampEvalError
from samp_eval.items.bank_pictures import pictures_of
from samp_eval.items.load import bank_of
from samp_eval.items.samp import SampCase
from samp_eval.store import schema
from samp_eval.store.outcomes.journal import unstored_entries
from samp_eval.store.safety.row_digests import DIGEST, damaged_keys
from samp_eval.store.study_store import StudyStore

__all__ = ["Damage", "StudyCheck", "check_study", "missing_records"]

MOST_LISTED = 20
"""Damaged rows that are named one by one in each table."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was stored.

    Attributes
    ----------
    what : str
        Table or file.
    detail : str
        What is wrong with it, and its key.
    """

    what: str
    detail: str

    def __str__(self) -> str:
        return f"{self.what}: {self.detail}"


@dataclass(frozen=True, slots=True)
class StudyCheck:
    """What a check of a study found.

    Attributes
    ----------
    place : str
        Where the study's records are.
    whole : tuple of (table, rows)
        What still holds.
    damage : tuple of Damage
        Empty where the study is whole.
    notes : tuple of str
        What is no damage, but worth knowing.
    """

    place: str
    whole: tuple[tuple[str, int], ...]
    damage: tuple[Damage, ...]
    notes: tuple[str, ...]


def check_study(store: StudyStore, *, quick: bool = False) -> StudyCheck:
    """Read a study and compare it with what was stored; changes nothing.

    Parameters
    ----------
    store : StudyStore
    quick : bool
        Leave out what no result hangs on and takes most of the time: the database's own check of its pages, and the
        bodies as they were sent and received.
    """
    if quick:
        found = _check(store, quick=True, damaged_text=False)  # reads the text twice as fast
        if not found.damage:
            return found
    return _check(store, quick=quick, damaged_text=True)


def _check(store: StudyStore, *, quick: bool, damaged_text: bool) -> StudyCheck:
    damage: list[Damage] = []
    whole: list[tuple[str, int]] = []
    with store.snapshot(damaged_text=damaged_text) as connection:
        if not quick:
            damage += _read(connection, "database", partial(store.location.integrity_faults, connection))
        for table in schema.metadata.sorted_tables:
            if quick and table is schema.requests:
                continue
            found = _read(connection, table.name, partial(_faults_of, connection, table, bodies=not quick))
            damage += found
            if not found:
                whole.append((table.name, _count(connection, table)))
        damage += _missing(connection)
    return StudyCheck(store.location.name, tuple(whole), tuple(damage), tuple(_notes(store)))


def missing_records(store: StudyStore) -> list[Damage]:
    """What :func:`check_study` finds without reading the rows that whoever asks will read and compare anyway."""
    with store.snapshot() as connection:
        return _missing(connection)


def _missing(connection: Connection) -> list[Damage]:
    looks = (
        ("banks", _bank_faults),
        ("responses", _response_faults),
        ("marks", _mark_faults),
        ("imports", _import_faults),
    )
    return [damage for what, look in looks for damage in _read(connection, what, partial(look, connection))]


def _read(connection: Connection, what: str, look: Callable[[], Iterator[str]]) -> list[Damage]:
    """What a look finds; that it cannot be read is damage too."""
    found = []
    try:
        found += [Damage(what, detail) for detail in look()]
    except (SQLAlchemyError, SampEvalError, ValueError, KeyError, TypeError) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        found.append(Damage(what, f"cannot be read: {cause}"))
    rest = len(found) - MOST_LISTED
    return found if rest <= 0 else [*found[:MOST_LISTED], Damage(what, f"and {rest} more")]


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _faults_of(connection: Connection, table: Table, *, bodies: bool) -> Iterator[str]:
    if DIGEST in table.columns:
        for key in damaged_keys(connection, table, bodies=bodies):
            yield f"a row is not what was stored: {key}"
    elif table is schema.requests:
        for digest, body in connection.execute(select(table.c.sha256, table.c.body)):
            if hashlib.sha256(str(body).encode(errors="replace")).hexdigest() != digest:
                yield f"a request's body is not what was sent: {str(digest)[:12]}"
    else:
        for _ in connection.execute(select(table)):
            pass


def _bank_faults(connection: Connection) -> Iterator[str]:
    held = set(connection.execute(select(schema.pictures.c.sha256)).scalars())
    for row in connection.execute(select(schema.banks)):
        bank = bank_of([SampCase.model_validate(case) for case in json.loads(row.cases)], location=row.location)
        if bank.sha256 != row.sha256:
            yield f"the questions of bank {row.sequence} do not have their hash {row.sha256[:12]}"
        for picture in (picture for case in bank.cases for picture in pictures_of(case) if picture.digest not in held):
            yield f"the picture {picture.file} of bank {row.sequence} is missing"


def _response_faults(connection: Connection) -> Iterator[str]:
    sent = select(schema.requests.c.sha256)
    for table in (schema.responses, schema.judge_responses):
        digest = table.c.request_sha256
        for (lost,) in connection.execute(select(digest).where(digest.is_not(None), digest.not_in(sent)).distinct()):
            yield f"the request {lost[:12]} of a response is missing"
    kinds = (
        (schema.respondents, "respondent", (schema.responses, schema.failures)),
        (schema.judges, "model that marks", (schema.judge_responses, schema.judge_failures)),
    )
    for asked, kind, tables in kinds:
        for table in tables:
            unknown = select(table.c.respondent).where(table.c.respondent.not_in(select(asked.c.id))).distinct()
            for (name,) in connection.execute(unknown):
                yield f"{table.name} of {name!r}, who is no {kind} of the study"


def _mark_faults(connection: Connection) -> Iterator[str]:
    """Marks are only ever appended, so that their numbers have no gap, and each belongs to a question of some bank."""
    marks = schema.marks
    count, first, last = connection.execute(
        select(func.count(), func.min(marks.c.sequence), func.max(marks.c.sequence))
    ).one()
    counted_up = connection.dialect.name == "sqlite"  # PostgreSQL also counts what was rolled back
    if counted_up and count and last - first + 1 != count:
        yield f"{last - first + 1 - count} marks are missing between number {first} and number {last}"
    known: set[str] = set()
    for (cases,) in connection.execute(select(schema.banks.c.cases)):
        known |= {question["id"] for case in json.loads(cases) for question in case["questions"]}
    for (question,) in connection.execute(select(marks.c.question_id).distinct()):
        if question not in known:
            yield f"marks of {question!r}, which is no question of the study"


def _import_faults(connection: Connection) -> Iterator[str]:
    known = select(schema.imports.c.number)
    for table in (schema.marks, schema.responses, schema.former_responses):
        number = table.c.import_number
        unknown = select(number).where(number.is_not(None), number.not_in(known)).distinct()
        for (missing,) in connection.execute(unknown):
            yield f"import {missing} is missing, and {table.name} came with it"


def _notes(store: StudyStore) -> Iterator[str]:
    waiting = sum(1 for _ in unstored_entries(store.location.journal_stem))
    if waiting:
        yield f"{waiting} answers of an interrupted run wait beside the database; the next run stores them"
