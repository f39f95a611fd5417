"""Models that mark, beside the people of the same study, for the commands that show them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from samp_eval.analysis.judging.results import JudgeAgreement
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.literals import MarkBasis
    from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["study_and_judges", "withheld"]


def study_and_judges(
    folder: Path, study: ScoredStudy | None = None
) -> tuple[ScoredStudy, Mapping[str, Mapping[MarkBasis, JudgeAgreement | NotEstimated]]]:
    """The scored study, read unless it is given, and what every model that has marked comes to."""
    from samp_eval.analysis.judging.judge_agreement import judge_agreements, models_of
    from samp_eval.cli.shared.analysis_options import scored_study
    from samp_eval.cli.shared.study_options import existing_study
    from samp_eval.review.adjudication import marks_before_adjudication
    from samp_eval.review.markers.model.judged import judged_asks

    scored = study or scored_study(folder)
    with existing_study(folder) as store:
        first = marks_before_adjudication(store.mark_history(), store.sheet_rows().values(), store.key_history())
        models, judged = models_of(store.respondents()), judged_asks(store)
    return scored, judge_agreements(scored, first, models, judged)


def withheld(folder: Path, study: ScoredStudy, basis: MarkBasis) -> dict[str, str]:
    """By label of each model that has marked, why figures by its marks alone are not shown; none where they may be."""
    from samp_eval.report.prose.judge_sentences import withheld_reason

    if not study.of_models:
        return {}
    _, judges = study_and_judges(folder, study)
    of_basis = {judge: bases.get(basis) or next(iter(bases.values())) for judge, bases in judges.items()}
    reasons = {judge: withheld_reason(found) for judge, found in of_basis.items()}
    return {judge: reason for judge, reason in reasons.items() if reason is not None}
