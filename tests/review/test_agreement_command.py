"""``samp-eval agreement`` on marks that came through sheets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from test_sheets_csv import filled, read, write

Run = Callable[..., tuple[int, str, str]]
STATISTICS = ("percent", "cohen_kappa", "gwet_ac1", "krippendorff_alpha")


def mark_both(run: Run, study: Path, *options: str) -> None:
    run("review", "export", "--reviewer", "A", "--reviewer", "B", *options)
    for name in "AB":
        file = study / "sheets" / f"{name}.csv"
        assert run("review", "import", str(write(filled(read(file)), file)))[0] == 0


def test_the_documented_json(run: Run, study: Path) -> None:
    mark_both(run, study)
    code, out, _ = run("agreement", "--json")
    assert code == 0
    found = json.loads(out)
    for basis in ("key", "judgement"):
        assert set(found["bases"][basis]) == {"n", *STATISTICS}
        assert found["bases"][basis]["n"] == 34
        for name in STATISTICS:
            estimate = found["bases"][basis][name]
            assert -1 <= estimate["value"] <= 100
            assert (estimate["ci_low"], estimate["ci_high"]) == (None, None), "there are fewer than ten questions"
    assert set(found["details"]["key"]["by_respondent"]) == {"model-one", "model-two"}
    assert set(found["details"]["key"]["by_round"]) == set("12345")


def test_the_tables_name_reviewers_respondents_and_repeats(run: Run, study: Path) -> None:
    mark_both(run, study, "--repeat-share", "0.3")
    code, out, _ = run("agreement")
    assert code == 0
    for words in ("key basis: A, B", "answers of model-one", "round 5", "A, repeated marks", "Intraclass"):
        assert words in out


def test_one_reviewer_is_told_that_a_second_is_needed(run: Run, study: Path) -> None:
    run("review", "export", "--reviewer", "A")
    file = study / "sheets" / "A.csv"
    run("review", "import", str(write(filled(read(file)), file)))
    code, _, err = run("agreement")
    assert code == 1
    assert "a second reviewer's sheet" in err


def test_agreement_stays_what_it_was_before_adjudication(run: Run, study: Path) -> None:
    mark_both(run, study)
    before = json.loads(run("agreement", "--json")[1])["bases"]
    sheets = study / "sheets"
    code, out, _ = run("review", "adjudicate", "--adjudicator", "C", "--out", str(study / "disputes.csv"))
    assert code == 0
    disputed = read(study / "disputes.csv")
    assert f"{len(disputed)} disagreements for C" in out
    ids = {row["answer"] for row in disputed}
    changed = [row | {"key_mark": "0", "judgement_mark": "0"} for row in read(sheets / "A.csv") if row["answer"] in ids]
    assert run("review", "import", str(write(changed, study / "changed.csv")))[0] == 0
    settled = [row | {"key_mark": "0", "judgement_mark": "0"} for row in disputed]
    assert run("review", "import", str(write(settled, study / "settled.csv")))[0] == 0
    assert json.loads(run("agreement", "--json")[1])["bases"] == before


def test_a_basis_that_nobody_marked_is_null_and_not_zero(run: Run, study: Path) -> None:
    run("review", "export", "--reviewer", "A", "--reviewer", "B")
    for name in "AB":
        rows = [row | {"judgement_mark": ""} for row in filled(read(study / "sheets" / f"{name}.csv"))]
        assert run("review", "import", str(write(rows, study / "sheets" / f"{name}.csv")))[0] == 0
    found = json.loads(run("agreement", "--json")[1])["bases"]
    assert found["key"]["n"] == 34
    assert found["judgement"]["n"] == 0
    assert found["judgement"]["percent"] == {"value": None, "ci_low": None, "ci_high": None}
