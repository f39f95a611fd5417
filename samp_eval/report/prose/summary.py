"""The summary in sentences: what was asked, how much was right, and the main odds ratio or the reason for none."""

from __future__ import annotations

from samp_eval.analysis.study_fit import StudyFit
from samp_eval.report import numbers
from samp_eval.report.content.gather import Estimate, NotEstimated, ReportContent
from samp_eval.report.prose.display_names import basis_words, joined
from samp_eval.statistics.gee.terms import Term

__all__ = [
    "agreement_sentences",
    "asked_sentence",
    "caution_sentence",
    "marks_sentence",
    "right_sentence",
    "summary_sentences",
]


def summary_sentences(content: ReportContent) -> list[str]:
    """The summary of a report in three sentences: who was asked, what was right, and the odds ratios."""
    sentences = [asked_sentence(content), right_sentence(content), _estimates_sentence(content)]
    return [one for one in sentences if one]


def asked_sentence(content: ReportContent) -> str:
    """Who answered how many questions in how many rounds, and what failed."""
    count = len(content.respondents)
    if count == 0:
        return "Nothing has been asked yet."
    named = joined([one.id if one.simulated else _named(one.id, one.models_returned) for one in content.respondents])
    rounds = max((len(one.rounds) for one in content.respondents), default=0)
    asked = [one for one in content.questions if one.answers]
    cases = len({one.case.id for one in asked})
    text = (
        f"{numbers.words_for(count).capitalize()} respondent{'s' if count != 1 else ''} ({named}) answered "
        f"{numbers.plural(len(asked), 'question')} on {numbers.plural(cases, 'case')} "
        f"in {numbers.words_for(rounds)} round{'s' if rounds != 1 else ''}"
    )
    failures = sum(one.failures for one in content.respondents)
    responses = sum(one.responses for one in content.respondents)
    return f"{text}: {numbers.plural(responses, 'response')}, {numbers.plural(failures, 'failure')}."


def agreement_sentences(content: ReportContent) -> list[str]:
    """How far the reviewers agreed before adjudication, a sentence for each basis."""
    sentences = []
    found = content.agreement.bases if content.agreement is not None else {}
    for basis in found:
        overall = found[basis].overall
        share, coefficient = overall.percent, overall.cohen_kappa
        if share.value is None:
            continue
        words = basis_words(basis)
        kappa = "" if coefficient.value is None else f", kappa {numbers.number(coefficient.value)}"
        if kappa and coefficient.ci_low is not None and coefficient.ci_high is not None:
            kappa += f" (95% CI {numbers.interval_of_percents(coefficient.ci_low, coefficient.ci_high, 2)})"
        sentences.append(
            f"{words[:1].upper()}{words[1:]}, the reviewers agreed on {numbers.percent(share.value)} of "
            f"{numbers.plural(overall.n, 'answer')}{kappa}."
        )
    return sentences


def caution_sentence(content: ReportContent) -> str:
    """What nobody may take these figures for; empty where people have marked all of the real answers."""
    parts = _open_sentences(content)
    if content.simulated:
        parts.append(
            "The answers and marks of this study were made by a program. They say nothing about any real model."
        )
    if content.automatic and not content.simulated:
        parts.append(
            "The marks were made by a program that compares answers with the key. No physician has marked "
            "these answers; "
            "read the figures as a trial of the method."
        )
    return " ".join(parts)


def _open_sentences(content: ReportContent) -> list[str]:
    """That marking is not finished, and what is left out for it."""
    asked = sum(one.responses for one in content.respondents)
    scored = dict.fromkeys(content.bases, 0)
    for one in content.lines:
        if one.round is None:
            scored[one.basis] += one.responses
    left = [
        f"{basis_words(basis)}, {numbers.count(asked - count)} of {numbers.plural(asked, 'response')}"
        for basis, count in scored.items()
        if count < asked
    ]
    why = "their marks are open or a disagreement of the reviewers is not settled"
    return [f"Marking is not finished: {joined(left)} are left out, because {why}."] if left else []


def marks_sentence(content: ReportContent) -> str:
    """Who marked, said so that no automatic mark passes for a physician's."""
    humans = [one for one in content.reviewers if not one.automatic and not one.adjudicator]
    programs = [one for one in content.reviewers if one.automatic]
    parts = []
    if humans:
        parts.append(f"{numbers.words_for(len(humans))} reviewer{'s' if len(humans) != 1 else ''}")
    if any(one.adjudicator for one in content.reviewers):
        parts.append("an adjudicator who settled their disagreements")
    if programs and content.automatic:
        parts.append("a program that compares answers with the key, no person")
    return f"Marked by {joined(parts)}." if parts else "Nothing has been marked yet."


def _named(identifier: str, models: tuple[str, ...]) -> str:
    others = [model for model in models if model != identifier]
    return f"{identifier}: {joined(others)}" if others else identifier


def right_sentence(content: ReportContent) -> str:
    """Lines right of each respondent over all rounds, on each basis."""
    if not content.lines:
        return "No response has been scored yet."
    parts = []
    for basis in content.bases:
        figures = [
            f"{one.respondent} gave {numbers.count(one.correct)} of {numbers.count(one.requested)} lines right "
            f"({numbers.percent(one.percent)})"
            for one in content.lines
            if one.basis == basis and one.round is None
        ]
        if figures:
            kind = ", by automatic marks," if basis in content.automatic else ""
            parts.append(f"{basis_words(basis)}{kind or ','} {joined(figures)}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _estimates_sentence(content: ReportContent) -> str:
    text = "; ".join(_estimate_words(content, one) for one in content.estimates)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _estimate_words(content: ReportContent, estimate: Estimate) -> str:
    words = basis_words(estimate.basis)
    if isinstance(estimate, NotEstimated):
        return f"{words}, no odds ratio could be estimated ({estimate.reason})"
    respondents = [one.id for one in content.respondents]
    term = _main_term(estimate, respondents)
    compared = {
        "prompted": ("with the instructing prompt", "without it"),
        "regenerated": ("when the answer was regenerated", "in the first answer"),
        "later": ("when asked again later", "at the first asking"),
    }.get(term.term, (f"for {term.term}", f"for {term.reference}"))
    interval = f"{numbers.number(100 * content.study.analysis.confidence, 0)}% CI"
    return (
        f"{words}, the odds of a higher score {compared[0]} were {numbers.ratio(term.odds_ratio)} times those "
        f"{compared[1]} ({interval} {numbers.interval(term.ci_low, term.ci_high)}, {numbers.p_sentence(term.p_value)})"
    )


def _main_term(estimate: StudyFit, respondents: list[str]) -> Term:
    """The first comparison of respondents, else the first of conditions."""
    return next((term for term in estimate.fit.terms if term.term in respondents), estimate.fit.terms[0])
