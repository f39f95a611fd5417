"""Batches of a provider's Batch API: written down before they are sent, and kept with what came of each ask."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from samp_eval.errors import StudyConflict
from samp_eval.run.batch.records import LIVE, BatchAsk, BatchResult, KeptBatch, NewBatch
from samp_eval.run.respondent import Ask, FailedAttempt, ResponseFailure
from samp_eval.store import schema
from samp_eval.store.asked.respondent_names import rename_respondent
from samp_eval.store.asked.run_store import SqlRunStore
from samp_eval.store.database import now_written, written
from samp_eval.store.safety.row_digests import checked, checked_body, refresh_digests, refuse_damage, stored_json
from samp_eval.study import Condition

__all__ = ["SqlBatchStore"]

ROWS_AT_A_TIME = 500


class SqlBatchStore(SqlRunStore):
    """The part of the store that batches need."""

    def pending(self, respondent: str) -> set[tuple[str, int]]:
        """(question_id, round) of what live batches ask."""
        asks, batches = schema.batch_asks, schema.batches
        query = (
            select(asks.c.question_id, asks.c.round)
            .join(batches, batches.c.id == asks.c.batch)
            .where(asks.c.respondent == respondent, batches.c.state.in_(LIVE))
        )
        with self._reading() as connection:
            return {(row.question_id, row.round) for row in connection.execute(query)}

    def rename_respondent(self, old: str, new: str) -> int:
        """Rename a respondent, and note the deviation; returns how many responses moved.

        Raises
        ------
        StudyConflict
            Where a batch is asking it, or an ask or a setting conflicts with the respondent of that name.
        """
        for name in (old, new):
            if self.pending(name):
                raise StudyConflict(f"a batch is asking {name}; collect it with samp-eval run --batch first")
        with self._writing_alone() as connection:
            return rename_respondent(connection, old, new)

    def live_batches(self, respondent: str | None = None) -> list[KeptBatch]:
        """Batches whose asks are pending, the oldest first."""
        table = schema.batches
        query = select(table).where(table.c.state.in_(LIVE)).order_by(table.c.sequence)
        if respondent is not None:
            query = query.where(table.c.respondent == respondent)
        with self._reading() as connection:
            return [_batch(row) for row in checked(table, connection.execute(query))]

    def keep_batch(self, new: NewBatch) -> KeptBatch:
        """Write a batch down with every ask and body, in one commit, before anything is sent."""
        digests = [hashlib.sha256(ask.body.encode()).hexdigest() for ask in new.asks]
        rows = [
            {
                "batch": new.id,
                "custom_id": batch_ask.custom_id,
                "position": position,
                "question_id": batch_ask.ask.question_id,
                "respondent": batch_ask.ask.respondent,
                "round": batch_ask.ask.round,
                "condition": batch_ask.ask.condition.label,
                "option_order": _order_written(batch_ask.ask.option_order),
                "request_sha256": digest,
            }
            for position, (batch_ask, digest) in enumerate(zip(new.asks, digests, strict=True))
        ]
        with self._writing() as connection:
            connection.execute(insert(schema.batches), _new_values(new, self._run))
            connection.execute(insert(schema.batch_asks), rows)
            _keep_bodies(connection, {digest: ask.body for ask, digest in zip(new.asks, digests, strict=True)})
        return self._kept(new.id)

    def change_batch(self, batch: KeptBatch, **values: Any) -> KeptBatch:
        """Record what has become of a batch."""
        rows = {name: written(value) if isinstance(value, datetime) else value for name, value in values.items()}
        for name in ("parameters", "adaptations"):
            if name in rows:
                rows[name] = json.dumps(rows[name])
        this = schema.batches.c.id == batch.id
        with self._writing() as connection:
            refuse_damage(connection, schema.batches, this)
            connection.execute(update(schema.batches).where(this).values(rows))
            refresh_digests(connection, schema.batches, this)
        return self._kept(batch.id)

    def batch_file(self, batch: KeptBatch) -> Iterator[BatchAsk]:
        """The lines of a batch's file, in order."""
        asks, requests = schema.batch_asks, schema.requests
        query = (
            select(asks, requests.c.body)
            .join(requests, requests.c.sha256 == asks.c.request_sha256)
            .where(asks.c.batch == batch.id)
            .order_by(asks.c.position)
        )
        with self._reading() as connection:
            for row in checked(asks, connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(query)):
                yield BatchAsk(row.custom_id, _ask(row), checked_body(row.body, row.request_sha256))

    def batch_asks(self, batch: KeptBatch) -> dict[str, Ask]:
        """What a batch asks, by custom id."""
        query = select(schema.batch_asks).where(schema.batch_asks.c.batch == batch.id)
        with self._reading() as connection:
            return {row.custom_id: _ask(row) for row in checked(schema.batch_asks, connection.execute(query))}

    def batch_bodies(self, batch: KeptBatch, custom_ids: Sequence[str]) -> dict[str, str]:
        """The bodies of some requests of a batch, by custom id."""
        asks, requests = schema.batch_asks, schema.requests
        query = (
            select(asks.c.custom_id, requests.c.sha256, requests.c.body)
            .join(requests, requests.c.sha256 == asks.c.request_sha256)
            .where(asks.c.batch == batch.id, asks.c.custom_id.in_(custom_ids))
        )
        with self._reading() as connection:
            return {row.custom_id: checked_body(row.body, row.sha256) for row in connection.execute(query)}

    def keep_batch_results(self, batch: KeptBatch, results: Sequence[BatchResult]) -> int:
        """Store what came of asks, as often as it is told so; return how many responses are new.

        A kill between the two commits does no harm: the batch is collected again, and the same is written again.
        """
        if not results:
            return 0
        table = schema.batch_asks
        change = update(table).where(table.c.batch == batch.id, table.c.custom_id == bindparam("of_ask"))
        columns = ("result", "message", "failed_at", "again")
        values = [_result_values(result) for result in results]
        with self._writing() as connection:
            for first in range(0, len(values), ROWS_AT_A_TIME):
                group = values[first : first + ROWS_AT_A_TIME]
                these = table.c.batch == batch.id, table.c.custom_id.in_([value["of_ask"] for value in group])
                refuse_damage(connection, table, *these)
                connection.execute(change.values({name: bindparam(f"new_{name}") for name in columns}), group)
                refresh_digests(connection, table, *these)
        self._run = batch.run
        outcomes = [result.outcome for result in results if result.outcome is not None]
        kept = self.keep_outcomes(outcomes) if outcomes else []
        new = [outcome for outcome, is_new in zip(outcomes, kept, strict=True) if is_new]
        return sum(not isinstance(outcome, ResponseFailure) for outcome in new)

    def attempts_before(self, batch: KeptBatch) -> dict[tuple[str, int], tuple[FailedAttempt, ...]]:
        """What failed in earlier batches, by (question_id, round)."""
        found: dict[tuple[str, int], tuple[FailedAttempt, ...]] = {}
        for row in self._failed_asks(batch.respondent):
            if row.batch != batch.id:
                place = (row.question_id, row.round)
                failed = FailedAttempt(row.result, row.message or "", at=datetime.fromisoformat(row.failed_at))
                found[place] = (*found.get(place, ()), failed)
        return found

    def given_up(self, respondent: str, max_batches: int) -> set[tuple[str, int]]:
        """(question_id, round) that batches need not ask again: useless, or tried in so many batches."""
        rows = self._failed_asks(respondent)
        times = Counter((row.question_id, row.round) for row in rows)
        last = {(row.question_id, row.round): row.again for row in rows}
        return {place for place, again in last.items() if not again or times[place] >= max_batches}

    def batch_room(self, respondent: str) -> int | None:
        """How many asks a batch may hold: half of the smallest that found no room; None where all did."""
        table = schema.batches
        query = select(func.min(table.c.asks)).where(table.c.respondent == respondent, table.c.state == "too_large")
        with self._reading() as connection:
            smallest: int | None = connection.execute(query).scalar_one()
        return max(1, smallest // 2) if smallest is not None else None

    def accepted_parameters(self, respondent: str) -> Mapping[str, Any] | None:
        """What the model accepts, as the last collected batch left it; None before the first."""
        table = schema.batches
        query = (
            select(table.c.parameters)
            .where(table.c.respondent == respondent, table.c.state == "collected")
            .order_by(table.c.sequence.desc())
            .limit(1)
        )
        with self._reading() as connection:
            parameters = connection.execute(query).scalar_one_or_none()
        return stored_json(parameters, "what is stored of a batch") if parameters is not None else None

    def _failed_asks(self, respondent: str) -> Sequence[Any]:
        """Failed asks of every batch, in order."""
        asks, batches = schema.batch_asks, schema.batches
        query = (
            select(asks)
            .join(batches, batches.c.id == asks.c.batch)
            .where(asks.c.respondent == respondent, asks.c.failed_at.is_not(None))
            .order_by(batches.c.sequence)
        )
        with self._reading() as connection:
            return list(checked(asks, connection.execute(query)))

    def _kept(self, identifier: str) -> KeptBatch:
        with self._reading() as connection:
            query = select(schema.batches).where(schema.batches.c.id == identifier)
            (row,) = checked(schema.batches, connection.execute(query))
            return _batch(row)


def _keep_bodies(connection: Connection, bodies: Mapping[str, str]) -> None:
    table = schema.requests
    digests = iter(bodies)
    while group := list(islice(digests, ROWS_AT_A_TIME)):
        known = set(connection.execute(select(table.c.sha256).where(table.c.sha256.in_(group))).scalars())
        new = [{"sha256": digest, "body": bodies[digest]} for digest in group if digest not in known]
        if new:
            connection.execute(insert(table), new)


def _new_values(new: NewBatch, run: int | None) -> dict[str, Any]:
    return {
        "id": new.id,
        "respondent": new.respondent,
        "endpoint": new.endpoint,
        "state": "planned",
        "run": run,
        "asks": len(new.asks),
        "parameters": json.dumps(dict(new.parameters)),
        "adaptations": json.dumps(list(new.adaptations)),
        "reserved_usd": new.reserved_usd,
        "file_sha256": new.file_sha256,
        "planned_at": now_written(),
        "completed": 0,
        "failed": 0,
    }


def _result_values(result: BatchResult) -> dict[str, Any]:
    failure = result.outcome if isinstance(result.outcome, ResponseFailure) else None
    return {
        "of_ask": result.custom_id,
        "new_result": result.result,
        "new_message": failure.message if failure else None,
        "new_failed_at": written(failure.failed_at) if failure else None,
        "new_again": int(result.again) if failure else None,
    }


def _batch(row: Any) -> KeptBatch:
    moments = {
        name: datetime.fromisoformat(value) if (value := getattr(row, name)) else None
        for name in ("sent_at", "submitted_at")
    }
    return KeptBatch(
        id=row.id,
        respondent=row.respondent,
        endpoint=row.endpoint,
        state=row.state,
        run=row.run,
        asks=row.asks,
        parameters=stored_json(row.parameters, "what is stored of a batch"),
        adaptations=tuple(stored_json(row.adaptations, "what is stored of a batch")),
        reserved_usd=row.reserved_usd,
        file_sha256=row.file_sha256,
        planned_at=datetime.fromisoformat(row.planned_at),
        file_id=row.file_id,
        batch_id=row.batch_id,
        status=row.status,
        completed=row.completed,
        failed=row.failed,
        **moments,
    )


def _ask(row: Any) -> Ask:
    order = tuple(map(int, row.option_order.split())) if row.option_order else None
    return Ask(row.question_id, row.respondent, row.round, Condition.from_label(row.condition), option_order=order)


def _order_written(order: Sequence[int] | None) -> str | None:
    return None if order is None else " ".join(map(str, order))
