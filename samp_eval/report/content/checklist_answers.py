"""Answers to checklist items from the study's records: one function for each topic."""

from __future__ import annotations

import re
from collections.abc import Callable

from samp_eval.endpoint import is_local
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import joined
from samp_eval.report.prose.methods import (
    agreement_words,
    analysis_words,
    marks_words,
    planned_size_words,
    respondents_words,
    rounds_words,
)
from samp_eval.report.prose.methods_of_questions import selection_words
from samp_eval.report.prose.summary import (
    agreement_sentences,
    asked_sentence,
    deviation_sentences,
    right_sentence,
)

__all__ = ["RECORDED", "TOPICS"]

_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4}|\d{8})$")
"""The name of a model snapshot that contains its date."""

_ABSENT = "not recorded"
_SIMULATED = "A program simulated the answers; no model was asked."


def _models(content: ReportContent) -> str:
    parts = [
        f"{respondent.id}: requested as {respondent.model}, answered as {joined(respondent.models_returned) or _ABSENT}"
        for respondent in content.respondents
    ]
    return f"{'; '.join(parts)}. {_dates(content)}"


def _model_names(content: ReportContent) -> str:
    return f"{joined([respondent.model for respondent in content.respondents])}."


def _openness(content: ReportContent) -> str:
    if content.simulated:
        return _SIMULATED
    local = [respondent.id for respondent in content.respondents if is_local(respondent.model)]
    recorded = [respondent.id for respondent in content.respondents if respondent.recorded]
    others = [respondent.id for respondent in content.respondents if respondent.id not in (*local, *recorded)]
    parts = [f"{joined(local)}: open weights, served on this machine"] if local else []
    parts += [f"{joined(recorded)}: answers recorded elsewhere"] if recorded else []
    parts += [f"{joined(others)}: accessed through a programming interface"] if others else []
    return f"{'; '.join(parts)}."


def _dates(content: ReportContent) -> str:
    times = [
        moment
        for respondent in content.respondents
        for moment in (respondent.first_asked, respondent.last_asked)
        if moment is not None
    ]
    return f"Asked {numbers.date_range(min(times), max(times))} (UTC)." if times else "The dates were not recorded."


def _access(content: ReportContent) -> str:
    return f"{'; '.join(f'{respondent.id}: {respondent.route}' for respondent in content.respondents)}."


def _sessions(content: ReportContent) -> str:
    if content.simulated:
        return _SIMULATED
    recorded = [respondent.id for respondent in content.respondents if respondent.recorded]
    if not recorded:
        return "Every question was sent in a separate session."
    others = (
        ""
        if len(recorded) == len(content.respondents)
        else " For the others, every question was sent in a separate session."
    )
    return f"The answers of {joined(recorded)} were recorded elsewhere.{others}"


def _adaptation(content: ReportContent) -> str:
    if content.simulated:
        return _SIMULATED
    served = (
        "" if any(respondent.recorded for respondent in content.respondents) else "; the models were used as provided"
    )
    return f"No tuning, retrieval or tools are recorded{served}."


def _prompts(content: ReportContent) -> str:
    digests = sorted(
        {
            str(respondent.settings["prompt_sha256"])
            for respondent in content.respondents
            if "prompt_sha256" in respondent.settings
        }
    )
    version = (
        f" Instructions and worked examples: SHA-256 {joined([numbers.short_hash(digest) for digest in digests])}."
        if digests
        else ""
    )
    sent = " One request of each kind is printed as sent." if content.requests else ""
    return f"The HTML report prints every question in full, with its case.{version}{sent}"


def _performance(content: ReportContent) -> str:
    failed = [missing.clause for missing in content.not_estimated.values()]
    ratios = f"No odds ratio: {failed[0]}." if failed else "Odds ratios with intervals are in the results."
    return f"{right_sentence(content)} {ratios}"


def _evaluators(content: ReportContent) -> str:
    people = [reviewer for reviewer in content.reviewers if not reviewer.automatic]
    parts = [
        f"{reviewer.name}: {numbers.plural(reviewer.key_marks, 'answer')} by the key, "
        f"{numbers.count(reviewer.judgement_marks)} by judgement"
        for reviewer in people
    ]
    counted = f"{numbers.plural(len(people), 'person', 'people')}."
    return f"{counted} {'; '.join(parts)}." if parts else counted


def _blinding(content: ReportContent) -> str:
    if all(reviewer.automatic for reviewer in content.reviewers):
        return "No person marked; the program sees only the question and the answer."
    return (
        "Reviewers see the question and the answer, but neither the respondent nor the round; rows have opaque "
        "identifiers and a shuffled order."
    )


def _counts(content: ReportContent) -> str:
    asked = sum(respondent.responses + respondent.failures for respondent in content.respondents)
    short = sum(respondent.short_responses for respondent in content.respondents)
    queries, too_short = numbers.plural(asked, "query", "queries"), numbers.plural(short, "response")
    return f"{asked_sentence(content)} {queries}; {too_short} with too few lines."


def _cost(content: ReportContent) -> str:
    counted = [respondent for respondent in content.respondents if respondent.prompt_tokens is not None]
    uncounted = [respondent.id for respondent in content.respondents if respondent not in counted]
    if not counted:
        return f"No tokens were counted. {_dates(content)}"
    sent = sum(respondent.prompt_tokens or 0 for respondent in counted)
    received = sum(respondent.completion_tokens or 0 for respondent in counted)
    known = [respondent.cost_usd for respondent in counted if respondent.cost_usd is not None]
    cost = f" {numbers.number(sum(known))} US dollars at list prices of {content.prices_as_of}." if known else ""
    without = f" The tokens of {joined(uncounted)} were not counted." if uncounted else ""
    return f"{numbers.count(sent)} tokens in, {numbers.count(received)} tokens out.{without}{cost} {_dates(content)}"


def _harm(content: ReportContent) -> str:
    answers = [answer for record in content.questions for answer in record.answers]
    if not any(mark.field == "harm" for answer in answers for mark in answer.marks):
        return "No reviewer has marked harm."
    harmful, marked = sum(answer.harmful for answer in answers), sum(bool(answer.marks) for answer in answers)
    return (
        f"At least one reviewer marked {numbers.count(harmful)} of {numbers.plural(marked, 'distinct answer')} with "
        "marks as harmful."
    )


def _deviations(content: ReportContent) -> str:
    answers = [answer for record in content.questions for answer in record.answers]
    settled = [answer for answer in answers if any(mark.credit is not None for mark in answer.consensus)]
    wrong = [answer for answer in settled if any(mark.credit == 0.0 for mark in answer.consensus)]
    short = sum(respondent.short_responses for respondent in content.respondents)
    return (
        f"{numbers.count(len(wrong))} of {numbers.plural(len(settled), 'distinct answer')} with a settled mark (of "
        f"{numbers.count(len(answers))} given) earned no mark on at least one basis; "
        f"{numbers.plural(short, 'response')} had fewer lines than requested. The HTML report prints each "
        "answer with its marks."
    )


def _topics(content: ReportContent) -> str:
    topics = sorted({record.case.topic for record in content.questions if record.answers})
    return f"{numbers.plural(len(topics), 'topic')}: {'; '.join(topics)}."


def _agreement(content: ReportContent) -> str:
    return " ".join(agreement_sentences(content)) or "No two people have marked the same answers."


def _agreement_statistics(content: ReportContent) -> str:
    return agreement_words() if content.agreement_by_basis else "No two people have marked the same answers."


def _protocol(content: ReportContent) -> str:
    if content.frozen is None:
        return f"The study file and its seed ({content.study.seed}) are recorded. {_deviation_words(content)}"
    frozen = f"{numbers.day(content.frozen.frozen_at)}, SHA-256 {numbers.short_hash(content.frozen.sha256)}"
    return (
        f"The plan was frozen at the first request ({frozen}), seed {content.study.seed}. {_deviation_words(content)}"
    )


def _deviation_words(content: ReportContent) -> str:
    found = " ".join(deviation_sentences(content))
    return f"Deviations: {found}" if content.deviations else found


def _settings(content: ReportContent) -> str:
    return respondents_words(content)


def _source(content: ReportContent) -> str:
    return f"Bank: {content.bank.location}, SHA-256 {numbers.short_hash(content.bank.sha256)}."


RECORDED: dict[str, Callable[[ReportContent], bool]] = {
    "dated": lambda content: (
        bool(content.respondents)
        and all(
            respondent.models_returned and all(_DATED.search(name) for name in respondent.models_returned)
            for respondent in content.respondents
        )
    ),
    "embedded": lambda content: (
        bool(content.respondents) and all(is_local(respondent.model) for respondent in content.respondents)
    ),
    "frozen": lambda content: content.frozen is not None,
    "asked_here": lambda content: not any(respondent.recorded for respondent in content.respondents),
    "counted": lambda content: (
        bool(content.respondents) and all(respondent.prompt_tokens is not None for respondent in content.respondents)
    ),
    "marked_twice": lambda content: bool(content.agreement_by_basis),
}
"""Conditions under which the records fill an item without an author."""

TOPICS: dict[str, Callable[[ReportContent], str]] = {
    "abstract": lambda content: "The summary of this report can serve as its results.",
    "access": _access,
    "adaptation": _adaptation,
    "agreement": _agreement,
    "agreement_statistics": _agreement_statistics,
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
        "Reviewers mark separately and do not see each other\N{RIGHT SINGLE QUOTATION MARK}s marks."
        if any(not reviewer.automatic for reviewer in content.reviewers)
        else "No person has marked."
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
    "privacy": lambda content: "The vignettes were written for the bank and contain no patient data.",
    "processing": lambda content: (
        "Responses are stored as received, split into answer lines, and the first N lines are marked; "
        "the HTML report prints all of them."
    ),
    "prompt_version": _prompts,
    "prompts": _prompts,
    "protocol": _protocol,
    "question_source": _source,
    "reference_standard": lambda content: f"The answer key of the bank, printed in the HTML report. {_source(content)}",
    "responses": lambda content: (
        "The HTML report prints every distinct answer with its marks; the responses are in the study folder."
    ),
    "sample_size": lambda content: (
        planned_size_words(content, content.power_run)
        if content.power_run
        else f"No power simulation was kept. {asked_sentence(content)}"
    ),
    "selection": lambda content: f"{selection_words(content)} {_source(content)}",
    "sessions": _sessions,
    "settings": _settings,
    "statistics": analysis_words,
    "stochasticity": lambda content: (
        f"{rounds_words(content)} Rounds are repeated measures in the model, not averaged; consistency "
        f"over rounds is in the results."
    ),
    "topics": _topics,
}
"""Functions that answer a topic from the content of the report; answers may contain citation marks."""
