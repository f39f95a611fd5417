"""A study of an earlier version: what it held is read as it was meant, on both databases, whenever a kill comes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from older_schema import drop_digests
from sqlalchemy import Connection, create_engine, create_mock_engine, insert, text

from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.store import schema
from samp_eval.store.study_store import StudyStore

NewStudy = Callable[[Path], Path]
NOW = datetime(2026, 3, 4, tzinfo=UTC)
ANSWER = hashlib.sha256(b"an answer").hexdigest()[:16]
REPEAT = "r" + hashlib.sha256(f"repeat\n{ANSWER}".encode()).hexdigest()[:15]


def as_version_2(connection: Connection) -> None:
    """Marks and rows as version 2 held them: roles and repeats are prefixes."""
    schema.marks_by_id.drop(connection)
    schema.one_row_an_answer.drop(connection)
    drop_digests(connection)
    for table, columns in (
        ("marks", ("role", "repeat", "mark_id", "stands_against", "key_version")),
        ("sheet_rows", ("role", "repeat", "key_version")),
    ):
        for column in columns:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
    marks = [
        ("Ann", ANSWER, "A"),
        ("Ann", REPEAT, "0"),
        ("adjudicator:Cy", ANSWER, "B"),
        ("automatic:key", ANSWER, "C"),
    ]
    for reviewer, answer_id, value in marks:
        connection.execute(
            text(
                "INSERT INTO marks (reviewer, question_id, answer_id, field, value, marked_at, source) "
                f"VALUES ('{reviewer}', 'q', '{answer_id}', 'key', '{value}', '{NOW.isoformat()}', 'sheet.csv')"
            )
        )
    rows = [
        ("b", "Ann", ANSWER, "answer"),
        ("c", "Ann", REPEAT, "repeat"),
        ("d", "adjudicator:Cy", ANSWER, "adjudication"),
    ]
    for row_id, reviewer, answer_id, unit in rows:
        connection.execute(
            text(
                "INSERT INTO sheet_rows (row_id, reviewer, question_id, answer_id, text, unit, exported_at) "
                f"VALUES ('{row_id}', '{reviewer}', 'q', '{answer_id}', 'fever', '{unit}', '{NOW.isoformat()}')"
            )
        )
    connection.execute(schema.schema_version.delete())
    connection.execute(insert(schema.schema_version).values(version=2))


@pytest.fixture
def old_study(new_study: NewStudy, tmp_path: Path) -> Path:
    folder = new_study(tmp_path / "study")
    with StudyStore.open(folder) as store, store._writing() as connection:
        as_version_2(connection)
    return folder


def check(folder: Path) -> None:
    ann, cy = Reviewer("Ann"), Reviewer("Cy", "adjudicator")
    with StudyStore.open(folder, create=False) as store:
        assert store.marks() == [
            Mark(reviewer, "q", ANSWER, "key", value, NOW, "sheet.csv", repeat)
            for reviewer, value, repeat in (
                (ann, "A", False),
                (ann, "0", True),
                (cy, "B", False),
                (KEY_MARKER, "C", False),
            )
        ]
        assert sorted(store.sheet_rows().values(), key=lambda row: row.row_id) == [
            SheetRow("b", ann, "q", ANSWER, "fever", "answer", NOW),
            SheetRow("c", ann, "q", ANSWER, "fever", "answer", NOW, repeat=True),
            SheetRow("d", cy, "q", ANSWER, "fever", "adjudication", NOW),
        ]
        assert store.add_marks(store.marks()) == 0


def test_roles_and_repeats_are_read_from_the_prefixes_of_version_2(old_study: Path) -> None:
    check(old_study)
    check(old_study)


def test_a_kill_within_the_migration_leaves_the_study_as_it_was(old_study: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from samp_eval.store import migrations; "
        "from samp_eval.store.study_store import StudyStore; "
        "migrations.MIGRATIONS = (*migrations.MIGRATIONS, lambda _: os._exit(9)); StudyStore.open(Path(sys.argv[1]))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(old_study)], check=False, timeout=60)
    assert killed.returncode == 9
    check(old_study)


def test_one_row_an_answer_is_kept_on_postgresql_too() -> None:
    """PostgreSQL's condition is added as the index is made, so that its dialect is not imported for SQLite."""
    made: list[str] = []
    dialect = create_engine("postgresql+psycopg://").dialect
    engine = create_mock_engine(
        "postgresql+psycopg://", lambda said, *_, **__: made.append(str(said.compile(dialect=dialect)))
    )
    schema.one_row_an_answer.create(engine, checkfirst=False)
    assert made[0].endswith("WHERE unit != 'duplicate'")
