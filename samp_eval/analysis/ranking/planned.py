"""The rankings of a report: on every basis, of three and more respondents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.statistics.not_estimated import NotEstimated

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking
    from samp_eval.analysis.scored_study import ScoredStudy

__all__ = ["planned_rankings"]

FEWEST = 3
"""With two respondents a rank says no more than their odds ratio."""


def planned_rankings(study: ScoredStudy, *, drawn_only: bool = False) -> dict[MarkBasis, StudyRanking | NotEstimated]:
    """Rank the respondents with the plan's choices; empty where there are fewer than three.

    Parameters
    ----------
    study : ScoredStudy
    drawn_only : bool
        Where a part of the questions is marked: by these alone.
    """
    if len(study.respondents) < FEWEST:
        return {}
    # scipy's optimisers take 0.15 s to import, which a report on two respondents need not wait for
    from samp_eval.analysis.ranking.study_ranking import rank_respondents

    plan = study.plan.analysis
    found: dict[MarkBasis, StudyRanking | NotEstimated] = {}
    for basis in study.bases:
        choices = RankingChoices(
            basis, cluster=plan.cluster, confidence=plan.confidence, seed=study.plan.seed, drawn_only=drawn_only
        )
        try:
            ranking = rank_respondents(study, choices)
        except CannotEstimate as error:
            found[basis] = NotEstimated(str(error))
        else:
            if len(ranking.respondents) >= FEWEST:
                found[basis] = ranking
    return found
