"""A study moved to PostgreSQL and back: nothing is lost, nothing overwritten, and half a copy is none."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PASSWORD, VARIABLE, PostgresServer
from sqlalchemy import select
from test_postgresql import schema_of
from test_run_store import NOW, answer, failure

from samp_eval.cli.main import main
from samp_eval.errors import CannotStore
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store import schema
from samp_eval.store.engines.location import study_exists
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

Move = Callable[[str], tuple[int, str, str]]

KILLED = """
import os, signal, sys
from pathlib import Path
from samp_eval.store.safety import move
real = move._content
def content(name, parts):
    found = real(name, parts)
    if name == "responses":
        os.kill(os.getpid(), signal.SIGKILL)
    return found
move._content = content
move.move_study(Path(sys.argv[1]), sys.argv[2], print)
"""


def mark(value: str, answer_id: str = "a1") -> Mark:
    return Mark(Reviewer("Ann"), "a", answer_id, "key", value, NOW, "sheet.csv")


def content(store: StudyStore) -> dict[str, list[Any]]:
    """Every row of every table, in order."""
    with store._reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in schema.metadata.sorted_tables
        }


@pytest.fixture
def study(postgres: PostgresServer, tmp_path: Path) -> Path:
    """A study in study.db whose study file names a schema, empty so far."""
    folder = tmp_path / "study"
    with StudyStore.open(folder) as store, store.run_lock(pytest.fail):
        store.begin_run({"samp_eval": "1"})
        store.keep_respondent("m", {"model": "m"})
        store.keep_protocol({"seed": 1})
        store.keep_protocol({"seed": 2})
        texts = ("fever\x00", "\ue000 \ue0000", "naïve 🤒\r\n", "", "'; drop table marks; --")
        odd = [Response(Ask(f"q{n}", "m", 1, Condition()), Reply(text, "m"), NOW) for n, text in enumerate(texts)]
        many = [answer(f"a{n:04d}", request=f"body {n % 7}") for n in range(2500)]
        store.keep_outcomes([*odd, *many, failure("c")])
        store.add_marks([mark("A"), mark("B", "a2")])
        store.add_marks([mark("0")])
    return postgres.study(folder)


@pytest.fixture
def move(study: Path, capsys: pytest.CaptureFixture[str]) -> Move:
    def run(to: str) -> tuple[int, str, str]:
        code = main(["move", "--to", to, "--study", str(study), "--json"])
        captured = capsys.readouterr()
        assert PASSWORD not in captured.out + captured.err
        return code, captured.out, captured.err

    return run


def in_study_db(folder: Path, name: str = "study.db") -> dict[str, list[Any]]:
    """What a file holds, read where no study file names another place."""
    copy = folder.with_name("copy")
    copy.mkdir()
    shutil.copy(folder / name, copy / "study.db")
    try:
        with StudyStore.open(copy, create=False) as store:
            return content(store)
    finally:
        shutil.rmtree(copy)


def test_there_and_back_is_the_same(study: Path, move: Move) -> None:
    before = in_study_db(study)
    code, out, err = move("postgresql")
    assert code == 0, err
    moved = {one["name"]: one["rows"] for one in json.loads(out)}
    assert moved["responses"] == 2505
    assert moved["marks"] == 3
    assert in_study_db(study, "study-before-move.db") == before
    with StudyStore.open(study, create=False) as store:
        assert content(store) == before
    code, _, err = move("sqlite")
    assert code == 0, err
    assert in_study_db(study) == before
    names = {file.name for file in study.iterdir()}
    assert names == {"study.toml", "study.db", "study.db.lock", "study-before-move.db"}


def test_new_rows_are_numbered_after_the_moved_ones(study: Path, move: Move) -> None:
    assert move("postgresql")[0] == 0
    with StudyStore.open(study, create=False) as store:
        store.add_marks([mark("B")])
        store.begin_run({"samp_eval": "2"})
        store.keep_protocol({"seed": 3})
        assert [one.value for one in store.mark_history()] == ["A", "B", "0", "B"]
        assert {one.answer_id: one.value for one in store.marks()} == {"a1": "B", "a2": "B"}
        assert store._run == 2


@pytest.mark.slow
def test_what_is_there_is_never_overwritten(study: Path, move: Move) -> None:
    shutil.copy(study / "study.db", study / "kept.db")
    assert move("postgresql")[0] == 0
    with StudyStore.open(study, create=False) as store:
        store.keep_outcomes([answer("later")])
        before = content(store)
    shutil.copy(study / "kept.db", study / "study.db")
    for to, said in (("postgresql", "holds a study already"), ("sqlite", "both")):
        code, _, err = move(to)
        assert code == 1
        assert said in err
    assert in_study_db(study) == in_study_db(study, "kept.db")
    (study / "study.db").unlink()
    with StudyStore.open(study, create=False) as store:
        assert content(store) == before


def test_two_places_that_hold_the_study_are_not_guessed_between(study: Path, move: Move) -> None:
    assert move("postgresql")[0] == 0
    assert move("sqlite")[0] == 0
    with pytest.raises(CannotStore, match="both"):
        StudyStore.open(study)
    (study / "study.toml").unlink()
    with StudyStore.open(study) as store:
        assert store.keep_response(answer("later"))


def test_a_file_that_another_process_works_on_keeps_its_name(study: Path, move: Move) -> None:
    marking = sqlite3.connect(study / "study.db")
    marking.execute("select count(*) from marks").fetchone()
    code, _, err = move("postgresql")
    assert code == 0
    assert "end it, then rename" in err
    assert (study / "study.db").exists()
    marking.close()


@pytest.mark.slow
def test_a_move_that_is_killed_half_way_leaves_nothing_and_can_be_made_again(
    study: Path, move: Move, postgres: PostgresServer
) -> None:
    def killed(to: str) -> None:
        done = subprocess.run([sys.executable, "-c", KILLED, str(study), to], check=False)
        assert done.returncode == -signal.SIGKILL

    before = in_study_db(study)
    killed("postgresql")
    tables = f"select count(*) from pg_tables where schemaname = '{schema_of(study)}'"
    assert postgres.value(tables) == 0
    assert move("postgresql")[0] == 0
    killed("sqlite")
    assert not (study / "study.db").exists()
    assert study_exists(study)
    assert move("sqlite")[0] == 0
    assert in_study_db(study) == before


def test_what_a_killed_run_left_behind_is_moved_too(postgres: PostgresServer, tmp_path: Path) -> None:
    with StudyStore.open(tmp_path) as store:
        store.journal_outcome(answer("a"))
    postgres.study(tmp_path)
    assert main(["move", "--to", "postgresql", "--study", str(tmp_path)]) == 0
    with StudyStore.open(tmp_path, create=False) as store:
        assert store.stored("m") == {("a", 1)}
    assert not list(tmp_path.glob("*arrivals*"))


def test_the_remedies_are_named(
    study: Path, move: Move, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["move", "--to", "postgresql", "--study", str(tmp_path)]) == 1
    assert "add [store] and postgresql_schema" in capsys.readouterr().err
    monkeypatch.delenv(VARIABLE)
    code, _, err = move("postgresql")
    assert code == 1
    assert f"set the variable {VARIABLE}" in err
