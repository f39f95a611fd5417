"""``samp-eval report`` on a stored study."""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
import time
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

import pytest
from page import read_page
from sample import Records, sample_records

from samp_eval.cli.main import main
from samp_eval.cli.report import without_garbage_collection, write_study_report
from samp_eval.cli.shared.second_process import second_process
from samp_eval.errors import CannotStore, Fault, FaultySheet, NotInstalled
from samp_eval.report.numbers import interval, interval_of_percents, number, p_value, ratio
from samp_eval.store.study_store import StudyStore

FOR_EVER = 3600  # seconds that no test waits for


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


def loaded(study: Path, command: str, heavy: set[str]) -> str:
    """Which of these modules a process holds after a command on a study."""
    code = (
        f"import sys; from pathlib import Path; study = Path(sys.argv[1]); {command}; print({heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(study)], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1]


def test_the_first_process_reads_no_store_and_loads_no_statistics(tmp_path: Path) -> None:
    store_records(sample_records(questions=6), tmp_path)
    command = "from samp_eval.cli.report import write_study_report; write_study_report(study, study)"
    assert loaded(tmp_path, command, {"sqlalchemy", "scipy", "statsmodels", "joblib"}) == "set()"


def test_the_second_process_reads_without_numerics(tmp_path: Path) -> None:
    store_records(sample_records(questions=6), tmp_path)
    command = "from samp_eval.cli.report import read_records; read_records(study)"
    assert loaded(tmp_path, command, {"pandas", "numpy", "matplotlib"}) == "set()"


def test_a_report_that_cannot_be_made_ends_its_second_process_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["samp-eval"])
    other = get_context("spawn").Process(target=time.sleep, args=(FOR_EVER,), daemon=True)
    other.start()
    before = set(active_children())
    with pytest.raises(ZeroDivisionError), second_process() as beside:
        _ = [beside.submit(time.sleep, FOR_EVER), 1 // 0]
    assert other.is_alive()
    assert set(active_children()) <= before
    other.kill()


def test_where_no_process_can_be_made_all_is_done_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["a program of somebody"])
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        store_records(sample_records(questions=6, seed=seed), folder)
        assert write_study_report(folder, folder).exists()
    with second_process() as beside:
        assert beside.submit(os.getpid).result() == os.getpid()
    with second_process() as beside, pytest.raises(ZeroDivisionError):
        beside.submit(divmod, 1, 0).result()


FRESH = "import sys, os"
THREADS = f"{FRESH}, numpy; sys.argv[0] = 'samp-eval'"


@pytest.mark.parametrize("before", [FRESH, THREADS], ids=["forked", "spawned"])
def test_a_killed_report_leaves_no_second_process(before: str) -> None:
    code = f"{before}; import time; from samp_eval.cli.shared.second_process import second_process\n"
    code += "with second_process() as beside:\n"
    code += f"    print(beside.submit(os.getpid).result() != os.getpid(), flush=True); time.sleep({FOR_EVER})"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "True\n"
    parent.kill()
    parent.communicate()  # returns once no process holds the other end


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not fork here")
def test_an_interruption_within_the_fork_is_not_lost() -> None:
    code = "import os, signal; os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))\n"
    code += "from samp_eval.cli.shared.second_process import second_process\n"
    code += "with second_process() as beside: print('went on')"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "KeyboardInterrupt" in done.stderr
    assert "went on" not in done.stdout


def ended_from_outside(_: Path) -> None:
    os._exit(9)


def test_a_second_process_that_is_ended_from_outside_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["samp-eval"])
    monkeypatch.setattr("samp_eval.cli.report._read", ended_from_outside)
    store_records(sample_records(questions=6), tmp_path)
    assert main(["report", "--study", str(tmp_path)]) == 1
    assert "outside samp-eval ended" in capsys.readouterr().err


def test_errors_come_whole_from_another_process() -> None:
    faulty = FaultySheet([Fault("sheet.csv", "row 2", "is empty")], "nothing was imported")
    for error in (faulty, NotInstalled("Word", "docx"), CannotStore("the disk is full")):
        again = pickle.loads(pickle.dumps(error))  # our own bytes
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_garbage_collection_is_on_again_afterwards() -> None:
    with without_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


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
    rows = [row for row in page.tables["table-odds-ratios"][1:] if len(row) > 1]
    assert [tuple(row[1:4]) for row in rows] == expected
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
