"""The report as a Word document: methods, results, tables and figures, ready to edit."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from samp_eval.input_files.picture import within
from samp_eval.items.bank_pictures import pictures_of
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.figures.style import as_bytes
from samp_eval.report.numbers import NBSP
from samp_eval.report.prose.display_names import marks_flag
from samp_eval.report.prose.methods import methods_of, reproduction_facts
from samp_eval.report.prose.summary import caution_sentence
from samp_eval.report.safe_text import visible
from samp_eval.report.sections import ReportFigure, Section, report_sections
from samp_eval.report.tables.table import ReportTable

if TYPE_CHECKING:
    from docx.document import Document as DocumentType
    from docx.table import Table, _Cell

__all__ = ["write_docx"]

ALERT = RGBColor(0xA2, 0x3B, 0x06)
TEXT_WIDTH, FIGURE_WIDTH = 16.6, 16.4
"""Centimetres between the margins, and of the widest picture there: one of the whole width moves to the right."""
_HELD = re.compile(r"-(?=\d)")
"""A hyphen that no line ends with: ``GPT-4`` and ``case-2`` are one word."""
_BREAKS = re.compile(r"(?<= )|(?<=-)(?!\d)")
"""Where a text goes on in the next line."""
KEPT_WHOLE = 24
"""A table of so many lines of text stays on one page."""
TABLE_POINTS, SMALLEST_POINTS = 9.0, 6.0
CHARACTER, MARGINS = 0.22, 0.5
"""In centimetres: the width of a bold character in a table, in a wide typeface too, and the margins of a cell."""
LONGEST_WORD, LONGEST_TEXT = 22, 40
"""In characters: a longer word does not make its column wider, and a longer text little."""
LINES_OF_A_LONG_TEXT = 5
"""What is beyond the longest text widens its column by a fifth, up to twice as much again: sentences of a checklist."""
PICTURE_SIDE, CENTIMETRES_A_PIXEL = 1000, 0.02
"""A picture is scaled down to so many pixels, and printed as large as on a screen, but no wider than a figure."""


def write_docx(content: ReportContent, target: Path) -> None:
    """Write the document; tables and figures are numbered in order, and each caption has the flag."""
    document = Document()
    _apply_styles(document)
    flag = marks_flag(content)
    document.core_properties.title = f"{flag}: {visible(content.study.title)}" if flag else visible(content.study.title)
    document.core_properties.comments = flag
    authors = visible(", ".join(content.study.authors))
    document.core_properties.author = authors[:255]  # more does not fit there
    document.core_properties.created = document.core_properties.modified = content.made_at.replace(tzinfo=None)
    document.add_heading(visible(content.study.title), 0)
    if authors:
        document.add_paragraph(authors)
    if flag:
        _add_flag(document, flag)
    if caution_sentence(content):
        document.add_paragraph(visible(caution_sentence(content)))
    summary, *results = report_sections(content)
    tables, figures = _add_section(document, summary, flag, 0, 0, level=1)
    methods = methods_of(content)
    document.add_heading("Methods", 1)
    for heading, text in methods.paragraphs:
        _add_paragraphs(document, heading, [text], level=2)
    document.add_heading("Results", 1)
    for section in results:
        tables, figures = _add_section(document, section, flag, tables, figures)
    _add_pictures(document, content)
    _add_paragraphs(
        document, "Reproducing this report", [f"{name}: {value}" for name, value in reproduction_facts(content)]
    )
    document.add_heading("References", 1)
    for reference in methods.references:
        document.add_paragraph(reference, style="List Number")
    document.save(str(target))


def _apply_styles(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(11)
    normal.paragraph_format.space_after = Pt(6)
    for level, size in ((0, 20), (1, 15), (2, 12), (3, 11)):
        heading = document.styles["Title" if level == 0 else f"Heading {level}"]
        heading.font.name, heading.font.size, heading.font.color.rgb = "Arial", Pt(size), RGBColor(0x1C, 0x20, 0x24)
        fonts = heading.element.get_or_add_rPr().get_or_add_rFonts()
        for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(name), None)
        fonts.set(qn("w:ascii"), "Arial")
        fonts.set(qn("w:hAnsi"), "Arial")


def _add_flag(document: DocumentType, flag: str) -> None:
    run = document.add_paragraph().add_run(flag.upper())
    run.bold, run.font.color.rgb = True, ALERT


def _add_paragraphs(document: DocumentType, heading: str, paragraphs: list[str], level: int = 1) -> None:
    document.add_heading(heading, level)
    for text in paragraphs:
        document.add_paragraph(visible(text))


def _add_section(
    document: DocumentType, section: Section, flag: str, tables: int, figures: int, level: int = 2
) -> tuple[int, int]:
    _add_paragraphs(document, section.heading, list(section.paragraphs), level)
    for figure in section.figures:
        figures += 1
        _add_figure(document, figure, figures, flag)
    for table in section.tables:
        tables += 1
        _add_table(document, table, tables, flag)
    return tables, figures


def _add_caption(document: DocumentType, label: str, caption: str, flag: str, *, keep_with_next: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = keep_with_next or None
    paragraph.paragraph_format.space_before = Pt(10)
    paragraph.add_run(f"{label} ").bold = True
    paragraph.add_run(visible(caption))
    if flag:
        paragraph.add_run(f"  {flag}").font.color.rgb = ALERT


def _add_figure(document: DocumentType, figure: ReportFigure, number: int, flag: str) -> None:
    drawn = as_bytes(figure.draw(), figure.name, "png", title=figure.caption)
    document.add_picture(io.BytesIO(drawn), width=Cm(FIGURE_WIDTH))
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    _add_caption(document, f"Figure {number}.", figure.caption, flag)


def _add_pictures(document: DocumentType, content: ReportContent) -> None:
    """The pictures of the questions, in words too; in words only where the licence does not let them be passed on."""
    pictured = [(case, picture) for case in content.bank.cases for picture in pictures_of(case)]
    if not pictured:
        return
    document.add_heading("Pictures of the questions", 1)
    for case, picture in pictured:
        if picture.may_be_shown:
            shown = within(content.bank.pictures[picture.digest], PICTURE_SIDE)
            width = Cm(min(shown.width * CENTIMETRES_A_PIXEL, FIGURE_WIDTH))
            inline = document.add_picture(io.BytesIO(shown.content), width=width)
            inline._inline.docPr.set("descr", visible(picture.alt))  # python-docx has no function for it
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        else:
            document.add_paragraph(f"{visible(picture.alt)} (not shown, because of its licence)")
        document.add_paragraph(visible(f"{case.topic} ({case.id}). {picture.credit_line}"))


def _add_table(document: DocumentType, table: ReportTable, number: int, flag: str) -> None:
    _add_caption(document, f"Table {number}.", table.caption, flag, keep_with_next=True)
    table = _with_room(table)
    width = len(table.columns)
    grid = document.add_table(rows=len(table.rows) + 1, cols=width)
    grid.autofit = False
    written = grid._cells  # each access to a row's cells would rebuild this list
    widths, points = _column_widths(table)
    for position, centimetres in enumerate(widths):
        grid.columns[position].width = Cm(centimetres)
        for cell in written[position::width]:
            cell.width = Cm(centimetres)
    for cell, column in zip(written[:width], table.columns, strict=True):
        _write_cell(cell, column.heading, points, bold=True, right=column.numeric)
        _add_rules(cell, top=8, bottom=6)
    for position, row in enumerate(table.rows, start=1):
        line = written[position * width : (position + 1) * width]
        if row.spans:
            _write_cell(line[0].merge(line[-1]), row.cells[0].text, points, bold=row.kind == "group")
            continue
        for cell, given, column in zip(line, row.cells, table.columns, strict=True):
            _write_cell(cell, given.text, points, bold=row.kind == "total", right=column.numeric)
    for cell in written[-width:]:
        _add_rules(cell, bottom=8)
    _keep_rows_whole(grid)
    _keep_rows_together(grid, table, whole=_lines(table, widths, points) <= KEPT_WHOLE)
    for position, note in enumerate(table.notes):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(0 if position else 4)
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.add_run(visible(note)).font.size = Pt(9)


def _keep_rows_whole(grid: Table) -> None:
    """No row goes on on the next page; the header does."""
    for row in grid._tbl.tr_lst:
        row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    grid._tbl.tr_lst[0].get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _lines(table: ReportTable, widths: list[float], points: float) -> int:
    """About how many lines of text its rows take."""
    room = [max((width - MARGINS) / (CHARACTER * points / TABLE_POINTS), 1.0) for width in widths]
    rows = (
        1 if row.spans else max(ceil(len(cell.text) / fits) for cell, fits in zip(row.cells, room, strict=True))
        for row in table.rows
    )
    return sum(max(lines, 1) for lines in rows)


def _keep_rows_together(grid: Table, table: ReportTable, *, whole: bool) -> None:
    """A header and a heading stay with the row below, a row with those that go on about its subject, and the end whole.

    The last two rows and the first note are on one page; so is all of a table that is to stay whole.
    """
    follows = [row.kind == "body" and not row.cells[0].text for row in table.rows]
    last = len(table.rows)
    for place, line in enumerate(grid._tbl.tr_lst):
        is_heading = place == 0 or table.rows[place - 1].kind == "group"
        goes_on = place < last and follows[place]
        is_end = place == last - 1 or (place == last and bool(table.notes))
        if is_heading or goes_on or is_end or (whole and place < last):
            for paragraph in line.iter(qn("w:p")):
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def _with_room(table: ReportTable) -> ReportTable:
    """Let intervals go on in the next line where Word would otherwise split words of the narrow columns."""
    if sum(_least_widths(table)[0]) <= TEXT_WIDTH:
        return table
    rows = (
        replace(row, cells=tuple(replace(cell, text=cell.text.replace(NBSP, " ")) for cell in row.cells))
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def _least_widths(table: ReportTable) -> tuple[list[float], float]:
    """Centimetres that the longest word of each column needs, and the scale of the text."""
    words = [max(len(word.rstrip()) for text in column for word in _BREAKS.split(text)) for column in _texts(table)]
    longest = [min(length, LONGEST_WORD) for length in words]
    room = TEXT_WIDTH - MARGINS * len(longest)
    scale = max(min(1.0, room / (CHARACTER * sum(longest))), SMALLEST_POINTS / TABLE_POINTS)
    return [length * CHARACTER * scale + MARGINS for length in longest], scale


def _texts(table: ReportTable) -> list[tuple[str, ...]]:
    """What stands in each column, with its heading."""
    texts = [[cell.text for cell in row.cells] for row in table.rows if not row.spans]
    return list(zip([column.heading for column in table.columns], *texts, strict=True))


def _column_widths(table: ReportTable) -> tuple[list[float], float]:
    """Centimetres of each column, and the size of the text in points.

    A column has room for its longest word, then space in proportion to its longest text. Where the words of all columns
    do not fit beside each other, the text is smaller: no word is split.
    """
    least, scale = _least_widths(table)
    wanted = [_wanted(column) * CHARACTER * scale + MARGINS for column in _texts(table)]
    lacking = [max(want - has, 0.1) for want, has in zip(wanted, least, strict=True)]
    left = max(TEXT_WIDTH - sum(least), 0.0)
    widths = [has + left * lack / sum(lacking) for has, lack in zip(least, lacking, strict=True)]
    return [TEXT_WIDTH * width / sum(widths) for width in widths], TABLE_POINTS * scale


def _wanted(column: tuple[str, ...]) -> float:
    """Characters of the width that a column would have: a heading may take several lines, and so may a long text."""
    longest = max(map(len, column[1:]), default=len(column[0]))
    beyond = min(max(longest - LONGEST_TEXT, 0) / LINES_OF_A_LONG_TEXT, 2 * LONGEST_TEXT)
    return min(longest, LONGEST_TEXT) + beyond


def _write_cell(cell: _Cell, text: str, points: float, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run()
    for place, part in enumerate(_HELD.split(visible(text))):
        if place:
            run._r.append(OxmlElement("w:noBreakHyphen"))
        run.add_text(part)
    run.bold, run.font.size = bold, Pt(points)


def _add_rules(cell: _Cell, **eighths: int) -> None:
    """Add horizontal rules to a cell, in eighths of a point."""
    borders = OxmlElement("w:tcBorders")
    for side, size in eighths.items():
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "single")
        line.set(qn("w:sz"), str(size))
        line.set(qn("w:color"), "1C2024")
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)  # python-docx has no function for borders
