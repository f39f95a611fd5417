"""Respondents compared without the planned model: means, lines, one-line questions, consistency over rounds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.mean_scores import (
    ComparedMeans,
    RespondentScore,
    compared_means,
    respondent_score,
)
from samp_eval.analysis.comparison.one_line_tests import OneLineTest, one_line_tests
from samp_eval.analysis.comparison.option_questions import OptionQuestions, option_questions
from samp_eval.analysis.description import ConsistencyOverRounds, consistency_over_rounds
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.scored_study import ScoredStudy, Scores
from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.analysis.tables.line_table import line_table
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.mean_scores import group_levels
from samp_eval.statistics.not_estimated import NotEstimated, or_reason

__all__ = ["StudyComparison", "compare_respondents", "planned_comparisons"]


@dataclass(frozen=True, slots=True)
class StudyComparison:
    """Every statistic of the comparison on one basis.

    Attributes
    ----------
    odds_ratios : StudyFit or NotEstimated
        The ordinal model under the choices about failures and levels, working independence.
    line_odds_ratios : StudyFit, NotEstimated or None
        A logistic GEE on the answer lines; None where the lines are not known.
    options : OptionQuestions
        Of the questions that are answered by choosing; empty for scores from outside.
    """

    choices: ComparisonChoices
    scores: tuple[RespondentScore, ...]
    differences: tuple[ComparedMeans, ...]
    odds_ratios: StudyFit | NotEstimated
    line_odds_ratios: StudyFit | NotEstimated | None
    one_line: tuple[OneLineTest, ...]
    consistency: tuple[ConsistencyOverRounds, ...]
    options: OptionQuestions

    def as_json(self) -> dict[str, Any]:
        """Fields for a program; ``{"reason": ...}`` where a statistic cannot be had."""
        of_lines = self.line_odds_ratios
        return {
            "choices": asdict(self.choices),
            "scores": [asdict(score) for score in self.scores],
            "mean_differences": [asdict(difference) for difference in self.differences],
            "odds_ratios": self.odds_ratios.as_json(),
            "line_odds_ratios": None if of_lines is None else of_lines.as_json(),
            "one_line_tests": [asdict(test) for test in self.one_line],
            "consistency": [asdict(consistency) for consistency in self.consistency],
            **asdict(self.options),
        }


def compare_respondents(
    scores: Scores, choices: ComparisonChoices, lines: pd.DataFrame | None = None
) -> StudyComparison:
    """Compute every statistic of the comparison on one basis.

    Parameters
    ----------
    scores : Scores
        Of a study or from outside.
    choices : ComparisonChoices
    lines : DataFrame, optional
        See :mod:`samp_eval.analysis.tables.line_table`; where failures count, the lines that they owe are added.
    """
    basis, respondents = choices.basis, scores.respondents
    given = scores.table[scores.table["basis"] == basis]
    failed = scores.failed[scores.failed["basis"] == basis].assign(score_percent=choices.lowest)
    counted = given
    if choices.failures == "zero" and len(failed):
        counted = pd.concat([given, failed], ignore_index=True)
        if lines is not None:
            owed = failed.loc[failed.index.repeat(failed["requested"].astype(int))].assign(earned=0.0)
            lines = pd.concat([lines, owed], ignore_index=True)
    averaged, given, failed = map(rows_of_means, (counted, given, failed))
    scored = averaged[averaged["score_percent"].notna()]
    present = [name for name in respondents if (scored["respondent"] == name).any()]
    full = choices.highest
    return StudyComparison(
        choices=choices,
        scores=tuple(respondent_score(name, given, failed, scored, choices) for name in respondents),
        differences=tuple(compared_means(scored, name, present[0], choices) for name in present[1:]),
        odds_ratios=or_reason(_fit)(_grouped(counted, choices), respondents, choices),
        line_odds_ratios=None if lines is None else or_reason(_fit_lines)(lines, respondents, choices),
        one_line=tuple(one_line_tests(scored, respondents, choices.lowest, full)),
        consistency=tuple(
            consistency_over_rounds(
                averaged, basis=basis, respondents=respondents, full=full, common=choices.questions == "common"
            )
        ),
        options=option_questions(scores, scored, choices) if isinstance(scores, ScoredStudy) else OptionQuestions(),
    )


def planned_comparisons(study: ScoredStudy) -> tuple[StudyComparison, ...]:
    """Compare the respondents with the plan's choices, on every basis on which anything was marked."""
    plan, lines, mark = study.plan.analysis, line_table(study), study.pass_mark
    found = []
    for basis in study.bases:
        choices = ComparisonChoices(
            basis,
            cluster=plan.cluster,
            covariance=plan.covariance,
            confidence=plan.confidence,
            questions=plan.questions,
            pass_mark=mark.cut if isinstance(mark, PassMark) else None,
        )
        found.append(compare_respondents(study, choices, lines))
    return tuple(found)


def _grouped(counted: pd.DataFrame, choices: ComparisonChoices) -> pd.DataFrame:
    """The table with the scores none (0), some (1) and all (2) where levels are grouped."""
    if choices.levels == "all":
        return counted
    scored = counted[counted["score_percent"].notna()]
    levels = group_levels(scored["score_percent"], lowest=choices.lowest, highest=choices.highest)
    return pd.concat([scored.assign(score_percent=levels), counted[counted["score_percent"].isna()]])


def _fit(table: pd.DataFrame, respondents: tuple[str, ...], choices: ComparisonChoices) -> StudyFit:
    """The study's model under independence, solved by the engine that is as exact and sooner done."""
    return fit_study(table, basis=choices.basis, respondents=respondents, plan=choices.model, engine="vectorised")


def _fit_lines(lines: pd.DataFrame, respondents: tuple[str, ...], choices: ComparisonChoices) -> StudyFit:
    """Right lines against wrong ones, over the responses that have all their marks."""
    part = lines[lines["basis"] == choices.basis]
    is_open = part["earned"].isna().groupby([part["question_id"], part["respondent"], part["round"]], observed=True)
    part = part[~is_open.transform("any")]
    if not part["earned"].isin([0.0, 1.0]).all():
        raise CannotEstimate(
            "some lines earn a fraction of a mark, so they are neither right nor wrong; "
            "choose another consensus rule than mean"
        )
    return _fit(part.assign(score_percent=100.0 * part["earned"]), respondents, choices)
