"""No request follows a redirect: neither a key, nor a secret header, nor a file reaches another host."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_server import BatchServer
from openai_server import OpenAIServer, Status
from small_bank import Command

SECRET = "gateway-secret-0123"
STUDY = """
[endpoints.lab]
base_url = "{address}"
api_key_env = "OPENAI_API_KEY"
headers_env = {{ "X-Gateway" = "GATEWAY_KEY" }}
[[respondents]]
id = "m"
model = "m"
endpoint = "lab"
[[rounds]]
prompt = "bare"
"""

PLACES = [
    ("GET", "/batches"),
    ("POST", "/files"),
    ("POST", "/batches"),
    ("GET", "/batches/batch_0"),
    ("GET", "/files/file-1/content"),
    ("POST", "/batches/batch_0/cancel"),
]


@pytest.fixture
def study_at(study: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("GATEWAY_KEY", SECRET)
    study.mkdir()

    def write(server: OpenAIServer) -> None:
        (study / "study.toml").write_text(STUDY.format(address=server.base_url), encoding="utf-8")

    return write


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_ask_follows_none(command: Command, bank: Path, study_at: object, status: int) -> None:
    with OpenAIServer() as thief, OpenAIServer() as server:
        study_at(server)  # type: ignore[operator]  # a fixture's function
        server.answer = lambda _: Status(status, {}, {"location": f"{thief.base_url}/chat/completions?key=1"})
        code, _, err = command("run", "--items", str(bank))
        assert code == 3
        assert thief.count == 0
    code, out, _ = command("status")
    assert f"the server sends us to {thief.base_url}/chat/completions; give the right address" in out
    assert "key=1" not in out + err


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.parametrize("place", PLACES)
def test_a_batch_follows_none(
    command: Command, bank: Path, study_at: object, place: tuple[str, str], status: int
) -> None:
    asking = ["run", "--items", str(bank), "--batch"]
    with OpenAIServer() as thief, BatchServer() as server:
        study_at(server)  # type: ignore[operator]  # a fixture's function
        server.instead[place] = Status(status, {}, {"location": f"{thief.base_url}{place[1]}"})
        code, _, err = command(*asking)
        if place[1].count("/") > 1:  # a place that is only asked once the batch is there
            assert code == 3, err
            server.end() if "cancel" not in place[1] else None
            code, _, err = command(*asking, *(["--cancel"] if "cancel" in place[1] else []))
        assert code == 1
        assert "the server sends us to" in err
        assert thief.count == 0
        assert SECRET not in err
        assert {request.headers.get("x-gateway") for request in server.requests} == {SECRET}
