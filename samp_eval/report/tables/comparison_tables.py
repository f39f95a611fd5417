"""Tables of the simpler statistics: means, differences, odds ratios of lines, one-line tests, consistency."""

from __future__ import annotations

from collections.abc import Iterator

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.mean_scores import RespondentScore
from samp_eval.analysis.comparison.study_comparison import StudyComparison
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import CLUSTER_WORDS, basis_words, term_words, typographic
from samp_eval.report.tables.main_tables import consistency_notes, steady_respondent, term_cells, warning_notes
from samp_eval.report.tables.option_tables import option_tables
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns, named_table
from samp_eval.statistics.mean_scores import MeanDifference, MeanScore
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["SIMPLER_STATISTICS", "comparison_tables", "simpler_statistics_tables"]

SIMPLER_STATISTICS = (
    "Other studies report these statistics: mean scores and their differences, odds ratios of correct answer lines, "
    "and exact tests for questions that ask for one line. They do not replace the planned model."
)

_FAILED_NAMED = 10

_FEWEST_DISCORDANT = 6
"""Of five that all differ one way the two-sided p value is 2 / 2**5 = 0.06; of six it is 0.03."""

_FAILURES = {"missing": "failures left out", "zero": "failures counted as the lowest score"}
_LEVELS = {"all": "every score level", "grouped": "scores grouped into none, some, all"}


def comparison_tables(found: StudyComparison) -> list[ReportTable]:
    """Every table for which there are data.

    Parameters
    ----------
    found : StudyComparison
    """
    tables = [_scores(found)]
    if found.differences:
        tables.append(_differences(found))
    tables.append(_odds_ratios(found))
    if found.one_line:
        tables.append(_one_line(found))
    if found.consistency:
        tables.append(_consistency(found))
    return [*tables, *option_tables(found)]


def simpler_statistics_tables(content: ReportContent) -> tuple[ReportTable, ...]:
    """The tables of a report that it does not show in another section, on every basis."""
    tables = []
    for found in content.comparisons:
        tables.append(_scores(found))
        if found.differences:
            tables.append(_differences(found))
        tables.append(_odds_ratios(found, content.fits.get(found.choices.basis), lines_only=True))
        if found.one_line:
            tables.append(_one_line(found))
        tables += option_tables(found)
    return tuple(tables)


_EXACT_MARK = (
    "; p is one-sided, of the same method, and takes the pass mark as exact. The error of a mark that experts set is "
    "in the probabilities of samp-eval standard."
)


def _scores(found: StudyComparison) -> ReportTable:
    choices = found.choices
    figures = [
        "Questions",
        "Responses",
        "Failures",
        "Open",
        "Mean score",
        _interval(choices),
        "Mean, failures as lowest",
    ]
    if choices.pass_mark is not None:
        figures += [f"Mean above {choices.pass_mark:g}, p", f"Responses at {choices.pass_mark:g} or more, %"]
    note = (
        f"Scale {choices.lowest:g} to {choices.highest:g}. Intervals stay on it (Korn and Graubard 1998) and use "
        f"clustered errors (cluster: {CLUSTER_WORDS[choices.cluster].lower()})"
    )
    rows = tuple(Row((Cell(score.respondent), *_score_cells(score))) for score in found.scores)
    return ReportTable(
        f"mean-scores-{choices.basis}",
        f"Mean scores {_choice_words(choices)}",
        columns("Respondent", *figures, numeric=figures),
        rows,
        (
            f"{note}." if choices.pass_mark is None else f"{note}{_EXACT_MARK}",
            *_failed(found),
        ),
    )


def _failed(found: StudyComparison) -> tuple[str, ...]:
    """Which questions failed, of whom and in which round; the first ones and a count where they are many."""
    notes = []
    for score in found.scores:
        named = [f"{question} (round {number})" for question, number in score.failed_questions[:_FAILED_NAMED]]
        more = len(score.failed_questions) - len(named)
        if named:
            others = f" and {numbers.count(more)} more" if more else ""
            notes.append(f"{score.respondent} failed on {', '.join(named)}{others}.")
    return tuple(notes)


def _score_cells(score: RespondentScore) -> Iterator[Cell]:
    for number in (score.n_questions, score.responses, score.failures, score.open):
        yield Cell(numbers.count(number), number)
    if isinstance(score.mean, NotEstimated):
        left_out = score.mean_failures_missing
        yield Cell(numbers.NONE) if left_out is None else Cell(numbers.number(left_out), left_out)
        yield Cell(f"Not estimated: {score.mean.reason}")
    else:
        yield Cell(numbers.number(score.mean.mean), score.mean.mean)
        yield Cell(numbers.interval_of_percents(score.mean.ci_low, score.mean.ci_high, 2))
    as_zero = score.mean_failures_zero
    yield Cell(numbers.NONE) if as_zero is None else Cell(numbers.number(as_zero), as_zero)
    if score.passing is not None:
        above = None if isinstance(score.mean, NotEstimated) else score.mean.p_above
        yield Cell(numbers.NONE) if above is None else Cell(numbers.p_value(above), above)
        yield _share(score.passing)


def _share(passing: MeanScore | NotEstimated) -> Cell:
    if isinstance(passing, NotEstimated):
        return Cell(f"Not estimated: {passing.reason}")
    interval = numbers.interval_of_percents(passing.ci_low, passing.ci_high)
    return Cell(f"{numbers.number(passing.mean, 1)} ({interval})", passing.mean)


def _differences(found: StudyComparison) -> ReportTable:
    rows = []
    for comparison in found.differences:
        for words, outcome in (
            ("all responses, clustered", comparison.clustered),
            ("paired by question", comparison.paired),
        ):
            named = (Cell(f"{comparison.respondent} v {comparison.reference}"), Cell(words))
            count = Cell(numbers.count(comparison.n_questions), comparison.n_questions)
            rows.append(Row((*named, count, *_difference_cells(outcome))))
    figures = ("Questions", "Difference", _interval(found.choices), "p")
    return ReportTable(
        f"mean-differences-{found.choices.basis}",
        f"Differences in mean scores {_choice_words(found.choices)}",
        columns("Comparison", "Method", *figures, numeric=figures),
        tuple(rows),
        (
            "p: t test on clustered errors (Miller, arXiv:2411.00640), which reflect that both answered the same "
            "questions. Intervals combine those of the two means (Zou and Donner 2008): near the ends of the scale, "
            "those of the t test are too narrow.",
            *_populations(found),
        ),
    )


def _populations(found: StudyComparison) -> tuple[str, ...]:
    """For each difference the error for these questions beside that for a population of them, and that of one round."""
    notes = []
    for comparison in found.differences:
        paired, fixed, one = comparison.paired, comparison.error_for_these, comparison.error_of_one_round
        if isinstance(paired, NotEstimated) or fixed is None or one is None:
            continue
        not_smaller = (
            ", not smaller: how the true difference varies over the questions cannot be told from chance here"
            if fixed >= paired.standard_error
            else ""
        )
        notes.append(
            f"{comparison.respondent} v {comparison.reference}: the interval is for a population of such questions "
            f"(standard error {numbers.number(paired.standard_error)} points; with one round of each it would be about "
            f"{numbers.number(one)}); for these {numbers.count(comparison.n_questions)} questions alone the standard "
            f"error is {numbers.number(fixed)}{not_smaller}."
        )
    return tuple(notes)


def _difference_cells(outcome: MeanDifference | NotEstimated) -> tuple[Cell, ...]:
    if isinstance(outcome, NotEstimated):
        return cells(numbers.NONE, f"Not estimated: {outcome.reason}", numbers.NONE)
    return (
        Cell(numbers.number(outcome.difference), outcome.difference),
        Cell(numbers.interval_of_percents(outcome.ci_low, outcome.ci_high, 2)),
        Cell(numbers.p_value(outcome.p_value), outcome.p_value),
    )


def _odds_ratios(found: StudyComparison, planned: StudyFit | None = None, *, lines_only: bool = False) -> ReportTable:
    """Odds ratios of scores and of lines; in a report of lines only, with the notes that the planned fit has not."""
    names = [score.respondent for score in found.scores]
    models = [] if lines_only else [(f"Score: {_LEVELS[found.choices.levels]}", found.odds_ratios)]
    if found.line_odds_ratios is not None:
        models.append(("Answer line: correct or not", found.line_odds_ratios))
    rows = []
    for words, outcome in models:
        if isinstance(outcome, NotEstimated):
            rows.append(Row(cells(words, f"Not estimated: {outcome.reason}", *(numbers.NONE for _ in range(3)))))
            continue
        rows += [
            Row((Cell(words), Cell(term_words(term.term, term.reference, names)), *term_cells(term)))
            for term in outcome.terms
        ]
    figures = ("Odds ratio", _interval(found.choices), "p")
    fits = [fit for _, fit in models if not isinstance(fit, NotEstimated)]
    notes = list(dict.fromkeys(note for fit in fits for note in warning_notes(fit)))
    said = [] if planned is None else [note for note in warning_notes(planned) if note in notes]
    if said:
        where = f"What {named_table('odds-ratios')} says of respondents, questions and clusters holds here too."
        notes = [where, *(note for note in notes if note not in said)]
    outcome_words = "a correct line," if lines_only else "a higher score, and of a correct line,"
    return ReportTable(
        f"compared-odds-ratios-{found.choices.basis}",
        f"Odds ratios of {outcome_words} {_choice_words(found.choices)}",
        columns("Model", "Comparison", *figures, numeric=figures),
        tuple(rows),
        (
            f"{'Logistic' if lines_only else 'Ordinal and logistic'} GEE under independence; above 1 means better than "
            "the reference.",
            *notes,
        ),
    )


def _one_line(found: StudyComparison) -> ReportTable:
    rows = []
    for one_line_test in found.one_line:
        right = ", ".join(
            f"{name}: {numbers.count(count)}"
            for name, count in zip(one_line_test.compared, one_line_test.right, strict=True)
        )
        named = (Cell(one_line_test.within), Cell(typographic(one_line_test.test)), Cell(right))
        test = one_line_test.outcome
        if isinstance(test, NotEstimated):
            rows.append(Row((*named, *cells(numbers.NONE, numbers.NONE, f"Not estimated: {test.reason}"))))
            continue
        counts = (Cell(numbers.count(n), n) for n in (test.n_questions, test.n_discordant))
        rows.append(Row((*named, *counts, Cell(numbers.p_value(test.p_value), test.p_value))))
    figures = ("Questions", "Discordant", "p")
    return ReportTable(
        f"one-line-tests-{found.choices.basis}",
        f"Questions that ask for one line: correct and incorrect answers, {basis_words(found.choices.basis)}",
        columns("Within", "Test", "Correct", *figures, numeric=figures),
        tuple(rows),
        ("p-values are not corrected for the number of tests.", *_cannot_be_significant(found)),
    )


def _cannot_be_significant(found: StudyComparison) -> tuple[str, ...]:
    """How many McNemar tests could not have had a p value below 0.05, whatever the answers."""
    discordant = [
        test.outcome.n_discordant
        for test in found.one_line
        if test.test.startswith("McNemar") and not isinstance(test.outcome, NotEstimated)
    ]
    few = sum(number < _FEWEST_DISCORDANT for number in discordant)
    if not few:
        return ()
    total = numbers.count(len(discordant))
    which = f"all {total} tests" if few == len(discordant) else f"{numbers.count(few)} of the {total} tests"
    return (
        f"An exact McNemar test needs {numbers.words_for(_FEWEST_DISCORDANT)} discordant questions for a p-value below "
        f"0.05: {which} here had fewer and could not have been significant.",
    )


def _consistency(found: StudyComparison) -> ReportTable:
    rows = [
        Row(
            (
                Cell(steady_respondent(consistency)),
                Cell(numbers.count(consistency.rounds), consistency.rounds),
                *(
                    Cell(numbers.fraction(count, consistency.questions), count)
                    for count in (consistency.all_full, consistency.majority_full, consistency.all_equal)
                ),
            )
        )
        for consistency in found.consistency
    ]
    figures = ("Rounds", "Full marks in every round", "Full marks in most rounds", "Same score in every round")
    return ReportTable(
        f"compared-consistency-{found.choices.basis}",
        f"Consistency over rounds {basis_words(found.choices.basis)}: questions, n/N (%)",
        columns("Respondent", *figures, numeric=figures),
        tuple(rows),
        consistency_notes(found.consistency),
    )


def _choice_words(choices: ComparisonChoices) -> str:
    return f"{basis_words(choices.basis)}, {_FAILURES[choices.failures]}"


def _interval(choices: ComparisonChoices) -> str:
    return numbers.confidence_heading(choices.confidence)
