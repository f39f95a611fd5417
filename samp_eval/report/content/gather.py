"""What a report shows, gathered from the study's records and the analysis. Nothing is computed here."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pandas as pd

from samp_eval import __version__
from samp_eval.analysis.by_question import QuestionLines, lines_by_question, score_grid
from samp_eval.analysis.describe import (
    ConsistencyOverRounds,
    LinesCorrect,
    consistency_over_rounds,
    level_shares,
    lines_correct,
)
from samp_eval.analysis.power_run import PowerRun
from samp_eval.analysis.score import CountedLines
from samp_eval.analysis.sensitivity import Variation
from samp_eval.analysis.study_agreement import StudyAgreement, study_agreement
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.analysis.study_table import bases_marked
from samp_eval.errors import CannotEstimate
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.report.content.asked import RespondentAsked, asked_of
from samp_eval.report.content.fits import ModelFits, fit_models, scored_records
from samp_eval.report.content.published import PublishedStudy, published_study
from samp_eval.report.content.question_record import QuestionRecord, question_records
from samp_eval.report.content.records import FrozenPlan, StudyRecords
from samp_eval.report.numbers import moment
from samp_eval.review.marks import Mark, is_adjudicator, is_automatic
from samp_eval.run.cost.prices import PriceTable
from samp_eval.study import Study

if TYPE_CHECKING:
    from samp_eval.analysis.study_comparison_results import StudyComparison
    from samp_eval.statistics.gee.effect_results import StudyEffects

__all__ = ["Estimate", "NotEstimated", "ReportContent", "Reviewer", "gather_content"]

_LIBRARIES = ("scipy", "numpy", "pandas", "matplotlib")


@dataclass(frozen=True, slots=True)
class NotEstimated:
    """An estimate that could not be had, with the reason in words."""

    basis: MarkBasis
    reason: str


Estimate = StudyFit | NotEstimated


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who marked, and how many distinct answers on each basis."""

    name: str
    automatic: bool
    adjudicator: bool
    key_marks: int
    judgement_marks: int


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that a report shows.

    Attributes
    ----------
    study : Study
        As its file says, or the default.
    made_at : datetime
        UTC; when the report was made.
    versions : tuple of (name, version)
        samp-eval, Python and the libraries behind the figures.
    respondents : tuple of RespondentAsked
        The reference first.
    bases : tuple of MarkBasis
        On which anything was marked.
    automatic : frozenset of MarkBasis
        Bases whose figures come from automatic marks.
    lines : tuple of LinesCorrect
    agreement : StudyAgreement or None
        Before adjudication; None where no two people have marked the same answers.
    consistency : tuple of ConsistencyOverRounds
    by_question : tuple of QuestionLines
        Hardest first, on each basis.
    level_shares : mapping of basis to DataFrame
        Share of each respondent's responses (0 to 1) at each score percentage.
    score_grids : mapping of basis to DataFrame
        Score percentage of each question, in the columns (respondent, round).
    questions : tuple of QuestionRecord
    frozen : FrozenPlan or None
        The plan as it was frozen at the first ask.
    requests : tuple of (heading, text)
        The first request of each kind, as it was sent.
    deviations : tuple of str
        The authors' own, then those that were noted while asking.
    prices_as_of : str
        Of the list prices behind the costs; empty where there are none.
    power_run : PowerRun or None
        How the number of questions was judged, where a run of ``samp-eval power`` was kept.
    fits : ModelFits
        The planned model and its variations on each basis, and the simpler statistics beside them.
    """

    study: Study
    bank: Bank
    made_at: datetime
    versions: tuple[tuple[str, str], ...]
    respondents: tuple[RespondentAsked, ...]
    reviewers: tuple[Reviewer, ...]
    bases: tuple[MarkBasis, ...]
    automatic: frozenset[MarkBasis]
    lines: tuple[LinesCorrect, ...]
    agreement: StudyAgreement | None
    consistency: tuple[ConsistencyOverRounds, ...]
    by_question: tuple[QuestionLines, ...]
    level_shares: Mapping[MarkBasis, pd.DataFrame]
    score_grids: Mapping[MarkBasis, pd.DataFrame]
    questions: tuple[QuestionRecord, ...]
    frozen: FrozenPlan | None
    requests: tuple[tuple[str, str], ...]
    deviations: tuple[str, ...]
    prices_as_of: str
    power_run: PowerRun | None = None
    fits: ModelFits = field(default_factory=ModelFits)

    @property
    def simulated(self) -> bool:
        """Whether any respondent's answers were simulated."""
        return any(one.simulated for one in self.respondents)

    @property
    def variations(self) -> tuple[Variation, ...]:
        """The planned models, then the same with one choice at a time made otherwise."""
        return (*self.fits.planned, *self.fits.others)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The planned model on each basis."""
        return tuple(map(_estimate, self.fits.planned))

    @property
    def effects(self) -> tuple[StudyEffects, ...]:
        """Of every estimate."""
        return self.fits.effects

    @property
    def comparisons(self) -> tuple[StudyComparison, ...]:
        """The simpler statistics beside the model, on each basis."""
        return self.fits.comparisons

    @property
    def published(self) -> PublishedStudy | None:
        """The published figures, where the design is the published study's."""
        return published_study(
            {one.id: one.model for one in self.respondents},
            max((len(one.rounds) for one in self.respondents), default=0),
            len(self.bank.by_question()),
        )


def gather_content(
    records: StudyRecords,
    study: Study,
    *,
    made_at: datetime,
    prices: PriceTable | None = None,
    power_run: PowerRun | None = None,
    fitting: Iterable[ModelFits] | None = None,
    grown: Callable[[ReportContent], None] | None = None,
) -> ReportContent:
    """Gather a report from plain records.

    Parameters
    ----------
    records : StudyRecords
    study : Study
        The study file, or the default study.
    made_at : datetime
        UTC.
    prices : PriceTable, optional
        Costs are left open without it.
    power_run : PowerRun, optional
        That was kept with the study.
    fitting : iterable of ModelFits, optional
        More and more of the models, as they are fitted elsewhere; they are fitted here when omitted.
    grown : callable, optional
        Given the content without any fit, and again whenever there are more.
    """
    scored = scored_records(records, study)
    bases, order = tuple(scored.agreed), scored.respondents
    content = ReportContent(
        study=study,
        bank=records.bank,
        made_at=made_at,
        versions=_versions(),
        respondents=tuple(_asked(name, records, prices) for name in order),
        reviewers=_reviewers(records.marks),
        automatic=_automatic_bases(records.marks),
        agreement=_agreement(records, scored.lines, study),
        questions=question_records(records.bank, scored.lines, records.marks, scored.agreed),
        frozen=records.frozen,
        requests=tuple(records.requests),
        deviations=(*study.deviations, *(f"{what} (noted {moment(at)})" for what, at in records.deviations)),
        prices_as_of="" if prices is None else prices.as_of,
        power_run=power_run,
        **_described(scored.table, bases, order),
    )
    if grown is not None:
        grown(content)
    for fits in fit_models(records, study, scored) if fitting is None else fitting:
        content = replace(content, fits=fits)
        if grown is not None:
            grown(content)
    return content


def _asked(name: str, records: StudyRecords, prices: PriceTable | None) -> RespondentAsked:
    return asked_of(
        name,
        records.respondents[name],
        records.bank,
        [one for one in records.responses if one.ask.respondent == name],
        [one for one in records.failures if one.ask.respondent == name],
        prices,
    )


def _described(table: pd.DataFrame, bases: tuple[MarkBasis, ...], order: list[str]) -> dict[str, Any]:
    """What the long table shows without a model."""
    of_bases = {basis: table[table["basis"] == basis] for basis in bases}
    return {
        "bases": bases,
        "lines": tuple(lines_correct(table, respondents=order)),
        "consistency": tuple(
            one
            for basis, part in of_bases.items()
            for one in consistency_over_rounds(part, basis=basis, respondents=order)
        ),
        "by_question": tuple(
            one for basis, part in of_bases.items() for one in lines_by_question(part, basis=basis, respondents=order)
        ),
        "level_shares": {basis: level_shares(part, basis) for basis, part in of_bases.items()},
        "score_grids": {basis: score_grid(part, basis=basis, respondents=order) for basis, part in of_bases.items()},
    }


def _estimate(planned: Variation) -> Estimate:
    return (
        NotEstimated(planned.basis, planned.outcome.rstrip("."))
        if isinstance(planned.outcome, str)
        else planned.outcome
    )


def _agreement(records: StudyRecords, lines: CountedLines, study: Study) -> StudyAgreement | None:
    marks = records.marks if records.first_marks is None else records.first_marks
    try:
        return study_agreement(
            records.bank, lines.responses, marks, study.review.reviewers, seed=study.seed, lines=lines
        )
    except CannotEstimate:
        return None


def _reviewers(marks: Sequence[Mark]) -> tuple[Reviewer, ...]:
    found = []
    for name in dict.fromkeys(mark.reviewer for mark in marks):
        own = [mark for mark in marks if mark.reviewer == name]
        found.append(
            Reviewer(
                name,
                is_automatic(name),
                is_adjudicator(name),
                sum(mark.field == "key" for mark in own),
                sum(mark.field == "judgement" for mark in own),
            )
        )
    return tuple(found)


def _automatic_bases(marks: Sequence[Mark]) -> frozenset[MarkBasis]:
    """Bases on which no human has marked anything: there the consensus uses the automatic marks."""
    human = {mark.field for mark in marks if not is_automatic(mark.reviewer)}
    return frozenset(basis for basis in bases_marked(marks) if basis not in human)


def _versions() -> tuple[tuple[str, str], ...]:
    found = [("samp-eval", __version__), ("Python", platform.python_version())]
    for library in _LIBRARIES:
        try:
            found.append((library, version(library)))
        except PackageNotFoundError:
            continue
    return tuple(found)
