"""The protocol: rounds that wait, what overrides them, and what is recorded of how the study was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openai_server import OpenAIServer, Say
from small_bank import KEY, QUESTIONS, Command

from samp_eval.run.plan import sampling_seed
from samp_eval.store import schema
from samp_eval.store.safety.row_digests import refresh_digests
from samp_eval.store.study_store import StudyStore

Stored = Callable[[], set[tuple[str, str, int]]]

THREE_ROUNDS = """
[[rounds]]
[[rounds]]
prompt = "bare"
after_days = 7
[[rounds]]
regenerated = true
"""


@pytest.fixture
def waiting_study(study: Path) -> Path:
    study.mkdir()
    (study / "study.toml").write_text(THREE_ROUNDS, encoding="utf-8")
    return study


def days_pass(study: Path, days: int) -> None:
    """Move what was asked into the past."""
    then = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    with StudyStore.open(study, create=False) as store, store._writing() as connection:
        connection.execute(schema.responses.update().values(asked_at=then))
        refresh_digests(connection, schema.responses)


def deviations(study: Path) -> list[str]:
    with StudyStore.open(study, create=False) as store:
        return [what for what, _ in store.deviations()]


def rounds_of(stored: set[tuple[str, str, int]], respondent: str) -> set[int]:
    return {number for _, name, number in stored if name == respondent}


def test_a_round_that_is_not_due_waits_and_the_rest_runs(
    ask: Command, waiting_study: Path, stored: Stored, status: Callable[[], dict[str, Any]]
) -> None:
    code, _, err = ask()
    assert code == 0
    due = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%d")
    assert re.search(rf"gpt-4: round 2 is due on {due} \d\d:\d\d UTC; run the same command then", err)
    assert rounds_of(stored(), "gpt-4") == {1, 3}
    assert [one["due"] is not None for one in status()["rounds"]] == [False, True, False]
    assert status()["rounds"][1]["due"].startswith(due)
    days_pass(waiting_study, 6)
    assert "round 2 is due" in ask()[2]
    days_pass(waiting_study, 8)
    code, _, err = ask()
    assert (code, "is due" in err) == (0, False)
    assert rounds_of(stored(), "gpt-4") == {1, 2, 3}
    assert deviations(waiting_study) == []


def test_each_respondent_waits_for_itself(ask: Command, waiting_study: Path, stored: Stored) -> None:
    assert ask()[0] == 0
    days_pass(waiting_study, 8)
    assert ask(model="late")[0] == 0
    code, _, err = ask("--model", "late")
    assert code == 0
    assert "late: round 2 is due on" in err
    assert "gpt-4: round 2" not in err
    assert rounds_of(stored(), "gpt-4") == {1, 2, 3}
    assert rounds_of(stored(), "late") == {1, 3}


def test_ignored_intervals_are_asked_and_recorded(ask: Command, waiting_study: Path, stored: Stored) -> None:
    code, _, err = ask("--ignore-intervals")
    assert (code, "is due" in err) == (0, False)
    assert rounds_of(stored(), "gpt-4") == {1, 2, 3}
    assert deviations(waiting_study) == ["round 2 was asked before its interval had passed (--ignore-intervals)"]


def test_every_fact_of_a_response_is_kept(ask: Command, command: Command, server: OpenAIServer, study: Path) -> None:
    server.answer = lambda _: Say(model="gpt-4-0613", headers={"x-request-id": "req_7"})
    assert ask("--rounds", "1", "--temperature", "0.3", "--seed", "5")[0] == 0
    shown = json.loads(command("responses", "show", "case000-1", "--json")[1])
    assert shown["model_returned"] == "gpt-4-0613"
    assert (shown["prompt_tokens"], shown["completion_tokens"], shown["finish_reason"]) == (100, 10, "stop")
    assert shown["tries"] == 1
    assert shown["latency_seconds"] >= 0
    assert datetime.fromisoformat(shown["asked_at"]).utcoffset() == timedelta(0)
    assert shown["provenance"]["request_id"] == "req_7"
    assert shown["provenance"]["system_fingerprint"] == "fp_test"
    assert shown["provenance"]["response_id"].startswith("chatcmpl-")
    sent = json.loads(shown["request"])
    assert (sent["model"], sent["temperature"], sent["seed"]) == ("gpt-4", 0.3, sampling_seed(5, "case000-1", 1))
    assert json.loads(shown["received"])["model"] == "gpt-4-0613"
    run = shown["run"]
    assert set(run) == {
        "samp_eval",
        "git",
        "python",
        "openai",
        "bank_sha256",
        "prompts",
        "order",
        "protocol_sha256",
        "seed_rule",
        "option_rule",
        "option_order",
    }
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", run["git"])
    assert run["order"] == "shuffled within a round, seed 2023"
    hashes = [run["bank_sha256"], run["protocol_sha256"], run["prompts"]["gpt-4"]["sha256"]]
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in hashes)
    assert not any(KEY.encode() in file.read_bytes() for file in study.rglob("*") if file.is_file())


def test_a_fixed_order_is_recorded(ask: Command, command: Command, study: Path) -> None:
    study.mkdir()
    (study / "study.toml").write_text('order = "fixed"\n', encoding="utf-8")
    assert ask("--rounds", "1")[0] == 0
    assert json.loads(command("responses", "show", "case000-1", "--json")[1])["run"]["order"] == "fixed"


def test_a_changed_endpoint_is_a_deviation_and_a_changed_pace_is_none(
    command: Command, bank: Path, study: Path, server: OpenAIServer
) -> None:
    study.mkdir()
    file = study / "study.toml"
    content = f'[endpoints.lab]\nbase_url = "{server.base_url}"\n'
    run = ["run", "--items", str(bank), "--model", "m", "--endpoint", "lab"]
    file.write_text(content, encoding="utf-8")
    assert command(*run, "--rounds", "1")[0] == 0
    file.write_text(f"{content}concurrency = 2\ntimeout_seconds = 20\napi_key_env = 'LAB_KEY'\n", encoding="utf-8")
    assert command("status")[0] == 0
    file.write_text(f"{content}concurrency = 2\ntimeout_seconds = 20\n", encoding="utf-8")
    assert command(*run, "--rounds", "2")[0] == 0
    assert deviations(study) == []
    file.write_text(f'{content}[endpoints.other]\nbase_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8")
    assert command(*run, "--rounds", "3")[0] == 0
    (changed,) = deviations(study)
    assert "endpoints" in changed
    assert server.count == 3 * QUESTIONS
