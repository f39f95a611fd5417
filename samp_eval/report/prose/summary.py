"""The summary in sentences: what was asked, how much was correct, and the main odds ratio or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from samp_eval.analysis.description import LinesCorrect
from samp_eval.analysis.waiting import waiting_sentences
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.content.respondent_summary import RespondentAsked
from samp_eval.report.prose.display_names import basis_words, joined, on_each_basis, said_once, sentence_case
from samp_eval.report.prose.draw_sentences import draw_words
from samp_eval.report.prose.estimates import estimates_sentence, primary_sentence
from samp_eval.report.prose.ranking_sentences import settled_on_each_basis
from samp_eval.report.tables.table import named_table

__all__ = [
    "FEWEST_FOR_A_PERCENTAGE",
    "agreement_sentences",
    "asked_sentence",
    "caution_sentence",
    "deviation_sentences",
    "marks_sentence",
    "right_sentence",
    "summary_sentences",
]


_DAMAGE_NAMED = 5
"""Faults that the report names; ``samp-eval check`` lists the others."""

FEWEST_FOR_A_PERCENTAGE = 10
"""Questions below which a share of correct lines says next to nothing: 10 of 10 right may be 69 % (Clopper-Pearson)."""

FEWEST_IN_A_LIST, MOST_NAMED = 3, 6
"""So many respondents are listed with their counts alone; of more, the summary gives the ends and the table."""

MUCH_OPEN = 0.02
"""A respondent of which a larger share of the responses has no score is introduced with that."""


def summary_sentences(content: ReportContent) -> list[str]:
    """The summary of a report: who was asked, what was marked and correct, and the odds ratio or the settled ranks."""
    sentences = [asked_sentence(content), draw_words(content), right_sentence(content)]
    planned = content.study.analysis.primary_comparison is not None
    sentences.append(primary_sentence(content) if planned else estimates_sentence(content))
    if content.ranked:
        sentences.append(" ".join(settled_on_each_basis(list(content.ranked.values()))))
    return [sentence for sentence in sentences if sentence]


def asked_sentence(content: ReportContent) -> str:
    """Who answered how many questions in how many rounds, with responses and failures."""
    count = len(content.respondents)
    if count == 0:
        return "Nothing has been asked yet."
    if not content.same_questions_and_rounds:
        return f"{numbers.words_for(count).capitalize()} respondents were asked {_each_asked(content)}."
    named = joined([_named(respondent) for respondent in content.respondents])
    rounds = max((len(respondent.rounds) for respondent in content.respondents), default=0)
    asked = [record for record in content.questions if record.answers]
    cases = len({record.case.id for record in asked})
    text = (
        f"{numbers.words_for(count).capitalize()} respondent{'s' if count != 1 else ''} ({named}) answered "
        f"{numbers.plural(len(asked), 'question')} on {numbers.plural(cases, 'case')} "
        f"in {numbers.words_for(rounds)} round{'s' if rounds != 1 else ''}"
    )
    failures = sum(respondent.failures for respondent in content.respondents)
    responses = sum(respondent.responses for respondent in content.respondents)
    return f"{text}: {numbers.plural(responses, 'response')}, {numbers.plural(failures, 'failure')}."


def _each_asked(content: ReportContent) -> str:
    """What each respondent was asked, where it was not the same; said once of those that were asked the same."""
    alike: dict[tuple[object, ...], list[RespondentAsked]] = {}
    for respondent in content.respondents:
        rounds = tuple((asked.round, asked.condition) for asked in respondent.rounds)
        counts = respondent.responses, respondent.failures
        alike.setdefault((respondent.questions, rounds, *counts), []).append(respondent)
    if len(alike) > MOST_NAMED:
        responses = sum(respondent.responses for respondent in content.respondents)
        failures = sum(respondent.failures for respondent in content.respondents)
        counted = f"{numbers.plural(responses, 'response')}, {numbers.plural(failures, 'failure')}"
        return f"different questions or rounds ({named_table('asked')}): {counted} in all"
    parts = []
    for respondents in alike.values():
        first, each = respondents[0], " each" if len(respondents) > 1 else ""
        passes = f"{numbers.words_for(len(first.rounds))} round{'s' if len(first.rounds) != 1 else ''}"
        failed = f", {numbers.plural(first.failures, 'failure')}" if first.failures else ""
        parts.append(
            f"{joined([_named(respondent) for respondent in respondents])} "
            f"{numbers.plural(len(first.questions), 'question')} in {passes} "
            f"({numbers.plural(first.responses, 'response')}{failed}{each})"
        )
    return f"different questions or rounds: {'; '.join(parts)}"


def agreement_sentences(content: ReportContent) -> list[str]:
    """Agreement between the reviewers before adjudication, one sentence for each basis."""
    sentences = []
    for basis, found in content.agreement_by_basis.items():
        overall = found.overall
        share, coefficient = overall.percent, overall.cohen_kappa
        if share.value is None:
            continue
        words = basis_words(basis)
        kappa = "" if coefficient.value is None else f", kappa {numbers.number(coefficient.value)}"
        if kappa and coefficient.ci_low is not None and coefficient.ci_high is not None:
            kappa += f" (95% CI {numbers.interval_of_percents(coefficient.ci_low, coefficient.ci_high, 2)})"
        sentences.append(
            f"{sentence_case(words)}, the reviewers agreed on {numbers.percent(share.value)} of "
            f"{numbers.plural(overall.n, 'answer')}{kappa}."
        )
    return sentences


def caution_sentence(content: ReportContent) -> str:
    """A warning about how to read the figures; empty if people have marked all answers and these are real."""
    parts = [*_damage_sentences(content), *_open_sentences(content)]
    if content.simulated:
        parts.append("A program generated the answers and marks of this study. They say nothing about any real model.")
    if content.automatic and not content.simulated:
        parts.append(
            "A program made the marks by comparing the answers with the key. No physician has marked these answers, so "
            "read the figures only as a trial of the method."
        )
    return " ".join(parts)


def _damage_sentences(content: ReportContent) -> list[str]:
    """What is damaged in the study, the first of it by name."""
    if not content.damage:
        return []
    rest = len(content.damage) - _DAMAGE_NAMED
    named = "; ".join(
        [*content.damage[:_DAMAGE_NAMED], *([f"and {numbers.plural(rest, 'more fault')}"] if rest > 0 else [])]
    )
    return [
        f"Some records of this study are damaged, and every figure leaves them out: {named}. Restore the study from a "
        "backup before you publish a figure; samp-eval check lists all damage."
    ]


def _open_sentences(content: ReportContent) -> list[str]:
    """Whether marking is unfinished, and how many responses are therefore left out."""
    asked = content.responses_to_mark
    scored = dict.fromkeys(content.bases, 0)
    for tally in content.described.lines:
        if tally.round is None:
            scored[tally.basis] += tally.responses
    left = {
        basis: f", {numbers.count(asked - count)} of {numbers.plural(asked, 'response')}"
        for basis, count in scored.items()
        if count < asked
    }
    if not left:
        return []
    reasons = ["their marks are open", "a disagreement between the reviewers is unresolved"]
    if any(counts.open for counts in content.readings.values()):
        reasons.append("a person must decide what the answer is")
    if any(content.waiting.values()):
        reasons.append("too little of their respondent is marked")
    return [
        f"Marking is not finished: {on_each_basis(left)} are left out, because {joined(reasons, 'or')}.",
        *waiting_sentences(content.waiting),
    ]


def marks_sentence(content: ReportContent) -> str:
    """Who marked, in words that cannot make an automatic mark look like a physician's."""
    humans = [reviewer for reviewer in content.reviewers if not reviewer.automatic and not reviewer.adjudicator]
    programs = [reviewer for reviewer in content.reviewers if reviewer.automatic]
    parts = []
    if humans:
        parts.append(f"{numbers.words_for(len(humans))} reviewer{'s' if len(humans) != 1 else ''}")
    if any(reviewer.adjudicator for reviewer in content.reviewers):
        parts.append("an adjudicator who settled their disagreements")
    if programs and content.automatic:
        parts.append("a program that compares answers with the key (not a person)")
    return f"Marked by {joined(parts)}." if parts else "Nothing has been marked yet."


def _named(respondent: RespondentAsked) -> str:
    """The respondent with the models that answered under its name."""
    models = () if respondent.simulated else respondent.models_returned
    others = [model for model in models if model != respondent.id]
    return f"{respondent.id}: {joined(others)}" if others else respondent.id


def right_sentence(content: ReportContent) -> str:
    """Correct lines of each respondent over all rounds, on each basis; of three and more, with fewer words."""
    if not content.described.lines:
        return "No response has been scored yet."
    totals = {
        basis: [tally for tally in content.described.lines if tally.basis == basis and tally.round is None]
        for basis in content.bases
    }
    kinds = {basis: " (automatic marks)" if basis in content.automatic else "" for basis in totals}
    if max(map(len, totals.values())) < FEWEST_IN_A_LIST:
        clauses = {
            basis: f"{kinds[basis]}, {joined([_right_words(content, tally) for tally in tallies])}"
            for basis, tallies in totals.items()
            if tallies
        }
        said = f"{sentence_case(on_each_basis(clauses))}."
    else:
        texts = {
            basis: f"{sentence_case(basis_words(basis))}{kinds[basis]}, {_listed(content, tallies)}"
            for basis, tallies in totals.items()
            if tallies
        }
        said = " ".join(said_once(texts))
    apart = (
        ""
        if content.same_questions_and_rounds
        else " These percentages are of different questions or rounds and do not compare the respondents."
    )
    return f"{said}{apart}"


def _listed(content: ReportContent, tallies: Sequence[LinesCorrect]) -> str:
    """Lines correct of three and more respondents, then of whom only a part has scores; of many, the ends alone."""
    partly = [
        tally for tally in tallies if _given(content, tally) - tally.responses > MUCH_OPEN * _given(content, tally)
    ]
    if len(tallies) > MOST_NAMED:
        return _ends(tallies, len(partly))
    said = [f"the lines correct are {joined([_count(tally) for tally in tallies])}."]
    if partly:
        scored = [
            f"{numbers.count(tally.responses)} of {numbers.plural(_given(content, tally), 'response')} of "
            f"{tally.respondent}"
            for tally in partly
        ]
        said.append(f"Only {joined(scored)} have a score.")
    bounds = [(tally.respondent, ends) for tally in tallies if (ends := _open_ends(content, tally)) is not None]
    if bounds:
        each = joined([f"{ends} for {name}" for name, ends in bounds])
        said.append(f"With the open marks as wrong or right, the shares of all lines are {each}.")
    return " ".join(said)


def _ends(tallies: Sequence[LinesCorrect], partly: int) -> str:
    """The fewest and the most lines correct of many respondents, and of how many only a part is scored."""
    telling = [tally for tally in tallies if tally.questions >= FEWEST_FOR_A_PERCENTAGE] or tallies
    fewest, most = (choose(telling, key=lambda tally: tally.percent) for choose in (min, max))
    said = (
        f"the lines correct of {numbers.plural(len(tallies), 'respondent')} are between {_count(fewest)} and "
        f"{_count(most)} ({named_table('lines-correct')})."
    )
    scored = f" {numbers.count(partly)} of them have a score on a part of their responses only." if partly else ""
    return f"{said}{scored}"


def _count(tally: LinesCorrect) -> str:
    lines = f"{numbers.count(tally.correct)} of {numbers.count(tally.requested)}"
    if tally.questions < FEWEST_FOR_A_PERCENTAGE:
        return f"{tally.respondent} {lines} (of {numbers.plural(tally.questions, 'question')} only)"
    return f"{tally.respondent} {lines} ({numbers.percent(tally.percent)})"


def _given(content: ReportContent, tally: LinesCorrect) -> int:
    """How many responses its respondent gave."""
    return next(respondent.responses for respondent in content.respondents if respondent.id == tally.respondent)


def _open_ends(content: ReportContent, tally: LinesCorrect) -> str | None:
    """Between which percentages of all lines the open marks leave the respondent; None where few are open."""
    found = next(
        (
            ends
            for ends in content.described.open_bounds
            if (ends.basis, ends.respondent) == (tally.basis, tally.respondent)
        ),
        None,
    )
    if found is None or found.open <= MUCH_OPEN * found.responses or tally.questions < FEWEST_FOR_A_PERCENTAGE:
        return None
    return f"{numbers.number(found.as_wrong, 1)} to {numbers.percent(found.as_right)}"


def _right_words(content: ReportContent, tally: LinesCorrect) -> str:
    """Lines correct of a respondent; before them how few of its responses they are of, and no percentage of few."""
    given, ends = _given(content, tally), _open_ends(content, tally)
    lines = f"{numbers.count(tally.correct)} of {numbers.count(tally.requested)} lines correctly"
    if tally.questions < FEWEST_FOR_A_PERCENTAGE:
        only = f"of {numbers.plural(tally.questions, 'question')} only"
        return f"{tally.respondent}, with scores {only}, answered {lines} (too few for a percentage)"
    share = f"({numbers.percent(tally.percent)})"
    if ends is not None:
        share = f"({numbers.percent(tally.percent)}; {ends} of all lines with the open marks as wrong or right)"
    if given - tally.responses > MUCH_OPEN * given:
        scored = f"{numbers.count(tally.responses)} of whose {numbers.plural(given, 'response')} have a score"
        return f"{tally.respondent}, {scored}, answered {lines} {share}"
    return f"{tally.respondent} answered {lines} {share}"


def deviation_sentences(content: ReportContent) -> tuple[str, ...]:
    """What was recorded as a deviation from the plan, then what the responses themselves show; never empty."""
    counted = (_failed_words(content), _partly_asked_words(content), _excluded_words(content))
    return (*(content.deviations or ("No deviations are recorded.",)), *(words for words in counted if words))


def _failed_words(content: ReportContent) -> str:
    failed = {found.id: found.failures for found in content.respondents if found.failures}
    if not failed:
        return ""
    asked = sum(failed.values()) + sum(found.responses for found in content.respondents)
    each = joined([f"{name} {numbers.count(number)}" for name, number in failed.items()])
    return f"{numbers.count(sum(failed.values()))} of {numbers.plural(asked, 'request')} failed: {each}."


def _partly_asked_words(content: ReportContent) -> str:
    questions = len(content.bank.by_question())
    rounds = max((len(found.rounds) for found in content.respondents), default=0)
    partly = [
        f"{found.id} {numbers.count(len(found.questions))} of {numbers.plural(questions, 'question')} in "
        f"{numbers.count(len(found.rounds))} of {numbers.plural(rounds, 'round')}"
        for found in content.respondents
        if len(found.questions) < questions or len(found.rounds) < rounds
    ]
    return f"Not everyone was asked everything: {joined(partly)}." if partly else ""


def _excluded_words(content: ReportContent) -> str:
    number = len(content.exclusions)
    return f"{numbers.plural(number, 'exclusion')}, each with its reason under Exclusions." if number else ""
