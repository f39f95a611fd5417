"""What was excluded from the figures and included again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from samp_eval.review.exclusions import Decision, Exclusions
from samp_eval.store import schema
from samp_eval.store.asked.bank_store import SqlBankStore
from samp_eval.store.database import now_written, written
from samp_eval.store.safety.row_digests import checked

__all__ = ["SqlExclusionStore"]

_NAMES = ("kind", "question_id", "respondent", "round", "reason", "decided_by")


class SqlExclusionStore(SqlBankStore):
    """The part of the store that holds exclusions."""

    def decisions(self) -> list[Decision]:
        """Every decision, in order."""
        table = schema.exclusions
        with self._reading() as connection:
            rows = list(checked(table, connection.execute(select(table).order_by(table.c.sequence))))
        return [
            Decision(
                row.kind,
                row.question_id,
                row.respondent,
                row.round,
                bool(row.excluded),
                row.reason,
                row.decided_by,
                datetime.fromisoformat(row.decided_at),
            )
            for row in rows
        ]

    def exclusions(self) -> Exclusions:
        """What is excluded now."""
        return Exclusions(self.decisions())

    def excluded_questions(self) -> frozenset[str]:
        """Ids of the questions that are excluded now."""
        return self.exclusions().questions

    def excluded_respondents(self) -> frozenset[str]:
        """Ids of the respondents that are excluded now."""
        return self.exclusions().excluded_respondents

    def decide(self, decision: Decision) -> None:
        """Append a decision, and note it as a deviation, in one transaction."""
        what = f"{'Excluded' if decision.excluded else 'Included again'}: {decision.in_words()}"
        by = f" by {decision.decided_by}" if decision.decided_by else ""
        values = {name: getattr(decision, name) for name in _NAMES}
        values |= {"excluded": int(decision.excluded), "decided_at": written(decision.decided_at)}
        with self._writing_alone() as connection:
            number = connection.execute(insert(schema.exclusions).values(values)).inserted_primary_key
            noted = f"Decision {number[0] if number else ''} on exclusions{by}. {what}. Reason: {decision.reason}"
            connection.execute(insert(schema.deviations).values(what=noted, noted_at=now_written()))
