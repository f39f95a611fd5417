"""Sheets through a real LibreOffice: every mark and every answer comes back, and no cell is live."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pictured_study import asked_study
from test_sheets_csv import filled, read, write
from test_sheets_xlsx import fill

from samp_eval.cli.main import main
from samp_eval.store.study_store import StudyStore

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed"),
]

Run = Callable[..., tuple[int, str, str]]
FORMULA = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}formula"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table"
NAME = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}name"

TARGETS = {
    "xlsx": "xlsx",
    "ods": "ods",
    "csv-semicolon": "csv:Text - txt - csv (StarCalc):59,34,76,1",
    "csv-semicolon-cp1252": "csv:Text - txt - csv (StarCalc):59,34,1,1",
    "csv-tab-utf16": "csv:Text - txt - csv (StarCalc):9,34,65535,1",
}


def convert(file: Path, target: str, folder: Path) -> Path:
    """Open a file in LibreOffice and save it as something else."""
    folder.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation={(folder.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", target, "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True)  # our own arguments
    return folder / f"{file.stem}.{target.split(':')[0]}"


@pytest.fixture
def sheets(run: Run, study: Path) -> Path:
    assert run("review", "export", "--reviewer", "A", "--format", "csv,xlsx")[0] == 0
    return study / "sheets"


def check_marks(run: Run, store: StudyStore, back: Path, given: dict[str, tuple[str, str]]) -> None:
    code, _, err = run("review", "import", str(back))
    assert (code, "fault" in err) == (0, False), err
    behind = store.sheet_rows()
    found = {(one.answer_id, one.field): one.value for one in store.marks()}
    for row_id, values in given.items():
        answer_id = behind[row_id].answer_id
        assert (found[answer_id, "key"], found[answer_id, "judgement"]) == values


@pytest.mark.parametrize("target", TARGETS)
def test_an_xlsx_sheet_saved_by_libreoffice(
    target: str, run: Run, sheets: Path, store: StudyStore, tmp_path: Path
) -> None:
    given = fill(sheets / "A.xlsx", tmp_path / "filled.xlsx")
    check_marks(run, store, convert(tmp_path / "filled.xlsx", TARGETS[target], tmp_path / "back"), given)


@pytest.mark.parametrize("target", ["xlsx", "csv-semicolon"])
def test_a_csv_sheet_saved_by_libreoffice(
    target: str, run: Run, sheets: Path, store: StudyStore, tmp_path: Path
) -> None:
    rows = filled(read(sheets / "A.csv"))
    given = {row["row_id"]: (row["key_mark"], row["judgement_mark"]) for row in rows}
    write(rows, tmp_path / "filled.csv")
    check_marks(run, store, convert(tmp_path / "filled.csv", TARGETS[target], tmp_path / "back"), given)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_cell_is_live(ending: str, sheets: Path, tmp_path: Path) -> None:
    opened = convert(sheets / f"A.{ending}", "fods", tmp_path / "opened")
    tree = ElementTree.parse(opened)  # LibreOffice wrote it a moment ago
    live = {
        table.get(NAME): [cell.get(FORMULA) for cell in table.iter() if cell.get(FORMULA)] for table in tree.iter(TABLE)
    }
    progress = live.pop("Instructions", [])
    assert not any(live.values()), live
    assert all(re.fullmatch(r"of:=COUNTA\(\[\$?Marks\.[IJ]2:\.[IJ]35\]\)", formula or "") for formula in progress)


def test_a_pictured_sheet_keeps_its_pictures_in_libreoffice_and_comes_back(tmp_path: Path) -> None:
    study = asked_study(tmp_path)
    assert main(["review", "export", "--study", str(study), "--reviewer", "A", "--format", "xlsx"]) == 0
    given = fill(study / "sheets" / "A.xlsx", tmp_path / "filled.xlsx")
    back = convert(tmp_path / "filled.xlsx", "xlsx", tmp_path / "back")
    for file in (study / "sheets" / "A.xlsx", back):
        with zipfile.ZipFile(file) as archive:
            pictures = [name for name in archive.namelist() if name.startswith("xl/media/")]
            assert len(pictures) == 1
            assert archive.read(pictures[0]).startswith(b"\x89PNG")
    assert main(["review", "import", str(back), "--study", str(study)]) == 0
    with StudyStore.open(study, create=False) as store:
        rows = store.sheet_rows()
        found = {(mark.answer_id, mark.field): mark.value for mark in store.marks(automatic=False)}
    assert given
    for row_id, (key, judgement) in given.items():
        answer_id = rows[row_id].answer_id
        assert (found[answer_id, "key"], found[answer_id, "judgement"]) == (key, judgement)
