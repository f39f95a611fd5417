"""An option that cannot be used is named in one line: no traceback, and nothing ignored."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from openai_server import OpenAIServer
from small_bank import QUESTIONS, Command

from samp_eval.cli.shared.respondent_options import resolve_respondents
from samp_eval.run.providers.embedded_model import local_settings
from samp_eval.study import LONGEST_NAME, Study

LONG = "m" * (LONGEST_NAME + 1)


@pytest.mark.parametrize(
    ("arguments", "option", "said"),
    [
        (["--model", ""], "--model", "this must not be empty"),
        (["--model", "  "], "--model", "this must not be empty"),
        (
            ["--model", LONG],
            "--model",
            "120 characters; it has 121, which is too long for a name in the study; give a shorter",
        ),
        (["--model", "local:" + "x/" * 2100], "--model", "characters; it has"),
        (["--model", "m", "--name", ""], "--name", "this must not be empty"),
        (["--model", "m", "--name", LONG], "--name", "120 characters; it has 121"),
        (["--model", "local", "--name", LONG], "--name", "120 characters; it has 121"),
        (["--model", "m", "--reasoning-effort", " "], "--reasoning-effort", "this must not be empty"),
        (["--model", "m", "--base-url", ""], "--base-url", "this must not be empty"),
        (["--model", "m", "--endpoint", ""], "--endpoint", "this must not be empty"),
    ],
)
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_a_value_that_cannot_be(
    command: Command, bank: Path, study: Path, arguments: list[str], option: str, said: str, dry: list[str]
) -> None:
    code, _, err = command("run", "--items", str(bank), *arguments, *dry)
    assert code == 2
    assert err.splitlines()[-1].startswith(f"Error: Invalid value for {option}: ")
    assert said in err
    assert not study.exists()


def test_a_long_model_under_a_shorter_name(command: Command, bank: Path, server: OpenAIServer, study: Path) -> None:
    asking = ["run", "--items", str(bank), "--base-url", server.base_url, "--rounds", "1"]
    assert command(*asking, "--model", LONG, "--name", "short")[0] == 0
    assert [request.body["model"] for request in server.requests] == [LONG] * QUESTIONS


def test_a_model_file_at_a_long_path_has_a_name_of_its_own(command: Command, bank: Path, tmp_path: Path) -> None:
    names = [f"{'a' * 150}-Q{bits}_K_M" for bits in (4, 8)]
    found = [local_settings(f"local:{tmp_path}/{name}.gguf") for name in names]
    assert found[0].model.endswith(f"{names[0]}.gguf")
    assert found[0].id != found[1].id
    assert all(len(one.id) == LONGEST_NAME and one.id.endswith("_K_M") for one in found)
    assert local_settings("local:/models/Short-1B.gguf").id == "local:Short-1B"
    code, out, _ = command("run", "--items", str(bank), "--model", found[0].model, "--dry-run")
    assert code == 0
    assert "local:aaa" in out


@pytest.mark.parametrize("respondent", ["", "  ", LONG])
def test_an_empty_table_for_a_name_that_an_import_would_refuse(
    command: Command, tmp_path: Path, respondent: str
) -> None:
    code, _, err = command("responses", "template", str(tmp_path / "t.csv"), "--respondent", respondent)
    assert code == 2
    assert "--respondent" in err
    assert "1 to 120 characters" in err
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "local", "--base-url", "http://127.0.0.1:9/v1"], "no address or key"),
        (["--model", "m", "--model", "local", "--base-url", "http://127.0.0.1:9/v1"], "no address or key"),
        (["--model", "local:x.gguf", "--endpoint", "nope"], "no address or key"),
        (["--model", "local", "--api-key-env", "OPENAI_API_KEY"], "no address or key"),
        (["--model", "m", "--endpoint", "nope"], "no endpoint 'nope'"),
        (["--model", "m", "--batch", "--wait", "--cancel"], "either wait"),
    ],
)
def test_what_would_be_ignored_is_refused(
    command: Command, bank: Path, study: Path, arguments: list[str], said: str
) -> None:
    code, _, err = command("run", "--items", str(bank), *arguments, "--dry-run")
    assert code == 2
    assert said in err
    assert not study.exists()


def test_a_dry_run_of_batches_refuses_what_has_none(command: Command, bank: Path) -> None:
    code, _, err = command("run", "--items", str(bank), "--model", "local", "--batch", "--dry-run")
    assert code == 1
    assert "leave out --batch" in err


@pytest.mark.parametrize("more", [[], ["--concurrency", "16"]])
def test_the_embedded_model_is_estimated_one_ask_at_a_time(command: Command, more: list[str]) -> None:
    code, _, err = command("run", "--model", "local", "--rounds", "1", "--limit", "10", "--dry-run", *more)
    assert code == 0
    assert "about 60 s and" in err
    two = ["--model", "local", "--model", "local:other.gguf"]
    assert "about 2 min and" in command("run", *two, "--rounds", "1", "--limit", "10", "--dry-run", *more)[2]


@pytest.mark.parametrize(("length", "kept"), [("", 40), ("max_tokens = 7\n", 7)])
def test_a_local_respondent_of_the_study_file_stops_where_the_option_would(length: str, kept: int) -> None:
    study = Study.model_validate(tomllib.loads(f'[[respondents]]\nid = "mine"\nmodel = "local"\n{length}'))
    (found,) = resolve_respondents(study, ["mine"], None, {}, {})
    assert (found.id, found.max_tokens) == ("mine", kept)
    assert found.stop == local_settings("local").stop
