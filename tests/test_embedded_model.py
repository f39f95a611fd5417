"""The embedded model for real: its weights, its server on loopback, and the demonstration on two questions."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from processes import RunningCommand, wait_until

pytest.importorskip("xllamacpp", reason="the extra local is not installed")

from samp_eval.cli.main import main
from samp_eval.errors import CannotAsk
from samp_eval.run.providers.embedded_model import serve_local

pytestmark = pytest.mark.slow

SERVER = "samp_eval.run.providers.embedded_server"


def servers(parent: int) -> list[str]:
    """Process numbers of the embedded servers that a process has started."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [pid for pid, ppid, command in rows if ppid == str(parent) and SERVER in command]


def is_a_server(pid: str) -> bool:
    """Whether an embedded server runs under this number."""
    command = ["ps", "-ww", "-o", "args=", "-p", pid]
    return SERVER in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def responses(study: Path) -> int:
    """How many responses a study's database holds, while a run writes into it."""
    file = study / "study.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file)) as connection:
        try:
            return int(connection.execute("select count(*) from responses").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are being made
            return 0


def test_the_demonstration_ends_in_a_report_that_names_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--study", str(tmp_path), "--limit", "2"]) == 0
    captured = capsys.readouterr()
    report = tmp_path / "report.html"
    assert str(report) in captured.out
    assert "samp-eval run" in captured.err
    page = report.read_text(encoding="utf-8")
    assert "gemma-3-270m-q4_k_m" in page
    assert "automatic" in page.lower()
    assert servers(os.getpid()) == []
    assert main(["demo", "--study", str(tmp_path), "--limit", "2"]) == 0
    assert "0 requests to go" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("moment", ["while the model loads", "while it is asked"])
def test_an_interrupted_run_leaves_no_server_behind(tmp_path: Path, moment: str) -> None:
    with RunningCommand("run", "--model", "local", "--study", str(tmp_path)) as running:
        wait_until(lambda: servers(running.pid), running)
        (server,) = servers(running.pid)
        if moment == "while it is asked":
            wait_until(lambda: responses(tmp_path), running)
        running.interrupt()
        assert running.end() == 130, running.said
    assert "interrupted" in running.said
    wait_until(lambda: not is_a_server(server))


def test_a_file_that_is_no_model_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "letter.gguf"
    file.write_text("Dear colleague,")
    with pytest.raises(CannotAsk, match=r"letter\.gguf did not start"), serve_local(f"local:{file}", print):
        pass
    with pytest.raises(CannotAsk, match="is not there"), serve_local(f"local:{tmp_path}/none.gguf", print):
        pass
