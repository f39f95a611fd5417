"""Logs of Inspect AI: a real one read without Inspect, our own read by Inspect."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_python import INSPECT
from openai_server import OpenAIServer, Say
from small_bank import KEY, QUESTIONS, Command

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore

REAL_LOG = Path(__file__).parent.parent / "data" / "inspect" / "inspect-0.3.285.eval"

READ = """
import json, sys
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries, read_eval_log_samples
log = read_eval_log(sys.argv[1])
samples = list(read_eval_log_samples(sys.argv[1]))
print(json.dumps({
    "status": log.status, "model": log.eval.model, "epochs": log.eval.config.epochs,
    "temperature": log.eval.model_generate_config.temperature,
    "tokens": log.stats.model_usage["none/gpt-4"].input_tokens,
    "summaries": len(read_eval_log_sample_summaries(sys.argv[1])),
    "samples": [[s.id, s.epoch, s.output.completion, s.output.stop_reason, s.metadata["condition"], s.messages[0].role]
                for s in samples]}))
"""


def held(study: Path) -> list[tuple[object, ...]]:
    with StudyStore.open(study, create=False) as store:
        return [
            (
                one.ask,
                one.reply.text,
                one.asked_at,
                one.reply.model_returned,
                one.reply.prompt_tokens,
                one.reply.completion_tokens,
                one.reply.finish_reason,
            )
            for one in store.responses()
        ]


def test_a_log_that_inspect_wrote(command: Command, bank: Path, study: Path) -> None:
    """Written by Inspect 0.3.285: compressed with Zstandard, two samples in two epochs, one answer cut off."""
    code, _, err = command("responses", "import", str(REAL_LOG), "--items", str(bank), "--name", "gpt-4 by Inspect")
    assert code == 0, err
    assert "4 recorded answers imported" in err
    found = held(study)
    assert [(ask.question_id, ask.round, ask.condition.label) for ask, *_ in found] == [  # type: ignore[attr-defined]
        ("case000-1", 1, "bare"),
        ("case000-2", 1, "prompted"),
        ("case000-1", 2, "bare"),
        ("case000-2", 2, "prompted-regenerated"),
    ]
    assert found[0][1] == "1. Fever\n2. Cough"
    assert len(str(found[1][1])) > 100
    assert all(row[3:6] == ("gpt-4", 100, 10) for row in found)
    assert [row[6] for row in found] == ["stop", "length", "stop", "length"]
    with StudyStore.open(study, create=False) as store:
        settings = store.respondents()["gpt-4 by Inspect"]
    assert (settings["temperature"], settings["max_tokens"]) == (0.3, 50)


@pytest.fixture
def asked(ask: Command, server: OpenAIServer) -> None:
    server.answer = lambda request: (
        Say(finish_reason="length") if "number 2" in request.text else Say("1. é \u202e <b>")
    )
    assert ask("--rounds", "3", "--temperature", "0.3")[0] == 0


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("form", [".eval", ".json"])
def test_out_as_a_log_and_in_again(command: Command, bank: Path, study: Path, tmp_path: Path, form: str) -> None:
    log = tmp_path / f"log{form}"
    code, _, err = command("responses", "export", str(log))
    assert code == 0, err
    assert f"{3 * QUESTIONS} responses written to {log}" in err
    assert KEY.encode() not in log.read_bytes()
    other = study.with_name("other")
    assert main(["responses", "import", str(log), "--items", str(bank), "--study", str(other)]) == 0
    assert held(other) == held(study)
    with StudyStore.open(other, create=False) as store:
        assert store.respondents()["gpt-4"]["temperature"] == 0.3
    assert main(["responses", "import", str(log), "--study", str(study)]) == 0
    assert held(other) == held(study)


@pytest.mark.usefixtures("asked")
@pytest.mark.skipif(INSPECT is None, reason="no Inspect AI: it is neither installed here nor named by INSPECT_PYTHON")
@pytest.mark.parametrize("form", [".eval", ".json"])
def test_inspect_reads_what_we_write(command: Command, tmp_path: Path, form: str) -> None:
    log = tmp_path / f"log{form}"
    assert command("responses", "export", str(log))[0] == 0
    done = subprocess.run([str(INSPECT), "-c", READ, str(log)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    samples = found.pop("samples")
    assert found == {
        "status": "success",
        "model": "none/gpt-4",
        "epochs": 3,
        "temperature": 0.3,
        "tokens": 100 * 3 * QUESTIONS,
        "summaries": 3 * QUESTIONS,
    }
    assert len(samples) == 3 * QUESTIONS
    assert ["case000-1", 1, "1. é \u202e <b>", "stop", "prompted", "user"] in samples
    assert ["case000-2", 3, "1. Fever\n2. Cough", "max_tokens", "bare", "user"] in samples


def test_a_log_for_each_respondent(
    command: Command, bank: Path, server: OpenAIServer, tmp_path: Path, study: Path
) -> None:
    run = ["run", "--items", str(bank), "--base-url", server.base_url, "--rounds", "1"]
    assert command(*run, "--model", "org/one", "--model", "two")[0] == 0
    code, _, err = command("responses", "export", str(tmp_path / "log.eval"))
    assert code == 0
    files = sorted(one.name for one in tmp_path.glob("log*"))
    assert files == ["log-1-org-one.eval", "log-2-two.eval"]
    assert all(name in err for name in files)
    other = study.with_name("other")
    for name in files:
        assert main(["responses", "import", str(tmp_path / name), "--items", str(bank), "--study", str(other)]) == 0
    assert held(other) == held(study)


def test_a_damaged_log_is_named(
    command: Command, bank: Path, tmp_path: Path, import_log: Callable[[bytes], tuple[int, str, str]]
) -> None:
    content = REAL_LOG.read_bytes()
    for damaged in (content[:3000], content.replace(b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfc"), b"PK" + content[2:100]):
        code, _, err = import_log(damaged)
        assert code == 1
        assert "damaged.eval" in err
        assert "nothing was imported" in err


@pytest.fixture
def import_log(command: Command, bank: Path, tmp_path: Path) -> Callable[[bytes], tuple[int, str, str]]:
    def bring_in(content: bytes) -> tuple[int, str, str]:
        file = tmp_path / "damaged.eval"
        file.write_bytes(content)
        return command("responses", "import", str(file), "--items", str(bank))

    return bring_in
