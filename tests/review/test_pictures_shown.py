"""Reviewers see the pictures: on the page, embedded in workbooks, named in CSV."""

from __future__ import annotations

import csv
import io
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from browsing import needs_chromium, opened, sync_api
from pictured import png
from pictured_study import asked_study
from serving import ServedPage

from samp_eval.cli.main import main
from samp_eval.input_files.picture import plain_picture


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return asked_study(tmp_path, content=png((1400, 700)), licence="not to be passed on")


@pytest.fixture
def page(study: Path) -> Iterator[ServedPage]:
    served = ServedPage(study, "--reviewer", "Ann", "--reviewer", "Bob")
    yield served
    served.kill()


def test_a_workbook_holds_the_picture_on_a_sheet_of_its_own(study: Path) -> None:
    assert main(["review", "export", "--study", str(study), "--reviewer", "Ann", "--format", "xlsx,csv"]) == 0
    workbook = openpyxl.load_workbook(study / "sheets" / "Ann.xlsx")
    sheet = workbook["Pictures"]
    assert [cell.value for cell in sheet[2]] == [
        "seen-2",
        None,
        "A red field; SECRET-ALT.",
        "photograph. Drawn for the tests (licence: not to be passed on)",
    ]
    (drawn,) = sheet._images  # type: ignore[attr-defined]
    assert drawn.anchor._from.row == 1
    assert drawn._data() == plain_picture(png((1400, 700))).content
    with zipfile.ZipFile(study / "sheets" / "Ann.xlsx") as archive:
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert 'descr="A red field; SECRET-ALT."' in drawing
    rows = list(csv.DictReader(io.StringIO((study / "sheets" / "Ann.csv").read_text(encoding="utf-8-sig"))))
    named = {row["question_id"]: "[Picture pictures/shown.png: photograph." in row["context"] for row in rows}
    assert named == {"seen-1": False, "seen-2": True, "told-1": False}


def test_a_filled_workbook_with_pictures_comes_back(study: Path) -> None:
    assert main(["review", "export", "--study", str(study), "--reviewer", "Ann", "--format", "xlsx"]) == 0
    sheet = study / "sheets" / "Ann.xlsx"
    workbook = openpyxl.load_workbook(sheet)
    marks = workbook["Marks"]
    columns = {cell.value: place for place, cell in enumerate(marks[1], start=1)}
    for number in range(2, marks.max_row + 1):
        marks.cell(number, columns["key_mark"]).value = "A"
        marks.cell(number, columns["judgement_mark"]).value = 1
    workbook.save(sheet)
    assert main(["review", "import", "--study", str(study), str(sheet)]) == 0


def test_without_pictures_a_workbook_has_no_such_sheet(tmp_path: Path) -> None:
    study = asked_study(tmp_path)
    assert main(["exclude", "question", "seen-2", "--study", str(study), "--reason", "x", "--by", "Ann"]) == 0
    assert main(["review", "export", "--study", str(study), "--reviewer", "Ann", "--format", "xlsx"]) == 0
    assert "Pictures" not in openpyxl.load_workbook(study / "sheets" / "Ann.xlsx").sheetnames


def test_pairs_of_responses_come_with_the_picture_too(study: Path) -> None:
    pairs = ["review", "pairs", "export", "--study", str(study), "--format", "xlsx", "--questions", "3"]
    assert main([*pairs, "--reviewer", "Ann", "--reviewer", "Bob"]) == 0
    books = [openpyxl.load_workbook(file) for file in (study / "sheets").glob("*.xlsx")]
    assert any("Pictures" in book.sheetnames for book in books)


def test_experts_who_answer_see_the_picture_and_not_what_it_shows(study: Path) -> None:
    export = ["items", "review", "export", "--study", str(study), "--reviewer", "Dr. Ada Ng", "--format", "xlsx"]
    assert main(export) == 0
    (sheet,) = (study / "sheets").glob("*Ada*.xlsx")
    workbook = openpyxl.load_workbook(sheet)
    assert len(workbook["Pictures"]._images) == 1  # type: ignore[attr-defined]
    with zipfile.ZipFile(sheet) as archive:
        written = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
    assert b"[Picture pictures/shown.png: photograph]" in written
    assert b"SECRET-ALT" not in written


def fetched(link: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(link) as answer:  # loopback
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, "", b""


def test_the_page_serves_pictures_of_the_bank_to_its_reviewers_and_nothing_else(page: ServedPage, study: Path) -> None:
    from samp_eval.store.study_store import StudyStore

    with StudyStore.open(study, create=False) as store:
        held = store.bank()
        assert held is not None
        (digest,) = held.pictures
    link = page.links["Ann"]
    assert fetched(f"{link}pictures/{digest}") == (200, "image/png", plain_picture(png((1400, 700))).content)
    assert fetched(f"{link}pictures/{'0' * 64}")[0] == 404
    assert fetched(f"{link}pictures/..%2f..%2fstudy.toml")[0] == 404
    stranger = link.rsplit("/r/", 1)[0] + f"/r/{'x' * 32}/pictures/{digest}"
    assert fetched(stranger)[0] == 404


class TestInChromium:
    pytestmark = needs_chromium

    def test_a_reviewer_sees_the_picture_beside_the_answer(self, page: ServedPage, browser: Any) -> None:
        shown, trouble = opened(browser, page.links["Ann"], viewport={"width": 1366, "height": 768})
        seen = 0
        for _ in range(8):
            pictures = shown.locator("#case img")
            if pictures.count():
                seen += 1
                assert pictures.first.get_attribute("alt") == "A red field; SECRET-ALT."
                sync_api.expect(pictures.first).to_have_js_property("naturalWidth", 1400)
                box, column = pictures.first.bounding_box(), shown.locator("section.case").bounding_box()
                assert box is not None
                assert column is not None
                assert box["width"] <= column["width"]
                assert "Drawn for the tests" in shown.locator("#case figcaption").inner_text()
            shown.keyboard.press("ArrowRight")
        assert seen
        assert trouble == []
