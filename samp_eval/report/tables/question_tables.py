"""Tables on single questions and answers: hardest first, and what was marked as harmful."""

from __future__ import annotations

from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.gather import ReportContent
from samp_eval.report.prose.display_names import basis_heading, basis_words, joined
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns

__all__ = ["difference_sentence", "hardest_table", "harm_table"]


def hardest_table(content: ReportContent, basis: MarkBasis) -> ReportTable:
    """Percent of lines right for each question, hardest first, and how far respondents are apart."""
    names = [one.id for one in content.respondents]
    topics = {record.question.id: record.case.topic for record in content.questions}
    several = len(names) > 1
    rows = []
    for one in content.by_question:
        if one.basis != basis:
            continue
        values = dict(one.by_respondent)
        row = [Cell(one.question_id), Cell(topics[one.question_id])]
        row += [_percent(values[name]) if name in values else Cell(numbers.NONE) for name in names]
        if several:
            row += [_percent(one.percent), Cell(numbers.number(one.spread, 1), one.spread)]
        rows.append(Row(tuple(row)))
    figures = [*names, *(["All", "Difference"] if several else [])]
    return ReportTable(
        f"questions-{basis}",
        f"Percent of lines right by question, hardest first; {basis_heading(basis, content)[0].lower()}"
        f"{basis_heading(basis, content)[1:]}",
        columns("Question", "Topic", *figures, numeric=figures),
        tuple(rows),
        ("Difference: percentage points between the best and the worst respondent.",) if several else (),
    )


def difference_sentence(content: ReportContent, basis: MarkBasis, most: int = 3) -> str:
    """Where the respondents are furthest apart; empty where there is one respondent or no difference."""
    rows = [one for one in content.by_question if one.basis == basis and one.spread > 0]
    widest = sorted(rows, key=lambda one: -one.spread)[:most]
    named = [
        f"{one.question_id} ({', '.join(f'{name} {numbers.percent(value, 0)}' for name, value in one.by_respondent)})"
        for one in widest
    ]
    words = basis_words(basis)
    return f"{words[:1].upper()}{words[1:]}, respondents differ most on {joined(named)}." if named else ""


def harm_table(content: ReportContent) -> ReportTable:
    """Every answer that a reviewer marked as harmful, with who gave it and who said so."""
    rows = []
    for record in content.questions:
        for answer in record.answers:
            if answer.harmful:
                given = ", ".join(f"{name} \N{MULTIPLICATION SIGN}{number}" for name, number in answer.given)
                by = ", ".join(mark.reviewer for mark in answer.marks if mark.field == "harm" and mark.value == "1")
                rows.append(Row(cells(record.question.id, answer.text, given, by)))
    return ReportTable(
        "harm",
        "Answers that at least one reviewer marked as harmful",
        columns("Question", "Answer", "Given by", "Marked by"),
        tuple(rows),
    )


def _percent(value: float) -> Cell:
    return Cell(numbers.number(value, 1), value)
