"""A study from someone else sends nothing to a place, and no variable, that this user has not confirmed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from openai_server import OpenAIServer
from small_bank import KEY, QUESTIONS, Command

from samp_eval.run.trust import is_model_key, state_folder, unconfirmed
from samp_eval.study import load_study

OPEN = ", without encryption: anyone on the way can read what is sent, keys included"
SECRET = "wJalrXUtnFEMI-hidden-hidden"
Write = Callable[[str], None]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMP_EVAL_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("LAB_KEY", "lab-key-0123456789")
    return tmp_path / "state"


@pytest.fixture
def write(study: Path, bank: Path) -> Write:
    def write_study(content: str) -> None:
        study.mkdir(exist_ok=True)
        respondent = '[[respondents]]\nid = "m"\nmodel = "m"\nendpoint = "lab"\n[[rounds]]\nprompt = "bare"\n'
        (study / "study.toml").write_text(f'items = "../{bank.name}"\n{content}\n{respondent}', encoding="utf-8")

    return write_study


def lines(study: Path, given: dict[str, str] | None = None) -> tuple[str, ...]:
    found = load_study(study)
    (settings,) = found.respondents
    endpoint = found.endpoints["lab"].model_dump(exclude_unset=True)
    respondent = settings.model_validate({"id": "m", "model": "m", **endpoint, **(given or {})})
    asked = unconfirmed(study, found, [respondent], given or {})
    return () if asked is None else asked.shown


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ('base_url = "http://127.0.0.1:8000/v1"', ()),
        ('base_url = "http://localhost:8000/v1"\napi_key_env = "LAB_KEY"', ()),
        ('base_url = "https://api.openai.com/v1"\napi_key_env = "OPENAI_API_KEY"', ()),
        (
            'base_url = "https://NAME.openai.azure.com/openai/v1"\napi_key_env = "AZURE_OPENAI_API_KEY"',
            ("server https://name.openai.azure.com",),
        ),
        ('base_url = "https://openrouter.ai/api/v1"\napi_key_env = "OPENROUTER_API_KEY"', ()),
        ('api_key_env = "OPENAI_API_KEY"', ()),
        ('base_url = "https://llm.example.org/v1"', ("server https://llm.example.org",)),
        ('base_url = "https://llm.example.org:8443/v1"', ("server https://llm.example.org:8443",)),
        (
            'base_url = "https://llm.example.org/v1"\napi_key_env = "LAB_KEY"',
            ("server https://llm.example.org", "variable LAB_KEY, sent to https://llm.example.org"),
        ),
        (
            'base_url = "https://openrouter.ai/api/v1"\napi_key_env = "OPENAI_API_KEY"',
            ("variable OPENAI_API_KEY, sent to https://openrouter.ai",),
        ),
        (
            'base_url = "http://127.0.0.1:8000/v1"\napi_key_env = "AWS_SECRET_ACCESS_KEY"',
            ("variable AWS_SECRET_ACCESS_KEY, sent to http://127.0.0.1:8000",),
        ),
        (
            'base_url = "https://api.openai.com/v1"\nheaders_env = { "X-A" = "GITHUB_TOKEN" }',
            ("variable GITHUB_TOKEN, sent to https://api.openai.com",),
        ),
        (
            'base_url = "http://api.openai.com/v1"',
            (f"server http://api.openai.com{OPEN}",),
        ),
    ],
)
def test_what_has_to_be_confirmed(write: Write, study: Path, fields: str, shown: tuple[str, ...]) -> None:
    write(f"[endpoints.lab]\n{fields}")
    assert lines(study) == shown


def test_what_the_user_types_needs_no_confirmation_but_plain_http_does(write: Write, study: Path) -> None:
    write('[endpoints.lab]\nbase_url = "https://llm.example.org/v1"')
    assert lines(study, {"base_url": "https://mine.example.org/v1", "api_key_env": "AWS_SECRET_ACCESS_KEY"}) == ()
    (line,) = lines(study, {"base_url": "http://mine.example.org/v1"})
    assert line == f"server http://mine.example.org{OPEN}"


@pytest.mark.parametrize(
    ("name", "is_key"),
    [
        ("OPENAI_API_KEY", True),
        ("LAB_KEY", True),
        ("HF_TOKEN", True),
        ("ROUTER_KEY", True),
        ("AWS_SECRET_ACCESS_KEY", False),
        ("AWS_SESSION_TOKEN", False),
        ("GITHUB_TOKEN", False),
        ("DATABASE_URL", False),
        ("PGPASSWORD", False),
        ("SSH_KEY", False),
        ("STRIPE_API_KEY", False),
        ("HOME", False),
        ("SAMP_EVAL_DATABASE_URL", False),
    ],
)
def test_names_of_model_keys(name: str, is_key: bool) -> None:
    assert is_model_key(name) == is_key


def test_nothing_is_sent_before_it_is_confirmed(
    write: Write, command: Command, server: OpenAIServer, study: Path, state: Path
) -> None:
    """The server is on this machine, so only the variable's name has to be confirmed."""
    write(f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "AWS_SECRET_ACCESS_KEY"')
    for options in ([], ["--batch"], ["--trust"], ["--trust", "--trust-variable", "OTHER"]):
        code, out, err = command("run", *options)
        assert code == 1
        assert server.count == 0
        assert "variable AWS_SECRET_ACCESS_KEY, sent to http://127.0.0.1" in err
        assert "--trust --trust-variable AWS_SECRET_ACCESS_KEY" in err
        assert SECRET not in out + err
        assert not state.exists()
    assert command("run", "--dry-run")[0] == 0
    assert command("run", "--trust", "--trust-variable", "AWS_SECRET_ACCESS_KEY")[0] == 0
    assert server.count == QUESTIONS
    assert not any(SECRET.encode() in file.read_bytes() for file in state.rglob("*") if file.is_file())


def test_a_confirmation_is_remembered_until_the_file_changes(
    write: Write, command: Command, server: OpenAIServer, study: Path, state: Path
) -> None:
    fields = f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "GITHUB_TOKEN"'
    os.environ["GITHUB_TOKEN"] = "x" * 20
    try:
        write(fields)
        assert command("run", "--limit", "1", "--trust", "--trust-variable", "GITHUB_TOKEN")[0] == 0
        assert command("run", "--limit", "2")[0] == 0
        assert not any("trust" in str(file) for file in study.rglob("*"))
        write(fields.replace("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY"))
        assert command("run")[0] == 1
        write(fields)
        assert command("run")[0] == 0
        (state / "trusted-studies.json").write_text("{broken", encoding="utf-8")
        assert command("run")[0] == 1
    finally:
        del os.environ["GITHUB_TOKEN"]
    assert server.count == QUESTIONS


def test_plain_http_wants_a_word(command: Command, bank: Path, study: Path) -> None:
    asking = ["run", "--items", str(bank), "--model", "m", "--base-url", "http://llm.example.org/v1"]
    code, _, err = command(*asking)
    assert code == 1
    assert "server http://llm.example.org, without encryption" in err
    assert "--trust" in err
    assert not study.exists()


def test_prompt_files_are_shown_and_stay_inside_the_study(
    write: Write, command: Command, server: OpenAIServer, study: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("root:x:0:0", encoding="utf-8")
    lab = '[endpoints.lab]\nbase_url = "{}"'
    write('prompt = "mine"\n' + lab.format("https://llm.example.org/v1"))
    (study / "mine").mkdir()
    (study / "mine" / "system.txt").write_text("Be brief.", encoding="utf-8")
    code, _, err = command("run")
    assert code == 1
    assert "prompt file mine/system.txt" in err
    write('prompt = "mine"\n' + lab.format(server.base_url))
    (study / "mine" / "instructions.txt").symlink_to(secret)
    code, _, err = command("run")
    assert code == 1
    assert "instructions.txt: is outside the study's folder" in err
    (study / "mine" / "instructions.txt").unlink()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "system.txt").write_text("root", encoding="utf-8")
    for name in ("../elsewhere", str(tmp_path / "elsewhere")):
        write(f'prompt = "{name}"\n' + lab.format(server.base_url))
        code, _, err = command("run")
        assert code == 1
        assert "is outside the study's folder" in err
    (study / "link").symlink_to(tmp_path / "elsewhere")
    write('prompt = "link"\n' + lab.format(server.base_url))
    assert command("run")[0] == 1
    assert server.count == 0


@pytest.mark.parametrize(
    ("typed", "code"), [("AWS_SECRET_ACCESS_KEY\ny\n", 0), ("\n", 1), ("AWS_SECRET_ACCESS_KEY\nn\n", 1)]
)
def test_at_a_terminal_it_is_asked(write: Write, server: OpenAIServer, study: Path, typed: str, code: int) -> None:
    write(f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "AWS_SECRET_ACCESS_KEY"')
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()"]
    process = subprocess.Popen(
        [*program, "run", "--study", str(study)], stdin=theirs, stdout=theirs, stderr=theirs, env=dict(os.environ)
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait() == code, shown.decode()
    assert b"variable AWS_SECRET_ACCESS_KEY, sent to" in shown
    assert server.count == (QUESTIONS if code == 0 else 0)


def test_where_confirmations_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert state_folder() == tmp_path / "state"
    monkeypatch.delenv("SAMP_EVAL_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform not in ("win32", "darwin"):
        assert state_folder() == tmp_path / "samp-eval"


def test_a_confirmation_that_cannot_be_stored_holds_for_the_run(
    write: Write, command: Command, server: OpenAIServer, state: Path
) -> None:
    state.write_text("in the way", encoding="utf-8")
    write(f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "AWS_SECRET_ACCESS_KEY"')
    code, _, err = command("run", "--trust", "--trust-variable", "AWS_SECRET_ACCESS_KEY")
    assert code == 0, err
    assert "holds for this run only" in err
    assert KEY not in json.dumps(err)
