"""Responses and failures as rows, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from samp_eval.run.respondent import Ask, FailedAttempt, Reply, Response, ResponseFailure
from samp_eval.store.asked.reading_rows import BY_THE_RULES, HowRead
from samp_eval.store.database import written
from samp_eval.study import Condition

OPTION_ORDER = "option_order"
"""Where the provenance has the places of the options in the bank, in the order in which they were sent."""

__all__ = [
    "failure_of",
    "failure_values",
    "clauses_for",
    "request_values",
    "response_of",
    "response_values",
]


def response_values(response: Response, run: int | None) -> dict[str, Any]:
    """The row of a response."""
    reply = response.reply
    values = {
        **_ask_values(response.ask),
        "text": reply.text,
        "asked_at": written(response.asked_at),
        "model_returned": reply.model_returned,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "finish_reason": reply.finish_reason,
        "latency_seconds": reply.latency_seconds,
        "tries": response.attempts,
        "failed_tries": _attempts_written(response.failed_attempts),
        "provenance": json.dumps(_with_order(response), sort_keys=True, ensure_ascii=False),
        "run": run if reply.request else None,
        "request_sha256": _digest(reply.request) if reply.request else None,
        "received": reply.received or None,
    }
    return _storable(values)


def _with_order(response: Response) -> dict[str, Any]:
    """What is known of the reply, and in which order the options were sent."""
    order = response.ask.option_order
    return {**response.reply.provenance, **({} if order is None else {OPTION_ORDER: list(order)})}


def request_values(response: Response) -> dict[str, str] | None:
    """The row of the body that was sent for a response; None where none was kept."""
    body = response.reply.request
    return {"sha256": _digest(body), "body": body} if body else None


def failure_values(failure: ResponseFailure) -> dict[str, Any]:
    """The row of a failure."""
    values = {
        **_ask_values(failure.ask),
        "kind": failure.kind,
        "message": failure.message,
        "failed_at": written(failure.failed_at),
        "tries": failure.attempts,
        "failed_tries": _attempts_written(failure.failed_attempts),
    }
    return _storable(values)


def response_of(row: Any, how_read: HowRead = BY_THE_RULES, *, request: str = "", received: str = "") -> Response:
    """A response from its row."""
    provenance = json.loads(row.provenance)
    order = tuple(provenance[OPTION_ORDER]) if OPTION_ORDER in provenance else None
    reply = Reply(
        text=row.text,
        model_returned=row.model_returned,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        finish_reason=row.finish_reason,
        latency_seconds=row.latency_seconds,
        provenance=provenance,
        request=request,
        received=received,
    )
    asked_at = datetime.fromisoformat(row.asked_at) if row.asked_at else None
    decision = how_read.decision(row.question_id, row.text, order)
    return Response(
        _ask(row, order), reply, asked_at, row.tries, _attempts_read(row.failed_tries), how_read.rules, decision
    )


def failure_of(row: Any) -> ResponseFailure:
    """A failure from its row."""
    failed_at = datetime.fromisoformat(row.failed_at)
    return ResponseFailure(_ask(row), row.kind, row.message, failed_at, row.tries, _attempts_read(row.failed_tries))


def clauses_for(table: Any, ask: Ask) -> tuple[Any, ...]:
    """Where clauses that find an ask."""
    return (table.c.question_id == ask.question_id, table.c.respondent == ask.respondent, table.c.round == ask.round)


def _storable(values: dict[str, Any]) -> dict[str, Any]:
    """The values as UTF-8 can hold them: half a surrogate pair, which JSON lets through, becomes U+FFFD."""
    for name, value in values.items():
        if isinstance(value, str) and not value.isascii():
            values[name] = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return values


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _ask_values(ask: Ask) -> dict[str, Any]:
    return {
        "question_id": ask.question_id,
        "respondent": ask.respondent,
        "round": ask.round,
        "condition": ask.condition.label,
    }


def _ask(row: Any, option_order: tuple[int, ...] | None = None) -> Ask:
    condition = Condition.from_label(row.condition)
    return Ask(row.question_id, row.respondent, row.round, condition, option_order=option_order)


def _attempts_written(attempts: Sequence[FailedAttempt]) -> str:
    if not attempts:
        return "[]"
    return json.dumps(
        [
            {
                "kind": attempt.kind,
                "message": attempt.message,
                "retry_after": attempt.retry_after,
                "at": written(attempt.at),
            }
            for attempt in attempts
        ],
        ensure_ascii=False,
    )


def _attempts_read(text: str) -> tuple[FailedAttempt, ...]:
    if text == "[]":
        return ()
    return tuple(
        FailedAttempt(
            attempt["kind"],
            attempt["message"],
            attempt["retry_after"],
            datetime.fromisoformat(attempt["at"]) if attempt["at"] else None,
        )
        for attempt in json.loads(text)
    )
