"""The small marked study, made once, and a command run on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main


@pytest.fixture(scope="session")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the study; no test changes its database."""
    return make_marked_study(tmp_path_factory.mktemp("marked"))


@pytest.fixture
def run(marked: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a samp-eval command on the study: exit code, stdout, stderr."""

    def run_command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*(str(one) for one in arguments), "--study", str(marked)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command
