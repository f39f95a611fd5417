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
        **_estimator(ranking),
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


def _estimator(ranking: StudyRanking) -> dict[str, Any]:
    """How the preferences were estimated, and beside corrected predictions, the drawn questions alone."""
    draw, alone = ranking.compared.draw, ranking.drawn_alone
    if draw is None or alone is None:
        name = "drawn-alone" if ranking.choices.drawn_only else "complete"
        return {"estimator": name, "predictor": None, "n_questions_drawn": None, "drawn_alone": None}
    low, high = alone.intervals(ranking.choices.confidence)
    columns = (
        [ranked.respondent for ranked in ranking.respondents],
        *(column.tolist() for column in (alone.values, low, high, alone.standard_errors)),
    )
    names = ("respondent", "mean_preference", "ci_low", "ci_high", "standard_error")
    return {
        "estimator": "prediction-powered",
        "predictor": list(draw.predictor),
        "n_questions_drawn": draw.n_drawn,
        "drawn_alone": [dict(zip(names, numbers, strict=True)) for numbers in zip(*columns, strict=True)],
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
