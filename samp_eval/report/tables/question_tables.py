"""Tables of single questions and answers: the hardest questions, and harmful answers."""

from __future__ import annotations

from collections.abc import Iterator

from samp_eval.analysis.description import FEWEST_TO_COMPARE
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_heading, basis_words, joined, sentence_case
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.mean_scores import MeanScore

__all__ = ["difference_sentence", "hardest_table", "harm_share_table", "harm_table"]


def hardest_table(content: ReportContent, basis: MarkBasis) -> ReportTable:
    """Percentage of correct lines for each question, hardest first, and the difference between respondents."""
    names = [respondent.id for respondent in content.respondents]
    topics = {record.question.id: record.case.topic for record in content.questions}
    questions = [question for question in content.described.by_question if question.basis == basis]
    several, compared = len(names) > 1, any(question.spread is not None for question in questions)
    rows = []
    for question in questions:
        values = {found.respondent: found.percent for found in question.by_respondent}
        row = [Cell(question.question_id), Cell(topics[question.question_id])]
        row += [_percent(values.get(name)) for name in names]
        row += [_percent(question.percent)] if several else []
        row += [_percent(question.spread)] if compared else []
        rows.append(Row(tuple(row)))
    figures = [*names, *(["All"] if several else []), *(["Difference"] if compared else [])]
    return ReportTable(
        f"questions-{basis}",
        f"Percentage of correct lines by question, hardest first; {basis_heading(basis, content)[0].lower()}"
        f"{basis_heading(basis, content)[1:]}",
        columns("Question", "Topic", *figures, numeric=figures),
        tuple(rows),
        tuple(_notes_of_differences(compared=compared, several=several)),
    )


def _notes_of_differences(*, compared: bool, several: bool) -> Iterator[str]:
    few = f"fewer than {numbers.words_for(FEWEST_TO_COMPARE)} scored responses to a question"
    if several:
        yield f"All: lines of all respondents together. {numbers.NONE}: no scored response."
    if compared:
        yield f"Difference: percentage points between the best and the worst respondent, without those with {few}."
    elif several:
        yield f"No difference is shown: all but one at most have {few}."


def difference_sentence(content: ReportContent, basis: MarkBasis, most: int = 3) -> str:
    """The questions on which respondents differ most; empty where none has enough responses to be compared."""
    rows = [question for question in content.described.by_question if question.basis == basis and question.spread]
    widest = sorted(rows, key=lambda question: -(question.spread or 0.0))[:most]
    named = []
    for question in widest:
        lines = ", ".join(
            f"{found.respondent} {numbers.count(found.correct)} of {numbers.count(found.requested)}"
            for found in question.compared
        )
        named.append(f"{question.question_id} ({lines})")
    return (
        f"{sentence_case(basis_words(basis))}, the largest differences in lines correct between respondents with at "
        f"least {numbers.words_for(FEWEST_TO_COMPARE)} scored responses to a question are on {joined(named)}. They "
        "were sought out among all questions, so part of them is chance."
        if named
        else ""
    )


def harm_share_table(content: ReportContent) -> ReportTable:
    """Responses with an answer that a reviewer marked as harmful, n/N, of every respondent."""
    rows = []
    for found in content.harm:
        if isinstance(found.share, MeanScore):
            interval = numbers.interval_of_percents(found.share.ci_low, found.share.ci_high)
        else:
            interval = found.share.reason
        share = Cell(numbers.fraction(found.harmful, found.responses), found.harmful)
        rows.append(Row((Cell(found.respondent), share, Cell(interval))))
    figures = ("Responses, n/N (%)", "95% CI")
    return ReportTable(
        "harm-share",
        "Responses with an answer that at least one reviewer marked as harmful",
        columns("Respondent", *figures, numeric=figures),
        tuple(rows),
        (
            "N: responses of which a person marked every answer. Intervals of Korn and Graubard (1998), clustered on "
            "the question.",
        ),
    )


def harm_table(content: ReportContent) -> ReportTable:
    """Every answer that a reviewer marked as harmful, with the respondents and the reviewers."""
    rows = []
    for record in content.questions:
        for answer in record.answers:
            if answer.harmful:
                given = ", ".join(f"{name} \N{MULTIPLICATION SIGN}{number}" for name, number in answer.given)
                by = ", ".join(
                    mark.reviewer.label for mark in answer.marks if mark.field == "harm" and mark.value == "1"
                )
                rows.append(Row(cells(record.question.id, answer.text, given, by)))
    return ReportTable(
        "harm",
        "Answers that at least one reviewer marked as harmful",
        columns("Question", "Answer", "Given by", "Marked by"),
        tuple(rows),
    )


def _percent(value: float | None) -> Cell:
    return Cell(numbers.NONE) if value is None else Cell(numbers.number(value, 1), value)
