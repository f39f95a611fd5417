"""``samp-eval run`` against a real server: what is stored, what is asked again, what a user reads."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openai_server import Hang, OpenAIServer, Say, Status, error, failing
from processes import RunningCommand, wait_until
from small_bank import KEY, QUESTIONS, Command, write_bank

Start = Callable[..., RunningCommand]
Stored = Callable[[], set[tuple[str, str, int]]]


def test_five_rounds_are_stored_and_nothing_is_asked_twice(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    code, _, err = ask("--rounds", "5")
    assert code == 0, err
    assert len(stored()) == 5 * QUESTIONS
    assert len(server.requests) == 5 * QUESTIONS
    code, _, err = ask("--rounds", "5")
    assert code == 0
    assert "nothing to ask" in err
    assert len(server.requests) == 5 * QUESTIONS


def test_prompted_rounds_carry_instructions_and_bare_ones_only_the_case(ask: Command, server: OpenAIServer) -> None:
    ask("--rounds", "5", "--concurrency", "1")
    prompted = [request.text.startswith("You are sitting") for request in server.requests]
    assert sum(prompted) == 3 * QUESTIONS
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.requests)


def test_settings_reach_the_server(ask: Command, server: OpenAIServer) -> None:
    ask("--rounds", "1", "--temperature", "0.3", "--top-p", "0.9", "--max-tokens", "77", "--seed", "5")
    body = server.requests[0].body
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.3, 0.9, 77)
    assert isinstance(body["seed"], int)  # derived from the one given: tests/run/test_sampling_seed.py


def test_failures_are_kept_and_asked_again(
    ask: Command, server: OpenAIServer, stored: Stored, status: Callable[[], dict[str, Any]]
) -> None:
    server.answer = lambda request: error(400, "no") if "number 2" in request.text else Say()
    code, _, err = ask("--rounds", "1")
    assert code == 3
    assert "2 failed" in err
    assert status()["rounds"][0] | {"stored": 2, "failed": 2} == status()["rounds"][0]
    server.answer = lambda _: Say()
    before = len(server.requests)
    assert ask("--rounds", "1")[0] == 0
    assert len(server.requests) - before == 2
    assert status()["rounds"][0]["failed"] == 0
    assert len(stored()) == QUESTIONS


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"), "HTTP 401"),
        (error(404, f"The model `gpt-4` does not exist for {KEY}", "model_not_found"), "HTTP 404"),
        (error(429, "You exceeded your current quota", "insufficient_quota"), "quota"),
    ],
)
def test_a_respondent_that_cannot_be_asked_is_one_line(
    ask: Command, server: OpenAIServer, study: Path, answer: Status, said: str
) -> None:
    server.answer = lambda _: answer
    code, out, err = ask("--rounds", "1")
    assert code == 1
    lines = [line for line in err.splitlines() if line.startswith("samp-eval:")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "Traceback" not in err
    assert len(server.requests) <= QUESTIONS
    assert KEY not in err + out
    assert not any(KEY.encode() in file.read_bytes() for file in study.rglob("*") if file.is_file())


def test_what_was_stored_stays_when_the_key_is_withdrawn(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    assert ask("--rounds", "1")[0] == 0
    server.answer = lambda _: error(401, "revoked")
    assert ask("--rounds", "2")[0] == 1
    assert len(stored()) == QUESTIONS


@pytest.mark.slow
def test_an_unreachable_server_is_one_line(command: Command, bank: Path) -> None:
    with OpenAIServer() as gone:
        address = gone.base_url
    code, _, err = command("run", "--model", "m", "--items", str(bank), "--base-url", address, "--limit", "1")
    assert code in (1, 3)
    assert "cannot be reached" in err


def test_no_key_names_the_remedies(command: Command, bank: Path, monkeypatch: pytest.MonkeyPatch, study: Path) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    code, _, err = command("run", "--model", "gpt-4", "--items", str(bank))
    assert code == 1
    assert "OPENAI_API_KEY" in err
    assert "--model local" in err
    assert "--base-url" in err
    assert not study.exists()


@pytest.mark.parametrize(
    "address", ["http://me:secretword@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?key=secretword", "ftp://x"]
)
def test_a_base_url_with_credentials_is_refused_without_echo(
    command: Command, bank: Path, study: Path, address: str
) -> None:
    code, out, err = command("run", "--model", "gpt-4", "--items", str(bank), "--base-url", address)
    assert code == 1
    assert "secretword" not in out + err
    assert not study.exists()


def test_the_same_name_under_other_settings_is_refused(ask: Command, server: OpenAIServer) -> None:
    assert ask("--rounds", "1")[0] == 0
    code, _, err = ask("--rounds", "2", "--temperature", "0.5")
    assert code == 1
    assert "temperature" in err
    assert "--name" in err
    assert len(server.requests) == QUESTIONS
    assert ask("--rounds", "1", "--temperature", "0.5", "--name", "gpt-4-half")[0] == 0


def test_a_changed_question_is_refused_and_a_changed_key_is_not(ask: Command, bank: Path) -> None:
    assert ask("--rounds", "1")[0] == 0
    file = bank / "case000.yaml"
    file.write_text(file.read_text().replace("answer: cough", "answer: a cough"), encoding="utf-8")
    assert ask("--rounds", "2")[0] == 0
    file.write_text(file.read_text().replace("What is it", "What was it"), encoding="utf-8")
    code, _, err = ask("--rounds", "3")
    assert code == 1
    assert "case000-1" in err


def test_dry_run_leaves_no_trace(ask: Command, server: OpenAIServer, study: Path) -> None:
    code, out, err = ask("--rounds", "2", "--dry-run")
    assert code == 0
    assert "gpt-4" in out
    assert "8 requests" in err
    assert not study.exists()
    assert server.requests == []


def test_limit_takes_the_first_questions(ask: Command, stored: Stored) -> None:
    assert ask("--rounds", "1", "--limit", "3")[0] == 0
    assert {question for question, _, _ in stored()} == {"case000-1", "case000-2", "case001-1"}


def test_more_rounds_than_the_protocol_has(ask: Command) -> None:
    code, _, err = ask("--rounds", "6")
    assert code == 1
    assert "protocol has 5" in err


def test_a_round_that_is_not_due_says_when(ask: Command, study: Path, stored: Stored) -> None:
    study.mkdir()
    (study / "study.toml").write_text("[[rounds]]\n[[rounds]]\nafter_days = 7\n", encoding="utf-8")
    code, _, err = ask()
    assert code == 0
    assert "round 2 is due" in err
    assert {number for _, _, number in stored()} == {1}


@pytest.mark.slow
def test_interrupt_stores_what_arrived(process: Start, server: OpenAIServer, stored: Stored, ask: Command) -> None:
    server.answer = lambda request: Say() if request.number < 5 else Hang()
    running = process("--rounds", "5", "--concurrency", "2")
    wait_until(lambda: len(server.requests) == 7, running)
    running.interrupt()
    assert running.end() == 130, running.said
    assert "interrupted" in running.said
    assert "Traceback" not in running.said
    assert len(stored()) == 5
    server.answer = lambda _: Say()
    assert ask("--rounds", "5")[0] == 0
    assert len(stored()) == 5 * QUESTIONS


@pytest.mark.slow
def test_kill_and_go_on(process: Start, server: OpenAIServer, stored: Stored, ask: Command) -> None:
    server.answer = lambda request: Say(delay=0.01) if request.number < 9 else Hang()
    running = process("--rounds", "5", "--concurrency", "2")
    wait_until(lambda: len(server.requests) == 11, running)  # whoever asks again has noted the answer before
    running.kill()
    assert len(stored()) == 9
    server.answer = lambda _: Say()
    before = len(server.requests)
    assert ask("--rounds", "5")[0] == 0
    assert len(server.requests) - before == 5 * QUESTIONS - 9
    assert len(stored()) == 5 * QUESTIONS


def test_every_retryable_fault_is_survived(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    server.answer = failing(0.2)
    code, _, err = ask("--rounds", "5", "--concurrency", "4")
    assert code == 0, err
    assert len(stored()) == 5 * QUESTIONS


def test_a_study_folder_that_is_a_file(command: Command, bank: Path, study: Path, server: OpenAIServer) -> None:
    study.write_text("not a folder")
    code, _, err = command("run", "--model", "m", "--items", str(bank), "--base-url", server.base_url)
    assert code == 1
    assert "cannot be" in err
    assert "Traceback" not in err
    assert server.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(ask: Command, study: Path) -> None:
    study.mkdir()
    study.chmod(0o500)
    code, _, err = ask()
    assert code == 1
    assert "cannot be written" in err


def test_a_file_that_is_no_database(ask: Command, study: Path, server: OpenAIServer) -> None:
    study.mkdir()
    (study / "study.db").write_text("these are notes, no database, " * 100)
    code, _, err = ask()
    assert code == 1
    assert "not a study database" in err
    assert server.requests == []


def test_a_database_that_another_process_holds(
    ask: Command, study: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samp_eval.store.engines import sqlite

    assert ask("--rounds", "1")[0] == 0
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    holder = sqlite3.connect(study / "study.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    code, _, err = ask("--rounds", "2")
    holder.rollback()
    holder.close()
    assert code == 1
    assert "another process holds the database" in err
    assert "Traceback" not in err


def test_bundled_bank_is_the_default(command: Command, server: OpenAIServer, stored: Stored) -> None:
    assert command("run", "--model", "m", "--base-url", server.base_url, "--rounds", "1", "--limit", "5")[0] == 0
    assert len(stored()) == 5


def test_two_models_in_one_run(command: Command, bank: Path, server: OpenAIServer, stored: Stored) -> None:
    models = ["--model", "one", "--model", "two"]
    assert command("run", *models, "--items", str(bank), "--base-url", server.base_url, "--rounds", "1")[0] == 0
    assert {respondent for _, respondent, _ in stored()} == {"one", "two"}


def test_a_broken_bank_names_file_and_place(ask: Command, bank: Path, study: Path) -> None:
    (bank / "case000.yaml").write_text("id: case000\nstem: x\n", encoding="utf-8")
    code, _, err = ask()
    assert code == 1
    assert "case000.yaml" in err
    assert not study.exists()


def test_write_bank_makes_what_the_tests_count(bank: Path, tmp_path: Path) -> None:
    from samp_eval.items.load import load_bank

    assert sum(1 for _ in load_bank(bank).asked()) == QUESTIONS
    assert sum(1 for _ in load_bank(write_bank(tmp_path / "more", 3, 5)).asked()) == 15
