"""A fit of a study, with what stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from samp_eval.analysis.model.cut_points import cut_points_as_json
from samp_eval.analysis.model.fitted_sample import StudyTerm
from samp_eval.analysis.model.primary import primary_as_json
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.scored_study import Scores, in_planned_order
from samp_eval.analysis.standard.passing import pass_mark_as_json
from samp_eval.literals import MarkBasis
from samp_eval.report.content.reviewers import automatic_bases
from samp_eval.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from samp_eval.api.loaded_study import LoadedStudy

__all__ = ["FittedStudy", "fit_scores"]

_CHARACTERS_BELOW = 110
"""In a line of notices below a figure: what fits its width at their size."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedStudy:
    """Odds ratios of a higher score, as :meth:`LoadedStudy.fit` returns them.

    Attributes
    ----------
    result : StudyFit
        The fit with the choices that led to it.
    plan : Study
        As in ``study.toml``, with the choices of the fit.
    notices : tuple of str
        What stands beside the estimates: few scores, a draw of questions, what was left out, unequal questions.
    study : LoadedStudy
        Whose notices hold here too.
    """

    result: StudyFit = field(repr=False)
    plan: Study = field(repr=False)
    notices: tuple[str, ...]
    study: LoadedStudy

    @property
    def confidence(self) -> float:
        """Level of the intervals."""
        return self.plan.analysis.confidence

    @property
    def terms(self) -> tuple[StudyTerm, ...]:
        """The odds ratios, each with its interval and the responses that it rests on."""
        return self.result.terms

    def to_frame(self) -> pd.DataFrame:
        """A row for each term, in the columns of ``samp-eval analyze --json``; the notices are in its ``attrs``."""
        rows = [asdict(term) for term in self.terms]
        found = pd.DataFrame(rows).drop(columns="column")
        found.attrs["notices"] = [*self.study.notices, *self.notices]
        return found

    def as_json(self) -> dict[str, Any]:
        """What ``samp-eval analyze --json`` prints."""
        scored = self.study.scored
        chosen = replace(scored, plan=self.plan, respondents=in_planned_order(self.study.asked, self.plan))
        return {
            **self.result.as_json(),
            "primary": primary_as_json(self.plan.analysis, self.result),
            "excluded": [decision.as_json() for decision in scored.exclusions],
            "readings": self.study.readings,
            "proportional_odds": cut_points_as_json(self.result),
            "pass_mark": pass_mark_as_json(chosen, self.result.basis),
        }

    def plot(self) -> Figure:
        """The odds ratios with their intervals on a logarithmic axis; the notices are printed below it."""
        from samp_eval.report.figures.plots import odds_ratio_plot
        from samp_eval.report.figures.style import figure_style
        from samp_eval.report.numbers import count
        from samp_eval.report.prose.display_names import marked_basis

        basis = self.result.basis
        automatic = basis in automatic_bases(self.study.scored)
        heading = f"{marked_basis(basis, automatic=automatic)}, n = {count(self.result.n_observations)}"
        with figure_style("forest"):
            figure = odds_ratio_plot({heading: self.terms}, self.study.asked)
            notices = [*self.study.notices, *self.notices]
            words = "\n".join(line for notice in notices for line in wrap(notice, _CHARACTERS_BELOW))
            figure.text(0.0, -0.02, words, va="top", fontsize=7.5)
        return figure


def fit_scores(
    scores: Scores, basis: MarkBasis, *, plan: Study | None = None, respondents: Sequence[str] | None = None
) -> StudyFit:
    """Fit the planned model to scores, with their draw of questions where there is one.

    Parameters
    ----------
    plan, respondents : optional
        In place of the scores' own.
    """
    return fit_study(
        scores.table,
        basis=basis,
        respondents=respondents or scores.respondents,
        plan=(plan or scores.plan).analysis,
        drawn=scores.drawn,
    )
