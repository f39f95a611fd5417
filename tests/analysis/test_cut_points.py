"""``samp-eval analyze`` where one odds ratio does not hold at every cut point."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from samp_eval.cli.main import main
from samp_eval.statistics.gee.partial_odds import fit_partial_odds


def written(folder: Path, spread: float) -> Path:
    """Scores 0, 50 and 100; those of the second respondent are drawn towards the ends."""
    generator = np.random.default_rng(4)
    rows = [
        (f"q{question:02d}", name, number, 50.0 * np.digitize(generator.logistic(scale=scale), [-1.0, 1.0]))
        for question in range(60)
        for name, scale in (("old", 1.0), ("new", spread))
        for number in (1, 2, 3)
    ]
    file = folder / "scores.csv"
    pd.DataFrame(rows, columns=["question_id", "respondent", "round", "score"]).to_csv(file, index=False)
    return file


def test_the_term_that_fails_has_an_odds_ratio_for_each_cut_point(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, 3.0)
    assert main(["analyze", "--table", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["proportional_odds"]
    table = pd.read_csv(file)
    design = pd.DataFrame({"new": (table["respondent"] == "new").astype(float)})
    expected = fit_partial_odds(table["score"], design, table["question_id"], ["new"])
    (tested,) = found["tests"]
    assert (tested["term"], tested["degrees_of_freedom"]) == ("new", 1)
    assert tested["p_value"] < 0.05
    terms = [cut.terms[0] for cut in expected.cut_points]
    assert [term["above"] for term in found["partial"]["terms"]] == [0.0, 50.0]
    assert {(term["term"], term["reference"]) for term in found["partial"]["terms"]} == {("new", "old")}
    assert [term["odds_ratio"] for term in found["partial"]["terms"]] == pytest.approx([t.odds_ratio for t in terms])
    assert found["partial"]["equal"][0]["p_value"] == pytest.approx(expected.equal[0].p_value)

    assert main(["analyze", "--table", str(file)]) == 0
    shown = capsys.readouterr()
    assert "Partial proportional odds: one odds ratio does not hold at every cut point" in shown.out
    assert "above 50%" in shown.out
    assert "the odds ratios of new at the cut points differ (joint Wald test, 1 and 59 degrees" in shown.err


def test_nothing_is_said_where_proportional_odds_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, 1.0)
    assert main(["analyze", "--table", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["proportional_odds"]
    assert found["partial"] is None
    assert found["tests"][0]["p_value"] > 0.05
    assert main(["analyze", "--table", str(file)]) == 0
    assert "Partial" not in capsys.readouterr().out


def test_why_there_is_no_check_stands_in_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.read_csv(written(tmp_path, 1.0))
    table.assign(score=100.0 * (table["score"] == 100)).to_csv(tmp_path / "binary.csv", index=False)
    assert main(["analyze", "--table", str(tmp_path / "binary.csv"), "--json"]) == 0
    assert "one cut point" in json.loads(capsys.readouterr().out)["proportional_odds"]["reason"]
