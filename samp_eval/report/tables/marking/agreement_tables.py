"""Tables of how far the reviewers agree, and of how severe each is."""

from __future__ import annotations

from collections.abc import Iterator

from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_heading
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.reviewers.agreement import (
    MEAN_OF_PAIRS,
    NO_INTERVAL,
    Agreement,
    IntervalEstimate,
)

__all__ = ["agreement_table", "severity_table"]


_BY_LINES = (
    "By lines: each distinct answer counts as often as its line occurs in the responses, so that the figures say how "
    "far the reviewers agree on what makes the scores."
)

_INTERVALS = (
    "Intervals allow for answers of one question being alike: for agreement that of Korn and Graubard (1998) on an "
    "effective number of answers, for coefficients those of observed and expected disagreement combined (Donner and "
    "Zou 2012)."
)


def agreement_table(content: ReportContent) -> ReportTable:
    """Agreement before adjudication: over all answers, by respondent, and of each reviewer on repeated answers."""
    rows: list[Row] = []
    notes: list[str] = []
    lacking = False
    found = content.agreement_by_basis
    for basis in content.bases:
        agreement = found.get(basis)
        if agreement is None or not agreement.overall.n:
            continue
        rows.append(Row(cells(f"{basis_heading(basis, content)}: {', '.join(agreement.reviewers)}"), "group"))
        rows.append(Row((Cell("All answers"), *_statistics(agreement.overall))))
        rows.append(Row((Cell("All answers, by lines"), *_statistics(agreement.by_lines))))
        rows += [
            Row((Cell(f"Answers of {name}"), *_statistics(part))) for name, part in agreement.by_respondent.items()
        ]
        rows += [Row((Cell(pair), *_statistics(part))) for pair, part in agreement.by_pair.items()]
        rows += [
            Row((Cell(f"{name}, repeated marks"), *_statistics(part)))
            for name, part in agreement.within_reviewer.items()
        ]
        parts = (agreement.by_respondent, agreement.by_pair, agreement.within_reviewer)
        shown = (agreement.overall, *(part for of_kind in parts for part in of_kind.values()))
        lacking |= any(part.lacks_interval for part in shown)
        if agreement.note:
            notes.append(f"{basis_heading(basis, content)}: {agreement.note}")
    of_panel = any(len(agreement.reviewers) > 2 for agreement in found.values())
    figures = (
        "Answers",
        "Agreement, %",
        "Cohen\N{RIGHT SINGLE QUOTATION MARK}s kappa",
        "Gwet\N{RIGHT SINGLE QUOTATION MARK}s AC1",
    )
    alpha = "Krippendorff\N{RIGHT SINGLE QUOTATION MARK}s alpha"
    return ReportTable(
        "agreement",
        "Agreement between the reviewers before adjudication, with 95% intervals",
        columns("", *figures, alpha, numeric=(*figures, alpha)),
        tuple(rows),
        (_BY_LINES, _INTERVALS, *[MEAN_OF_PAIRS] * of_panel, *[NO_INTERVAL] * lacking, *notes),
    )


def severity_table(content: ReportContent) -> ReportTable:
    """How severe each reviewer is beside the others who marked the same answers."""
    rows: list[Row] = []
    notes: list[str] = []
    for basis, agreement in content.agreement_by_basis.items():
        found = agreement.severity
        if isinstance(found, NotEstimated):
            notes.append(f"{basis_heading(basis, content)}: {found.reason}")
            continue
        rows.append(Row(cells(basis_heading(basis, content)), "group"))
        estimates = zip(found.reviewers, found.severity, found.ci_low, found.ci_high, strict=True)
        for name, value, low, high in estimates:
            text = f"{numbers.number(value)} ({numbers.interval_of_percents(low, high, 2)})"
            rows.append(Row((Cell(name), Cell(text, value))))
        notes.append(
            f"{basis_heading(basis, content)}: {numbers.plural(found.n_differing, 'pair')} of marks differ; that all "
            f"reviewers are alike: {numbers.p_sentence(found.p_value)}."
        )
    return ReportTable(
        "severity",
        "Severity of the reviewers, with 95% intervals",
        columns("", "Severity", numeric=("Severity",)),
        tuple(rows),
        (
            "Log odds of withholding credit, against the mean of all reviewers, from the answers that reviewers marked "
            "differently; intervals are robust over questions.",
            *notes,
        ),
    )


def _statistics(agreement: Agreement) -> Iterator[Cell]:
    yield Cell(numbers.count(agreement.n), agreement.n)
    yield _estimate(agreement.percent, 1)
    for statistic in (agreement.cohen_kappa, agreement.gwet_ac1, agreement.krippendorff_alpha):
        yield _estimate(statistic, 2)


def _estimate(estimate: IntervalEstimate, decimals: int) -> Cell:
    if estimate.value is None:
        return Cell(numbers.NONE)
    text = numbers.number(estimate.value, decimals)
    if estimate.ci_low is not None and estimate.ci_high is not None:
        text += f" ({numbers.interval_of_percents(estimate.ci_low, estimate.ci_high, decimals)})"
    return Cell(text, estimate.value)
