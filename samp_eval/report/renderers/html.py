"""The report as one self-contained HTML file: it loads nothing, escapes every answer, and runs only our script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from samp_eval.analysis.description import RespondentLines
from samp_eval.input_files.picture import within
from samp_eval.report import numbers
from samp_eval.report.content.question_record import AnswerRecord
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.figures.style import inline_svg
from samp_eval.report.prose.display_names import basis_heading, marks_flag
from samp_eval.report.prose.methods import methods_of, reproduction_facts
from samp_eval.report.prose.summary import caution_sentence
from samp_eval.report.safe_text import visible
from samp_eval.report.sections import Section, report_sections
from samp_eval.report.tables.table import ReportTable
from samp_eval.run.pictures import data_url
from samp_eval.whole_files import whole_file

__all__ = ["QUESTIONS_FILE", "REPORT_FILE", "render_html", "write_report"]

REPORT_FILE = "report.html"
QUESTIONS_FILE = "questions.html"

LONGEST_QUESTIONS = 8_000_000
"""Characters of the questions' part of a page; with more, browsers take seconds to open it."""

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


def write_report(content: ReportContent, out: Path) -> tuple[Path, ...]:
    """Write ``report.html`` into a folder and return its path.

    Where the questions with their answers are too long for one page, they stand in ``questions.html`` beside it, whose
    path is returned behind that of the report.

    Raises
    ------
    CannotStore
        If the folder cannot be written.
    """
    folds, report, questions = _folds(content), out / REPORT_FILE, out / QUESTIONS_FILE
    if sum(map(len, folds)) <= LONGEST_QUESTIONS:
        _write(_report_page(content, folds), report)
        return (report,)
    _write(_questions_page(content, folds), questions)
    _write(_report_page(content, []), report)
    return report, questions


def _write(parts: Iterable[str], file: Path) -> None:
    with (
        whole_file(file, advice="choose another folder with --out") as unfinished,
        unfinished.open("w", encoding="utf-8", newline="\n") as target,
    ):
        target.writelines(parts)


def render_html(content: ReportContent) -> str:
    """The report with all questions in one page, as text."""
    return "".join(_report_page(content, _folds(content)))


def _report_page(content: ReportContent, folds: Sequence[Markup]) -> Iterator[str]:
    """The page in parts; without ``folds``, it names the page of the questions."""
    sections = _numbered(report_sections(content))
    methods = methods_of(content)
    contents = [(section.anchor, section.heading) for section in sections]
    contents += [
        ("methods", "Methods"),
        ("reproduce", "Reproducing this report"),
        ("questions", "Every question"),
        ("references", "References"),
    ]
    return _template("report.html.j2").generate(
        **_of_every_page(content),
        made_on=numbers.day(content.made_at),
        contents=contents,
        sections=sections,
        methods=methods.paragraphs,
        facts=reproduction_facts(content),
        references=methods.references,
        folds=folds,
        questions_file=QUESTIONS_FILE,
    )


def _questions_page(content: ReportContent, folds: Sequence[Markup]) -> Iterator[str]:
    return _template("questions.html.j2").generate(
        **_of_every_page(content), made_on=numbers.day(content.made_at), folds=folds, report_file=REPORT_FILE
    )


def _of_every_page(content: ReportContent) -> dict[str, Any]:
    return {
        "content": content,
        "flag": marks_flag(content),
        "caution": caution_sentence(content),
        "stylesheet": Markup(_own_file("style.css")),  # noqa: S704  # our own file
        "script": Markup(_own_file("page.js")),  # noqa: S704  # our own file
        "script_hash": _script_hash(),
        "shares_words": _shares_words(content),
        "topics": sorted({record.case.topic for record in content.questions}),
    }


def _folds(content: ReportContent) -> list[Markup]:
    """Every question with its key, answers and marks."""
    parts: Any = _template("parts.html.j2").make_module(
        {
            "flag": marks_flag(content),
            "missed": _missed(content),
            "shares": _shares(content),
            "mark_headings": _mark_headings(content),
            "mark_words": lambda answer: _mark_words(answer, content),
            "given_words": _given_words,
            "picture_source": lambda picture: data_url(within(content.bank.pictures[picture.digest], PICTURE_SIDE)),
        }
    )
    return [parts.question_fold(record) for record in content.questions]


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("samp_eval.report"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["visible"] = visible
    return environment.get_template(name)


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
    """For each question, the lines correct of each respondent on the first basis with marks, or why there are none."""
    scored = _by_question(content)
    shares = {}
    for record in content.questions:
        of_question = scored.get(record.question.id, {})
        shares[record.question.id] = [
            f"{found.id} {_share(of_question[found.id])}"
            if found.id in of_question
            else f"{found.id} {'no score' if record.question.id in found.questions else 'not asked'}"
            for found in content.respondents
        ]
    return shares


def _share(found: RespondentLines) -> str:
    share = numbers.percent(found.percent, 0)
    return f"{numbers.count(found.correct)}/{numbers.count(found.requested)} ({share})"


def _missed(content: ReportContent) -> dict[str, str]:
    """For each question, the numbers of the respondents without full marks on the first basis with marks."""
    scored = _by_question(content)
    return {
        record.question.id: " ".join(
            str(number)
            for number, respondent in enumerate(content.respondents)
            if (found := scored.get(record.question.id, {}).get(respondent.id)) is not None and found.percent < FULL
        )
        for record in content.questions
    }


def _by_question(content: ReportContent) -> dict[str, dict[str, RespondentLines]]:
    """Lines correct by question and respondent, on the first basis with marks."""
    return {
        question.question_id: {found.respondent: found for found in question.by_respondent}
        for question in content.described.by_question
        if question.basis == content.bases[0]
    }


def _shares_words(content: ReportContent) -> str:
    """What the figures beside a question are; empty while nothing is marked."""
    if not content.described.by_question:
        return ""
    basis = basis_heading(content.bases[0], content)
    return (
        f"Beside each question stand the lines correct {basis[:1].lower()}{basis[1:]}, of those asked for in the "
        "scored responses of each respondent."
    )


def _mark_headings(content: ReportContent) -> list[str]:
    names = {"key": "Key", "judgement": "Judgement"}
    headings = []
    for basis in content.bases:
        headings += [f"{names[basis]} marks", f"{names[basis]} credit"]
    return headings


def _mark_words(answer: AnswerRecord, content: ReportContent) -> list[str]:
    words = []
    for basis in content.bases:
        values = [f"{mark.reviewer}{numbers.NBSP}{mark.value}" for mark in answer.marks if mark.field == basis]
        credits = [
            "open" if mark.credit is None else numbers.count(mark.credit)
            for mark in answer.consensus
            if mark.basis == basis
        ]
        words += ["; ".join(values) or "open", ", ".join(dict.fromkeys(credits)) or "open"]
    return words


def _given_words(answer: AnswerRecord) -> str:
    return ", ".join(
        name if number == 1 else f"{name} \N{MULTIPLICATION SIGN}{number}" for name, number in answer.given
    )
