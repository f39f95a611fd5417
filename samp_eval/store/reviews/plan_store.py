"""Plans of who marks what."""

from __future__ import annotations

import json

from sqlalchemy import Connection, func, insert, select

from samp_eval.errors import StudyConflict
from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.store import schema
from samp_eval.store.asked.batch_store import SqlBatchStore
from samp_eval.store.database import now_written, written
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlPlanStore"]


class SqlPlanStore(SqlBatchStore):
    """The part of the store that holds plans of who marks what."""

    def assignment_plan(self) -> AssignmentPlan | None:
        """The plan that holds; None where everyone marks everything."""
        table = schema.assignment_plans
        latest = select(table).order_by(table.c.sequence.desc()).limit(1)
        with self._reading() as connection:
            row = next(checked(table, connection.execute(latest)), None)
        return None if row is None else AssignmentPlan.from_json(json.loads(row.content), row.sequence)

    def keep_assignment_plan(self, plan: AssignmentPlan, deviation: str | None = None) -> None:
        """Have a plan hold from now on, and note the deviation, if it is one.

        Parameters
        ----------
        plan : AssignmentPlan
            With the number of the plan from which it was made; 0 where there was none.
        deviation : str, optional

        Raises
        ------
        StudyConflict
            Where another plan came first.
        """
        content = plan.as_json()
        del content["number"]
        values = {"content": json.dumps(content, ensure_ascii=False), "planned_at": written(plan.planned_at)}
        with self._writing_alone() as connection:
            if _last(connection) != plan.number:
                raise StudyConflict("another process planned who marks what a moment ago; look at it and plan again")
            connection.execute(insert(schema.assignment_plans).values(values))
            if deviation:
                connection.execute(insert(schema.deviations).values(what=deviation, noted_at=now_written()))


def _last(connection: Connection) -> int:
    found: int = connection.execute(select(func.coalesce(func.max(schema.assignment_plans.c.sequence), 0))).scalar_one()
    return found
