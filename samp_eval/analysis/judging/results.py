"""What a model's marks come to beside those of people, on one basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from samp_eval.analysis.judging.gates import Gate
from samp_eval.literals import MarkBasis
from samp_eval.statistics.judging.agreement_gap import AgreementGap
from samp_eval.statistics.judging.error_rates import ErrorRates, Rate
from samp_eval.statistics.judging.order_effect import OrderEffect
from samp_eval.statistics.judging.self_preference import Favour
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.reviewers.agreement import Agreement

__all__ = ["Confusion", "Drift", "JudgeAgreement", "QuestionOfJudge"]


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
class Drift:
    """Answers that were judged first and asked again, by the same request, at the end of the marking.

    Attributes
    ----------
    changed : Rate
        Of these answers, those whose credit differs between the first asking and the last.
    lost, gained : int
        Answers that lost credit from the first asking to the last, and that gained it.
    p_value : float
        Of McNemar's exact test, 0 to 1: whether credit went one way.
    """

    changed: Rate
    lost: int
    gained: int
    p_value: float


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
    order : OrderEffect or NotEstimated
        Whether the entry that is shown first is credited more often; on the key basis only.
    drift : Drift or NotEstimated
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
    order: OrderEffect | NotEstimated
    drift: Drift | NotEstimated
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
        return {
            "n": self.n,
            "with_consensus": asdict(self.with_consensus),
            "by_pair": _each(self.by_pair),
            "kappa": _plain(self.kappa),
            "ac1": _plain(self.ac1),
            "errors": asdict(self.errors),
            "by_respondent": _each(self.by_respondent),
            "by_length": _each(self.by_length),
            "by_position": _each(self.by_position),
            "own_family": list(self.own_family),
            "favour": self._favour_as_json(),
            "questions": [asdict(question) for question in self.questions],
            "confusions": [asdict(confusion) for confusion in self.confusions],
            "flips": _plain(self.flips),
            "order": _plain(self.order),
            "drift": _plain(self.drift),
            "gates": [
                {"gate": gate.name, "limit": gate.limit, "figure": _plain(gate.figure), "passed": gate.passed}
                for gate in self.gates
            ],
            "may_be_shown": self.may_be_shown,
        }

    def _favour_as_json(self) -> dict[str, Any]:
        if isinstance(self.favour, NotEstimated):
            return self.favour.as_json()
        each = dict(zip(self.respondents, self.favour.by_respondent, strict=True))
        own = self.favour.own
        return {"by_respondent": _each(each), "own_family": None if own is None else asdict(own)}


def _plain(found: Any) -> dict[str, Any]:
    return found.as_json() if isinstance(found, NotEstimated) else asdict(found)


def _each(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {label: asdict(value) for label, value in found.items()}
