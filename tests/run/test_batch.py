"""``samp-eval run --batch``: submit, leave, come back with the same command."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_server import BatchServer
from openai_server import OpenAIServer, Received, Say, Status, error
from small_bank import KEY, QUESTIONS, Command, write_bank

from samp_eval.run.batch import runner
from samp_eval.run.respondent import ResponseFailure
from samp_eval.store import schema
from samp_eval.store.migrations import MIGRATIONS
from samp_eval.store.safety.row_digests import BODY_DIGEST, DIGEST
from samp_eval.store.study_store import StudyStore

Stored = Callable[[], set[tuple[str, str, int]]]


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as found:
        yield found


def failures(study: Path) -> list[ResponseFailure]:
    with StudyStore.open(study, create=False) as store:
        return store.failures()


def test_submit_leave_and_come_back(ask: Command, server: BatchServer, stored: Stored, study: Path) -> None:
    code, _, err = ask("--batch", "--rounds", "2", "--temperature", "0.5")
    assert code == 3
    assert "batch_0 was submitted with 8 requests" in err
    assert "run the same command again" in err
    assert stored() == set()
    server.go_on("in_progress")
    code, _, err = ask("--batch", "--rounds", "2", "--temperature", "0.5")
    assert code == 3
    assert "batch_0 is in_progress: 1 of 8 requests answered" in err
    server.answer_line = lambda request: Say(f"fever \u2028 {request.text[-40:]}", model="gpt-4-0613")
    server.end()
    code, _, err = ask("--batch", "--rounds", "2", "--temperature", "0.5")
    assert code == 0
    assert "8 responses stored" in err
    assert len(stored()) == 2 * QUESTIONS
    assert len(server.asked()) == len(set(server.asked())) == 2 * QUESTIONS
    assert ask("--batch", "--rounds", "2", "--temperature", "0.5")[0] == 0
    assert len(server.batches) == 1
    with StudyStore.open(study, create=False) as store:
        response, facts = store.response("case000-1", "gpt-4", 1) or pytest.fail("not stored")
    assert response.reply.provenance["batch"] == "batch_0"
    assert response.reply.provenance["custom_id"] == "case000-1.r1"
    assert response.reply.provenance["request_id"].startswith("req_")
    assert response.reply.model_returned == "gpt-4-0613"
    assert "\u2028" in response.reply.text
    request = json.loads(response.reply.request)
    assert (request["model"], request["temperature"]) == ("gpt-4", 0.5)
    assert "What is it, number 1?" in request["messages"][0]["content"]
    assert json.loads(response.reply.received)["choices"][0]["message"]["content"] == response.reply.text
    assert response.asked_at is not None
    assert facts["bank_sha256"]
    assert (response.attempts, response.failed_attempts) == (1, ())


def test_the_same_bodies_as_one_by_one(ask: Command, server: BatchServer) -> None:
    """What a model is sent does not depend on the way."""
    ask("--batch", "--rounds", "1", "--max-tokens", "50", "--seed", "3")
    sent = {json.dumps(json.loads(line)["body"]) for line in server.files["file-0"].splitlines()}
    with OpenAIServer() as other:
        ask("--name", "other", "--rounds", "1", "--max-tokens", "50", "--seed", "3", "--base-url", other.base_url)
        assert {json.dumps(one.body) for one in other.requests} == sent


def test_an_expired_batch_goes_on_with_the_rest(ask: Command, server: BatchServer, stored: Stored, study: Path) -> None:
    ask("--batch", "--rounds", "1")
    server.end("expired", 0.5)
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 3
    assert "batch_0 is expired: 2 answered, 2 failed" in err
    assert "batch_1 was submitted with 2 requests" in err
    assert len(stored()) == 2
    assert {one.kind for one in failures(study)} == {"timeout"}
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS
    assert failures(study) == []
    with StudyStore.open(study, create=False) as store:
        tries = sorted((one.attempts, [tried.kind for tried in one.failed_attempts]) for one in store.responses())
    assert tries == [(1, []), (1, []), (2, ["timeout"]), (2, ["timeout"])]


@pytest.mark.slow
def test_an_ask_that_fails_again_and_again_is_given_up(
    ask: Command, server: BatchServer, stored: Stored, study: Path
) -> None:
    server.answer_line = lambda request: error(500, "oops") if "number 2" in request.text else Say()
    for _ in range(runner.MAX_BATCHES_PER_ASK + 2):
        code, _, err = ask("--batch", "--rounds", "1")
        server.end()
    assert code == 3
    assert "2 requests have failed permanently" in err
    assert len(server.batches) == runner.MAX_BATCHES_PER_ASK
    assert {one.attempts for one in failures(study)} == {runner.MAX_BATCHES_PER_ASK}
    server.answer_line = lambda _: Say()
    assert "submitted with 2 requests" in ask("--batch", "--rounds", "1", "--retry-failed")[2]
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS


@pytest.mark.parametrize(
    ("answer", "kind", "again"),
    [
        (error(429, "slow down"), "rate_limit", True),
        (error(503, "busy"), "server_error", True),
        (Say(""), "empty_answer", True),
        (Status(200, {"choices": []}), "broken_answer", True),
        (error(400, "too long", "context_length_exceeded"), "bad_request", False),
        (error(400, "filtered", "content_filter"), "content_filter", False),
        (Say("x", finish_reason="content_filter"), "content_filter", False),
        (error(401, "who"), "authentication", False),
        (error(404, "no such model", "model_not_found"), "unknown_model", False),
    ],
)
def test_kinds_of_lines(
    ask: Command, server: BatchServer, study: Path, answer: Say | Status, kind: str, again: bool
) -> None:
    server.answer_line = lambda _: answer
    ask("--batch", "--rounds", "1", "--limit", "1")
    server.end()
    assert ask("--batch", "--rounds", "1", "--limit", "1")[0] == 3
    (failure,) = failures(study)
    assert failure.kind == kind
    assert len(server.batches) == 1 + again


def refuse(request: Received) -> Status | Say:
    if "temperature" in request.body:
        return error(400, "Unsupported value: 'temperature' does not support 0.2.", "unsupported_value", "temperature")
    return Say()


def test_a_refused_parameter_is_left_out_of_the_next_batch(
    ask: Command, server: BatchServer, stored: Stored, study: Path
) -> None:
    server.answer_line = refuse
    ask("--batch", "--rounds", "1", "--temperature", "0.2")
    server.end()
    _, _, err = ask("--batch", "--rounds", "1", "--temperature", "0.2")
    assert "temperature = 0.2 was left out" in err
    server.end()
    assert ask("--batch", "--rounds", "1", "--temperature", "0.2")[0] == 0
    assert len(stored()) == QUESTIONS
    with StudyStore.open(study, create=False) as store:
        assert [what for what, _ in store.deviations()] == [
            "gpt-4: temperature = 0.2 was left out: the model refuses it"
        ]
        assert all("temperature" in one.reply.provenance["adapted"][0] for one in store.responses())
    ask("--batch", "--rounds", "2", "--temperature", "0.2")
    assert b"temperature" not in server.files[server.batches["batch_2"]["input_file_id"]]


def test_lines_that_cannot_be_read(ask: Command, server: BatchServer, stored: Stored, study: Path) -> None:
    ask("--batch", "--rounds", "1")
    server.extra_lines = [b"{broken", b"[]", b'{"custom_id": "nobody", "response": null, "error": {"code": "x"}}']
    server.extra_lines += [b'{"custom_id": "case000-1.r1", "response": {"status_code": "x"}, "error": 3}', b"\xff\xfe"]
    server.change_output = lambda content: b"\n".join(
        line for line in content.split(b"\n") if b"case000-2.r1" not in line
    )
    server.end()
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 3
    assert "5 lines could not be read" in err
    assert len(stored()) == QUESTIONS - 1
    (failure,) = failures(study)
    assert (failure.kind, failure.ask.question_id) == ("broken_answer", "case000-2")


def test_half_a_character_is_stored_as_one_that_is_missing(
    ask: Command, server: BatchServer, study: Path, stored: Stored
) -> None:
    server.answer_line = lambda _: Say("fever @ cough \U0001f600")
    server.change_output = lambda content: content.replace(b"@", b"\\uD83D")
    ask("--batch", "--rounds", "1")
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS
    with StudyStore.open(study, create=False) as store:
        assert {one.reply.text for one in store.responses()} == {"fever \ufffd cough \U0001f600"}


@pytest.mark.parametrize("batch", [{}, {"id": "", "status": "completed"}, {"id": "x", "status": 3}, [], "no"])
def test_a_server_that_says_nothing_sensible(ask: Command, server: BatchServer, stored: Stored, batch: object) -> None:
    ask("--batch", "--rounds", "1")
    server.instead[("GET", "/batches/batch_0")] = Status(200, batch)
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 1
    assert "nothing is lost" in err
    server.instead.clear()
    server.end()
    server.batches["batch_0"]["request_counts"] = "many"
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS


def test_a_file_that_is_not_accepted(ask: Command, server: BatchServer, stored: Stored) -> None:
    ask("--batch", "--rounds", "1")
    reason = {"code": "billing_hard_limit_reached", "message": f"pay first, {KEY}", "line": None, "param": None}
    server.batches["batch_0"] |= {"status": "failed", "errors": {"object": "list", "data": [reason]}}
    code, _, err = ask("--batch", "--rounds", "1")
    assert code == 1
    assert "was not accepted (pay first, [key removed])" in err
    assert len(server.batches) == 1
    assert ask("--batch", "--rounds", "1")[0] == 3
    server.end()
    assert ask("--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS


@pytest.mark.slow
def test_a_full_queue_makes_batches_smaller(ask: Command, server: BatchServer, stored: Stored) -> None:
    ask("--batch", "--rounds", "2", "--limit", "1")
    server.most_tokens_waiting = len(server.files["file-0"]) // 4
    server.end()
    code = 3
    for _ in range(40):
        code, _, err = ask("--batch", "--rounds", "2")
        if code != 3:
            break
        server.end()
    assert code == 0, err
    assert len(stored()) == 2 * QUESTIONS
    assert len(server.asked()) == len(set(server.asked()))


def test_a_plain_run_leaves_pending_asks_alone(ask: Command, server: BatchServer, stored: Stored) -> None:
    ask("--batch", "--rounds", "1")
    before = server.count
    _, _, err = ask("--rounds", "1", "--dry-run")
    assert "4 requests are pending in a batch" in err
    assert "0 requests would be sent" in err
    code, _, err = ask("--rounds", "1")
    assert code == 3
    assert "4 requests are pending in a batch" in err
    assert "--batch --cancel" in err
    assert "nothing to ask" not in err
    assert server.count == before
    assert stored() == set()


def test_cancel_keeps_what_is_finished_and_frees_the_rest(
    ask: Command, server: BatchServer, stored: Stored, study: Path
) -> None:
    ask("--batch", "--rounds", "1")
    code, _, err = ask("--batch", "--rounds", "1", "--cancel")
    assert code == 3
    assert "batch_0 is cancelling" in err
    server.end("cancelled", 0.5)
    code, _, err = ask("--batch", "--rounds", "1", "--cancel")
    assert code == 0
    assert "2 answered, 0 failed, 2 cancelled before their turn" in err
    assert len(server.batches) == 1
    assert len(stored()) == 2
    assert failures(study) == []
    server.instead[("POST", "/chat/completions")] = Say()
    assert ask("--rounds", "1")[0] == 0
    assert len(stored()) == QUESTIONS


def test_status_shows_pending_batches(ask: Command, command: Command, server: BatchServer) -> None:
    ask("--batch", "--rounds", "1")
    code, out, _ = command("status")
    assert code == 0
    assert "batch_0" in out
    found = json.loads(command("status", "--json")[1])
    (batch,) = found["batches"]
    assert batch.pop("submitted_at")
    assert batch == {
        "respondent": "gpt-4",
        "batch": "batch_0",
        "status": "validating",
        "asks": QUESTIONS,
        "completed": 0,
        "failed": 0,
    }
    server.end()
    ask("--batch", "--rounds", "1")
    assert json.loads(command("status", "--json")[1])["batches"] == []


@pytest.mark.slow
def test_several_models_have_a_batch_each(command: Command, bank: Path, server: BatchServer, stored: Stored) -> None:
    models = ["run", "--model", "gpt-4", "--model", "gpt-4o", "--items", str(bank), "--base-url", server.base_url]
    assert command(*models, "--batch", "--rounds", "1")[0] == 3
    assert [batch["metadata"]["respondent"] for batch in server.batches.values()] == ["gpt-4", "gpt-4o"]
    server.end()
    assert command(*models, "--batch", "--rounds", "1")[0] == 0
    assert len(stored()) == 2 * QUESTIONS


def test_wait_goes_on_until_all_is_collected(
    ask: Command, server: BatchServer, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "INITIAL_POLL_INTERVAL", 0.01)
    monkeypatch.setattr(runner, "MAX_POLL_INTERVAL", 0.02)
    server.looks = 2
    faults = iter([True, True, False])
    server.answer_line = lambda request: (
        error(500, "oops") if "number 2" in request.text and next(faults, False) else Say()
    )
    code, _, err = ask("--batch", "--wait", "--rounds", "1")
    assert code == 0, err
    assert len(stored()) == QUESTIONS
    assert len(server.batches) == 2
    assert err.count("is in_progress: ") == 2


def test_prices_are_halved(ask: Command, study: Path) -> None:
    def cost(*options: str) -> float:
        _, out, _ = ask("--rounds", "1", "--dry-run", *options, model="gpt-4")
        return float(out.split()[-1])

    assert cost("--batch") == pytest.approx(cost() / 2, abs=0.011)
    _, _, err = ask("--rounds", "1", "--dry-run", "--batch")
    assert "US dollars at 50% of the list prices" in err
    study.mkdir()
    text = 'as_of = "2026-01-01"\nbatch_factor = 0.25\n[models]\n"gpt-4" = { input = 30, output = 60 }\n'
    (study / "prices.toml").write_text(text, "utf-8")
    assert "US dollars at 25% of the list prices" in ask("--rounds", "1", "--dry-run", "--batch")[2]


def test_status_prices_answers_of_batches_at_their_own_price(
    ask: Command, command: Command, server: BatchServer
) -> None:
    ask("--batch", "--rounds", "1")
    server.end()
    ask("--batch", "--rounds", "1")
    first = json.loads(command("status", "--json")[1])["rounds"][0]
    assert first["cost_usd"] == pytest.approx(QUESTIONS * (100 * 30 + 10 * 60) / 1e6 / 2)


def test_a_secret_header_is_sent_and_nowhere_kept(
    command: Command, bank: Path, server: BatchServer, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATE", "gate-secret-99")
    monkeypatch.setenv("SAMP_EVAL_STATE_DIR", str(study.parent / "state"))
    study.mkdir()
    (study / "study.toml").write_text(
        f'[endpoints.ours]\nbase_url = "{server.base_url}"\nheaders_env = {{ x-gate = "GATE" }}\n', encoding="utf-8"
    )
    server.answer_line = lambda _: Say("the gate is gate-secret-99")
    asking = ["run", "--model", "gpt-4", "--items", str(bank), "--endpoint", "ours", "--rounds", "1", "--batch"]
    asking += ["--trust", "--trust-variable", "GATE"]
    assert command(*asking)[0] == 3
    server.end()
    assert command(*asking)[0] == 0
    assert {request.headers.get("x-gate") for request in server.requests} == {"gate-secret-99"}
    assert b"gate-secret-99" not in b"".join(file.read_bytes() for file in study.iterdir())


def test_max_cost_counts_what_is_pending(ask: Command, server: BatchServer, stored: Stored) -> None:
    limited = ("--batch", "--rounds", "5", "--max-tokens", "10", "--max-cost", "0.1")
    code, _, err = ask(*limited)
    assert code == 3
    assert "--max-cost 0.1" in err
    first = len(server.asked())
    assert 0 < first < 5 * QUESTIONS
    ask(*limited)
    assert len(server.asked()) == first
    server.end()
    _, _, err = ask(*limited)
    assert f"{first * (100 * 15 + 10 * 30) / 1e6:.2f} US dollars at batch prices" in err
    assert len(stored()) == first
    ask("--batch", "--rounds", "5", "--max-tokens", "10", "--max-cost", "10")
    server.end()
    assert ask("--batch", "--rounds", "5", "--max-tokens", "10")[0] == 0
    assert len(stored()) == 5 * QUESTIONS


@pytest.mark.parametrize(
    "answer", [Status(404, {"error": {"message": "no"}}), Status(501, "no"), Status(200, {"hello": 1})]
)
def test_a_server_without_batches_is_refused(ask: Command, server: BatchServer, study: Path, answer: Status) -> None:
    server.answer = lambda _: answer
    code, _, err = ask("--batch")
    assert code == 1
    assert "no Batch API" in err
    assert "without --batch" in err
    assert not study.exists()


def test_the_embedded_model_has_no_batches(command: Command, bank: Path, study: Path) -> None:
    code, _, err = command("run", "--model", "local", "--items", str(bank), "--batch")
    assert code == 1
    assert "leave out --batch" in err
    assert not study.exists()


@pytest.mark.parametrize("option", ["--wait", "--cancel"])
def test_wait_and_cancel_go_with_batch(ask: Command, option: str) -> None:
    code, _, err = ask(option)
    assert code == 2
    assert "--batch" in err


def test_a_round_that_is_not_due_waits(ask: Command, server: BatchServer, study: Path) -> None:
    study.mkdir()
    (study / "study.toml").write_text("[[rounds]]\n[[rounds]]\nafter_days = 7\n", encoding="utf-8")
    _, _, err = ask("--batch")
    assert "round 2 is due" in err
    assert len(server.asked()) == QUESTIONS
    server.end()
    code, _, err = ask("--batch")
    assert code == 0
    assert "round 2 is due on" in err
    assert ask("--batch", "--ignore-intervals")[0] == 3
    assert len(server.asked()) == 2 * QUESTIONS


def test_the_key_is_nowhere(ask: Command, server: BatchServer, study: Path) -> None:
    server.answer_line = lambda request: (
        error(500, f"failed for {KEY} and sk-another1234567") if "number 2" in request.text else Say(f"key {KEY}")
    )
    said = [ask("--batch", "--rounds", "1")]
    server.end()
    said.append(ask("--batch", "--rounds", "1"))
    server.instead[("GET", "/batches")] = error(401, f"wrong key {KEY} or sk-another1234567")
    said.append(ask("--batch", "--rounds", "1"))
    assert said[-1][0] == 1
    content = b"".join(file.read_bytes() for file in study.iterdir())
    assert b"[key removed]" in content
    for secret in (KEY, "sk-another1234567"):
        assert secret not in "".join(out + err for _, out, err in said)
        assert secret.encode() not in content
    assert KEY.encode() not in b"".join(server.files[batch["input_file_id"]] for batch in server.batches.values())


@pytest.mark.slow
def test_sixty_thousand_asks_are_two_files(command: Command, tmp_path: Path, server: BatchServer, study: Path) -> None:
    bank = write_bank(tmp_path / "sixty", 6, 10)
    study.mkdir()
    (study / "study.toml").write_text('[[rounds]]\nprompt = "bare"\n' * 1000, encoding="utf-8")
    asking = ["run", "--model", "gpt-4", "--items", str(bank), "--base-url", server.base_url, "--batch"]
    assert command(*asking)[0] == 3
    assert [len(server.files[f"file-{n}"].splitlines()) for n in range(2)] == [50_000, 10_000]
    assert len(set(server.asked())) == 60_000
    with sqlite3.connect(study / "study.db") as database:
        assert database.execute("select count(*) from batch_asks").fetchone() == (60_000,)


LATER_THAN_THE_FIRST_VERSION = (
    "drop index marks_by_id",
    "alter table marks drop column mark_id",
    "alter table marks drop column stands_against",
    "drop index one_row_an_answer",
    "alter table marks drop column role",
    "alter table marks drop column repeat",
    "alter table sheet_rows drop column role",
    "alter table sheet_rows drop column repeat",
    "alter table marks drop column key_version",
    "alter table sheet_rows drop column key_version",
    "alter table banks drop column entries",
    "delete from schema_version",
    *(
        f"alter table {table.name} drop column {name}"
        for table in schema.metadata.sorted_tables
        for name in (BODY_DIGEST, DIGEST)
        if name in table.columns
    ),
    "drop table batches",
    "drop table batch_asks",
    "drop table former_responses",
    "drop table if exists reading_rules",
)
"""What takes the later tables, columns and indexes out of a database."""


def test_a_study_of_the_first_version_is_brought_up_to_date(ask: Command, server: BatchServer, study: Path) -> None:
    server.answer = lambda _: Say()
    assert ask("--rounds", "1")[0] == 0
    with sqlite3.connect(study / "study.db") as database:
        for statement in LATER_THAN_THE_FIRST_VERSION:
            database.execute(statement)
        database.execute("insert into schema_version values (1)")
    server.answer = server.serve
    assert ask("--batch", "--rounds", "2")[0] == 3
    assert len(server.asked()) == QUESTIONS
    with sqlite3.connect(study / "study.db") as database:
        versions: list[Any] = database.execute("select version from schema_version order by version").fetchall()
    assert versions == [(number,) for number in range(1, len(MIGRATIONS) + 2)]
