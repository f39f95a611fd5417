"""A round that holds pictures back is a control: it belongs to no respondent's mean; the model has a term for it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from pictured_study import asked_study

from samp_eval.analysis.description import lines_correct
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.cli.main import main


def table(*rows: tuple[str, int, bool, float]) -> pd.DataFrame:
    """Rows of (question, round, pictures, score percent) of one respondent on the key basis."""
    frame = pd.DataFrame(rows, columns=["question_id", "round", "pictures", "score_percent"])
    return frame.assign(
        respondent="m",
        basis="key",
        requested=1,
        correct=frame["score_percent"] / 100,
        condition=["prompted" if shown else "prompted-nopictures" for shown in frame["pictures"]],
    )


def test_lines_correct_over_all_rounds_leave_the_control_out_and_show_it_by_itself() -> None:
    asked = table(("a", 1, True, 100), ("b", 1, True, 100), ("a", 2, True, 100), ("b", 2, True, 0), ("a", 3, False, 0))
    found = {
        (row.round, row.condition): (row.correct, row.requested) for row in lines_correct(asked, respondents=["m"])
    }
    assert found == {
        (1, "prompted"): (2, 2),
        (2, "prompted"): (1, 2),
        (3, "prompted-nopictures"): (0, 1),
        (None, ""): (3, 4),
    }


def test_where_nothing_but_the_control_was_asked_its_rows_count() -> None:
    asked = table(("a", 1, False, 0), ("b", 1, False, 100))
    assert len(rows_of_means(asked)) == 2
    assert len(rows_of_means(asked.drop(columns="pictures"))) == 2


def test_compare_leaves_the_control_out_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: the second model is right on two of six responses with pictures; the control's are two more, wrong."""
    study = asked_study(tmp_path)
    capsys.readouterr()
    assert main(["compare", "--study", str(study), "--basis", "key", "--json"]) == 0
    printed = capsys.readouterr()
    scores = {score["respondent"]: score for score in json.loads(printed.out)["scores"]}
    assert {name: score["responses"] for name, score in scores.items()} == {"model-1": 6, "model-2": 6}
    assert scores["model-1"]["mean_failures_missing"] == 100
    assert scores["model-2"]["mean_failures_missing"] == pytest.approx(100 * 2 / 6)
    assert "Rounds without pictures are a control" in printed.err
