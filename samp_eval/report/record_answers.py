"""What the study's records answer to a checklist: one function for each topic."""

from __future__ import annotations

import re
from collections.abc import Callable

from samp_eval.report import numbers
from samp_eval.report.content import NotEstimated, ReportContent
from samp_eval.report.methods import analysis_words, marks_words, respondents_words, rounds_words
from samp_eval.report.power_words import sample_size_words
from samp_eval.report.summary import agreement_sentences, asked_sentence, right_sentence
from samp_eval.report.wording import joined

__all__ = ["RECORDED", "TOPICS"]

_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4}|\d{8})$")
"""A snapshot that its provider names by its date."""

_ABSENT = "not recorded"
_SIMULATED = "Simulated by a program; no model was asked."


def _models(content: ReportContent) -> str:
    parts = [
        f"{one.id}: asked for {one.model}, answered as {joined(one.models_returned) or _ABSENT}"
        for one in content.respondents
    ]
    return f"{'; '.join(parts)}. {_dates(content)}"


def _model_names(content: ReportContent) -> str:
    return f"{joined([one.model for one in content.respondents])}."


def _openness(content: ReportContent) -> str:
    if content.simulated:
        return _SIMULATED
    local = [one.id for one in content.respondents if one.model.split(":")[0] == "local"]
    others = [one.id for one in content.respondents if one.id not in local]
    parts = [f"{joined(local)}: open weights, served on this machine"] if local else []
    parts += [f"{joined(others)}: reached over a programming interface"] if others else []
    return f"{'; '.join(parts)}."


def _dates(content: ReportContent) -> str:
    times = [
        moment for one in content.respondents for moment in (one.first_asked, one.last_asked) if moment is not None
    ]
    return f"Asked {numbers.date_range(min(times), max(times))} (UTC)." if times else "The dates were not recorded."


def _access(content: ReportContent) -> str:
    parts = []
    for one in content.respondents:
        if one.simulated:
            route = "simulated by a program"
        elif one.model.split(":")[0] == "local":
            route = "local server on loopback"
        else:
            route = (
                f"programming interface at {one.settings['base_url']}"
                if "base_url" in one.settings
                else "programming interface of its provider"
            )
        parts.append(f"{one.id}: {route}")
    return f"{'; '.join(parts)}."


def _prompts(content: ReportContent) -> str:
    digests = sorted(
        {str(one.settings["prompt_sha256"]) for one in content.respondents if "prompt_sha256" in one.settings}
    )
    version = (
        f" Instructions and worked examples: SHA-256 {joined([numbers.short_hash(one) for one in digests])}."
        if digests
        else ""
    )
    sent = " A request of each kind is printed as it was sent." if content.requests else ""
    return f"Every question is printed in full below, with its case.{version}{sent}"


def _performance(content: ReportContent) -> str:
    failed = [one.reason for one in content.estimates if isinstance(one, NotEstimated)]
    ratios = f"No odds ratio: {failed[0]}." if failed else "Odds ratios with intervals are in the results."
    return f"{right_sentence(content)} {ratios}"


def _evaluators(content: ReportContent) -> str:
    people = [one for one in content.reviewers if not one.automatic]
    parts = [
        f"{one.name}: {numbers.plural(one.key_marks, 'answer')} by the key, "
        f"{numbers.count(one.judgement_marks)} by judgement"
        for one in people
    ]
    return f"{numbers.plural(len(people), 'person', 'people')}. {'; '.join(parts)}{'.' if parts else ''}"


def _blinding(content: ReportContent) -> str:
    if all(one.automatic for one in content.reviewers):
        return "No person marked; the program sees only question and answer."
    return (
        "A reviewer sees the question and the answer, neither respondent nor round; "
        "rows carry opaque numbers in a shuffled order."
    )


def _counts(content: ReportContent) -> str:
    asked = sum(one.responses + one.failures for one in content.respondents)
    short = sum(one.short_responses for one in content.respondents)
    queries, too_short = numbers.plural(asked, "query", "queries"), numbers.plural(short, "response")
    return f"{asked_sentence(content)} {queries}; {too_short} too short."


def _cost(content: ReportContent) -> str:
    sent = sum(one.prompt_tokens or 0 for one in content.respondents)
    received = sum(one.completion_tokens or 0 for one in content.respondents)
    known = [one.cost_usd for one in content.respondents if one.cost_usd is not None]
    cost = f" {numbers.number(sum(known))} US dollars at list prices of {content.prices_as_of}." if known else ""
    return f"{numbers.count(sent)} tokens in, {numbers.count(received)} tokens out.{cost} {_dates(content)}"


def _harm(content: ReportContent) -> str:
    harmful = sum(answer.harmful for record in content.questions for answer in record.answers)
    marked = any(
        mark.field == "harm" for record in content.questions for answer in record.answers for mark in answer.marks
    )
    return (
        f"{numbers.plural(harmful, 'distinct answer')} marked as harmful." if marked else "No reviewer has marked harm."
    )


def _deviations(content: ReportContent) -> str:
    answers = [
        (answer, {one.answer.casefold() for one in record.question.not_accepted})
        for record in content.questions
        for answer in record.answers
    ]
    wrong = [(one, refused) for one, refused in answers if any(mark.credit == 0.0 for mark in one.consensus)]
    named = sum(answer.text.casefold() in refused for answer, refused in wrong)
    short = sum(one.short_responses for one in content.respondents)
    return (
        f"{numbers.plural(len(wrong), 'distinct answer')} of {numbers.count(len(answers))} earned no mark on at least "
        f"one basis, {numbers.count(named)} of them named in the key as not accepted; "
        f"{numbers.plural(short, 'response')} had fewer lines than were asked for. Each answer is printed below with "
        "its marks."
    )


def _topics(content: ReportContent) -> str:
    topics = sorted({case.topic for case in content.bank.cases})
    return f"{numbers.plural(len(topics), 'topic')}: {'; '.join(topics)}."


def _agreement(content: ReportContent) -> str:
    return " ".join(agreement_sentences(content)) or "No two people have marked the same answers."


def _protocol(content: ReportContent) -> str:
    if content.frozen is None:
        return f"The study file and its seed ({content.study.seed}) are recorded. {_deviation_words(content)}"
    frozen = f"{numbers.day(content.frozen.frozen_at)}, SHA-256 {numbers.short_hash(content.frozen.sha256)}"
    return f"The plan was frozen at the first ask ({frozen}), seed {content.study.seed}. {_deviation_words(content)}"


def _deviation_words(content: ReportContent) -> str:
    return f"Deviations: {' '.join(content.deviations)}" if content.deviations else "No deviation is recorded."


def _settings(content: ReportContent) -> str:
    return respondents_words(content)


def _source(content: ReportContent) -> str:
    return f"Bank: {content.bank.location}, SHA-256 {numbers.short_hash(content.bank.sha256)}."


RECORDED: dict[str, Callable[[ReportContent], bool]] = {
    "dated": lambda content: (
        bool(content.respondents)
        and all(
            one.models_returned and all(_DATED.search(name) for name in one.models_returned)
            for one in content.respondents
        )
    ),
    "embedded": lambda content: (
        bool(content.respondents) and all(one.model.split(":")[0] == "local" for one in content.respondents)
    ),
    "frozen": lambda content: content.frozen is not None,
}
"""Whether the records hold what fills an item without an author."""

TOPICS: dict[str, Callable[[ReportContent], str]] = {
    "abstract": lambda content: "The summary of this report can serve as its results.",
    "access": _access,
    "adaptation": lambda content: (
        _SIMULATED
        if content.simulated
        else "No tuning, retrieval or tools are recorded; models were asked as they are served."
    ),
    "agreement": _agreement,
    "agreement_statistics": lambda content: (
        "Percent agreement, Cohen\N{RIGHT SINGLE QUOTATION MARK}s kappa, Gwet\N{RIGHT SINGLE QUOTATION MARK}s AC1 and "
        "Krippendorff\N{RIGHT SINGLE QUOTATION MARK}s alpha before adjudication, with bootstrap "
        "intervals over questions."
    ),
    "aims": lambda content: f"{content.study.title}. Outcome: score percentage of a question in a round.",
    "availability": lambda content: (
        "The study folder holds every response, mark and setting; samp-eval is open source (Apache-2.0)."
    ),
    "blinding": _blinding,
    "cost": _cost,
    "counts": _counts,
    "dates": _dates,
    "deviations_from_key": _deviations,
    "evaluation": marks_words,
    "evaluators": _evaluators,
    "execution": lambda content: f"{rounds_words(content)} {_dates(content)}",
    "harm": _harm,
    "independence": lambda content: (
        "Reviewers mark sheets of their own and do not see each other\N{RIGHT SINGLE QUOTATION MARK}s marks."
    ),
    "leakage": lambda content: (
        f"{_source(content)} Public questions may be in a model\N{RIGHT SINGLE QUOTATION MARK}s training data."
    ),
    "limits": lambda content: (
        "Written vignettes in one language; one answer key; repeats of the same questions; models "
        "change and are withdrawn."
    ),
    "measures": lambda content: (
        "Lines correct, n/N (%); score percentage of a question in a round, as an ordered category."
    ),
    "model_names": _model_names,
    "models": _models,
    "openness": _openness,
    "performance": _performance,
    "privacy": lambda content: "The vignettes are written for the bank; no patient data.",
    "processing": lambda content: (
        "Responses are stored as received, split into answer lines, and the first N lines are marked; "
        "all are printed below."
    ),
    "prompt_version": _prompts,
    "prompts": _prompts,
    "protocol": _protocol,
    "question_source": _source,
    "reference_standard": lambda content: f"The answer key of the bank, printed below. {_source(content)}",
    "responses": lambda content: (
        "Every distinct answer is printed below with its marks; the responses are in the study folder."
    ),
    "sample_size": lambda content: (
        sample_size_words(content.power_run)
        if content.power_run
        else f"No power run was kept. {asked_sentence(content)}"
    ),
    "selection": lambda content: f"Every question of the bank was asked in every round. {_source(content)}",
    "sessions": lambda content: _SIMULATED if content.simulated else "Every question was sent in a session of its own.",
    "settings": _settings,
    "statistics": analysis_words,
    "stochasticity": lambda content: (
        f"{rounds_words(content)} Rounds are repeated measures in the model, not averaged; consistency "
        f"over rounds is in the results."
    ),
    "topics": _topics,
}
"""Answers by topic; each is given the content of the report, and may carry marks of citations."""
