"""A small bank, the command line in this process and in one of its own, and an OpenAI-compatible server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai_server import OpenAIServer
from processes import RunningCommand
from small_bank import KEY, Command, write_bank

from samp_eval.store.study_store import StudyStore


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_bank(tmp_path / "bank")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return tmp_path / "study"


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as found:
        yield found


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], study: Path) -> Command:
    """Any samp-eval command on the study: exit code, stdout, stderr."""
    from samp_eval.cli.main import main

    def run_command(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--study", str(study)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


@pytest.fixture
def ask(command: Command, bank: Path, server: OpenAIServer) -> Command:
    """``samp-eval run`` on the small bank and the test's server."""

    def run_command(*arguments: str, model: str = "gpt-4") -> tuple[int, str, str]:
        at = ["--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY"]
        return command("run", "--model", model, "--items", str(bank), *at, *arguments)

    return run_command


@pytest.fixture
def process(bank: Path, study: Path, server: OpenAIServer) -> Iterator[Callable[..., RunningCommand]]:
    """``samp-eval run`` in a process of its own."""
    started: list[RunningCommand] = []

    def start(*arguments: str) -> RunningCommand:
        at = ["--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY"]
        options = ["--model", "gpt-4", "--items", str(bank), *at, "--study", str(study)]
        started.append(RunningCommand("run", *options, *arguments))
        return started[-1]

    yield start
    for command in started:
        command.kill()


@pytest.fixture
def stored(study: Path) -> Callable[[], set[tuple[str, str, int]]]:
    """What the study holds: (question, respondent, round)."""

    def read() -> set[tuple[str, str, int]]:
        with StudyStore.open(study, create=False) as store:
            found = [(one.ask.question_id, one.ask.respondent, one.ask.round) for one in store.responses()]
        assert len(found) == len(set(found))
        return set(found)

    return read


@pytest.fixture
def status(command: Command) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        code, out, _ = command("status", "--json")
        assert code == 0
        shown: dict[str, Any] = json.loads(out)
        return shown

    return read
