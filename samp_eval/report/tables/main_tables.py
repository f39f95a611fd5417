"""The tables of the results section: what was asked, lines correct, odds ratios, consistency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from samp_eval.analysis.describe import LinesCorrect
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.gather import NotEstimated, ReportContent
from samp_eval.report.content.published import PublishedEffect, PublishedLines
from samp_eval.report.prose.display_names import basis_heading, condition_words, joined, term_words
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.gee.terms import Term

__all__ = ["asked_table", "consistency_table", "lines_table", "odds_ratio_table", "term_cells"]


def asked_table(content: ReportContent) -> ReportTable:
    """Respondents, their models in the server's own words, dates, responses, failures and tokens."""
    rows = []
    for one in content.respondents:
        dates = (
            numbers.date_range(one.first_asked, one.last_asked)
            if one.first_asked and one.last_asked
            else "not recorded"
        )
        rows.append(
            Row(
                cells(
                    one.id,
                    one.model,
                    joined(one.models_returned) or "not recorded",
                    dates,
                    _counted(one.responses),
                    _counted(one.failures),
                    _counted(one.prompt_tokens),
                    _counted(one.completion_tokens),
                    Cell(numbers.NONE if one.cost_usd is None else numbers.number(one.cost_usd, 2), one.cost_usd),
                )
            )
        )
    heads = ("Respondent", "Model asked for", "Model that answered", "Dates (UTC)")
    counts = ("Responses", "Failures", "Tokens in", "Tokens out", "Cost, US$")
    return ReportTable(
        "asked",
        "What was asked, of whom and when",
        columns(*heads, *counts, numeric=counts),
        tuple(rows),
        tuple(_asked_notes(content)),
    )


def _asked_notes(content: ReportContent) -> Iterator[str]:
    kinds: Counter[str] = Counter()
    for one in content.respondents:
        kinds.update(dict(one.failure_kinds))
    if kinds:
        named = joined([f"{numbers.count(number)} {kind.replace('_', ' ')}" for kind, number in kinds.most_common()])
        yield (
            f"Failures are responses that could not be had ({named}); they are no zeros and are left out of every "
            "score."
        )
    if any(one.cost_usd is not None for one in content.respondents):
        yield f"Costs are the tokens at the list prices of {content.prices_as_of}; what was billed may differ."


def lines_table(content: ReportContent) -> ReportTable:
    """Lines correct, n/N (%), per basis, respondent and round; with the published values where they fit."""
    published = content.published
    rows: list[Row] = []
    for basis in content.bases:
        rows.append(Row(cells(basis_heading(basis, content)), "group"))
        of_basis = [one for one in content.lines if one.basis == basis]
        rows += [_lines_row(one, published is not None, _published_lines(content, one)) for one in of_basis]
    heads = ["Respondent", "Round", "Condition", "Lines correct, n/N", "%"]
    if published is not None:
        heads.append("Published")
    heads.append("Responses")
    return ReportTable(
        "lines-correct",
        "Lines correct by respondent and round",
        columns(*heads, numeric=("Round", "Responses", "Lines correct, n/N", "%", "Published")),
        tuple(rows),
        _lines_notes(content),
    )


def odds_ratio_table(content: ReportContent) -> ReportTable:
    """Odds ratios of a higher score percentage with intervals and p-values, or the reason why there are none."""
    published = content.published
    names = [one.id for one in content.respondents]
    rows: list[Row] = []
    for estimate in content.estimates:
        rows.append(Row(cells(basis_heading(estimate.basis, content)), "group"))
        if isinstance(estimate, NotEstimated):
            rows.append(Row(cells(f"Not estimated: {estimate.reason}."), "remark"))
            continue
        rows += [_odds_row(content, estimate.basis, term, names) for term in estimate.fit.terms]
    interval = f"{numbers.number(100 * content.study.analysis.confidence, 0)}% CI"
    heads = ["Comparison", "Odds ratio", interval, "p"]
    if published is not None:
        heads.append("Published")
    return ReportTable(
        "odds-ratios",
        "Odds ratios of a higher score percentage, ordinal logistic GEE",
        columns(*heads, numeric=heads[1:]),
        tuple(rows),
        _odds_notes(content),
    )


def _odds_row(content: ReportContent, basis: MarkBasis, term: Term, respondents: list[str]) -> Row:
    row = [Cell(term_words(term.term, term.reference, respondents)), *term_cells(term)]
    if content.published is not None:
        row.append(Cell(_published_effect(content, basis, term)))
    return Row(tuple(row))


def consistency_table(content: ReportContent) -> ReportTable:
    """How steady each respondent is over its rounds."""
    rows: list[Row] = []
    for basis in content.bases:
        found = [one for one in content.consistency if one.basis == basis]
        if found:
            rows.append(Row(cells(basis_heading(basis, content)), "group"))
        for one in found:
            full = Cell(numbers.fraction(one.all_full, one.questions), one.all_full)
            most = Cell(numbers.fraction(one.majority_full, one.questions), one.majority_full)
            equal = Cell(numbers.fraction(one.all_equal, one.questions), one.all_equal)
            rows.append(Row((Cell(one.respondent), _counted(one.rounds), full, most, equal)))
    figures = ("Rounds", "Full marks in every round", "In most rounds", "Same score in every round")
    return ReportTable(
        "consistency",
        "Consistency over rounds: questions, n/N (%)",
        columns("Respondent", *figures, numeric=figures),
        tuple(rows),
        ("Of the questions that are scored in every round of the respondent.",),
    )


def _counted(value: float | None, absent: str = numbers.NONE) -> Cell:
    return Cell(absent) if value is None else Cell(numbers.count(value), float(value))


def _lines_row(one: LinesCorrect, with_published: bool, published: str) -> Row:
    number = Cell("All") if one.round is None else Cell(str(one.round), one.round)
    row = [
        Cell(one.respondent),
        number,
        Cell(condition_words(one.condition) if one.round is not None else ""),
        Cell(f"{numbers.count(one.correct)}/{numbers.count(one.requested)}", one.correct),
        Cell(numbers.number(one.percent, 1), one.percent),
    ]
    if with_published:
        row.append(Cell(published))
    row.append(_counted(one.responses))
    return Row(tuple(row), "total" if one.round is None else "body")


def _published_lines(content: ReportContent, one: LinesCorrect) -> str:
    if content.published is None or one.round is not None:
        return ""
    for line in content.published.lines:
        if line.basis == one.basis and line.respondent == one.respondent:
            return _published_count(line)
    return ""


def _published_count(line: PublishedLines) -> str:
    share = numbers.percent(line.percent, line.decimals)
    return f"{numbers.count(line.correct)} ({share})" if line.correct is not None else f"about {share}"


def _published_effect(content: ReportContent, basis: str, term: Term) -> str:
    published = content.published
    if published is None:
        return ""
    if term.term == published.compared and term.reference == published.reference:
        return next((_effect_words(one) for one in published.effects if one.basis == basis), "")
    return "not significant" if basis == "key" else numbers.NONE


def _effect_words(effect: PublishedEffect) -> str:
    p_words = "p <0.001" if effect.p_is_bound else numbers.p_sentence(effect.p_value)
    estimate = numbers.ratio_with_interval(effect.odds_ratio, effect.ci_low, effect.ci_high)
    return f"{estimate}, {p_words}"


def term_cells(term: Term, *, standard_error: bool = False) -> tuple[Cell, ...]:
    """Odds ratio, interval and p-value of one term, after its standard error where that is wanted."""
    estimate = (
        Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
        Cell(numbers.interval(term.ci_low, term.ci_high)),
        Cell(numbers.p_value(term.p_value), term.p_value),
    )
    error = (Cell(numbers.number(term.standard_error, 3), term.standard_error),)
    return error + estimate if standard_error else estimate


def _lines_notes(content: ReportContent) -> tuple[str, ...]:
    notes = [
        "N is the number of lines asked for in the responses that are scored; a response with fewer "
        "lines still counts over N."
    ]
    short = sum(one.short_responses for one in content.respondents)
    beyond = sum(one.lines_beyond for one in content.respondents)
    if short:
        notes.append(f"{numbers.plural(short, 'response')} had fewer lines than were asked for.")
    if beyond:
        notes.append(f"{numbers.plural(beyond, 'line')} stood beyond the number asked for, not marked.")
    return (*notes, *_published_notes(content))


def _odds_notes(content: ReportContent) -> tuple[str, ...]:
    notes = ["An odds ratio above 1 means higher scores than the reference."]
    for estimate in content.estimates:
        if isinstance(estimate, NotEstimated):
            continue
        fit = estimate.fit
        notes.append(
            f"{basis_heading(estimate.basis, content)}: {numbers.plural(fit.n_observations, 'response')} in "
            f"{numbers.plural(fit.n_clusters, 'cluster')}, {numbers.plural(len(fit.levels), 'score level')}."
        )
        notes += [warning[:1].upper() + warning[1:].rstrip(".") + "." for warning in estimate.warnings]
    return (*dict.fromkeys(notes), *_published_notes(content))


def _published_notes(content: ReportContent) -> tuple[str, ...]:
    if content.published is None:
        return ()
    return (
        "Published: GPT-3.5 and GPT-4 in August 2023 (Fam Med Community Health 2024;12:e002626). "
        f"Not the same study: {'; '.join(content.published.differences)}.",
    )
