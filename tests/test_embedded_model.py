"""The embedded model for real: its weights, its server on loopback, and the demonstration on two questions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("xllamacpp", reason="the extra local is not installed")

from samp_eval.cli.main import main
from samp_eval.errors import CannotAsk
from samp_eval.run.providers.embedded_model import serve_local

pytestmark = pytest.mark.slow

SERVER = "samp_eval.run.providers.embedded_server"


def servers() -> list[str]:
    """Process numbers of embedded servers that this process, or a child of it, left running."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in listed.splitlines() if SERVER in line]


def test_the_demonstration_ends_in_a_report_that_names_the_model(tmp_path, capsys):
    before = servers()
    assert main(["demo", "--study", str(tmp_path), "--limit", "2"]) == 0
    captured = capsys.readouterr()
    report = tmp_path / "report.html"
    assert str(report) in captured.out
    assert "samp-eval run" in captured.err
    page = report.read_text(encoding="utf-8")
    assert "gemma-3-270m-q4_k_m" in page
    assert "automatic" in page.lower()
    assert servers() == before
    assert main(["demo", "--study", str(tmp_path), "--limit", "2"]) == 0
    assert "0 requests to go" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_an_interrupted_run_leaves_no_server_behind(tmp_path):
    before = servers()
    command = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()"]
    command += ["run", "--model", "local", "--study", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    deadline = time.monotonic() + 60
    while len(servers()) == len(before) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in talk
    deadline = time.monotonic() + 15
    while servers() != before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert servers() == before


def test_a_file_that_is_no_model_is_one_clear_line(tmp_path):
    file = tmp_path / "letter.gguf"
    file.write_text("Dear colleague,")
    with pytest.raises(CannotAsk, match=r"letter\.gguf did not start"), serve_local(f"local:{file}", print):
        pass
    with pytest.raises(CannotAsk, match="is not there"), serve_local(f"local:{tmp_path}/none.gguf", print):
        pass
