"""The banks that a study has had: its questions with their keys, and what an amendment does to the responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from samp_eval.errors import CannotStore, StudyConflict
from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, SampCase
from samp_eval.review.amendments.amendment import Amendment
from samp_eval.review.amendments.key_history import EntryIdentity, KeyHistory, KeyVersion, Rewording, first_identities
from samp_eval.run.prompt import question_sha256
from samp_eval.store import schema
from samp_eval.store.asked.former_responses import QUESTION_CHANGED, bring_back, take_out
from samp_eval.store.asked.picture_rows import StoredPictures, keep_pictures
from samp_eval.store.database import now_written
from samp_eval.store.outcomes.sql_outcomes import SqlOutcomeStore
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlBankStore"]


class SqlBankStore(SqlOutcomeStore):
    """The part of the store that holds banks."""

    _history: tuple[tuple[int, ...], KeyHistory] | None = None
    """As it was read last; a bank that is stored never changes."""

    def bank(self) -> Bank | None:
        """The bank of the study, with its version; None before the first ask."""
        with self._reading() as connection:
            history = self._key_history(connection)
        return history.present.bank if history.versions else None

    def bank_asked(self) -> Bank:
        """The bank of the study; raises ``CannotStore`` before the first ask."""
        bank = self.bank()
        if bank is None:
            raise CannotStore("the study has no questions yet; run samp-eval run or samp-eval responses import first")
        return bank

    def keep_bank(self, bank: Bank) -> None:
        """Record the bank that a study begins with; from then on only an amendment changes it.

        Raises
        ------
        StudyConflict
            Where the study has another bank.
        """
        held = self.bank()
        if held is not None and held.sha256 != bank.sha256:
            raise StudyConflict(
                f"the study has a bank of its own, and {bank.location} differs from it; samp-eval amend key takes the "
                "corrected bank into the study"
            )
        if held is None:
            with self._writing() as connection:
                keep_pictures(connection, bank)
                _insert_version(connection, bank, first_identities(bank))

    def key_history(self) -> KeyHistory:
        """Every bank that the study has had; empty before the first ask."""
        with self._reading() as connection:
            return self._key_history(connection)

    def _key_history(self, connection: Connection) -> KeyHistory:
        numbers = tuple(connection.execute(select(schema.banks.c.sequence).order_by(schema.banks.c.sequence)).scalars())
        if self._history is None or self._history[0] != numbers:
            self._history = numbers, KeyHistory([self._version(connection, number) for number in numbers])
        return self._history[1]

    def _version(self, connection: Connection, number: int) -> KeyVersion:
        for held in self._history[1].versions if self._history is not None else ():
            if held.bank.version == number:
                return held
        query = select(schema.banks).where(schema.banks.c.sequence == number)
        return _version_of(next(checked(schema.banks, connection.execute(query))), StoredPictures(self._reading))

    # Amendments ----------------------------------------------------------------------------------------------------

    def amend_bank(self, amendment: Amendment, deviation: str) -> None:
        """Have a corrected bank hold from now on, and note the deviation.

        Responses to questions that read differently leave the study, and those return that answer the question as it
        reads now and have no successor.

        Raises
        ------
        StudyConflict
            Where another amendment came first.
        """
        before, after = amendment.before.present.bank, amendment.after.present.bank
        was, now = before.by_question(), after.by_question()
        with self._writing_alone() as connection:
            if _present_version(connection) != before.version:
                raise StudyConflict("the study was amended by another process a moment ago; look at it and amend again")
            keep_pictures(connection, after)
            _insert_version(connection, after, amendment.after.present.entries)
            for name in amendment.changed_questions:
                of_question = schema.responses.c.question_id == name
                take_out(connection, QUESTION_CHANGED, {name: question_sha256(*was[name])}, of_question)
                connection.execute(delete(schema.failures).where(schema.failures.c.question_id == name))
                bring_back(connection, name, question_sha256(*now[name]))
            connection.execute(insert(schema.deviations).values(what=deviation, noted_at=now_written()))


def _present_version(connection: Connection) -> int:
    found: int = connection.execute(select(func.coalesce(func.max(schema.banks.c.sequence), 0))).scalar_one()
    return found


def _insert_version(connection: Connection, bank: Bank, entries: Mapping[str, tuple[EntryIdentity, ...]]) -> None:
    cases = [case.model_dump(mode="json", exclude_defaults=True) for case in bank.cases]
    values = {
        **({"sequence": bank.version} if bank.version else {}),
        "sha256": bank.sha256,
        "location": bank.location,
        "cases": json.dumps(cases, ensure_ascii=False),
        "stored_at": now_written(),
        "entries": json.dumps({name: list(map(_identity_written, of)) for name, of in entries.items()}),
        "files_sha256": bank.files_sha256 or None,
    }
    connection.execute(insert(schema.banks).values(values))


def _version_of(row: Row[Any], pictures: Mapping[str, PlainPicture]) -> KeyVersion:
    cases = [SampCase.model_validate(case) for case in json.loads(row.cases)]
    bank = bank_of(cases, location=row.location, version=row.sequence)
    bank = replace(bank, files_sha256=row.files_sha256 or "", pictures=pictures)
    if row.entries is None:
        return KeyVersion(bank, first_identities(bank))
    entries = {name: tuple(map(_identity_read, of)) for name, of in json.loads(row.entries).items()}
    return KeyVersion(bank, entries)


def _identity_written(identity: EntryIdentity) -> list[Any]:
    return [identity.id, [[sorted(words.before), sorted(words.after)] for words in identity.rewordings]]


def _identity_read(written: list[Any]) -> EntryIdentity:
    rewordings = tuple(Rewording(frozenset(before), frozenset(after)) for before, after in written[1])
    return EntryIdentity(written[0], rewordings)
