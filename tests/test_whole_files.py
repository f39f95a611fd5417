"""A file that is written appears whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from samp_eval.errors import CannotStore
from samp_eval.whole_files import whole_file

KILLED = """
import os, signal, sys
from pathlib import Path
from samp_eval.whole_files import whole_file
with whole_file(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("half of the new")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def write_half(unfinished: Path) -> None:
    unfinished.write_text("half", encoding="utf-8")
    raise LookupError


def test_a_new_file_replaces_the_old_one_once_it_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "new" / "report.html"
    with whole_file(file) as unfinished:
        unfinished.write_text("one", encoding="utf-8")
        assert not file.exists()
    with whole_file(file) as unfinished:
        unfinished.write_text("two", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == "one"
    assert file.read_text(encoding="utf-8") == "two"
    assert [path.name for path in file.parent.iterdir()] == ["report.html"]


def test_a_kill_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("old", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert file.read_text(encoding="utf-8") == "old"
    with whole_file(file) as unfinished:
        unfinished.write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"], "what the kill left behind is used again"


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(LookupError), whole_file(file) as unfinished:
        write_half(unfinished)
    assert file.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_says_so_and_keeps_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("old", encoding="utf-8")
    with (
        pytest.raises(CannotStore, match="No space left on device; the earlier file is unchanged; the disk is full"),
        whole_file(file),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert file.read_text(encoding="utf-8") == "old"


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with (
        pytest.raises(CannotStore, match=f"report.html cannot be written: {os.strerror(errno.EISDIR)}; use --out"),
        whole_file(tmp_path / "report.html", advice="use --out"),
    ):
        pass


def test_a_link_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "shared.html").write_text("old", encoding="utf-8")
    (tmp_path / "report.html").symlink_to(tmp_path / "shared.html")
    with whole_file(tmp_path / "report.html") as unfinished:
        unfinished.write_text("new", encoding="utf-8")
    assert (tmp_path / "report.html").is_symlink()
    assert (tmp_path / "shared.html").read_text(encoding="utf-8") == "new"
