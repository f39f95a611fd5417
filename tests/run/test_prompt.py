"""Prompts from a study's own files: sent as written, part of a respondent's identity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openai_server import OpenAIServer
from small_bank import Command

from samp_eval.run.prompt import Prompt, bundled_prompt

RESPONDENTS = """
[[respondents]]
id = "plain"
model = "m"

[[respondents]]
id = "own"
model = "m"
prompt = "prompts/terse"
"""


def write_prompt(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def test_the_bundled_prompt_has_a_version_and_a_hash() -> None:
    assert bundled_prompt().version == "2"
    assert len(bundled_prompt().sha256) == 64
    parts = Prompt("s", "i", "e").sha256, Prompt("", "si", "e").sha256, Prompt("", "i", "e").sha256
    assert len(set(parts)) == 3


def test_a_respondents_own_prompt_is_sent_and_recorded(
    command: Command, bank: Path, study: Path, server: OpenAIServer
) -> None:
    write_prompt(study / "prompts" / "terse", system="You are terse.", instructions="Answer in words.", version="T 2")
    (study / "study.toml").write_text(RESPONDENTS, encoding="utf-8")
    assert command("run", "--items", str(bank), "--base-url", server.base_url, "--rounds", "3")[0] == 0
    system = [request for request in server.requests if request.body["messages"][0]["role"] == "system"]
    assert len(system) == 2 * 4
    assert all(one.body["messages"][0]["content"] == "You are terse." for one in system)
    assert all(one.text.startswith("Answer in words.\n\nCase: A three-year-old") for one in system)
    bare = [one for one in server.requests if one.text.startswith("A three-year-old")]
    assert len(bare) == 2 * 4
    assert all(len(one.body["messages"]) == 1 for one in bare)
    shown = json.loads(command("responses", "show", "case000-1", "--respondent", "own", "--json")[1])
    assert shown["run"]["prompts"]["own"]["version"] == "T 2"
    assert shown["run"]["prompts"]["plain"]["version"] == "2"


def test_a_changed_prompt_makes_another_respondent(
    command: Command, bank: Path, study: Path, server: OpenAIServer
) -> None:
    write_prompt(study / "mine", instructions="First wording.")
    (study / "study.toml").write_text('prompt = "mine"\n', encoding="utf-8")
    arguments = ["run", "--items", str(bank), "--base-url", server.base_url, "--model", "m"]
    assert command(*arguments, "--rounds", "1")[0] == 0
    assert server.requests[0].text.startswith("First wording.")
    write_prompt(study / "mine", instructions="Second wording.")
    code, _, err = command(*arguments, "--rounds", "2")
    assert code == 1
    assert "prompt_sha256" in err
    assert "--name" in err
    assert server.count == 4


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "holds no prompt"),
        ({"version": "1"}, "holds no prompt"),
        ({"instruction": "misspelt"}, "instruction.txt: is not used"),
    ],
)
def test_a_prompt_that_cannot_be_used(
    command: Command, bank: Path, study: Path, server: OpenAIServer, texts: dict[str, str], said: str
) -> None:
    write_prompt(study / "mine", **texts)
    (study / "study.toml").write_text('prompt = "mine"\n', encoding="utf-8")
    code, _, err = command("run", "--items", str(bank), "--base-url", server.base_url, "--model", "m")
    assert code == 1
    assert said in err
    (study / "study.toml").write_text('prompt = "elsewhere"\n', encoding="utf-8")
    code, _, err = command("run", "--items", str(bank), "--base-url", server.base_url, "--model", "m", "--dry-run")
    assert code == 1
    assert "no such folder" in err
    assert server.count == 0
