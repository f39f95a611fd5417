"""``samp-eval report`` on a stored study."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from page import read_page
from sample import Records, sample_records

from samp_eval.cli.main import main
from samp_eval.report.numbers import interval, interval_of_percents, number, p_value, ratio
from samp_eval.store.study_store import StudyStore


def store_records(records: Records, folder: Path) -> None:
    with StudyStore.open(folder) as store:
        store.keep_bank(records.bank)
        for name, settings in records.respondents.items():
            store.keep_respondent(name, settings)
        for response in records.responses:
            store.keep_response(response)
        store.add_marks(records.marks)


def test_report_goes_to_the_study_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_records(sample_records(questions=6), tmp_path)
    assert main(["report", "--study", str(tmp_path)]) == 0
    target = tmp_path / "reports" / "report.html"
    assert capsys.readouterr().out.strip() == str(target)
    assert "gpt-4-0613" in target.read_text(encoding="utf-8")


@pytest.mark.slow
def test_report_goes_where_it_is_told(tmp_path: Path) -> None:
    store_records(sample_records(questions=6), tmp_path / "study")
    assert main(["report", "--study", str(tmp_path / "study"), "--out", str(tmp_path / "elsewhere")]) == 0
    assert (tmp_path / "elsewhere" / "report.html").exists()


def test_no_study_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--study", str(tmp_path)]) == 1
    assert "holds no study yet" in capsys.readouterr().err


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_records(sample_records(questions=6), tmp_path)
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert main(["report", "--study", str(tmp_path), "--out", str(tmp_path / "taken")]) == 1
    assert "choose another folder with --out" in capsys.readouterr().err


@pytest.mark.slow
def test_the_models_of_a_report_need_no_statsmodels(tmp_path: Path) -> None:
    store_records(sample_records(questions=6), tmp_path)
    code = "import sys; from samp_eval.cli.main import main; main(['report', '--study', sys.argv[1]])"
    code += "; print('statsmodels' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False"  # its import alone takes most of a second


def result(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_pages_figures_are_those_of_analyze_and_agreement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = str(tmp_path)
    store_records(sample_records(), tmp_path)
    assert main(["report", "--study", study]) == 0
    page = read_page((tmp_path / "reports" / "report.html").read_text(encoding="utf-8"))
    unrounded = [float(value) for _, name, value in page.attributes if name == "data-value" and value]
    expected, counted = [], []
    for basis in ("key", "judgement"):
        found = result(capsys, "analyze", "--study", study, "--basis", basis)
        expected += [
            (ratio(one["odds_ratio"]), interval(one["ci_low"], one["ci_high"]), p_value(one["p_value"]))
            for one in found["terms"]
        ]
        for one in found["terms"]:  # by statsmodels; the page's by our own solver
            assert pytest.approx(one["odds_ratio"], rel=1e-9) in unrounded
        counted.append((found["n_observations"], found["n_clusters"], len(found["levels"])))
    heads, *rows = page.tables["table-odds-ratios"]
    first = heads.index("Odds ratio")
    assert [tuple(row[first : first + 3]) for row in rows if len(row) > 1] == expected
    text = page.text.replace("\xa0", " ")
    for observations, clusters, levels in counted:
        assert f"{observations} responses in {clusters} clusters, {levels} score levels" in text
    bases = result(capsys, "agreement", "--study", study)["bases"]
    found_rows = [row for row in page.tables["table-agreement"] if row[0] == "All answers"]
    for row, basis in zip(found_rows, ("key", "judgement"), strict=True):
        named = ("percent", "cohen_kappa", "gwet_ac1", "krippendorff_alpha")
        assert row[1] == str(bases[basis]["n"])
        for text, name, decimals in zip(row[2:], named, (1, 2, 2, 2), strict=True):
            one = bases[basis][name]
            bounds = interval_of_percents(one["ci_low"], one["ci_high"], decimals)
            assert text == f"{number(one['value'], decimals)} ({bounds})"
