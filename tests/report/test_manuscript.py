"""What goes into a manuscript: a Word document, tables as CSV and LaTeX, figures as files; all with their flags."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page import read_page
from sample import sample_records

from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.renderers.html import render_html
from samp_eval.report.renderers.manuscript import write_manuscript
from samp_eval.report.renderers.table_files import table_as_csv, table_as_latex
from samp_eval.report.tables.table import ReportTable, Row, cells, columns
from samp_eval.review.people.reviewers import KEY_MARKER

docx = pytest.importorskip("docx", reason="python-docx comes with the extra docx")

from docx.oxml.ns import qn  # noqa: E402  # behind the check that python-docx is there

from samp_eval.report.renderers.docx import (  # noqa: E402
    CHARACTER,
    MARGINS,
    TABLE_POINTS,
    TEXT_WIDTH,
    _add_table,
    _column_widths,
    _least_widths,
    _with_room,
)

CAPTION = r"(?:Table|Figure) \d+\. "


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return sample_records(reviewers=(KEY_MARKER.label,), questions=6).content()


@pytest.fixture(scope="module")
def folder(content: ReportContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("manuscript")
    assert write_manuscript(content, out) == out / "report.docx"
    return out


def test_the_document_holds_the_pages_tables(content: ReportContent, folder: Path) -> None:
    document = docx.Document(str(folder / "report.docx"))
    page = read_page(render_html(content))
    named = [rows for name, rows in page.tables.items() if name and name.startswith("table-")]
    assert len(document.tables) == len(named)
    for table, rows in zip(document.tables, named, strict=True):
        assert [cell.text for cell in table.rows[0].cells] == rows[0]


def test_no_row_is_split_over_pages_and_the_header_is_repeated(folder: Path) -> None:
    for table in docx.Document(str(folder / "report.docx")).tables:
        rows = [[part.tag.rpartition("}")[2] for part in row._tr.get_or_add_trPr()] for row in table.rows]
        assert "tblHeader" in rows[0]
        assert all("cantSplit" in row for row in rows)


def kept_with_next(element: Any) -> bool:
    """Whether every paragraph in it, or it itself, stays on the page of what follows."""
    paragraphs = [element] if element.tag.endswith("}p") else list(element.iter(qn("w:p")))
    return all(paragraph.find(f".//{qn('w:keepNext')}") is not None for paragraph in paragraphs)


def test_a_caption_is_never_parted_from_its_table_and_holds_no_figure_back(folder: Path) -> None:
    """A figure whose caption stayed with what follows left half pages empty before it."""
    captions = [one for one in docx.Document(str(folder / "report.docx")).paragraphs if re.match(CAPTION, one.text)]
    assert {one.text[:5] for one in captions} == {"Table", "Figur"}
    for caption in captions:
        assert kept_with_next(caption._p) == caption.text.startswith("Table"), caption.text


def test_headings_stay_with_their_rows_and_a_short_table_on_one_page() -> None:
    heads, group = columns("Comparison", "p"), Row(cells("By the key"), "group")
    named, more = Row(cells("a v b", "1")), Row(cells("", "2"))
    document = docx.Document()
    long = ReportTable("t", "T", heads, (*[named] * 30, group, named, more, *[named] * 30), ("A note.",))
    _add_table(document, long, 1, "")
    kept = [kept_with_next(row._tr) for row in document.tables[0].rows]
    assert [place for place, stays in enumerate(kept) if stays] == [0, 31, 32, 62, 63]
    _add_table(document, ReportTable("t", "T", heads, (group, named, named)), 2, "")
    assert [kept_with_next(row._tr) for row in document.tables[1].rows] == [True, True, True, False]
    tall = Row(cells("a v b", "words " * 400))
    _add_table(document, ReportTable("t", "T", heads, (tall, tall, tall)), 3, "")
    assert [kept_with_next(row._tr) for row in document.tables[2].rows] == [True, False, True, False]


def test_no_line_ends_within_the_name_of_a_model() -> None:
    document = docx.Document()
    _add_table(document, ReportTable("t", "T", columns("One"), (Row(cells("GPT-4 v gpt-3.5-turbo")),)), 1, "")
    cell = document.tables[0].rows[1].cells[0]
    assert cell.text == "GPT-4 v gpt-3.5-turbo"
    assert len(cell._tc.findall(f".//{qn('w:noBreakHyphen')}")) == 2


def test_sentences_have_more_room_than_short_texts() -> None:
    table = ReportTable("t", "T", columns("Requirement", "Answer"), (Row(cells("x" * 3 + " word" * 8, "word " * 180)),))
    (requirement, answer), _ = _column_widths(table)
    assert answer > 2 * requirement


def test_a_table_of_many_columns_is_smaller_so_that_no_word_is_split() -> None:
    words = (
        "Respondent",
        "requested",
        "answered",
        "13\u00a0August\u00a02023",
        "Responses",
        "Failures",
        "Tokens",
        "Cost",
    )
    table = ReportTable("t", "T", columns(*words), (Row(cells("gpt-3.5-turbo", *words[1:])),), ())
    widths, points = _column_widths(table)
    assert points < TABLE_POINTS
    assert sum(widths) == pytest.approx(TEXT_WIDTH)
    for width, word in zip(widths, words, strict=True):
        assert width - MARGINS >= len(word) * CHARACTER * points / TABLE_POINTS - 1e-9
    assert _column_widths(ReportTable("t", "T", columns("One", "Two"), (), ()))[1] == TABLE_POINTS


def test_a_table_too_wide_for_its_words_lets_intervals_go_on_in_the_next_line() -> None:
    """The mean scores with a pass mark: Word split "Responden/t", "Response/s" and "Ope/n" in the header."""
    interval = "53.3 (37.3\u00a0to\u00a068.9)"
    heads = ["Respondent", "Questions", "Responses", "Failures", "Open", "Mean score", "95% CI", "Mean, failures", "p"]
    row = Row(cells("model A", "30", "150", "0", "9", "75.59", interval, "75.59", "0.001", interval))
    table = ReportTable("t", "T", columns(*heads, "Responses at 60"), (row,), ())
    assert sum(_least_widths(table)[0]) > TEXT_WIDTH
    roomy = _with_room(table)
    assert sum(_least_widths(roomy)[0]) <= TEXT_WIDTH
    assert roomy.rows[0].cells[6].text == "53.3 (37.3 to 68.9)"
    assert roomy.rows[0].cells[6].value == row.cells[6].value
    assert _with_room(roomy) is roomy


def test_the_document_says_automatic(folder: Path) -> None:
    document = docx.Document(str(folder / "report.docx"))
    assert document.core_properties.title.startswith("Automatic marks: ")
    captions = [one.text for one in document.paragraphs if re.match(CAPTION, one.text)]
    assert captions
    assert all("Automatic marks" in caption for caption in captions)


def test_figures_come_in_three_kinds_and_say_automatic(folder: Path) -> None:
    files = sorted((folder / "figures").iterdir())
    assert {file.suffix for file in files} == {".svg", ".png", ".pdf"}
    assert len(files) % 3 == 0
    for file in files:
        assert b"Automatic marks" in file.read_bytes().replace(b"\x00", b"")
    svg = next(file for file in files if file.suffix == ".svg").read_text(encoding="utf-8")
    assert "<dc:title>Automatic marks: " in svg


def test_the_documents_own_properties_say_automatic(folder: Path) -> None:
    properties = docx.Document(str(folder / "report.docx")).core_properties
    assert properties.title.startswith("Automatic marks: ")
    assert properties.comments == "Automatic marks"


def test_png_files_have_300_dots_per_inch(folder: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for file in (folder / "figures").glob("*.png"):
        assert image.open(file).info["dpi"] == pytest.approx((300, 300), abs=0.1)


@pytest.mark.slow
def test_the_same_content_gives_the_same_figures(content: ReportContent, folder: Path, tmp_path: Path) -> None:
    write_manuscript(content, tmp_path)
    for file in (folder / "figures").iterdir():
        assert (tmp_path / "figures" / file.name).read_bytes() == file.read_bytes()


def test_tables_as_csv_hold_the_rows(folder: Path) -> None:
    file = next((folder / "tables").glob("*-odds-ratios.csv"))
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][0].startswith("Automatic marks: ")
    assert rows[1][:2] == ["Comparison", "Odds ratio"]


def test_a_spreadsheet_runs_nothing() -> None:
    table = ReportTable("harm", "Harm", columns("Answer"), (Row(cells("=HYPERLINK(1)")), Row(cells("\x1b[2J"))))
    lines = table_as_csv(table).splitlines()
    assert lines[2] == "'=HYPERLINK(1)"
    assert "\x1b" not in lines[3]


def test_latex_is_escaped() -> None:
    table = ReportTable("t", "50% & more", columns("A_1", "n", numeric=("n",)), (Row(cells(r"\input{x}", "−3")),))
    latex = table_as_latex(table)
    assert r"\caption{50\% \& more}" in latex
    assert r"\textbackslash{}input\{x\} & $-$3 \\" in latex
    assert r"\begin{tabular}{lr}" in latex


def test_a_remark_takes_the_tables_width_and_is_no_heading() -> None:
    rows = (Row(cells("By the key"), "group"), Row(cells("Not checked: too few."), "remark"))
    lines = table_as_latex(ReportTable("t", "Odds", columns("A", "B"), rows)).splitlines()
    assert r"\multicolumn{2}{l}{\textbf{By the key}} \\" in lines
    assert r"\multicolumn{2}{p{\linewidth}}{Not checked: too few.} \\" in lines


@pytest.mark.slow
def test_hostile_answers_reach_the_document_as_text(tmp_path: Path) -> None:
    records = sample_records(questions=6, answers=["<w:p>\x00\x1b[31m\u202e</w:p>"])
    settings = {name: {**values, "model": "<w:t>\x07"} for name, values in records.respondents.items()}
    target = write_manuscript(replace(records, respondents=settings).content(), tmp_path)
    assert "<w:t>\u2407" in docx.Document(str(target)).tables[0].rows[1].cells[1].text
