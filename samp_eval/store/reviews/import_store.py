"""What was imported, and what was taken back of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, select

from samp_eval.literals import ImportKind
from samp_eval.review.imports import Import
from samp_eval.run.prompt import question_sha256
from samp_eval.run.respondent import Response
from samp_eval.store import schema
from samp_eval.store.asked.former_responses import IMPORT_WITHDRAWN, SAID_AGAIN, bring_back, keep_former, take_out
from samp_eval.store.outcomes.rows import response_values
from samp_eval.store.reviews.exclusion_store import SqlExclusionStore
from samp_eval.store.reviews.import_rows import begin_import, live_import, mark_withdrawn, note
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlImportStore", "Withdrawn"]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a withdrawn import of responses.

    Attributes
    ----------
    responses, failures : int
        That no longer count.
    returned : int
        Responses in their places that count again, because another import has them too or they were corrected.
    gone : tuple of str
        Respondents of whom nothing is left.
    """

    responses: int
    failures: int
    returned: int
    gone: tuple[str, ...]


class SqlImportStore(SqlExclusionStore):
    """The part of the store that knows the imports."""

    def imports(self, kind: ImportKind) -> list[Import]:
        """Every import, withdrawn or not, in order."""
        table = schema.imports
        tables = [schema.marks] if kind == "marks" else [schema.responses, schema.former_responses]
        query = select(table).where(table.c.kind == kind).order_by(table.c.number)
        brought = Counter[int]()
        with self._reading() as connection:
            for held in tables:
                number = held.c.import_number
                numbers = select(number, func.count()).where(number.is_not(None)).group_by(number)
                brought.update({row[0]: row[1] for row in connection.execute(numbers)})
            return [_import_of(row, brought[row.number]) for row in checked(table, connection.execute(query))]

    def withdraw_marks(self, taken: Import, reason: str, by: str) -> None:
        """Have the marks of an import count no more, and note the deviation; they stay in the history."""
        with self._writing_alone() as connection:
            mark_withdrawn(connection, taken, reason, by, f"{taken.brought:,} marks")

    # Responses -----------------------------------------------------------------------------------------------------

    @contextmanager
    def importing(self, file: str, sha256: str) -> Iterator[None]:
        """Store what follows as an import of a file; the same file again goes on with its import."""
        with self._writing_alone() as connection:
            held = live_import(connection, "responses", sha256)
            self._import = held or begin_import(connection, "responses", file, sha256)
        try:
            yield
        finally:
            self._import = None

    def keep_said_again(self, responses: Iterable[Response]) -> None:
        """Keep what an import says that is there already: it holds once the import that said it first is withdrawn."""
        number, answers = self._import, self._question_hashes()
        rows = [{**response_values(response, None), "import_number": number} for response in responses]
        with self._writing_alone() as connection:
            first = _imports_by_ask(connection, schema.responses, schema.responses.c.import_number.is_not(None))
            again = _imports_by_ask(
                connection, schema.former_responses, schema.former_responses.c.import_number == number
            )
            new = [row for row in rows if first.get(_place(row), number) != number and _place(row) not in again]
            keep_former(connection, new, SAID_AGAIN, answers)

    def withdraw_responses(self, taken: Import, reason: str, by: str) -> Withdrawn:
        """Take out what came with an import, and note the deviation; it is kept among the former responses."""
        answers, table = self._question_hashes(), schema.responses
        with self._writing_alone() as connection:
            mark_withdrawn(connection, taken, reason, by, f"{taken.brought:,} responses")
            rows = take_out(connection, IMPORT_WITHDRAWN, answers, table.c.import_number == taken.number)
            failures = _take_out_failures(connection, taken.number, answers)
            asks: dict[str, set[tuple[str, int]]] = {}
            for row in rows:
                asks.setdefault(row["question_id"], set()).add((row["respondent"], row["round"]))
            returned = sum(bring_back(connection, name, answers.get(name, ""), of) for name, of in asks.items())
            names = dict.fromkeys(row["respondent"] for row in [*rows, *failures])
            gone = tuple(name for name in names if _forget_if_empty(connection, name))
        return Withdrawn(len(rows), len(failures), returned, gone)

    def _question_hashes(self) -> dict[str, str]:
        bank = self.bank()
        return {} if bank is None else {name: question_sha256(*found) for name, found in bank.by_question().items()}


def _place(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["question_id"], row["respondent"], row["round"]


def _imports_by_ask(connection: Connection, table: Table, *where: Any) -> dict[tuple[str, str, int], int]:
    query = select(table.c.question_id, table.c.respondent, table.c.round, table.c.import_number).where(*where)
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(query)}


def _take_out_failures(connection: Connection, number: int, answers: Mapping[str, str]) -> list[dict[str, Any]]:
    table = schema.failures
    query = select(table).where(table.c.import_number == number)
    failures = [row._asdict() for row in checked(table, connection.execute(query))]
    kept = dict.fromkeys(("asked_at", "prompt_tokens", "completion_tokens", "finish_reason"))
    rows = [
        {
            **{name: failure[name] for name in ("question_id", "respondent", "round", "condition")},
            **kept,
            "text": "",
            "model_returned": "",
            "latency_seconds": None,
            "tries": failure["tries"],
            "failed_tries": failure["failed_tries"],
            "provenance": json.dumps({"failure": failure["message"], "kind": failure["kind"]}, ensure_ascii=False),
            "run": None,
            "request_sha256": None,
            "received": None,
            "import_number": number,
        }
        for failure in failures
    ]
    keep_former(connection, rows, IMPORT_WITHDRAWN, answers)
    connection.execute(delete(table).where(table.c.import_number == number))
    return failures


def _forget_if_empty(connection: Connection, respondent: str) -> bool:
    """Take a respondent out of whom nothing is left; the deviations keep the settings."""
    for table in (schema.responses, schema.failures, schema.batch_asks):
        query = select(table.c.round).where(table.c.respondent == respondent).limit(1)
        if connection.execute(query).first() is not None:
            return False
    table = schema.respondents
    settings = connection.execute(select(table.c.settings).where(table.c.id == respondent)).scalar_one()
    connection.execute(delete(table).where(table.c.id == respondent))
    what = f"{respondent} left the study with its last response; its settings had been: {settings}"
    note(connection, what)
    return True


def _import_of(row: Row[Any], brought: int) -> Import:
    withdrawn_at = datetime.fromisoformat(row.withdrawn_at) if row.withdrawn_at else None
    return Import(
        row.number,
        row.kind,
        row.file,
        row.sha256,
        datetime.fromisoformat(row.imported_at),
        brought,
        withdrawn_at,
        row.withdrawn_by or "",
        row.reason or "",
    )
