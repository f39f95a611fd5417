"""What models were asked when they marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from samp_eval.review.markers.model.asks import JudgeAsk
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.reviews.bank_review_store import SqlBankReviewStore
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlJudgeStore"]


class SqlJudgeStore(SqlBankReviewStore):
    """The part of the store that models' marking needs beside outcomes and marks."""

    def judge_asks(self, judge: str | None = None) -> dict[str, JudgeAsk]:
        """What a model, by its label, or every model was asked to mark, by ask id."""
        table = schema.judge_asks
        query = select(table) if judge is None else select(table).where(table.c.judge == judge)
        with self._reading() as connection:
            return {row.ask_id: _ask(row) for row in checked(table, connection.execute(query))}

    def keep_judge_asks(self, asks: Iterable[JudgeAsk]) -> None:
        """Record what models are asked before it is sent; what is there already stays."""
        table = schema.judge_asks
        with self._writing_alone() as connection:
            held = set(connection.execute(select(table.c.ask_id)).scalars())
            new = {ask.ask_id: ask for ask in asks if ask.ask_id not in held}
            if new:
                connection.execute(insert(table), list(map(_values, new.values())))


def _values(ask: JudgeAsk) -> dict[str, Any]:
    values = {**asdict(ask), "planned_at": written(ask.planned_at)}
    purpose = values.pop("purpose")
    return {**values, "canary": "" if purpose == "mark" else purpose}


def _ask(row: Any) -> JudgeAsk:
    return JudgeAsk(
        ask_id=row.ask_id,
        judge=row.judge,
        question_id=row.question_id,
        answer_id=row.answer_id,
        text=row.text,
        basis=row.basis,
        key_version=row.key_version,
        prompt=row.prompt,
        prompt_sha256=row.prompt_sha256,
        purpose=row.canary or "mark",
        planned_at=datetime.fromisoformat(row.planned_at),
    )
