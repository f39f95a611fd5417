"""Money, pace, retries and deviations, through the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openai_server import Answer, Held, OpenAIServer, Say, Status, error
from small_bank import QUESTIONS, Command

from samp_eval.run.cost.prices import load_prices
from samp_eval.store.study_store import StudyStore

Stored = Callable[[], set[tuple[str, str, int]]]


def deviations(study: Path) -> list[str]:
    with StudyStore.open(study, create=False) as store:
        return [what for what, _ in store.deviations()]


def test_retry_failed_asks_nothing_else(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    server.answer = lambda request: error(400, "no") if "number 2" in request.text else Say()
    assert ask("--rounds", "1")[0] == 3
    server.answer = lambda _: Say()
    before = len(server.requests)
    assert ask("--rounds", "2", "--retry-failed")[0] == 0
    assert len(server.requests) - before == 2
    assert len(stored()) == QUESTIONS


def test_a_failure_keeps_each_of_its_tries(ask: Command, server: OpenAIServer, study: Path) -> None:
    faults: list[Answer] = [error(500, "one"), Say(""), error(400, "three")]
    server.answer = lambda request: faults[min(request.number, 2)]
    assert ask("--rounds", "1", "--limit", "1")[0] == 3
    with StudyStore.open(study, create=False) as store:
        (failure,) = store.failures()
    assert [one.kind for one in failure.failed_attempts] == ["server_error", "empty_answer", "bad_request"]
    assert all(one.at is not None for one in failure.failed_attempts)
    assert (failure.kind, failure.attempts) == ("bad_request", 3)


def test_an_answer_keeps_the_tries_before_it(ask: Command, server: OpenAIServer, study: Path) -> None:
    server.answer = lambda request: Say() if request.number else error(503, "not yet")
    assert ask("--rounds", "1", "--limit", "1")[0] == 0
    with StudyStore.open(study, create=False) as store:
        (response,) = store.responses()
    assert response.attempts == 2
    assert [one.kind for one in response.failed_attempts] == ["server_error"]


@pytest.mark.slow
def test_waiting_for_a_rate_limit_is_no_failure(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    slow = Status(429, {"error": {"message": "slow down"}}, {"retry-after": "0.01"})
    server.answer = lambda request: slow if request.number < 8 else Say()
    code, _, err = ask("--rounds", "1", "--concurrency", "auto")
    assert code == 0, err
    assert "for a rate limit" in err
    assert len(stored()) == QUESTIONS


def test_a_server_that_asks_for_more_than_an_hour_is_not_waited_for(
    command: Command, tmp_path: Path, server: OpenAIServer
) -> None:
    from small_bank import write_bank

    bank = write_bank(tmp_path / "larger", 40, 10)
    server.answer = lambda _: Status(429, {"error": {"message": "come back tomorrow"}}, {"retry-after": "86400"})
    code, _, err = command("run", "--model", "m", "--items", str(bank), "--base-url", server.base_url, "--rounds", "1")
    assert code == 1
    assert "come back tomorrow; the server asks to wait 24.0 hours" in err
    assert server.count < 400  # ten in a row stop the run; how many others are under way depends on the machine


def test_a_wait_is_said_with_its_seconds(ask: Command, server: OpenAIServer) -> None:
    slow = Status(429, {"error": {"message": "slow down"}}, {"retry-after": "1.2"})
    server.answer = lambda request: slow if request.number == 0 else Say()
    code, _, err = ask("--rounds", "1", "--limit", "1")
    assert code == 0
    assert "HTTP 429: slow down; trying again in 1 s (further retries for this reason are only counted)" in err


def test_a_run_that_only_fails_is_stopped(command: Command, tmp_path: Path, server: OpenAIServer) -> None:
    from small_bank import write_bank

    server.answer = lambda _: error(400, "never")
    bank = write_bank(tmp_path / "larger", 40, 10)
    code, _, err = command(
        "run", "--model", "m", "--items", str(bank), "--base-url", server.base_url, "--concurrency", "4"
    )
    assert code == 1
    assert "requests to m failed" in err
    assert len(server.requests) < 400  # of 2,000: ten in a row stop it; how many follow depends on the machine


def test_one_model_that_does_not_exist_leaves_the_other_alone(
    command: Command, bank: Path, server: OpenAIServer, stored: Stored
) -> None:
    server.answer = lambda request: (
        error(404, "no such model") if request.body["model"] == "nowhere" else Say(delay=0.02)
    )
    models = ["--model", "nowhere", "--model", "gpt-4"]
    code, _, err = command("run", *models, "--items", str(bank), "--base-url", server.base_url, "--rounds", "2")
    assert code == 1
    assert "nowhere cannot be asked" in err
    assert len(stored()) == 2 * QUESTIONS


@pytest.mark.slow
def test_requests_per_minute_are_kept(ask: Command, server: OpenAIServer) -> None:
    began = time.monotonic()
    assert ask("--rounds", "1", "--requests-per-minute", "120")[0] == 0
    assert time.monotonic() - began >= 0.5 * (QUESTIONS - 1)


def test_a_fixed_concurrency_is_never_passed(ask: Command, server: OpenAIServer) -> None:
    server.answer = lambda _: Held(Say(delay=0.02))
    server.release_when_held = 3
    assert ask("--rounds", "5", "--concurrency", "3")[0] == 0
    assert server.most_in_flight == 3


@pytest.mark.parametrize("given", ["0", "many", "-1"])
def test_a_concurrency_that_is_none(ask: Command, given: str) -> None:
    code, _, err = ask("--concurrency", given)
    assert code == 2
    assert "auto" in err


def test_max_cost_stops_before_the_limit(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    code, _, err = ask("--rounds", "5", "--max-cost", "0.1", "--max-tokens", "10")
    assert code == 3
    assert "--max-cost" in err
    spent = len(stored()) * (100 * 30 + 10 * 60) / 1e6
    assert 0 < spent <= 0.1
    assert ask("--rounds", "5", "--max-cost", "10", "--max-tokens", "10")[0] == 0
    assert len(stored()) == 5 * QUESTIONS


def test_max_cost_needs_a_price(command: Command, bank: Path, server: OpenAIServer, study: Path) -> None:
    arguments = ["run", "--model", "mine", "--items", str(bank), "--base-url", server.base_url, "--max-cost", "1"]
    code, _, err = command(*arguments)
    assert code == 1
    assert "prices.toml" in err
    study.mkdir(exist_ok=True)
    (study / "prices.toml").write_text('as_of = "2026-01-01"\n[models]\nmine = { input = 1, output = 2 }\n', "utf-8")
    assert command(*arguments)[0] == 0
    (study / "prices.toml").write_text('as_of = 2026-01-01\n[models]\n"gpt-3.5" = 1\nmine = { input = 1 }\n', "utf-8")
    code, _, err = command(*arguments)
    assert code == 1
    file = study / "prices.toml"
    assert err.splitlines()[-4:] == [
        "samp-eval: 3 faults in the price file:",
        f"  {file}: as_of: this must be text in quotation marks; found 2026-01-01",
        f'  {file}: models gpt-3.5: this must be a set of named fields, below a line [models."gpt-3.5"]; found 1',
        f"  {file}: models mine output: this field is required and missing; add a line that starts with output =",
    ]


OLD = "(more than six months old)"


@pytest.mark.parametrize(
    ("as_of", "today", "said"),
    [
        ("2026-01-01", date(2026, 7, 3), "2026-01-01"),
        ("2026-01-01", date(2026, 7, 4), f"2026-01-01 {OLD}"),
        ("1 January", date(2026, 7, 4), "1 January"),
        (None, date(2025, 9, 1), "2025-08-31"),
        (None, date(2026, 9, 1), f"2025-08-31 {OLD}"),
    ],
)
def test_a_price_table_of_more_than_six_months_says_so(
    tmp_path: Path, as_of: str | None, today: date, said: str
) -> None:
    if as_of is not None:
        (tmp_path / "prices.toml").write_text(f'as_of = "{as_of}"\n[models]\n', encoding="utf-8")
        said += f" (the study's own), 2025-08-31 {OLD}"
    assert load_prices(tmp_path, today).as_of == said


def test_every_cost_names_the_age_of_its_prices(ask: Command, command: Command, study: Path) -> None:
    study.mkdir()
    (study / "prices.toml").write_text('as_of = "2001-01-01"\n[models]\n', encoding="utf-8")
    said = f"list prices of 2001-01-01 {OLD} (the study's own)"
    assert said in ask("--rounds", "1", "--dry-run")[2]
    assert said in ask("--rounds", "1", "--max-cost", "9")[2]
    assert said in command("status")[1]
    assert f"the table of 2001-01-01 {OLD}" in ask("--rounds", "1", "--max-cost", "9", model="mine")[2]


def test_dry_run_names_tokens_cost_and_time(ask: Command) -> None:
    code, out, err = ask("--rounds", "2", "--dry-run")
    assert code == 0
    assert "USD" in out
    assert "US dollars at list prices of 20" in err
    assert "an estimate" in err
    code, out, err = ask("--rounds", "1", "--dry-run", model="mine")
    assert "no price" in out
    assert "mine" in err


def test_order_is_shuffled_within_a_round_and_can_be_fixed(
    command: Command, tmp_path: Path, server: OpenAIServer, study: Path
) -> None:
    from small_bank import write_bank

    bank = write_bank(tmp_path / "larger", 4, 5)

    def asked(name: str) -> list[str]:
        before = len(server.requests)
        options = ["--items", str(bank), "--base-url", server.base_url, "--concurrency", "1", "--rounds", "1"]
        assert command("run", "--model", "m", "--name", name, *options)[0] == 0
        return [request.text.rsplit("Case:", 1)[1] for request in server.requests[before:]]

    first, second = asked("one"), asked("two")
    assert sorted(first) == sorted(second)
    assert first != second
    assert first != sorted(first)
    study.joinpath("study.toml").write_text('order = "fixed"\n', encoding="utf-8")
    assert asked("three") == sorted(first)


def test_ignored_intervals_are_a_deviation(ask: Command, command: Command, study: Path, stored: Stored) -> None:
    study.mkdir()
    (study / "study.toml").write_text("[[rounds]]\n[[rounds]]\nafter_days = 7\n", encoding="utf-8")
    assert ask("--ignore-intervals")[0] == 0
    assert {number for _, _, number in stored()} == {1, 2}
    assert any("round 2" in one and "--ignore-intervals" in one for one in deviations(study))
    assert "--ignore-intervals" in command("status")[1]
    assert "--ignore-intervals" not in command("status", "--json")[1]


def test_a_study_changed_after_its_first_ask_is_a_deviation(ask: Command, study: Path) -> None:
    assert ask("--rounds", "1")[0] == 0
    assert ask("--rounds", "2")[0] == 0
    assert deviations(study) == []
    (study / "study.toml").write_text("seed = 7\ntitle = 'Another title'\n", encoding="utf-8")
    assert ask("--rounds", "3")[0] == 0
    (changed,) = deviations(study)
    assert "seed" in changed


def test_a_parameter_that_a_model_refuses_is_a_deviation(ask: Command, server: OpenAIServer, study: Path) -> None:
    server.answer = lambda request: (
        error(400, "Unsupported value: 'temperature'", "unsupported_value", "temperature")
        if "temperature" in request.body
        else Say()
    )
    code, _, err = ask("--rounds", "1", "--temperature", "0.5")
    assert code == 0
    assert "temperature = 0.5 was left out" in err
    assert deviations(study) == ["gpt-4: temperature = 0.5 was left out: the model refuses it"]


def test_a_changed_pace_is_no_other_respondent(ask: Command) -> None:
    assert ask("--rounds", "1", "--concurrency", "2", "--timeout", "30")[0] == 0
    assert ask("--rounds", "2", "--concurrency", "4", "--requests-per-minute", "6000")[0] == 0


@pytest.mark.parametrize("fault", [error(404, "no such model", "model_not_found"), error(401, "wrong key")])
def test_a_mistyped_model_or_key_leaves_no_trace_in_the_study(
    command: Command, tmp_path: Path, server: OpenAIServer, study: Path, fault: Status
) -> None:
    from small_bank import write_bank

    bank = write_bank(tmp_path / "larger", 40, 10)
    run = ["run", "--items", str(bank), "--base-url", server.base_url, "--rounds", "1"]
    assert command(*run, "--model", "gpt-4", "--limit", "5")[0] == 0
    server.answer = lambda _: fault
    before = server.count
    assert command(*run, "--model", "gtp-4")[0] == 1
    assert server.count - before <= 8, "no more than went out at the same moment"
    with StudyStore.open(study, create=False) as store:
        assert list(store.respondents()) == ["gpt-4"]
        assert store.failures() == []
    assert command(*run, "--model", "gpt-4")[0] == 1
    with StudyStore.open(study, create=False) as store:
        assert list(store.respondents()) == ["gpt-4"]
        assert len(store.responses()) == 5


def test_a_model_file_that_is_not_there_leaves_no_trace_in_the_study(command: Command, bank: Path, study: Path) -> None:
    code, _, err = command("run", "--model", "local:nope.gguf", "--items", str(bank), "--limit", "1")
    assert code == 1
    assert "the model file nope.gguf is not there" in err
    with StudyStore.open(study, create=False) as store:
        assert store.respondents() == {}
