"""Tables derived from the fit: predictions, differences, contrasts, proportional odds; and agreement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from samp_eval.analysis.model.cut_points import failing_terms
from samp_eval.analysis.model.effects import LEVEL_WORDS
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_heading, joined, term_words
from samp_eval.report.tables.main_tables import count_cells, has_own_questions, term_cells
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.gee.effects import Prediction
from samp_eval.statistics.gee.proportional_odds import WaldTest
from samp_eval.statistics.gee.terms import Term
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = [
    "contrasts_table",
    "differences_table",
    "partial_odds_table",
    "predictions_table",
    "proportional_odds_table",
    "respondent_by_condition_table",
]

_OTHER_QUESTIONS = (
    "Respondents that answered other questions than the reference stand beside the reference on the questions that "
    "both answered; rows on different questions cannot be compared."
)


def predictions_table(content: ReportContent) -> ReportTable:
    """Predicted mean score percentage of each respondent."""
    rows: list[Row] = []
    own = any(effects.reference_on_same for effects in content.effects)
    figures = (*(("Questions",) if own else ()), "Mean, %", _interval(content))
    for effects in content.effects:
        rows.append(Row(cells(basis_heading(effects.basis, content)), "group"))
        for prediction in effects.predictions:
            count = effects.n_questions[prediction.group]
            rows.append(_prediction_row(prediction.group, prediction, count if own else None))
            same = effects.reference_on_same.get(prediction.group)
            if same is not None:
                rows.append(_prediction_row(f"{same.group}, on the same questions", same, count))
    return ReportTable(
        "predictions",
        "Predicted mean score percentage",
        columns("Respondent", *figures, numeric=figures),
        tuple(rows),
        (
            "From the fitted model, averaged over the questions and rounds of the study; errors by the delta method, "
            "intervals of Korn and Graubard (1998), which stay on the scale.",
            *([_OTHER_QUESTIONS] if own else ()),
        ),
    )


def _prediction_row(name: str, prediction: Prediction, questions: int | None) -> Row:
    interval = numbers.interval_of_percents(prediction.ci_low, prediction.ci_high)
    count = [] if questions is None else [Cell(numbers.count(questions), questions)]
    return Row((Cell(name), *count, Cell(numbers.number(prediction.mean, 1), prediction.mean), Cell(interval)))


def differences_table(content: ReportContent) -> ReportTable:
    """Differences in predicted means, between respondents and between conditions."""
    names = [respondent.id for respondent in content.respondents]
    rows: list[Row] = []
    own = has_own_questions(content)
    for effects in content.effects:
        rows.append(Row(cells(basis_heading(effects.basis, content)), "group"))
        counted = {term.column: count_cells(term) for term in content.fits[effects.basis].terms}
        for difference in (*effects.differences, *effects.conditions):
            if difference.group == difference.reference:
                continue
            rows.append(
                Row(
                    (
                        Cell(term_words(difference.group, difference.reference, names)),
                        *(counted[difference.group] if own else ()),
                        Cell(numbers.percentage_points(difference.difference), difference.difference),
                        Cell(numbers.interval_of_percents(difference.ci_low, difference.ci_high)),
                        Cell(numbers.p_value(difference.p_value), difference.p_value),
                    )
                )
            )
    counts = ("Questions", "Responses") if own else ()
    figures = (*counts, "Difference, percentage points", _interval(content), "p")
    return ReportTable(
        "differences",
        "Differences in predicted mean score percentage",
        columns("Comparison", *figures, numeric=figures),
        tuple(rows),
        ("Wald tests; intervals combine those of the two means (Zou and Donner 2008).",),
    )


def contrasts_table(content: ReportContent) -> ReportTable:
    """Every pair of respondents, with Holm-corrected p-values."""
    rows: list[Row] = []
    own = len({contrast.n_questions for effects in content.effects for contrast in effects.contrasts}) > 1
    for effects in content.effects:
        rows.append(Row(cells(basis_heading(effects.basis, content)), "group"))
        for contrast in effects.contrasts:
            term = contrast.result
            rows.append(
                Row(
                    (
                        Cell(f"{term.term} v {term.reference}"),
                        *([Cell(numbers.count(contrast.n_questions), contrast.n_questions)] if own else []),
                        Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
                        Cell(numbers.interval(term.ci_low, term.ci_high)),
                        Cell(numbers.p_value(contrast.p_holm), contrast.p_holm),
                    )
                )
            )
    figures = (*(("Questions",) if own else ()), "Odds ratio", _interval(content), "p (Holm)")
    return ReportTable(
        "contrasts",
        "Odds ratios of every pair of respondents",
        columns("Comparison", *figures, numeric=figures),
        tuple(rows),
        (
            "Intervals are for single comparisons; p-values are corrected for the number of pairs on each basis "
            "(Holm 1979).",
            *_no_interval(contrast.result for effects in content.effects for contrast in effects.contrasts),
        ),
    )


def _no_interval(terms: Iterable[Term]) -> tuple[str, ...]:
    """A note that explains why some terms have no interval; empty if all have one."""
    if not any(math.isnan(term.ci_low) for term in terms):
        return ()
    return (
        f"{numbers.NONE}: the scores are the same in every cluster, so there is no standard error, interval or test.",
    )


def proportional_odds_table(content: ReportContent) -> ReportTable:
    """Robust Wald tests of proportional odds."""
    names = [respondent.id for respondent in content.respondents]
    rows: list[Row] = []
    notes: list[str] = []
    for effects in content.effects:
        check = effects.proportional_odds
        heading = basis_heading(effects.basis, content)
        rows.append(Row(cells(heading), "group"))
        if isinstance(check, NotEstimated):
            rows.append(Row(cells(f"Not checked: {check.clause}."), "remark"))
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
        if untested := [column for column in references if column not in {test.tested for test in check.by_term}]:
            notes.append(
                f"{heading}: not tested for {joined(untested)}, whose odds ratios come from fits to other questions."
            )
        notes += [f"{heading}: {warning[:1].lower()}{warning[1:].rstrip('.')}." for warning in check.warnings]
    figures = ("Wald", "df", "p")
    return ReportTable(
        "proportional-odds",
        "Proportional odds: robust Wald tests that the odds ratio is the same at every cut point",
        columns("Term", *figures, numeric=figures),
        tuple(rows),
        (
            "A small p-value means that one odds ratio does not describe every cut point. The tests use the "
            "bias-reduced covariance and Hotelling’s F, with df and clusters minus df degrees of freedom.",
            *dict.fromkeys(notes),
        ),
    )


def partial_odds_table(content: ReportContent) -> ReportTable | None:
    """The model in which terms whose odds ratios differ have one for each cut point; None if none differ."""
    rows: list[Row] = []
    notes: list[str] = []
    for effects in content.effects:
        check, partial = effects.proportional_odds, effects.partial_odds
        if partial is None or isinstance(check, NotEstimated):
            continue
        heading = basis_heading(effects.basis, content)
        rows.append(Row(cells(heading), "group"))
        failing = [test.tested for test in failing_terms(check, content.study.analysis.confidence)]
        if isinstance(partial, NotEstimated):
            apart = check.cut_points
            rows.append(Row(cells(f"Each cut point by itself (logistic fits): {partial.clause}."), "remark"))
        else:
            apart = partial.cut_points
            notes += [f"{heading}: {words}" for words in _equality_words(partial.equal)]
        for name in failing:
            for place, cut in enumerate(apart):
                term = next(candidate for candidate in cut.terms if candidate.term == name)
                label = "" if place else _label(term, content, effects.basis)
                rows.append(Row((Cell(label), Cell(f"above {numbers.percent(cut.above, 0)}"), *term_cells(term))))
        common = () if isinstance(partial, NotEstimated) else partial.common
        rows += [
            Row((Cell(_label(term, content, effects.basis)), Cell("above any"), *term_cells(term))) for term in common
        ]
    if not rows:
        return None
    figures = ("Odds ratio", _interval(content), "p")
    return ReportTable(
        "partial-odds",
        "Partial proportional odds: odds ratios of scoring above each level, for terms whose test of proportional odds "
        "is below the level",
        columns("Term", "Score percentage", *figures, numeric=figures),
        tuple(rows),
        (
            "One fit of all cut points (Peterson and Harrell 1990) with the equations of the primary model: the terms "
            "that failed have an odds ratio for each cut point, the others one for all; bias-reduced standard errors "
            "over clusters. The tests that chose the terms are not corrected for their number: of twenty terms with "
            "proportional odds one is expected here.",
            *notes,
        ),
    )


def _equality_words(tests: Sequence[WaldTest]) -> list[str]:
    return [
        f"joint Wald test that the odds ratios of {test.tested} are the same at every cut point: "
        f"{numbers.number(test.statistic)} on {numbers.plural(test.degrees_of_freedom, 'degree')} of freedom, "
        f"{numbers.p_sentence(test.p_value)}."
        for test in tests
    ]


def _label(term: Term, content: ReportContent, basis: MarkBasis) -> str:
    names = [respondent.id for respondent in content.respondents]
    return term_words(term.term, _references(content, basis).get(term.term, ""), names)


def respondent_by_condition_table(content: ReportContent) -> ReportTable | None:
    """Odds ratios of the respondents under each condition, and whether they differ; None if there are none."""
    rows: list[Row] = []
    notes: list[str] = []
    for effects in content.effects:
        found = effects.by_condition
        rows += [Row(cells(basis_heading(effects.basis, content)), "group")] if found.effects else []
        notes += found.left_out
        for effect in found.effects:
            for place, (condition, term, counts) in enumerate(
                (
                    (effect.reference, effect.under_reference, effect.counts_under_reference),
                    (effect.condition, effect.under_condition, effect.counts_under_condition),
                )
            ):
                rows.append(
                    Row(
                        (
                            Cell("" if place else f"{term.term} v {term.reference}"),
                            Cell(LEVEL_WORDS.get(condition, condition)),
                            *(Cell(numbers.count(count), count) for count in counts),
                            Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
                            Cell(numbers.interval(term.ci_low, term.ci_high)),
                            Cell("" if place else numbers.p_value(effect.interaction.p_value)),
                        )
                    )
                )
    if not rows:
        return None
    figures = ("Questions", "Responses", "Odds ratio", _interval(content), "p of the difference")
    return ReportTable(
        "respondent-by-condition",
        "Odds ratios of the respondents under each condition",
        columns("Comparison", "Condition", *figures, numeric=figures),
        tuple(rows),
        (
            "For one condition at a time: the study’s model with the products of that "
            "condition and the respondents. Questions: on which both have a score under that condition; responses: "
            "those of the two. p-values are not corrected for the number of tests.",
            *_no_interval(
                term
                for effects in content.effects
                for effect in effects.by_condition.effects
                for term in (effect.under_reference, effect.under_condition, effect.interaction)
            ),
            *dict.fromkeys(notes),
        ),
    )


def _references(content: ReportContent, basis: MarkBasis) -> dict[str, str]:
    return {term.column: term.reference for term in content.fits[basis].terms}


def _interval(content: ReportContent) -> str:
    return numbers.confidence_heading(content.study.analysis.confidence)
