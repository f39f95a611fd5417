"""A study of an earlier commit opens with the same figures, also where its migration was killed at any moment.

``tests/data/study-ab73115`` says how the study and its figures were made. A step that ``MIGRATIONS`` gains is met here
without a change of this file: every statement of whatever the opening does is a moment to be killed at.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PostgresServer

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore

MADE_EARLIER = Path(__file__).parents[1] / "data" / "study-ab73115"
SAME = 1e-12
"""Relative. On the processor that made them the figures are equal to the last digit; with the kernels of another one
(OPENBLAS_CORETYPE=Nehalem) they differ by 5e-14."""

LONGEST_NAME = 5
"""Words. What is longer is a sentence, of which only the numbers are compared."""

MADE_AS_VERSION = 2
AS_VERSION_1 = """
DROP TABLE batch_asks; DROP TABLE batches; DELETE FROM schema_version; INSERT INTO schema_version VALUES (1);
"""
"""Before batches were kept, the schema was otherwise the same."""

NEWEST_VERSION = "SELECT max(version) FROM schema_version"
MOST_MOMENTS = 1000
EVERY_ON_POSTGRESQL = 5
"""Every so many moments: a copy of the study takes a second there, and there are hundreds."""


@dataclass(frozen=True)
class OlderStudy:
    """A copy of the study, and its database past the store."""

    folder: Path
    execute: Callable[[str], None]
    version: Callable[[], int]


MakeStudy = Callable[[Path], OlderStudy]
OpenKilled = Callable[[Path, int | None], int]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def make_study(request: pytest.FixtureRequest) -> MakeStudy:
    """Makes a folder a copy of the earlier study."""
    if request.param == "sqlite":
        return in_a_file
    server: PostgresServer = request.getfixturevalue("postgres")
    return lambda folder: on_postgresql(folder, server)


def in_a_file(folder: Path) -> OlderStudy:
    folder.mkdir()
    for name in ("study.toml", "study.db", "bank.csv"):
        shutil.copy(MADE_EARLIER / name, folder)

    def execute(statements: str) -> None:
        with closing(sqlite3.connect(folder / "study.db")) as connection:
            connection.executescript(statements)

    def version() -> int:
        with closing(sqlite3.connect(folder / "study.db")) as connection:
            return int(connection.execute(NEWEST_VERSION).fetchone()[0])

    return OlderStudy(folder, execute, version)


def on_postgresql(folder: Path, server: PostgresServer) -> OlderStudy:
    """The tables as the earlier commit makes them on PostgreSQL, with the rows of its ``study.db``."""
    import psycopg

    study_file = server.study(folder) / "study.toml"
    schema = tomllib.loads(study_file.read_text())["store"]["postgresql_schema"]
    study_file.write_text((MADE_EARLIER / "study.toml").read_text() + "\n" + study_file.read_text())
    shutil.copy(MADE_EARLIER / "bank.csv", folder)

    def execute(statements: str) -> None:
        with psycopg.connect(server.url, options=f"-c search_path={schema}") as connection:
            connection.execute(statements)

    execute(f"CREATE SCHEMA {schema}")
    execute((MADE_EARLIER / "postgresql.sql").read_text())
    with psycopg.connect(server.url, options=f"-c search_path={schema}") as connection:
        copy_rows(MADE_EARLIER / "study.db", connection.cursor())
    return OlderStudy(folder, execute, lambda: int(server.value(NEWEST_VERSION.replace("FROM ", f"FROM {schema}."))))


def copy_rows(source: Path, target: Any) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            values = ", ".join(["%s"] * len(names))
            target.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", rows.fetchall())
    target.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND column_default LIKE 'nextval%'"
    )
    for table, column in target.fetchall():
        sequence = f"pg_get_serial_sequence('{table}', '{column}')"
        target.execute(f"SELECT setval({sequence}, max({column})) FROM {table} HAVING max({column}) IS NOT NULL")


@pytest.fixture
def open_killed() -> Iterator[OpenKilled]:
    """Opens a study in another process, which is killed at a moment of that number; returns its exit code."""
    script = Path(__file__).with_name("killed_openings.py")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        orders, answers = process.stdin, process.stdout

        def open_study(folder: Path, at: int | None) -> int:
            orders.write(json.dumps({"study": str(folder), "at": at}) + "\n")
            orders.flush()
            return int(json.loads(answers.readline())["code"])

        yield open_study
        orders.close()


BOUNDED_NOW = re.compile(r"compare.*\.(mean|passing|clustered|paired)")
"""Intervals of means and differences left the scale then, and there was none where all clusters agreed: see the
changelog. Estimates and errors are the same."""
OF_INTERVALS = re.compile(BOUNDED_NOW.pattern + r"\.(ci_low|ci_high|p_value|p_above)|agreement.*\.(ci_low|ci_high)")
OF_THE_BOOTSTRAP = {"agreement.seed", "agreement.replicates"}
"""Intervals of agreement came from a bootstrap, which covered too little with few questions."""


def numbers_in(sentence: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", sentence)


def assert_same(expected: Any, found: Any, place: str) -> None:
    """Every field that was printed then is there with the same figure; there may be more fields."""
    if isinstance(expected, dict) and BOUNDED_NOW.fullmatch(place) and expected.keys() == {"reason"}:
        return
    if isinstance(expected, dict):
        kept = {name: value for name, value in expected.items() if f"{place}.{name}" not in OF_THE_BOOTSTRAP}
        assert kept.keys() <= found.keys(), place
        for name, value in kept.items():
            assert_same(value, found[name], f"{place}.{name}")
    elif place.endswith(".warnings"):
        assert [numbers_in(warning) for warning in expected if numbers_in(warning) not in map(numbers_in, found)] == []
    elif isinstance(expected, list):
        assert len(expected) == len(found), place
        for position, value in enumerate(expected):
            assert_same(value, found[position], f"{place}[{position}]")
    elif isinstance(expected, float) and not OF_INTERVALS.fullmatch(place):
        assert found == pytest.approx(expected, rel=SAME, abs=1e-14), place
    elif isinstance(expected, str) and len(expected.split()) > LONGEST_NAME:
        assert numbers_in(expected) == numbers_in(found), place
    elif not isinstance(expected, float):
        assert expected == found, place


def assert_same_figures(folder: Path, capsys: pytest.CaptureFixture[str], names: str = "*") -> None:
    files = sorted((MADE_EARLIER / "expected").glob(f"{names}.json"))
    assert files
    for file in files:
        expected = json.loads(file.read_text(encoding="utf-8"))
        code = main([*expected["arguments"], "--json", "--study", str(folder)])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        assert_same(expected["printed"], json.loads(printed.out), file.stem)


def contents(folder: Path) -> list[tuple[str, list[Any]]]:
    """Every row of every table of an opened study, whatever tables there are."""
    from sqlalchemy import MetaData, select

    with StudyStore.open(folder, create=False) as store, store.snapshot() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return [
            (table.name, sorted(map(repr, connection.execute(select(table)).all()))) for table in tables.sorted_tables
        ]


@pytest.mark.parametrize("version_1", [False, True], ids=["as-made", "version-1"])
def test_an_earlier_study_gives_the_same_figures(
    make_study: MakeStudy, version_1: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study(tmp_path / "study")
    if version_1:
        study.execute(AS_VERSION_1)
    assert_same_figures(study.folder, capsys)


def test_a_study_of_a_newer_version_is_refused(
    make_study: MakeStudy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study(tmp_path / "study")
    study.execute("UPDATE schema_version SET version = 1000")
    for command in ("analyze", "status", "mark", "report"):
        assert main([command, "--study", str(study.folder)]) == 1
        assert "upgrade samp-eval" in capsys.readouterr().err
    study.execute(f"UPDATE schema_version SET version = {MADE_AS_VERSION}")
    assert_same_figures(study.folder, capsys, "analyze-key")


@pytest.mark.slow
@pytest.mark.parametrize("version_1", [False, True], ids=["as-made", "version-1"])
def test_a_migration_killed_at_any_moment_loses_nothing(
    make_study: MakeStudy,
    open_killed: OpenKilled,
    version_1: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    every = 1 if request.node.callspec.params["make_study"] == "sqlite" else EVERY_ON_POSTGRESQL

    def older_study(name: str) -> OlderStudy:
        study = make_study(tmp_path / name)
        if version_1:
            study.execute(AS_VERSION_1)
        return study

    whole = older_study("undisturbed")
    assert open_killed(whole.folder, None) == 0
    versions = []
    for at in count(1, every):
        study = older_study(f"killed-{at}")
        code = open_killed(study.folder, at)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        assert at < MOST_MOMENTS
        versions.append(study.version())
        assert contents(study.folder) == contents(whole.folder)
        assert_same_figures(study.folder, capsys, "analyze-key")
    assert versions[0] == (1 if version_1 else MADE_AS_VERSION)
    assert versions[-1] == whole.version() or every > 1
    assert versions == sorted(versions)
