"""Random draws of the questions that people mark."""

from __future__ import annotations

import json

from sqlalchemy import func, insert, select

from samp_eval.errors import StudyConflict
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.reviews.plan_store import SqlPlanStore
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlDrawStore"]


class SqlDrawStore(SqlPlanStore):
    """The part of the store that holds draws of questions."""

    def draw(self) -> QuestionDraw | None:
        """The draw that holds; None where every question is marked."""
        table = schema.draws
        latest = select(table).order_by(table.c.sequence.desc()).limit(1)
        with self._reading() as connection:
            row = next(checked(table, connection.execute(latest)), None)
        return None if row is None else QuestionDraw.from_json(json.loads(row.content))

    def keep_draw(self, draw: QuestionDraw, before: QuestionDraw | None) -> None:
        """Have a draw hold from now on.

        Parameters
        ----------
        draw : QuestionDraw
        before : QuestionDraw or None
            The draw from which it goes on.

        Raises
        ------
        StudyConflict
            Where another draw came first.
        """
        table = schema.draws
        values = {"content": json.dumps(draw.as_json(), ensure_ascii=False), "drawn_at": written(draw.drawn_at)}
        last = select(table.c.content).where(table.c.sequence == select(func.max(table.c.sequence)).scalar_subquery())
        with self._writing_alone() as connection:
            held = connection.execute(last).scalar_one_or_none()
            if (None if held is None else QuestionDraw.from_json(json.loads(held))) != before:
                raise StudyConflict("another process drew questions a moment ago; look at its draw first")
            connection.execute(insert(table).values(values))
