"""Files for a manuscript: the Word document, every table as CSV and LaTeX, every figure as SVG, PNG and PDF."""

from __future__ import annotations

from pathlib import Path

from samp_eval.errors import NotInstalled
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.figures.style import FileKind, as_bytes
from samp_eval.report.prose.display_names import marks_flag
from samp_eval.report.renderers.table_files import table_as_csv, table_as_latex
from samp_eval.report.sections import Section, report_sections
from samp_eval.whole_files import whole_file

__all__ = ["DOCUMENT_FILE", "write_figures", "write_manuscript", "write_tables"]

DOCUMENT_FILE = "report.docx"
_KINDS: tuple[FileKind, ...] = ("svg", "png", "pdf")

_ADVICE = "choose another folder with --out"


def write_manuscript(content: ReportContent, out: Path) -> Path:
    """Write ``report.docx``, ``tables/`` and ``figures/`` into a folder and return the path of the document.

    Raises
    ------
    NotInstalled
        If python-docx is missing.
    CannotStore
        If the folder cannot be written.
    """
    try:
        from samp_eval.report.renderers.docx import write_docx
    except ModuleNotFoundError as error:
        raise NotInstalled("A report in Word", "docx") from error
    target = out / DOCUMENT_FILE
    sections = report_sections(content)
    with whole_file(target, advice=_ADVICE) as unfinished:
        write_docx(content, unfinished)
    write_tables(sections, out / "tables", marks_flag(content))
    write_figures(sections, out / "figures", marks_flag(content))
    return target


def write_tables(sections: list[Section], folder: Path, flag: str) -> None:
    """Write every table as CSV (with a byte-order mark, for spreadsheets) and LaTeX, numbered as in the report."""
    tables = [table for section in sections for table in section.tables]
    for number, table in enumerate(tables, start=1):
        stem = f"table-{number:02d}-{table.name}"
        with whole_file(folder / f"{stem}.csv", advice=_ADVICE) as unfinished:
            unfinished.write_text(table_as_csv(table, flag), encoding="utf-8-sig", newline="")
        with whole_file(folder / f"{stem}.tex", advice=_ADVICE) as unfinished:
            unfinished.write_text(table_as_latex(table, flag), encoding="utf-8", newline="\n")


def write_figures(sections: list[Section], folder: Path, flag: str) -> None:
    """Write every figure as SVG, PNG (300 dpi) and PDF, with its caption and flag in the metadata."""
    figures = [figure for section in sections for figure in section.figures]
    for number, figure in enumerate(figures, start=1):
        title = f"{flag}: {figure.caption}" if flag else figure.caption
        drawn = figure.draw()
        for kind in _KINDS:
            written = as_bytes(drawn, figure.name, kind, title=title, flag=flag)
            with whole_file(folder / f"figure-{number}-{figure.name}.{kind}", advice=_ADVICE) as unfinished:
                unfinished.write_bytes(written)
