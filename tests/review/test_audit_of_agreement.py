"""A third person marks a random share of the agreed answers, without knowing which these are."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from pathlib import Path

import pytest
from marked_study import make_marked_study

from samp_eval.analysis.model.reviewer_error import audited
from samp_eval.api.loaded_study import stored_study
from samp_eval.cli.main import main
from samp_eval.review.consensus import GatheredMarks
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Study


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("marked"))


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def adjudicate(study: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    capsys.readouterr()
    words = ["review", "adjudicate", "--adjudicator", "Cleo", "--agreed", "0.2", "--json", "--out", str(file)]
    assert main([*words, "--study", str(study)]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_sheet_does_not_tell_which_answers_are_agreed(
    marked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "study"
    shutil.copytree(marked, study)
    with StudyStore.open(study) as store:
        people = GatheredMarks(mark for mark in store.marks() if mark.reviewer.role == "reviewer")
        agreed = people.agreed()
        before = stored_study(store, Study(), store.marks()).table["score_percent"]
    found = adjudicate(study, tmp_path / "audit.csv", capsys)
    assert found["agreed"] == math.ceil(0.2 * len(agreed)) > 5
    rows = rows_of(tmp_path / "audit.csv")
    assert len(rows) == found["agreed"] + found["disagreements"]
    assert "marks_so_far" not in rows[0]
    again = adjudicate(study, tmp_path / "again.csv", capsys)
    assert again["agreed"] == 0, "the same share, which went out already"

    with (tmp_path / "audit.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "key_mark": "0", "judgement_mark": "0"} for row in rows)
    assert main(["review", "import", str(tmp_path / "audit.csv"), "--study", str(study)]) == 0
    with StudyStore.open(study) as store:
        after = stored_study(store, Study(), store.marks())
        marks = list(after.gathered.settling("key").values())
    credited, refused = audited(marks, credited=True), audited(marks, credited=False)
    assert credited[0] + refused[0] == found["agreed"]
    assert (credited[1], refused[1]) == (credited[0], 0), "everything was marked as wrong"
    settled = before.notna()
    assert (after.table["score_percent"][settled] == before[settled]).all(), "scores keep what reviewers agreed on"
