"""Experts' reviews of the bank: what went out, what they said, what was accepted; and pass marks."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.literals import NewestChoice
from samp_eval.review.bank.acceptance import Acceptance
from samp_eval.review.bank.review_rows import BankRating, BankReviewRow, SentRating, StandingRating
from samp_eval.review.marks import stands
from samp_eval.review.sheets.sheet_age import OlderMark, SheetMark, held_marks, older_marks
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

    def keep_bank_ratings(
        self, offered: Sequence[SheetMark[BankRating]], newest: NewestChoice | None = None
    ) -> tuple[int, list[tuple[BankRating, str]], list[OlderMark[BankRating]]]:
        """Append the ratings of sheets that differ from what holds.

        Nothing is appended where some would undo later ones and it is not said which count.

        Returns
        -------
        tuple of (int, list of (BankRating, str), list of OlderMark)
            How many; those among them that replace another value, with that value; those that are older than what the
            study has.
        """
        with self._writing_alone() as connection:
            rows = _rating_rows(connection)
            held = held_marks((_rating(row), row.sheet) for row in rows)
            older = older_marks(offered, held, lambda rating: rating.value)
            if older and newest is None:
                return 0, [], older
            left_out = {id(found.offered) for found in older} if newest == "store" else set[int]()
            before = {place: found.mark.value for place, found in held.items()}
            fresh = [
                offer
                for offer in offered
                if id(offer) not in left_out
                and not offer.is_untouched
                and before.get(offer.mark.place) != offer.mark.value
            ]
            _append(connection, [{**_values(offer.mark), "sheet": offer.sheet} for offer in fresh])
        replaced = [(offer.mark, before.get(offer.mark.place, "")) for offer in fresh]
        return len(fresh), [(rating, value) for rating, value in replaced if value], older

    def standing_ratings(self) -> dict[tuple[str, str], StandingRating]:
        """What holds, by row id and field."""
        with self._reading() as connection:
            return _standing(connection)

    def keep_sent_ratings(self, sent: Sequence[SentRating]) -> list[StandingRating]:
        """Append what the page sent and did not come before; returns what holds in the place of each.

        What holds and the page had not seen is appended once more after it, as with marks: the latest row holds, and
        the history has both.
        """
        with self._writing_alone() as connection:
            standing, rows = _standing(connection), list[dict[str, Any]]()
            taken = {row.rating_id for row in _rating_rows(connection)}
            for arrived in sent:
                place, value = arrived.rating.place, arrived.rating.value
                if arrived.rating_id in taken:
                    continue
                taken.add(arrived.rating_id)
                rows.append(_values(arrived.rating) | {"rating_id": arrived.rating_id})
                held = standing.get(place)
                if held is None or not stands(held, value, arrived.seen):
                    standing[place] = StandingRating(value, arrived.rating_id)
                    continue
                again = StandingRating(held.value, secrets.token_hex(16), value)
                more = {"value": held.value, "rating_id": again.version, "stands_against": value}
                rows.append(_values(arrived.rating) | more)
                standing[place] = again
            _append(connection, rows)
        return [standing[arrived.rating.place] for arrived in sent]

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


def _rating_rows(connection: Connection) -> list[Row[Any]]:
    table = schema.bank_ratings
    return list(checked(table, connection.execute(select(table).order_by(table.c.sequence))))


def _rating(row: Row[Any]) -> BankRating:
    return BankRating(row.row_id, row.field, row.value, datetime.fromisoformat(row.given_at), row.source)


def _ratings(connection: Connection) -> list[BankRating]:
    return [_rating(row) for row in _rating_rows(connection)]


def _standing(connection: Connection) -> dict[tuple[str, str], StandingRating]:
    return {
        (row.row_id, row.field): StandingRating(row.value, row.rating_id or str(row.sequence), row.stands_against)
        for row in _rating_rows(connection)
    }


def _values(rating: BankRating) -> dict[str, Any]:
    held = dict.fromkeys(("sheet", "rating_id", "stands_against"))
    return {**asdict(rating), "given_at": written(rating.given_at), **held}


def _append(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(schema.bank_ratings), rows)
