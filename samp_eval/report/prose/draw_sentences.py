"""Sentences about a random draw of questions: how the rest was estimated, and what that is worth."""

from __future__ import annotations

from samp_eval.analysis.model.partly_marked import PoweredFit
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import joined
from samp_eval.review.people.reviewers import KEY_MARKER

__all__ = [
    "draw_words",
    "drawn_only",
    "how_it_was_estimated",
    "no_predictor",
    "not_by_condition",
    "powered_methods",
    "predictor_words",
]

LEAST_HELP = 0.95
"""Above this ratio of standard errors a predictor saves less than a tenth of the questions."""


def draw_words(content: ReportContent) -> str:
    """Which questions people marked, and what the figures are of; empty where all are marked."""
    draw = content.draw
    if draw is None:
        return ""
    excluded = {decision.question_id for decision in content.exclusions if decision.kind == "question"}
    asked = [question.id for case in content.bank.cases for question in case.questions if question.id not in excluded]
    later = draw.came_later(asked)
    aside = (
        f" {numbers.plural(len(draw.set_aside), 'question')} with marks from before the draw were set aside: they are "
        "in no figure."
        if draw.set_aside
        else ""
    )
    if later:
        aside += f" Not in the draw, because they came later, and so in no figure: {joined(later)}."
    if content.answers_marked_outside:
        answers = numbers.plural(content.answers_marked_outside, "answer")
        aside += f" Reviewers also marked {answers} to other questions: these marks are kept, and in no figure."
    if not content.partly_marked:
        return aside.strip()
    powered = any(fit.powered is not None for fit in content.fits.values())
    ranked = any(ranking.compared.draw is not None for ranking in content.ranked.values())
    figures = "Odds ratios, predicted percentages and their differences" + (", and ranks," if ranked else "")
    estimates = (
        f" {figures} are of all questions: the other responses are "
        "predicted, and the predictions are calibrated and corrected by the drawn questions."
        if powered
        else ""
    )
    return (
        f"Reviewers marked {draw.n_drawn} of {numbers.plural(len(draw.order), 'question')}, drawn at random (seed "
        f"{draw.seed}, {numbers.moment(draw.drawn_at)}); lines correct, agreement and the simpler statistics are of "
        f"these.{estimates}{aside}"
    )


def drawn_only(content: ReportContent) -> tuple[str, ...]:
    """A paragraph for sections whose figures are of the drawn questions; none where all are marked."""
    if content.draw is None or not content.partly_marked:
        return ()
    return (f"Of the {numbers.plural(content.draw.n_drawn, 'drawn question')} only.",)


def not_by_condition(content: ReportContent) -> tuple[str, ...]:
    """A paragraph where nothing says how the odds ratios depend on a condition; none where all are marked."""
    if all(fit.powered is None for fit in content.fits.values()):
        return ()
    return ("Odds ratios under each condition are not estimated, because a part of the questions is marked.",)


def powered_methods(content: ReportContent) -> str:
    """How odds ratios are estimated from a part of the marks; empty where they are not."""
    found = next((fit.powered for fit in content.fits.values() if fit.powered is not None), None)
    if found is None:
        return ""
    predictor = joined([predictor_words(label) for label in found.predictor])
    scored = f"A predictor ({predictor}) scored every response." if predictor else "Nothing predicted the others."
    pooled = (
        " The predictors' shares were pooled with weights of the greatest likelihood on the same folds [@genest]."
        if len(found.predictor) > 1
        else ""
    )
    return (
        "The questions were put in a random order before any was marked, and the first of them were marked. "
        f"{scored} For each number of requested lines and each predicted level, the shares of the marked levels were "
        "taken from the drawn questions of the other four of five folds, so that "
        f"no question’s own marks enter its prediction.{pooled} Each response’s predicted chance of exceeding a level "
        "was corrected by the difference estimator of survey sampling [@sarndal]: for a drawn question, the difference "
        "between mark and prediction over the share of its fold that is drawn was added. These corrected predictions "
        "are unbiased over the draw however bad the predictor is [@angelopoulos, @zrnic], and the estimating equations "
        f"of the ordinal model are linear in them [@heagerty]. Intervals are by t with {found.n_drawn - 1} degrees "
        f"of freedom. They are conditional on the marks.{_spread(content)} Proportional odds and odds ratios under "
        "each condition were not examined, and exact tests, mean scores, odds ratios of answer lines and every other "
        "working association are of the drawn questions alone."
    )


def how_it_was_estimated(powered: PoweredFit) -> str:
    """What was marked, what was predicted, and how well that did."""
    by = f"by {joined(list(powered.predictor))}" if powered.predictor else "from the drawn questions alone"
    return (
        f"Physicians' marks of {powered.n_drawn} of {powered.n_questions} questions, drawn at random; the other "
        f"responses were predicted {by}, calibrated on the drawn questions and corrected by them "
        f"(prediction-powered estimate, t with {powered.n_drawn - 1} degrees of freedom).{_width(powered)}"
        f"{_gains(powered)}"
    )


def predictor_words(label: str) -> str:
    """What a predictor is: a model's figures always say that a model marked."""
    if label.startswith("model:"):
        return f"{label} (marked by a model)"
    return "the automatic marker by the key" if label == KEY_MARKER.label else label


def no_predictor() -> str:
    """Why the draw brings no more than the drawn questions."""
    return (
        "There is no predictor, so the questions that were not drawn add nothing. "
        "samp-eval mark --marker key makes one; its marks predict and are never a person's."
    )


def _spread(content: ReportContent) -> str:
    if content.draw is None or not content.draw.strata:
        return ""
    return (
        " The draw was spread over the cases: one question of each in a random order of cases, then another of each. "
        "Whole cases belonged to a fold, and a correction was divided by the share of its case that is drawn."
    )


def _width(powered: PoweredFit) -> str:
    found = powered.against_full_and_alone()
    if not found:
        return ""
    term, (full, alone) = next(iter(found.items()))
    verdict = " The predictor is of no help here." if powered.predictor and alone > LEAST_HELP else ""
    return (
        f" The standard error of {term} is {full:.2f} times that which marking every question is expected to give, and "
        f"{alone:.2f} times that which marking these questions without a predictor is expected to give.{verdict}"
    )


def _gains(powered: PoweredFit) -> str:
    """What each of several predictors adds to the others."""
    if len(powered.predictors) < 2:
        return ""
    firsts = ((found.label, next(iter(found.error_ratios.items()), None)) for found in powered.predictors)
    return "".join(
        f" With {label} the standard error of {first[0]} is {first[1]:.2f} times that without it."
        for label, first in firsts
        if first is not None
    )
