"""Gathers the content of a report from the scored study and the analysis. Nothing is computed here."""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from samp_eval import __version__
from samp_eval.analysis.comparison.study_comparison import StudyComparison, planned_comparisons
from samp_eval.analysis.decided_readings import DecidedReadings, decided_readings
from samp_eval.analysis.description import StudyDescription, describe_study
from samp_eval.analysis.generalisability import DifferenceError, difference_errors
from samp_eval.analysis.harm import HarmfulResponses, harmful_responses
from samp_eval.analysis.judging.judge_agreement import judge_agreements, models_of
from samp_eval.analysis.judging.results import JudgeAgreement
from samp_eval.analysis.model.effects import StudyEffects, planned_effects
from samp_eval.analysis.model.reviewer_error import audited
from samp_eval.analysis.model.sensitivity import Variation, planned_fits, sensitivity
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.power.power_run import PowerRun
from samp_eval.analysis.ranking.planned import planned_rankings
from samp_eval.analysis.reviewer_agreement import BasisAgreement, StudyAgreement, study_agreement
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.analysis.standard.passing import Passing, passing
from samp_eval.analysis.waiting import Waiting
from samp_eval.answers.reading_counts import ReadingCounts
from samp_eval.items.blueprint import Coverage
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.report.content.item_cards import ItemCards, item_cards
from samp_eval.report.content.published_study import PublishedStudy, published_study
from samp_eval.report.content.question_record import QuestionRecord, question_records
from samp_eval.report.content.records import FrozenPlan, ReportRecords
from samp_eval.report.content.respondent_summary import RespondentAsked, respondents_asked
from samp_eval.report.content.reviewers import Reviewer, automatic_bases, study_reviewers
from samp_eval.report.numbers import moment
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.review.assignment.late_answers import LateSheet
from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.review.bank.review_results import BankReviewResults
from samp_eval.review.exclusions import Decision
from samp_eval.review.markers.model.judged import JudgedAsk
from samp_eval.review.markers.model.summary import SpeakingAnswer, answers_that_speak
from samp_eval.review.to_mark import answers_to_mark
from samp_eval.run.cost.prices import PriceTable
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.study import Study

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["ReportContent", "gather_content"]

_LIBRARIES = ("scipy", "numpy", "pandas", "matplotlib")


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that a report shows.

    Attributes
    ----------
    study : Study
        From its file, or the default study.
    made_at : datetime
        When the report was made (UTC).
    versions : tuple of (name, version)
        samp-eval, Python and the libraries behind the figures.
    respondents : tuple of RespondentAsked
        The reference first.
    bases : tuple of MarkBasis
        The bases that have marks.
    automatic : frozenset of MarkBasis
        Bases whose figures come from automatic marks.
    described : StudyDescription
        Counts and percentages.
    assignment : AssignmentPlan or None
        Who marks what; None where all reviewers mark everything.
    waiting : mapping of basis to Waiting
        Respondents whose marking has hardly begun, who have no figures yet.
    late_sheets : tuple of LateSheet
        What went out to reviewers when a respondent joined late.
    agreement : StudyAgreement or NotEstimated
        Before adjudication.
    planned : mapping of basis to StudyFit or NotEstimated
        The planned model.
    effects : tuple of StudyEffects
        The effects of each planned fit.
    audits : mapping of basis to two pairs of int
        Of the agreed answers that all credit and that none credits: how many a third person marked too, and how many
        of these otherwise.
    difference_errors : tuple of DifferenceError
        What the error of each difference between respondents is made of.
    variations : tuple of Variation
        The planned model, and the same with one choice at a time changed.
    comparisons : tuple of StudyComparison
        The statistics without a model, on each basis.
    rankings : mapping of basis to StudyRanking or NotEstimated
        Of three and more respondents; else empty.
    questions : tuple of QuestionRecord
    harm : tuple of HarmfulResponses
        Empty where no answer was marked as harmful.
    frozen : FrozenPlan or None
        The plan as frozen at the first request.
    requests : tuple of (heading, text)
        The first request of each kind, as sent.
    deviations : tuple of str
        Those that the authors list, then those that runs recorded.
    prices_as_of : str
        The date of the list prices on which the costs are based; empty if there are none.
    exclusions : tuple of Decision
        What is in no figure.
    readings : mapping of respondent to ReadingCounts
        How the responses were read.
    decided_readings : DecidedReadings
        What people decided of that.
    draw : QuestionDraw or None
        Which questions are marked, where it is not all of them.
    answers_marked_outside : int
        Answers to questions that are not drawn which reviewers marked all the same.
    responses_drawn : int or None
        How many responses answer a drawn question; None where every question is marked.
    power_run : PowerRun or None
        The result of ``samp-eval power`` that was kept with the study.
    damage : tuple of str
        What is damaged in the study, and left out of everything else.
    coded : bool
        Whether reviewers have codes instead of their names.
    pass_mark : PassMark, NotEstimated or None
        The planned one; None where none is planned.
    passing : mapping of basis to mapping of respondent to Passing or NotEstimated
    bank_review : BankReviewResults or None
        What experts said of the bank; None where nobody was sent it.
    items : tuple of ItemCards
        What the answers say of each question, on each basis.
    coverage : tuple of Coverage
        How far the bank is from its blueprint, by dimension; empty without one.
    judges : mapping of label to mapping of basis to JudgeAgreement or NotEstimated
        Models that have marked, beside the people.
    speaking : tuple of SpeakingAnswer
        Answers that seem to speak to the marker, by their words or as a model says, where a model has marked.
    """

    study: Study
    bank: Bank
    made_at: datetime
    versions: tuple[tuple[str, str], ...]
    respondents: tuple[RespondentAsked, ...]
    reviewers: tuple[Reviewer, ...]
    bases: tuple[MarkBasis, ...]
    automatic: frozenset[MarkBasis]
    described: StudyDescription
    agreement: StudyAgreement | NotEstimated
    assignment: AssignmentPlan | None
    waiting: Mapping[MarkBasis, Waiting]
    late_sheets: tuple[LateSheet, ...]
    planned: Mapping[MarkBasis, StudyFit | NotEstimated]
    effects: tuple[StudyEffects, ...]
    variations: tuple[Variation, ...]
    comparisons: tuple[StudyComparison, ...]
    rankings: Mapping[MarkBasis, StudyRanking | NotEstimated]
    questions: tuple[QuestionRecord, ...]
    harm: tuple[HarmfulResponses, ...]
    frozen: FrozenPlan | None
    requests: tuple[tuple[str, str], ...]
    deviations: tuple[str, ...]
    prices_as_of: str
    readings: Mapping[str, ReadingCounts]
    decided_readings: DecidedReadings
    exclusions: tuple[Decision, ...] = ()
    difference_errors: tuple[DifferenceError, ...] = ()
    audits: Mapping[MarkBasis, tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=dict)
    draw: QuestionDraw | None = None
    answers_marked_outside: int = 0
    responses_drawn: int | None = None
    power_run: PowerRun | None = None
    damage: tuple[str, ...] = ()
    judges: Mapping[str, Mapping[MarkBasis, JudgeAgreement | NotEstimated]] = field(default_factory=dict)
    speaking: tuple[SpeakingAnswer, ...] = ()
    coded: bool = False
    pass_mark: PassMark | NotEstimated | None = None
    passing: Mapping[MarkBasis, Mapping[str, Passing | NotEstimated]] = field(default_factory=dict)
    bank_review: BankReviewResults | None = None
    items: tuple[ItemCards, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    @property
    def same_questions_and_rounds(self) -> bool:
        """Whether every respondent was asked the same questions in the same rounds under the same conditions."""
        asked = {
            (respondent.questions, tuple((asked.round, asked.condition) for asked in respondent.rounds))
            for respondent in self.respondents
        }
        return len(asked) < 2

    @property
    def simulated(self) -> bool:
        """Whether any respondent's answers were simulated."""
        return any(respondent.simulated for respondent in self.respondents)

    @property
    def responses_to_mark(self) -> int:
        """How many responses there are to questions that people mark."""
        if self.responses_drawn is not None:
            return self.responses_drawn
        return sum(respondent.responses for respondent in self.respondents)

    @property
    def partly_marked(self) -> bool:
        """Whether a part of the questions is marked."""
        return self.draw is not None and self.draw.n_drawn < len(self.draw.order)

    @property
    def fits(self) -> dict[MarkBasis, StudyFit]:
        """The planned model on each basis with estimates."""
        return {basis: found for basis, found in self.planned.items() if isinstance(found, StudyFit)}

    @property
    def not_estimated(self) -> dict[MarkBasis, NotEstimated]:
        """The bases on which the planned model has no estimates, with the reasons."""
        return {basis: found for basis, found in self.planned.items() if isinstance(found, NotEstimated)}

    @property
    def agreement_by_basis(self) -> Mapping[MarkBasis, BasisAgreement]:
        """Agreement on each basis; empty if no two people have marked the same answers."""
        return self.agreement.bases if isinstance(self.agreement, StudyAgreement) else {}

    @property
    def judged(self) -> list[JudgeAgreement]:
        """What the models' marks come to, where that can be estimated."""
        every = (found for bases in self.judges.values() for found in bases.values())
        return [found for found in every if not isinstance(found, NotEstimated)]

    @property
    def ranked(self) -> dict[MarkBasis, StudyRanking]:
        """The rankings that could be made."""
        return {basis: found for basis, found in self.rankings.items() if not isinstance(found, NotEstimated)}

    @property
    def published(self) -> PublishedStudy | None:
        """The published figures, if the design is that of the published study."""
        return published_study(
            {respondent.id: respondent.model for respondent in self.respondents},
            max((len(respondent.rounds) for respondent in self.respondents), default=0),
            len(self.bank.by_question()),
        )


def gather_content(
    study: ScoredStudy,
    records: ReportRecords,
    *,
    made_at: datetime,
    prices: PriceTable | None = None,
    power_run: PowerRun | None = None,
) -> ReportContent:
    """Gather a report from a scored study and its records.

    Parameters
    ----------
    study : ScoredStudy
    records : ReportRecords
    made_at : datetime
        UTC.
    prices : PriceTable, optional
        Without it, the report has no costs.
    power_run : PowerRun, optional
        The result that was kept with the study.
    """
    plan = study.plan
    whole = study.asked or study
    drawn = None if study.draw is None else study.draw.drawn
    asked = respondents_asked(whole, records.settings, prices)
    questions = question_records(whole, drawn=drawn, amended=records.amended)
    marked_by, automatic = study_reviewers(study), automatic_bases(study)
    noted = (f"{what} (noted {moment(at)})" for what, at in records.deviations)
    reviewers = plan.review.reviewers if study.assignment is None else study.assignment.reviewers
    planned, mark = planned_fits(study), study.pass_mark
    return ReportContent(
        study=plan,
        bank=whole.bank,
        made_at=made_at,
        versions=_versions(),
        respondents=asked,
        reviewers=marked_by,
        bases=study.bases,
        automatic=automatic,
        described=describe_study(study),
        assignment=study.assignment,
        waiting=study.waiting,
        late_sheets=tuple(records.late_sheets),
        agreement=or_reason(study_agreement)(study.bank, study.lines, records.first_marks, reviewers),
        planned=planned,
        effects=planned_effects(study, planned),
        variations=sensitivity(study, planned),
        difference_errors=difference_errors(study),
        audits={basis: _audits(study, basis) for basis in study.bases},
        comparisons=planned_comparisons(study),
        rankings=planned_rankings(study),
        questions=questions,
        harm=harmful_responses(study),
        frozen=records.frozen,
        requests=tuple(records.requests),
        deviations=(*plan.deviations, *noted),
        prices_as_of="" if prices is None else prices.as_of,
        readings=_in_order(whole),
        decided_readings=decided_readings(whole.bank, whole.lines),
        exclusions=study.exclusions,
        draw=study.draw,
        answers_marked_outside=0 if study.draw is None else study.draw.answers_marked_outside(whole.marks),
        responses_drawn=None if study.draw is None else _answering(study, study.draw.drawn),
        power_run=power_run,
        damage=records.damage,
        judges=judge_agreements(study, records.first_marks, models_of(records.settings), records.judged),
        speaking=_speaking(whole, records.judged) if whole.of_models else (),
        coded=records.coded,
        pass_mark=mark,
        passing={} if not isinstance(mark, PassMark) else {basis: passing(study, basis, mark) for basis in study.bases},
        bank_review=records.bank_review,
        items=tuple(cards for basis in study.bases if (cards := item_cards(study, basis, questions)).cards),
        coverage=records.coverage,
    )


def _audits(study: ScoredStudy, basis: MarkBasis) -> tuple[tuple[int, int], tuple[int, int]]:
    marks = list(study.gathered.settling(basis, study.plan.review.reviewers).values())
    return audited(marks, credited=True), audited(marks, credited=False)


def _in_order(study: ScoredStudy) -> dict[str, ReadingCounts]:
    counts = study.lines.reading_counts()
    return {name: counts[name] for name in study.respondents if name in counts}


def _speaking(study: ScoredStudy, judged: Sequence[JudgedAsk]) -> tuple[SpeakingAnswer, ...]:
    """Distinct answers that seem to speak to the marker: findings, for a physician to look at."""
    return tuple(answers_that_speak(answers_to_mark(study.bank, study.responses).answers, judged))


def _answering(study: ScoredStudy, questions: Collection[str]) -> int:
    """How many responses answer one of these questions."""
    wanted = set(questions)
    return sum(response.ask.question_id in wanted for response in study.responses)


def _versions() -> tuple[tuple[str, str], ...]:
    found = [("samp-eval", __version__), ("Python", platform.python_version())]
    for library in _LIBRARIES:
        try:
            found.append((library, version(library)))
        except PackageNotFoundError:
            continue
    return tuple(found)
