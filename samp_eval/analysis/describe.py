"""Counts and percentages: lines correct, score levels, consistency over rounds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from samp_eval.literals import MarkBasis

__all__ = ["ConsistencyOverRounds", "LinesCorrect", "consistency_over_rounds", "level_shares", "lines_correct"]


@dataclass(frozen=True, slots=True)
class LinesCorrect:
    """Lines correct of one respondent on one basis.

    Attributes
    ----------
    round : int or None
        None: over all rounds.
    condition : str
        The round's condition; empty over all rounds.
    correct : float
        Lines right; a fraction only under the consensus rule ``mean``.
    requested : int
        Lines asked for, in the responses that are scored.
    responses : int
        Responses that are scored.
    percent : float
        100 x correct / requested.
    """

    basis: MarkBasis
    respondent: str
    round: int | None
    condition: str
    correct: float
    requested: int
    responses: int

    @property
    def percent(self) -> float:
        """100 x correct / requested, 0 to 100."""
        return 100.0 * self.correct / self.requested


@dataclass(frozen=True, slots=True)
class ConsistencyOverRounds:
    """How steady a respondent is over its rounds, on one basis.

    Attributes
    ----------
    questions : int
        Questions that are scored in every one of the respondent's rounds.
    all_full, majority_full, all_equal : int
        Questions with full marks in every round; in more than half of the rounds; with the same score in every round.
    """

    basis: MarkBasis
    respondent: str
    rounds: int
    questions: int
    all_full: int
    majority_full: int
    all_equal: int


def lines_correct(table: pd.DataFrame, *, respondents: list[str]) -> list[LinesCorrect]:
    """Lines correct per basis, respondent and round, then over all rounds; open responses are left out."""
    scored = table[table["score_percent"].notna()]
    rows = []
    for basis in ("key", "judgement"):
        for respondent in respondents:
            part = scored[(scored["basis"] == basis) & (scored["respondent"] == respondent)]
            if part.empty:
                continue
            for number, in_round in part.groupby("round", sort=True):
                for condition, group in in_round.groupby("condition", sort=True):
                    rows.append(_count(group, basis, respondent, int(str(number)), str(condition)))
            rows.append(_count(part, basis, respondent, None, ""))
    return rows


def _count(group: pd.DataFrame, basis: MarkBasis, respondent: str, number: int | None, condition: str) -> LinesCorrect:
    return LinesCorrect(
        basis=basis,
        respondent=respondent,
        round=number,
        condition=condition,
        correct=float(group["correct"].sum()),
        requested=int(group["requested"].sum()),
        responses=len(group),
    )


def level_shares(table: pd.DataFrame, basis: MarkBasis) -> pd.DataFrame:
    """Share of responses (0 to 1) at each score level: one row per respondent, one column per level in percent."""
    part = table[(table["basis"] == basis) & table["score_percent"].notna()]
    return pd.crosstab(part["respondent"], part["score_percent"].round(6), normalize="index")


def consistency_over_rounds(
    table: pd.DataFrame, *, basis: MarkBasis, respondents: list[str], full: float = 100.0
) -> list[ConsistencyOverRounds]:
    """How many questions a respondent answers fully (a score of ``full``), and equally well, in its rounds.

    Respondents with one round, or without a question that is scored in all of them, are left out.
    """
    part = table[table["basis"] == basis]
    found = []
    for respondent in respondents:
        scores = part[part["respondent"] == respondent].pivot(
            index="question_id", columns="round", values="score_percent"
        )
        complete = scores.dropna()
        if scores.shape[1] < 2 or complete.empty:
            continue
        reached = complete >= full - 1e-9
        found.append(
            ConsistencyOverRounds(
                basis=basis,
                respondent=respondent,
                rounds=scores.shape[1],
                questions=len(complete),
                all_full=int(reached.all(axis=1).sum()),
                majority_full=int((reached.mean(axis=1) > 0.5).sum()),
                all_equal=int((complete.max(axis=1) - complete.min(axis=1) < 1e-9).sum()),
            )
        )
    return found
