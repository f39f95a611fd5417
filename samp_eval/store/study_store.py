"""The study's memory: responses, failures and marks, each on disk before it is counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, SampCase
from samp_eval.review.marks import Mark
from samp_eval.review.sheet_rows import SheetRow
from samp_eval.run.respondent import Ask, Reply, Response, ResponseFailure
from samp_eval.store import schema
from samp_eval.study import Condition

__all__ = ["DATABASE_FILE", "StudyStore"]

DATABASE_FILE = "study.db"
BUSY_SECONDS = 10.0


class StudyStore:
    """A study's database. Use as a context manager; every method commits before it returns.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    name : str
        What messages call it.
    """

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        self._engine: Engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS} if url.startswith("sqlite") else {})
        if url.startswith("sqlite"):
            event.listen(self._engine, "connect", _safe_sqlite)
        try:
            with self._writing() as connection:
                schema.migrate(connection)
        except CannotStore:
            self.close()
            raise

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Open a study folder's database, making folder and file where ``create`` allows it.

        Raises
        ------
        CannotStore
            Where the folder cannot be written, holds no study, or another process keeps the database.
        """
        file = folder / DATABASE_FILE
        if not create and not file.exists():
            raise CannotStore(f"{folder} holds no study yet ({DATABASE_FILE} is not there); run samp-eval run first")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStore(f"the study folder {folder} cannot be made: {error.strerror}") from error
        return cls(f"sqlite:///{file}", str(file))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # The bank ------------------------------------------------------------------------------------------------------

    def bank(self) -> Bank | None:
        """The bank that the study was last asked with; None before the first ask."""
        query = select(schema.banks).order_by(schema.banks.c.sequence.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return bank_of([SampCase.model_validate(case) for case in json.loads(row.cases)], location=row.location)

    def keep_bank(self, bank: Bank) -> None:
        """Record the bank that the study is asked with, unless it is the one already held."""
        held = self.bank()
        if held is not None and held.sha256 == bank.sha256:
            return
        cases = json.dumps([case.model_dump(mode="json", exclude_defaults=True) for case in bank.cases], ensure_ascii=False)
        with self._writing() as connection:
            connection.execute(
                insert(schema.banks).values(sha256=bank.sha256, location=bank.location, cases=cases, stored_at=_now())
            )

    # Respondents ---------------------------------------------------------------------------------------------------

    def respondents(self) -> dict[str, dict[str, Any]]:
        """Settings of every respondent that was asked or imported, in order of first appearance."""
        query = select(schema.respondents).order_by(schema.respondents.c.sequence)
        with self._reading() as connection:
            return {row.id: json.loads(row.settings) for row in connection.execute(query)}

    def keep_respondent(self, identifier: str, settings: Mapping[str, Any]) -> None:
        """Record a respondent's settings; the same id under other settings is refused.

        Raises
        ------
        StudyConflict
            With both settings shown.
        """
        held = self.respondents()
        if identifier in held:
            if held[identifier] != dict(settings):
                raise StudyConflict(_settings_conflict(identifier, held[identifier], settings))
            return
        with self._writing() as connection:
            connection.execute(
                insert(schema.respondents).values(
                    id=identifier,
                    sequence=len(held) + 1,
                    settings=json.dumps(dict(settings), sort_keys=True),
                    first_asked_at=_now(),
                )
            )

    # Responses -----------------------------------------------------------------------------------------------------

    def stored(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of every response held for a respondent."""
        table = schema.responses
        query = select(table.c.question_id, table.c.round).where(table.c.respondent == respondent)
        with self._reading() as connection:
            return {(row.question_id, row.round) for row in connection.execute(query)}

    def first_asked(self, respondent: str) -> datetime | None:
        """UTC time of a respondent's first response; None before it."""
        table = schema.responses
        with self._reading() as connection:
            earliest = connection.execute(
                select(func.min(table.c.asked_at)).where(table.c.respondent == respondent)
            ).scalar_one()
        return datetime.fromisoformat(earliest) if earliest else None

    def keep_response(self, response: Response) -> bool:
        """Store a response; False where the study holds one for this ask already, which then stays.

        An earlier failure of the same ask is removed only here, after its retry succeeded.
        """
        ask, reply = response.ask, response.reply
        values = {
            **_ask_values(ask),
            "text": reply.text,
            "asked_at": _written(response.asked_at),
            "model_returned": reply.model_returned,
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "finish_reason": reply.finish_reason,
            "latency_seconds": reply.latency_seconds,
            "tries": response.tries,
            "provenance": json.dumps(dict(reply.provenance), sort_keys=True, ensure_ascii=False),
        }
        try:
            with self._writing() as connection:
                connection.execute(insert(schema.responses).values(values))
                connection.execute(delete(schema.failures).where(*_same_ask(schema.failures, ask)))
        except IntegrityError:
            return False
        return True

    def keep_failure(self, failure: ResponseFailure) -> None:
        """Store a failure in place of an earlier failure of the same ask."""
        values = {
            **_ask_values(failure.ask),
            "kind": failure.kind,
            "message": failure.message,
            "failed_at": _written(failure.failed_at),
            "tries": failure.tries,
        }
        with self._writing() as connection:
            connection.execute(delete(schema.failures).where(*_same_ask(schema.failures, failure.ask)))
            connection.execute(insert(schema.failures).values(values))

    def responses(self) -> list[Response]:
        """Every response, by round, respondent and question."""
        table = schema.responses
        query = select(table).order_by(table.c.round, table.c.respondent, table.c.question_id)
        with self._reading() as connection:
            return [_response(row) for row in connection.execute(query)]

    def failures(self) -> list[ResponseFailure]:
        """Every ask that brought no response so far."""
        table = schema.failures
        query = select(table).order_by(table.c.round, table.c.respondent, table.c.question_id)
        with self._reading() as connection:
            return [
                ResponseFailure(_ask(row), row.kind, row.message, datetime.fromisoformat(row.failed_at), row.tries)
                for row in connection.execute(query)
            ]

    # Marks ---------------------------------------------------------------------------------------------------------

    def add_marks(self, new: Iterable[Mark]) -> int:
        """Append the marks that differ from the reviewer's present ones; returns how many were appended."""
        present = {(mark.reviewer, mark.answer_id, mark.field): mark.value for mark in self.marks()}
        rows = []
        for mark in new:
            place = (mark.reviewer, mark.answer_id, mark.field)
            if present.get(place) != mark.value:
                present[place] = mark.value
                rows.append(_mark_values(mark))
        if rows:
            with self._writing() as connection:
                connection.execute(insert(schema.marks), rows)
        return len(rows)

    def marks(self) -> list[Mark]:
        """The present marks: the latest of each reviewer, answer and field."""
        table = schema.marks
        latest = select(func.max(table.c.sequence)).group_by(table.c.reviewer, table.c.answer_id, table.c.field)
        return self._marks(select(table).where(table.c.sequence.in_(latest)).order_by(table.c.sequence))

    def mark_history(self) -> list[Mark]:
        """Every mark ever given, in order."""
        return self._marks(select(schema.marks).order_by(schema.marks.c.sequence))

    def _marks(self, query: Any) -> list[Mark]:
        with self._reading() as connection:
            return [
                Mark(
                    reviewer=row.reviewer,
                    question_id=row.question_id,
                    answer_id=row.answer_id,
                    field=row.field,
                    value=row.value,
                    marked_at=datetime.fromisoformat(row.marked_at),
                    source=row.source,
                )
                for row in connection.execute(query)
            ]

    # Sheets --------------------------------------------------------------------------------------------------------

    def keep_sheet_rows(self, rows: Sequence[SheetRow]) -> None:
        """Record what stands behind row ids, before the sheet is written."""
        values = [
            {
                "row_id": row.row_id,
                "reviewer": row.reviewer,
                "question_id": row.question_id,
                "answer_id": row.answer_id,
                "text": row.text,
                "unit": row.unit,
                "exported_at": _written(row.exported_at),
            }
            for row in rows
        ]
        if values:
            with self._writing() as connection:
                connection.execute(insert(schema.sheet_rows), values)

    def sheet_rows(self) -> dict[str, SheetRow]:
        """Every row that ever went out, by its row id."""
        with self._reading() as connection:
            return {
                row.row_id: SheetRow(
                    row.row_id,
                    row.reviewer,
                    row.question_id,
                    row.answer_id,
                    row.text,
                    row.unit,
                    datetime.fromisoformat(row.exported_at),
                )
                for row in connection.execute(select(schema.sheet_rows))
            }

    # Connections ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._named_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._named_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error)
            raise CannotStore(f"{self._name}: {_remedy(cause)}") from error


def _remedy(cause: str) -> str:
    if "locked" in cause:
        return f"another process holds the database ({cause}); wait until it has finished"
    if "readonly" in cause or "unable to open" in cause:
        return f"the file cannot be written ({cause}); check the folder's permissions or choose another with --study"
    if "full" in cause:
        return "the disk is full; make room and run the same command again, nothing stored is lost"
    if "not a database" in cause or "malformed" in cause:
        return f"this is not a study database ({cause}); restore it from a copy or choose another folder with --study"
    return cause


def _safe_sqlite(connection: Any, _: object) -> None:
    """Write-ahead log, synced at every commit: a stored response survives a kill and a power cut."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _now() -> str:
    return _written(datetime.now(UTC)) or ""


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment is not None else None


def _ask_values(ask: Ask) -> dict[str, Any]:
    return {
        "question_id": ask.question_id,
        "respondent": ask.respondent,
        "round": ask.round,
        "condition": ask.condition.label,
    }


def _same_ask(table: Any, ask: Ask) -> tuple[Any, ...]:
    return (table.c.question_id == ask.question_id, table.c.respondent == ask.respondent, table.c.round == ask.round)


def _ask(row: Any) -> Ask:
    return Ask(row.question_id, row.respondent, row.round, Condition.from_label(row.condition))


def _response(row: Any) -> Response:
    reply = Reply(
        text=row.text,
        model_returned=row.model_returned,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        finish_reason=row.finish_reason,
        latency_seconds=row.latency_seconds,
        provenance=json.loads(row.provenance),
    )
    asked_at = datetime.fromisoformat(row.asked_at) if row.asked_at else None
    return Response(_ask(row), reply, asked_at, row.tries)


def _mark_values(mark: Mark) -> dict[str, Any]:
    return {
        "reviewer": mark.reviewer,
        "question_id": mark.question_id,
        "answer_id": mark.answer_id,
        "field": mark.field,
        "value": mark.value,
        "marked_at": _written(mark.marked_at),
        "source": mark.source,
    }


def _settings_conflict(identifier: str, held: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    differing = sorted(name for name in {*held, *asked} if held.get(name) != asked.get(name))
    lines = [f"  {name}: the study has {held.get(name)!r}, now {asked.get(name)!r}" for name in differing]
    return "\n".join(
        [
            f"the respondent {identifier!r} was asked under other settings; give the new one another name with --name:",
            *lines,
        ]
    )
