"""``samp-eval export`` on a stored study: lines, options, refusals."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from export_samples import example_scores, scores_of
from marked_study import MOMENT, marked_bank
from reference_data import REFERENCE
from test_export import agree, needs_r

from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.cli.main import main
from samp_eval.report.export.study_export import repeatable_fit
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

Run = Callable[..., tuple[int, str, str]]


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, keep_default_na=False, na_values={"earned": "", "credit": "", "correct": ""})


def test_lines_sum_to_the_scores(run: Run, tmp_path: Path) -> None:
    assert run("export", "--out", tmp_path)[0] == 0
    scores, lines = read(tmp_path / "scores.csv"), read(tmp_path / "lines.csv")
    where = ["question_id", "respondent", "round", "basis"]
    sums = lines.groupby(where)["earned"].sum()
    assert sums.to_dict() == scores.set_index(where)["correct"].to_dict()
    assert lines.groupby(where)["line"].max().to_dict() == scores.set_index(where)["requested"].to_dict()
    owed = lines[lines["given"] == 0]
    assert len(owed) > 0
    assert (owed["text"] == "").all()
    assert (owed["earned"] == 0).all()


def test_no_answer_stands_as_a_formula(run: Run, tmp_path: Path) -> None:
    assert run("export", "--out", tmp_path)[0] == 0
    texts = set(read(tmp_path / "lines.csv")["text"])
    assert "'=1+1" in texts
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


def test_the_odds_ratios_are_those_of_r_and_of_analyze(run: Run, tmp_path: Path) -> None:
    options = ("--reference", "old model")
    assert run("export", "--out", tmp_path, *options)[0] == 0
    analysed = json.loads(run("analyze", "--json", *options)[1])
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["odds_ratios"].items() <= analysed.items()
    ours = pd.read_csv(tmp_path / "odds_ratios.csv")
    theirs = pd.read_csv(REFERENCE / "export" / "marked.csv")
    for field in ("log_odds_ratio", "standard_error", "ci_low", "ci_high", "p_value"):
        assert ours[field].tolist() == pytest.approx(theirs[field].tolist(), rel=1e-9, abs=1e-9)


def test_options_choose_basis_cluster_and_reference(run: Run, marked: Path) -> None:
    code, out, _ = run("export", "--basis", "judgement", "--cluster", "case", "--reference", "new model")
    assert code == 0
    assert str(marked / "export" / "odds_ratios.R") in out.splitlines()
    listed = json.loads((marked / "export" / "manifest.json").read_text(encoding="utf-8"))
    assert listed["respondents"][0] == "new model"
    assert (listed["odds_ratios"]["basis"], listed["odds_ratios"]["cluster"]) == ("judgement", "case")
    script = (marked / "export" / "odds_ratios.R").read_text(encoding="utf-8")
    assert 'scores$basis == "judgement"' in script
    assert "cluster <- as.integer(factor(scores$case_id))" in script


def test_a_study_without_marks_is_told_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(marked_bank())
        store.keep_respondent("one", {"model": "one"})
    for command in ("export", "analyze", "compare"):
        assert main([command, "--study", str(tmp_path)]) == 1
        assert (
            "the study has no responses yet; run samp-eval run or samp-eval responses import" in capsys.readouterr().err
        )
    with StudyStore.open(tmp_path) as store:
        ask = Ask("case-00-1", "one", 1, Condition())
        store.keep_response(Response(ask, Reply("1. fever", "one", 1, 1, "stop", 1.0), MOMENT))
    for command in ("export", "analyze", "compare"):
        assert main([command, "--study", str(tmp_path)]) == 1
        said = capsys.readouterr().err
        assert "nothing is marked yet" in said
        assert "import the reviewers' sheets, or mark automatically with samp-eval mark --marker key" in said
    assert not (tmp_path / "export").exists()


def test_ranks_are_those_of_r(run: Run, tmp_path: Path) -> None:
    assert run("export", "--out", tmp_path, "--reference", "old model")[0] == 0
    ours, theirs = pd.read_csv(tmp_path / "ranks.csv"), pd.read_csv(REFERENCE / "export" / "marked_ranks.csv")
    assert ours["respondent"].tolist() == theirs["respondent"].tolist()
    for field in ("strength", "strength_se"):
        assert ours[field].tolist() == pytest.approx(theirs[field].tolist(), abs=1e-9)


@pytest.mark.slow
def test_the_script_of_ranks_runs(run: Run, tmp_path: Path) -> None:
    needs_r()
    assert run("export", "--out", tmp_path, "--reference", "old model")[0] == 0
    done = subprocess.run(["Rscript", str(tmp_path / "ranks.R")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Largest difference from samp-eval" in done.stdout
    theirs = pd.read_csv(tmp_path / "ranks_from_r.csv")
    assert pd.read_csv(tmp_path / "ranks.csv")["strength_se"].tolist() == pytest.approx(theirs["strength_se"].tolist())


@pytest.mark.parametrize("basis", ["key", "judgement"])
def test_the_example_study_is_what_r_computed(basis: str) -> None:
    fit = repeatable_fit(scores_of(example_scores()), basis)  # type: ignore[arg-type]  # one of the two bases
    assert isinstance(fit, StudyFit)
    agree(fit, pd.read_csv(REFERENCE / "export" / f"example_{basis}.csv"))


def test_conditional_odds_ratios_of_r_are_further_from_one_and_near_ours_when_made_marginal() -> None:
    """By the formula of Zeger, Liang and Albert (1988), which is rough, and a Laplace approximation."""
    fit = repeatable_fit(scores_of(example_scores()), "key")
    assert isinstance(fit, StudyFit)
    theirs = pd.read_csv(REFERENCE / "export" / "example_key_conditional.csv").groupby("model", sort=False)
    assert list(theirs.groups) == ["random question", "random question and question x respondent"]
    for _, found in theirs:
        assert found["term"].tolist() == [term.term for term in fit.terms]
        ours = fit.terms[0]
        assert found["log_odds_ratio"].iloc[0] > ours.log_odds_ratio
        assert found["marginal_log_odds_ratio"].tolist() == pytest.approx(
            [term.log_odds_ratio for term in fit.terms], abs=0.3 * ours.standard_error
        )


def test_ranks_are_those_of_the_command(run: Run, tmp_path: Path) -> None:
    code, _, err = run("export", "--out", tmp_path, "--cluster", "case")
    assert code == 0, err
    ranked = json.loads(run("rank", "--json", "--cluster", "case")[1])
    with (tmp_path / "ranks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["respondent"] for row in rows] == [one["respondent"] for one in ranked["respondents"]]
    for row, one in zip(rows, ranked["respondents"], strict=True):
        flat = {**one, "nash": one["nash"]["value"], "nash_low": one["nash"]["ci_low"]}
        for column in ("mean_preference", "strength", "strength_se", "rank_low", "rank_high", "nash", "nash_low"):
            assert float(row[column]) == pytest.approx(flat[column])
    with (tmp_path / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        explained = [row["column"] for row in csv.DictReader(file) if row["table"] == "ranks"]
    assert explained == list(rows[0])
    script = (tmp_path / "ranks.R").read_text(encoding="utf-8")
    assert "rowsum((long$share - mu) * X, long$case)" in script
    assert f"numbers <- c({', '.join(row['respondent_number'] for row in rows)})" in script
