"""What a ranking says, in sentences: which ranks are settled, how firmly, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from samp_eval.report import numbers
from samp_eval.report.prose.display_names import condition_words, joined, ranked_by
from samp_eval.statistics.not_estimated import NotEstimated

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking
    from samp_eval.report.content.report_content import ReportContent

__all__ = [
    "drawn_sentence",
    "mixture_sentence",
    "ranking_notes",
    "ranking_words",
    "settled_on_each_basis",
    "settled_sentences",
    "transitivity_sentence",
]

_SHOWN_SHARE = 0.005
"""A share of the mixture that is less than this is not named."""
_MANY_TIES = 0.8


def ranking_words(content: ReportContent) -> str:
    """How the respondents were ranked."""
    clusters = "cases" if content.study.analysis.cluster == "case" else "questions"
    quasi = any(found.quasi_se is not None for ranking in content.ranked.values() for found in ranking.respondents)
    in_figure = ", and intervals in the figure use quasi-variances [@firth]" if quasi else ""
    tau = ", ".join(dict.fromkeys(f"{ranking.choices.tau:g}" for ranking in content.ranked.values()))
    return (
        "All responses of two respondents to a question were compared within a condition under which all ranked "
        "respondents have a score there, with ties as a half. The mean over questions and other respondents is the "
        "mean preference. Strengths are log worths of Davidson\N{RIGHT SINGLE QUOTATION MARK}s model for ties "
        f"[@davidson]; errors are over {clusters}{in_figure}. Rank intervals are simultaneous, from a studentised "
        "bootstrap of all differences [@mogstad]. The mixture that no respondent is "
        f"preferred to is the Nash equilibrium with a penalty for leaving equal shares (tau {tau}) [@munos]."
        f"{_drawn_words(content)}"
    )


def _drawn_words(content: ReportContent) -> str:
    """How preferences are estimated from a part of the marks; empty where they are not."""
    if all(ranking.compared.draw is None for ranking in content.ranked.values()):
        return ""
    return (
        " Ranks are on all questions: on each, the shares of wins and ties were predicted from the calibrated chances "
        "of levels, taking responses as independent given these; on a drawn question, the difference between the "
        "shares by the marks and the predicted ones, over the share of the fold (or case) that is drawn, was added. "
        "Intervals are by t with one degree of freedom less than there are drawn questions."
    )


def drawn_sentence(ranking: StudyRanking) -> str:
    """What was marked, what was predicted, and what that gains over the drawn questions alone; empty without a draw."""
    draw, alone = ranking.compared.draw, ranking.drawn_alone
    if draw is None or alone is None:
        return ""
    by = f"by {joined(list(draw.predictor))}" if draw.predictor else "from the drawn questions alone"
    errors = [ranked.standard_error for ranked in ranking.respondents]
    ratios = [one / other for one, other in zip(errors, alone.standard_errors.tolist(), strict=True) if other > 0]
    gain = (
        f" On average, the standard errors of the mean preferences are {sum(ratios) / len(ratios):.2f} times those of "
        "the drawn questions alone."
        if ratios
        else ""
    )
    low, high = alone.intervals(ranking.choices.confidence)
    listed = joined(
        [
            f"{ranked.respondent} {numbers.number(100 * alone.values[place], 1)}% "
            f"({numbers.interval_of_percents(100 * low[place], 100 * high[place])})"
            for place, ranked in enumerate(ranking.respondents)
        ]
    )
    waiting = (
        f" {numbers.plural(draw.n_waiting, 'question')} at the end of the draw with open marks count as not drawn."
        if draw.n_waiting
        else ""
    )
    return (
        f"Physicians' marks of {draw.n_drawn} of {ranking.n_questions} questions, drawn at random; the other "
        f"responses were predicted {by}, calibrated on the drawn questions and corrected by them "
        f"(prediction-powered estimate, t with {draw.n_drawn - 1} degrees of freedom).{waiting}{gain} Mean preferences "
        f"on the drawn questions alone: {listed}. How few questions the first rank hangs on, and the mixture for each "
        "topic, are not given: they need the marks of every question."
    )


def settled_sentences(ranking: StudyRanking, basis: str = "") -> list[str]:
    """Which ranks the data settle, and on how many questions the first hangs; ``basis`` in other words than its own."""
    respondents = ranking.respondents
    first = [ranked.respondent for ranked in respondents if ranked.rank_low == 1]
    words, interval = basis or ranked_by(ranking.choices), f"{100 * ranking.choices.confidence:g}%"
    if len(first) == 1:
        found = [f"Ranked {words}, {first[0]} is first: its {interval} rank interval holds no other rank."]
    else:
        found = [f"Ranked {words}, the data do not settle who is first: {joined(first, 'or')} can be."]
    if len(respondents) > 2:
        settled = [ranked for ranked in respondents if ranked.rank_low == ranked.rank_high]
        named = joined([f"{ranked.respondent} ({numbers.count(ranked.rank_low)})" for ranked in settled])
        count = f"{numbers.words_for(len(settled))} of {numbers.words_for(len(respondents))} ranks"
        if settled:
            found.append(f"The rank intervals settle {count}: {named}.")
        elif len(first) > 1:
            found.append("The rank intervals settle no rank.")
    if ranking.compared.draw is None:
        found.append(_fragility_sentence(ranking))
    return found


def settled_on_each_basis(rankings: Sequence[StudyRanking]) -> list[str]:
    """The same of several bases with whom the ranks are of, said once where they agree."""
    together = [[*settled_sentences(ranking, "on both bases"), *_scope(ranking)] for ranking in rankings]
    if len(rankings) == 2 and together[0] == together[1]:
        return together[0]
    return [sentence for ranking in rankings for sentence in (*settled_sentences(ranking), *_scope(ranking))]


def _scope(ranking: StudyRanking) -> Iterator[str]:
    """Of whom and under what the ranks are, where these are not all."""
    compared = ranking.compared
    if not compared.left_out and not compared.only_conditions:
        return
    conditions = f", in these rounds only: {_conditions(ranking)}" if compared.only_conditions else ""
    without = f"; without {joined(list(compared.left_out))}" if compared.left_out else ""
    yield (
        f"The ranks are of {numbers.words_for(len(ranking.respondents))} respondents on "
        f"{numbers.plural(ranking.n_questions, 'question')}{conditions}{without}."
    )


def _conditions(ranking: StudyRanking) -> str:
    return "; ".join(condition_words(label).lower() for label in ranking.compared.only_conditions)


def _fragility_sentence(ranking: StudyRanking) -> str:
    fragility, leader = ranking.fragility, ranking.respondents[0].respondent
    if fragility is None:
        return f"{leader} is ahead or level on every question."
    if not fragility.questions:
        return f"{leader} and {fragility.challenger} share the highest mean preference."
    questions = numbers.plural(ranking.n_questions, "question")
    return (
        f"The first rank hangs on {numbers.count(fragility.questions)} of {questions}: without those on which {leader} "
        f"is furthest ahead of {fragility.challenger}, {fragility.challenger} would be first."
    )


def transitivity_sentence(ranking: StudyRanking) -> str:
    """Whether one strength for each respondent explains the preferences, and whether any run in a circle."""
    found, cycle = ranking.transitivity, ranking.cycle
    if isinstance(found, NotEstimated):
        return found.reason
    test = f"(largest cyclic component {numbers.number(found.statistic)} standard errors, "
    test += f"{numbers.p_sentence(found.p_value)})"
    if found.p_value >= 1 - ranking.choices.confidence:
        return f"The preferences agree with one strength for each respondent {test}."
    if cycle is not None:
        first, second, third = ranking.names(cycle.places)
        circle = f"{first} is preferred to {second}, {second} to {third}, and {third} to {first}"
        return (
            f"One strength for each respondent does not explain the preferences {test}: {circle} "
            f"({numbers.p_sentence(cycle.p_value)} for the circle)."
        )
    return (
        f"One strength for each respondent does not explain the preferences {test}. They are in one order all the "
        "same: no three respondents run in a circle."
    )


def mixture_sentence(ranking: StudyRanking) -> str:
    """Whose answers one would show, and how often."""
    shares = [(ranked.respondent, ranked.nash.value) for ranked in ranking.respondents]
    shown = sorted((pair for pair in shares if pair[1] >= _SHOWN_SHARE), key=lambda pair: -pair[1])
    named = joined([f"{numbers.percent(100 * share, 0)} {name}" for name, share in shown])
    tau = f"{ranking.choices.tau:g}"
    return f"The mixture of answers that no respondent is preferred to (Nash equilibrium, tau {tau}): {named}."


def ranking_notes(ranking: StudyRanking) -> Iterator[str]:
    """What a reader must know of the data behind the ranking."""
    names = [ranked.respondent for ranked in ranking.respondents]
    if len(names) == 2:
        yield "With two respondents a rank says no more than their odds ratio; see samp-eval analyze."
    for name, reason in ranking.compared.left_out.items():
        yield f"{name} is not ranked: {reason}."
    if ranking.compared.only_conditions:
        yield (
            f"Only responses in these rounds are compared: {_conditions(ranking)}. Not every ranked respondent has "
            "responses in the others."
        )
    most = max((ranking.compared.questions_by_respondent[name] for name in names), default=0)
    if ranking.choices.basis != "pairs" and ranking.n_questions < most:
        yield (
            f"Only the {numbers.plural(ranking.n_questions, 'question')} that all ranked respondents answered count; "
            f"one answered {numbers.count(most)}."
        )
    order = ranking.compared.order
    if order is not None:
        interval = numbers.interval_of_percents(100 * order.ci_low, 100 * order.ci_high)
        who = f"{ranking.choices.preferrer} (a model)" if ranking.choices.preferrer else "Reviewers"
        preferred = "It" if ranking.choices.preferrer else "They"
        yield (
            f"{who} made {numbers.plural(order.choices, 'choice')} between {numbers.plural(order.pairs, 'pair')} "
            f"of responses; {numbers.plural(order.alike, 'pair')} read alike and count as equal. {preferred} preferred "
            f"the response that stood first in {numbers.percent(100 * order.first, 0)} ({interval}, "
            f"{numbers.p_sentence(order.p_value)} against half); each pair was shown in both orders."
        )
    drawn = "" if ranking.compared.draw is None else "drawn "
    for first, second in ranking.copies:
        yield (
            f"{first} and {second} are even on every {drawn}question, as copies of one model are. A copy changes the "
            "mean preference of the others, but not the skills of Nash averaging."
        )
    if ranking.ties > _MANY_TIES:
        yield f"{numbers.percent(100 * ranking.ties, 0)} of the comparisons are ties: strengths rest on the few others."
    if isinstance(ranking.strengths, NotEstimated):
        yield ranking.strengths.reason
