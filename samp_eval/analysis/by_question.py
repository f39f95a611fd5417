"""Lines correct of each question: which questions are hard, and where respondents differ."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from samp_eval.literals import MarkBasis

__all__ = ["QuestionLines", "lines_by_question", "score_grid"]


@dataclass(frozen=True, slots=True)
class QuestionLines:
    """Lines correct of one question over all rounds that are scored, on one basis.

    Attributes
    ----------
    by_respondent : tuple of (respondent, percent)
        0 to 100 of each respondent, in the study's order; respondents without a scored response are left out.
    percent : float
        0 to 100 over all respondents.
    spread : float
        Percentage points between the best and the worst respondent; 0 where there is only one.
    """

    question_id: str
    basis: MarkBasis
    percent: float
    by_respondent: tuple[tuple[str, float], ...]

    @property
    def spread(self) -> float:
        """Percentage points between the best and the worst respondent."""
        values = [percent for _, percent in self.by_respondent]
        return max(values) - min(values)


def lines_by_question(table: pd.DataFrame, *, basis: MarkBasis, respondents: list[str]) -> list[QuestionLines]:
    """Percent of lines correct per question, hardest first; questions without a scored response are left out."""
    part = table[(table["basis"] == basis) & table["score_percent"].notna()]
    sums = part.groupby(["question_id", "respondent"], sort=False)[["correct", "requested"]].sum()
    shares = (100.0 * sums["correct"] / sums["requested"]).unstack("respondent")
    totals = sums.groupby(level="question_id", sort=False).sum()
    overall = (100.0 * totals["correct"] / totals["requested"]).sort_values(kind="stable")
    kept = [respondent for respondent in respondents if respondent in shares.columns]
    rows = shares.loc[overall.index, kept].to_numpy().tolist()
    return [
        QuestionLines(
            str(question_id),
            basis,
            float(percent),
            tuple((name, value) for name, value in zip(kept, values, strict=True) if value == value),
        )
        for (question_id, percent), values in zip(overall.items(), rows, strict=True)
    ]


def score_grid(table: pd.DataFrame, *, basis: MarkBasis, respondents: list[str]) -> pd.DataFrame:
    """Score percentages: one row per question, one column per (respondent, round), NaN where there is no score."""
    part = table[table["basis"] == basis]
    grid = part.pivot(index="question_id", columns=["respondent", "round"], values="score_percent")
    columns = [
        (respondent, number)
        for respondent in respondents
        for number in sorted(part.loc[part["respondent"] == respondent, "round"].unique())
    ]
    return grid[columns]
