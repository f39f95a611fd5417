"""How far a model's marks agree with those of people, where it errs, and whether its own figures may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.judging.askings import drift_of, order_of
from samp_eval.analysis.judging.compared_marks import ComparedMarks, compared_marks
from samp_eval.analysis.judging.families import family_of
from samp_eval.analysis.judging.gates import gates_of
from samp_eval.analysis.judging.results import Confusion, JudgeAgreement, QuestionOfJudge
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.judged import JudgedAsk
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.statistics.judging.agreement_gap import agreement_gap
from samp_eval.statistics.judging.error_rates import ErrorRates, Rate, error_rates
from samp_eval.statistics.judging.order_effect import OrderEffect
from samp_eval.statistics.judging.question_errors import QuestionErrors, question_errors
from samp_eval.statistics.judging.self_preference import Favour, favour
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.statistics.reviewers.agreement import Agreement, agreement
from samp_eval.study import ModelGates

__all__ = ["judge_agreements", "models_of"]

FEWEST_ANSWERS = 30
"""Answers below which nothing is compared: the standard error of a share is then above 5 points even at 90 %."""


def judge_agreements(
    study: ScoredStudy, first: Sequence[Mark], models: Mapping[str, str], judged: Sequence[JudgedAsk] = ()
) -> dict[str, dict[MarkBasis, JudgeAgreement | NotEstimated]]:
    """Compare every model that has marked with the people of the same study.

    Parameters
    ----------
    study : ScoredStudy
    first : sequence of Mark
        Of people, before adjudication; see :func:`samp_eval.review.adjudication.marks_before_adjudication`.
    models : mapping of str to str
        The model behind each respondent, by the respondent's name.
    judged : sequence of JudgedAsk
        Everything that models were asked and that has an outcome, for the order of entries and for drift.

    Returns
    -------
    dict
        By the model's label, then by the basis on which it has marked.
    """
    voted, found = study.judged, dict[str, dict[MarkBasis, JudgeAgreement | NotEstimated]]()
    for judge in sorted({mark.judge for mark in voted}):
        bases = dict.fromkeys(mark.basis for mark in voted if mark.judge == judge)
        found[judge.label] = {
            basis: or_reason(_measured)(compared_marks(study, judge, basis, voted, first), study, judge, models, judged)
            for basis in bases
        }
    return found


def models_of(respondents: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The model behind each respondent, from the settings that the study recorded; the name where there is none."""
    return {name: str(settings.get("model") or name) for name, settings in respondents.items()}


def _measured(
    compared: ComparedMarks,
    study: ScoredStudy,
    judge: Reviewer,
    models: Mapping[str, str],
    judged: Sequence[JudgedAsk],
) -> JudgeAgreement:
    if len(compared.answers) < FEWEST_ANSWERS:
        raise CannotEstimate(
            f"{len(compared.answers)} answers are marked both by {judge.label} and by people on the {compared.basis} "
            f"basis; at least {FEWEST_ANSWERS} are needed."
        )
    plan, ratings = study.plan.gates, np.column_stack([compared.credited, compared.true])
    people = np.column_stack([compared.credited, *compared.of_person.values()])
    kappa, ac1 = (or_reason(agreement_gap)(people, compared.cluster, of) for of in ("kappa", "ac1"))
    given = compared.by_respondent()
    respondents = tuple(name for name in study.respondents if name in given)
    own = _own_family(judge.name, respondents, models, plan)
    favoured = or_reason(_favour)(compared, given, respondents, own)
    flips, drift = or_reason(_flips)(compared), or_reason(drift_of)(judged, compared.judge, compared.basis)
    return JudgeAgreement(
        compared.judge,
        compared.basis,
        len(compared.answers),
        agreement(ratings, compared.cluster),
        _pairs(compared),
        kappa,
        ac1,
        error_rates(compared.credited, compared.true, compared.cluster),
        {name: _errors_among(compared, given[name]) for name in respondents},
        {name: _errors_among(compared, places) for name, places in compared.by_length().items()},
        {name: _errors_among(compared, places) for name, places in compared.by_position().items()},
        favoured,
        respondents,
        own,
        _questions(compared, plan),
        _confusions(compared) if compared.basis == "key" else (),
        flips,
        or_reason(_order)(compared, judged),
        drift,
        gates_of(kappa, favoured, flips, plan),
    )


def _pairs(compared: ComparedMarks) -> dict[str, Agreement]:
    """The model with each physician, then physicians with each other."""
    columns = {compared.judge: compared.credited, **compared.of_person}
    found = {}
    for first, second in combinations(columns, 2):
        ratings = np.column_stack([columns[first], columns[second]])
        if np.isfinite(ratings).all(axis=1).sum() >= FEWEST_ANSWERS:
            found[f"{first} and {second}"] = agreement(ratings, compared.cluster)
    return found


def _errors_among(compared: ComparedMarks, places: NDArray[np.int64]) -> ErrorRates:
    return error_rates(compared.credited[places], compared.true[places], compared.cluster[places])


def _own_family(judge: str, respondents: Sequence[str], models: Mapping[str, str], plan: ModelGates) -> tuple[str, ...]:
    own = family_of(judge, plan.families)
    of = {
        name: family_of(name if name in plan.families else models.get(name, name), plan.families)
        for name in respondents
    }
    return tuple(name for name in respondents if of[name] == own)


def _favour(
    compared: ComparedMarks, given: Mapping[str, NDArray[np.int64]], respondents: Sequence[str], own: Sequence[str]
) -> Favour:
    rows = np.concatenate([given[name] for name in respondents])
    who = np.repeat(np.arange(len(respondents)), [len(given[name]) for name in respondents])
    places = [respondents.index(name) for name in own]
    return favour(compared.credited[rows], compared.true[rows], who, compared.cluster[rows], own=places)


def _questions(compared: ComparedMarks, plan: ModelGates) -> tuple[QuestionOfJudge, ...]:
    total = Counter(compared.questions)
    wrong = Counter(
        question
        for question, differs in zip(compared.questions, (compared.credited != compared.true).tolist(), strict=True)
        if differs
    )
    names = list(total)
    errors: QuestionErrors = question_errors(
        np.array([wrong[name] for name in names]), np.array([total[name] for name in names]), plan.question_errors
    )
    found = [
        QuestionOfJudge(
            name, total[name], wrong[name], float(rate), float(above), bool(above > plan.question_probability)
        )
        for name, rate, above in zip(names, errors.rates, errors.above, strict=True)
    ]
    return tuple(sorted(found, key=lambda question: (-question.above, -question.rate, question.question_id)))


def _confusions(compared: ComparedMarks) -> tuple[Confusion, ...]:
    pairs = zip(compared.questions, compared.by_people, compared.by_model, strict=True)
    counts = Counter(pair for pair in pairs if pair[1] != pair[2])
    return tuple(Confusion(*pair, n) for pair, n in sorted(counts.items(), key=lambda found: (-found[1], found[0])))


def _flips(compared: ComparedMarks) -> Rate:
    if len(compared.repeats) < FEWEST_ANSWERS:
        raise CannotEstimate(
            f"{len(compared.repeats)} answers were marked more than once by {compared.judge}; at least "
            f"{FEWEST_ANSWERS} are needed. Ask again: samp-eval mark --marker model --repeats N."
        )
    most = max(len(values) for _, values in compared.repeats)
    ratings = np.full((len(compared.repeats), most), np.nan)
    for row, (_, values) in enumerate(compared.repeats):
        ratings[row, : len(values)] = [float(value != "0") for value in values]
    questions = np.array([question for question, _ in compared.repeats], dtype=object)
    cluster = np.unique(questions, return_inverse=True)[1].astype(np.int64)
    same = agreement(ratings, cluster).percent
    bounds = (None if end is None else 100 - end for end in (same.value, same.ci_high, same.ci_low))
    return Rate(len(ratings), type(same)(*bounds))


def _order(compared: ComparedMarks, judged: Sequence[JudgedAsk]) -> OrderEffect:
    if compared.basis != "key":
        raise CannotEstimate("The model sees no key on this basis, so nothing has an order.")
    return order_of(judged, compared.judge, set(compared.lines.answer_ids))
