"""``samp-eval export --inspect``: logs of Inspect AI with the marks as scores."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from inspect_python import INSPECT

from samp_eval.cli.main import main

Run = Callable[..., tuple[int, str, str]]
Place = tuple[str, str, int]

LOOK = """
import json, sys
from inspect_ai.log import read_eval_log
from inspect_ai.analysis import messages_df, samples_df
log, messages, samples = read_eval_log(sys.argv[1]), messages_df(sys.argv[1], quiet=True), samples_df(sys.argv[1], quiet=True)
print(json.dumps({
    "scores": sorted(score.name for score in log.results.scores),
    "key": [sample.scores["key"].value for sample in log.samples if sample.scores],
    "samples": len(samples), "message_ids": int(messages["message_id"].nunique()), "messages": len(messages),
}))
"""  # noqa: E501


def samples_of(file: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(file) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist() if name.startswith("samples/")]


def expected(folder: Path) -> dict[tuple[Place, str], float]:
    scores = pd.read_csv(folder / "scores.csv", keep_default_na=False, na_values={"score_percent": ""})
    known = scores[scores["score_percent"].notna()].to_dict("records")
    return {
        ((row["question_id"], row["respondent"], row["round"]), row["basis"]): row["score_percent"] / 100
        for row in known
    }


def test_the_scores_of_the_logs_are_those_of_the_table(run: Run, tmp_path: Path) -> None:
    code, out, err = run("export", "--inspect", "--out", tmp_path)
    assert code == 0, err
    logs = sorted(tmp_path.glob("marked-*.eval"))
    assert [line for line in out.splitlines() if line.endswith(".eval")] == list(map(str, logs))
    assert len(logs) == 3
    found: dict[tuple[Place, str], float] = {}
    failed = 0
    for sample in (sample for log in logs for sample in samples_of(log)):
        place = sample["id"], sample["metadata"]["respondent"], sample["epoch"]
        failed += "error" in sample
        for basis, score in sample.get("scores", {}).items():
            found[place, basis] = score["value"]
            assert len(score["explanation"].splitlines()) == (3 if sample["id"].endswith("-3") else 1)
    assert found == pytest.approx(expected(tmp_path), abs=1e-6)
    assert failed == 3, "failures are samples with an error, and no zeros"


def test_what_is_excluded_is_in_no_log(run: Run, marked: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert run("backup", copy)[0] == 0
    ask = ("exclude", "question", "case-00-1", "--reason", "ambiguous", "--study", str(copy))
    assert main([*ask]) == 0
    assert main(["export", "--inspect", "--out", str(tmp_path), "--study", str(copy)]) == 0
    asked = {sample["id"] for log in tmp_path.glob("marked-*.eval") for sample in samples_of(log)}
    assert "case-00-1" not in asked
    assert "case-00-3" in asked


@pytest.mark.skipif(INSPECT is None, reason="no Inspect AI: neither installed nor named by INSPECT_PYTHON")
def test_inspect_scores_and_tabulates_the_logs(run: Run, tmp_path: Path) -> None:
    assert run("export", "--inspect", "--out", tmp_path)[0] == 0
    log, scored = tmp_path / "marked-3-a-resident.eval", tmp_path / "scored.eval"
    environment = {**os.environ, "NO_COLOR": "1", "INSPECT_DISPLAY": "none"}
    command = ["-m", "inspect_ai", "score", str(log), "--scorer", "includes", "--action", "append"]
    for arguments in ([*command, "--output-file", str(scored)], ["-c", LOOK, str(scored)]):
        done = subprocess.run([str(INSPECT), *arguments], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout.splitlines()[-1])
    assert {"includes", "key", "judgement"} <= set(found["scores"])
    marked = [
        score for (place, basis), score in expected(tmp_path).items() if basis == "key" and place[1] == "a resident"
    ]
    assert sorted(found["key"]) == pytest.approx(sorted(marked), abs=1e-6)
    assert found["message_ids"] == found["messages"]
