"""The odds ratios in sentences: the comparison that the plan names as primary, else every comparison."""

from __future__ import annotations

from collections.abc import Sequence

from samp_eval.analysis.model.cut_points import failing_terms
from samp_eval.analysis.model.fitted_sample import StudyTerm
from samp_eval.analysis.model.primary import margin_is_kept
from samp_eval.analysis.model.sensitivity import LINES
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_words, joined, said_once, sentence_case
from samp_eval.report.tables.table import named_table
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["estimates_sentence", "primary_sentence"]


MOST_COMPARED = 3
"""Comparisons with the reference that the summary gives in figures; of more, it names the table."""


def estimates_sentence(content: ReportContent) -> str:
    """Every comparison of respondents on each basis, or of conditions where there is one respondent."""
    texts = {
        basis: f"{sentence_case(basis_words(basis))}{_estimate_words(content, basis, planned)}."
        for basis, planned in content.planned.items()
    }
    return " ".join(said_once(texts))


def primary_sentence(content: ReportContent) -> str:
    """The comparison that the plan names as primary, with what it was to show; empty where it names none."""
    plan = content.study.analysis
    name, basis = plan.primary_comparison, plan.primary_basis
    if name is None:
        return ""
    opening = f"The primary comparison of the plan is {name} v {content.respondents[0].id} {basis_words(basis)}"
    planned = content.planned.get(basis, NotEstimated("nothing is marked on this basis"))
    if isinstance(planned, NotEstimated):
        return f"{opening}; no odds ratio could be estimated ({planned.clause})."
    term = next((term for term in planned.terms if term.column == name), None)
    if term is None:
        return f"{opening}, which has no odds ratio: see the notes of the table of odds ratios."
    ratio = f"{numbers.ratio(term.odds_ratio)} ({_interval_words(content, term)})"
    shown = "" if plan.margin is None else f" {_margin_words(content, term, plan.margin)}"
    return (
        f"{opening}: {_line_words(content, basis, name)}the odds ratio of a higher score was {ratio}"
        f"{_cut_point_words(content, basis)}.{shown} All other comparisons are secondary."
    )


def _margin_words(content: ReportContent, term: StudyTerm, margin: float) -> str:
    """Whether non-inferiority or equivalence is shown, by the interval of the plan."""
    plan, low, high = content.study.analysis, 1 / margin, margin
    frozen = content.frozen is not None and content.frozen.holds
    named = (
        "which the plan named before the first request"
        if frozen
        else "of which it cannot be told whether it was named before the first request"
    )
    interval = numbers.confidence_heading(plan.confidence)
    is_shown = margin_is_kept(plan, term)
    if plan.aim == "non-inferiority":
        against = f"the lower end of the {interval} is {'above' if is_shown else 'not above'} {numbers.ratio(low)}"
    else:
        between = f"{numbers.ratio(low)} and {numbers.ratio(high)}"
        against = f"the {interval} {'lies' if is_shown else 'does not lie'} between {between}"
    aim, outcome = sentence_case(plan.aim), "shown" if is_shown else "not shown"
    return f"{aim} against a margin of {numbers.ratio(margin)} ({named}) is {outcome}: {against}."


def _estimate_words(content: ReportContent, basis: MarkBasis, planned: StudyFit | NotEstimated) -> str:
    """What follows the words for the basis."""
    if isinstance(planned, NotEstimated):
        return f", no odds ratio could be estimated ({planned.clause})"
    respondents = [respondent.id for respondent in content.respondents]
    of_respondents = [term for term in planned.terms if term.column in respondents]
    if len(of_respondents) > 1:
        return f", {_compared_words(content, basis, of_respondents)}{_cut_point_words(content, basis)}"
    term = _main_term(planned, respondents)
    words = f", {_line_words(content, basis, term.column)}"
    compared = {
        "prompted": ("with instructions", "without them"),
        "regenerated": ("of regenerated answers", "of first answers"),
        "later": ("when asked again later", "when first asked"),
        "pictures": ("with the pictures", "without them"),
    }.get(term.term, (f"for {term.term}", f"for {term.reference}"))
    return (
        f"{words}the odds of a higher score {compared[0]} were {numbers.ratio(term.odds_ratio)} times those "
        f"{compared[1]} ({_interval_words(content, term)}){_cut_point_words(content, basis)}"
    )


def _compared_words(content: ReportContent, basis: MarkBasis, terms: Sequence[StudyTerm]) -> str:
    """Several respondents against the reference: on the scale of scores, with where the odds of a right line are."""
    number, reference = numbers.words_for(len(terms)), terms[0].reference
    table = named_table("odds-ratios")
    if len(terms) > MOST_COMPARED:
        return f"the odds ratios of a higher score of {number} respondents against {reference} are in {table}"
    return (
        f"the odds of a higher score, which depend on how many lines a question asks for, against those for "
        f"{reference} were {_each_ratio(content, terms)} times as high ({table}); p-values are not corrected for the "
        f"{number} comparisons"
    )


def _each_ratio(content: ReportContent, terms: Sequence[StudyTerm]) -> str:
    each = (f"{numbers.ratio(term.odds_ratio)} for {term.term} ({_interval_words(content, term)})" for term in terms)
    return joined(list(each))


def _line_words(content: ReportContent, basis: MarkBasis, column: str) -> str:
    """The odds ratio of a right line, which comes first because its scale is that of every bank; empty without."""
    found = next(
        (variation.outcome for variation in content.variations if variation.basis == basis and variation.what == LINES),
        None,
    )
    terms = found.terms if isinstance(found, StudyFit) else ()
    term = next((term for term in terms if term.column == column), None)
    if term is None:
        return ""
    ratio = f"{numbers.ratio(term.odds_ratio)} times those for {term.reference} ({_interval_words(content, term)})"
    return (
        f"the odds that a line of {term.term} is right were {ratio}; on the scale of scores, which depends on how many "
        "lines a question asks for, "
    )


def _interval_words(content: ReportContent, term: StudyTerm) -> str:
    interval = numbers.confidence_heading(content.study.analysis.confidence)
    return f"{interval} {numbers.interval(term.ci_low, term.ci_high)}, {numbers.p_sentence(term.p_value)}"


def _cut_point_words(content: ReportContent, basis: MarkBasis) -> str:
    """Where one odds ratio does not describe every cut point; empty where it may."""
    effects = next((effects_of for effects_of in content.effects if effects_of.basis == basis), None)
    tests = failing_terms(effects.proportional_odds, content.study.analysis.confidence) if effects else ()
    failing = [f"{test.tested} ({numbers.p_sentence(test.p_value)})" for test in tests]
    against = f"the test of proportional odds speaks against one odds ratio for {joined(failing)}"
    return f", but {against}: see the cut points" if failing else ""


def _main_term(planned: StudyFit, respondents: list[str]) -> StudyTerm:
    """The first comparison of respondents, or otherwise of conditions."""
    return next((term for term in planned.terms if term.column in respondents), planned.terms[0])
