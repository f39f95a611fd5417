"""How the responses were read: their shapes, what needs attention, and what people decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from samp_eval.literals import AnswerShape
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import joined
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns

__all__ = ["reading_sentences", "reading_tables"]

_SHAPES: dict[AnswerShape, str] = {
    "numbered": "Numbered list",
    "lettered": "Lettered list",
    "bulleted": "Bulleted list",
    "nested": "Nested list",
    "headings": "Headings",
    "table": "Table",
    "json": "JSON",
    "json_in_fence": "JSON in a fence",
    "json_among_words": "JSON among words",
    "html_list": "HTML list",
    "lines": "Lines",
    "prose": "Prose",
    "option": "Option",
    "none": "No answer found",
}


def reading_tables(content: ReportContent) -> tuple[ReportTable, ...]:
    """How many responses had which shape and, unless there are none, how many have no clear answer, by respondent."""
    total: Counter[AnswerShape] = Counter()
    for counts in content.readings.values():
        total.update(counts.shapes)
    shapes = [shape for shape in _SHAPES if total[shape]]
    names = [_SHAPES[shape] for shape in shapes]
    of_shapes, of_outcomes = [], []
    for respondent, counts in content.readings.items():
        shares = [_share(counts.shapes.get(shape, 0), counts.responses) for shape in shapes]
        of_shapes.append(Row(cells(respondent, _count(counts.responses), *shares)))
        found = (counts.no_answer, counts.open, counts.refused, counts.doubtful, counts.decided)
        shares = [_share(number, counts.responses) for number in found]
        of_outcomes.append(Row(cells(respondent, _count(counts.responses), *shares)))
    heads = ("Responses", *names)
    outcomes = ("Responses", "No answer", "To be decided", "Refused", "Doubtful", "Decided by a person")
    forms = ReportTable(
        "shapes",
        "In which form the answers were given, n (%) of the responses",
        columns("Respondent", *heads, numeric=heads),
        tuple(of_shapes),
    )
    if not _unclear(content):
        return (forms,)
    return (
        forms,
        ReportTable(
            "readings",
            "Responses without a clear answer, n (%)",
            columns("Respondent", *outcomes, numeric=outcomes),
            tuple(of_outcomes),
            (
                "A response without an answer counts as a failure. One to be decided has no score until a person says "
                "what the answer is. A refusal earns nothing. A doubtful one is scored as read, unless it is to be "
                "decided.",
            ),
        ),
    )


def reading_sentences(content: ReportContent) -> tuple[str, ...]:
    """How many readings are doubtful, and what people decided."""
    return tuple(_sentences(content))


def _unclear(content: ReportContent) -> bool:
    """Whether any response is doubtful, refused, without an answer or decided by a person."""
    return any(
        counts.no_answer or counts.open or counts.refused or counts.doubtful or counts.decided
        for counts in content.readings.values()
    )


def _sentences(content: ReportContent) -> Iterator[str]:
    total = sum(counts.responses for counts in content.readings.values())
    if not _unclear(content):
        yield f"None of {numbers.plural(total, 'response')} is doubtful, refused or without an answer."
        return
    doubtful = sum(counts.doubtful for counts in content.readings.values())
    if not doubtful:
        yield f"The reading of none of the {numbers.plural(total, 'response')} is doubtful."
    else:
        verb = "is" if doubtful == 1 else "are"
        yield (
            f"The readings of {numbers.count(doubtful)} of {numbers.plural(total, 'response')} "
            f"({numbers.percent(100 * doubtful / total)}) {verb} doubtful, and no person has decided them."
        )
    decided = content.decided_readings
    if decided.responses:
        kept = decided.responses - decided.changed
        parts = [f"{numbers.count(decided.changed)} changed", f"{numbers.count(kept)} confirmed"]
        kinds = [
            f"{numbers.count(number)} decided to be {words}"
            for number, words in ((decided.refused, "refusals"), (decided.no_answer, "without an answer"))
            if number
        ]
        more = f" ({joined(kinds)})" if kinds else ""
        yield (
            f"{joined(decided.decided_by)} decided how {numbers.plural(decided.responses, 'response')} "
            f"{'is' if decided.responses == 1 else 'are'} read, without knowing the respondent: {joined(parts)}{more}."
        )


def _count(number: int) -> Cell:
    return Cell(numbers.count(number), float(number))


def _share(number: int, total: int) -> Cell:
    return Cell(f"{numbers.count(number)} ({numbers.percent(100 * number / total)})" if number else "0", float(number))
