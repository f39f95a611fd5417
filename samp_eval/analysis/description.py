"""Counts and percentages without a model: lines correct, score levels, consistency over rounds, hard questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from samp_eval.analysis.model.samples import questions_answered
from samp_eval.analysis.open_marks import OpenBounds, open_bounds
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.literals import MarkBasis

__all__ = [
    "FEWEST_TO_COMPARE",
    "ConsistencyOverRounds",
    "LinesCorrect",
    "QuestionLines",
    "RespondentLines",
    "StudyDescription",
    "consistency_over_rounds",
    "describe_study",
    "lines_correct",
]


FEWEST_TO_COMPARE = 3
"""Scored responses to one question from which on a respondent is set against others there.

Of one response or two, all lines are right or none are by chance alone in most studies.
"""


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
    responses, questions : int
        Responses that are scored, and their questions.
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
    questions: int

    @property
    def percent(self) -> float:
        """100 x correct / requested, 0 to 100."""
        return 100.0 * self.correct / self.requested


@dataclass(frozen=True, slots=True)
class ConsistencyOverRounds:
    """How steady a respondent is over its rounds, on one basis.

    Attributes
    ----------
    beside : str
        The respondent to whose questions this one is restricted, to stand beside it; empty: its own questions.
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
    beside: str = ""


@dataclass(frozen=True, slots=True)
class RespondentLines:
    """Lines correct of one respondent on one question, over all rounds that are scored.

    Attributes
    ----------
    correct : float
        Lines right; a fraction only under the consensus rule ``mean``.
    requested, responses : int
        Lines asked for in the scored responses, and these responses.
    """

    respondent: str
    correct: float
    requested: int
    responses: int

    @property
    def percent(self) -> float:
        """100 x correct / requested, 0 to 100."""
        return 100.0 * self.correct / self.requested


@dataclass(frozen=True, slots=True)
class QuestionLines:
    """Lines correct of one question over all rounds that are scored, on one basis.

    Attributes
    ----------
    percent : float
        0 to 100 over all respondents.
    by_respondent : tuple of RespondentLines
        In the study's order; respondents without a scored response are left out.
    """

    question_id: str
    basis: MarkBasis
    percent: float
    by_respondent: tuple[RespondentLines, ...]

    @property
    def compared(self) -> tuple[RespondentLines, ...]:
        """Those with at least :data:`FEWEST_TO_COMPARE` scored responses."""
        return tuple(found for found in self.by_respondent if found.responses >= FEWEST_TO_COMPARE)

    @property
    def spread(self) -> float | None:
        """Percentage points between the best and the worst of those compared; None of fewer than two."""
        values = [found.percent for found in self.compared]
        return max(values) - min(values) if len(values) > 1 else None


@dataclass(frozen=True, slots=True)
class StudyDescription:
    """What the long table shows without a model.

    Attributes
    ----------
    lines : tuple of LinesCorrect
    consistency : tuple of ConsistencyOverRounds
    by_question : tuple of QuestionLines
        Hardest first, on each basis.
    level_shares : mapping of basis to DataFrame
        Share of each respondent's responses (0 to 1) at each score percentage.
    open_bounds : tuple of OpenBounds
        What open marks could change.
    score_grids : mapping of basis to DataFrame
        Score percentage of each question, in the columns (respondent, round).
    """

    lines: tuple[LinesCorrect, ...]
    consistency: tuple[ConsistencyOverRounds, ...]
    by_question: tuple[QuestionLines, ...]
    level_shares: Mapping[MarkBasis, pd.DataFrame]
    score_grids: Mapping[MarkBasis, pd.DataFrame]
    open_bounds: tuple[OpenBounds, ...]


def describe_study(study: ScoredStudy) -> StudyDescription:
    """Count what a study's long table shows, on every basis on which anything was marked."""
    names = study.respondents
    common = study.plan.analysis.questions == "common"
    averaged = rows_of_means(study.table)
    by_basis = {basis: averaged[averaged["basis"] == basis] for basis in study.bases}
    consistency: list[ConsistencyOverRounds] = []
    by_question: list[QuestionLines] = []
    for basis, table in by_basis.items():
        consistency += consistency_over_rounds(table, basis=basis, respondents=names, common=common)
        by_question += _lines_by_question(table, basis, names)
    return StudyDescription(
        lines=tuple(lines_correct(study.table, respondents=names)),
        consistency=tuple(consistency),
        by_question=tuple(by_question),
        level_shares={basis: _level_shares(table) for basis, table in by_basis.items()},
        score_grids={basis: _score_grid(study.table[study.table["basis"] == basis], names) for basis in study.bases},
        open_bounds=open_bounds(study),
    )


def lines_correct(table: pd.DataFrame, *, respondents: Sequence[str]) -> list[LinesCorrect]:
    """Lines correct per basis, respondent and round, then over all but control rounds; open responses are left out."""
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
            rows.append(_count(rows_of_means(part), basis, respondent, None, ""))
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
        questions=int(group["question_id"].nunique()),
    )


def _level_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Share of responses (0 to 1) at each score level: one row per respondent, one column per level in percent."""
    scored = table[table["score_percent"].notna()]
    return pd.crosstab(scored["respondent"], scored["score_percent"].round(6), normalize="index")


def consistency_over_rounds(
    table: pd.DataFrame, *, basis: MarkBasis, respondents: Sequence[str], full: float = 100.0, common: bool = True
) -> list[ConsistencyOverRounds]:
    """How many questions a respondent answers fully (a score of ``full``), and equally well, in its rounds.

    Respondents with one round, or without a question that is scored in all of them, are left out. After one that
    answered other questions than the first comes, if ``common``, the first again, on the questions of the other.
    """
    part = table[(table["basis"] == basis) & table["score_percent"].notna()]
    complete: dict[str, pd.DataFrame] = {}
    for respondent in respondents:
        scores = table[(table["basis"] == basis) & (table["respondent"] == respondent)].pivot(
            index="question_id", columns="round", values="score_percent"
        )
        if scores.shape[1] > 1 and scores.notna().all(axis=1).any():
            complete[respondent] = scores.dropna()
    answered = questions_answered(part, list(complete))
    found = []
    for respondent, scores in complete.items():
        found.append(_consistency(scores, basis, respondent, full))
        reference = next(iter(complete))
        same = complete[reference].index.intersection(scores.index)
        if common and answered[respondent] != answered[reference] and len(same):
            found.append(
                replace(_consistency(complete[reference].loc[same], basis, reference, full), beside=respondent)
            )
    return found


def _consistency(complete: pd.DataFrame, basis: MarkBasis, respondent: str, full: float) -> ConsistencyOverRounds:
    reached = complete >= full - 1e-9
    return ConsistencyOverRounds(
        basis=basis,
        respondent=respondent,
        rounds=complete.shape[1],
        questions=len(complete),
        all_full=int(reached.all(axis=1).sum()),
        majority_full=int((reached.mean(axis=1) > 0.5).sum()),
        all_equal=int((complete.max(axis=1) - complete.min(axis=1) < 1e-9).sum()),
    )


def _lines_by_question(table: pd.DataFrame, basis: MarkBasis, respondents: Sequence[str]) -> list[QuestionLines]:
    """Percent of lines correct per question, hardest first; questions without a scored response are left out."""
    scored = table[table["score_percent"].notna()]
    by_both = scored.groupby(["question_id", "respondent"], sort=False)
    sums = by_both[["correct", "requested"]].sum().assign(responses=by_both.size())
    totals = sums.groupby(level="question_id", sort=False).sum()
    overall = (100.0 * totals["correct"] / totals["requested"]).sort_values(kind="stable")
    found: dict[str, dict[str, RespondentLines]] = {str(question_id): {} for question_id in overall.index}
    for (question_id, name), correct, requested, responses in sums.itertuples(name=None):
        found[question_id][name] = RespondentLines(name, float(correct), int(requested), int(responses))
    return [
        QuestionLines(
            question_id, basis, float(percent), tuple(of_question[name] for name in respondents if name in of_question)
        )
        for (question_id, of_question), percent in zip(found.items(), overall, strict=True)
    ]


def _score_grid(table: pd.DataFrame, respondents: Sequence[str]) -> pd.DataFrame:
    """Score percentages: one row per question, one column per (respondent, round), NaN where there is no score."""
    grid = table.pivot(index="question_id", columns=["respondent", "round"], values="score_percent")
    columns = [
        (respondent, number)
        for respondent in respondents
        for number in sorted(table.loc[table["respondent"] == respondent, "round"].unique())
    ]
    return grid[columns]
