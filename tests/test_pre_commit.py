"""The hooks before a commit are the project's own checks."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent


def test_every_hook_is_a_check_of_make_check_and_fetches_nothing() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    makefile = (ROOT / "Makefile").read_text()
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        program, *words = hook["entry"].removeprefix(".venv/bin/").split()
        assert f"$(BIN)/{' '.join([program, *words[:1]])}" in makefile
