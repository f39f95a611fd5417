"""``samp-eval report`` on a stored study."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from page import read_page
from sample import Records, sample_records

from samp_eval.cli.main import main
from samp_eval.report.numbers import interval, interval_of_percents, number, ratio
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


def test_report_goes_where_it_is_told(tmp_path: Path) -> None:
    store_records(sample_records(questions=6), tmp_path / "study")
    assert main(["report", "--study", str(tmp_path / "study"), "--out", str(tmp_path / "elsewhere")]) == 0
    assert (tmp_path / "elsewhere" / "report.html").exists()


def test_no_study_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--study", str(tmp_path)]) == 1
    assert "holds no study yet" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_records(sample_records(questions=6), tmp_path)
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert main(["report", "--study", str(tmp_path), "--out", str(tmp_path / "taken")]) == 1
    assert "choose another folder with --out" in capsys.readouterr().err


def test_the_pages_figures_are_those_of_analyze_and_agreement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_records(sample_records(), tmp_path)
    assert main(["report", "--study", str(tmp_path)]) == 0
    page = read_page((tmp_path / "reports" / "report.html").read_text(encoding="utf-8"))
    capsys.readouterr()
    expected = []
    for basis in ("key", "judgement"):
        assert main(["analyze", "--study", str(tmp_path), "--basis", basis, "--json"]) == 0
        terms = json.loads(capsys.readouterr().out)["terms"]
        expected += [(ratio(one["odds_ratio"]), interval(one["ci_low"], one["ci_high"])) for one in terms]
    rows = [row for row in page.tables["table-odds-ratios"][1:] if len(row) > 1]
    assert [(row[1], row[2]) for row in rows] == expected
    assert main(["agreement", "--study", str(tmp_path), "--json"]) == 0
    bases = json.loads(capsys.readouterr().out)["bases"]
    found = [row for row in page.tables["table-agreement"] if row[0] == "All answers"]
    for row, basis in zip(found, ("key", "judgement"), strict=True):
        statistics = [bases[basis]["percent"], bases[basis]["cohen_kappa"], bases[basis]["gwet_ac1"]]
        assert row[1] == str(bases[basis]["n"])
        for text, one, decimals in zip(row[2:], statistics, (1, 2, 2), strict=False):
            bounds = interval_of_percents(one["ci_low"], one["ci_high"], decimals)
            assert text == f"{number(one['value'], decimals)} ({bounds})"
