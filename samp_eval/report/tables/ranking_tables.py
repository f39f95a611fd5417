"""Tables of a ranking: respondents with their ranks, all pairs, and the mixture over tau and by topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samp_eval.report import numbers
from samp_eval.report.prose.display_names import ranked_by
from samp_eval.report.tables.table import Cell, ReportTable, Row, columns
from samp_eval.statistics.not_estimated import NotEstimated

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import PairPreference, RankedRespondent, StudyRanking

__all__ = ["mixture_table", "pairs_table", "ranking_table", "topics_table"]

_ERRORS = {"question": "questions", "case": "cases", "question-respondent": "questions"}


def ranking_table(ranking: StudyRanking) -> ReportTable:
    """Respondents in order, with rank intervals, mean preferences, strengths and shares of the mixture."""
    interval = numbers.confidence_heading(ranking.choices.confidence)
    figures = ("Rank", "Mean preference, %", interval, "Strength", "SE", "Mixture, %", f"{interval} ")
    clusters = _ERRORS[ranking.choices.cluster]
    return ReportTable(
        f"ranks-{ranking.choices.basis}",
        f"Ranks of {numbers.words_for(len(ranking.respondents))} respondents {ranked_by(ranking.choices)} on "
        f"{numbers.plural(ranking.n_questions, 'question')}",
        columns("Respondent", *figures, numeric=figures),
        tuple(Row((Cell(ranked.respondent), *_ranked_cells(ranked))) for ranked in ranking.respondents),
        (
            f"Rank: simultaneous {interval.replace('CI', 'interval')}, from a bootstrap of {clusters} (Mogstad and "
            "others 2024). Mean preference: how often the respondent is preferred to the others, ties as a half. "
            f"Strength: log worth, Davidson 1970; standard errors over {clusters}. Mixture: regularised Nash "
            f"equilibrium at tau {ranking.choices.tau:g} (Munos and others 2024), percentile intervals.",
        ),
    )


def _ranked_cells(ranked: RankedRespondent) -> tuple[Cell, ...]:
    low, high = ranked.rank_low, ranked.rank_high
    rank = numbers.count(low) if low == high else f"{low} to {high}"
    share = ranked.nash
    return (
        Cell(rank, low),
        Cell(numbers.number(100 * ranked.mean_preference, 1), 100 * ranked.mean_preference),
        Cell(numbers.interval_of_percents(100 * ranked.ci_low, 100 * ranked.ci_high)),
        _number(ranked.strength),
        _number(ranked.strength_se),
        Cell(numbers.number(100 * share.value, 1), 100 * share.value),
        Cell(numbers.interval_of_percents(100 * share.ci_low, 100 * share.ci_high)),
    )


def _number(value: float | None) -> Cell:
    return Cell(numbers.NONE) if value is None else Cell(numbers.number(value), value)


def pairs_table(ranking: StudyRanking) -> ReportTable:
    """Every pair with its preference, corrected for their number."""
    interval = numbers.confidence_heading(ranking.choices.confidence)
    figures = ("Preference, %", interval, "p", "p (Holm)", "Difference of strengths", "SE")
    return ReportTable(
        f"ranked-pairs-{ranking.choices.basis}",
        f"All pairs {ranked_by(ranking.choices)}: how often the first is preferred to the second",
        columns("Pair", *figures, numeric=figures),
        tuple(Row((Cell(f"{pair.first} v {pair.second}"), *_pair_cells(pair))) for pair in ranking.pairs),
        ("Ties count as a half. p is against 50%; Holm 1979 corrects it for the number of pairs.",),
    )


def _pair_cells(pair: PairPreference) -> tuple[Cell, ...]:
    return (
        Cell(numbers.number(100 * pair.preference, 1), 100 * pair.preference),
        Cell(numbers.interval_of_percents(100 * max(pair.ci_low, 0.0), 100 * min(pair.ci_high, 1.0))),
        Cell(numbers.p_value(pair.p_value), pair.p_value),
        Cell(numbers.p_value(pair.p_holm), pair.p_holm),
        _number(pair.strength_difference),
        _number(pair.strength_difference_se),
    )


def mixture_table(ranking: StudyRanking) -> ReportTable:
    """The mixture over tau, with Nash averaging beside it."""
    mixture = ranking.mixture
    headings = tuple(f"tau {tau:g}" for tau, _ in mixture.path)
    average = None if isinstance(mixture.average, NotEstimated) else mixture.average
    figures = ("Reference", *headings, "Nash averaging", "Skill")
    rows = []
    for place, ranked in enumerate(ranking.respondents):
        shares = [mixture.reference[place], *(probabilities[place] for _, probabilities in mixture.path)]
        cells = [Cell(numbers.number(100 * share, 1), 100 * share) for share in shares]
        if average is None:
            cells += [Cell(numbers.NONE)] * 2
        else:
            share, skill = float(average.probabilities[place]), float(average.skills[place])
            cells += [Cell(numbers.number(100 * share, 1), 100 * share), Cell(numbers.number(skill), skill)]
        rows.append(Row((Cell(ranked.respondent), *cells)))
    return ReportTable(
        f"mixture-{ranking.choices.basis}",
        f"Mixture that nobody beats, % {ranked_by(ranking.choices)}",
        columns("Respondent", *figures, numeric=figures),
        tuple(rows),
        (
            "A large tau keeps the mixture near the reference; near 0 only the preferences count. At tau "
            f"{ranking.choices.tau:g} the respondent that does best against the mixture is preferred "
            f"{numbers.number(100 * mixture.equilibrium.exploitability, 1)} percentage points more often than half. "
            "Nash averaging (Balduzzi and others 2018) is on the scale of log odds; copies of a respondent do not "
            "change skills, the mean log odds against the mixture.",
        ),
    )


def topics_table(ranking: StudyRanking) -> ReportTable:
    """The mixture for each topic."""
    names = [ranked.respondent for ranked in ranking.respondents]
    rows = []
    for topic in ranking.mixture.topics:
        shares = [Cell(numbers.number(100 * share, 1), 100 * share) for share in topic.probabilities]
        rows.append(Row((Cell(topic.topic), Cell(numbers.count(topic.n_questions), topic.n_questions), *shares)))
    return ReportTable(
        f"mixture-by-topic-{ranking.choices.basis}",
        f"Mixture for each topic, % {ranked_by(ranking.choices)}",
        columns("Topic", "Questions", *names, numeric=("Questions", *names)),
        tuple(rows),
        ("The preferences of a topic are pulled towards those of all topics, as if these were ten more questions.",),
    )
