"""The main tables of the results: requests, lines correct, odds ratios, consistency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from samp_eval.analysis.description import ConsistencyOverRounds, LinesCorrect
from samp_eval.analysis.model.fitted_sample import StudyTerm
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.published_study import PublishedEffect, PublishedLines
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_heading, condition_words, joined, sentence_case, term_words
from samp_eval.report.prose.draw_sentences import how_it_was_estimated
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.gee.terms import Term
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = [
    "asked_table",
    "consistency_notes",
    "consistency_table",
    "count_cells",
    "has_own_questions",
    "lines_table",
    "odds_ratio_table",
    "steady_respondent",
    "term_cells",
    "warning_notes",
]


def asked_table(content: ReportContent) -> ReportTable:
    """Respondents with the models that answered, dates, responses, failures, and tokens and costs if any are known."""
    rows, partial = [], not content.same_questions_and_rounds
    tokens = any(respondent.prompt_tokens is not None for respondent in content.respondents)
    costs = any(respondent.cost_usd is not None for respondent in content.respondents)
    for respondent in content.respondents:
        dates = (
            numbers.date_range(respondent.first_asked, respondent.last_asked)
            if respondent.first_asked and respondent.last_asked
            else "not recorded"
        )
        rows.append(
            Row(
                cells(
                    respondent.id,
                    respondent.model,
                    joined(respondent.models_returned) or "not recorded",
                    dates,
                    *([_counted(len(respondent.questions)), _counted(len(respondent.rounds))] if partial else []),
                    _counted(respondent.responses),
                    _counted(respondent.failures),
                    *([_counted(respondent.prompt_tokens), _counted(respondent.completion_tokens)] if tokens else []),
                    *([_cost(respondent.cost_usd)] if costs else []),
                )
            )
        )
    heads = ("Respondent", "Model requested", "Model that answered", "Dates (UTC)")
    counts = (*(("Questions", "Rounds") if partial else ()), "Responses", "Failures")
    counts += (("Tokens in", "Tokens out") if tokens else ()) + (("Cost, US$",) if costs else ())
    return ReportTable(
        "asked",
        "What was asked, of whom, and when",
        columns(*heads, *counts, numeric=counts),
        tuple(rows),
        tuple(_asked_notes(content)),
    )


def _asked_notes(content: ReportContent) -> Iterator[str]:
    kinds: Counter[str] = Counter()
    for respondent in content.respondents:
        kinds.update(dict(respondent.failure_kinds))
    if kinds:
        named = joined([f"{numbers.count(number)} {kind.replace('_', ' ')}" for kind, number in kinds.most_common()])
        yield (
            f"Failures are requests that gave no response ({named}); they do not count as zero and are left out of "
            "every score."
        )
    if any(respondent.cost_usd is not None for respondent in content.respondents):
        yield f"Costs are the tokens at the list prices of {content.prices_as_of}; the amounts billed may differ."


def lines_table(content: ReportContent) -> ReportTable:
    """Lines correct, n/N (%), by basis, respondent and round; with the published values if the design is the same."""
    published = content.published
    rows: list[Row] = []
    for basis in content.bases:
        rows.append(Row(cells(basis_heading(basis, content)), "group"))
        of_basis = [tally for tally in content.described.lines if tally.basis == basis]
        rows += [_lines_row(tally, published is not None, _published_lines(content, tally)) for tally in of_basis]
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
    """Odds ratios of a higher score percentage with intervals and p-values, or the reason for having none."""
    published = content.published
    names = [respondent.id for respondent in content.respondents]
    rows: list[Row] = []
    for basis, planned in content.planned.items():
        rows.append(Row(cells(basis_heading(basis, content)), "group"))
        if isinstance(planned, NotEstimated):
            rows.append(Row(cells(f"Not estimated: {planned.clause}."), "remark"))
            continue
        rows += [_odds_row(content, basis, term, names) for term in planned.terms]
    interval = numbers.confidence_heading(content.study.analysis.confidence)
    own = has_own_questions(content)
    heads = ["Comparison", *(["Questions", "Responses"] if own else []), "Odds ratio", interval, "p"]
    if published is not None:
        heads.append("Published")
    return ReportTable(
        "odds-ratios",
        "Odds ratios of a higher score percentage, ordinal logistic GEE",
        columns(*heads, numeric=heads[1:]),
        tuple(rows),
        _odds_notes(content),
    )


def has_own_questions(content: ReportContent) -> bool:
    """Whether terms rest on different questions, so that each says on how many."""
    return any(not planned.same_questions for planned in content.fits.values())


def _odds_row(content: ReportContent, basis: MarkBasis, term: StudyTerm, respondents: list[str]) -> Row:
    counts = count_cells(term) if has_own_questions(content) else ()
    row = [Cell(term_words(term.term, term.reference, respondents)), *counts, *term_cells(term)]
    if content.published is not None:
        row.append(Cell(_published_effect(content, basis, term)))
    return Row(tuple(row))


def count_cells(term: StudyTerm) -> tuple[Cell, Cell]:
    """The questions and responses that a term rests on."""
    return _counted(term.n_questions), _counted(term.n_observations)


def consistency_table(content: ReportContent) -> ReportTable:
    """How consistent each respondent is over its rounds."""
    rows: list[Row] = []
    for basis in content.bases:
        found = [consistency for consistency in content.described.consistency if consistency.basis == basis]
        if found:
            rows.append(Row(cells(basis_heading(basis, content)), "group"))
        for consistency in found:
            full = Cell(numbers.fraction(consistency.all_full, consistency.questions), consistency.all_full)
            most = Cell(numbers.fraction(consistency.majority_full, consistency.questions), consistency.majority_full)
            equal = Cell(numbers.fraction(consistency.all_equal, consistency.questions), consistency.all_equal)
            rows.append(Row((Cell(steady_respondent(consistency)), _counted(consistency.rounds), full, most, equal)))
    figures = ("Rounds", "Full marks in every round", "Full marks in most rounds", "Same score in every round")
    return ReportTable(
        "consistency",
        "Consistency over rounds: questions, n/N (%)",
        columns("Respondent", *figures, numeric=figures),
        tuple(rows),
        consistency_notes(content.described.consistency),
    )


def consistency_notes(found: Iterable[ConsistencyOverRounds]) -> tuple[str, ...]:
    """Of which questions a table about consistency is, and which of its rows cannot be compared."""
    which = "Only questions with a score in every round of the respondent."
    if len({consistency.rounds for consistency in found}) < 2:
        return (which,)
    return (
        which,
        "Fewer rounds are more easily all alike, so rows with different numbers of rounds cannot be compared.",
    )


def steady_respondent(consistency: ConsistencyOverRounds) -> str:
    """Who a row about consistency is of: a respondent, or the reference on the questions of another."""
    beside = f", on the questions of {consistency.beside}" if consistency.beside else ""
    return f"{consistency.respondent}{beside}"


def _cost(dollars: float | None) -> Cell:
    return Cell(numbers.NONE if dollars is None else numbers.number(dollars, 2), dollars)


def _counted(value: float | None, absent: str = numbers.NONE) -> Cell:
    return Cell(absent) if value is None else Cell(numbers.count(value), float(value))


def _lines_row(tally: LinesCorrect, with_published: bool, published: str) -> Row:
    number = Cell("All") if tally.round is None else Cell(str(tally.round), tally.round)
    row = [
        Cell(tally.respondent),
        number,
        Cell(condition_words(tally.condition) if tally.round is not None else ""),
        Cell(f"{numbers.count(tally.correct)}/{numbers.count(tally.requested)}", tally.correct),
        Cell(numbers.number(tally.percent, 1), tally.percent),
    ]
    if with_published:
        row.append(Cell(published))
    row.append(_counted(tally.responses))
    return Row(tuple(row), "total" if tally.round is None else "body")


def _published_lines(content: ReportContent, tally: LinesCorrect) -> str:
    if content.published is None or tally.round is not None:
        return ""
    for line in content.published.lines:
        if line.basis == tally.basis and line.respondent == tally.respondent:
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
        return next((_effect_words(effect) for effect in published.effects if effect.basis == basis), "")
    return "not significant" if basis == "key" else numbers.NONE


def _effect_words(effect: PublishedEffect) -> str:
    p_words = "p <0.001" if effect.p_is_bound else numbers.p_sentence(effect.p_value)
    estimate = numbers.ratio_with_interval(effect.odds_ratio, effect.ci_low, effect.ci_high)
    return f"{estimate}, {p_words}"


def term_cells(term: Term, *, standard_error: bool = False) -> tuple[Cell, ...]:
    """Odds ratio, interval and p-value of one term, preceded by its standard error on request."""
    estimate = (
        Cell(numbers.ratio(term.odds_ratio), term.odds_ratio),
        Cell(numbers.interval(term.ci_low, term.ci_high)),
        Cell(numbers.p_value(term.p_value), term.p_value),
    )
    error = (Cell(numbers.number(term.standard_error, 3), term.standard_error),)
    return error + estimate if standard_error else estimate


def _lines_notes(content: ReportContent) -> tuple[str, ...]:
    notes = [
        "N is the number of lines requested in the scored responses; a response with fewer lines is still scored over "
        "the number requested."
    ]
    short = sum(respondent.short_responses for respondent in content.respondents)
    beyond = sum(respondent.lines_beyond for respondent in content.respondents)
    if short:
        notes.append(f"{numbers.plural(short, 'response')} had fewer lines than requested.")
    if beyond:
        notes.append(f"{numbers.plural(beyond, 'line')} beyond the number requested were not marked.")
    return (*notes, *_published_notes(content))


def _odds_notes(content: ReportContent) -> tuple[str, ...]:
    notes = ["An odds ratio above 1 means higher scores than the reference."]
    for basis, planned in content.fits.items():
        levels = numbers.plural(len(planned.fit.levels), "score level")
        each = "" if planned.same_questions else "; each comparison uses some of them"
        notes.append(
            f"{basis_heading(basis, content)}: {numbers.plural(planned.n_observations, 'response')} in "
            f"{numbers.plural(planned.n_clusters, 'cluster')}, {levels}{each}."
        )
        notes += [] if planned.powered is None else [how_it_was_estimated(planned.powered)]
    warned = {basis: warning_notes(planned) for basis, planned in content.fits.items()}
    for basis, said in warned.items():
        for note in said:
            alike = all(note in others for others in warned.values())
            notes.append(note if alike else f"{basis_heading(basis, content)}: {note}")
    return (*dict.fromkeys(notes), *_published_notes(content))


def warning_notes(found: StudyFit) -> list[str]:
    """The warnings of a fit as sentences; a respondent's name at the beginning is not written with a capital."""
    names = tuple(found.n_questions_by_respondent)
    return [
        f"{(warning if warning.startswith(names) else sentence_case(warning)).rstrip('.')}."
        for warning in found.warnings
    ]


def _published_notes(content: ReportContent) -> tuple[str, ...]:
    if content.published is None:
        return ()
    return (
        "Published: GPT-3.5 and GPT-4 in August 2023 (Fam Med Community Health 2024;12:e002626). "
        f"The studies differ: {'; '.join(content.published.differences)}.",
        "The odds ratio of scores grows with the number of lines that questions ask for, which was not published: the "
        "two odds ratios are on different scales.",
    )
