"""A backup is a whole study, also of one that is in use, and overwrites nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = make_marked_study(tmp_path / "study")
    (folder / "sheets").mkdir(exist_ok=True)
    (folder / "sheets" / "A.csv").write_text("a sheet", encoding="utf-8")
    return folder


def answers_and_marks(folder: Path) -> tuple[list[object], list[object]]:
    with StudyStore.open(folder, create=False) as store:
        return list(store.responses()), list(store.mark_history())


def test_a_copy_of_a_study_in_use_has_its_newest_marks(study: Path, tmp_path: Path) -> None:
    with StudyStore.open(study, create=False) as store:
        newest = store.mark_history()[-1]
        assert main(["backup", "--study", str(study), str(tmp_path / "copy")]) == 0
    assert answers_and_marks(tmp_path / "copy") == answers_and_marks(study)
    assert answers_and_marks(tmp_path / "copy")[1][-1] == newest
    assert (tmp_path / "copy" / "sheets" / "A.csv").read_text(encoding="utf-8") == "a sheet"
    assert main(["check", "--study", str(tmp_path / "copy")]) == 0


def test_nothing_is_overwritten(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = tmp_path / "held"
    held.mkdir()
    (held / "thesis.txt").write_text("mine", encoding="utf-8")
    assert main(["backup", "--study", str(study), str(held)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert [file.name for file in held.iterdir()] == ["thesis.txt"]
    assert main(["backup", "--study", str(study), str(study / "inside")]) == 1
    assert "lies inside the study" in capsys.readouterr().err
    assert not (study / "inside").exists()


def test_links_are_not_followed(study: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("elsewhere", encoding="utf-8")
    (study / "link").symlink_to(tmp_path / "secret")
    assert main(["backup", "--study", str(study), str(tmp_path / "copy")]) == 0
    assert not (tmp_path / "copy" / "link").exists()


@pytest.mark.slow
def test_a_damaged_study_is_copied_with_a_warning(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(study / "study.db")) as connection, connection:
        connection.execute("UPDATE marks SET value = '' WHERE sequence = 1")
    assert main(["backup", "--study", str(study), str(tmp_path / "copy")]) == 1
    assert "damaged before it was copied" in capsys.readouterr().err
    assert (tmp_path / "copy" / "study.db").exists()


@pytest.mark.slow
def test_an_interrupted_copy_leaves_no_folder_of_its_name(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", fails)
    assert main(["backup", "--study", str(study), str(tmp_path / "copy")]) == 1
    assert not (tmp_path / "copy").exists()
    monkeypatch.undo()
    assert main(["backup", "--study", str(study), str(tmp_path / "copy")]) == 0


def test_links_that_go_round_in_a_circle(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert main(["backup", "--study", str(study), str(loop)]) == 1
    assert "loop" in capsys.readouterr().err
