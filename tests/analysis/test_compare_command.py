"""``samp-eval compare``: what it gives is what R and counting by hand give."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from export_samples import samples, scores_of, simulated
from marked_study import FAILED, PERSON, SKILLS, marked_bank
from reference_data import REFERENCE

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.study_comparison import compare_respondents
from samp_eval.cli.main import main
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]

TOLERANCE = 1e-7
"""R read scores with six decimals."""


@pytest.fixture
def expected() -> dict[str, float]:
    """Values that R wrote, by name."""
    frame = pd.read_csv(REFERENCE / "export" / "comparisons.csv")
    return dict(zip(frame["what"], frame["value"], strict=True))


def compared(run: Run, *options: object) -> dict[str, Any]:
    code, out, err = run("compare", "--json", "--reference", "old model", *options)
    assert code == 0, err
    results: dict[str, Any] = json.loads(out)
    return results


def test_means_and_the_pass_mark_are_those_of_r(run: Run, expected: dict[str, float]) -> None:
    found = compared(run, "--pass-mark", 60)["scores"]
    assert [one["respondent"] for one in found] == [*SKILLS, PERSON]
    for number, one in enumerate(found, start=1):
        for what, named in (("score", "mean"), ("passing", "passing")):
            ours = [one[named][field] for field in ("mean", "standard_error")]
            theirs = [expected[f"{what} {number} {field}"] for field in ("mean", "error")]
            assert ours == pytest.approx(theirs, rel=TOLERANCE)
            assert 0 <= one[named]["ci_low"] < one[named]["mean"] < one[named]["ci_high"] <= 100
        # R's is that of a t test; ours inverts the interval that stays on the scale.
        assert one["mean"]["p_above"] == pytest.approx(expected[f"score {number} p above 60"], rel=0.1, abs=0.01)


def test_lines_are_a_logistic_gee_as_in_geepack(run: Run, expected: dict[str, float]) -> None:
    terms = compared(run)["line_odds_ratios"]["terms"]
    assert [one["term"] for one in terms] == ["new model", PERSON, "prompted", "regenerated", "later"]
    for number, one in enumerate(terms, start=1):
        assert one["log_odds_ratio"] == pytest.approx(expected[f"line {number} log odds"], rel=TOLERANCE, abs=1e-8)
        assert one["standard_error"] == pytest.approx(expected[f"line {number} error"], rel=TOLERANCE)


def test_one_line_questions_are_tested_as_in_r(run: Run, expected: dict[str, float]) -> None:
    found = compared(run)["one_line_tests"]
    for number in range(1, 6):
        test = pick(found, f"round {number}", ["new model", "old model"])
        assert test["test"] == "McNemar, exact"
        assert test["outcome"]["p_value"] == pytest.approx(expected[f"mcnemar {number}"])
    everyone = pick(found, "round 1", ["old model", "new model", PERSON])
    assert everyone["outcome"]["p_value"] == pytest.approx(expected["cochran respondents"])
    for number, name in enumerate(SKILLS, start=1):
        test = pick(found, f"rounds of {name}", ["1", "2", "3", "4", "5"])
        assert test["test"] == "Cochran's Q"
        assert test["outcome"]["p_value"] == pytest.approx(expected[f"cochran rounds {number}"])


def pick(tests: list[dict[str, Any]], within: str, among: list[str]) -> dict[str, Any]:
    (found,) = [one for one in tests if one["within"] == within and one["compared"] == among]
    return found


def test_failures_as_missing_and_as_zero_stand_side_by_side(run: Run) -> None:
    left_out, as_zero = compared(run), compared(run, "--failures", "zero")
    failed = {name: sum(place[1] == name for place in FAILED) for name in (*SKILLS, PERSON)}
    for missing, zero in zip(left_out["scores"], as_zero["scores"], strict=True):
        count = failed[missing["respondent"]]
        assert missing["failures"] == zero["failures"] == count
        assert zero["responses"] == missing["responses"] + count
        mean = missing["mean"]["mean"]
        assert missing["mean_failures_missing"] == zero["mean_failures_missing"] == pytest.approx(mean)
        by_hand = mean * missing["responses"] / (missing["responses"] + count)
        assert missing["mean_failures_zero"] == zero["mean"]["mean"] == pytest.approx(by_hand)
    rows, lines = (as_zero[one]["n_observations"] for one in ("odds_ratios", "line_odds_ratios"))
    assert rows == left_out["odds_ratios"]["n_observations"] + 3
    assert lines == left_out["line_odds_ratios"]["n_observations"] + 1 + 3 + 3


def test_the_ordinal_odds_ratios_are_those_of_analyze(run: Run) -> None:
    code, out, _ = run("analyze", "--json", "--reference", "old model")
    assert code == 0
    same_terms(compared(run)["odds_ratios"], json.loads(out))


@pytest.mark.slow
def test_grouped_levels_are_none_some_and_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = simulated({"one": 0.0, "other": 0.8}, (2, 3, 4))
    found = from_table(table, tmp_path, capsys, "--levels", "grouped", "--scale", "0:100")
    assert found["odds_ratios"]["levels"] == [0.0, 1.0, 2.0]
    theirs = pd.read_csv(REFERENCE / "export" / "grouped.csv")
    three = samples()["three_respondents"].scores.assign(respondent=lambda one: one["respondent"].str.lstrip("="))
    terms = from_table(three, tmp_path, capsys, "--levels", "grouped", "--scale", "0:100")["odds_ratios"]["terms"]
    for field in ("log_odds_ratio", "standard_error"):
        np.testing.assert_allclose([one[field] for one in terms], theirs[field], rtol=1e-9, atol=1e-9)


def test_a_study_on_six_points_comes_in_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = samples()["six_points"].scores
    found = from_table(table, tmp_path, capsys, "--scale", "1:6", "--pass-mark", "4", "--questions", "all")
    theirs = pd.read_csv(REFERENCE / "export" / "six_points.csv")
    (term,) = found["odds_ratios"]["terms"]
    assert (term["term"], term["reference"]) == ("physician", "chatbot")
    assert term["log_odds_ratio"] == pytest.approx(theirs["log_odds_ratio"][0], rel=1e-9)
    assert term["standard_error"] == pytest.approx(theirs["standard_error"][0], rel=1e-9)
    assert found["odds_ratios"]["levels"] == sorted(set(table["score_percent"]))
    assert found["line_odds_ratios"] is None
    wide = table.pivot(index="question_id", columns="respondent", values="score_percent").dropna()
    (difference,) = found["mean_differences"]
    gap = (wide["physician"] - wide["chatbot"]).mean()
    assert difference["paired"]["difference"] == pytest.approx(gap)
    passing = found["scores"][0]["passing"]["mean"]
    chatbot = table.loc[table["respondent"] == "chatbot", "score_percent"]
    assert passing == pytest.approx(100 * (chatbot >= 4).mean())


def test_a_binary_table_is_tested_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = samples()["binary"].scores.assign(score_percent=lambda one: one["score_percent"] / 100)
    found = from_table(table, tmp_path, capsys)
    assert found["choices"]["highest"] == 1.0
    assert {one["test"] for one in found["one_line_tests"]} == {"McNemar, exact", "Cochran's Q"}
    assert found["odds_ratios"]["levels"] == [0.0, 1.0]
    assert sum(one["failures"] for one in found["scores"]) == table["score_percent"].isna().sum()


def test_analyze_takes_the_exported_table(run: Run, marked: Path, tmp_path: Path) -> None:
    assert run("export", "--out", tmp_path, "--reference", "old model")[0] == 0
    expected = json.loads(run("analyze", "--json", "--reference", "old model")[1])
    again = json.loads(run("analyze", "--json", "--reference", "old model", "--table", tmp_path / "scores.csv")[1])
    same_terms(again, expected)


def test_the_tables_are_readable(run: Run) -> None:
    code, out, _ = run("compare", "--pass-mark", "60", "--failures", "zero")
    assert code == 0
    for words in (
        "Mean scores by the answer key, failures counted as the lowest score",
        "Responses at 60 or more, %",
        "paired by question",
        "Answer line: correct or not",
        "McNemar, exact",
        "Full marks in most rounds",
    ):
        assert words in out


def test_a_faulty_table_is_named_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "faulty.csv"
    rows = ["q1,a,1,five,prompted", "q1,a,one,5,prompted", ",a,1,5,", "q2,a,1,5,", "q2,a,1,6,", "q3,a,1,5,shouted"]
    rows.append(f"q4,a,{'9' * 5000},5,")
    file.write_text("\n".join(["question_id,respondent,round,score,condition", *rows]), encoding="utf-8")
    assert main(["compare", "--table", str(file)]) == 1
    err = capsys.readouterr().err
    for words in (
        "row 2, column score: found 'five'",
        "row 3, column round: found 'one'",
        "row 4, column question_id: is empty",
        "row 6, column round: row 5 holds the score",
        "row 7, column condition: 'shouted' is not a condition",
        "row 8, column round: found '9999",
    ):
        assert words in err
    file.write_text("question,score\nq1,5\n", encoding="utf-8")
    assert main(["analyze", "--table", str(file)]) == 1
    assert "the columns question_id, respondent, round are missing" in capsys.readouterr().err
    assert main(["compare", "--table", str(tmp_path / "absent.csv")]) == 1
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--scale", "6:1"), "not a scale"),
        (("--scale", "1:3"), "outside 1:3"),
        (("--scale", "0:inf"), "is not a scale"),
        (("--scale", "1:6", "--pass-mark", "7"), "the scale is 1 to 6, so the pass mark lies between them; found 7"),
        (("--scale", "1:6", "--pass-mark", "nan"), "found nan"),
        (("--consensus", "both"), "does not apply"),
    ],
)
def test_options_that_do_not_fit_a_table_are_refused(
    options: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(samples()["six_points"].scores, tmp_path)
    assert main(["compare", "--table", str(file), *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_a_scale_is_for_tables_only(run: Run) -> None:
    code, _, err = run("compare", "--scale", "0:10")
    assert code == 2
    assert "--scale only with --table" in " ".join(err.split())


@pytest.mark.parametrize("mark", ["600", "-1", "nan"])
def test_a_pass_mark_of_a_study_is_a_percentage(run: Run, mark: str) -> None:
    code, out, err = run("compare", "--pass-mark", mark)
    assert (code, out) == (2, "")
    assert "from 0 to 100" in " ".join(err.split())


SIMULATED = "A program generated the answers of this study. They say nothing about any real model."


def left_out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What ``analyze`` says before its table."""
    assert main(["analyze", *arguments]) == 0
    said = capsys.readouterr().err.split("Odds ratios of a higher score")[0]
    return said.removeprefix(SIMULATED).strip()


def test_a_share_without_a_score_is_said_before_the_table(
    marked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_out(capsys, "--study", str(marked)) == ""
    folder = tmp_path / "study"
    shutil.copytree(marked, folder)
    with StudyStore.open(folder) as store:
        marks = [one for one in store.marks() if one.reviewer == Reviewer("B") and one.question_id < "case-08"]
        store.add_marks([replace(one, value="") for one in marks])
        responses = store.responses()
    n_open = sum(one.ask.question_id < "case-08" for one in responses)
    assert n_open > 0.3 * len(responses)
    assert left_out(capsys, "--study", str(folder)) == (
        f"Only {len(responses) - n_open} of {len(responses)} responses have a score: "
        f"{100 * n_open / len(responses):.0f}% have none, because marks are open or a disagreement is unresolved."
    )
    scores = samples()["six_points"].scores
    file = written(scores.assign(score_percent=scores["score_percent"].where(scores["question_id"] > "q09")), tmp_path)
    assert left_out(capsys, "--table", str(file)).endswith("\nOnly 58 of 78 responses have a score: 26% have none.")


def test_what_cannot_be_had_is_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = simulated({"alone": 0.0}, (1, 2)).query("round == 1").dropna()
    found = from_table(table, tmp_path, capsys, "--scale", "0:100")
    assert found["mean_differences"] == []
    assert "nothing to compare" in found["odds_ratios"]["reason"]


def test_one_response_has_a_mean_and_no_interval_or_p(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = simulated({"whole": 0.0, "once": 0.5}, (1, 2)).dropna()
    once = table[(table["respondent"] != "once") | ((table["question_id"] == "q00") & (table["round"] == 1))]
    found = from_table(once, tmp_path, capsys, "--scale", "0:100")
    (difference,) = found["mean_differences"]
    said = "Both have scores on 1 question, too few for an interval and a p value."
    assert difference["clustered"] == difference["paired"] == {"reason": said}
    mean = next(one for one in found["scores"] if one["respondent"] == "once")
    assert mean["mean"] == {"reason": "1 question only, too few for an interval"}
    assert mean["mean_failures_missing"] is not None


def test_scores_that_were_rounded_differently_are_one_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """33.33 and 33.333333 counted as two levels: an odds ratio of 4.96 for 5.35."""
    table = simulated({"one": 0.0, "other": 0.8}, (3,)).dropna()
    exact = from_table(table, tmp_path, capsys, "--scale", "0:100")["odds_ratios"]
    rounded = table.assign(
        score_percent=table["score_percent"].where(table["round"] != 2, table["score_percent"].round(2))
    )
    found = from_table(rounded, tmp_path, capsys, "--scale", "0:100")["odds_ratios"]
    assert found["levels"] == exact["levels"]
    assert found["terms"] == exact["terms"]
    main(["analyze", "--table", str(written(rounded, tmp_path)), "--study", str(tmp_path)])
    said = "note: the scores 33.33 and 33.3333333 are read as one, 33.3333333: one is the other rounded"
    assert said in capsys.readouterr().err
    near = table.assign(score_percent=table["score_percent"].replace(100.0, 99.7))
    near = pd.concat(
        [near, table[table["score_percent"] == 100].assign(question_id=lambda one: "x" + one["question_id"])]
    )
    main(["analyze", "--table", str(written(near, tmp_path)), "--study", str(tmp_path)])
    assert "99.7 and 100 are nearer than a hundredth of the scale and count as two levels" in capsys.readouterr().err


def test_decimal_commas_are_read_as_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = simulated({"one": 0.0, "other": 0.8}, (2, 3)).dropna()
    points = from_table(table, tmp_path, capsys, "--scale", "0:100")
    commas = table.assign(score_percent=table["score_percent"].astype("str").str.replace(".", ","))
    assert from_table(commas, tmp_path, capsys, "--scale", "0:100") == points


def same_terms(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found["n_observations"] == expected["n_observations"]
    assert [one["term"] for one in found["terms"]] == [one["term"] for one in expected["terms"]]
    for ours, theirs in zip(found["terms"], expected["terms"], strict=True):
        assert ours["log_odds_ratio"] == pytest.approx(theirs["log_odds_ratio"], rel=1e-8, abs=1e-10)
        assert ours["standard_error"] == pytest.approx(theirs["standard_error"], rel=1e-8)


def test_a_table_without_scores_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(samples()["six_points"].scores.assign(score_percent=np.nan), tmp_path)
    for command in ("compare", "analyze"):
        assert main([command, "--table", str(file)]) == 1
        assert f"no row of {file} has a score" in capsys.readouterr().err


def test_a_basis_that_nobody_marked_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(marked_bank())
        store.keep_respondent("one", {"model": "one"})
    assert main(["compare", "--study", str(tmp_path)]) == 1
    assert "the study has no responses yet" in capsys.readouterr().err


def test_open_marks_leave_reasons_and_no_number() -> None:
    table = samples()["three_respondents"].scores.assign(score_percent=np.nan)
    found = compare_respondents(scores_of(table), ComparisonChoices("key", pass_mark=60))
    assert (found.differences, found.one_line, found.consistency) == ((), (), ())
    assert isinstance(found.odds_ratios, NotEstimated)
    assert f"{len(table)} are open" in found.odds_ratios.reason
    assert all(one.mean == one.passing == NotEstimated("no response has a score") for one in found.scores)


def from_table(table: pd.DataFrame, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    capsys.readouterr()
    code = main(["compare", "--json", "--table", str(written(table, folder)), "--study", str(folder), *options])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    results: dict[str, Any] = json.loads(captured.out)
    return results


def written(table: pd.DataFrame, folder: Path) -> Path:
    """The table as somebody else would have it."""
    file = folder / "table.csv"
    columns = ["question_id", "respondent", "round", "condition", "score_percent"]
    table[columns].rename(columns={"score_percent": "score"}).to_csv(file, index=False, quoting=csv.QUOTE_MINIMAL)
    return file
