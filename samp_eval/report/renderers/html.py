"""The report as one self-contained HTML file: it loads nothing, escapes every answer, and runs only our script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from samp_eval.input_files.picture import within
from samp_eval.report import numbers
from samp_eval.report.content.question_record import AnswerRecord
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.figures.style import inline_svg
from samp_eval.report.prose.display_names import marks_flag
from samp_eval.report.prose.methods import methods_of, reproduction_facts
from samp_eval.report.prose.summary import caution_sentence
from samp_eval.report.safe_text import visible
from samp_eval.report.sections import Section, report_sections
from samp_eval.report.tables.table import ReportTable
from samp_eval.run.pictures import data_url
from samp_eval.whole_files import whole_file

__all__ = ["REPORT_FILE", "render_html", "write_report"]

REPORT_FILE = "report.html"
FULL = 100.0 - 1e-9
PICTURE_SIDE = 1000
"""Pixels, twice the width of a column: a photograph of a telephone would make the page twenty times as large."""


@dataclass(frozen=True, slots=True)
class _NumberedTable:
    number: int
    table: ReportTable


@dataclass(frozen=True, slots=True)
class _NumberedFigure:
    number: int
    name: str
    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class _PageSection:
    anchor: str
    heading: str
    paragraphs: tuple[str, ...]
    figures: tuple[_NumberedFigure, ...]
    tables: tuple[_NumberedTable, ...]
    folded: bool


def write_report(content: ReportContent, out: Path) -> Path:
    """Write ``report.html`` into a folder and return its path.

    Raises
    ------
    CannotStore
        If the folder cannot be written.
    """
    page = render_html(content)
    target = out / REPORT_FILE
    with whole_file(target, advice="choose another folder with --out") as unfinished:
        unfinished.write_text(page, encoding="utf-8", newline="\n")
    return target


def render_html(content: ReportContent) -> str:
    """The whole page as text."""
    sections = _numbered(report_sections(content))
    methods = methods_of(content)
    contents = [(section.anchor, section.heading) for section in sections]
    contents += [
        ("methods", "Methods"),
        ("reproduce", "Reproducing this report"),
        ("questions", "Every question"),
        ("references", "References"),
    ]
    return _template().render(
        content=content,
        flag=marks_flag(content),
        caution=caution_sentence(content),
        made_on=numbers.day(content.made_at),
        stylesheet=Markup(_own_file("style.css")),  # noqa: S704  # our own file
        script=Markup(_own_file("page.js")),  # noqa: S704  # our own file
        script_hash=_script_hash(),
        topics=sorted({record.case.topic for record in content.questions}),
        missed=_missed(content),
        contents=contents,
        sections=sections,
        methods=methods.paragraphs,
        facts=reproduction_facts(content),
        references=methods.references,
        shares=_shares(content),
        mark_headings=_mark_headings(content),
        mark_words=lambda answer: _mark_words(answer, content),
        given_words=_given_words,
        picture_source=lambda picture: data_url(within(content.bank.pictures[picture.digest], PICTURE_SIDE)),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("samp_eval.report"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["visible"] = visible
    return environment.get_template("report.html.j2")


@cache
def _own_file(name: str) -> str:
    return files("samp_eval.report").joinpath("templates", name).read_text(encoding="utf-8")


def _script_hash() -> str:
    """The hash by which the page's security policy allows this script and no other."""
    digest = hashlib.sha256(_own_file("page.js").encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _numbered(sections: Sequence[Section]) -> list[_PageSection]:
    tables = figures = 0
    found = []
    for section in sections:
        drawn = []
        for figure in section.figures:
            figures += 1
            svg = Markup(inline_svg(figure.draw(), figure.name, figure.caption))  # noqa: S704  # escaped when drawn
            drawn.append(_NumberedFigure(figures, figure.name, figure.caption, svg))
        numbered = tuple(_NumberedTable(number, table) for number, table in enumerate(section.tables, start=tables + 1))
        tables += len(numbered)
        found.append(
            _PageSection(section.anchor, section.heading, section.paragraphs, tuple(drawn), numbered, section.folded)
        )
    return found


def _shares(content: ReportContent) -> dict[str, list[str]]:
    """For each question, the percentage of each respondent on the first basis with marks."""
    shares: dict[str, list[str]] = {record.question.id: [] for record in content.questions}
    for question in content.described.by_question:
        if question.basis == content.bases[0]:
            shares[question.question_id] = [
                f"{name} {numbers.percent(value, 0)}" for name, value in question.by_respondent
            ]
    return shares


def _missed(content: ReportContent) -> dict[str, str]:
    """For each question, the numbers of the respondents without full marks on the first basis with marks."""
    place = {respondent.id: str(number) for number, respondent in enumerate(content.respondents)}
    missed = {record.question.id: "" for record in content.questions}
    for question in content.described.by_question:
        if question.basis == content.bases[0]:
            missed[question.question_id] = " ".join(
                place[name] for name, value in question.by_respondent if value < FULL
            )
    return missed


def _mark_headings(content: ReportContent) -> list[str]:
    names = {"key": "Key", "judgement": "Judgement"}
    headings = []
    for basis in content.bases:
        headings += [f"{names[basis]} marks", f"{names[basis]} credit"]
    return headings


def _mark_words(answer: AnswerRecord, content: ReportContent) -> list[str]:
    words = []
    for basis in content.bases:
        values = [f"{mark.reviewer} {mark.value}" for mark in answer.marks if mark.field == basis]
        credits = [
            numbers.NONE if mark.credit is None else numbers.count(mark.credit)
            for mark in answer.consensus
            if mark.basis == basis
        ]
        words += ["; ".join(values) or "open", ", ".join(dict.fromkeys(credits)) or "open"]
    return words


def _given_words(answer: AnswerRecord) -> str:
    return ", ".join(
        name if number == 1 else f"{name} \N{MULTIPLICATION SIGN}{number}" for name, number in answer.given
    )
