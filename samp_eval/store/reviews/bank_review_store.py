"""Experts' reviews of the bank: what went out, what they said, what was accepted; and pass marks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.review.bank.acceptance import Acceptance
from samp_eval.review.bank.review_rows import BankRating, BankReviewRow
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.reviews.draw_store import SqlDrawStore
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlBankReviewStore"]


class SqlBankReviewStore(SqlDrawStore):
    """The part of the store that holds reviews of the bank."""

    def bank_review_rows(self) -> list[BankReviewRow]:
        """Every row that ever went out, in order of the row ids."""
        with self._reading() as connection:
            return _rows(connection)

    def keep_bank_review_rows(self, rows: Sequence[BankReviewRow]) -> list[BankReviewRow]:
        """Record rows before they go out; gives the row that went out before for the same text, if there is one."""
        with self._writing_alone() as connection:
            held = {_place(row): row for row in _rows(connection)}
            new = [row for row in rows if _place(row) not in held]
            if new:
                values = [{**asdict(row), "exported_at": written(row.exported_at)} for row in new]
                connection.execute(insert(schema.bank_review_rows), values)
        return [held.get(_place(row), row) for row in rows]

    def bank_ratings(self) -> list[BankRating]:
        """Everything that experts ever said, in order; the latest of a row and field holds."""
        with self._reading() as connection:
            return _ratings(connection)

    def bank_rating_values(self) -> dict[str, dict[str, str]]:
        """What holds, by row id and field."""
        values: dict[str, dict[str, str]] = {}
        for rating in self.bank_ratings():
            values.setdefault(rating.row_id, {})[rating.field] = rating.value
        return values

    def keep_bank_ratings(self, new: Sequence[BankRating]) -> tuple[int, list[tuple[BankRating, str]]]:
        """Append the ratings that differ from what holds.

        Returns
        -------
        tuple of (int, list of (BankRating, str))
            How many, and those among them that replace another value, with that value.
        """
        with self._writing_alone() as connection:
            held = {(rating.row_id, rating.field): rating.value for rating in _ratings(connection)}
            fresh = [rating for rating in new if held.get((rating.row_id, rating.field)) != rating.value]
            if fresh:
                values = [{**asdict(rating), "given_at": written(rating.given_at)} for rating in fresh]
                connection.execute(insert(schema.bank_ratings), values)
        replaced = [(rating, held.get((rating.row_id, rating.field), "")) for rating in fresh]
        return len(fresh), [(rating, before) for rating, before in replaced if before]

    def pass_marks(self) -> list[PassMark]:
        """Every pass mark that was set, in order; the last one of a method holds."""
        with self._reading() as connection:
            return _pass_marks(connection)

    def keep_pass_mark(self, mark: PassMark) -> None:
        """Append a pass mark where it differs from the last one of its method, whenever that was set."""
        values = {
            "method": mark.method,
            "content": json.dumps(mark.as_json(), ensure_ascii=False),
            "set_at": written(mark.set_at),
        }
        with self._writing_alone() as connection:
            held = {kept.method: kept for kept in _pass_marks(connection)}.get(mark.method)
            if held is None or replace(held, set_at=mark.set_at) != mark:
                connection.execute(insert(schema.standards).values(values))

    def bank_acceptances(self) -> list[Acceptance]:
        """Every acceptance of a case, in order."""
        table = schema.bank_acceptances
        with self._reading() as connection:
            rows = checked(table, connection.execute(select(table).order_by(table.c.sequence)))
            return [
                Acceptance(
                    row.case_id,
                    row.case_sha256,
                    tuple(json.loads(row.experts)),
                    row.reason,
                    datetime.fromisoformat(row.accepted_at),
                )
                for row in rows
            ]

    def keep_bank_acceptances(self, new: Sequence[Acceptance]) -> None:
        """Append acceptances."""
        values = [
            {
                "case_id": accepted.case_id,
                "case_sha256": accepted.case_sha256,
                "experts": json.dumps(accepted.experts, ensure_ascii=False),
                "reason": accepted.reason,
                "accepted_at": written(accepted.accepted_at),
            }
            for accepted in new
        ]
        if values:
            with self._writing_alone() as connection:
                connection.execute(insert(schema.bank_acceptances), values)


def _pass_marks(connection: Connection) -> list[PassMark]:
    table = schema.standards
    rows = checked(table, connection.execute(select(table).order_by(table.c.sequence)))
    return [PassMark.from_json(json.loads(row.content)) for row in rows]


def _place(row: BankReviewRow) -> tuple[str, str, int, str, int]:
    return row.expert, row.step, row.round, row.question_id, row.bank_version


def _rows(connection: Connection) -> list[BankReviewRow]:
    table = schema.bank_review_rows
    return [
        BankReviewRow(
            row.row_id,
            row.expert,
            row.step,
            row.round,
            row.question_id,
            row.bank_version,
            datetime.fromisoformat(row.exported_at),
        )
        for row in checked(table, connection.execute(select(table).order_by(table.c.row_id)))
    ]


def _ratings(connection: Connection) -> list[BankRating]:
    table = schema.bank_ratings
    return [
        BankRating(row.row_id, row.field, row.value, datetime.fromisoformat(row.given_at), row.source)
        for row in checked(table, connection.execute(select(table).order_by(table.c.sequence)))
    ]
