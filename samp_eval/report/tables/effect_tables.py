"""Tables of what the fit means: predictions, differences, pairs of respondents, proportional odds; and agreement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from samp_eval.analysis.study_fit import StudyFit
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.gather import ReportContent
from samp_eval.report.prose.display_names import basis_heading, term_words
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.agreement import NO_INTERVAL, Agreement, Estimate
from samp_eval.statistics.gee.terms import Term

__all__ = [
    "agreement_table",
    "contrasts_table",
    "cut_points_table",
    "differences_table",
    "predictions_table",
    "proportional_odds_table",
    "respondent_by_condition_table",
]


def predictions_table(content: ReportContent) -> ReportTable:
    """Predicted mean score percentage of each respondent."""
    rows: list[Row] = []
    for effects in content.effects:
        rows.append(Row(cells(basis_heading(effects.basis, content)), "group"))
        for one in effects.predictions:
            interval = numbers.interval_of_percents(one.ci_low, one.ci_high)
            rows.append(Row((Cell(one.group), Cell(numbers.number(one.mean, 1), one.mean), Cell(interval))))
    return ReportTable(
        "predictions",
        "Predicted mean score percentage",
        columns("Respondent", "Mean, %", _interval(content), numeric=("Mean, %", _interval(content))),
        tuple(rows),
        ("From the fitted model, averaged over the questions and rounds of the study; intervals by the delta method.",),
    )


def differences_table(content: ReportContent) -> ReportTable:
    """Differences of the predicted means: between respondents, and between conditions."""
    names = [one.id for one in content.respondents]
    rows: list[Row] = []
    for effects in content.effects:
        rows.append(Row(cells(basis_heading(effects.basis, content)), "group"))
        for one in (*effects.differences, *effects.conditions):
            if one.group == one.reference:
                continue
            rows.append(
                Row(
                    (
                        Cell(term_words(one.group, one.reference, names)),
                        Cell(numbers.percentage_points(one.difference), one.difference),
                        Cell(numbers.interval_of_percents(one.ci_low, one.ci_high)),
                        Cell(numbers.p_value(one.p_value), one.p_value),
                    )
                )
            )
    figures = ("Difference, percentage points", _interval(content), "p")
    return ReportTable(
        "differences",
        "Differences of the predicted mean score percentage",
        columns("Comparison", *figures, numeric=figures),
        tuple(rows),
    )


def contrasts_table(content: ReportContent) -> ReportTable:
    """Every pair of respondents, with p-values corrected by Holm."""
    rows: list[Row] = []
    for effects in content.effects:
        rows.append(Row(cells(basis_heading(effects.basis, content)), "group"))
        for one in effects.contrasts:
            term = one.result
            rows.append(
                Row(
                    (
                        Cell(f"{term.term} v {term.reference}"),
                        Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
                        Cell(numbers.interval(term.ci_low, term.ci_high)),
                        Cell(numbers.p_value(one.p_holm), one.p_holm),
                    )
                )
            )
    figures = ("Odds ratio", _interval(content), "p (Holm)")
    return ReportTable(
        "contrasts",
        "Odds ratios of every pair of respondents",
        columns("Comparison", *figures, numeric=figures),
        tuple(rows),
        (
            "Intervals are for one comparison each; p-values are corrected for the number of pairs (Holm 1979), "
            "on each basis by itself.",
            *_no_interval(one.result for effects in content.effects for one in effects.contrasts),
        ),
    )


def _no_interval(terms: Iterable[Term]) -> tuple[str, ...]:
    """Why some terms have no interval, where there are such."""
    if not any(math.isnan(term.ci_low) for term in terms):
        return ()
    return (f"{numbers.NONE}: every cluster shows the same, so there is no standard error, and no interval or test.",)


def proportional_odds_table(content: ReportContent) -> ReportTable:
    """Robust Wald tests that one odds ratio serves every cut point."""
    names = [one.id for one in content.respondents]
    rows: list[Row] = []
    notes: list[str] = []
    for effects in content.effects:
        check = effects.proportional_odds
        heading = basis_heading(effects.basis, content)
        rows.append(Row(cells(heading), "group"))
        if isinstance(check, str):
            rows.append(Row(cells(f"Not checked: {check.rstrip('.')}."), "remark"))
            continue
        references = _references(content, effects.basis)
        for test in (*check.by_term, *filter(None, [check.overall])):
            label = (
                term_words(test.tested, references[test.tested], names) if test.tested in references else "All terms"
            )
            rows.append(
                Row(
                    (
                        Cell(label),
                        Cell(numbers.number(test.statistic), test.statistic),
                        Cell(numbers.count(test.degrees_of_freedom), test.degrees_of_freedom),
                        Cell(numbers.p_value(test.p_value), test.p_value),
                    ),
                    "body" if test.tested in references else "total",
                )
            )
        notes += [f"{heading}: {warning[:1].lower()}{warning[1:].rstrip('.')}." for warning in check.warnings]
    figures = ("Wald", "df", "p")
    return ReportTable(
        "proportional-odds",
        "Proportional odds: robust Wald tests that the odds ratio is the same at every cut point",
        columns("Term", *figures, numeric=figures),
        tuple(rows),
        (
            "A small p-value means that one odds ratio does not tell the whole story. Bias-reduced covariance; "
            "p-values by Hotelling’s F with df and clusters less df.",
            *dict.fromkeys(notes),
        ),
    )


def cut_points_table(content: ReportContent) -> ReportTable | None:
    """Odds ratios of scoring above each level, for the terms whose odds ratios differ; None where none do."""
    names = [one.id for one in content.respondents]
    rows: list[Row] = []
    for effects in content.effects:
        check = effects.proportional_odds
        if isinstance(check, str):
            continue
        references = _references(content, effects.basis)
        failing = [test.tested for test in check.by_term if test.p_value < 1 - content.study.analysis.confidence]
        rows += [Row(cells(basis_heading(effects.basis, content)), "group")] if failing else []
        for name in failing:
            for place, cut in enumerate(check.cut_points):
                term = next(one for one in cut.terms if one.term == name)
                rows.append(
                    Row(
                        (
                            Cell("" if place else term_words(name, references.get(name, ""), names)),
                            Cell(f"above {numbers.percent(cut.above, 0)}"),
                            Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
                            Cell(numbers.interval(term.ci_low, term.ci_high)),
                            Cell(numbers.p_value(term.p_value), term.p_value),
                        )
                    )
                )
    if not rows:
        return None
    figures = ("Odds ratio", _interval(content), "p")
    return ReportTable(
        "cut-points",
        "Where one odds ratio does not serve: odds ratios of scoring above each level",
        columns("Term", "Score percentage", *figures, numeric=figures),
        tuple(rows),
        ("Logistic generalised estimating equations at each cut point; bias-reduced standard errors.",),
    )


def respondent_by_condition_table(content: ReportContent) -> ReportTable | None:
    """Odds ratios of the respondents under each condition, and whether they differ; None where there are none."""
    rows: list[Row] = []
    notes: list[str] = []
    for effects in content.effects:
        found = effects.by_condition
        rows += [Row(cells(basis_heading(effects.basis, content)), "group")] if found.effects else []
        notes += found.left_out
        for one in found.effects:
            for place, (condition, term) in enumerate(
                ((one.reference, one.under_reference), (one.condition, one.under_condition))
            ):
                rows.append(
                    Row(
                        (
                            Cell("" if place else f"{term.term} v {term.reference}"),
                            Cell(condition),
                            Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
                            Cell(numbers.interval(term.ci_low, term.ci_high)),
                            Cell("" if place else numbers.p_value(one.interaction.p_value)),
                        )
                    )
                )
    if not rows:
        return None
    figures = ("Odds ratio", _interval(content), "p of the difference")
    return ReportTable(
        "respondent-by-condition",
        "Odds ratios of the respondents under each condition",
        columns("Comparison", "Condition", *figures, numeric=figures),
        tuple(rows),
        (
            "One condition at a time: the study's model with the products of that condition and the respondents. "
            "p-values are not corrected for their number.",
            *_no_interval(
                term
                for effects in content.effects
                for one in effects.by_condition.effects
                for term in (one.under_reference, one.under_condition, one.interaction)
            ),
            *dict.fromkeys(notes),
        ),
    )


def agreement_table(content: ReportContent) -> ReportTable:
    """Agreement of the reviewers before adjudication: over all answers, by respondent, with their earlier selves."""
    rows: list[Row] = []
    notes: list[str] = []
    lacking = False
    found = content.agreement.bases if content.agreement is not None else {}
    for basis in content.bases:
        one = found.get(basis)
        if one is None or not one.overall.n:
            continue
        rows.append(Row(cells(f"{basis_heading(basis, content)}: {', '.join(one.reviewers)}"), "group"))
        rows.append(Row((Cell("All answers"), *_statistics(one.overall))))
        rows += [Row((Cell(f"Answers of {name}"), *_statistics(part))) for name, part in one.by_respondent.items()]
        rows += [
            Row((Cell(f"{name} against an earlier self"), *_statistics(part)))
            for name, part in one.within_reviewer.items()
        ]
        shown = (one.overall, *one.by_respondent.values(), *one.within_reviewer.values())
        lacking |= any(part.lacks_interval for part in shown)
        if one.note:
            notes.append(f"{basis_heading(basis, content)}: {one.note}")
    figures = (
        "Answers",
        "Agreement, %",
        "Cohen\N{RIGHT SINGLE QUOTATION MARK}s kappa",
        "Gwet\N{RIGHT SINGLE QUOTATION MARK}s AC1",
    )
    alpha = "Krippendorff\N{RIGHT SINGLE QUOTATION MARK}s alpha"
    return ReportTable(
        "agreement",
        "Agreement of the reviewers before adjudication, with 95% intervals",
        columns("", *figures, alpha, numeric=(*figures, alpha)),
        tuple(rows),
        ("Intervals by bootstrap over questions.", *[NO_INTERVAL] * lacking, *notes),
    )


def _references(content: ReportContent, basis: MarkBasis) -> dict[str, str]:
    fits = [one.fit for one in content.estimates if isinstance(one, StudyFit) and one.basis == basis]
    return {term.term: term.reference for fit in fits for term in fit.terms}


def _statistics(one: Agreement) -> Iterator[Cell]:
    yield Cell(numbers.count(one.n), one.n)
    yield _estimate(one.percent, 1)
    for statistic in (one.cohen_kappa, one.gwet_ac1, one.krippendorff_alpha):
        yield _estimate(statistic, 2)


def _estimate(one: Estimate, decimals: int) -> Cell:
    if one.value is None:
        return Cell(numbers.NONE)
    text = numbers.number(one.value, decimals)
    if one.ci_low is not None and one.ci_high is not None:
        text += f" ({numbers.interval_of_percents(one.ci_low, one.ci_high, decimals)})"
    return Cell(text, one.value)


def _interval(content: ReportContent) -> str:
    return f"{numbers.number(100 * content.study.analysis.confidence, 0)}% CI"
