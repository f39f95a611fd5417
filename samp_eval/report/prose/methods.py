"""The methods section with citations, generated from what was actually done."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.analysis.model.sensitivity import PLANNED
from samp_eval.analysis.power.power_run import PowerRun
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.citations import numbered_citations
from samp_eval.report.prose.display_names import (
    ASSOCIATION_WORDS,
    CLUSTER_WORDS,
    COVARIANCE_WORDS,
    condition_words,
    consensus_words,
    joined,
)
from samp_eval.report.prose.draw_sentences import powered_methods
from samp_eval.report.prose.methods_of_questions import collections_of, questions_words
from samp_eval.report.prose.power_sentences import sample_size_words
from samp_eval.report.prose.ranking_sentences import ranking_words
from samp_eval.report.prose.summary import marks_sentence
from samp_eval.statistics.gee.partial_odds import PartialOdds
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = [
    "Methods",
    "agreement_words",
    "analysis_words",
    "marks_words",
    "methods_of",
    "methods_paragraphs",
    "planned_size_words",
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
        Citations are numbers.
    references : tuple of str
        In the order of their numbers.
    """

    paragraphs: tuple[tuple[str, str], ...]
    references: tuple[str, ...]


def methods_of(content: ReportContent) -> Methods:
    """The methods that were actually used, with the works that they cite."""
    named = methods_paragraphs(content)
    texts, references = numbered_citations([text for _, text in named])
    paragraphs = tuple((heading, text) for (heading, _), text in zip(named, texts, strict=True))
    return Methods(paragraphs, tuple(references))


def methods_paragraphs(content: ReportContent) -> list[tuple[str, str]]:
    """Paragraphs of the methods section with their headings; citations are marks such as ``[@liang]``."""
    partial = powered_methods(content)
    sample_size = [("Sample size", planned_size_words(content, content.power_run))] if content.power_run else []
    return [
        ("Questions", questions_words(content)),
        *sample_size,
        ("Respondents", respondents_words(content)),
        ("Rounds", rounds_words(content)),
        ("Marks", marks_words(content)),
        *([("Agreement", agreement_words())] if content.agreement_by_basis else []),
        ("Analysis", analysis_words(content)),
        *([("Partial marking", partial)] if partial else []),
        *([("Ranks", ranking_words(content))] if content.ranked else []),
        *([("Sensitivity", sensitivity_words(content))] if content.effects else []),
        *([("Simpler statistics", simpler_words())] if content.comparisons else []),
    ]


def planned_size_words(content: ReportContent, run: PowerRun) -> str:
    """How the number of questions was assessed, beside the design that ran."""
    questions = len(frozenset().union(*(respondent.questions for respondent in content.respondents)))
    rounds = max((len(respondent.rounds) for respondent in content.respondents), default=0)
    return sample_size_words(run, questions=questions, rounds=rounds, plan=content.study.analysis)


def reproduction_facts(content: ReportContent) -> list[tuple[str, str]]:
    """Everything that is needed to reproduce the report: hashes, seed, versions."""
    facts = [
        ("Bank", f"{content.bank.location}, SHA-256 {content.bank.sha256}"),
        *(("Questions from", collection) for collection in collections_of(content)),
        ("Seed", str(content.study.seed)),
        ("Software", joined([f"{name}{numbers.NBSP}{number}" for name, number in content.versions])),
        ("Report created", numbers.moment(content.made_at)),
    ]
    prompts = {
        str(respondent.settings["prompt_sha256"])
        for respondent in content.respondents
        if "prompt_sha256" in respondent.settings
    }
    if prompts:
        facts.insert(1, ("Prompt texts", f"SHA-256 {joined(sorted(prompts))}"))
    if content.frozen is not None:
        when = numbers.moment(content.frozen.frozen_at)
        facts.insert(1, ("Plan", f"frozen at the first request, {when}, SHA-256 {content.frozen.sha256}"))
    return [
        *facts,
        ("Command", "samp-eval report --study DIR, where DIR is the study\N{RIGHT SINGLE QUOTATION MARK}s folder"),
    ]


def respondents_words(content: ReportContent) -> str:
    """Each respondent with its settings."""
    parts = []
    for respondent in content.respondents:
        skipped = {"model", "prompt_sha256", "simulated", "recorded"}
        settings = [
            f"{name.replace('_', ' ')} {value}" for name, value in respondent.settings.items() if name not in skipped
        ]
        detail = f" ({'; '.join(settings)})" if settings else ""
        how = "recorded elsewhere from" if respondent.recorded else "requested as"
        named = f", {how} {respondent.model}" if respondent.recorded or respondent.model != respondent.id else ""
        parts.append(f"{respondent.id}{named}{detail}")
    every = f"{_asked_words(content)} Respondents: {'; '.join(parts)}."
    cut_off = sum(respondent.cut_off for respondent in content.respondents)
    again = sum(respondent.asked_again for respondent in content.respondents)
    every += f" {numbers.plural(cut_off, 'response')} reached the token limit." if cut_off else ""
    return every + (f" {numbers.plural(again, 'response')} needed more than one attempt." if again else "")


def _asked_words(content: ReportContent) -> str:
    """Whether the models were asked by samp-eval, and how."""
    if content.simulated:
        return "A program simulated the answers; no model was asked."
    recorded = [respondent.recorded for respondent in content.respondents]
    if recorded and all(recorded):
        return "The answers were recorded elsewhere and imported."
    exception = ", except where answers were recorded elsewhere" if any(recorded) else ""
    return f"Each question was sent in a separate request{exception}."


def rounds_words(content: ReportContent) -> str:
    """The rounds with their conditions, and the meaning of the conditions."""
    by_rounds: dict[str, list[str]] = {}
    for respondent in content.respondents:
        rounds = [f"round {asked.round} {condition_words(asked.condition).lower()}" for asked in respondent.rounds]
        by_rounds.setdefault("; ".join(rounds), []).append(respondent.id)
    words = next(iter(by_rounds), "")
    if len(by_rounds) > 1:
        words = "; ".join(f"for {joined(names)}: {rounds or 'none'}" for rounds, names in by_rounds.items())
    published = "The design follows the published study [@published]. " if content.published is not None else ""
    return (
        f"{published}The rounds were: {words}. Prompted means with instructions and worked "
        "examples; bare means only the case and the question; regenerated means that the same request was sampled "
        f"again{_later_words(content)}.{_one_later_round(content)}"
    )


def _one_later_round(content: ReportContent) -> str:
    """That a single later round cannot be told from its time; empty where there are more or none."""
    later = {
        asked.round
        for respondent in content.respondents
        for asked in respondent.rounds
        if "later" in asked.condition.split("-")
    }
    if len(later) != 1:
        return ""
    return " Only one round was later, so its effect cannot be told from anything else that changed in that time."


def _later_words(content: ReportContent) -> str:
    """When the later rounds were actually asked; empty if there are none."""
    days: dict[int, list[int]] = {}
    for respondent in content.respondents:
        for asked in respondent.rounds:
            if "later" in asked.condition.split("-"):
                days.setdefault(asked.round, []).extend(asked.days_after_first or ())
    planned = dict(enumerate((planned_round.after_days for planned_round in content.study.rounds), start=1))
    parts = [(number, _when_words(found, planned.get(number, 0))) for number, found in sorted(days.items())]
    if len({words for _, words in parts}) == 1:
        return f"; later means asked again {parts[0][1]}"
    return (
        f"; later means asked again, {joined([f'round {number} {words}' for number, words in parts])}" if parts else ""
    )


def _when_words(days: list[int], planned: int) -> str:
    """After how many days a later round was asked, and how many were planned if that number differs."""
    names = f" (the protocol specifies {numbers.plural(planned, 'day')})" if planned and set(days) != {planned} else ""
    if not days:
        return f"at a time that was not recorded{names}"
    if not any(days):
        return (
            f"within a day of the first round{names}" if planned else "without an interval: the protocol specifies none"
        )
    fewest, most = min(days), max(days)
    lasted = (
        numbers.plural(most, "day") if fewest == most else f"{numbers.count(fewest)} to {numbers.plural(most, 'day')}"
    )
    return f"{lasted} after the first round{names}"


def marks_words(content: ReportContent) -> str:
    """Who marked, and how marks become scores."""
    humans = [reviewer for reviewer in content.reviewers if not reviewer.automatic and not reviewer.adjudicator]
    text = (
        f"{marks_sentence(content)} A mark belongs to an answer: the same answer to the same question is marked once "
        "and counted wherever it occurs, and reviewers see neither the respondent nor the round. "
        "Each key entry earns its mark once in a response."
    )
    text += _assignment_words(content)
    if content.coded and humans:
        text += " R1, R2 and so on are codes of the reviewers."
    if len(humans) > 1:
        text += (
            f" Consensus rule: {content.study.review.consensus} ({consensus_words(content.study.review.consensus)})."
        )
    return text


def _assignment_words(content: ReportContent) -> str:
    """Who marked which questions, if a plan said so."""
    plan = content.assignment
    if plan is None:
        return ""
    unit = "Whole cases" if plan.unit == "case" else "Whole questions"
    each, people = numbers.words_for(plan.each), numbers.words_for(len(plan.reviewers))
    shared = sum(bool(names) for names in plan.further.values())
    text = (
        f" {unit} were given to {each} of {people} reviewers, with equal loads and every group of reviewers used "
        f"alike (seed {plan.seed}, {numbers.moment(plan.planned_at)}): all answers to a question have the same "
        "reviewers, so that a severe one lowers every respondent alike."
    )
    if shared:
        text += (
            f" All reviewers marked {numbers.plural(shared, 'question')} to be compared; there, too, the marks of "
            f"{each} settle an answer."
        )
    return text


def analysis_words(content: ReportContent) -> str:
    """The model with every choice that defines it."""
    plan = content.study.analysis
    reference = content.respondents[0].id if content.respondents else numbers.NONE
    solved = ", solved by samp-eval, which was checked against R and statsmodels [@statsmodels]"
    solver = solved if content.fits else ""
    return (
        "The score percentage of a question in a round (100 \N{MULTIPLICATION SIGN} lines correct / lines requested) "
        "was analysed as an ordered category, with an ordinal logistic generalised estimating equation and a "
        f"cumulative logit link [@liang, @heagerty]{solver}. "
        f"Clusters: {CLUSTER_WORDS[plan.cluster].lower()}. Working association: {ASSOCIATION_WORDS[plan.association]}. "
        f"Covariance: {COVARIANCE_WORDS[plan.covariance]}. Reference respondent: {reference}. "
        f"Intervals are {numbers.number(100 * plan.confidence, 0)}% Wald intervals"
        f"{_distribution_words(content)}; p-values are two-sided, at a level of "
        f"{numbers.number(100 * (1 - plan.confidence), 0)}%. The primary outcome is the score percentage by the answer "
        f"key. {SCALE_WORDS} "
        f"Responses with an open mark and failed responses are left out. {_questions_compared(content)}"
    )


SCALE_WORDS = (
    "The odds ratio of scores depends on how many lines a question asks for: where a line has an odds ratio of 1.80, "
    "scores have 1.80 if each question asks for one line and 3.66 if each asks for ten (75% of lines right, lines "
    "independent), so odds ratios of banks with other numbers of lines cannot be set beside each other."
)
"""Exact limits of the cumulative logit model on binomial scores."""


def _questions_compared(content: ReportContent) -> str:
    """On which questions respondents were compared."""
    if content.study.analysis.questions == "all":
        return "All questions that each respondent answered were compared, whether or not the others answered them."
    return (
        "Each comparison uses the questions that both of its sides answered, in any round; a respondent that answered "
        "other questions than the reference was compared with it in a fit of its own, on the questions in common."
    )


def _distribution_words(content: ReportContent) -> str:
    """The distribution of the intervals of the planned fits, which depends on the number of clusters."""
    fits = [sample.fit for planned in content.fits.values() for sample in planned.samples]
    degrees = sorted({round(fit.degrees_of_freedom) for fit in fits if fit.interval != "normal"})
    words = ["the normal distribution"] if any(fit.interval == "normal" for fit in fits) else []
    if degrees:
        between = " to ".join(map(numbers.count, dict.fromkeys((degrees[0], degrees[-1]))))
        words.append(f"the t distribution with {between} degrees of freedom")
    return f" based on {joined(words)}" if words else ""


def agreement_words() -> str:
    """How agreement was measured."""
    apostrophe = "\N{RIGHT SINGLE QUOTATION MARK}"
    return (
        f"Agreement between the reviewers was measured before adjudication, over distinct answers: percent agreement, "
        f"Cohen{apostrophe}s kappa [@cohen], Gwet{apostrophe}s AC1 [@gwet] and Krippendorff{apostrophe}s alpha "
        "[@krippendorff], with 95% intervals for an effective number of answers, which allows for answers of one "
        "question being alike [@korn, @donner]; figures on fewer than ten questions have none."
    )


def simpler_words() -> str:
    """How means, differences and one-line questions were compared."""
    return (
        "Mean scores have intervals that stay on the scale [@korn]; their differences were tested by t tests on errors "
        "that are clustered on the question [@miller], with intervals that combine those of the two means [@zou]. "
        "Predicted means come from the fitted model by the delta method [@muller]. Answer lines were compared by a "
        "logistic generalised estimating equation, and questions that ask for one line by exact McNemar tests "
        "[@mcnemar] and by Cochran’s Q, which is approximate [@cochran]; none of these p-values is "
        "corrected for the number of tests. All figures are conditional on the marks as they are."
    )


def sensitivity_words(content: ReportContent) -> str:
    """The choices that were varied, and the check of proportional odds."""
    what = dict.fromkeys(variation.what for variation in content.variations if variation.what != PLANNED)
    names = {
        "cluster": "the cluster",
        "association": "the working association",
        "covariance": "the covariance (model-based, and bias-reduced [@mancl])",
        "outcome": "the outcome (each line right or wrong)",
        "marks": "the marks (corrected for their measured errors by unbiased estimating equations [@nakamura])",
        "thresholds": "the thresholds (apart for each number of answers asked)",
        "consensus": "the consensus rule",
        "failures": "failures counted as zero",
        "readings": "responses whose reading is doubtful left out",
        "refusals": "refusals left out",
        "levels": "the score levels (full marks against anything less)",
    }
    varied = (
        f"One choice at a time was varied: {joined([names.get(choice, choice) for choice in what])}. All odds ratios "
        "are marginal: they compare scores over all questions together. By how much the odds differ on one and the "
        "same question (conditional odds ratios, further from 1) is another question, which a cumulative link mixed "
        "model answers; the exported script conditional.R fits it."
    )
    if all(isinstance(effects.proportional_odds, NotEstimated) for effects in content.effects):
        return f"{varied} That one odds ratio holds at every cut point (proportional odds) was not checked."
    return (
        f"{varied} The assumption of proportional odds, that one odds ratio holds at every cut point, was checked with "
        "logistic estimating equations at each cut point and a robust Wald test of equal slopes [@stiger]."
        f"{_partial_words(content)}"
    )


def _partial_words(content: ReportContent) -> str:
    """How the odds ratios were estimated where proportional odds failed; empty where they did not."""
    if not any(isinstance(effects.partial_odds, PartialOdds) for effects in content.effects):
        return ""
    return (
        " Terms whose test was below the level have an odds ratio for each cut point in a partial proportional-odds "
        "model [@peterson], which fits all cut points together under working independence, with bias-reduced standard "
        "errors that are clustered as in the primary model."
    )
