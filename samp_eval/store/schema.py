"""The tables of a study."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, Index, MetaData, Table, UniqueConstraint

from samp_eval.store.engines.columns import Integer, String, Text
from samp_eval.store.row_digests import BODY_DIGEST, DIGEST, body_digest_column, digest_column

__all__ = [
    "assignment_plans",
    "bank_acceptances",
    "bank_ratings",
    "bank_review_rows",
    "banks",
    "batch_asks",
    "batches",
    "deviations",
    "draws",
    "exclusions",
    "failures",
    "former_responses",
    "imports",
    "judge_asks",
    "judge_failures",
    "judge_responses",
    "judges",
    "marks",
    "marks_by_id",
    "metadata",
    "one_row_an_answer",
    "pair_choices",
    "pair_rows",
    "pictures",
    "protocols",
    "reading_decisions",
    "reading_rules",
    "requests",
    "respondents",
    "responses",
    "runs",
    "schema_version",
    "sheet_rows",
    "sheets",
    "standards",
]

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

banks = Table(
    "banks",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("location", Text, nullable=False),
    Column("cases", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
    Column("entries", Text),
    Column("files_sha256", String(64)),
    digest_column(),
)
"""Every bank that the study has had, in order; the last one holds.

``entries`` are the identities of the key's entries as JSON by question; None for an older study, whose entries have
identities by their place. ``files_sha256`` is of the files as they were read.
"""

pictures = Table(
    "pictures",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", Text, nullable=False),
    digest_column(),
)
"""Every picture of every bank, once, as it is sent (base64); the hash is of the file that it was read from."""

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

``cause`` says why: see ``store/former_responses.py``. A failure that came with a withdrawn import is here too, without
text.
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

protocols = Table(
    "protocols",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
    digest_column(),
)
"""The study as planned: the first row is frozen at the first ask, later ones are what it was changed to."""

deviations = Table(
    "deviations",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False, unique=True),
    Column("noted_at", String(32), nullable=False),
    digest_column(),
)

exclusions = Table(
    "exclusions",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("question_id", String(80)),
    Column("respondent", String(120)),
    Column("round", Integer),
    Column("excluded", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", String(32), nullable=False),
    digest_column(),
)
"""Append only: the latest row of a question, a respondent or a response holds."""

imports = Table(
    "imports",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("imported_at", String(32), nullable=False),
    Column("withdrawn_at", String(32)),
    Column("withdrawn_by", Text),
    Column("reason", Text),
    digest_column(),
)
"""Every file whose marks or responses were taken in; what came with a withdrawn one is kept and does not count."""

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

marks = Table(
    "marks",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("reviewer", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("answer_id", String(16), nullable=False, index=True),
    Column("field", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("marked_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    Column("mark_id", String(40)),
    Column("stands_against", Text),
    Column("role", String(20), nullable=False, server_default="reviewer"),
    Column("repeat", Integer, nullable=False, server_default="0"),
    Column("key_version", Integer, nullable=False, server_default="0"),
    Column("import_number", Integer),
    Column("sheet", String(12)),
    digest_column(),
)
"""Append only: the latest row of a reviewer in a role, answer, field and repeat holds, the earlier are its history.

Rows whose import was withdrawn are history too. ``import_number`` and ``sheet`` are None for a mark of a page.

``mark_id`` was drawn by the marking page. ``stands_against`` is the value of the row before: it was given by a page
that had not seen what holds, so what holds was written once more, until the reviewer decides. ``key_version`` is the
bank whose letters the reviewer saw.
"""

marks_by_id = Index("marks_by_id", marks.c.reviewer, marks.c.mark_id, unique=True)

sheet_rows = Table(
    "sheet_rows",
    metadata,
    Column("row_id", String(32), primary_key=True),
    Column("reviewer", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("answer_id", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("exported_at", String(32), nullable=False),
    Column("role", String(20), nullable=False, server_default="reviewer"),
    Column("repeat", Integer, nullable=False, server_default="0"),
    Column("key_version", Integer, nullable=False, server_default="0"),
    digest_column(),
    UniqueConstraint("reviewer", "answer_id", "row_id"),
)
"""What stands behind each opaque row id that ever went out."""

pair_rows = Table(
    "pair_rows",
    metadata,
    Column("row_id", String(32), primary_key=True),
    Column("reviewer", String(120), nullable=False, index=True),
    Column("question_id", String(80), nullable=False),
    Column("first_respondent", String(120), nullable=False),
    Column("first_round", Integer, nullable=False),
    Column("second_respondent", String(120), nullable=False),
    Column("second_round", Integer, nullable=False),
    Column("first_text", Text, nullable=False),
    Column("second_text", Text, nullable=False),
    Column("exported_at", String(32), nullable=False),
    digest_column(),
)
"""Two responses as a reviewer sees them side by side; without a reviewer, two that read alike and go to nobody."""

pair_choices = Table(
    "pair_choices",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("row_id", String(32), nullable=False, index=True),
    Column("choice", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("chosen_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    digest_column(),
)
"""Which response of a row is better. Append only: the latest of a row holds, the earlier are its history."""

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
belongs to no response; it is empty for an answer of the study.
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

bank_review_rows = Table(
    "bank_review_rows",
    metadata,
    Column("row_id", String(32), primary_key=True),
    Column("expert", String(120), nullable=False, index=True),
    Column("step", String(20), nullable=False),
    Column("round", Integer, nullable=False),
    Column("question_id", String(80), nullable=False),
    Column("bank_version", Integer, nullable=False),
    Column("exported_at", String(32), nullable=False),
    digest_column(),
    UniqueConstraint("expert", "step", "round", "question_id", "bank_version"),
)
"""A question as it went out to an expert who reviews the bank; ``bank_version`` is the bank that the expert saw."""

bank_ratings = Table(
    "bank_ratings",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("row_id", String(32), nullable=False, index=True),
    Column("field", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("given_at", String(32), nullable=False),
    Column("source", Text, nullable=False),
    digest_column(),
)
"""What experts say of the bank. Append only: the latest of a row and field holds, the earlier are its history."""

bank_acceptances = Table(
    "bank_acceptances",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("case_id", String(80), nullable=False),
    Column("case_sha256", String(64), nullable=False),
    Column("experts", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("accepted_at", String(32), nullable=False),
    digest_column(),
)
"""Cases that were accepted after a review, by the hash of their text; ``reason`` is why against the rule, or empty."""

standards = Table(
    "standards",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("method", String(40), nullable=False),
    Column("content", Text, nullable=False),
    Column("set_at", String(32), nullable=False),
    digest_column(),
)
"""Pass marks that were set, as JSON. Append only: the last one of a method holds."""

assignment_plans = Table(
    "assignment_plans",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("content", Text, nullable=False),
    Column("planned_at", String(32), nullable=False),
    digest_column(),
)
"""Who marks what, as JSON. Append only: the last one holds."""

draws = Table(
    "draws",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("content", Text, nullable=False),
    Column("drawn_at", String(32), nullable=False),
    digest_column(),
)
"""Which questions were drawn to be marked, as JSON. Append only: the last one holds, in the order of the first."""

_no_duplicate = sheet_rows.c.unit != "duplicate"
one_row_an_answer = Index(
    "one_row_an_answer",
    sheet_rows.c.reviewer,
    sheet_rows.c.role,
    sheet_rows.c.answer_id,
    sheet_rows.c.unit,
    sheet_rows.c.repeat,
    sheet_rows.c.key_version,
    unique=True,
    sqlite_where=_no_duplicate,
    postgresql_where=_no_duplicate,
)

sheets = Table(
    "sheets",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("reviewer", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("exported_at", String(32), nullable=False),
    Column("file", Text, nullable=False),
    Column("shown", Text, nullable=False),
    digest_column(),
)
"""Every sheet that went out; ``shown`` is JSON: the marks that it showed, by row id and field."""
