"""The odds ratios with the reviewers' errors: marks are drawn anew by the error rates that adjudication measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from samp_eval.analysis.model.fitted_sample import StudyTerm
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.score import count_correct, score_percents
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.statistics.gee.terms import Floats, Term, wald_terms

__all__ = ["RESAMPLINGS", "ErrorRates", "audited", "chance_right", "combined", "error_rates", "fit_with_reviewer_error"]

RESAMPLINGS = 20
"""The Monte-Carlo error of the estimate is then a fifth of the between-draw error, which is a part of the whole."""

_FEWEST_SETTLED = 10
"""Disagreements that a third person settled; with fewer the rates are next to unknown."""


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often a reviewer errs, against what the marks came to.

    Attributes
    ----------
    missed : float
        Share of the right answers that the reviewer did not credit, 0 to 1.
    credited_wrongly : float
        Share of the wrong answers that the reviewer credited, 0 to 1.
    """

    missed: float
    credited_wrongly: float


Marks = tuple[Mapping[Reviewer, str], str | None]
"""Of one answer: its reviewers' marks, and the ruling where they differ."""


def _is_split(values: Mapping[Reviewer, str]) -> bool:
    return len({value != "0" for value in values.values()}) > 1


def error_rates(marks: Sequence[Marks]) -> dict[Reviewer, ErrorRates]:
    """Each reviewer's error rates over the answers with two and more marks that agree or were settled.

    Half an error is added to each count (Jeffreys), so that no rate is 0.
    """
    counts: dict[Reviewer, np.ndarray] = {}
    for values, ruling in marks:
        if len(values) < 2 or (ruling is None and _is_split(values)):
            continue
        truth = ruling if ruling is not None else next(iter(values.values()))
        for reviewer, value in values.items():
            counts.setdefault(reviewer, np.zeros((2, 2)))[int(truth != "0"), int(value != "0")] += 1
    return {
        reviewer: ErrorRates(
            missed=float((count[1, 0] + 0.5) / (count[1].sum() + 1)),
            credited_wrongly=float((count[0, 1] + 0.5) / (count[0].sum() + 1)),
        )
        for reviewer, count in counts.items()
    }


def audited(marks: Sequence[Marks], credited: bool) -> tuple[int, int]:
    """How many agreed answers of one kind a third person marked as well, and how many of them otherwise."""
    rulings = [
        ruling
        for values, ruling in marks
        if ruling is not None and len(values) > 1 and {value != "0" for value in values.values()} == {credited}
    ]
    return len(rulings), sum((ruling != "0") != credited for ruling in rulings)


def chance_right(
    marks: Marks,
    rates: Mapping[Reviewer, ErrorRates],
    share_right: float,
    agreed_wrongly: Mapping[bool, float] | None = None,
) -> float:
    """The chance that an answer is right, given its marks.

    Errors are taken to be independent, and the third person to err as the reviewers do on average. Where agreed answers
    were audited, ``agreed_wrongly`` says how often those that all credit, and those that none does, are wrong; it
    takes the place of independent errors.
    """
    values, ruling = marks
    average = ErrorRates(
        float(np.mean([rate.missed for rate in rates.values()])),
        float(np.mean([rate.credited_wrongly for rate in rates.values()])),
    )
    said = [(value != "0", rates.get(reviewer, average)) for reviewer, value in values.items()]
    right, wrong = share_right, 1 - share_right
    if agreed_wrongly is not None and len(values) > 1 and not _is_split(values):
        credited, said = said[0][0], []
        right = 1 - agreed_wrongly[True] if credited else agreed_wrongly[False]
        wrong = 1 - right
    said += [(ruling != "0", average)] if ruling is not None else []
    for credit, rate in said:
        right *= 1 - rate.missed if credit else rate.missed
        wrong *= rate.credited_wrongly if credit else 1 - rate.credited_wrongly
    return right / (right + wrong)


def fit_with_reviewer_error(study: ScoredStudy, basis: MarkBasis, fit: Callable[[pd.DataFrame], StudyFit]) -> StudyFit:
    """Fit the model to marks drawn anew, and combine the fits.

    Parameters
    ----------
    study : ScoredStudy
    basis : MarkBasis
    fit : callable
        The planned model of a table.

    Raises
    ------
    CannotEstimate
        Where too little was settled by a third person to tell how often reviewers err, or a fit has no estimates.
    """
    marks = study.gathered.settling(basis, study.plan.review.reviewers)
    settled = sum(ruling is not None and _is_split(values) for values, ruling in marks.values())
    if settled < _FEWEST_SETTLED:
        raise CannotEstimate(
            f"a third person settled {settled} disagreements, too few to tell how often the reviewers err"
        )
    rates, agreed_wrongly = error_rates(list(marks.values())), _agreed_wrongly(list(marks.values()))
    credits, lines = study.credits[basis], study.lines
    table = study.table[study.table["basis"] == basis]
    table = table.astype({"question_id": "category"})  # every draw groups by it, which takes longer by texts
    share = float(np.nanmean(credits.credit))
    chances = np.array(
        [
            chance_right(marks[name], rates, share, agreed_wrongly) if name in marks else np.nan
            for name in lines.answer_ids
        ]
    )
    chance = np.random.default_rng(study.plan.seed)
    fits = []
    for _ in range(RESAMPLINGS):
        drawn = (chance.random(len(chances)) < chances).astype(float)[lines.answer]
        credit = np.where(np.isnan(credits.credit) | np.isnan(chances[lines.answer]), credits.credit, drawn)
        correct = np.minimum(count_correct(lines, replace(credits, credit=credit)), lines.requested)
        fits.append(fit(table.assign(correct=correct, score_percent=score_percents(lines, correct))))
    return combined(fits)


def _agreed_wrongly(marks: Sequence[Marks]) -> dict[bool, float] | None:
    """By whether all credit an answer, how often that is wrong; None where nobody audited agreed answers."""
    found = {credited: audited(marks, credited) for credited in (True, False)}
    if not any(number for number, _ in found.values()):
        return None
    return {credited: (wrong + 0.5) / (number + 1) for credited, (number, wrong) in found.items()}


def combined(fits: Sequence[StudyFit]) -> StudyFit:
    """One fit from those of several draws, by Rubin's rules.

    References
    ----------
    Rubin DB. Multiple imputation for nonresponse in surveys. Wiley 1987, section 3.1.
    """
    columns = [[term.column for term in fit.terms] for fit in fits]
    if any(names != columns[0] for names in columns):
        raise CannotEstimate("some draws of the marks leave a respondent without an odds ratio")
    slopes = np.array([[term.log_odds_ratio for term in fit.terms] for fit in fits])
    within = np.array([[term.standard_error for term in fit.terms] for fit in fits]) ** 2
    between = (1 + 1 / len(fits)) * slopes.var(axis=0, ddof=1)
    errors = np.sqrt(within.mean(axis=0) + between)
    degrees = _degrees(within.mean(axis=0), between, len(fits))
    first = fits[0]
    terms = tuple(
        _term(term, slope, error, min(df, fit_degrees), first.fit.confidence)
        for term, slope, error, df, fit_degrees in zip(
            first.terms,
            slopes.mean(axis=0).tolist(),
            errors.tolist(),
            degrees.tolist(),
            [first.sources[term.column].fit.degrees_of_freedom for term in first.terms],
            strict=True,
        )
    )
    return replace(first, terms=terms)


def _degrees(within: Floats, between: Floats, count: int) -> Floats:
    """Rubin's degrees of freedom; infinite where draws do not differ."""
    with np.errstate(divide="ignore"):
        return np.asarray((count - 1) * (1 + within / between) ** 2)


def _term(term: StudyTerm, slope: float, error: float, degrees: float, confidence: float) -> StudyTerm:
    (found,) = wald_terms(
        [term.term], np.array([slope]), np.array([error]), confidence=confidence, degrees_of_freedom=degrees
    )
    values = {name: getattr(found, name) for name in Term.__dataclass_fields__ if name != "reference"}
    return replace(term, **values)
