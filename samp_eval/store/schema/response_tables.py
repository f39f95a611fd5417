"""The tables of what was asked and answered, and how answers were read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, Table

from samp_eval.store.engines.columns import Integer, String, Text
from samp_eval.store.safety.row_digests import BODY_DIGEST, DIGEST, body_digest_column, digest_column
from samp_eval.store.schema.base import metadata

__all__ = [
    "batch_asks",
    "batches",
    "failures",
    "former_responses",
    "judge_asks",
    "judge_failures",
    "judge_responses",
    "judges",
    "reading_decisions",
    "reading_rules",
    "requests",
    "respondents",
    "responses",
    "runs",
]

respondents = Table(
    "respondents",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    Column("first_asked_at", String(32), nullable=False),
    digest_column(),
)

responses = Table(
    "responses",
    metadata,
    Column("question_id", String(80), primary_key=True),
    Column("respondent", String(120), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("condition", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_at", String(32)),
    Column("model_returned", Text, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("finish_reason", String(60)),
    Column("latency_seconds", Float),
    Column("tries", Integer, nullable=False),
    Column("failed_tries", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("run", Integer),
    Column("request_sha256", String(64)),
    Column("received", Text),
    Column("import_number", Integer),
    body_digest_column(),
    digest_column(),
)
"""``run`` is None for a recorded answer, ``import_number`` for any other; ``received`` is the body as it came."""


def _without_digests(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name not in (DIGEST, BODY_DIGEST)]


former_responses = Table(
    "former_responses",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    *(Column(column.name, column.type, nullable=column.nullable) for column in _without_digests(responses)),
    Column("left_at", String(32), nullable=False),
    Column("cause", String(40), nullable=False),
    Column("question_sha256", String(64), nullable=False),
    body_digest_column(),
    digest_column(),
)
"""Responses that do not count; the hash is of the question that they answer.

``cause`` says why: see ``store/asked/former_responses.py``. A failure that came with a withdrawn import is here
too, without text.
"""

requests = Table(
    "requests",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)
"""Every body that was sent, once: regenerated rounds send the same."""

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started_at", String(32), nullable=False),
    Column("facts", Text, nullable=False),
    digest_column(),
)
"""Under what circumstances a run asked: versions, hashes, order."""

failures = Table(
    "failures",
    metadata,
    Column("question_id", String(80), primary_key=True),
    Column("respondent", String(120), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("condition", String(60), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("message", Text, nullable=False),
    Column("failed_at", String(32), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("failed_tries", Text, nullable=False),
    Column("import_number", Integer),
    digest_column(),
)
"""What could not be had, until a later try succeeds."""

reading_rules = Table(
    "reading_rules",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("version", Integer, nullable=False),
    Column("set_at", String(32)),
    digest_column(),
)
"""By which version of the rules the study's answers are read; the last row holds.

``set_at`` is None where an upgrade set it. Without a row it is the newest version, so a samp-eval with new rules comes
with a step that gives the version before to every study with responses.
"""

reading_decisions = Table(
    "reading_decisions",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("row_id", String(32), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("answers", Text, nullable=False),
    Column("decided_by", String(120), nullable=False),
    Column("decided_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    digest_column(),
)
"""What people say the answers in a text are. Append only: the latest row of a text holds, the earlier are its history.

``row_id`` is computed from question and text, so that a text that is corrected has no decision.
"""

batches = Table(
    "batches",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("respondent", String(120), nullable=False, index=True),
    Column("endpoint", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run", Integer),
    Column("asks", Integer, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("adaptations", Text, nullable=False),
    Column("reserved_usd", Float, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("planned_at", String(32), nullable=False),
    Column("sent_at", String(32)),
    Column("submitted_at", String(32)),
    Column("ended_at", String(32)),
    Column("file_id", Text),
    Column("batch_id", Text),
    Column("status", String(40)),
    Column("completed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    digest_column(),
)
"""Batches of a provider's Batch API: ``id`` is our own, known before anything is sent, ``batch_id`` the provider's."""

batch_asks = Table(
    "batch_asks",
    metadata,
    Column("batch", String(32), primary_key=True),
    Column("custom_id", String(120), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("question_id", String(80), nullable=False),
    Column("respondent", String(120), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("condition", String(60), nullable=False),
    Column("option_order", String(80)),
    Column("request_sha256", String(64), nullable=False),
    Column("result", String(40)),
    Column("message", Text),
    Column("failed_at", String(32)),
    Column("again", Integer),
    digest_column(),
)
"""What each batch asks, in the order of its file; ``result`` is ``answered``, ``withdrawn`` or a kind of failure.

``option_order`` holds the places of the options in the bank, in the order in which they are sent where it is another.
"""

judges = Table(
    "judges",
    metadata,
    *(Column(column.name, column.type, primary_key=column.primary_key) for column in _without_digests(respondents)),
    digest_column(),
)
"""Every model that marks, by the name of its marks' reviewer, with its settings and the hashes of its prompts."""

judge_asks = Table(
    "judge_asks",
    metadata,
    Column("ask_id", String(32), primary_key=True),
    Column("judge", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("answer_id", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("basis", String(20), nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("prompt", String(80), nullable=False),
    Column("prompt_sha256", String(64), nullable=False),
    Column("canary", String(40), nullable=False, server_default=""),
    Column("planned_at", String(32), nullable=False),
    digest_column(),
)
"""What stands behind the opaque id under which a model is asked to mark an answer on a basis.

``text`` is the answer as it is shown at every repeat. ``canary`` is the kind of a probe for injections, whose answer
belongs to no response; ``anchor`` and ``second_try`` ask again about an answer of the study; it is empty for its mark.
"""

judge_responses = Table(
    "judge_responses",
    metadata,
    *(
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable)
        for column in _without_digests(responses)
    ),
    body_digest_column(),
    digest_column(),
)
"""What models said when they marked, whole: ``question_id`` is the id of the ask, ``round`` the repeat from 1.

The order in which the key's entries were shown is in ``provenance``, as that of a question's options is.
"""

judge_failures = Table(
    "judge_failures",
    metadata,
    *(
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable)
        for column in _without_digests(failures)
    ),
    digest_column(),
)
"""Asks of models that mark which brought nothing, until a later try succeeds."""
