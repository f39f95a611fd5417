"""``samp-eval power``, and the report that cites a run which was kept."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from sample import sample_records
from test_report_command import store_records

from samp_eval.cli.main import main

QUICK = ["--right", "76", "--questions", "20", "--questions", "60", "--simulations", "100"]


def test_the_curve_says_simulated_and_names_the_smallest_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", *QUICK, "--rounds", "2", "--rounds", "5"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Simulated power to detect an odds ratio of 2.31")
    assert "With 2 rounds, between " in captured.out
    assert "With 5 rounds, between " in captured.out
    assert "similarity of repeated answers from answer lines, of which the reference gets 76% right" in captured.err


def test_json_of_the_same_seed_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for _ in range(2):
        assert main(["power", *QUICK, "--seed", "5", "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
    assert found[0]["simulated"] is True
    assert [point["n_questions"] for point in found[0]["curve"]] == [20, 60]
    assert set(found[0]["curve"][0]) >= {"power", "monte_carlo_error", "n_rounds", "n_simulations"}


def test_files_of_the_curve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", *QUICK, "--out", str(tmp_path / "curve")]) == 0
    assert sorted(path.name for path in (tmp_path / "curve").iterdir()) == [
        "power.csv",
        "power.pdf",
        "power.png",
        "power.svg",
    ]
    with (tmp_path / "curve" / "power.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["simulated"] for row in rows} == {"yes"}
    assert {"20", "60"} <= {row["n_questions"] for row in rows}
    assert "Simulated" in (tmp_path / "curve" / "power.svg").read_text(encoding="utf-8")
    (tmp_path / "taken").write_text("a file")
    assert main(["power", *QUICK, "--out", str(tmp_path / "taken")]) == 1
    assert "choose another folder with --out" in capsys.readouterr().err


def test_the_difficulty_is_a_required_choice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power"]) == 2
    assert "--right 75, or --pilot" in " ".join(capsys.readouterr().err.split())
    assert main(["power", "--right", "75", "--pilot"]) == 2


@pytest.mark.parametrize("right", ["90", "98"])
def test_few_questions_in_one_round_crash_nothing(right: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It ended in ``need at least one array to stack``."""
    options = ["--questions", "10", "--rounds", "1", "--odds-ratio", "8", "--simulations", "100"]
    assert main(["power", "--right", right, *options]) == 0
    assert "With 1 round, " in capsys.readouterr().out


def test_the_smallest_size_is_a_range_that_holds_that_of_other_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    ranges, sizes = [], []
    for seed in ("1", "2", "3"):
        assert (
            main(
                [
                    "power",
                    "--right",
                    "76",
                    "--questions",
                    "40",
                    "--questions",
                    "60",
                    "--simulations",
                    "400",
                    "--seed",
                    seed,
                    "--json",
                ]
            )
            == 0
        )
        found = json.loads(capsys.readouterr().out)
        ranges.append(found["ranges"][0])
        sizes.append(found["smallest"][0]["n_questions"])
    assert all(one["low"] < one["high"] for one in ranges)
    assert max(one["low"] for one in ranges) <= min(one["high"] for one in ranges) + 3
    assert all(
        min(one["low"] for one in ranges) - 3 <= size <= max(one["high"] for one in ranges) + 3 for size in sizes
    )


def test_a_kept_run_for_another_design_is_said(tmp_path: Path) -> None:
    store_records(sample_records(questions=12), tmp_path)
    assert main(["power", *QUICK, "--study", str(tmp_path), "--keep"]) == 0
    assert main(["report", "--study", str(tmp_path)]) == 0
    text = (tmp_path / "reports" / "report.html").read_text(encoding="utf-8").replace("\xa0", " ")
    assert "The study that ran has 12 questions in 5 rounds, which was not simulated." in text


def test_an_odds_ratio_of_one_is_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--odds-ratio", "1"]) == 2
    assert "no difference to detect" in capsys.readouterr().err


def test_a_pilot_tells_what_it_could_have_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_records(sample_records(questions=40), tmp_path)
    assert main(["power", *QUICK[2:], "--study", str(tmp_path), "--pilot"]) == 0
    captured = capsys.readouterr()
    assert "Detectable by the study as it is, with a power of 80%" in captured.out
    assert "from the pilot's 40 questions (key basis)" in captured.err
    assert not (tmp_path / "power.json").exists()


def test_a_pilot_of_one_round_plans_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = sample_records(questions=40)
    first = tuple(one for one in records.responses if one.ask.round == 1)
    store_records(replace(records, responses=first), tmp_path)
    assert main(["power", *QUICK[2:], "--study", str(tmp_path), "--pilot"]) == 1
    assert "the pilot has only one round" in capsys.readouterr().err
    assert main(["power", *QUICK[2:], "--study", str(tmp_path), "--pilot", "--rounds", "1"]) == 0


@pytest.mark.slow
def test_the_report_cites_a_kept_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store_records(sample_records(questions=12), tmp_path)
    page = tmp_path / "reports" / "report.html"
    assert main(["report", "--study", str(tmp_path)]) == 0
    assert "samp-eval power" not in page.read_text(encoding="utf-8")
    assert "No power simulation was kept." in page.read_text(encoding="utf-8")
    assert main(["power", *QUICK, "--study", str(tmp_path), "--keep"]) == 0
    assert main(["report", "--study", str(tmp_path)]) == 0
    text = page.read_text(encoding="utf-8")
    # In the methods, and as the answer to item 8 of CHART.
    assert text.count("assessed by simulation (samp-eval power, 100 simulated studies for each size") >= 2


def test_a_dask_cluster_gives_the_same_curve(capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    assert main(["power", *QUICK, "--json"]) == 0
    here = capsys.readouterr().out
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=None, processes=False, host="127.0.0.1", protocol="tcp"
    ) as local:
        assert main(["power", *QUICK, "--json", "--dask", local.scheduler_address]) == 0
    assert capsys.readouterr().out == here


def test_no_dask_cluster_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("samp_eval.statistics.resampling._SECONDS_TO_REACH_DASK", 0.5)
    assert main(["power", *QUICK, "--dask", "tcp://127.0.0.1:9"]) == 1
    assert "no Dask cluster answers at tcp://127.0.0.1:9" in capsys.readouterr().err
