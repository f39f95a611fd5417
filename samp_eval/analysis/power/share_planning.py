"""What marking a part of the questions saves and costs: hours against the width of the interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil, exp, log
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from samp_eval.analysis.model.design import study_design
from samp_eval.analysis.model.partly_marked import partial_marks, settled_draw
from samp_eval.analysis.scored_study import ScoredStudy, all_drawn
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.review.page.pace import MarkingPace, marking_pace
from samp_eval.review.to_mark import answers_to_mark
from samp_eval.statistics.drawn.draw_precision import DrawPrecision, draw_precision
from samp_eval.statistics.drawn.prediction_powered import FEWEST_DRAWN, powered_exceedances
from samp_eval.statistics.gee.estimable import interval_for
from samp_eval.statistics.line_scores import MEAN_REQUESTED, simulate_predicted_scores

__all__ = ["PlannedMarking", "ShareDesign", "SharePlan", "line_design", "pilot_design", "plan_shares"]


@dataclass(frozen=True, slots=True)
class ShareDesign:
    """What is known of a study before its questions are drawn.

    Attributes
    ----------
    source : str
        Where it comes from, in words.
    simulated : bool
        Whether it is of simulated answers.
    precision : DrawPrecision
    term, reference : str
        The comparison that the plan is made for.
    n_questions, n_rounds : int
    answers : float
        Answers to be marked for one question.
    pace : MarkingPace
    """

    source: str
    simulated: bool
    precision: DrawPrecision
    term: str
    reference: str
    n_questions: int
    n_rounds: int
    answers: float
    pace: MarkingPace

    def hours(self, n_drawn: int) -> float:
        """Of one reviewer."""
        return n_drawn * (self.pace.question + self.pace.answer * self.answers) / 3600


@dataclass(frozen=True, slots=True)
class PlannedMarking:
    """One number of drawn questions.

    Attributes
    ----------
    n_drawn : int
    share : float
        Of all questions, 0 to 1.
    hours : float
        Of one reviewer.
    standard_error : float
        Expected, of the log odds ratio.
    factor : float
        The interval goes from the odds ratio divided by this factor to the odds ratio times it.
    times_full : float
        Width of the interval, on the log scale, over that of marking every question.
    power : float
        For the odds ratio of the plan, 0 to 1.
    """

    n_drawn: int
    share: float
    hours: float
    standard_error: float
    factor: float
    times_full: float
    power: float


@dataclass(frozen=True, slots=True)
class SharePlan:
    """Shares side by side, with the smallest number of questions that is nearly as good as all.

    Attributes
    ----------
    design : ShareDesign
    n_questions : int
    odds_ratio, significance, confidence : float
    times : float
        The width that is wanted, over that of marking every question.
    points : tuple of PlannedMarking
        By share, every question last.
    curve : tuple of PlannedMarking
        Of every number of questions that gives an estimate.
    enough : PlannedMarking
        The fewest drawn questions whose interval is expected to be that wide.
    widest : float
        Where to stop: the upper end of the interval over its lower end.
    """

    design: ShareDesign
    n_questions: int
    odds_ratio: float
    significance: float
    confidence: float
    times: float
    points: tuple[PlannedMarking, ...]
    curve: tuple[PlannedMarking, ...]
    enough: PlannedMarking
    widest: float

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval power --share --json``."""
        design = self.design
        return {
            "simulated": design.simulated,
            "source": design.source,
            "term": design.term,
            "reference": design.reference,
            "n_questions": self.n_questions,
            "n_rounds": design.n_rounds,
            "odds_ratio": self.odds_ratio,
            "significance": self.significance,
            "confidence": self.confidence,
            "unpredicted": float(design.precision.unpredicted[design.precision.terms.index(design.term)]),
            "seconds": asdict(design.pace) | {"answers_a_question": design.answers},
            "shares": [asdict(point) for point in self.points],
            "times": self.times,
            "enough": asdict(self.enough),
            "stop_at": self.widest,
        }


def pilot_design(study: ScoredStudy, basis: MarkBasis, now: datetime) -> ShareDesign:
    """Read a plan's figures off a study that is marked, wholly or in part.

    Raises
    ------
    CannotEstimate
        Fewer than :data:`~samp_eval.statistics.drawn.prediction_powered.FEWEST_DRAWN` questions are marked, or they do
        not determine the odds ratios.
    """
    partly = study.drawn is not None and not study.drawn.is_complete(basis)
    drawn = study.drawn if partly and study.drawn is not None else all_drawn(study, now)
    rows = drawn.rows(basis)
    if not partly:
        is_open = rows["score_percent"].isna()
        rows = rows[~rows["question_id"].isin(rows.loc[is_open, "question_id"])]
    drawn = settled_draw(rows, drawn)
    scored = rows[rows["score_percent"].notna()]
    respondents = [name for name in study.respondents if (scored["respondent"] == name).any()]
    if len(respondents) < 2 or scored["question_id"].nunique() < FEWEST_DRAWN:
        raise CannotEstimate(
            f"a pilot needs at least {FEWEST_DRAWN} questions with all their marks, of two respondents, on the {basis} "
            f"basis; this study has {scored['question_id'].nunique()}"
        )
    rows = rows[rows["respondent"].isin(respondents)]
    design = study_design(rows, respondents=respondents)
    marks, _, _ = partial_marks(rows, drawn)
    precision = draw_precision(marks, powered_exceedances(marks), design.design)
    widest = max(
        (place for place, name in enumerate(precision.terms) if name in respondents),
        key=lambda place: float(precision.full_errors[place]),
    )
    whole = study.asked or study
    answers = Counter(answer.question_id for answer in answers_to_mark(whole.bank, whole.responses).answers)
    predictor = " and ".join(drawn.predictor) or "no predictor (samp-eval mark --marker key makes one)"
    return ShareDesign(
        source=f"the marks of {marks.n_drawn} questions on the {basis} basis, with {predictor}",
        simulated=False,
        precision=precision,
        term=precision.terms[widest],
        reference=design.references[precision.terms[widest]],
        n_questions=precision.n_questions,
        n_rounds=int(rows["round"].nunique()),
        answers=answers.total() / len(answers),
        pace=marking_pace(study.marks),
    )


def line_design(right: float, agreement: float, n_questions: int, n_rounds: int) -> ShareDesign:
    """A study that is simulated line by line; see :func:`~samp_eval.statistics.line_scores.simulate_predicted_scores`.

    Parameters
    ----------
    right, agreement : float
        Lines that the reference gets right, and that the predictor marks as physicians do; 0 to 1.
    """
    marks, design = simulate_predicted_scores(right, agreement, n_rounds)
    precision = draw_precision(marks, powered_exceedances(marks), design)
    return ShareDesign(
        source=f"simulated lines, of which the reference gets {100 * right:g}% right and a predictor marks "
        f"{100 * agreement:g}% as physicians do",
        simulated=True,
        precision=precision,
        term=precision.terms[0],
        reference="the reference",
        n_questions=n_questions,
        n_rounds=n_rounds,
        answers=2 * n_rounds * MEAN_REQUESTED,
        pace=MarkingPace(),
    )


def plan_shares(
    design: ShareDesign,
    shares: Sequence[float],
    *,
    n_questions: int | None = None,
    times: float = 1.2,
    odds_ratio: float,
    significance: float = 0.05,
    confidence: float = 0.95,
) -> SharePlan:
    """Put shares of the questions side by side.

    Parameters
    ----------
    design : ShareDesign
    shares : sequence of float
        Of the questions, 0 to 1.
    n_questions : int, optional
        Questions of the study; those of the design when omitted.
    times : float
        How wide the interval may be, over that of marking every question.
    odds_ratio, significance
        For the power.
    confidence : float
        Of the intervals.

    Raises
    ------
    CannotEstimate
        A share of fewer questions than an estimate needs.
    """
    every = n_questions or design.n_questions
    place = design.precision.terms.index(design.term)

    def reach(degrees: float, level: float) -> float:
        return float(ndtri(level) if np.isinf(degrees) else stdtrit(degrees, level))

    def planned(n_drawn: int) -> PlannedMarking:
        error, full = (float(design.precision.errors(number, every)[place]) for number in (n_drawn, every))
        degrees, of_all = _degrees(n_drawn, every), _degrees(every, every)
        half = reach(degrees, (1 + confidence) / 2) * error
        signal = abs(log(odds_ratio)) / error - reach(degrees, 1 - significance / 2)
        return PlannedMarking(
            n_drawn,
            n_drawn / every,
            design.hours(n_drawn),
            error,
            exp(half),
            half / (reach(of_all, (1 + confidence) / 2) * full),
            float(ndtr(signal) if np.isinf(degrees) else stdtr(degrees, signal)),
        )

    numbers = sorted({min(every, ceil(round(share * every, 9))) for share in shares} | {every})
    if numbers[0] < FEWEST_DRAWN:
        raise CannotEstimate(
            f"{numbers[0]} of {every} questions are too few: an estimate needs at least {FEWEST_DRAWN} drawn "
            "questions; choose a larger share, or plan more questions with --questions"
        )
    curve = tuple(map(planned, range(FEWEST_DRAWN, every + 1)))
    return SharePlan(
        design,
        every,
        odds_ratio,
        significance,
        confidence,
        times,
        tuple(curve[number - FEWEST_DRAWN] for number in numbers),
        curve,
        next(point for point in curve if point.times_full <= times),
        curve[-1].factor ** (2 * times),
    )


def _degrees(n_drawn: int, every: int) -> float:
    """Of the t distribution of an interval, as :func:`~samp_eval.analysis.model.study_fit.fit_study` takes them."""
    if n_drawn < every:
        return float(n_drawn - 1)
    return float("inf") if interval_for(every) == "normal" else float(every - 1)
