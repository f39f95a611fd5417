"""By which rules a study's answers are read, and what people decided of them, as rows and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from samp_eval.answers.text_ids import row_id_of
from samp_eval.run.respondent import ReadingDecision
from samp_eval.store import schema
from samp_eval.store.database import written
from samp_eval.store.safety.row_digests import checked

__all__ = ["BY_THE_RULES", "HowRead", "decision_values", "decisions", "how_read"]


@dataclass(frozen=True, slots=True)
class HowRead:
    """How a study's answers are read.

    Attributes
    ----------
    rules : int or None
        Version of the rules; None for those of this samp-eval.
    decided : mapping
        What holds for each text that a person decided, by question and row id.
    """

    rules: int | None
    decided: Mapping[str, Mapping[str, ReadingDecision]]

    def decision(self, question_id: str, text: str, order: Sequence[int] | None) -> ReadingDecision | None:
        """What a person decided of a text; None if nobody did."""
        of_question = self.decided.get(question_id)
        return None if of_question is None else of_question.get(row_id_of(question_id, text, order))


BY_THE_RULES = HowRead(None, {})
"""By those of this samp-eval, where nobody decided anything."""


def how_read(connection: Connection) -> HowRead:
    """How the study's answers are read now."""
    table = schema.reading_rules
    latest = select(table).order_by(table.c.sequence.desc()).limit(1)
    decided: dict[str, dict[str, ReadingDecision]] = {}
    for decision in decisions(connection):
        decided.setdefault(decision.question_id, {})[decision.row_id] = decision
    rules = next(checked(table, connection.execute(latest)), None)
    return HowRead(rules.version if rules is not None else None, decided)


def decisions(connection: Connection) -> list[ReadingDecision]:
    """Every decision, in order."""
    table = schema.reading_decisions
    return [
        ReadingDecision(
            row.row_id,
            row.question_id,
            row.outcome,
            tuple(json.loads(row.answers)),
            row.decided_by,
            datetime.fromisoformat(row.decided_at),
            row.source,
        )
        for row in checked(table, connection.execute(select(table).order_by(table.c.sequence)))
    ]


def decision_values(decision: ReadingDecision) -> dict[str, Any]:
    """The row of a decision."""
    return {
        "row_id": decision.row_id,
        "question_id": decision.question_id,
        "outcome": decision.outcome,
        "answers": json.dumps(decision.answers, ensure_ascii=False),
        "decided_by": decision.decided_by,
        "decided_at": written(decision.decided_at),
        "source": decision.source,
    }
