"""A report's tables as files for a manuscript: CSV and LaTeX."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from samp_eval.report.safe_text import visible
from samp_eval.report.tables.table import ReportTable, Row

__all__ = ["table_as_csv", "table_as_latex"]

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{MINUS SIGN}": "$-$",
    "\N{EN DASH}": "--",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\n": " ",
}
_FORMULA = re.compile(r"\s*[=+@\-\t\r]")


def table_as_csv(table: ReportTable, flag: str = "") -> str:
    """Comma-separated text with the caption first; a text that a spreadsheet would run gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([f"{flag}: {table.caption}" if flag else table.caption])
    writer.writerow([column.heading for column in table.columns])
    for row in table.rows:
        writer.writerow([_spreadsheet_safe(visible(cell.text), cell.value is None) for cell in row.cells])
    for note in table.notes:
        writer.writerow([_spreadsheet_safe(visible(note), True)])
    return buffer.getvalue()


def table_as_latex(table: ReportTable, flag: str = "") -> str:
    """A ``table`` environment with horizontal rules only, for the package booktabs."""
    caption = f"{table.caption} ({flag.lower()})" if flag else table.caption
    alignment = "".join("r" if column.numeric else "l" for column in table.columns)
    lines = [
        r"\begin{table}",
        rf"\caption{{{_latex(caption)}}}",
        rf"\label{{tab:{table.name}}}",
        rf"\begin{{tabular}}{{{alignment}}}",
        r"\toprule",
        _latex_cells([column.heading for column in table.columns]),
        r"\midrule",
        *(_latex_row(row, len(table.columns)) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\footnotesize {_latex(note)}" for note in table.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _spreadsheet_safe(text: str, is_text: bool) -> str:
    return f"'{text}" if is_text and _FORMULA.match(text) else text


def _latex_row(row: Row, width: int) -> str:
    if row.spans:
        text = _latex(row.cells[0].text)
        if row.kind == "group":
            return rf"\multicolumn{{{width}}}{{l}}{{\textbf{{{text}}}}} \\"
        return rf"\multicolumn{{{width}}}{{p{{\linewidth}}}}{{{text}}} \\"
    return _latex_cells([cell.text for cell in row.cells])


def _latex_cells(texts: Sequence[str]) -> str:
    return " & ".join(_latex(text) for text in texts) + r" \\"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in visible(text))
