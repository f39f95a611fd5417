"""The sections of the results in order, each with its sentences, figures and tables; renderers only print them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.report.content.checklist import answered_checklists
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.figures.judge_plot import has_place, judge_plot
from samp_eval.report.figures.plots import agreement_plot, forest_plot, heat_map, level_bars
from samp_eval.report.figures.ranking_plots import caterpillar_plot, has_quasi_intervals, mixture_plot, preference_map
from samp_eval.report.prose.audit_sentences import audit_sentences
from samp_eval.report.prose.display_names import basis_words, joined, said_once
from samp_eval.report.prose.draw_sentences import drawn_only, not_by_condition
from samp_eval.report.prose.judge_sentences import judge_sentence, speaking_sentence
from samp_eval.report.prose.pass_mark_sentences import pass_mark_sentence
from samp_eval.report.prose.ranking_sentences import (
    drawn_sentence,
    mixture_sentence,
    ranking_notes,
    settled_sentences,
    transitivity_sentence,
)
from samp_eval.report.prose.summary import deviation_sentences, marks_sentence, summary_sentences
from samp_eval.report.tables.bank.bank_review import bank_review_sentence, validity_table
from samp_eval.report.tables.bank.blueprint import coverage_tables
from samp_eval.report.tables.bank.items import candidates_table, distractors_table, items_sentence, items_table
from samp_eval.report.tables.bank.pass_mark import passing_table
from samp_eval.report.tables.checklist_table import checklist_sentence, checklist_table
from samp_eval.report.tables.comparison_tables import SIMPLER_STATISTICS, simpler_statistics_tables
from samp_eval.report.tables.effect_tables import (
    contrasts_table,
    differences_table,
    partial_odds_table,
    predictions_table,
    proportional_odds_table,
    respondent_by_condition_table,
)
from samp_eval.report.tables.exclusion_table import exclusion_table
from samp_eval.report.tables.generalisability_table import generalisability_table
from samp_eval.report.tables.main_tables import asked_table, consistency_table, lines_table, odds_ratio_table
from samp_eval.report.tables.marking.agreement_tables import agreement_table, severity_table
from samp_eval.report.tables.marking.judge_tables import judge_tables
from samp_eval.report.tables.marking.reading_tables import reading_sentences, reading_tables
from samp_eval.report.tables.question_tables import difference_sentence, hardest_table, harm_share_table, harm_table
from samp_eval.report.tables.ranking_tables import mixture_table, pairs_table, ranking_table
from samp_eval.report.tables.sensitivity_table import sensitivity_table
from samp_eval.report.tables.table import ReportTable, table_with_numbers, with_table_numbers
from samp_eval.statistics.not_estimated import NotEstimated

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["ReportFigure", "Section", "report_sections"]


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A figure with its caption and the name of its files; drawn only when needed."""

    name: str
    caption: str
    draw: Callable[[], Figure]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the results; ``folded`` tables stay closed until a reader opens them."""

    anchor: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[ReportFigure, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    folded: bool = False


def report_sections(content: ReportContent) -> list[Section]:
    """Every section for which the study has data; sentences that name a table have its number."""
    sections = list(_sections(content))
    numbered = {
        table.name: number
        for number, table in enumerate((table for section in sections for table in section.tables), start=1)
    }
    return [_with_table_numbers(section, numbered) for section in sections]


def _with_table_numbers(section: Section, numbered: Mapping[str, int]) -> Section:
    paragraphs = tuple(with_table_numbers(text, numbered) for text in section.paragraphs)
    return replace(
        section, paragraphs=paragraphs, tables=tuple(map(partial(table_with_numbers, numbered), section.tables))
    )


def _sections(content: ReportContent) -> Iterator[Section]:
    yield _summary_section(content)
    yield Section("asked", "What was asked", (marks_sentence(content),), tables=(asked_table(content),))
    if content.readings:
        yield Section("readings", "How the answers were read", reading_sentences(content), (), reading_tables(content))
    if content.described.lines:
        yield _lines_section(content)
        if content.agreement_by_basis:
            yield _agreement_section(content)
        if content.judges:
            yield _judges_section(content)
        yield _odds_section(content)
        if content.pass_mark is not None:
            yield _pass_mark_section(content, content.pass_mark)
        if content.effects:
            yield _effects_section(content)
            partial = partial_odds_table(content)
            tables = (proportional_odds_table(content), *((partial,) if partial else ()))
            yield Section("proportional-odds", "Proportional odds", tables=tables)
        yield from _ranking_sections(content)
        yield _sensitivity_section(content)
        yield Section(
            "simpler-statistics",
            "Simpler statistics",
            (SIMPLER_STATISTICS, *drawn_only(content)),
            tables=simpler_statistics_tables(content),
            folded=True,
        )
        if content.difference_errors:
            yield Section(
                "generalisability",
                "What more questions, rounds or reviewers would bring",
                drawn_only(content),
                tables=(generalisability_table(content),),
                folded=True,
            )
        if content.described.consistency:
            yield Section(
                "consistency", "Consistency over rounds", drawn_only(content), tables=(consistency_table(content),)
            )
        yield _questions_section(content)
        yield from _items_section(content)
    elif content.planned:
        if content.agreement_by_basis:
            yield Section(
                "agreement", "Agreement between the reviewers", _blinding(content), tables=_agreement_tables(content)
            )
        yield _odds_section(content)
    if any(answer.harmful for record in content.questions for answer in record.answers):
        yield Section("harm", "Answers marked as harmful", tables=(harm_share_table(content), harm_table(content)))
    if content.coverage:
        yield Section("blueprint", "Blueprint", tables=coverage_tables(content.coverage))
    if content.bank_review is not None:
        reviewed = content.bank_review
        validity = (validity_table(reviewed),)
        yield Section("bank-review", "Review of the bank", (bank_review_sentence(reviewed),), tables=validity)
    if content.exclusions:
        yield Section("exclusions", "Exclusions", tables=(exclusion_table(content),))
    yield Section("deviations", "Deviations from the plan", deviation_sentences(content))
    lists = answered_checklists(content)
    words = tuple(checklist_sentence(checklist) for checklist in lists)
    yield Section("checklists", "Reporting checklists", words, tables=tuple(map(checklist_table, lists)), folded=True)


def _lines_section(content: ReportContent) -> Section:
    figures = [
        ReportFigure(
            f"levels-{basis}",
            f"Share of responses at each score percentage, {basis_words(basis)}",
            partial(level_bars, content, basis),
        )
        for basis in content.bases
        if not content.described.level_shares[basis].empty
    ]
    return Section(
        "lines", "Lines correct", drawn_only(content), figures=tuple(figures), tables=(lines_table(content),)
    )


def _summary_section(content: ReportContent) -> Section:
    fitted = [basis_words(basis) for basis in content.fits]
    figures: tuple[ReportFigure, ...] = ()
    if fitted:
        interval = round(100 * content.study.analysis.confidence)
        caption = (
            f"Odds ratios of a higher score percentage with {interval}% confidence intervals, {joined(fitted)}; "
            "n: responses"
        )
        figures = (ReportFigure("forest", caption, partial(forest_plot, content)),)
    return Section("summary", "Summary", tuple(summary_sentences(content)), figures)


def _agreement_section(content: ReportContent) -> Section:
    found = content.agreement_by_basis
    figures: tuple[ReportFigure, ...] = ()
    if any(found[basis].overall.percent.value is not None for basis in content.bases if basis in found):
        caption = "Agreement between the reviewers before adjudication with 95% intervals; n: distinct answers"
        figures = (ReportFigure("agreement", caption, partial(agreement_plot, content)),)
    return Section(
        "agreement",
        "Agreement between the reviewers",
        (*drawn_only(content), *_blinding(content), *audit_sentences(content)),
        figures,
        _agreement_tables(content),
    )


def _judges_section(content: ReportContent) -> Section:
    """Models that mark: measured beside the people, and never among them."""
    found = content.judged
    missing = (
        f"{judge} (marked by a model) {basis_words(basis)}: {outcome.reason}"
        for judge, bases in content.judges.items()
        for basis, outcome in bases.items()
        if isinstance(outcome, NotEstimated)
    )
    figures: tuple[ReportFigure, ...] = ()
    if has_place(found):
        caption = (
            "The place of models among the physicians (marked by a model): Cohen\N{RIGHT SINGLE QUOTATION MARK}s kappa "
            "with 95% intervals; n: distinct answers"
        )
        figures = (ReportFigure("judges", caption, partial(judge_plot, found)),)
    words = (
        "The marks of a model are measured against those of the physicians of this study. They are in no consensus and "
        "in no agreement between reviewers."
    )
    return Section(
        "judges",
        "Marked by a model, beside the physicians",
        (*drawn_only(content), words, *map(judge_sentence, found), *missing, speaking_sentence(content)),
        figures,
        tuple(table for judged in found for table in judge_tables(judged)),
    )


def _blinding(content: ReportContent) -> tuple[str, ...]:
    """How far reviewers could know that an answer is of a respondent who joined late."""
    return tuple(sheet.in_words() for sheet in content.late_sheets)


def _agreement_tables(content: ReportContent) -> tuple[ReportTable, ...]:
    severe = any(not isinstance(basis.severity, NotEstimated) for basis in content.agreement_by_basis.values())
    return (agreement_table(content), *([severity_table(content)] if severe else []))


def _odds_section(content: ReportContent) -> Section:
    paragraphs = tuple(
        f"There is no odds ratio {basis_words(basis)}: {missing.clause}."
        for basis, missing in content.not_estimated.items()
    )
    tables = (odds_ratio_table(content),) if content.fits else ()
    return Section("odds-ratios", "Odds ratios", paragraphs, (), tables)


def _pass_mark_section(content: ReportContent, mark: PassMark | NotEstimated) -> Section:
    tables = []
    if isinstance(mark, PassMark):
        tables = [passing_table(found, basis, mark) for basis, found in content.passing.items()]
    return Section("pass-mark", "Pass mark", (*drawn_only(content), pass_mark_sentence(mark)), tables=tuple(tables))


def _effects_section(content: ReportContent) -> Section:
    tables = [predictions_table(content)]
    if any(effects.differences or effects.conditions for effects in content.effects):
        tables.append(differences_table(content))
    if any(effects.contrasts for effects in content.effects):
        tables.append(contrasts_table(content))
    by_condition = respondent_by_condition_table(content)
    if by_condition is not None:
        tables.append(by_condition)
    return Section("predictions", "Predicted percentages", not_by_condition(content), tables=tuple(tables))


def _ranking_sections(content: ReportContent) -> Iterator[Section]:
    """Ranks of three and more respondents, and all pairs of them."""
    if not content.rankings:
        return
    words, figures, tables = {}, [], []
    for basis, found in content.rankings.items():
        if isinstance(found, NotEstimated):
            words[basis] = f"There is no ranking {basis_words(basis)}: {found.clause}."
            continue
        said = [*settled_sentences(found), transitivity_sentence(found), mixture_sentence(found), *ranking_notes(found)]
        words[basis] = " ".join([*said, *filter(None, [drawn_sentence(found)])])
        figures += _ranking_figures(found)
        tables.append(ranking_table(found))
    yield Section("ranks", "Ranks", tuple(said_once(words)), tuple(figures), tuple(tables))
    pairs = [table(found) for found in content.ranked.values() for table in (pairs_table, mixture_table)]
    if pairs:
        yield Section("pairs", "All pairs of respondents", (), tables=tuple(pairs), folded=True)


def _ranking_figures(ranking: StudyRanking) -> list[ReportFigure]:
    basis, words = ranking.choices.basis, basis_words(ranking.choices.basis)
    interval = f"{100 * ranking.choices.confidence:g}%"
    shown = (
        f"Strengths with {interval} quasi-intervals, which can be compared by eye,"
        if has_quasi_intervals(ranking)
        else f"Mean preferences with {interval} intervals for each alone,"
    )
    return [
        ReportFigure(
            f"ranks-{basis}",
            f"{shown} and simultaneous {interval} rank intervals, {words}",
            partial(caterpillar_plot, ranking),
        ),
        ReportFigure(
            f"preferences-{basis}",
            f"How often the respondent of a row scores higher than that of a column, ties as a half, {words}",
            partial(preference_map, ranking),
        ),
        ReportFigure(
            f"mixture-{basis}",
            f"Mixture of respondents that nobody beats, from close to equal shares (tau 1) to the preferences alone, "
            f"{words}",
            partial(mixture_plot, ranking),
        ),
    ]


def _sensitivity_section(content: ReportContent) -> Section:
    return Section(
        "sensitivity",
        "Sensitivity to the choices",
        (
            "Clustering on the question uses the fact that both sides of a comparison answered the same questions; "
            "clustering on question and respondent does not.",
        ),
        tables=(sensitivity_table(content),),
    )


_MOST_CARDS = 500
"""Questions with a row of their own in the table of item cards; of more, samp-eval items report prints them."""


def _items_section(content: ReportContent) -> Iterator[Section]:
    """What the answers say of the questions; wording that the key lacks is by the key alone."""
    if not content.items:
        return
    tables = [items_table(cards) for cards in content.items if len(cards.cards) <= _MOST_CARDS]
    by_key = next((cards for cards in content.items if cards.basis == "key"), None)
    if by_key is not None:
        more = (candidates_table(by_key), distractors_table(by_key))
        tables += [table for table in more if table is not None and table.rows]
    words = said_once({cards.basis: items_sentence(cards) for cards in content.items})
    yield Section("items", "What the answers say of the questions", tuple(words), tables=tuple(tables), folded=True)


def _questions_section(content: ReportContent) -> Section:
    figures = [
        ReportFigure(
            f"questions-{basis}",
            f"Score percentage of every question in every round, {basis_words(basis)}; grey: no score",
            partial(heat_map, content, basis),
        )
        for basis in content.bases
        if not content.described.level_shares[basis].empty
    ]
    tables = tuple(hardest_table(content, basis) for basis in content.bases)
    words = {basis: said for basis in content.bases if (said := difference_sentence(content, basis))}
    paragraphs = tuple(said_once(words))
    return Section("hardest", "Questions, from hardest to easiest", paragraphs, tuple(figures), tables, folded=True)
