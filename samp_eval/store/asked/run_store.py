"""What a run needs of the study and leaves in it: respondents, circumstances, the frozen plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from samp_eval.errors import StudyConflict
from samp_eval.run.provenance import plan_digest
from samp_eval.run.respondent import NEVER_ASKED, Response
from samp_eval.store import schema
from samp_eval.store.asked.former_responses import CORRECTED, keep_former
from samp_eval.store.database import now_written
from samp_eval.store.outcomes.rows import clauses_for, response_values
from samp_eval.store.reviews.import_rows import note
from samp_eval.store.reviews.import_store import SqlImportStore
from samp_eval.store.safety.row_digests import checked, refresh_digests, stored_json

__all__ = ["SqlRunStore"]


class SqlRunStore(SqlImportStore):
    """The part of the store that asking needs."""

    # Respondents ---------------------------------------------------------------------------------------------------

    def respondents(self) -> dict[str, dict[str, Any]]:
        """Settings of every respondent that was asked or imported, in order of first appearance."""
        query = select(self._tables.respondents).order_by(self._tables.respondents.c.sequence)
        with self._reading() as connection:
            rows = checked(self._tables.respondents, connection.execute(query))
            return {row.id: json.loads(row.settings) for row in rows}

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
        last = select(func.coalesce(func.max(self._tables.respondents.c.sequence), 0))
        with self._writing() as connection:
            connection.execute(
                insert(self._tables.respondents).values(
                    id=identifier,
                    sequence=connection.execute(last).scalar_one() + 1,
                    settings=json.dumps(dict(settings), sort_keys=True),
                    first_asked_at=now_written(),
                )
            )

    def forget_never_asked(self, respondent: str) -> None:
        """Take a respondent out of the study where all that came of it are a wrong name, key or address."""
        failures, responses, respondents = self._tables.failures, self._tables.responses, self._tables.respondents
        with self._writing() as connection:
            answered = select(responses.c.round).where(responses.c.respondent == respondent).limit(1)
            other = select(failures.c.round).where(
                failures.c.respondent == respondent, failures.c.kind.not_in(NEVER_ASKED)
            )
            if connection.execute(answered).first() is None and connection.execute(other.limit(1)).first() is None:
                connection.execute(delete(failures).where(failures.c.respondent == respondent))
                connection.execute(delete(respondents).where(respondents.c.id == respondent))

    # The run and the plan ------------------------------------------------------------------------------------------

    def seed_rule(self, of_new_study: str) -> str | None:
        """The rule by which the study's first run derived sampling seeds; ``of_new_study`` before the first run."""
        return self._of_first_run("seed_rule", of_new_study)

    def option_rule(self, of_new_study: str) -> str | None:
        """The rule by which the study's first run sent options; ``of_new_study`` before the first run."""
        return self._of_first_run("option_rule", of_new_study)

    def _of_first_run(self, fact: str, of_new_study: str) -> str | None:
        first = select(schema.runs.c.facts).order_by(schema.runs.c.id).limit(1)
        with self._reading() as connection:
            facts = connection.execute(first).scalar_one_or_none()
        if facts is None:
            return of_new_study
        rule: str | None = stored_json(facts, "what is stored of a run").get(fact)
        return rule

    def begin_run(self, facts: Mapping[str, Any]) -> None:
        """Record under what circumstances the responses that follow are asked."""
        with self._writing() as connection:
            result = connection.execute(
                insert(schema.runs).values(started_at=now_written(), facts=json.dumps(dict(facts), sort_keys=True))
            )
            self._run = result.inserted_primary_key[0] if result.inserted_primary_key else None

    def keep_protocol(self, content: Mapping[str, Any]) -> str:
        """Freeze the study as planned at its first ask, note later changes as deviations, and return its SHA-256."""
        text, digest = plan_digest(content)
        latest = select(schema.protocols).order_by(schema.protocols.c.sequence.desc()).limit(1)
        with self._writing() as connection:
            held = connection.execute(latest).one_or_none()
            if held is None or held.sha256 != digest:
                values = {"sha256": digest, "content": text, "stored_at": now_written()}
                connection.execute(insert(schema.protocols).values(values))
        if held is not None and held.sha256 != digest:
            before = stored_json(held.content, "the plan as it was frozen")
            for name in sorted({*before, *content}):
                if before.get(name) != content.get(name):
                    self.note_deviation(
                        f"study.toml was changed after the first request: {name} ({held.sha256[:8]} to {digest[:8]})"
                    )
        return digest

    def protocol(self) -> tuple[str, datetime] | None:
        """SHA-256 of the plan as it was first frozen, and the UTC time; None before the first ask."""
        first = select(schema.protocols).order_by(schema.protocols.c.sequence).limit(1)
        with self._reading() as connection:
            row = next(checked(schema.protocols, connection.execute(first)), None)
        return None if row is None else (row.sha256, datetime.fromisoformat(row.stored_at))

    def note_deviation(self, what: str) -> None:
        """Record once what was done otherwise than planned."""
        with self._writing() as connection:
            note(connection, what)

    def correct_recorded(self, responses: Iterable[Response], settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Correct what was recorded elsewhere; what it was before is noted as a deviation, in the same transaction.

        Parameters
        ----------
        responses : iterable of Response
            Recorded answers with the text that they should have had, and the time where it is known.
        settings : mapping
            The whole settings of recorded respondents, by id.
        """
        table, respondents, answers = schema.responses, schema.respondents, self._question_hashes()
        with self._writing() as connection:
            for response in responses:
                ask, clauses = response.ask, clauses_for(table, response.ask)
                former = connection.execute(select(table).where(*clauses)).one()
                keep_former(connection, [former._asdict()], CORRECTED, answers)
                where = f"{ask.question_id}, {ask.respondent}, round {ask.round}"
                note(connection, f"a recorded answer was corrected ({where}); it had been: {former.text}")
                values = response_values(response, None)
                given = {name: values[name] for name in ("text", "asked_at") if values[name] is not None}
                given["import_number"] = self._import
                connection.execute(update(table).where(*clauses).values(given))
                refresh_digests(connection, table, *clauses)
            for name, wanted in settings.items():
                held = select(respondents.c.settings).where(respondents.c.id == name)
                former = connection.execute(held).scalar_one()
                note(connection, f"the recorded settings of {name} were corrected; they had been: {former}")
                written = json.dumps(dict(wanted), sort_keys=True)
                connection.execute(update(respondents).where(respondents.c.id == name).values(settings=written))
                refresh_digests(connection, respondents, respondents.c.id == name)

    def deviations(self) -> list[tuple[str, datetime]]:
        """Everything done otherwise than planned, with the UTC time when it was noted."""
        query = select(schema.deviations).order_by(schema.deviations.c.sequence)
        with self._reading() as connection:
            rows = checked(schema.deviations, connection.execute(query))
            return [(row.what, datetime.fromisoformat(row.noted_at)) for row in rows]


def _settings_conflict(identifier: str, held: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    differing = sorted(name for name in {*held, *asked} if held.get(name) != asked.get(name))
    before, now = (
        {name: repr(settings[name]) if name in settings else "nothing" for name in differing}
        for settings in (held, asked)
    )
    lines = [f"  {name}: the study has {before[name]}, now {now[name]}" for name in differing]
    return "\n".join(
        [
            f"the respondent {identifier!r} was asked under other settings; give the new one another name with --name:",
            *lines,
        ]
    )
