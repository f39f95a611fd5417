"""CSV sheets: out, filled, damaged as spreadsheet programs do, and back in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from samp_eval.items.samp import KeyEntry, Question
from samp_eval.review.sheets.sheet_lines import COLUMNS
from samp_eval.review.to_mark import WORDINGS_ON_A_ROW, key_text
from samp_eval.store.study_store import StudyStore

Run = Callable[..., tuple[int, str, str]]
Rows = list[dict[str, str]]


def read(file: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def write(rows: Rows, file: Path, *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    with file.open("w", encoding=encoding, errors="replace", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return file


def filled(rows: Rows) -> Rows:
    for number, row in enumerate(rows):
        row |= {"key_mark": "A" if number % 3 else "0", "judgement_mark": str(number % 2), "comment": f"seen {number}"}
    return rows


@pytest.fixture
def sheet(run: Run, study: Path) -> Path:
    assert run("review", "export", "--reviewer", "A", "--reviewer", "B")[0] == 0
    return study / "sheets" / "A.csv"


def test_a_sheet_has_the_documented_columns_and_one_row_for_each_distinct_answer(run: Run, study: Path) -> None:
    code, out, _ = run("review", "export", "--reviewer", "A", "--reviewer", "B")
    assert code == 0
    assert "130 answer lines, 34 rows to mark: 74% of the marking is saved" in out
    content = (study / "sheets" / "A.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = read(study / "sheets" / "A.csv")
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 34
    one = next(row for row in rows if row["question_id"] == "fever-2")
    assert one["context"].endswith(
        "Vital signs\nTemperature: 39.1 °C (rectal)\nPulse: 140/min\n\nHe now has a stiff neck."
    )
    assert (one["requested"], one["key"]) == ("2", "A. antibiotics; B. lumbar puncture; C. transfer")
    assert {row["answer"] for row in rows if row["question_id"] == "knee-1"} == {"Bursitis"}
    assert not any("beyond" in row["answer"] for row in rows)


def test_a_sheet_for_every_line_has_every_line(run: Run, study: Path) -> None:
    assert run("review", "export", "--reviewer", "A", "--unit", "line")[0] == 0
    assert len(read(study / "sheets" / "A.csv")) == 130


def test_nothing_tells_the_respondent_the_round_or_the_other_reviewer(sheet: Path) -> None:
    first, second = read(sheet), read(sheet.with_name("B.csv"))
    text = sheet.read_text(encoding="utf-8-sig").replace("call model-one", "").replace("call model-two", "")
    assert "model" not in text
    assert not {row["row_id"] for row in first} & {row["row_id"] for row in second}
    assert [row["answer"] for row in first] != [row["answer"] for row in second]
    groups = [row["question_id"] for row in first]
    assert len([1 for one, other in pairwise(groups) if one != other]) == 2


def test_no_cell_begins_like_a_formula(sheet: Path) -> None:
    rows = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_marks_come_back_once_and_importing_again_changes_nothing(run: Run, sheet: Path, study: Path) -> None:
    file = write(filled(read(sheet)), sheet)
    code, out, err = run("review", "import", str(file))
    assert (code, err) == (0, "")
    assert "34 rows, 102 marks" in out
    assert "102 marks are new or changed" in out
    assert "0 marks are new or changed" in run("review", "import", str(file))[1]
    with StudyStore.open(study, create=False) as store:
        assert len(store.mark_history()) == 102


def as_utf16(rows: Rows, file: Path) -> Path:
    return write(rows, file, encoding="utf-16", delimiter="\t")


def as_cp1252(rows: Rows, file: Path) -> Path:
    return write(rows, file, encoding="cp1252", delimiter=";")


def with_separator_line(rows: Rows, file: Path) -> Path:
    write(rows, file, delimiter="|")
    file.write_text("sep=|\r\n" + file.read_text(encoding="utf-8-sig"), encoding="utf-8")
    return file


def with_trailing_columns(rows: Rows, file: Path) -> Path:
    text = write(rows, file).read_text(encoding="utf-8-sig")
    parsed = [[*row, "", "my own note"] for row in csv.reader(io.StringIO(text, newline=""))]
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, quoting=csv.QUOTE_ALL).writerows([["", *row] for row in parsed])
    return file


def reordered(rows: Rows, file: Path) -> Path:
    columns = sorted(COLUMNS, reverse=True)
    return write([{name: row[name] for name in columns} for row in reversed(rows)], file)


def with_spreadsheet_values(rows: Rows, file: Path) -> Path:
    shown = {
        "0012": "12",
        "1-2": "02-Jan",
        "3/4": "2026-03-04",
        "MAR1": "01-Mar",
        "1E5": "1.00E+05",
        "12:30": "12:30:00",
        "1,5": "1.5",
    }
    for row in rows:
        row["answer"] = shown.get(row["answer"], row["answer"])
        row["answer"] = row["answer"].removeprefix("'") if row["answer"][:2] in ("'=", "'+", "'@") else row["answer"]
        row["judgement_mark"] = {"1": "TRUE", "0": "0,0"}[row["judgement_mark"]]
        row["key_mark"] = {"A": " a. ", "0": "FALSE"}[row["key_mark"]]
        row["row_id"] = row["row_id"].upper()
    return write(rows, file)


DAMAGES = (as_utf16, as_cp1252, with_separator_line, with_trailing_columns, reordered, with_spreadsheet_values)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_mark_survives(damage: Callable[[Rows, Path], Path], run: Run, sheet: Path, store: StudyStore) -> None:
    rows = filled(read(sheet))
    behind = store.sheet_rows()
    expected = {
        (behind[row["row_id"]].answer_id, name): row[f"{name}_mark"] for row in rows for name in ("key", "judgement")
    }
    code, _, err = run("review", "import", str(damage(rows, sheet.with_name("back.csv"))))
    assert (code, "fault" in err) == (0, False), err
    assert {(one.answer_id, one.field): one.value for one in store.marks() if one.field != "comment"} == expected


def test_a_spreadsheets_reformatting_is_named(run: Run, sheet: Path) -> None:
    _, _, err = run("review", "import", str(with_spreadsheet_values(filled(read(sheet)), sheet.with_name("back.csv"))))
    assert "a spreadsheet program shows '0012' as '12'; the study keeps the answer as it was" in err


def test_every_fault_is_listed_and_nothing_imported(run: Run, sheet: Path, store: StudyStore) -> None:
    rows = filled(read(sheet))
    rows[0]["row_id"] = "zzzzzzzzzz"
    rows[1]["key_mark"] = "Z"
    rows[2]["judgement_mark"] = "maybe"
    rows[3]["answer"] += " and more"
    rows[4]["harm"] = "2"
    rows[5]["row_id"] = ""
    for row in rows:
        del row["context"]
    file = write(rows, sheet.with_name("back.csv"))
    code, _, err = run("review", "import", str(file))
    assert code == 1
    assert "7 faults in the sheet; nothing was imported" in err
    for place in (
        "row 2, column row_id",
        "row 3, column key_mark",
        "row 4, column judgement_mark",
        "row 5, column answer",
    ):
        assert place in err
    for place in ("row 6, column harm", "row 7, column row_id", "column context: this column is missing"):
        assert place in err
    assert store.marks() == []
    assert run("review", "import", "--accept-valid", str(file))[0] == 0
    assert len(store.marks()) == 34 * 3 - 3 * 3 - 2


def test_unreadable_files_are_faults(run: Run, sheet: Path, tmp_path: Path) -> None:
    binary = tmp_path / "picture.csv"
    binary.write_bytes(b"\x89PNG\x00\x00\x00" * 99)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    code, _, err = run("review", "import", str(sheet), str(binary), str(other), str(empty), str(tmp_path / "gone.csv"))
    assert code == 1
    assert "4 faults" in err
    assert "gone.csv: cannot be read: No such file" in err
    assert "nothing was imported:" in err
    assert "--accept-valid" not in err
    code, _, err = run("review", "import", "--accept-valid", str(binary), str(other))
    assert code == 1
    assert "2 faults in the sheet; nothing was imported" in err
    code, _, err = run("review", "import", str(write(filled(read(sheet)), sheet.with_name("back.csv"))), str(other))
    assert code == 1
    assert "nothing was imported (--accept-valid takes the rest)" in err


def test_a_row_marked_twice_differently_is_a_fault(run: Run, sheet: Path) -> None:
    rows = filled(read(sheet))
    again = dict(rows[1], key_mark="B")
    code, _, err = run("review", "import", str(write([*rows, again], sheet.with_name("back.csv"))))
    assert code == 1
    assert "'B' here but 'A' in row 3 for the same row id" in err


def test_a_further_sheet_holds_what_is_open_and_overwrites_nothing(run: Run, sheet: Path, study: Path) -> None:
    rows = filled(read(sheet))
    run("review", "import", str(write(rows[:20], sheet.with_name("part.csv"))))
    before = sheet.read_bytes()
    assert run("review", "export", "--reviewer", "A")[0] == 0
    further = read(study / "sheets" / "A-2.csv")
    assert {row["row_id"] for row in further} == {row["row_id"] for row in rows[20:]}
    assert sheet.read_bytes() == before
    assert "nothing to mark" in run("review", "export", "--reviewer", "A", "--new")[1]
    run("review", "export", "--reviewer", "A", "--all")
    everything = read(study / "sheets" / "A-3.csv")
    assert {row["row_id"]: row["comment"] for row in everything if row["comment"]} == {
        row["row_id"]: row["comment"] for row in rows[:20]
    }


def test_comments_that_look_like_formulas_come_back_unchanged(run: Run, sheet: Path, store: StudyStore) -> None:
    rows = read(sheet)
    rows[0]["comment"] = "=1+1"
    rows[1]["comment"] = "'-2"
    run("review", "import", str(write(rows, sheet)))
    run("review", "export", "--reviewer", "A", "--all")
    run("review", "import", str(sheet.with_name("A-2.csv")))
    assert sorted(one.value for one in store.mark_history()) == ["-2", "=1+1"]


def test_repeats_are_hidden_and_kept_apart(run: Run, study: Path, store: StudyStore) -> None:
    run("review", "export", "--reviewer", "A", "--repeat-share", "0.2")
    rows = read(study / "sheets" / "A.csv")
    behind = store.sheet_rows()
    assert len(rows) == 34 + 7
    assert sum(behind[row["row_id"]].repeat for row in rows) == 7
    last = [behind[row["row_id"]].unit for row in rows][-7:]
    assert "answer" in last, "first-time answers stand among the repeats"
    run("review", "import", str(write(filled(rows), study / "sheets" / "A.csv")))
    assert len([one for one in store.marks() if one.field == "key"]) == 41


@pytest.mark.parametrize("name", ["automatic:key", "adjudicator:x", "  "])
def test_a_name_that_means_something_else_is_refused(run: Run, name: str) -> None:
    code, _, err = run("review", "export", "--reviewer", name)
    assert code == 1
    assert "cannot be a reviewer's name" in err


def test_without_reviewers_the_remedy_is_named(run: Run) -> None:
    code, _, err = run("review", "export")
    assert code == 1
    assert "--reviewer NAME" in err


def test_status_counts_marks_and_disagreements(run: Run, sheet: Path) -> None:
    run("review", "import", str(write(filled(read(sheet)), sheet)))
    other = sheet.with_name("B.csv")
    run("review", "import", str(write([row | {"key_mark": "0"} for row in read(other)], other)))
    code, out, _ = run("review", "status")
    assert code == 0
    assert "key: 22 disagreements, 22 unresolved" in out


def test_the_study_file_names_the_reviewers(run: Run, study: Path) -> None:
    (study / "study.toml").write_text('[review]\nreviewers = ["Ann", "Bob"]\n')
    assert run("review", "export")[0] == 0
    assert {file.name for file in (study / "sheets").iterdir()} == {"Ann.csv", "Bob.csv"}
    code, _, err = run("review", "export", "--reviewer", "Cy")
    assert code == 0
    assert "Cy: not among the reviewers in study.toml" in err


def test_a_row_shows_the_first_wordings_of_an_entry_and_how_many_more_there_are() -> None:
    many = KeyEntry(answer="fever", alternatives=tuple(f"fever {number}" for number in range(20)))
    few = KeyEntry(answer="cough", alternatives=tuple(f"cough {number}" for number in range(8)))
    question = Question(id="a-1", question="What?", requested=1, key=(many, few))
    shown = key_text(question, most=WORDINGS_ON_A_ROW)
    assert shown.startswith("A. fever / fever 0 / ")
    assert "fever 6 / and 13 more; B. cough" in shown
    assert shown.endswith("cough 7")
    assert key_text(question).count("fever") == 21
