"""Everything that needs a model: the planned fit, the same with other choices, and what the fits mean."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from samp_eval.literals import MarkBasis
from samp_eval.study import AnalysisPlan

if TYPE_CHECKING:
    import pandas as pd

    from samp_eval.analysis.sensitivity import SensitivityRecords, Variation
    from samp_eval.analysis.study_effects import StudyEffects

__all__ = ["ModelFits", "fit_models", "load_statistics"]


@dataclass(frozen=True, slots=True)
class ModelFits:
    """Of a study on every basis: each variation, the planned one first; and the effects of the planned ones."""

    variations: tuple[Variation, ...] = ()
    effects: tuple[StudyEffects, ...] = ()


def load_statistics() -> None:
    """Import what :func:`fit_models` needs, so that a second process does so while the first reads the study.

    Without garbage collection, as in the first process: this one ends when it has fitted.
    """
    gc.disable()
    for module in (
        "scipy.stats",
        "statsmodels.genmod.generalized_estimating_equations",
        "samp_eval.analysis.association",
        "samp_eval.analysis.sensitivity",
        "samp_eval.analysis.study_effects",
    ):
        import_module(module)


def fit_models(
    records: SensitivityRecords,
    table: pd.DataFrame,
    bases: Sequence[MarkBasis],
    plan: AnalysisPlan,
) -> ModelFits:
    """Fit the planned model and its variations on every basis.

    Parameters
    ----------
    records : SensitivityRecords
    table : DataFrame
        The long table under the planned consensus.
    bases : sequence of MarkBasis
        Those that were marked.
    plan : AnalysisPlan
    """
    from samp_eval.analysis.sensitivity import sensitivity
    from samp_eval.analysis.study_effects import study_effects

    variations = tuple(one for basis in bases for one in sensitivity(records, table, basis, plan))
    return ModelFits(
        variations,
        tuple(
            study_effects(table, one.outcome)
            for one in variations
            if one.what == "planned" and not isinstance(one.outcome, str)
        ),
    )
