"""The export: its tables, its dictionary, its scripts, and the numbers that its R script wrote."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_samples import SKILLS, export_of, few_clusters, samples, simulated
from reference_data import REFERENCE

from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.errors import CannotStore, NotInstalled
from samp_eval.report.export import export_folder
from samp_eval.report.export.columns import LINE_TABLE, SCORE_TABLE
from samp_eval.report.export.export_folder import write_export
from samp_eval.report.export.scripts import r_scripts, stata_scripts
from samp_eval.report.export.study_export import StudyExport
from samp_eval.statistics.not_estimated import NotEstimated

TOLERANCE = 1e-9
"""R's fit is stopped at a gradient of 1e-10 and its numbers are kept with 12 digits."""

SAMPLES = ["three_respondents", "case_clusters", "own_clusters", "binary", "grouped", "six_points"]


def fitted(export: StudyExport) -> StudyFit:
    assert isinstance(export.outcome, StudyFit)
    return export.outcome


def test_every_sample_was_computed_by_r() -> None:
    assert sorted(samples()) == sorted(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_numbers_that_the_r_script_wrote_are_ours(name: str) -> None:
    agree(samples()[name].outcome, pd.read_csv(REFERENCE / "export" / f"{name}.csv", quotechar='"'))


def with_a_trial() -> StudyExport:
    """A respondent of three questions stands in the tables and not in the model."""
    table = simulated({"one": 0.0, "local": 0.3, "other": 0.8}, (1, 2))
    return export_of(table[(table["respondent"] != "local") | (table["question_id"] < "q03")])


def test_scripts_leave_out_whom_the_model_leaves_out() -> None:
    export = with_a_trial()
    assert "respondent_number %in% c(1, 3)" in r_scripts(fitted(export), export.respondents)["odds_ratios.R"]
    assert "inlist(respondent_number, 1, 3)" in stata_scripts(fitted(export), export.respondents)["odds_ratios.do"]
    whole = samples()["three_respondents"]
    assert "%in% c(" not in r_scripts(fitted(whole), whole.respondents)["odds_ratios.R"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["three_respondents", "few_clusters", "binary", "with_a_trial"])
def test_the_r_script_runs_and_gives_our_numbers(name: str, tmp_path: Path) -> None:
    needs_r()
    made = {"few_clusters": few_clusters, "with_a_trial": with_a_trial}
    export = made[name]() if name in made else samples()[name]
    write_export(export, tmp_path)
    done = subprocess.run(["Rscript", str(tmp_path / "odds_ratios.R")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Largest difference from samp-eval" in done.stdout
    agree(export.outcome, pd.read_csv(tmp_path / "odds_ratios_from_r.csv"))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "models"), [("binary", 2), ("three_respondents", 2)])
def test_the_script_of_the_conditional_model_runs(name: str, models: int, tmp_path: Path) -> None:
    needs_r("ordinal", "lme4")
    write_export(samples()[name], tmp_path)
    done = subprocess.run(["Rscript", str(tmp_path / "conditional.R")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    theirs, ours = pd.read_csv(tmp_path / "conditional_from_r.csv"), fitted(samples()[name])
    assert len(theirs) == models * len(ours.terms)
    assert theirs["sd_question"].min() > 0.5  # the questions differ by 1.2
    largest = max(ours.terms, key=lambda term: abs(term.log_odds_ratio))
    same = theirs.iloc[ours.terms.index(largest)]
    assert abs(same["log_odds_ratio"]) > abs(largest.log_odds_ratio)
    assert same["marginal_log_odds_ratio"] == pytest.approx(largest.log_odds_ratio, abs=largest.standard_error)


@pytest.mark.slow
def test_geepack_gives_the_same_for_two_levels(tmp_path: Path) -> None:
    needs_r()
    export = samples()["binary"]
    write_export(export, tmp_path)
    done = subprocess.run(["Rscript", str(tmp_path / "odds_ratios.R")], capture_output=True, text=True, check=True)
    if "geepack::geeglm" not in done.stdout:
        pytest.skip("R has no geepack")
    rows = done.stdout.split("geepack::geeglm")[1].splitlines()[2:]
    found = [[float(cell) for cell in row.split()[-2:]] for row in rows if row.strip()]
    expected = [[term.log_odds_ratio, term.standard_error] for term in fitted(export).fit.terms]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_same_study_gives_the_same_bytes_and_the_manifest_names_them(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    export = samples()["three_respondents"]
    files = write_export(export, tmp_path / "one", parquet=True)
    write_export(export, tmp_path / "two", parquet=True)
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text(encoding="utf-8"))
    assert [one.name for one in files] == [*manifest["files"], "manifest.json"]
    for name, listed in manifest["files"].items():
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes()
        assert listed == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert manifest["odds_ratios"] == {**fitted(export).as_json(), "excluded": []}
    assert manifest["rows"] == {"scores": len(export.scores), "lines": 0}


def test_csv_and_parquet_hold_the_long_table(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    export = samples()["three_respondents"]
    write_export(export, tmp_path, parquet=True)
    flat = pd.read_csv(tmp_path / "scores.csv", keep_default_na=False, na_values={"correct": "", "score_percent": ""})
    columns = pd.read_parquet(tmp_path / "scores.parquet")
    assert list(flat) == list(columns) == [one.name for one in SCORE_TABLE]
    assert set(flat["respondent"]) == {"small model", 'the "old" one, ünï', "'=new"}
    assert set(columns["respondent"]) == set(SKILLS)
    pd.testing.assert_frame_equal(
        flat.drop(columns="respondent"), columns.drop(columns="respondent"), check_dtype=False
    )
    ours = export.scores.sort_values(["question_id", "round"])
    for number, name in enumerate(SKILLS, start=1):
        mine = ours.loc[ours["respondent"] == name, "score_percent"].round(6)
        theirs = flat.loc[flat["respondent_number"] == number, "score_percent"]
        np.testing.assert_array_equal(mine, theirs)
    assert flat["score_percent"].isna().sum() == export.scores["score_percent"].isna().sum() > 0


def test_parquet_without_pyarrow_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_folder, "find_spec", lambda _: None)
    with pytest.raises(NotInstalled, match=r"pip install '\.\[parquet\]'"):
        write_export(samples()["binary"], tmp_path / "out", parquet=True)
    assert not (tmp_path / "out").exists()


def test_without_an_odds_ratio_the_tables_are_there_and_the_reason_too(tmp_path: Path) -> None:
    table = simulated({"alone": 0.5}, (1, 2)).query("round == 1")
    files = {one.name for one in write_export(export_of(table), tmp_path)}
    assert files == {"scores.csv", "lines.csv", "dictionary.csv", "README.md", "manifest.json"}
    assert "nothing to compare" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_an_export_leaves_nothing_of_an_earlier_one_and_everything_of_others(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_export(samples()["binary"], tmp_path, parquet=True)
    (tmp_path / "odds_ratios.do").write_text("* changed by its user\n", encoding="utf-8")
    for name in ("notes.txt", "other.parquet", "odds_ratios_from_r.csv"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    refused = export_of(simulated({"alone": 0.5}, (1, 2)).query("round == 1"))
    files = {one.name for one in write_export(refused, tmp_path)}
    others = {"odds_ratios.do", "notes.txt", "other.parquet", "odds_ratios_from_r.csv"}
    assert {one.name for one in tmp_path.iterdir()} == files | others
    assert (tmp_path / "odds_ratios.do").read_text(encoding="utf-8") == "* changed by its user\n"
    write_export(samples()["binary"], tmp_path)
    assert (tmp_path / "odds_ratios.R").exists()


@pytest.mark.parametrize(
    "manifest", ["no JSON", "[]", '{"files": {"odds_ratios.csv": 1, "../x": {"sha256": ""}}}', "\udcff"]
)
def test_a_manifest_of_somebody_else_removes_nothing(manifest: str, tmp_path: Path) -> None:
    (tmp_path / "odds_ratios.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "manifest.json").write_bytes(manifest.encode(errors="surrogateescape"))
    write_export(export_of(simulated({"alone": 0.5}, (1, 2)).query("round == 1")), tmp_path)
    assert (tmp_path / "odds_ratios.csv").read_text(encoding="utf-8") == "mine"


def test_the_dictionary_explains_every_column_once(tmp_path: Path) -> None:
    write_export(samples()["binary"], tmp_path)
    with (tmp_path / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = [(row["table"], row["column"]) for row in rows]
    assert named == [*(("scores", one.name) for one in SCORE_TABLE), *(("lines", one.name) for one in LINE_TABLE)]
    assert all(row["kind"] and row["meaning"] for row in rows)


def test_scripts_hold_no_line_that_a_name_has_written() -> None:
    hostile = 'x"); system("touch /tmp/owned"); ("\n$secret `r\' \\'
    table = simulated({"one": 0.0, hostile: 0.8}, (1, 2))
    found = export_of(table).outcome
    assert isinstance(found, StudyFit)
    scripts = r_scripts(found, ["one", hostile]) | stata_scripts(found, ["one", hostile])
    assert len(scripts) == 2
    for script in scripts.values():
        loose = [line for line in script.splitlines() if "touch" in line and not safe(line)]
        assert loose == []
    assert "$secret" not in stata_scripts(found, ["one", hostile])["odds_ratios.do"]


def safe(line: str) -> bool:
    """Inside a comment, a quoted text of R with its quotes escaped, or a label without quotes."""
    text = line.strip()
    if text.startswith("terms <- c("):
        return r"x\"); system(\"touch /tmp/owned\"); (\"\U{a}" in text
    return 'system("' not in text and "system('" not in text


def test_stata_is_told_the_same_model_and_that_it_was_never_run() -> None:
    export = samples()["three_respondents"]
    script = stata_scripts(fitted(export), export.respondents)["odds_ratios.do"]
    assert "NOT RUN" in script
    assert "ologit level x1 x2 x3 x4 x5, or vce(cluster cluster) level(95)" in script
    assert "generate byte x2 = (respondent_number == 3)" in script
    binary = samples()["binary"]
    assert "logit full x1 x2 x3 x4, or" in stata_scripts(fitted(binary), binary.respondents)["odds_ratios.do"]


def test_few_clusters_take_the_t_distribution_in_every_script() -> None:
    export = few_clusters()
    assert "freedom <- 9\n" in r_scripts(fitted(export), export.respondents)["odds_ratios.R"]
    assert "t with 9 degrees of freedom" in stata_scripts(fitted(export), export.respondents)["odds_ratios.do"]
    assert "freedom <- Inf\n" in r_scripts(fitted(samples()["binary"]), ["one", "other"])["odds_ratios.R"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(CannotStore, match=r"taken/\S+ cannot be written: "):
        write_export(samples()["binary"], tmp_path / "taken")


def agree(outcome: StudyFit | NotEstimated, theirs: pd.DataFrame) -> None:
    assert isinstance(outcome, StudyFit)
    assert len(theirs) == len(outcome.fit.terms)
    for term, row in zip(outcome.fit.terms, theirs.itertuples(), strict=True):
        name = str(row.term)
        assert name.lstrip("'") == term.term or "<U+" in name  # R in a locale without UTF-8
        for field in ("odds_ratio", "ci_low", "ci_high", "log_odds_ratio", "standard_error", "z", "p_value"):
            assert getattr(row, field) == pytest.approx(getattr(term, field), rel=TOLERANCE, abs=TOLERANCE)


def needs_r(*packages: str) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    for package in packages or ("ordinal",):
        check = f'q(status = !requireNamespace("{package}", quietly = TRUE))'
        if subprocess.run(["Rscript", "-e", check], check=False).returncode:
            pytest.skip(f"R has no package {package}")
