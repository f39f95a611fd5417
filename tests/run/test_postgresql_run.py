"""A run whose PostgreSQL goes away half way: it says so, stops, and the same command finishes the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openai_server import OpenAIServer, Say
from postgres_server import PASSWORD, PostgresServer
from processes import RunningCommand, wait_until
from small_bank import Command, write_bank

ASKS = 200
AT_A_TIME = 8
pytestmark = pytest.mark.slow


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Forty questions: 200 asks in five rounds."""
    return write_bank(tmp_path / "bank", 8, 5)


@pytest.fixture
def study(postgres: PostgresServer, tmp_path: Path) -> Path:
    return postgres.study(tmp_path / "study")


def test_a_database_that_goes_away_and_comes_back(
    process: Callable[..., RunningCommand],
    server: OpenAIServer,
    postgres: PostgresServer,
    ask: Command,
    command: Command,
    stored: Callable[[], set[tuple[str, str, int]]],
) -> None:
    server.answer = lambda _: Say(delay=0.02)
    running = process("--rounds", "5", "--concurrency", str(AT_A_TIME))
    wait_until(lambda: server.count >= ASKS // 2, running)
    postgres.stop()
    code, said = running.end(), running.said
    postgres.start()
    assert code == 1, said
    assert "samp-eval: schema" in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    assert PASSWORD not in said
    answered = server.count
    held = len(stored())
    assert answered - held <= AT_A_TIME
    assert ask("--rounds", "5", "--concurrency", str(AT_A_TIME))[0] == 0
    assert len(stored()) == ASKS
    assert server.count == answered + ASKS - held
    for arguments in (["status", "--json"], ["doctor"]):
        code, out, err = command(*arguments)
        assert code == 0
        assert PASSWORD not in out + err
