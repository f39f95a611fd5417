"""The report as one self-contained HTML file: nothing is loaded, every answer is escaped, and only our script runs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from samp_eval.errors import CannotStore
from samp_eval.report import numbers
from samp_eval.report.content.gather import ReportContent
from samp_eval.report.content.question_record import AnswerRecord
from samp_eval.report.figures.style import inline_svg
from samp_eval.report.prose.display_names import marks_flag
from samp_eval.report.prose.methods import methods_of, reproduction_facts
from samp_eval.report.prose.summary import caution_sentence
from samp_eval.report.renderers.safe_text import visible
from samp_eval.report.sections import Section, report_sections
from samp_eval.report.tables.table import ReportTable

__all__ = ["REPORT_FILE", "prepare_page", "render_html", "write_report"]

REPORT_FILE = "report.html"
FULL = 100.0 - 1e-9
NOTHING_DRAWN: Mapping[str, str] = {}


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


def write_report(content: ReportContent, out: Path, drawn: Mapping[str, str] = NOTHING_DRAWN) -> Path:
    """Write ``report.html`` into a folder and return its path; ``drawn`` as in :func:`render_html`.

    Raises
    ------
    CannotStore
        Where the folder cannot be written.
    """
    page = render_html(content, drawn)
    target = out / REPORT_FILE
    try:
        out.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CannotStore(
            f"the report cannot be written to {target}: {error.strerror}; choose another folder with --out"
        ) from error
    return target


def prepare_page(content: ReportContent, drawn: dict[str, str]) -> None:
    """Draw the figures whose names are not in ``drawn`` and read the template: what need not wait for every fit."""
    _template()
    for section in report_sections(content):
        for one in section.figures:
            if one.name not in drawn:
                drawn[one.name] = inline_svg(one.draw(), one.name, one.caption)


def render_html(content: ReportContent, drawn: Mapping[str, str] = NOTHING_DRAWN) -> str:
    """The whole page as text; figures that ``drawn`` holds by name are not drawn again."""
    sections = _numbered(report_sections(content), drawn)
    methods = methods_of(content)
    contents = [(one.anchor, one.heading) for one in sections]
    contents += [
        ("methods", "Methods"),
        ("reproduce", "How it was made"),
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
    """What the page's policy lets run: this script and no other."""
    digest = hashlib.sha256(_own_file("page.js").encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _numbered(sections: Sequence[Section], ready: Mapping[str, str]) -> list[_PageSection]:
    tables = figures = 0
    found = []
    for section in sections:
        drawn = []
        for one in section.figures:
            figures += 1
            svg = ready.get(one.name) or inline_svg(one.draw(), one.name, one.caption)
            drawn.append(_NumberedFigure(figures, one.name, one.caption, Markup(svg)))  # noqa: S704  # escaped when drawn
        numbered = tuple(_NumberedTable(number, table) for number, table in enumerate(section.tables, start=tables + 1))
        tables += len(numbered)
        found.append(
            _PageSection(section.anchor, section.heading, section.paragraphs, tuple(drawn), numbered, section.folded)
        )
    return found


def _shares(content: ReportContent) -> dict[str, list[str]]:
    """For each question, how much each respondent had right on the first basis that was marked."""
    shares: dict[str, list[str]] = {record.question.id: [] for record in content.questions}
    for one in content.by_question:
        if one.basis == content.bases[0]:
            shares[one.question_id] = [f"{name} {numbers.percent(value, 0)}" for name, value in one.by_respondent]
    return shares


def _missed(content: ReportContent) -> dict[str, str]:
    """For each question, the numbers of the respondents that did not have all of it right on the first basis."""
    place = {one.id: str(number) for number, one in enumerate(content.respondents)}
    missed = {record.question.id: "" for record in content.questions}
    for one in content.by_question:
        if one.basis == content.bases[0]:
            missed[one.question_id] = " ".join(place[name] for name, value in one.by_respondent if value < FULL)
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
            numbers.NONE if one.credit is None else numbers.count(one.credit)
            for one in answer.consensus
            if one.basis == basis
        ]
        words += ["; ".join(values) or "open", ", ".join(dict.fromkeys(credits)) or "open"]
    return words


def _given_words(answer: AnswerRecord) -> str:
    return ", ".join(
        name if number == 1 else f"{name} \N{MULTIPLICATION SIGN}{number}" for name, number in answer.given
    )
