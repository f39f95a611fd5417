"""Tables from elsewhere: what could be read in two ways is refused or named; the rest is the number that was typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from samp_eval.analysis.comparison.one_line_tests import one_line_tests
from samp_eval.analysis.tables.outside_rows import outside_rows
from samp_eval.analysis.tables.outside_table import outside_scores
from samp_eval.analysis.tables.written_scores import read_scores
from samp_eval.errors import FaultySheet
from samp_eval.statistics.exact_tests import ExactTest
from samp_eval.study import Study

HEADER = ("question_id", "respondent", "round", "score")
ROWS = (("q1", "a", "1", "0"), ("q1", "b", "1", "100"), ("q2", "a", "1", "50"), ("q2", "b", "1", ""))


def read(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> tuple[list[float], list[str]]:
    """The scores as read, failures aside, and what was said about them."""
    said: list[str] = []
    scores = outside_scores([header, *rows], "t.csv", "key", Study.model_validate({}), said.append)
    return scores.table["score_percent"].tolist(), said


@pytest.mark.parametrize(
    ("written", "scores"),
    [
        (["33.3", "33.33", "33.333", "0", "100"], [33.333, 33.333, 33.333, 0, 100]),
        (["33,3", "66,67", "0", "100"], [33.3, 66.67, 0, 100]),
        (["33,333", "66,7", "0", "100"], [33.333, 66.7, 0, 100]),  # the second comma can only be a decimal one
        (["33,333", "0", "100"], [33.333, 0, 100]),  # no scale of thousands ends at 100; a note says how it was read
        (["50%", "0 %", "100%"], [50, 0, 100]),
        (["1e2", "+5", "-2.5", ".5", "7."], [100, 5, -2.5, 0.5, 7]),
        (["1.235", "823"], [1.235, 823]),
    ],
)
def test_a_score_is_the_number_that_was_typed(written: list[str], scores: list[float]) -> None:
    assert read_scores(written, lambda words: None).scores == scores


@pytest.mark.parametrize(
    ("written", "place", "words"),
    [
        (["1,235", "823"], 0, "'1,235' can be 1.235 or 1235"),
        (["82,5", "1.235", "823"], 1, "'1.235' can be 1.235 or 1235"),
        (["50%", "0.5"], 0, "other scores have no percent sign"),
        (["1_000", "5"], 0, "found '1_000'"),
        (["٣", "5"], 0, "a score is a number"),
        (["-", "5"], 0, "found '-'"),
        (["1,2,3", "5"], 0, "found '1,2,3'"),
        (["inf", "5"], 0, "found 'inf'"),
    ],
)
def test_a_cell_that_can_be_read_in_two_ways_or_none_is_refused(written: list[str], place: int, words: str) -> None:
    faults = read_scores(written, lambda words: None).faults
    assert list(faults) == [place]
    assert words in faults[place]


def test_measured_scores_are_not_rounded_to_each_other() -> None:
    """Python writes 12.30 as 12.3: beside 12.34 it is no rounding of it where every score is a measurement."""
    written = ["12.3", "12.34", *(f"{20 + place * 1.37:.2f}" for place in range(40))]
    assert read_scores(written, lambda words: None).scores == [float(cell) for cell in written]


def test_the_levels_are_named_so_that_a_typing_error_shows() -> None:
    assert read(ROWS) == ([0, 100, 50], ["note: the scores have 3 levels: 0, 50 and 100"])
    assert read([*ROWS, ("q3", "a", "1", "1000")])[1] == ["note: the scores have 4 levels: 0, 50, 100 and 1000"]
    assert read([(*row[:3], "7") for row in ROWS])[1] == ["note: every score is 7"]


def test_a_decimal_comma_that_splits_a_cell_is_refused() -> None:
    """``q1,a,1,33,3`` without quotation marks was read as 33, and ``0,5`` as 0."""
    with pytest.raises(FaultySheet, match="row 2, column score: the row has 5 cells, and the header 4"):
        read([("q1", "a", "1", "33", "3"), *ROWS[1:]])
    assert read([(*row, "", "") for row in ROWS])[0] == [0, 100, 50]


@pytest.mark.parametrize("again", ["score", " Score", "respondent", "round"])
def test_a_column_that_stands_there_twice_is_refused(again: str) -> None:
    name = again.strip().lower()
    with pytest.raises(FaultySheet, match=f"there is more than one column {name}"):
        read([(*row, "1") for row in ROWS], (*HEADER, again))


def test_a_question_belongs_to_one_case() -> None:
    header = (*HEADER, "case_id")
    with pytest.raises(FaultySheet, match="the question q1 belongs to c1, c2"):
        read([(*row, case) for row, case in zip(ROWS, ("c1", "c2", "c3", "c3"), strict=True)], header)
    with pytest.raises(FaultySheet, match="row 2, column case_id: is empty; name the case in every row"):
        read([(*row, case) for row, case in zip(ROWS, ("", "c1", "c2", "c2"), strict=True)], header)
    assert read([(*row, "") for row in ROWS], header)[0] == [0, 100, 50]


def test_names_that_differ_in_capitals_are_named() -> None:
    said = read([*ROWS, ("q3", "A", "1", "50")])[1]
    assert (
        "note: 'a' and 'A' in the column respondent differ in capitals or spaces only, and count as different" in said
    )


def workbook(file: Path, sheets: dict[str, Sequence[Sequence[object]]], percent_rows: Sequence[int] = ()) -> Path:
    book = xlsxwriter.Workbook(str(file))
    percent = book.add_format({"num_format": "0%"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate([HEADER, *rows]):
            for column, cell in enumerate(row):
                sheet.write(place, column, cell, percent if column == 3 and place in percent_rows else None)
    book.close()
    return file


def test_a_cell_that_a_workbook_shows_as_a_percentage_is_one(tmp_path: Path) -> None:
    rows = [("q1", "a", 1, 0.5), ("q1", "b", 1, 1.0), ("q2", "a", 1, 0.0)]
    shown = outside_rows(workbook(tmp_path / "all.xlsx", {"one": rows}, (1, 2, 3)), lambda words: None)
    assert [row[3] for row in shown] == ["score", "50%", "100%", "0%"]
    mixed = outside_rows(workbook(tmp_path / "one.xlsx", {"one": rows}, (1,)), lambda words: None)
    with pytest.raises(FaultySheet, match="found '50%'; other scores have no percent sign"):
        read(mixed[1:], mixed[0])


def test_two_scores_that_are_not_the_ends_of_the_scale_are_not_right_and_wrong() -> None:
    """Of scores of 50 and 100 on a scale from 0, McNemar's test counted the questions with twice 100 and no others."""
    rows = [
        (f"q{place}", name, "1", "100" if place % 4 or name == "b" else "50") for place in range(20) for name in "ab"
    ]
    table = outside_scores([HEADER, *rows], "t.csv", "key", Study.model_validate({})).table
    assert one_line_tests(table, ("a", "b"), 0.0, 100.0) == []
    (test,) = one_line_tests(table, ("a", "b"), 50.0, 100.0)
    assert test.right == (20, 15)
    assert isinstance(test.outcome, ExactTest)
    assert test.outcome.p_value == 2 * 0.5**5  # five discordant questions, all for b


def test_two_worksheets_with_scores_are_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path / "two.xlsx", {"new": [("q1", "a", 1, 5)], "old": [("q1", "a", 1, 7)]})
    with pytest.raises(FaultySheet, match="the worksheets 'new' and 'old' hold such tables"):
        outside_rows(file, lambda words: None)
