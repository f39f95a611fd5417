"""A study's records scored, and what is computed from them with scipy: models, what they mean, simpler statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from samp_eval.analysis.frame import long_table
from samp_eval.analysis.score import CountedLines, counted_lines, scores
from samp_eval.analysis.sensitivity import SensitivityRecords, Variation, planned_fit, sensitivity
from samp_eval.analysis.study_table import agreed_marks, planned_reference, respondents_in_order
from samp_eval.literals import MarkBasis
from samp_eval.report.content.records import StudyRecords
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import ConsensusMark
from samp_eval.study import Study

if TYPE_CHECKING:
    from samp_eval.analysis.study_comparison_results import StudyComparison
    from samp_eval.statistics.gee.effect_results import StudyEffects

__all__ = ["ModelFits", "ScoredRecords", "fit_models", "scored_records"]


@dataclass(frozen=True, slots=True)
class ScoredRecords:
    """A study's records, scored under the planned consensus.

    Attributes
    ----------
    respondents : list of str
        The reference first.
    lines : CountedLines
    marks : GatheredMarks
    agreed : mapping of basis to consensus marks
        On every basis that was marked.
    table : DataFrame
        The long table.
    """

    respondents: list[str]
    lines: CountedLines
    marks: GatheredMarks
    agreed: Mapping[MarkBasis, Sequence[ConsensusMark]]
    table: pd.DataFrame


@dataclass(frozen=True, slots=True)
class ModelFits:
    """What is fitted and computed for a study, on every basis.

    Attributes
    ----------
    planned : tuple of Variation
        The model as planned.
    effects : tuple of StudyEffects
        Of the planned models.
    others : tuple of Variation
        The model with one choice at a time made otherwise.
    comparisons : tuple of StudyComparison
        The simpler statistics beside them.
    """

    planned: tuple[Variation, ...] = ()
    effects: tuple[StudyEffects, ...] = ()
    others: tuple[Variation, ...] = ()
    comparisons: tuple[StudyComparison, ...] = ()


def scored_records(records: StudyRecords, study: Study) -> ScoredRecords:
    """Score a study's records as planned; raises ``StudyConflict`` where the reference is not among the respondents."""
    known = list(records.respondents)
    order = respondents_in_order(known, planned_reference(study, known))
    lines = counted_lines(records.bank, records.responses)
    marks = GatheredMarks(records.marks)
    agreed = agreed_marks(lines, records.marks, study.review, marks)
    table = long_table(lines, {basis: scores(lines, found, basis) for basis, found in agreed.items()})
    return ScoredRecords(order, lines, marks, agreed, table)


def fit_models(records: StudyRecords, study: Study, scored: ScoredRecords | None = None) -> Iterator[ModelFits]:
    """Fit the planned models, then everything beside them.

    Parameters
    ----------
    records : StudyRecords
    study : Study
    scored : ScoredRecords, optional
        Those records, where they have been scored already.

    Yields
    ------
    ModelFits
        First the planned models and their effects, so that they can be drawn at once; then all.
    """
    from samp_eval.analysis.comparisons_by_basis import compared_bases
    from samp_eval.analysis.study_effects import study_effects

    scored = scored or scored_records(records, study)
    lines, agreed, table, order, plan = scored.lines, scored.agreed, scored.table, scored.respondents, study.analysis
    planned = tuple(planned_fit(table, basis, plan, order) for basis in agreed)
    outcomes = [one.outcome for one in planned]
    fits = ModelFits(planned, tuple(study_effects(table, one) for one in outcomes if not isinstance(one, str)))
    yield fits
    to_vary = SensitivityRecords(records.bank, lines, records.failures, scored.marks, study.review, order)
    yield replace(
        fits,
        others=tuple(one for basis in agreed for one in sensitivity(to_vary, table, basis, plan)),
        comparisons=compared_bases(records.bank, lines, agreed, records.failures, table, order, plan),
    )
