"""The tables of responses and failures, and the journal that goes before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Table, delete, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from samp_eval.errors import CannotStore
from samp_eval.run.respondent import Ask, Response, ResponseFailure
from samp_eval.store import schema
from samp_eval.store.asked.reading_rows import how_read
from samp_eval.store.database import Database
from samp_eval.store.outcomes.journal import OutcomeJournal, quarantine, remove_files, unstored_entries
from samp_eval.store.outcomes.rows import (
    clauses_for,
    failure_of,
    failure_values,
    request_values,
    response_of,
    response_values,
)
from samp_eval.store.safety.row_digests import checked, checked_body, stored_json, without_body

__all__ = ["SqlOutcomeStore"]


class OutcomeTables(NamedTuple):
    """Where those who are asked, what they said, and what could not be had are kept."""

    respondents: Table
    responses: Table
    failures: Table


OF_RESPONDENTS = OutcomeTables(schema.respondents, schema.responses, schema.failures)
OF_JUDGES = OutcomeTables(schema.judges, schema.judge_responses, schema.judge_failures)


class SqlOutcomeStore(Database):
    """The part of the store that holds responses and failures."""

    _tables = OF_RESPONDENTS
    _run: int | None = None
    _import: int | None = None
    _journal: OutcomeJournal | None = None

    @classmethod
    def open(cls, folder: Path, *, create: bool = True, notify: Callable[[str], None] | None = None) -> Self:
        """Open a study folder's database, and take in what a killed run had noted and not yet committed.

        Parameters
        ----------
        notify : callable, optional
            Told where some of that cannot be stored.

        Raises
        ------
        CannotStore
            As :meth:`Database.open <samp_eval.store.database.Database.open>` does.
        """
        store = super().open(folder, create=create)
        if store._has_unstored_entries() and not store.location.read_only:
            with store._hold_run_lock(None) as acquired:
                if acquired:
                    store._replay_journal(notify)
        return store

    def of_judges(self) -> Self:
        """The same study with the models that mark in the place of its respondents: who they are, and what they said.

        It shares the connection and the lock.
        """
        view = copy(self)
        view._tables = OF_JUDGES
        return view

    @contextmanager
    def run_lock(self, notify: Callable[[str], None]) -> Iterator[None]:
        """Keep other runs of this study waiting, so that nothing is asked twice, and take in what they left."""
        with self._hold_run_lock(notify):
            self._replay_journal(notify)
            yield

    def journal_outcome(self, outcome: Response | ResponseFailure) -> None:
        """Have an outcome survive a kill at once; :meth:`keep_outcomes` is to follow."""
        if self._journal is None:
            self._journal = OutcomeJournal(self._location.journal_stem, self._run, of_judges=self._tables is OF_JUDGES)
        self._journal.append(outcome)

    def rotate_journal(self) -> None:
        """What is noted so far is about to be stored; what was noted before the last rotation is stored."""
        if self._journal is not None:
            self._journal.rotate()

    def drop_journal(self) -> None:
        """All that was noted is stored."""
        if self._journal is not None:
            self._journal.drop()
            self._journal = None

    def _has_unstored_entries(self) -> bool:
        return next(unstored_entries(self._location.journal_stem), None) is not None

    def _replay_journal(self, notify: Callable[[str], None] | None) -> None:
        """Store what a killed run noted and did not commit, each as of its run; quarantine what cannot be stored."""
        refused: list[bytes] = []
        entries_of = attrgetter("run", "of_judges")
        for (run, of_judges), group in groupby(unstored_entries(self._location.journal_stem), key=entries_of):
            entries = list(group)
            view = copy(self)
            view._run, view._tables = run, OF_JUDGES if of_judges else OF_RESPONDENTS
            results = iter(view._store_each([entry.outcome for entry in entries if entry.outcome is not None]))
            refused += [
                entry.line for entry in entries if entry.outcome is None or isinstance(next(results), CannotStore)
            ]
        if refused:
            file = quarantine(self._location.journal_stem, refused)
            if notify is not None:
                notify(_quarantine_notice(len(refused), file))
        remove_files(self._location.journal_stem)

    def close(self) -> None:
        """Close the database and the journal."""
        if self._journal is not None:
            self._journal.close()
        super().close()

    # Outcomes ------------------------------------------------------------------------------------------------------

    def stored(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of every response held for a respondent."""
        table = self._tables.responses
        query = select(table.c.question_id, table.c.round).where(table.c.respondent == respondent)
        with self._reading() as connection:
            return {(row.question_id, row.round) for row in connection.execute(query)}

    def first_asked(self, respondent: str) -> datetime | None:
        """UTC time of a respondent's first response; None before it."""
        table = self._tables.responses
        with self._reading() as connection:
            earliest = connection.execute(
                select(func.min(table.c.asked_at)).where(table.c.respondent == respondent)
            ).scalar_one()
        return datetime.fromisoformat(earliest) if earliest else None

    def accepted_request(self, respondent: str) -> dict[str, Any] | None:
        """The body of a respondent's latest request that was answered; None where none is held."""
        table = self._tables.responses
        query = (
            select(schema.requests.c.body)
            .join(table, schema.requests.c.sha256 == table.c.request_sha256)
            .where(table.c.respondent == respondent)
            .order_by(table.c.asked_at.desc())
            .limit(1)
        )
        with self._reading() as connection:
            body = connection.execute(query).scalar_one_or_none()
        return stored_json(body, "a request's body") if body is not None else None

    def keep_outcomes(self, outcomes: Sequence[Response | ResponseFailure]) -> list[bool]:
        """Store all in one commit; False where the study holds a response for the ask already, which then stays.

        An earlier failure of the same ask goes only here, with its response.

        Raises
        ------
        CannotStore
            Where the database cannot be written; or where an outcome cannot be stored, after all others are.
        """
        stored = []
        for result in self._store_each(outcomes):
            if isinstance(result, CannotStore):
                raise result
            stored.append(result)
        return stored

    def _store_each(self, outcomes: Sequence[Response | ResponseFailure]) -> list[bool | CannotStore]:
        """The same with what is wrong with an outcome in its place; they go one by one where it is so with any."""
        try:
            self._store_together(outcomes)
        except Exception as error:  # of any kind: what one outcome brings about must not lose the others
            if isinstance(error, CannotStore) and not isinstance(error.__cause__, DataError):
                raise  # it is the database, not one of the outcomes
            if len(outcomes) > 1:
                return [result for outcome in outcomes for result in self._store_each([outcome])]
            ask = outcomes[0].ask
            if isinstance(error, IntegrityError) and (ask.question_id, ask.round) in self.stored(ask.respondent):
                return [False]
            return [_unstorable(ask, error)]
        return [True] * len(outcomes)

    def _store_together(self, outcomes: Sequence[Response | ResponseFailure]) -> None:
        responses = [outcome for outcome in outcomes if isinstance(outcome, Response)]
        with self._writing() as connection:
            if responses:
                self._keep_requests(connection, responses)
                rows = [
                    {**response_values(response, self._run), "import_number": self._import} for response in responses
                ]
                connection.execute(insert(self._tables.responses), rows)
            self._keep_failures(connection, outcomes)

    def keep_response(self, response: Response) -> bool:
        """Store one response; False where the study holds one for this ask already, which then stays."""
        return self.keep_outcomes([response])[0]

    def keep_failure(self, failure: ResponseFailure) -> None:
        """Store one failure in place of an earlier failure of the same ask."""
        self.keep_outcomes([failure])

    def _keep_requests(self, connection: Connection, responses: Sequence[Response]) -> None:
        rows = {row["sha256"]: row for row in map(request_values, responses) if row}
        known = (
            set(
                connection.execute(select(schema.requests.c.sha256).where(schema.requests.c.sha256.in_(rows))).scalars()
            )
            if rows
            else set()
        )
        new = [row for digest, row in rows.items() if digest not in known]
        if new:
            connection.execute(insert(schema.requests), new)

    def _keep_failures(self, connection: Connection, outcomes: Sequence[Response | ResponseFailure]) -> None:
        table = self._tables.failures
        failures = [
            {**failure_values(outcome), "import_number": self._import}
            for outcome in outcomes
            if isinstance(outcome, ResponseFailure)
        ]
        if failures or connection.execute(select(table.c.round).limit(1)).first() is not None:
            for outcome in outcomes:
                connection.execute(delete(table).where(*clauses_for(table, outcome.ask)))
        if failures:
            connection.execute(insert(table), failures)

    def responses(self) -> list[Response]:
        """Every response, by round, respondent and question, without the bodies sent and received."""
        return list(self.each_response())

    def each_response(self) -> Iterator[Response]:
        """The same one after another, for what needs no more than one."""
        table = self._tables.responses
        query = select(*without_body(table)).order_by(table.c.round, table.c.respondent, table.c.question_id)
        with self._reading() as connection:
            read = how_read(connection)
            for row in checked(table, connection.execution_options(yield_per=1000).execute(query)):
                yield response_of(row, read)

    def each_whole_response(self, respondent: str) -> Iterator[Response]:
        """A respondent's responses by round and question, with the bodies sent and received."""
        table = self._tables.responses
        query = (
            select(table, schema.requests.c.body)
            .outerjoin(schema.requests, schema.requests.c.sha256 == table.c.request_sha256)
            .where(table.c.respondent == respondent)
            .order_by(table.c.round, table.c.question_id)
        )
        with self._reading() as connection:
            read = how_read(connection)
            rows = connection.execution_options(yield_per=1000).execute(query)
            for row in checked(table, rows, bodies=True):
                yield response_of(
                    row, read, request=checked_body(row.body or "", row.request_sha256), received=row.received or ""
                )

    def response(self, question_id: str, respondent: str, round_number: int) -> tuple[Response, dict[str, Any]] | None:
        """One response with its bodies, and the facts of the run that asked it (none for a recorded answer)."""
        table = self._tables.responses
        query = (
            select(table, schema.requests.c.body, schema.runs.c.facts)
            .outerjoin(schema.requests, schema.requests.c.sha256 == table.c.request_sha256)
            .outerjoin(schema.runs, schema.runs.c.id == table.c.run)
            .where(table.c.question_id == question_id, table.c.respondent == respondent, table.c.round == round_number)
        )
        with self._reading() as connection:
            row = next(checked(table, connection.execute(query), bodies=True), None)
            read = how_read(connection)
        if row is None:
            return None
        found = response_of(
            row, read, request=checked_body(row.body or "", row.request_sha256), received=row.received or ""
        )
        return found, stored_json(row.facts or "{}", "what is stored of a run")

    def failures(self) -> list[ResponseFailure]:
        """Every ask that brought no response so far."""
        table = self._tables.failures
        query = select(table).order_by(table.c.round, table.c.respondent, table.c.question_id)
        with self._reading() as connection:
            return [failure_of(row) for row in checked(table, connection.execute(query))]

    def failed(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of every failure held for a respondent."""
        table = self._tables.failures
        query = select(table.c.question_id, table.c.round).where(table.c.respondent == respondent)
        with self._reading() as connection:
            return {(row.question_id, row.round) for row in connection.execute(query)}


def _unstorable(ask: Ask, error: Exception) -> CannotStore:
    reason = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
    problem = CannotStore(
        f"what came of {ask.question_id}, {ask.respondent}, round {ask.round} cannot be stored ({reason}); all else "
        "is, and the same command goes on from there"
    )
    problem.__cause__ = error
    return problem


def _quarantine_notice(number: int, file: Path) -> str:
    what = "1 record that a run left behind" if number == 1 else f"{number:,} records that a run left behind"
    return f"{what} cannot be stored, and {file} keeps what was noted; the next run asks again what has no answer"
