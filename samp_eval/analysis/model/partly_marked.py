"""The planned model where a random draw of the questions is marked and predictors score all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.statistics.drawn.draw_precision import draw_precision
from samp_eval.statistics.drawn.prediction_powered import (
    FEWEST_DRAWN,
    PartialMarks,
    PoweredExceedances,
    powered_exceedances,
)
from samp_eval.statistics.gee.exceedances import fit_exceedances
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.terms import OrdinalGeeFit, Term
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.study import AnalysisPlan

__all__ = ["DrawnQuestions", "PoweredFit", "PredictorFit", "fit_drawn", "partial_marks", "settled_draw"]

FEWEST_OF_A_LEVEL = 2
"""A level that fewer questions allow, such as 25 % where one question asks for four lines, joins the one below."""


@dataclass(frozen=True, slots=True)
class DrawnQuestions:
    """What a partly marked study adds to its table.

    Attributes
    ----------
    order : tuple of str
        Questions in the random order of the draw.
    n_drawn : int
        How many of the first are drawn.
    table : DataFrame
        The long table of every response to these questions; ``score_percent`` is NaN for those that are not drawn.
    predicted : DataFrame
        Score percentage by each predictor, with the table's index; NaN where it has none. Columns are labels of what
        predicts, such as ``automatic:key`` or ``model:NAME``.
    strata : tuple of str
        The case of each question of ``order``, where the draw is spread over the cases; empty otherwise.
    """

    order: tuple[str, ...]
    n_drawn: int
    table: pd.DataFrame
    predicted: pd.DataFrame
    strata: tuple[str, ...] = ()

    @property
    def predictor(self) -> tuple[str, ...]:
        """What predicts."""
        return tuple(map(str, self.predicted.columns))

    def with_other_predictors(self) -> Iterator[tuple[str, DrawnQuestions]]:
        """What predicts instead, in words, and the same with it: all of several but one, and nothing."""
        if len(self.predictor) > 1:
            for label in self.predictor:
                yield f"without {label}", replace(self, predicted=self.predicted.drop(columns=label))
        if self.predictor:
            yield "none", replace(self, predicted=self.predicted[[]])

    def counts(self) -> dict[str, int]:
        """How many questions there are and how many are drawn, for ``--json``."""
        return {"n_questions": len(self.order), "n_drawn": self.n_drawn}

    def rows(self, basis: MarkBasis) -> pd.DataFrame:
        """Of the table, on a basis: of every respondent with a score, so that one who joins late makes none wait."""
        rows = self.table[self.table["basis"] == basis]
        return rows[rows["respondent"].isin(rows.loc[rows["score_percent"].notna(), "respondent"])]

    def is_complete(self, basis: MarkBasis) -> bool:
        """Whether every response on a basis has its marks, so that nothing has to be predicted."""
        rows = self.rows(basis)
        return not rows.empty and bool(rows["score_percent"].notna().all())


@dataclass(frozen=True, slots=True)
class PredictorFit:
    """What stands beside a fit of corrected predictions for one predictor.

    Attributes
    ----------
    label : str
    alone : tuple of Term or NotEstimated
        The ordinary model of its scores: no estimate, since it may favour a respondent.
    error_ratios : dict of str to float
        Standard error of each log odds ratio with all predictors over that without this one.
    """

    label: str
    alone: tuple[Term, ...] | NotEstimated
    error_ratios: dict[str, float]


@dataclass(frozen=True, slots=True)
class PoweredFit:
    """A fit of corrected predictions, with what stands beside it.

    Attributes
    ----------
    fit : OrdinalGeeFit
        Its observations are all responses, its clusters all questions of the draw.
    n_questions, n_drawn : int
        Questions of the order that were answered, and those of them whose marks are used.
    predictors : tuple of PredictorFit
    drawn_alone : tuple of Term or NotEstimated
        The ordinary model of the drawn questions.
    expected_errors : dict of str to float
        Standard error of each log odds ratio that marking every question is expected to give; empty where it is not
        known.
    """

    fit: OrdinalGeeFit
    n_questions: int
    n_drawn: int
    predictors: tuple[PredictorFit, ...]
    drawn_alone: tuple[Term, ...] | NotEstimated
    expected_errors: dict[str, float]

    @property
    def predictor(self) -> tuple[str, ...]:
        """Labels of what predicts."""
        return tuple(found.label for found in self.predictors)

    @property
    def predictor_alone(self) -> tuple[Term, ...] | NotEstimated:
        """The ordinary model of the first predictor's scores."""
        return self.predictors[0].alone if self.predictors else NotEstimated("nothing predicts")

    def withholding(self, reasons: Mapping[str, str]) -> PoweredFit:
        """The same without the figures of some predictors alone, by their labels; the estimate keeps them."""
        return replace(
            self,
            predictors=tuple(
                replace(found, alone=NotEstimated(reasons[found.label])) if found.label in reasons else found
                for found in self.predictors
            ),
        )

    def against_full_and_alone(self) -> dict[str, tuple[float, float]]:
        """For each term, its error over that expected of marking every question, and of these questions alone."""
        root = float(np.sqrt(self.n_questions / self.n_drawn))
        errors = {term.term: term.standard_error for term in self.fit.terms}
        return {
            name: (errors[name] / full, errors[name] / (full * root)) for name, full in self.expected_errors.items()
        }


def settled_draw(rows: pd.DataFrame, drawn: DrawnQuestions) -> DrawnQuestions:
    """The draw, as far as it is marked: questions at its end that have open marks count as not drawn yet.

    Parameters
    ----------
    rows : DataFrame
        Of the long table of one basis; ``score_percent`` is NaN where marks are open.

    Raises
    ------
    CannotEstimate
        Where a question has open marks and a later one of the order has none: leaving it out could favour somebody.
    """
    there, with_open = set(rows["question_id"]), set(rows.loc[rows["score_percent"].isna(), "question_id"])
    places = [place for place, name in enumerate(drawn.order[: drawn.n_drawn]) if name in there]
    unsettled = [place for place in places if drawn.order[place] in with_open]
    if not unsettled:
        return drawn
    last_settled = max((place for place in places if place not in unsettled), default=-1)
    names = [drawn.order[place] for place in unsettled if place < last_settled]
    if names:
        named = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        raise CannotEstimate(
            f"Marks are open, or a disagreement is unresolved, on {named}, while questions that were drawn after them "
            "are settled. Finish the marking and the adjudication of the draw in its order first."
        )
    return replace(drawn, n_drawn=unsettled[0])


def fit_drawn(
    rows: pd.DataFrame, design: pd.DataFrame, drawn: DrawnQuestions, plan: AnalysisPlan, references: Mapping[str, str]
) -> PoweredFit:
    """Fit the planned model to predictions that the drawn questions correct.

    Parameters
    ----------
    rows : DataFrame
        Of the long table of one basis: every response to a question of the order; those to drawn questions have scores.
    design : DataFrame
        Of these rows.
    drawn : DrawnQuestions
        See :func:`settled_draw`.
    plan : AnalysisPlan
    references : mapping
        As for :func:`samp_eval.statistics.gee.ordinal_gee.fit_ordinal_gee`.

    Raises
    ------
    CannotEstimate
        Too few drawn questions, a choice that does not go with a draw, or equations without a solution.
    """
    _check_choices(plan)
    marks, levels, notes = partial_marks(rows, drawn)
    n_questions = len(marks.position)
    if marks.n_drawn < FEWEST_DRAWN:
        raise CannotEstimate(
            f"{marks.n_drawn} of {n_questions} questions are drawn and marked; an odds ratio of the whole study needs "
            f"at least {FEWEST_DRAWN}. Draw more: samp-eval review plan --more N."
        )
    fitted = partial(_corrected_fit, levels=levels, design=design, plan=plan, references=references)
    exceedances, fit = fitted(marks)
    in_draw = marks.drawn
    ordinary = partial(_terms, plan=plan, references=references)
    settled = ordinary(rows.loc[in_draw, "score_percent"], design[in_draw], marks.question[in_draw])
    predictors = []
    for place, label in enumerate(drawn.predictor):
        scores = drawn.predicted.loc[rows.index, label]
        known = scores.notna().to_numpy()
        fewer = or_reason(fitted)(replace(marks, predicted=np.delete(marks.predicted, place, axis=1)))
        ratios = {} if isinstance(fewer, NotEstimated) else _error_ratios(fit, fewer[1])
        alone = ordinary(scores[known], design[known], marks.question[known])
        predictors.append(PredictorFit(label, alone, ratios))
    precision = or_reason(draw_precision)(marks, exceedances, design)
    expected = {}
    if not isinstance(precision, NotEstimated):
        expected = dict(zip(precision.terms, precision.full_errors.tolist(), strict=True))
    return PoweredFit(
        replace(fit, warnings=(*notes, *fit.warnings)),
        n_questions,
        marks.n_drawn,
        tuple(predictors),
        settled,
        expected,
    )


def _corrected_fit(
    marks: PartialMarks, levels: list[float], design: pd.DataFrame, plan: AnalysisPlan, references: Mapping[str, str]
) -> tuple[PoweredExceedances, OrdinalGeeFit]:
    exceedances = powered_exceedances(marks)
    return exceedances, fit_exceedances(
        exceedances.corrected,
        design,
        marks.question,
        covariance=plan.covariance,
        confidence=plan.confidence,
        degrees_of_freedom=float(marks.n_drawn - 1),
        levels=levels,
        references=references,
    )


def _error_ratios(fit: OrdinalGeeFit, fewer: OrdinalGeeFit) -> dict[str, float]:
    errors = {term.term: term.standard_error for term in fewer.terms}
    return {term.term: term.standard_error / errors[term.term] for term in fit.terms if errors.get(term.term)}


def _check_choices(plan: AnalysisPlan) -> None:
    if plan.cluster != "question":
        raise CannotEstimate(
            f"A part of the questions was drawn, so questions are the clusters; the cluster {plan.cluster} does not go "
            "with a draw. Choose --cluster question, or mark every question."
        )
    if plan.association != "independence" or plan.covariance == "naive":
        wrong = plan.association if plan.association != "independence" else plan.covariance
        raise CannotEstimate(
            f"A part of the questions was drawn; {wrong} does not exist for corrected predictions. Choose the "
            "association independence and the covariance robust or bias_reduced, or mark every question."
        )


@or_reason
def _terms(
    scores: pd.Series,
    design: pd.DataFrame,
    cluster: NDArray[np.int64],
    *,
    plan: AnalysisPlan,
    references: Mapping[str, str],
) -> tuple[Term, ...]:
    """The ordinary model's terms, by the vectorised solver."""
    return fit_ordinal_gee(
        scores.round(6).to_numpy(),
        design,
        cluster,
        covariance=plan.covariance,
        confidence=plan.confidence,
        references=references,
        engine="vectorised",
    ).terms


def partial_marks(rows: pd.DataFrame, drawn: DrawnQuestions) -> tuple[PartialMarks, list[float], list[str]]:
    """The rows as numbers, the score percentages of their levels, and notes on levels that were joined."""
    answered = set(rows["question_id"])
    order = [name for name in drawn.order if name in answered]
    place = {name: position for position, name in enumerate(order)}
    n_drawn = sum(name in place for name in drawn.order[: drawn.n_drawn])
    question = np.asarray(rows["question_id"].map(place), dtype=np.int64)
    requested = rows["requested"].to_numpy(dtype=np.int64)
    kinds, kind = np.unique(requested, return_inverse=True)
    first_rows = np.unique(question, return_index=True)[1]
    levels, joined = _levels(requested[first_rows])
    allowed = np.zeros((len(kinds), len(levels)), dtype=np.bool_)
    for number, n in enumerate(kinds.tolist()):
        allowed[number, _level_of(100.0 * np.arange(n + 1) / n, levels)] = True
    in_draw = question < n_drawn
    marked = np.where(in_draw, _level_of(rows["score_percent"].to_numpy(dtype=float), levels), -1)
    predicted = _level_of(drawn.predicted.loc[rows.index].to_numpy(dtype=float), levels)
    _check_fractions(rows[in_draw])
    case_of = dict(zip(drawn.order, drawn.strata, strict=False))
    stratum = (
        pd.factorize(np.array([case_of[name] for name in order], dtype=object))[0].astype(np.int64) if case_of else None
    )
    notes = [f"levels that only one question allows are joined with the next lower: {joined}"] if joined else []
    return (
        PartialMarks(
            question, np.arange(len(order), dtype=np.int64), n_drawn, marked, predicted, kind, allowed, stratum
        ),
        levels.tolist(),
        notes,
    )


def _levels(requested: Sequence[int] | NDArray[np.int64]) -> tuple[NDArray[np.float64], str]:
    """Score percentages that at least :data:`FEWEST_OF_A_LEVEL` questions allow, and the others in words.

    They follow from the questions alone: chosen by the marks, they would bias the estimate.
    """
    percents = np.concatenate([np.round(100.0 * np.arange(n + 1) / n, 6) for n in requested])
    found, counts = np.unique(percents, return_counts=True)
    kept = (counts >= FEWEST_OF_A_LEVEL) | (found == 0) | (found == 100)
    return found[kept], ", ".join(f"{level:.4g} %" for level in found[~kept])


def _level_of(percents: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.int64]:
    """Place of the highest level that a percentage reaches; -1 for NaN."""
    return np.where(np.isnan(percents), -1, np.searchsorted(levels, percents + 1e-6, side="right") - 1)


def _check_fractions(settled: pd.DataFrame) -> None:
    correct = settled["correct"].dropna()
    if not np.allclose(correct, correct.round()):
        raise CannotEstimate(
            "Some responses earn fractions of a mark, whose levels are not known before marking: choose another "
            "consensus rule than mean, and exclude questions that leave open how many options are right."
        )
