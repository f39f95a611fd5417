"""Inspect logs, faithful both ways: failures, tokens, providers, several models, and what Inspect does with ours."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from inspect_python import INSPECT
from openai_server import OpenAIServer, Say, error
from small_bank import QUESTIONS, Command
from test_inspect_log import REAL_LOG

from samp_eval.errors import FaultySheet
from samp_eval.items.load import load_bank
from samp_eval.run.providers.known_providers import inspect_model
from samp_eval.run.recorded.inspect_reader import read_inspect_rows
from samp_eval.run.recorded.inspect_samples import LogSource, SampleScore
from samp_eval.run.recorded.inspect_writer import write_inspect_log
from samp_eval.store.study_store import StudyStore

needs_inspect = pytest.mark.skipif(
    INSPECT is None, reason="no Inspect AI: neither installed nor named by INSPECT_PYTHON"
)

USAGE = {"input_tokens": 60, "output_tokens": 10, "total_tokens": 110, "input_tokens_cache_read": 40}


def sample(question: str, text: str | None = "1. Fever", epoch: int = 1, **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choices = [] if text is None else [{"message": message, "stop_reason": "stop"}]
    output = {"model": "gpt-4-0613", "choices": choices, "usage": USAGE}
    return {"id": question, "epoch": epoch, "metadata": {"condition": "bare"}, "output": output, **fields}


def log_of(*samples: dict[str, Any], model: str = "openai/gpt-4") -> dict[str, Any]:
    return {"version": 2, "eval": {"model": model, "model_generate_config": {"temperature": 0.5}}, "samples": samples}


@pytest.fixture
def bring_in(command: Command, bank: Path, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    def import_log(log: dict[str, Any] | bytes, *options: str, suffix: str = ".json") -> tuple[int, str, str]:
        file = tmp_path / f"log{suffix}"
        file.write_bytes(log if isinstance(log, bytes) else json.dumps(log).encode())
        return command("responses", "import", str(file), "--items", str(bank), *options)

    return import_log


def test_errored_and_empty_samples_are_failures_with_their_reasons(
    bring_in: Callable[..., tuple[int, str, str]], command: Command, study: Path
) -> None:
    code, _, err = bring_in(
        log_of(
            sample("case000-1"),
            sample("case000-2", None, error={"message": "RateLimitError: enough", "traceback": "..."}),
            sample("case001-1", "  "),
            sample("case001-2", None, limit={"type": "token", "limit": 10}),
        )
    )
    assert code == 0, err
    assert "1 recorded answer imported" in err
    assert "3 samples without an answer, kept as failures" in err
    with StudyStore.open(study, create=False) as store:
        found = {one.ask.question_id: (one.kind, one.message) for one in store.failures()}
        assert [one.ask.question_id for one in store.responses()] == ["case000-1"]
    assert found == {
        "case000-2": ("server_error", "Inspect: RateLimitError: enough"),
        "case001-1": ("empty_answer", "the answer is empty (stop reason stop)"),
        "case001-2": ("empty_answer", "the answer is empty (limit token)"),
    }
    assert "RateLimitError: enough" in command("status")[1]
    code, _, err = bring_in(log_of(sample("case000-2", "1. Cough")))
    assert code == 0, err
    with StudyStore.open(study, create=False) as store:
        assert {one.ask.question_id for one in store.failures()} == {"case001-1", "case001-2"}
    code, _, err = bring_in(log_of(sample("case000-1", None, error={"message": "later"})))
    assert code == 0, err
    with StudyStore.open(study, create=False) as store:
        assert "case000-1" not in {one.ask.question_id for one in store.failures()}


def test_cached_tokens_are_tokens_of_the_prompt(bring_in: Callable[..., tuple[int, str, str]], study: Path) -> None:
    assert bring_in(log_of(sample("case000-1")))[0] == 0
    with StudyStore.open(study, create=False) as store:
        (response,) = store.responses()
        settings = store.respondents()["openai/gpt-4"]
    assert (response.reply.prompt_tokens, response.reply.completion_tokens) == (100, 10)
    assert response.reply.provenance["cached_prompt_tokens"] == 40
    assert response.reply.model_returned == "gpt-4-0613"
    assert settings == {"model": "openai/gpt-4", "recorded": True, "temperature": 0.5}


def test_a_log_of_several_models_has_a_respondent_for_each(
    bring_in: Callable[..., tuple[int, str, str]], study: Path
) -> None:
    other = sample("case000-2", model_usage={"openai/gpt-4": USAGE, "anthropic/claude-x": USAGE})
    other["output"]["model"] = "claude-x"
    alone = sample("case001-1", model_usage={"google/gemini-x": USAGE})
    log = log_of(sample("case000-1", model_usage={"openai/gpt-4": USAGE}), other, alone)
    code, _, err = bring_in(log, "--name", "all")
    assert code == 1
    assert "holds answers of anthropic/claude-x, google/gemini-x, openai/gpt-4" in err
    assert bring_in(log)[0] == 0
    with StudyStore.open(study, create=False) as store:
        found = {one.ask.respondent: one.ask.question_id for one in store.responses()}
        assert "temperature" not in store.respondents()["anthropic/claude-x"]
    assert found == {
        "openai/gpt-4": "case000-1",
        "anthropic/claude-x": "case000-2",
        "google/gemini-x": "case001-1",
    }


def test_an_encrypted_log_is_named(bring_in: Callable[..., tuple[int, str, str]]) -> None:
    content = bytearray(REAL_LOG.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + place] |= 1  # the bit that says that a member is encrypted
            start = content.find(mark, start + 4)
    code, _, err = bring_in(bytes(content), suffix=".eval")
    assert code == 1
    assert "this log cannot be unpacked" in err
    assert "encrypted" in err


def test_half_a_surrogate_pair_is_replaced(bring_in: Callable[..., tuple[int, str, str]], study: Path) -> None:
    content = json.dumps(log_of(sample("case000-1", "1. Fever \ud83d"), model="openai/gpt-\ud800")).encode()
    code, _, err = bring_in(content)
    assert code == 0, err
    with StudyStore.open(study, create=False) as store:
        assert list(store.respondents()) == ["openai/gpt-\ufffd"]
        assert store.responses()[0].reply.text == "1. Fever \ufffd"


@pytest.mark.parametrize(
    ("model", "address", "recorded", "name"),
    [
        ("gpt-4", None, False, "openai/gpt-4"),
        ("gpt-4", "https://api.openai.com/v1", False, "openai/gpt-4"),
        ("my-gpt", "https://NAME.openai.azure.com/openai/v1", False, "openai/azure/my-gpt"),
        ("claude-x", "https://api.anthropic.com/v1", False, "anthropic/claude-x"),
        ("org/llama", "https://openrouter.ai/api/v1", False, "openrouter/org/llama"),
        ("llama", "http://localhost:8000/v1", False, "none/llama"),
        ("llama", "http://api.openai.com/v1", False, "none/llama"),
        ("llama", "https://api.openai.com.example.org/v1", False, "none/llama"),
        ("local", None, False, "none/local"),
        ("local:models/y.gguf", None, False, "none/local"),
        ("ChatGPT page", None, True, "none/ChatGPT page"),
        ("openai/gpt-4", None, True, "openai/gpt-4"),
    ],
)
def test_a_model_is_named_with_its_provider(model: str, address: str | None, recorded: bool, name: str) -> None:
    assert inspect_model(model, address, recorded=recorded) == name


@pytest.mark.parametrize("form", [".eval", ".json"])
def test_failures_and_tokens_come_back_as_they_went(
    ask: Command, command: Command, server: OpenAIServer, bank: Path, study: Path, tmp_path: Path, form: str
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 30}}
    server.answer = lambda request: error(400, "no") if "number 2" in request.text else Say(usage=usage)  # type: ignore[arg-type]  # details
    assert ask("--rounds", "1")[0] == 3
    log, other = tmp_path / f"log{form}", study.with_name("other")
    assert command("responses", "export", str(log))[0] == 0
    rows = read_inspect_rows(log)
    counts = {tuple(row[rows[0].index(name)] for name in ("prompt_tokens", "cached_prompt_tokens")) for row in rows[1:]}
    assert counts == {("100", "30"), ("", "")}
    from samp_eval.cli.main import main

    assert main(["responses", "import", str(log), "--items", str(bank), "--study", str(other)]) == 0
    with StudyStore.open(study, create=False) as before, StudyStore.open(other, create=False) as after:
        assert [(one.ask, one.kind, one.message) for one in after.failures()] == [
            (one.ask, one.kind, one.message) for one in before.failures()
        ]
        assert len(before.failures()) == QUESTIONS // 2
        assert after.respondents()["gpt-4"]["model"] == "gpt-4"


def test_messages_have_ids_and_questions_their_choices(tmp_path: Path) -> None:
    bank = load_bank(Path(__file__).parents[2] / "data" / "formats-2027")
    with_options = next(question for _, question in bank.asked() if question.options)
    from samp_eval.run.respondent import Ask, Reply, Response
    from samp_eval.study import Condition

    response = Response(Ask(with_options.id, "m", 1, Condition()), Reply("A", "m"), None)
    scores = {(with_options.id, 1): {"key": SampleScore(0.5, "A: nothing")}}
    source = LogSource(bank, "m", {"model": "m"}, [response], datetime.now(UTC), scores=scores)
    assert write_inspect_log(source, tmp_path / "log.json") == 1
    log = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    (written,) = log["samples"]
    assert written["choices"] == list(with_options.options)
    ids = [message["id"] for message in written["messages"]]
    assert len(set(ids)) == len(ids) == 2
    assert written["output"]["choices"][0]["message"]["id"] == ids[-1]
    assert written["scores"]["key"]["value"] == 0.5
    assert log["results"]["scores"][0]["metrics"]["mean"]["value"] == 0.5


def test_a_log_without_a_head_is_no_log(tmp_path: Path) -> None:
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("samples/x.json", "{}")
    with pytest.raises(FaultySheet, match=r"has no member _journal/start\.json"):
        read_inspect_rows(file)


# With Inspect itself -------------------------------------------------------------------------------------------------

RUN = """
import sys
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate, solver

def output(text, stop="stop"):
    made = ModelOutput.from_content("mockllm/model", text, stop_reason=stop)
    made.usage = ModelUsage(input_tokens=60, output_tokens=10, total_tokens=110, input_tokens_cache_read=40)
    return made

@solver
def failing_on(name):
    async def solve(state, generate):
        if state.sample_id == name:
            raise ValueError("this sample fails")
        return await generate(state)
    return solve

model = get_model("mockllm/model", custom_outputs=[output("1. Fever"), output("1. Cough"), output("")] * 4)
samples = [Sample(id=name, input="What is it?", target="fever") for name in sys.argv[2:]]
eval(Task(dataset=samples, solver=failing_on(sys.argv[2]), scorer=match()), model=model, log_dir=sys.argv[1],
     fail_on_error=False, display="none", max_samples=1, max_tasks=1)
"""

LOOK = """
import json, sys
from inspect_ai.log import read_eval_log
from inspect_ai.analysis import messages_df, samples_df
log = read_eval_log(sys.argv[1])
messages = messages_df(sys.argv[1], quiet=True)
print(json.dumps({
    "status": log.status, "model": log.eval.model,
    "usage": {name: usage.model_dump(exclude_none=True) for name, usage in log.stats.model_usage.items()},
    "errors": [sample.id for sample in log.samples if sample.error],
    "scored": [score.name for score in log.results.scores] if log.results else [],
    "messages": len(messages), "message_ids": int(messages["message_id"].nunique()),
    "assistant": int((messages["role"] == "assistant").sum()),
}))
"""


def inspect(*arguments: str) -> str:
    environment = {**os.environ, "NO_COLOR": "1", "INSPECT_DISPLAY": "none"}
    done = subprocess.run([str(INSPECT), *arguments], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@needs_inspect
def test_round_trip_through_inspect(command: Command, bank: Path, study: Path, tmp_path: Path) -> None:
    names = ["case000-1", "case000-2", "case001-1", "case001-2"]
    inspect("-c", RUN, str(tmp_path / "logs"), *names)
    (made,) = (tmp_path / "logs").glob("*.eval")
    theirs = json.loads(inspect("-c", LOOK, str(made)).splitlines()[-1])
    (study / "study.toml").parent.mkdir()
    (study / "study.toml").write_text('[[rounds]]\nprompt = "bare"\n', encoding="utf-8")
    code, _, err = command("responses", "import", str(made), "--items", str(bank))
    assert code == 0, err
    with StudyStore.open(study, create=False) as store:
        assert len(store.responses()) == 2
        assert {(one.ask.question_id, one.kind) for one in store.failures()} == {
            ("case000-1", "server_error"),
            ("case001-2", "empty_answer"),
        }
        assert any("this sample fails" in one.message for one in store.failures())
    ours = tmp_path / "ours.eval"
    assert command("responses", "export", str(ours))[0] == 0
    found = json.loads(inspect("-c", LOOK, str(ours)).splitlines()[-1])
    assert found["status"] == "success"
    assert found["model"] == theirs["model"] == "mockllm/model"
    assert found["errors"] == ["case000-1", "case001-2"]
    each = {"input_tokens": 60, "output_tokens": 10, "total_tokens": 110, "input_tokens_cache_read": 40}
    assert theirs["usage"]["mockllm/model"] == {name: 3 * count for name, count in each.items()}
    assert found["usage"]["mockllm/model"] == {name: 2 * count for name, count in each.items()}  # one answer was empty
    assert found["messages"] == found["message_ids"] == 4 + 2
    assert found["assistant"] == 2


@needs_inspect
@pytest.mark.parametrize("name", ["log.eval", "2026-11-28T12-00-00-00-00_samp_log.json"])
def test_inspect_scores_what_we_write(ask: Command, command: Command, tmp_path: Path, name: str) -> None:
    """Inspect's tables take a JSON file for a log only if its name begins with a time."""
    assert ask("--rounds", "2", "--temperature", "0.3")[0] == 0
    log, scored = tmp_path / name, tmp_path / f"{Path(name).stem}-scored{Path(name).suffix}"
    assert command("responses", "export", str(log))[0] == 0
    inspect("-m", "inspect_ai", "score", str(log), "--scorer", "includes", "--output-file", str(scored))
    found = json.loads(inspect("-c", LOOK, str(scored)).splitlines()[-1])
    assert found["scored"] == ["includes"]
    assert found["assistant"] == 2 * QUESTIONS
    assert found["message_ids"] == found["messages"]
