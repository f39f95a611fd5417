"""A study folder from someone else, with links, pipes and devices where files should be: nothing hangs or leaves it."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main
from samp_eval.errors import CannotStore, FaultyFile
from samp_eval.review.page.links import personal_links
from samp_eval.run.respondent import Ask, ResponseFailure
from samp_eval.store.outcomes.journal import OutcomeJournal, quarantine
from samp_eval.study import Condition
from samp_eval.whole_files import whole_file

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "study"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file of the user that no study may touch."""
    file = tmp_path / "thesis.txt"
    file.write_text("mine", encoding="utf-8")
    return file


def put(kind: str, file: Path) -> None:
    file.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_pipes_and_devices(study: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(kind, study / "study.db-arrivals-0")
    assert main(["status", "--study", str(study)]) == 0, "it is no journal"
    put(kind, study / "power.json")
    assert main(["report", "--study", str(study)]) == 1
    assert "power.json: is not an ordinary file" in capsys.readouterr().err
    put(kind, study / "review-links.json")
    with pytest.raises(FaultyFile, match="is not an ordinary file"):
        personal_links(study, ["Ann"])


def test_the_journal_empties_no_file_of_the_user(study: Path, mine: Path) -> None:
    (study / "study.db-arrivals-0").symlink_to(mine)
    (study / "study.db-arrivals-refused").symlink_to(mine)
    with pytest.raises(CannotStore, match="cannot be written"):
        OutcomeJournal(study / "study.db", None)
    with pytest.raises(CannotStore, match="cannot be written"):
        quarantine(study / "study.db", [b"x"])
    assert mine.read_text(encoding="utf-8") == "mine"
    (study / "study.db-arrivals-0").unlink()
    journal = OutcomeJournal(study / "study.db", None)
    journal.append(ResponseFailure(Ask("q", "m", 1, Condition()), "timeout", "x", datetime.now(UTC), 1))
    journal.drop()


def test_a_file_is_written_through_no_link(study: Path, mine: Path) -> None:
    for link in (study / "report.html", study / ".report-unfinished.html", study / ".report.unfinished.html"):
        link.symlink_to(mine)
    with whole_file(study / "report.html") as unfinished:
        assert not unfinished.exists()
        unfinished.write_text("new", encoding="utf-8")
    assert (study / "report.html").read_text(encoding="utf-8") == "new"
    (study / "review-links.json").symlink_to(mine)
    mine.write_text("{}", encoding="utf-8")
    personal_links(study, ["Ann"])
    assert mine.read_text(encoding="utf-8") == "{}"
    assert (study / "review-links.json").stat().st_mode & 0o777 == 0o600


def test_a_database_outside_the_folder_is_not_opened(
    study: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "study.db").unlink()
    (study / "study.db").symlink_to(whole / "study.db")
    assert main(["status", "--study", str(study)]) == 1
    assert "is a link out of the study's folder" in capsys.readouterr().err
    shutil.copy(whole / "study.db", study / "kept.db")
    (study / "study.db").unlink()
    (study / "study.db").symlink_to("kept.db")
    assert main(["status", "--study", str(study)]) == 0
