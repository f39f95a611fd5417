"""Comparisons of respondents from the choices of reviewers who saw two responses side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.scored_comparisons import OrderEffect, RankedComparisons
from samp_eval.analysis.scored_study import Scores
from samp_eval.errors import CannotEstimate, StudyConflict
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow, Side
from samp_eval.run.respondent import Response
from samp_eval.statistics.ranking.clustered import ClusteredEstimate, by_cluster
from samp_eval.statistics.ranking.comparisons import Comparisons
from samp_eval.statistics.ranking.preference_intervals import preference_intervals, preference_p_values

__all__ = ["chosen_comparisons"]

FEWEST_QUESTIONS = 5
"""On which two respondents meet; from fewer, the error of their preference would be far too small."""
_OF_FIRST = {"first": 1.0, "second": 0.0, "equal": 0.5, "poor": 0.5}
"""What a choice is to the response that stands first: two poor ones are equal."""


def chosen_comparisons(
    rows: Sequence[PairRow],
    chosen: Mapping[str, ChosenPair],
    scores: Scores,
    responses: Sequence[Response],
    choices: RankingChoices,
    in_order: tuple[Sequence[PairRow], Mapping[str, ChosenPair]] | None = None,
) -> RankedComparisons:
    """Compare respondents by what reviewers chose; a pair counts once, as the mean of its reviewers' choices.

    Parameters
    ----------
    rows : sequence of PairRow
    chosen : mapping of row id to ChosenPair
    scores : Scores
        Whose respondents are ranked.
    responses : sequence of Response
        Those that count: pairs of excluded or withdrawn ones are left out.
    choices : RankingChoices
    in_order : rows and choices, optional
        Of a model whose two orders are one choice in ``rows``: what it chose in each, for the effect of the order.

    Raises
    ------
    StudyConflict
        A respondent to leave out is none.
    CannotEstimate
        No pair was compared, or two respondents met on too few questions.
    """
    unknown = [name for name in choices.without if name not in scores.respondents]
    if unknown:
        raise StudyConflict(f"{unknown[0]!r} is not a respondent of this study; it has {', '.join(scores.respondents)}")
    conditions = {
        (response.ask.question_id, response.ask.respondent, response.ask.round): response.ask.condition.label
        for response in responses
    }
    counted = [row for row in rows if _counts(row, chosen, conditions, choices)]
    met = {name for row in counted for name, _ in (row.first, row.second)}
    ranked = [name for name in scores.respondents if name in met]
    if len(ranked) < 2:
        raise CannotEstimate(
            "No pair of responses was compared yet. Write sheets with samp-eval review pairs export, and take them in "
            "with samp-eval review pairs import."
        )
    left_out = {
        name: "as asked" if name in choices.without else "in no pair that was compared"
        for name in scores.respondents
        if name not in met
    }
    _check_all_met(counted, ranked)
    questions = sorted({row.question_id for row in counted})
    comparisons = _comparisons(counted, chosen, ranked, questions, _clusters(scores, questions, choices))
    answered = {
        name: len({row.question_id for row in counted if name in (row.first[0], row.second[0])}) for name in ranked
    }
    seen, chosen_seen = (counted, chosen) if in_order is None else in_order
    pairs = {row.pair for row in counted}
    compared = [row for row in (*seen, *(row for row in counted if not row.reviewer)) if row.pair in pairs]
    shown = compared if in_order is not None else counted
    order = _order_effect(shown, chosen_seen, comparisons, questions, choices.confidence)
    return RankedComparisons(tuple(ranked), tuple(questions), comparisons, left_out, answered, order)


def _counts(
    row: PairRow,
    chosen: Mapping[str, ChosenPair],
    conditions: Mapping[tuple[str, str, int], str],
    choices: RankingChoices,
) -> bool:
    sides = [(row.question_id, *side) for side in (row.first, row.second)]
    there = all(side in conditions for side in sides)
    wanted = choices.condition is None or all(conditions.get(side) == choices.condition for side in sides)
    named = not {row.first[0], row.second[0]} & set(choices.without)
    return there and wanted and named and (not row.reviewer or row.row_id in chosen)


def _check_all_met(rows: Sequence[PairRow], ranked: Sequence[str]) -> None:
    met: dict[frozenset[str], set[str]] = {frozenset(pair): set() for pair in combinations(ranked, 2)}
    for row in rows:
        met[frozenset((row.first[0], row.second[0]))].add(row.question_id)
    one, other = min(met, key=lambda pair: len(met[pair]))
    count = len(met[frozenset((one, other))])
    if count < FEWEST_QUESTIONS:
        raise CannotEstimate(
            f"{' and '.join(sorted((one, other)))} were compared on {count} questions; a standard error needs "
            f"{FEWEST_QUESTIONS}. Have more pairs compared, or leave one of them out with --without."
        )


def _clusters(scores: Scores, questions: Sequence[str], choices: RankingChoices) -> np.ndarray | None:
    if choices.cluster != "case" or scores.table.empty:
        return None
    case_of = dict(zip(scores.table["question_id"], scores.table["case_id"], strict=True))
    cases = [case_of.get(question, question) for question in questions]
    return np.unique(cases, return_inverse=True)[1].astype(np.int64)


def _comparisons(
    rows: Sequence[PairRow],
    chosen: Mapping[str, ChosenPair],
    ranked: Sequence[str],
    questions: Sequence[str],
    cluster: np.ndarray | None,
) -> Comparisons:
    """Each pair of responses is one comparison, shared among what its reviewers chose."""
    of_pair: dict[tuple[str, Side, Side], list[PairRow]] = {}
    for row in rows:
        of_pair.setdefault(row.pair, []).append(row)
    size = len(ranked)
    wins, ties = np.zeros((2, len(questions), size, size))
    place, at = {name: n for n, name in enumerate(ranked)}, {name: n for n, name in enumerate(questions)}
    for (question_id, _, _), same in of_pair.items():
        question = at[question_id]
        for row in same:
            first, second = place[row.first[0]], place[row.second[0]]
            share = _OF_FIRST[chosen[row.row_id].choice] if row.reviewer else 0.5
            if share == 0.5:
                ties[question, [first, second], [second, first]] += 1 / len(same)
            else:
                won = (first, second) if share == 1 else (second, first)
                wins[(question, *won)] += 1 / len(same)
    return Comparisons(wins, ties, cluster)


def _order_effect(
    rows: Sequence[PairRow],
    chosen: Mapping[str, ChosenPair],
    comparisons: Comparisons,
    questions: Sequence[str],
    confidence: float,
) -> OrderEffect | None:
    """Preference for the first place, with errors over questions; None where nobody chose."""
    seen = [row for row in rows if row.reviewer]
    if not seen:
        return None
    at = {name: n for n, name in enumerate(questions)}
    of_question = np.zeros((len(questions), 2))
    for row in seen:
        of_question[at[row.question_id]] += (_OF_FIRST[chosen[row.row_id].choice], 1)
    share = of_question[:, 0].sum() / len(seen)
    influence = (of_question[:, 0] - share * of_question[:, 1]) / len(seen)
    estimate = ClusteredEstimate(np.array([share]), by_cluster(influence[:, None], comparisons.cluster))
    low, high = preference_intervals(estimate, confidence)
    pairs: Collection[object] = {row.pair for row in seen}
    return OrderEffect(
        first=float(share),
        ci_low=float(low[0]),
        ci_high=float(high[0]),
        p_value=float(preference_p_values(estimate, confidence)[0]),
        choices=len(seen),
        pairs=len(pairs),
        alike=len(rows) - len(seen),
    )
