"""Methods in words, generated from what was really done, with citations."""

from __future__ import annotations

from samp_eval.analysis.study_fit import StudyFit
from samp_eval.report import numbers
from samp_eval.report.content import ReportContent
from samp_eval.report.power_words import sample_size_words
from samp_eval.report.published import CITATION
from samp_eval.report.summary import marks_sentence
from samp_eval.report.wording import ASSOCIATION_WORDS, CLUSTER_WORDS, COVARIANCE_WORDS, consensus_words, joined

__all__ = [
    "REFERENCES",
    "analysis_words",
    "marks_words",
    "methods_paragraphs",
    "reproduction_facts",
    "respondents_words",
    "rounds_words",
]

REFERENCES = (
    CITATION + ".",
    (
        "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika "
        "1986;73:13\N{EN DASH}22."
    ),
    (
        "Heagerty PJ, Zeger SL. Marginal regression models for clustered ordinal measurements. J Am "
        "Stat Assoc 1996;91:1024\N{EN DASH}36."
    ),
    (
        "Seabold S, Perktold J. statsmodels: econometric and statistical modeling with Python. Proc 9th "
        "Python in Science Conf 2010."
    ),
)


def methods_paragraphs(content: ReportContent) -> list[tuple[str, str]]:
    """Paragraphs of the methods section, each with its heading."""
    sample_size = [("Sample size", sample_size_words(content.power_run))] if content.power_run else []
    return [
        ("Questions", _questions(content)),
        *sample_size,
        ("Respondents", respondents_words(content)),
        ("Rounds", rounds_words(content)),
        ("Marks", marks_words(content)),
        ("Analysis", analysis_words(content)),
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
    return facts


def _questions(content: ReportContent) -> str:
    formats = sorted({one.question.format for one in content.questions})
    lines = sum(one.question.requested for one in content.questions)
    return (
        f"The bank holds {numbers.plural(len(content.questions), 'short-answer question')} on "
        f"{numbers.plural(len(content.bank.cases), 'clinical case')} (format: {joined(formats)}), which ask for "
        f"{numbers.plural(lines, 'answer line')} in one round. One answer counts per line, and lines beyond the number "
        "asked for do not count; a response with fewer lines is scored over the number asked for."
    )


def respondents_words(content: ReportContent) -> str:
    """Each respondent with the settings it was asked under."""
    parts = []
    for one in content.respondents:
        skipped = {"model", "prompt_sha256", "simulated"}
        settings = [f"{name.replace('_', ' ')} {value}" for name, value in one.settings.items() if name not in skipped]
        detail = f" ({'; '.join(settings)})" if settings else ""
        parts.append(f"{one.id}, asked for as {one.model}{detail}")
    asked = "Simulated by a program; no model was asked." if content.simulated else "Each question was sent by itself."
    every = f"{asked} Respondents: {'; '.join(parts)}."
    cut_off = sum(one.cut_off for one in content.respondents)
    return f"{every} {numbers.plural(cut_off, 'response')} ended at the limit of tokens." if cut_off else every


def rounds_words(content: ReportContent) -> str:
    """Each round with its condition, and what the conditions mean."""
    conditions: dict[str, None] = {}
    for one in content.respondents:
        for asked in one.rounds:
            conditions[f"round {asked.round} {asked.condition.replace('-', ', ')}"] = None
    return (
        f"The rounds were: {'; '.join(conditions)}. Prompted means with instructions and worked "
        f"examples, bare means only "
        "the case and the question; regenerated means that the same request was sampled again; later means asked again "
        "after an interval."
    )


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
    return (
        "The score percentage of a question in a round (100 \N{MULTIPLICATION SIGN} lines correct / "
        "lines asked for) was "
        "analysed as an ordered category by an ordinal logistic generalised estimating equation with a "
        "cumulative logit "
        "link, fitted in statsmodels. "
        f"Clusters: {CLUSTER_WORDS[plan.cluster].lower()}. Working association: {ASSOCIATION_WORDS[plan.association]}. "
        f"Covariance: {COVARIANCE_WORDS[plan.covariance]}. Reference respondent: {reference}. "
        f"Intervals are Wald intervals of {numbers.number(100 * plan.confidence, 0)}%"
        f"{_distribution_words(content)}; p-values are two-sided. "
        "Responses with an open mark and failures are left out."
    )


def _distribution_words(content: ReportContent) -> str:
    """The distribution behind the intervals of the planned fits, which the number of clusters decides."""
    fits = [one.fit for one in content.estimates if isinstance(one, StudyFit)]
    words = [
        "the normal distribution"
        if fit.interval == "normal"
        else f"the t distribution with {numbers.count(fit.degrees_of_freedom)} degrees of freedom"
        for fit in fits
    ]
    return f" by {joined(list(dict.fromkeys(words)))}" if words else ""
