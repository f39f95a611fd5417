"""A study of a pictured bank, asked of a server of the tests' own."""

from __future__ import annotations

import os
from pathlib import Path

from openai_server import OpenAIServer, Received, Say
from pictured import pictured_bank

from samp_eval.cli.main import main

__all__ = ["asked_study"]


def asked_study(folder: Path, *, models: int = 2, content: bytes | None = None, **picture: str) -> Path:
    """Two rounds with pictures and one without, of respondents who are right half of the time."""
    study = folder / "study"
    study.mkdir()
    rounds = "[[rounds]]\n\n[[rounds]]\nregenerated = true\n\n[[rounds]]\npictures = false\n"
    (study / "study.toml").write_text(f'items = "bank"\n\n{rounds}', encoding="utf-8")
    pictured_bank(study / "bank", content=content, **picture)
    os.environ["OPENAI_API_KEY"] = "sk-testtesttesttesttest1234"

    def reply(request: Received) -> Say:
        sees = isinstance(request.body["messages"][-1]["content"], list)
        first = request.body["model"].endswith("1")
        return Say("1. Fever" if first else "1. A fever" if sees else "1. Measles")

    with OpenAIServer(reply) as server:
        for number in range(1, models + 1):
            at = ["--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY"]
            assert main(["run", "--study", str(study), "--model", f"model-{number}", *at]) == 0
    assert main(["mark", "--study", str(study), "--marker", "key"]) == 0
    return study
