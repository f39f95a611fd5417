"""How far a model's marks agree with those of people, where it errs, and whether its own figures may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.judging.compared_marks import ComparedMarks, compared_marks
from samp_eval.analysis.judging.families import family_of
from samp_eval.analysis.judging.gates import Gate, gates_of
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import Mark
from samp_eval.review.reviewers import Reviewer
from samp_eval.statistics.agreement import Agreement, agreement
from samp_eval.statistics.exact_tests import ExactTest, exact_mcnemar
from samp_eval.statistics.judging.agreement_gap import AgreementGap, agreement_gap
from samp_eval.statistics.judging.error_rates import ErrorRates, Rate, error_rates
from samp_eval.statistics.judging.question_errors import QuestionErrors, question_errors
from samp_eval.statistics.judging.self_preference import Favour, favour
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.study import ModelGates

__all__ = ["Confusion", "JudgeAgreement", "QuestionOfJudge", "judge_agreements", "models_of"]

FEWEST_ANSWERS = 30
"""Answers below which nothing is compared: the standard error of a share is then above 5 points even at 90 %."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often a model gave one entry of a question's key where people settled on another; ``0``: none."""

    question_id: str
    by_people: str
    by_model: str
    n: int


@dataclass(frozen=True, slots=True)
class QuestionOfJudge:
    """One question: answers compared and wrong, the error rate drawn towards that of all, and how likely it is high.

    Attributes
    ----------
    question_id : str
    n, wrong : int
    rate, above : float
        0 to 1; ``above`` is the probability that the rate is above the study file's ``question_errors``.
    cannot_mark : bool
        Whether that is more likely than the study file allows, so that physicians should mark the question.
    """

    question_id: str
    n: int
    wrong: int
    rate: float
    above: float
    cannot_mark: bool


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """A model's marks beside those of people, on one basis.

    Attributes
    ----------
    judge : str
        Its label, ``model:NAME``.
    basis : MarkBasis
    n : int
        Distinct answers that both the model and the people's consensus settle.
    with_consensus : Agreement
    by_pair : dict of str to Agreement
        The model with each physician, and physicians with each other, on these answers.
    kappa, ac1 : AgreementGap or NotEstimated
        Mean over the model's pairs, over the physicians' pairs, and the difference.
    errors : ErrorRates
        Against the consensus.
    by_respondent, by_length, by_position : dict of str to ErrorRates
    favour : Favour or NotEstimated
        In the order of ``respondents``.
    respondents : tuple of str
    own_family : tuple of str
        Respondents of the model's own family.
    questions : tuple of QuestionOfJudge
        The most doubtful first.
    confusions : tuple of Confusion
        Where the entries differ, the most frequent first; on the key basis only.
    flips : Rate or NotEstimated
        Of pairs of repeats of the same answer, those that differ in credit; the entries' order differs, too.
    drift : ExactTest or NotEstimated
        First against last repeat: whether credit went one way. The statistic counts credit that was lost.
    gates : tuple of Gate
    """

    judge: str
    basis: MarkBasis
    n: int
    with_consensus: Agreement
    by_pair: dict[str, Agreement]
    kappa: AgreementGap | NotEstimated
    ac1: AgreementGap | NotEstimated
    errors: ErrorRates
    by_respondent: dict[str, ErrorRates]
    by_length: dict[str, ErrorRates]
    by_position: dict[str, ErrorRates]
    favour: Favour | NotEstimated
    respondents: tuple[str, ...]
    own_family: tuple[str, ...]
    questions: tuple[QuestionOfJudge, ...]
    confusions: tuple[Confusion, ...]
    flips: Rate | NotEstimated
    drift: ExactTest | NotEstimated
    gates: tuple[Gate, ...]

    @property
    def may_be_shown(self) -> bool:
        """Whether figures that rest on this model's marks alone may be shown."""
        return all(gate.passed for gate in self.gates)

    @property
    def failed_gates(self) -> tuple[str, ...]:
        """Names of the gates that are not passed."""
        return tuple(gate.name for gate in self.gates if not gate.passed)

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval judge agreement --json``."""
        own = self.favour
        favoured: Any = own.as_json() if isinstance(own, NotEstimated) else None
        if not isinstance(own, NotEstimated):
            each = {name: asdict(found) for name, found in zip(self.respondents, own.by_respondent, strict=True)}
            favoured = {"by_respondent": each, "own_family": None if own.own is None else asdict(own.own)}
        return {
            "n": self.n,
            "with_consensus": asdict(self.with_consensus),
            "by_pair": {pair: asdict(found) for pair, found in self.by_pair.items()},
            **{
                name: found.as_json() if isinstance(found, NotEstimated) else asdict(found)
                for name, found in (("kappa", self.kappa), ("ac1", self.ac1))
            },
            "errors": asdict(self.errors),
            **{
                name: {label: asdict(found) for label, found in groups.items()}
                for name, groups in (
                    ("by_respondent", self.by_respondent),
                    ("by_length", self.by_length),
                    ("by_position", self.by_position),
                )
            },
            "own_family": list(self.own_family),
            "favour": favoured,
            "questions": [asdict(question) for question in self.questions],
            "confusions": [asdict(confusion) for confusion in self.confusions],
            **{
                name: found.as_json() if isinstance(found, NotEstimated) else asdict(found)
                for name, found in (("flips", self.flips), ("drift", self.drift))
            },
            "gates": [
                {
                    "gate": gate.name,
                    "limit": gate.limit,
                    "figure": gate.figure.as_json() if isinstance(gate.figure, NotEstimated) else asdict(gate.figure),
                    "passed": gate.passed,
                }
                for gate in self.gates
            ],
            "may_be_shown": self.may_be_shown,
        }


def judge_agreements(
    study: ScoredStudy, first: Sequence[Mark], models: Mapping[str, str]
) -> dict[str, dict[MarkBasis, JudgeAgreement | NotEstimated]]:
    """Compare every model that has marked with the people of the same study.

    Parameters
    ----------
    study : ScoredStudy
    first : sequence of Mark
        Of people, before adjudication; see :func:`samp_eval.review.adjudication.marks_before_adjudication`.
    models : mapping of str to str
        The model behind each respondent, by the respondent's name.

    Returns
    -------
    dict
        By the model's label, then by the basis on which it has marked.
    """
    voted, found = study.judged, dict[str, dict[MarkBasis, JudgeAgreement | NotEstimated]]()
    for judge in sorted({mark.judge for mark in voted}):
        bases = dict.fromkeys(mark.basis for mark in voted if mark.judge == judge)
        found[judge.label] = {
            basis: or_reason(_measured)(compared_marks(study, judge, basis, voted, first), study, judge, models)
            for basis in bases
        }
    return found


def models_of(respondents: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The model behind each respondent, from the settings that the study recorded; the name where there is none."""
    return {name: str(settings.get("model") or name) for name, settings in respondents.items()}


def _measured(
    compared: ComparedMarks, study: ScoredStudy, judge: Reviewer, models: Mapping[str, str]
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
    flips, drift = or_reason(_flips)(compared), or_reason(_drift)(compared)
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


def _drift(compared: ComparedMarks) -> ExactTest:
    if not compared.repeats:
        raise CannotEstimate("No answer was marked more than once, so no drift can be seen.")
    firsts, lasts = ([values[end] != "0" for _, values in compared.repeats] for end in (0, -1))
    return exact_mcnemar(firsts, lasts)
