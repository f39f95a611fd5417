"""Pairs: who compares what, what a sheet shows and takes back, and the ranking that follows."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from marked_study import PERSON, SKILLS, make_marked_study

from samp_eval.answers.distinct import normalised
from samp_eval.cli.main import main
from samp_eval.errors import StudyConflict
from samp_eval.review.pairs.pair_design import ShownResponse, design_pairs
from samp_eval.review.pairs.pair_rows import PairRow
from samp_eval.store.study_store import StudyStore

NOW = datetime(2026, 11, 28, tzinfo=UTC)
Choose = Callable[[PairRow], str]


@pytest.fixture(scope="session")
def marked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("pairs"))


@pytest.fixture
def study(marked_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(marked_once, tmp_path / "study"))


def run(*words: object) -> int:
    return main([str(word) for word in words])


def rows_of(study: Path) -> dict[str, PairRow]:
    with StudyStore.open(study, create=False) as store:
        return {row.row_id: row for row in store.pair_rows()}


def exported(study: Path, *more: object) -> list[Path]:
    assert run("review", "pairs", "export", "--study", study, "--reviewer", "A", "--reviewer", "B", *more) == 0
    return sorted((study / "sheets").glob("pairs-*"))


def fill(file: Path, rows: dict[str, PairRow], choose: Choose) -> None:
    with file.open(encoding="utf-8-sig", newline="") as source:
        lines = list(csv.DictReader(source))
    for line in lines:
        line["choice"] = choose(rows[line["row_id"]])
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def prefers(row: PairRow) -> str:
    """Whoever is later in this order is better, and both reviewers agree."""
    order = ["old model", "new model", PERSON]
    return "first" if order.index(row.first[0]) > order.index(row.second[0]) else "second"


def test_each_pair_goes_to_two_reviewers_in_opposite_orders(study: Path) -> None:
    exported(study)
    pairs: dict[Any, list[PairRow]] = {}
    for row in rows_of(study).values():
        pairs.setdefault(row.pair, []).append(row)
    assert pairs
    for rows in pairs.values():
        if rows[0].reviewer:
            one, other = rows
            assert {one.reviewer, other.reviewer} == {"A", "B"}
            assert (one.first, one.second) == (other.second, other.first)
        else:
            assert len(rows) == 1
            assert normalised(rows[0].first_text) == normalised(rows[0].second_text)


def test_a_sheet_tells_nothing_of_who_answered_and_shows_no_identical_responses(study: Path) -> None:
    for form in ("csv", "xlsx"):
        for file in exported(study, "--format", form):
            if file.suffix == ".xlsx":
                sheet = openpyxl.load_workbook(file)["Pairs"]
                lines = [[str(cell or "") for cell in cells] for cells in sheet.iter_rows(values_only=True)]
            else:
                lines = list(csv.reader(file.open(encoding="utf-8-sig", newline="")))
            text = "\n".join(cell for cells in lines for cell in cells)
            assert not any(name in text for name in [*SKILLS, PERSON])
            first, second = lines[0].index("first"), lines[0].index("second")
            assert len(lines) > 20
            assert all(normalised(cells[first]) != normalised(cells[second]) for cells in lines[1:])


def made(names: str, questions: int) -> dict[str, list[ShownResponse]]:
    return {
        f"q{number}": [ShownResponse(name, 1, "prompted", f"{name} {number}") for name in names]
        for number in range(questions)
    }


def test_the_design_is_connected_and_balanced() -> None:
    rows = design_pairs(made("ABCDEFGH", 77), ["X", "Y", "Z"], NOW, questions=77, seed=1)
    assert len(rows) == 77 * 8 * 2
    of_question = Counter((row.question_id, name) for row in rows for name, _ in (row.first, row.second))
    assert set(of_question.values()) == {4}  # two others, each with two reviewers
    uses = Counter(frozenset((row.first[0], row.second[0])) for row in rows)
    assert len(uses) == 28
    assert max(uses.values()) - min(uses.values()) <= 8  # 44 on average
    loads = Counter(row.reviewer for row in rows)
    assert max(loads.values()) - min(loads.values()) <= 1
    sides = Counter((row.reviewer, row.first[0] < row.second[0]) for row in rows)
    assert all(abs(sides[name, True] - sides[name, False]) < 60 for name in "XYZ")


def test_the_same_seed_draws_the_same_pairs() -> None:
    one, other = (design_pairs(made("ABC", 9), ["X", "Y"], NOW, questions=4, seed=3) for _ in range(2))
    assert [(row.pair, row.reviewer) for row in one] == [(row.pair, row.reviewer) for row in other]
    assert len({row.question_id for row in one}) == 4


def test_other_conditions_are_not_compared() -> None:
    shown = {"q": [ShownResponse("A", 1, "prompted", "x"), ShownResponse("B", 1, "bare", "y")]}
    with pytest.raises(StudyConflict, match="under the same condition"):
        design_pairs(shown, ["X", "Y"], NOW, questions=1, seed=1)


def test_one_reviewer_is_not_enough(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("review", "pairs", "export", "--study", study, "--reviewer", "A") == 1
    assert "each pair is compared by two reviewers" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_choices_come_back_once(study: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = exported(study, "--format", form)[0]
    rows = rows_of(study)
    if form == "csv":
        fill(file, rows, prefers)
    else:
        book = openpyxl.load_workbook(file)
        sheet = book["Pairs"]
        for cells in sheet.iter_rows(min_row=2):
            cells[7].value = prefers(rows[str(cells[0].value)])
        book.save(file)
    own = sum(row.reviewer == "A" for row in rows.values())
    capsys.readouterr()
    assert run("review", "pairs", "import", file, "--study", study) == 0
    assert capsys.readouterr().out.startswith(f"{own} new choices, {own} pairs still open")
    assert run("review", "pairs", "import", file, "--study", study) == 0
    assert capsys.readouterr().out.startswith("0 new choices")
    again = [path.name for path in exported(study, "--format", form)]
    assert again == [f"pairs-A.{form}", f"pairs-B-2.{form}", f"pairs-B.{form}"]  # A has nothing open


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("row_id", "zzzzzzzzzz", "is no pair of this study"),
        ("first", "1. Something else", "the response was changed"),
        ("choice", "third", "allowed: first, second, equal, poor"),
    ],
)
def test_a_fault_is_named_and_nothing_is_taken(
    study: Path, column: str, value: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(study)[0]
    fill(file, rows_of(study), prefers)
    with file.open(encoding="utf-8", newline="") as source:
        lines = list(csv.DictReader(source))
    lines[3][column] = value
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    assert run("review", "pairs", "import", file, "--study", study) == 1
    err = capsys.readouterr().err
    assert words in err
    assert f"row 5, column {column}" in err
    with StudyStore.open(study, create=False) as store:
        assert not store.pair_choices()


def taken(study: Path, choose: Choose) -> None:
    files = exported(study)
    for file in files:
        fill(file, rows_of(study), choose)
    assert run("review", "pairs", "import", *files, "--study", study) == 0


def ranked(study: Path, capsys: pytest.CaptureFixture[str], *more: object) -> dict[str, Any]:
    capsys.readouterr()
    assert run("rank", "--basis", "pairs", "--json", "--study", study, *more) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_ranking_follows_the_choices(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken(study, prefers)
    found = ranked(study, capsys)
    names = [one["respondent"] for one in found["respondents"]]
    assert names == [PERSON, "new model", "old model"]
    won: dict[tuple[str, str], list[float]] = {}
    for row in rows_of(study).values():
        if not row.reviewer or row.reviewer == "A":
            first = 0.5 if not row.reviewer else float(prefers(row) == "first")
            won.setdefault((row.first[0], row.second[0]), []).append(first)
            won.setdefault((row.second[0], row.first[0]), []).append(1 - first)
    for i, first_name in enumerate(names):
        for j, second_name in enumerate(names):
            if i != j:
                shares = won[first_name, second_name]
                assert found["preferences"][i][j] == pytest.approx(sum(shares) / len(shares))
    assert found["order"]["first"] == pytest.approx(0.5)
    assert found["order"]["alike"] == sum(not row.reviewer for row in rows_of(study).values())


def test_who_always_takes_the_first_shows_as_an_effect_of_order(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken(study, lambda row: "first" if row.row_id > "5" else "poor")
    found = ranked(study, capsys)
    assert found["order"]["ci_low"] > 0.5
    assert found["order"]["p_value"] < 0.001
    both = [row for row in found["preferences"][0] if row != 0.5]
    assert all(abs(preference - 0.5) < 0.2 for preference in both)  # opposite orders cancel out


def test_an_excluded_respondent_is_in_no_pair(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def by_words(row: PairRow) -> str:
        return "first" if row.first_text > row.second_text else "second"

    taken(study, by_words)
    assert run("exclude", "respondent", PERSON, "--reason", "a test", "--study", study) == 0
    assert PERSON not in [one["respondent"] for one in ranked(study, capsys)["respondents"]]


def test_before_any_choice_the_way_is_shown(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rank", "--basis", "pairs", "--study", study) == 1
    assert "samp-eval review pairs export" in capsys.readouterr().err


def test_who_met_on_few_questions_is_named(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported(study, "--questions", "3")
    for file in sorted((study / "sheets").glob("pairs-*")):
        fill(file, rows_of(study), prefers)
        assert run("review", "pairs", "import", file, "--study", study) == 0
    assert run("rank", "--basis", "pairs", "--study", study) == 1
    assert "a standard error needs 5" in capsys.readouterr().err
