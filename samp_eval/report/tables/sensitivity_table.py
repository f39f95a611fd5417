"""The main odds ratios under alternative choices, in one table."""

from __future__ import annotations

from samp_eval.analysis.model.sensitivity import LINES, MARKS, PLANNED, Variation
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import (
    CLUSTER_WORDS,
    COVARIANCE_WORDS,
    basis_heading,
    consensus_words,
    term_words,
    typographic,
)
from samp_eval.report.tables.main_tables import term_cells
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.gee.terms import Term
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["main_terms", "sensitivity_table"]


def main_terms(fit: StudyFit, respondents: list[str]) -> list[Term]:
    """The comparisons of respondents; with one respondent, the first comparison of conditions."""
    return [term for term in fit.terms if term.column in respondents] or list(fit.terms[:1])


def sensitivity_table(content: ReportContent) -> ReportTable:
    """One row for each choice and each main comparison."""
    names = [respondent.id for respondent in content.respondents]
    rows: list[Row] = []
    for basis in content.bases:
        rows.append(Row(cells(basis_heading(basis, content)), "group"))
        of_basis = [variation for variation in content.variations if variation.basis == basis]
        planned = {name for variation in of_basis if variation.what == PLANNED for name in _compared(variation)}
        for variation in of_basis:
            rows += _rows(variation, names, planned)
    interval = numbers.confidence_heading(content.study.analysis.confidence)
    figures = ("SE (log odds)", "Odds ratio", interval, "p")
    plan = content.study.analysis
    return ReportTable(
        "sensitivity",
        "The same odds ratios with one choice changed at a time",
        columns("Choice", "Comparison", *figures, numeric=figures),
        tuple(rows),
        (
            f"As planned: cluster {CLUSTER_WORDS[plan.cluster].lower()}, working association {plan.association}, "
            f"{COVARIANCE_WORDS[plan.covariance]} errors, consensus {content.study.review.consensus}, "
            f"failures left out.",
            *_case_note(content),
            *_scale_note(content),
            *_marks_note(content),
        ),
    )


def _case_note(content: ReportContent) -> tuple[str, ...]:
    if not any((variation.what, variation.choice) == ("cluster", "case") for variation in content.variations):
        return ()
    return (
        "Cluster: case takes the cases for a random sample, with all their questions: the row is for a population of "
        "cases. Cluster: question takes the questions for one, as if every case could have had others.",
    )


def _scale_note(content: ReportContent) -> tuple[str, ...]:
    if not any(variation.what == LINES for variation in content.variations):
        return ()
    return (
        "Each line right or wrong: odds ratios of a right line, on a scale that does not depend on how many lines a "
        "question asks for. All other rows are on the scale of scores, which does.",
    )


def _marks_note(content: ReportContent) -> tuple[str, ...]:
    if not any(variation.what == MARKS for variation in content.variations):
        return ()
    return (
        "The other rows are conditional on the marks as they are: wrong marks bring their odds ratios nearer to 1 and "
        "are not in their intervals. Marks: both are corrected for by how often settled marks are wrong, as rulings on "
        "disagreements tell, if an error does not depend on whose answer it is and errors on different answers are "
        "independent; the interval has the error of these rates. Errors that both reviewers make together are "
        "corrected for only where a third person marked a share of the agreed answers too: agreement cannot see them.",
    )


def _compared(variation: Variation) -> set[str]:
    """The reference and the respondents with an odds ratio."""
    if isinstance(variation.outcome, NotEstimated):
        return set()
    fit = variation.outcome
    return {fit.respondents[0], *(term.column for term in fit.terms if term.column in fit.respondents)}


def _rows(variation: Variation, respondents: list[str], planned: set[str]) -> list[Row]:
    """The results of a variation, and why a respondent of the planned model is missing from it."""
    words = _choice_words(variation)
    if isinstance(variation.outcome, NotEstimated):
        return [_no_row(words, variation.outcome.reason)]
    missing = planned.difference(_compared(variation))
    reasons = [_why_left_out(name, variation.outcome) for name in respondents if name in missing]
    found = [
        Row(
            (
                Cell("" if position else words),
                Cell(term_words(term.term, term.reference, respondents)),
                *term_cells(term, standard_error=True),
            )
        )
        for position, term in enumerate(main_terms(variation.outcome, respondents))
    ]
    return found + [_no_row("", reason) for reason in reasons]


def _why_left_out(name: str, fit: StudyFit) -> str:
    beginnings = tuple(f"left out: {name}{more}" for more in (" has ", ", because ", ": "))
    found = (warning.removeprefix("left out: ") for warning in fit.warnings if warning.startswith(beginnings))
    return next(found, f"{name} has no scored response").replace(f"{name}, because", f"{name}:", 1)


def _no_row(words: str, reason: str) -> Row:
    return Row((Cell(words), Cell(f"Not estimated: {reason}"), *(Cell("") for _ in range(4))))


def _choice_words(variation: Variation) -> str:
    what, choice = variation.what, variation.choice
    if what == PLANNED:
        return "As planned"
    if what == "cluster":
        return f"Cluster: {CLUSTER_WORDS[choice].lower()}"
    if what == "covariance":
        return f"Errors: {COVARIANCE_WORDS[choice]}"
    if what == "consensus":
        return f"Consensus: {consensus_words(choice)}"
    if what == "association":
        return f"Association: {choice}"
    return typographic(f"{what.capitalize()}: {choice}") if what == MARKS else f"{what.capitalize()}: {choice}"
