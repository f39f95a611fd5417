"""Tables of the questions that are answered by choosing: what was readable, subjects, several right answers, places."""

from __future__ import annotations

from collections.abc import Iterable

from samp_eval.analysis.comparison.study_comparison import StudyComparison
from samp_eval.report import numbers
from samp_eval.report.prose.display_names import basis_words
from samp_eval.report.tables.table import Cell, ReportTable, Row, columns
from samp_eval.statistics.mean_scores import MeanScore
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["option_tables"]


def option_tables(found: StudyComparison) -> list[ReportTable]:
    """Every table for which there are data."""
    tables = []
    if found.options.readable:
        tables.append(_readable(found))
    if found.options.subjects:
        tables.append(_subjects(found))
    if found.options.several_right:
        tables.append(_several(found))
    if found.options.places:
        tables.append(_places(found))
    return tables


def _readable(found: StudyComparison) -> ReportTable:
    rows = []
    for share in found.options.readable:
        as_zero = share.mean_unreadable_zero
        rows.append(
            Row(
                (
                    Cell(share.respondent),
                    Cell(numbers.count(share.responses), share.responses),
                    Cell(numbers.fraction(share.unreadable, share.responses), share.unreadable),
                    _mean(share.mean),
                    Cell(numbers.NONE) if as_zero is None else Cell(numbers.number(as_zero, 1), as_zero),
                )
            )
        )
    return _table(
        "readable",
        "Questions with options: responses that name one",
        ("Responses", "Unreadable, n/N (%)", "Score of the others, %", "Score if unreadable were wrong, %"),
        rows,
        "Unreadable: no option is named, or several where one is wanted; a person decides, and until then there is no "
        "score.",
        found,
    )


def _subjects(found: StudyComparison) -> ReportTable:
    rows = [
        Row(
            (
                Cell(score.subject),
                Cell(score.respondent),
                Cell(numbers.count(score.questions), score.questions),
                _mean(score.mean),
            )
        )
        for score in found.options.subjects
    ]
    note = "Subjects with at least 10 questions. Intervals are not corrected for the number of subjects."
    return _table(
        "subjects", "Mean scores by subject", ("Respondent", "Questions", "Score, %"), rows, note, found, "Subject"
    )


def _several(found: StudyComparison) -> ReportTable:
    rows = [
        Row(
            (
                Cell(several.respondent),
                Cell(numbers.count(several.questions), several.questions),
                _mean(several.exact),
                _mean(several.partial),
            )
        )
        for several in found.options.several_right
    ]
    note = (
        "Partial credit: the right options chosen, in percent of those asked for; where their number is not told, in "
        "percent of all that are right or chosen (Hamming score)."
    )
    heads = ("Questions", "Exactly the right options, %", "Partial credit, %")
    return _table("several-right", "Questions with several right options", heads, rows, note, found)


def _places(found: StudyComparison) -> ReportTable:
    rows = [
        Row(
            (
                Cell(place.respondent),
                Cell(place.letter),
                Cell(numbers.number(place.right_percent, 1), place.right_percent),
                Cell(numbers.number(place.chosen_percent, 1), place.chosen_percent),
                _mean(place.excess),
            )
        )
        for place in found.options.places
    ]
    note = (
        "Places as the respondent saw them; one that is chosen more often than it is right is favoured. Only shuffled "
        "options tell a favoured place from a kind of answer that stands there."
    )
    heads = ("Place", "Right there, %", "Chosen, %", "Chosen less right, points")
    return _table("places", "Single best answers: places that are favoured", heads, rows, note, found)


def _table(
    name: str,
    title: str,
    heads: tuple[str, ...],
    rows: Iterable[Row],
    note: str,
    found: StudyComparison,
    first: str = "Respondent",
) -> ReportTable:
    basis, interval = found.choices.basis, numbers.confidence_heading(found.choices.confidence)
    words = tuple(head for head in heads if head not in ("Respondent", "Place"))
    return ReportTable(
        f"{name}-{basis}",
        f"{title}, {basis_words(basis)}",
        columns(first, *heads, numeric=words),
        tuple(rows),
        (f"{note} In brackets: {interval}.",),
    )


def _mean(mean: MeanScore | NotEstimated) -> Cell:
    if isinstance(mean, NotEstimated):
        return Cell(f"Not estimated: {mean.reason}")
    interval = numbers.interval_of_percents(mean.ci_low, mean.ci_high)
    return Cell(f"{numbers.number(mean.mean, 1)} ({interval})", mean.mean)
