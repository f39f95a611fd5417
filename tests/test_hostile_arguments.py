"""Names and values that nobody would type, or that a study from someone else holds, end in a message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.cli.main import main
from samp_eval.cli.shared.printing import print_json

NO_UTF8 = os.fsdecode(b"\xff\xfe")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("study"))


@pytest.mark.parametrize(
    "command",
    [
        ["items", "list", "--items"],
        ["run", "--model", "m", "--dry-run", "--study"],
        ["items", "template"],
        ["report", "--study"],
    ],
)
def test_a_name_that_is_too_long(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "n" * 5000]) == 1
    err = capsys.readouterr().err
    assert err.startswith("samp-eval: nnn")
    assert "File name too long" in err
    assert len(err) < 400


@pytest.mark.parametrize(
    "arguments",
    [["review", "export", "--reviewer", NO_UTF8], ["responses", "show", "--respondent", NO_UTF8, "case-01-1"]],
)
def test_a_name_that_is_no_utf8(study: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--study", str(study)]) == 1
    err = capsys.readouterr().err
    assert "not valid UTF-8" in err or "cannot be a reviewer's name" in err
    assert "\\udcff" in err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
@pytest.mark.slow
def test_a_folder_whose_name_is_no_utf8(study: Path, tmp_path: Path) -> None:
    out = tmp_path / NO_UTF8
    command = [sys.executable, "-c", "from samp_eval.cli.main import entry_point; entry_point()"]
    done = subprocess.run([*command, "report", "--study", study, "--out", out], capture_output=True, check=True)
    assert done.stdout.strip() == os.fsencode(out / "report.html")


@pytest.mark.parametrize("name", ["\x1b]0;x\x07", "a\u202eb", "a\nb", "\x9b31m"])
def test_a_reviewers_name_moves_no_cursor(study: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "export", "--reviewer", name, "--study", str(study)]) == 1
    assert "cannot be a reviewer's name" in capsys.readouterr().err


def test_a_respondents_name_of_the_study_file_moves_no_cursor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text('[[respondents]]\nid = "a\\u009B31m"\nmodel = "m"\n', encoding="utf-8")
    assert main(["status", "--study", str(tmp_path)]) == 1
    assert "respondents number 1 id: this name holds the control character U+009B" in capsys.readouterr().err


def test_json_moves_no_cursor_and_stays_the_same_json(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"text": "\x1b[2J \x9b31m \u202e é \x7f\n"}
    print_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert not {"\x1b", "\x9b", "\u202e", "\x7f"} & set(out)
    assert "é" in out


@pytest.mark.parametrize("command", [["agreement", "--replicates"], ["power", "--simulations"], ["rank", "--draws"]])
def test_a_number_that_would_never_end_is_wrong_usage(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "9" * 30]) == 2
    assert "Invalid value for" in capsys.readouterr().err
