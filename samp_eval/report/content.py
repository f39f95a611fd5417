"""What a report shows, gathered from the study's records and the analysis. Nothing is computed here."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

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
from samp_eval.analysis.frame import long_table
from samp_eval.analysis.score import CountedLines, counted_lines, scores
from samp_eval.analysis.sensitivity import SensitivityRecords, Variation, sensitivity
from samp_eval.analysis.study_agreement import StudyAgreement, study_agreement
from samp_eval.analysis.study_effects import StudyEffects, study_effects
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.analysis.study_table import (
    agreed_marks,
    bases_marked,
    planned_reference,
    respondents_in_order,
)
from samp_eval.errors import CannotEstimate
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.report.asked import RespondentAsked, asked_of
from samp_eval.report.published import PublishedStudy, published_study
from samp_eval.report.question_record import QuestionRecord, question_records
from samp_eval.review.marks import Mark, is_adjudicator, is_automatic
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.study import Study

__all__ = ["Estimate", "NotEstimated", "ReportContent", "Reviewer", "gather_content"]

_LIBRARIES = ("statsmodels", "scipy", "numpy", "pandas", "matplotlib")


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
    estimates : tuple of Estimate
        The planned model on each basis.
    effects : tuple of StudyEffects
        Of every estimate.
    agreement : StudyAgreement or None
        Before adjudication; None where no two people have marked the same answers.
    variations : tuple of Variation
        The same model with one choice at a time made otherwise; the planned one first, on each basis.
    consistency : tuple of ConsistencyOverRounds
    by_question : tuple of QuestionLines
        Hardest first, on each basis.
    level_shares : mapping of basis to DataFrame
        Share of each respondent's responses (0 to 1) at each score percentage.
    score_grids : mapping of basis to DataFrame
        Score percentage of each question, in the columns (respondent, round).
    published : PublishedStudy or None
        Where the design is the published study's.
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
    estimates: tuple[Estimate, ...]
    effects: tuple[StudyEffects, ...]
    agreement: StudyAgreement | None
    variations: tuple[Variation, ...]
    consistency: tuple[ConsistencyOverRounds, ...]
    by_question: tuple[QuestionLines, ...]
    level_shares: Mapping[MarkBasis, pd.DataFrame]
    score_grids: Mapping[MarkBasis, pd.DataFrame]
    published: PublishedStudy | None
    questions: tuple[QuestionRecord, ...]

    @property
    def simulated(self) -> bool:
        """Whether any respondent's answers were simulated."""
        return any(one.simulated for one in self.respondents)


def gather_content(
    *,
    bank: Bank,
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    marks: Sequence[Mark],
    respondents: Mapping[str, Mapping[str, Any]],
    study: Study,
    made_at: datetime,
    first_marks: Sequence[Mark] | None = None,
) -> ReportContent:
    """Gather a report from plain records.

    Parameters
    ----------
    bank : Bank
        That the study was asked with.
    responses, failures, marks
        As stored; ``marks`` are the present ones.
    respondents : mapping
        Recorded settings by respondent id, in order of first appearance.
    study : Study
        The study file, or the default study.
    made_at : datetime
        UTC.
    first_marks : sequence of Mark, optional
        As they were before adjudication; the present ones when omitted.
    """
    order = respondents_in_order(list(respondents), planned_reference(study, list(respondents)))
    bases = tuple(bases_marked(marks))
    lines = counted_lines(bank, responses)
    agreed = agreed_marks(lines, marks, study.review)
    table = long_table(lines, {basis: scores(lines, found, basis) for basis, found in agreed.items()})
    records = SensitivityRecords(bank, lines, failures, marks, study.review, order)
    variations = tuple(one for basis in bases for one in sensitivity(records, table, basis, study.analysis))
    estimates = tuple(_estimate(one) for one in variations if one.what == "planned")
    asked = tuple(
        asked_of(
            identifier,
            respondents[identifier],
            bank,
            [one for one in responses if one.ask.respondent == identifier],
            [one for one in failures if one.ask.respondent == identifier],
        )
        for identifier in order
    )
    return ReportContent(
        study=study,
        bank=bank,
        made_at=made_at,
        versions=_versions(),
        respondents=asked,
        reviewers=_reviewers(marks),
        bases=bases,
        automatic=_automatic_bases(marks),
        lines=tuple(lines_correct(table, respondents=order)),
        estimates=estimates,
        effects=tuple(study_effects(table, one, order) for one in estimates if isinstance(one, StudyFit)),
        agreement=_agreement(bank, lines, marks if first_marks is None else first_marks, study),
        variations=variations,
        consistency=tuple(
            one for basis in bases for one in consistency_over_rounds(table, basis=basis, respondents=order)
        ),
        by_question=tuple(one for basis in bases for one in lines_by_question(table, basis=basis, respondents=order)),
        level_shares={basis: level_shares(table, basis) for basis in bases},
        score_grids={basis: score_grid(table, basis=basis, respondents=order) for basis in bases},
        published=published_study(
            {one.id: one.model for one in asked},
            max((len(one.rounds) for one in asked), default=0),
            len(bank.by_question()),
        ),
        questions=question_records(bank, lines, marks, agreed),
    )


def _estimate(planned: Variation) -> Estimate:
    return (
        NotEstimated(planned.basis, planned.outcome.rstrip("."))
        if isinstance(planned.outcome, str)
        else planned.outcome
    )


def _agreement(bank: Bank, lines: CountedLines, marks: Sequence[Mark], study: Study) -> StudyAgreement | None:
    try:
        return study_agreement(bank, lines.responses, marks, study.review.reviewers, seed=study.seed, lines=lines)
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
