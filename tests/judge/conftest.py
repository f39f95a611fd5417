"""A simulated model marks a small study, over HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai_server import OpenAIServer
from simulated_judge import SimulatedJudge
from study_to_mark import Mark, make_study, mark_command


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-testtesttesttesttest1234")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study(tmp_path / "study")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(SimulatedJudge()) as found:
        yield found


@pytest.fixture
def mark(study: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]) -> Mark:
    """``mark --marker model`` in this process: exit code, JSON, stderr."""
    from samp_eval.cli.main import main

    def run_command(*arguments: str) -> tuple[int, dict[str, Any], str]:
        capsys.readouterr()
        code = main(mark_command(study, server, "--json", *arguments))
        captured = capsys.readouterr()
        return code, json.loads(captured.out) if captured.out.startswith("{") else {}, captured.err

    return run_command
