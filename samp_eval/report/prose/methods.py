"""Methods in words, generated from what was really done, with citations."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.report import numbers
from samp_eval.report.content.gather import NotEstimated, ReportContent
from samp_eval.report.prose.display_names import (
    ASSOCIATION_WORDS,
    CLUSTER_WORDS,
    COVARIANCE_WORDS,
    consensus_words,
    joined,
)
from samp_eval.report.prose.power_sentences import sample_size_words
from samp_eval.report.prose.references import numbered_citations
from samp_eval.report.prose.summary import marks_sentence

__all__ = [
    "Methods",
    "agreement_words",
    "analysis_words",
    "marks_words",
    "methods_of",
    "methods_paragraphs",
    "reproduction_facts",
    "respondents_words",
    "rounds_words",
]


@dataclass(frozen=True, slots=True)
class Methods:
    """The methods section.

    Attributes
    ----------
    paragraphs : tuple of (heading, text)
        With citations as numbers.
    references : tuple of str
        In the order of their numbers.
    """

    paragraphs: tuple[tuple[str, str], ...]
    references: tuple[str, ...]


def methods_of(content: ReportContent) -> Methods:
    """The methods as they were really used, with the works that they cite."""
    named = methods_paragraphs(content)
    texts, references = numbered_citations([text for _, text in named])
    paragraphs = tuple((heading, text) for (heading, _), text in zip(named, texts, strict=True))
    return Methods(paragraphs, tuple(references))


def methods_paragraphs(content: ReportContent) -> list[tuple[str, str]]:
    """Paragraphs of the methods section, each with its heading; citations as marks."""
    sample_size = [("Sample size", sample_size_words(content.power_run))] if content.power_run else []
    return [
        ("Questions", _questions(content)),
        *sample_size,
        ("Respondents", respondents_words(content)),
        ("Rounds", rounds_words(content)),
        ("Marks", marks_words(content)),
        *([("Agreement", agreement_words())] if content.agreement is not None else []),
        ("Analysis", analysis_words(content)),
        *([("Sensitivity", sensitivity_words(content))] if content.effects else []),
    ]


def reproduction_facts(content: ReportContent) -> list[tuple[str, str]]:
    """What it takes to make the report again: hashes, seed, versions."""
    facts = [
        ("Bank", f"{content.bank.location}, SHA-256 {content.bank.sha256}"),
        ("Seed", str(content.study.seed)),
        ("Software", joined([f"{name}{numbers.NBSP}{number}" for name, number in content.versions])),
        ("Report made", numbers.moment(content.made_at)),
    ]
    prompts = {str(one.settings["prompt_sha256"]) for one in content.respondents if "prompt_sha256" in one.settings}
    if prompts:
        facts.insert(1, ("Prompt texts", f"SHA-256 {joined(sorted(prompts))}"))
    if content.frozen is not None:
        when = numbers.moment(content.frozen.frozen_at)
        facts.insert(1, ("Plan", f"frozen at the first ask, {when}, SHA-256 {content.frozen.sha256}"))
    return [*facts, ("Again", "samp-eval report --study DIR, where DIR is the folder of the study")]


def _questions(content: ReportContent) -> str:
    formats = sorted({one.question.format for one in content.questions})
    lines = sum(one.question.requested for one in content.questions)
    return (
        f"The bank holds {numbers.plural(len(content.questions), 'short-answer question')} on "
        f"{numbers.plural(len(content.bank.cases), 'clinical case')} (format: {joined(formats)}), which ask for "
        f"{numbers.plural(lines, 'answer line')} in one round. One answer counts per line, and lines beyond the number "
        "asked for do not count; a response with fewer lines is scored over the number asked for. "
        f"{selection_words(content)}"
    )


def selection_words(content: ReportContent) -> str:
    """Which questions of the bank were asked, and whether in every round."""
    asked = [one for one in content.questions if one.answers]
    if not asked:
        return "None has been asked yet."
    rounds = sum(len(one.rounds) for one in content.respondents)
    complete = sum(one.responses + one.failures for one in content.respondents) >= rounds * len(asked)
    where = "in every round" if complete else "not all of them in every round"
    if len(asked) == len(content.questions):
        return f"Every question of the bank was asked{',' if not complete else ''} {where}."
    cases = {one.case.id for one in asked}
    return (
        f"{numbers.count(len(asked))} of the bank\N{RIGHT SINGLE QUOTATION MARK}s "
        f"{numbers.plural(len(content.questions), 'question')}, on {numbers.count(len(cases))} of its "
        f"{numbers.plural(len(content.bank.cases), 'case')}, were asked, {where}."
    )


def respondents_words(content: ReportContent) -> str:
    """Each respondent with the settings it was asked under."""
    parts = []
    for one in content.respondents:
        skipped = {"model", "prompt_sha256", "simulated", "recorded"}
        settings = [f"{name.replace('_', ' ')} {value}" for name, value in one.settings.items() if name not in skipped]
        detail = f" ({'; '.join(settings)})" if settings else ""
        parts.append(f"{one.id}, {'recorded elsewhere from' if one.recorded else 'asked for as'} {one.model}{detail}")
    every = f"{_asked_words(content)} Respondents: {'; '.join(parts)}."
    cut_off = sum(one.cut_off for one in content.respondents)
    again = sum(one.asked_again for one in content.respondents)
    every += f" {numbers.plural(cut_off, 'response')} ended at the limit of tokens." if cut_off else ""
    return every + (f" {numbers.plural(again, 'response')} came after one or more failed attempts." if again else "")


def _asked_words(content: ReportContent) -> str:
    """Whether models were asked at all, and how."""
    if content.simulated:
        return "Simulated by a program; no model was asked."
    recorded = [one.recorded for one in content.respondents]
    if recorded and all(recorded):
        return "Answers were recorded elsewhere and brought in."
    return f"Each question was sent by itself{', where answers were not recorded elsewhere' if any(recorded) else ''}."


def rounds_words(content: ReportContent) -> str:
    """Each round with its condition, and what the conditions mean."""
    conditions: dict[str, None] = {}
    for one in content.respondents:
        for asked in one.rounds:
            conditions[f"round {asked.round} {asked.condition.replace('-', ', ')}"] = None
    published = "The design follows the published study [@published]. " if content.published is not None else ""
    return (
        f"{published}The rounds were: {'; '.join(conditions)}. Prompted means with instructions and worked "
        f"examples, bare means only "
        f"the case and the question; regenerated means that the same request was sampled again{_later_words(content)}."
    )


def _later_words(content: ReportContent) -> str:
    """When the later rounds were really asked; empty where there is none."""
    days: dict[int, list[int]] = {}
    for one in content.respondents:
        for asked in one.rounds:
            if "later" in asked.condition.split("-"):
                days.setdefault(asked.round, []).extend(asked.days_after_first or ())
    planned = dict(enumerate((one.after_days for one in content.study.rounds), start=1))
    parts = [(number, _when_words(found, planned.get(number, 0))) for number, found in sorted(days.items())]
    if len({words for _, words in parts}) == 1:
        return f"; later means asked again {parts[0][1]}"
    return (
        f"; later means asked again, {joined([f'round {number} {words}' for number, words in parts])}" if parts else ""
    )


def _when_words(days: list[int], planned: int) -> str:
    """After how many days a later round was asked, and how many were planned where they were others."""
    names = f" (the protocol names {numbers.plural(planned, 'day')})" if planned and set(days) != {planned} else ""
    if not days:
        return f"at a time that was not recorded{names}"
    if not any(days):
        return f"within a day of the first round{names}" if planned else "without an interval: the protocol names none"
    fewest, most = min(days), max(days)
    lasted = (
        numbers.plural(most, "day") if fewest == most else f"{numbers.count(fewest)} to {numbers.plural(most, 'day')}"
    )
    return f"{lasted} after the first round{names}"


def marks_words(content: ReportContent) -> str:
    """Who marked, and how marks become a score."""
    humans = [one for one in content.reviewers if not one.automatic and not one.adjudicator]
    text = (
        f"{marks_sentence(content)} A mark belongs to an answer: the same words to the same question are marked once "
    )
    text += "and counted wherever they occur, so that a reviewer sees neither respondent nor round. "
    text += "An entry of the key earns its mark once in a response."
    if len(humans) > 1:
        text += (
            f" Consensus rule: {content.study.review.consensus} ({consensus_words(content.study.review.consensus)})."
        )
    return text


def analysis_words(content: ReportContent) -> str:
    """The model and every choice in it."""
    plan = content.study.analysis
    reference = content.respondents[0].id if content.respondents else numbers.NONE
    fitted = any(not isinstance(one, NotEstimated) for one in content.estimates)
    solver = ", solved by samp-eval, which was checked against R and statsmodels [@statsmodels]" if fitted else ""
    return (
        "The score percentage of a question in a round (100 \N{MULTIPLICATION SIGN} lines correct / "
        "lines asked for) was "
        "analysed as an ordered category by an ordinal logistic generalised estimating equation with a "
        f"cumulative logit link [@liang, @heagerty]{solver}. "
        f"Clusters: {CLUSTER_WORDS[plan.cluster].lower()}. Working association: {ASSOCIATION_WORDS[plan.association]}. "
        f"Covariance: {COVARIANCE_WORDS[plan.covariance]}. Reference respondent: {reference}. "
        f"Intervals are Wald intervals of {numbers.number(100 * plan.confidence, 0)}%"
        f"{_distribution_words(content)}; p-values are two-sided. "
        "Responses with an open mark and failures are left out."
    )


def _distribution_words(content: ReportContent) -> str:
    """The distribution behind the intervals of the planned fits, which the number of clusters decides."""
    words = [
        "the normal distribution"
        if one.fit.interval == "normal"
        else f"the t distribution with {numbers.count(one.fit.degrees_of_freedom)} degrees of freedom"
        for one in content.estimates
        if not isinstance(one, NotEstimated)
    ]
    return f" by {joined(list(dict.fromkeys(words)))}" if words else ""


def agreement_words() -> str:
    """How agreement was measured."""
    apostrophe = "\N{RIGHT SINGLE QUOTATION MARK}"
    return (
        f"Agreement of the reviewers was measured before adjudication, over distinct answers: percent agreement, "
        f"Cohen{apostrophe}s kappa [@cohen], Gwet{apostrophe}s AC1 [@gwet] and Krippendorff{apostrophe}s alpha "
        "[@krippendorff], with 95% percentile intervals from a bootstrap over questions."
    )


def sensitivity_words(content: ReportContent) -> str:
    """What was varied, and how the assumption of the model was checked."""
    what = dict.fromkeys(one.what for one in content.fits.others)
    names = {
        "cluster": "the cluster",
        "association": "the working association",
        "covariance": "the covariance (model-based, and bias-reduced [@mancl])",
        "consensus": "the consensus rule",
        "failures": "failures counted as nothing right",
        "levels": "the score levels (full marks against less)",
    }
    varied = joined([names.get(one, one) for one in what])
    return (
        f"One choice at a time was made otherwise: {varied}. That one odds ratio serves every cut point was checked by "
        "logistic estimating equations at each cut point and a robust Wald test that their slopes agree [@stiger]."
    )
