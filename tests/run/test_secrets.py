"""Keys leave no trace: whatever a server does with them, and wherever a user puts them by mistake."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openai_server import Answer, OpenAIServer, Received, Say, Status, error
from small_bank import KEY, QUESTIONS, Command

GATEWAY = 'gate/way+"secret"-0123456789'
LEAKED = f"Incorrect API key provided: {KEY}; gateway {GATEWAY}; masked sk-test****************1234"


def leaking(request: Received) -> Answer:
    """A server that hands the key back in every way that it can."""
    headers = {"x-request-id": f"req-{KEY}", "x-echo": KEY, "location": f"http://127.0.0.1/?key={KEY}"}
    ways: list[Answer] = [
        error(500, LEAKED),
        Status(500, json.dumps(LEAKED), headers),
        Status(503, {"error": LEAKED}),
        Status(502, LEAKED, headers),
        Status(200, LEAKED),
        Say(f"1. Fever {KEY}\n2. {GATEWAY}", model=f"m {KEY}", headers=headers),
        error(400, LEAKED, code=KEY, param=KEY),
        Status(307, LEAKED, headers),
    ]
    return ways[request.number % len(ways)]


def traces(folder: Path) -> list[str]:
    secrets = [KEY, GATEWAY, json.dumps(GATEWAY)[1:-1], base64.b64encode(KEY.encode()).decode()]
    return [
        f"{file.name}: {secret}"
        for file in folder.rglob("*")
        if file.is_file()
        for secret in secrets
        if secret.encode() in file.read_bytes()
    ]


@pytest.mark.slow
def test_a_server_that_returns_the_key_in_every_way(
    command: Command,
    bank: Path,
    study: Path,
    server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("GATEWAY_KEY", GATEWAY)
    server.answer = leaking
    study.mkdir()
    content = (
        f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "OPENAI_API_KEY"\n'
        'headers_env = { "X-Gateway" = "GATEWAY_KEY" }\n'
    )
    (study / "study.toml").write_text(content, encoding="utf-8")
    said = ""
    run = ["run", "--model", "m", "--endpoint", "lab", "--items", str(bank), "--rounds", "2", "--concurrency", "4"]
    for arguments in (
        run,
        ["run", "--retry-failed", *run[1:]],
        ["status"],
        ["responses", "show", "case000-1", "--round", "2", "--json"],
        ["responses", "export", str(study / "out.csv")],
        ["responses", "export", str(study / "out.jsonl")],
        ["responses", "export", str(study / "out.json")],
        ["mark", "--marker", "key"],
        ["report", "--out", str(study / "reports")],
    ):
        _, out, err = command(*arguments)
        assert "Traceback" not in err
        said += out + err
    assert server.count > QUESTIONS
    assert all(request.headers["x-gateway"] == GATEWAY for request in server.requests)
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.requests)
    assert "[key removed]" in said
    assert (study / "reports").exists()
    for secret in (KEY, GATEWAY):
        assert secret not in said
        assert secret not in caplog.text
    assert traces(study) == []


@pytest.mark.parametrize("address", ["http://me:hiddenword@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?key=hiddenword"])
def test_an_address_with_credentials_from_the_environment(
    command: Command, bank: Path, study: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    for arguments in (["run", "--model", "m", "--items", str(bank)], ["run", "--model", "m", "--dry-run"], ["doctor"]):
        code, out, err = command(*arguments)
        assert code == 1
        assert "hiddenword" not in out + err
        assert "OPENAI_BASE_URL" in out + err
    assert not study.exists()


def test_a_bug_does_not_print_the_key(bank: Path, study: Path, server: OpenAIServer) -> None:
    """A traceback shows lines of code, never what is in them."""
    program = (
        "import samp_eval.run.execute as e\n"
        "def broken(*_, **__): raise RuntimeError('a bug')\n"
        "e.Saver.save = broken\n"
        "from samp_eval.cli.main import entry_point; entry_point()"
    )
    at = ["--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY"]
    arguments = ["run", "--model", "m", "--items", str(bank), *at, "--study", str(study)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=dict(os.environ), capture_output=True, text=True
    )
    assert "a bug" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert traces(study) == []
