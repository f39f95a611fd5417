"""A ranking as fields for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from samp_eval.statistics.not_estimated import NotEstimated

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["ranking_as_json"]


def ranking_as_json(ranking: StudyRanking) -> dict[str, Any]:
    """All results of a ranking; ``{"reason": ...}`` where one cannot be had."""
    mixture, fragility, strengths = ranking.mixture, ranking.fragility, ranking.strengths
    names = [ranked.respondent for ranked in ranking.respondents]
    return {
        "basis": ranking.choices.basis,
        "preferrer": ranking.choices.preferrer or None,
        "condition": ranking.choices.condition,
        "cluster": ranking.choices.cluster,
        "confidence": ranking.choices.confidence,
        "n_questions": ranking.n_questions,
        "n_questions_by_respondent": dict(ranking.compared.questions_by_respondent),
        "left_out": dict(ranking.compared.left_out),
        "respondents": [asdict(ranked) for ranked in ranking.respondents],
        "preferences": [list(row) for row in ranking.preferences],
        "pairs": [asdict(pair) for pair in ranking.pairs],
        "ties": ranking.ties,
        "tie_parameter": None if isinstance(strengths, NotEstimated) else strengths.tie_parameter,
        "transitive": _transitive(ranking),
        "tau": ranking.choices.tau,
        "nash": {
            "reference": dict(zip(names, mixture.reference, strict=True)),
            "residual": mixture.equilibrium.residual,
            "exploitability": mixture.equilibrium.exploitability,
            "iterations": mixture.equilibrium.iterations,
            "path": [{"tau": tau, "probabilities": list(shares)} for tau, shares in mixture.path],
            "averaging": _averaging(ranking),
            "topics": [asdict(topic) for topic in mixture.topics],
        },
        "fragility": None if fragility is None else fragility.questions,
        "challenger": None if fragility is None else fragility.challenger,
        "always_even": [list(pair) for pair in ranking.copies],
        "order": None if ranking.compared.order is None else asdict(ranking.compared.order),
    }


def _transitive(ranking: StudyRanking) -> dict[str, Any]:
    found, cycle = ranking.transitivity, ranking.cycle
    named = None if cycle is None else {"respondents": ranking.names(cycle.places), "p_value": cycle.p_value}
    if isinstance(found, NotEstimated):
        return {"statistic": None, "p_value": None, "reason": found.reason, "cycle": named}
    return {
        "statistic": found.statistic,
        "p_value": found.p_value,
        "respondents": ranking.names(found.triple),
        "cycle": named,
    }


def _averaging(ranking: StudyRanking) -> dict[str, Any]:
    average = ranking.mixture.average
    if isinstance(average, NotEstimated):
        return average.as_json()
    return {"probabilities": average.probabilities.tolist(), "skills": average.skills.tolist()}
