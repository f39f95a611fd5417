"""Damage is noticed: by ``check`` in whatever table it is, and by each command in the rows that it reads."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main
from samp_eval.errors import CannotStore
from samp_eval.run.batch.records import BatchAsk, BatchResult, KeptBatch, NewBatch
from samp_eval.run.respondent import Ask
from samp_eval.store import schema
from samp_eval.store.safety.integrity import check_study
from samp_eval.store.safety.row_digests import DIGEST
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A marked study that no test changes."""
    folder = make_marked_study(tmp_path_factory.mktemp("whole"))
    assert not (folder / "study.db-wal").exists(), "the write-ahead log is folded in when the last command ends"
    return folder


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(whole, tmp_path / "study"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def execute(study: Path, statement: str) -> None:
    with closing(sqlite3.connect(study / "study.db")) as connection, connection:
        connection.execute(statement)


def test_a_whole_study_is_whole(study: Path, run: Run) -> None:
    code, out, err = run("check", "--study", study)
    assert (code, "is intact" in err) == (0, True)
    assert "responses" in out


DAMAGE = [
    ("UPDATE responses SET text = text || ' ' WHERE rowid = 3", "responses", "is not what was stored"),
    ("UPDATE responses SET received = 'x' WHERE rowid = 3", "responses", "is not what was stored"),
    ("UPDATE marks SET value = 'x' WHERE sequence = 5", "marks", "is not what was stored"),
    ("DELETE FROM marks WHERE sequence = 7", "marks", "1 marks are missing"),
    ("UPDATE banks SET cases = cases || ' '", "banks", "is not what was stored"),
    ("UPDATE respondents SET settings = '{}'", "respondents", "is not what was stored"),
    ("DELETE FROM respondents", "responses", "who is no respondent of the study"),
    ("UPDATE responses SET row_digest = NULL WHERE rowid = 1", "responses", "is not what was stored"),
]


@pytest.mark.parametrize(("statement", "table", "said"), DAMAGE)
def test_check_names_what_is_damaged(study: Path, run: Run, statement: str, table: str, said: str) -> None:
    execute(study, statement)
    code, out, err = run("check", "--study", study, "--json")
    assert code == 1
    found = json.loads(out)
    assert any(one["what"] == table and said in one["detail"] for one in found["damage"]), found
    assert "backup" in err


def test_a_damaged_mark_reaches_no_result(study: Path, run: Run) -> None:
    execute(study, "UPDATE marks SET value = '1' WHERE sequence = (SELECT min(sequence) FROM marks WHERE value = '0')")
    for command in ("analyze", "status", "agreement", "export"):
        code, _, err = run(command, "--study", study)
        assert code == 1, command
        assert "a row of marks (sequence" in err
        assert "samp-eval check" in err


def test_a_damaged_answer_reaches_no_result(study: Path, run: Run) -> None:
    execute(study, "UPDATE responses SET text = 'something else' WHERE rowid = 2")
    for command in ("analyze", "status", "export"):
        code, _, err = run(command, "--study", study)
        assert code == 1, command
        assert "a row of responses (question_id" in err


def contents(file: Path) -> dict[str, list[object]] | None:
    """Every row of every table; None where the file cannot be read whole."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            return {
                table.name: connection.execute(f"SELECT * FROM {table.name} ORDER BY 1, 2").fetchall()
                for table in schema.metadata.sorted_tables
                if table is not schema.schema_version
            }
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return None


@pytest.mark.slow
def test_no_flipped_bit_changes_a_content_unnoticed(whole: Path, tmp_path: Path, run: Run) -> None:
    """Forty bits at other places each; what changes no content need not be noticed."""
    chance = random.Random(20261128)  # no secret
    original, before = (whole / "study.db").read_bytes(), contents(whole / "study.db")
    changed = 0
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        damaged = bytearray(original)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        (folder / "study.db").write_bytes(damaged)
        same = contents(folder / "study.db") == before
        code, _, err = run("check", "--study", folder)
        changed += not same
        assert code == 1 or same, f"flip {number} went unnoticed: {err}"
    assert changed > 5, "the flips must hit something"


def test_every_table_of_evidence_has_a_digest() -> None:
    """A new table without one must be named here with its reason."""
    without = {table.name for table in schema.metadata.sorted_tables if DIGEST not in table.columns}
    assert without == {
        "schema_version",  # one number, refused where it is unknown
        "requests",  # found by the hash of their bodies
    }


def test_a_check_changes_nothing(study: Path) -> None:
    before = contents(study / "study.db")
    with StudyStore.open(study, create=False) as store:
        assert check_study(store).damage == ()
    assert contents(study / "study.db") == before


def read_batch(store: StudyStore, batch: KeptBatch) -> None:
    store.live_batches()
    store.batch_asks(batch)
    list(store.batch_file(batch))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batch_asks SET question_id = 'case-01-3'",
        "UPDATE batch_asks SET condition = 'bare-regenerated'",
        "UPDATE batches SET respondent = 'another'",
        "UPDATE requests SET body = body || ' '",
    ],
)
def test_a_damaged_batch_is_neither_sent_nor_collected(tmp_path: Path, statement: str, run: Run) -> None:
    ask, body = Ask("case-01-1", "m", 1, Condition()), '{"a": 1}'
    with StudyStore.open(tmp_path) as store:
        new = NewBatch("b1", "m", "/v1/chat/completions", (BatchAsk("ask-1", ask, body),), {}, [], 0.5, "0" * 64)
        batch = store.keep_batch(new)
        batch = store.change_batch(batch, state="submitted", submitted_at=datetime.now(UTC))
        assert store.keep_batch_results(batch, [BatchResult("ask-1", None)]) == 0
        assert check_study(store).damage == ()
        assert [line.body for line in store.batch_file(batch)] == [body]
    execute(tmp_path, statement)
    assert run("check", "--study", tmp_path)[0] == 1
    with StudyStore.open(tmp_path, create=False) as store, pytest.raises(CannotStore, match="is damaged"):
        read_batch(store, batch)
