"""What every test has: studies in study.db and on PostgreSQL, and nothing that depends on who runs the tests."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from postgres_server import VARIABLE, PostgresServer, missing

NewStudy = Callable[[Path], Path]

# A busy machine is no fault of an example; and what the fixtures hold is the same for every example
settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("tests")

# A shell has what it starts in the background ignore Ctrl-C, and so would every command that the tests interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_database_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture(scope="session")
def one_postgres() -> Iterator[PostgresServer]:
    if reason := missing():
        pytest.skip(f"no PostgreSQL: {reason}")
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres(one_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> PostgresServer:
    """A server that studies find by the environment."""
    monkeypatch.setenv(VARIABLE, one_postgres.url)
    return one_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_study(request: pytest.FixtureRequest) -> NewStudy:
    """Makes a folder a study's, whose records go into study.db or to PostgreSQL."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.study
    return lambda folder: folder
