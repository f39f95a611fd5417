"""Pairs that reviewers compare, and their choices, as rows and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.safety.row_digests import checked

__all__ = ["choice_values", "choices", "pair_values", "stored_pairs"]


def stored_pairs(connection: Connection) -> list[PairRow]:
    """Every pair, in order of the row ids."""
    table = schema.pair_rows
    return [
        PairRow(
            row.row_id,
            row.reviewer,
            row.question_id,
            (row.first_respondent, row.first_round),
            (row.second_respondent, row.second_round),
            row.first_text,
            row.second_text,
            datetime.fromisoformat(row.exported_at),
        )
        for row in checked(table, connection.execute(select(table).order_by(table.c.row_id)))
    ]


def pair_values(row: PairRow) -> dict[str, Any]:
    """The row of a pair."""
    (first_respondent, first_round), (second_respondent, second_round) = row.first, row.second
    return {
        "row_id": row.row_id,
        "reviewer": row.reviewer,
        "question_id": row.question_id,
        "first_respondent": first_respondent,
        "first_round": first_round,
        "second_respondent": second_respondent,
        "second_round": second_round,
        "first_text": row.first_text,
        "second_text": row.second_text,
        "exported_at": written(row.exported_at),
    }


def choices(connection: Connection) -> list[ChosenPair]:
    """Every choice, in order."""
    table = schema.pair_choices
    return [
        ChosenPair(row.row_id, row.choice, row.reason, datetime.fromisoformat(row.chosen_at), row.source)
        for row in checked(table, connection.execute(select(table).order_by(table.c.sequence)))
    ]


def choice_values(chosen: ChosenPair) -> dict[str, Any]:
    """The row of a choice."""
    return {**asdict(chosen), "chosen_at": written(chosen.chosen_at)}
