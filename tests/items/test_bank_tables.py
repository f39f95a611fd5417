"""Tables as people keep them: headers in capitals, a title above, another worksheet, another separator."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from bank_files import HEADER, STEM, csv_bank, findings, row

from samp_eval.cli.main import main
from samp_eval.items.load import load_bank


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: name.replace("_", " ").title(), str])
def test_headers_are_read_however_they_are_written(change: object, tmp_path: Path) -> None:
    header = [change(name) for name in HEADER]  # type: ignore[operator]
    assert load_bank(csv_bank(tmp_path, row(format="Write-In"), header=header)).cases[0].questions[0].id == "c1-1"


@pytest.mark.parametrize("above", ["My bank\r\n", "My bank,2026\r\n\r\n", "sep=,\r\n"])
def test_a_title_above_the_header_is_passed_over(above: str, tmp_path: Path) -> None:
    file = csv_bank(tmp_path, row(), row(2, stem=STEM, question="Which?", key="A; B"), above=above)
    place = "row 5" if above.endswith("\r\n\r\n") else "row 4"
    assert any(one.startswith(f"{place}, column key") for one in findings(file)), findings(file)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators(separator: str, tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    lines = [HEADER, row(source="")]
    file.write_text("\n".join(separator.join(line) for line in lines), encoding="utf-8")
    assert load_bank(file).cases[0].id == "c1"


def test_the_bank_may_stand_in_the_second_worksheet_below_a_title(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "Read me first"
    sheet = book.create_sheet("Cases")
    for cells in (["Our bank"], [name.upper() for name in HEADER], row(), row(2, stem="Short")):
        sheet.append(cells)
    book.save(tmp_path / "bank.xlsx")
    found = findings(tmp_path / "bank.xlsx")
    assert [one for one in found if "has 1 words" in one and one.startswith("worksheet Cases, row 4")], found


def test_missing_columns_are_named_with_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bank.csv"
    file.write_text("Frage,Antwort\na,b\n", encoding="utf-8")
    assert main(["items", "list", "--items", str(file)]) == 1
    assert "the column case_id is missing; found Frage, Antwort" in capsys.readouterr().err


def test_a_remedy_is_in_the_words_of_the_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bank.jsonl"
    file.write_text('{"id": "a", "questions": [{"id": "q"}]}\n', encoding="utf-8")
    assert main(["items", "check", str(file)]) == 1
    found = capsys.readouterr().out
    assert 'add "topic": and its value' in found
    assert "add a line" not in found
