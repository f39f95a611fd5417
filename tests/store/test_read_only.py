"""A study that cannot be written to can be read, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("study"))


@pytest.fixture
def protected(study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The study, in which the system denies writing; root, whom it denies nothing, is told so."""
    allowed: Callable[..., bool] = os.access

    def access(path: Path, mode: int) -> bool:
        denied = mode == os.W_OK and (Path(path) == study or study in Path(path).parents)
        return not denied and allowed(path, mode)

    monkeypatch.setattr(os, "access", access)
    study.chmod(0o555)
    yield study
    study.chmod(0o755)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("command", ["status", "analyze", "check"])
def test_commands_that_read(protected: Path, command: str) -> None:
    before = contents(protected)
    assert main([command, "--study", str(protected)]) == 0
    assert contents(protected) == before


@pytest.mark.slow
def test_a_report_into_another_folder(protected: Path, tmp_path: Path) -> None:
    before = contents(protected)
    assert main(["report", "--study", str(protected), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "report.html").exists()
    assert contents(protected) == before


def test_the_newest_marks_in_the_write_ahead_log_are_read(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with StudyStore.open(study, create=False) as store:
        last = store.mark_history()[-1]
        monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
        with closing(StudyStore.open(study, create=False)) as copy:
            assert copy.mark_history()[-1] == last


def test_what_writes_is_refused(protected: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(protected)
    assert main(["mark", "--study", str(protected)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert contents(protected) == before
