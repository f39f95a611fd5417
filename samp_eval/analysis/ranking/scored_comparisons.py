"""Comparisons of respondents from their scores, on the questions that all of them answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.errors import CannotEstimate, StudyConflict
from samp_eval.statistics.ranking.comparisons import Comparisons, comparisons_from_scores

__all__ = [
    "ChosenRows",
    "DrawnPart",
    "OrderEffect",
    "RankedComparisons",
    "ReplicateTable",
    "chosen_rows",
    "scored_comparisons",
    "tolerance_of",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEW = 0.5
"""A respondent with less than this share of the questions that another one answered is left out: it would take as many
questions from all others."""

ROUNDING = 1e-4
"""Scores that differ by no more than this share of their range are tied: 33.33 in one round, 33.333333 in another."""


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """How often reviewers preferred the response that stood first, 0 to 1, equal ones as a half.

    Attributes
    ----------
    first, ci_low, ci_high : float
        1/2 where the order does not matter.
    p_value : float
    choices, pairs, alike : int
        Choices of reviewers; pairs with any; pairs that read alike and count as equal without being shown.
    """

    first: float
    ci_low: float
    ci_high: float
    p_value: float
    choices: int
    pairs: int
    alike: int


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """What stands beside comparisons that are predicted and corrected by a random draw of the questions.

    Attributes
    ----------
    n_drawn : int
        Questions whose marks are used.
    n_waiting : int
        Questions at the end of the draw that have open marks and count as not drawn.
    predictor : tuple of str
        Labels of what predicts.
    alone : Comparisons
        Of the drawn questions alone.
    """

    n_drawn: int
    n_waiting: int
    predictor: tuple[str, ...]
    alone: Comparisons


@dataclass(frozen=True, slots=True)
class RankedComparisons:
    """Comparisons of the ranked respondents.

    Attributes
    ----------
    respondents : tuple of str, length r
    question_ids : tuple of str, length q
    comparisons : Comparisons
    left_out : mapping of respondent to str
        Who is not ranked, and why.
    questions_by_respondent : mapping of respondent to int
        Questions with a score, of everyone with any.
    order : OrderEffect or None
        Of reviewers who compared pairs.
    only_conditions : tuple of str
        The conditions whose scores are compared, where a ranked respondent lacks another; else empty.
    draw : DrawnPart or None
        Where a part of the questions is marked and the others are predicted.
    """

    respondents: tuple[str, ...]
    question_ids: tuple[str, ...]
    comparisons: Comparisons
    left_out: Mapping[str, str]
    questions_by_respondent: Mapping[str, int]
    order: OrderEffect | None = None
    only_conditions: tuple[str, ...] = ()
    draw: DrawnPart | None = None

    def ordered(self, places: Sequence[int]) -> RankedComparisons:
        """The same with respondents in another order."""
        draw = self.draw
        return replace(
            self,
            respondents=tuple(self.respondents[place] for place in places),
            comparisons=_ordered(self.comparisons, places),
            draw=None if draw is None else replace(draw, alone=_ordered(draw.alone, places)),
        )


def _ordered(given: Comparisons, places: Sequence[int]) -> Comparisons:
    order = np.ix_(range(len(given.wins)), places, places)
    return replace(given, wins=given.wins[order], ties=given.ties[order])


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Rows of the long table that are compared: of the questions that all ranked respondents answered.

    Attributes
    ----------
    rows : DataFrame
    respondents : tuple of str
        Who is ranked.
    left_out, questions_by_respondent, only_conditions
        As for :class:`RankedComparisons`.
    """

    rows: pd.DataFrame
    respondents: tuple[str, ...]
    left_out: Mapping[str, str]
    questions_by_respondent: Mapping[str, int]
    only_conditions: tuple[str, ...]

    def compared(
        self, questions: Sequence[str], comparisons: Comparisons, draw: DrawnPart | None = None
    ) -> RankedComparisons:
        """Comparisons that were made of these rows."""
        return RankedComparisons(
            self.respondents,
            tuple(questions),
            comparisons,
            self.left_out,
            self.questions_by_respondent,
            only_conditions=self.only_conditions,
            draw=draw,
        )


def scored_comparisons(table: pd.DataFrame, respondents: Sequence[str], choices: RankingChoices) -> RankedComparisons:
    """Compare respondents by their scores.

    Parameters
    ----------
    table : DataFrame
        The long table; see :mod:`samp_eval.analysis.tables.long_table`.
    respondents : sequence of str
        In order.
    choices : RankingChoices
        Its basis, condition, respondents and clusters are followed.

    Raises
    ------
    StudyConflict
        A respondent to leave out is none.
    CannotEstimate
        Fewer than two respondents, or no question that all of them answered.
    """
    chosen = chosen_rows(table, respondents, choices)
    layout = ReplicateTable.of(chosen)
    cluster = None
    if choices.cluster == "case":
        first = chosen.rows.drop_duplicates("question_id").set_index("question_id")["case_id"]
        cluster = pd.factorize(first.loc[list(layout.question_ids)])[0].astype(np.int64)
    scores = layout.filled(chosen.rows["score_percent"].to_numpy(dtype=float))
    comparisons = comparisons_from_scores(scores, cluster, tolerance=tolerance_of(scores))
    return chosen.compared(layout.question_ids, comparisons)


def chosen_rows(
    table: pd.DataFrame, respondents: Sequence[str], choices: RankingChoices, having: str = "a score on"
) -> ChosenRows:
    """Choose the rows that are compared; as for :func:`scored_comparisons`, with what counts as ``having`` in words."""
    unknown = [name for name in choices.without if name not in respondents]
    if unknown:
        raise StudyConflict(f"{unknown[0]!r} is not a respondent of this study; it has {', '.join(respondents)}")
    asked = rows_of_means(table) if choices.condition is None else table[table["condition"] == choices.condition]
    rows = asked[(asked["basis"] == choices.basis) & asked["score_percent"].notna()]
    rows = rows.assign(respondent=rows["respondent"].astype("str"), condition=rows["condition"].astype("str"))
    counts = rows.groupby("respondent")["question_id"].nunique()
    answered = {name: int(counts.get(name, 0)) for name in respondents}
    left_out = _left_out(answered, choices, having)
    ranked = [name for name in respondents if name not in left_out]
    if len(ranked) < 2:
        raise CannotEstimate(_too_few(ranked, left_out, choices))
    met, apart = _met(rows, ranked)
    left_out |= dict.fromkeys(apart, "no question under the same condition as all the others")
    ranked = [name for name in ranked if name not in apart]
    if len(ranked) < 2:
        raise CannotEstimate(
            f"No question was answered by any two of {', '.join([*ranked, *apart])} under the same condition, so "
            "nothing can be compared. Ask them the same questions in the same rounds."
        )
    compared = sorted(set(met["condition"]))
    of_ranked = rows.loc[rows["respondent"].isin(ranked), "condition"].nunique()
    return ChosenRows(
        met,
        tuple(ranked),
        left_out,
        {name: count for name, count in answered.items() if count},
        tuple(compared) if len(compared) < of_ranked else (),
    )


def _met(rows: pd.DataFrame, ranked: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Rows of the questions that all answered under the same condition, without those who have none with the others.

    Who shares fewest questions with any other is the first to go until such a question is found.
    """
    remaining, apart = list(ranked), list[str]()
    while True:
        own = rows[rows["respondent"].isin(remaining)]
        sharing = own.groupby(["question_id", "condition"])["respondent"].transform("nunique")
        met = sharing == len(remaining)
        if (met.any() and len(remaining) > 1) or len(remaining) < 2:
            return own[met], apart
        shared = own[sharing > 1].drop_duplicates(["question_id", "condition", "respondent"])
        count = Counter(shared["respondent"])
        apart.append(min(reversed(remaining), key=lambda name: count[name]))
        remaining.remove(apart[-1])


def _left_out(answered: Mapping[str, int], choices: RankingChoices, having: str) -> dict[str, str]:
    """Who is not ranked, and why."""
    most = max((count for name, count in answered.items() if name not in choices.without), default=0)
    found = {}
    for name, count in answered.items():
        if name in choices.without:
            found[name] = "as asked"
        elif not count:
            found[name] = "no scored response"
        elif count < FEW * most:
            found[name] = f"{having} only {count} of {most} questions"
    return found


def _too_few(ranked: Sequence[str], left_out: Mapping[str, str], choices: RankingChoices) -> str:
    where = f" under the condition {choices.condition}" if choices.condition else ""
    reasons = "".join(f"; {name} is left out ({reason})" for name, reason in left_out.items())
    return (
        f"A ranking needs two respondents with scores on the {choices.basis} basis{where}; found "
        f"{', '.join(ranked) or 'none'}{reasons}."
    )


@dataclass(frozen=True, slots=True)
class ReplicateTable:
    """Where each row stands in a table of questions, respondents, conditions and replicates.

    Attributes
    ----------
    question_ids : tuple of str, length q
        In alphabetical order.
    places : tuple of ndarray of int
        Of each row: question, respondent, condition, replicate.
    shape : tuple of int
    """

    question_ids: tuple[str, ...]
    places: tuple[Integers, ...]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, chosen: ChosenRows) -> ReplicateTable:
        """Lay out the chosen rows."""
        rows, ranked = chosen.rows, chosen.respondents
        questions, question_ids = pd.factorize(rows["question_id"], sort=True)
        conditions, labels = pd.factorize(rows["condition"], sort=True)
        respondents = rows["respondent"].map({name: place for place, name in enumerate(ranked)}).to_numpy()
        replicates = rows.groupby(["question_id", "condition", "respondent"]).cumcount().to_numpy()
        shape = len(question_ids), len(ranked), len(labels), int(replicates.max()) + 1
        places = (questions, respondents, conditions, replicates)
        return cls(tuple(question_ids), tuple(np.asarray(place, dtype=np.int64) for place in places), shape)

    def filled(self, values: Floats) -> Floats:
        """Values of rows, shape (n, ...), in the table: shape (q, r, c, t, ...); NaN where there is no row."""
        table = np.full((*self.shape, *values.shape[1:]), np.nan)
        table[self.places] = values
        return table


def tolerance_of(scores: Floats) -> float:
    """Difference up to which scores are tied."""
    return ROUNDING * max(float(np.nanmax(scores) - np.nanmin(scores)), 1e-9)
