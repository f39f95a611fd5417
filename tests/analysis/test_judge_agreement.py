"""A simulated judge of known quality is measured beside simulated physicians, and the gates say what is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judged_study import Judge, JudgedStudy, judged_study

from samp_eval.analysis.judging.families import family_of
from samp_eval.analysis.judging.judge_agreement import judge_agreements
from samp_eval.analysis.judging.results import JudgeAgreement
from samp_eval.review.people.reviewers import KEY_MARKER
from samp_eval.statistics.judging.error_rates import Rate
from samp_eval.statistics.judging.self_preference import Favour
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.reviewers.agreement import IntervalEstimate
from samp_eval.study import ModelGates

MODELS = {"first": "model-one", "second": "model-two", "gpt-4": "gpt-4-0613"}


def measured(study: JudgedStudy, gates: ModelGates | None = None, basis: str = "key") -> JudgeAgreement:
    found = judge_agreements(study.scored(gates=gates), study.people, MODELS)["model:gpt-judge"][basis]  # type: ignore[index]
    assert isinstance(found, JudgeAgreement)
    return found


def holds(estimate: IntervalEstimate, true: float) -> bool:
    assert estimate.ci_low is not None
    assert estimate.ci_high is not None
    return estimate.ci_low <= true <= estimate.ci_high


def first_repeat(study: JudgedStudy) -> JudgedStudy:
    return replace(study, of_model=tuple(mark for mark in study.of_model if mark.repeat == 0))


@pytest.mark.slow
def test_what_the_judge_is_made_of_is_recovered_within_the_intervals() -> None:
    """Twelve studies; at most two of the 12 intervals of each figure may miss (95 % intervals; P(more) is 2 %).

    The favour is on wrong answers only, so its contrast over all answers is that of a study of 400 questions.
    """
    judge = Judge(sensitivity=0.9, specificity=0.85, favour=0.25, refused=0.1, unstable=0.2)
    large = measured(first_repeat(judged_study(99, judge, questions=400)))
    assert isinstance(large.favour, Favour)
    assert large.favour.own is not None
    favour = large.favour.own.value
    shared = large.by_respondent["first"].false_credit.percent.value  # some of its answers are also gpt-4's
    assert favour is not None
    assert shared is not None
    assert favour > 3
    held: dict[str, int] = {}
    for seed in range(12):
        study = judged_study(seed, judge)
        found = measured(study)
        first = measured(first_repeat(study))
        answers = len({mark.answer_id for mark in study.people})
        assert 0.87 * answers < first.n < 0.93 * answers  # a tenth is refused: no mark, and no zero
        assert found.n < first.n  # a tie of two repeats says nothing
        assert isinstance(found.flips, Rate)
        assert isinstance(first.favour, Favour)
        assert first.own_family == ("gpt-4",)
        assert first.favour.own is not None
        figures = {
            "false credit": holds(first.by_respondent["first"].false_credit.percent, shared),
            "false credit of its own family": holds(first.by_respondent["gpt-4"].false_credit.percent, 40),
            "false refusal": holds(first.errors.false_refusal.percent, 10),
            "flips": holds(found.flips.percent, 10),  # one in five anew, by a coin
            "favour": holds(first.favour.own, favour),
        }
        for name, is_held in figures.items():
            held[name] = held.get(name, 0) + is_held
    assert min(held.values()) >= 10, held


def test_an_even_judge_favours_nobody() -> None:
    found = measured(judged_study(3, Judge()))
    assert isinstance(found.favour, Favour)
    assert sum(holds(estimate, 0.0) for estimate in found.favour.by_respondent) == 3


def test_a_judge_as_good_as_the_physicians_stands_among_them() -> None:
    found = measured(judged_study(5, Judge(sensitivity=0.95, specificity=0.95), reviewer_error=0.05))
    assert not isinstance(found.kappa, NotEstimated)
    assert found.kappa.difference.ci_low is not None
    assert found.kappa.difference.ci_low > -0.15
    assert set(found.by_pair) == {"model:gpt-judge and Ann", "model:gpt-judge and Bo", "Ann and Bo"}
    assert found.may_be_shown


def test_a_perfect_judge_is_perfect_and_a_bad_one_is_not_shown() -> None:
    perfect = measured(judged_study(1, Judge(1.0, 1.0)))
    assert perfect.errors.false_refusal.percent.value == 0.0
    assert not any(question.cannot_mark for question in perfect.questions)
    bad = measured(judged_study(1, Judge(0.6, 0.6), reviewer_error=0.05))
    assert "agreement" in bad.failed_gates
    assert not bad.may_be_shown
    assert any(question.cannot_mark for question in bad.questions)


def test_the_gates_are_those_of_the_study_file() -> None:
    study = judged_study(2, Judge(favour=0.5), reviewer_error=0.05)
    strict = measured(study)
    assert "favour" in strict.failed_gates
    open_wide = measured(study, ModelGates(agreement_below=2, favour_points=100, flips_percent=100))
    assert open_wide.may_be_shown
    assert [gate.limit for gate in open_wide.gates] == [2, 100, 100]


def test_what_cannot_be_estimated_says_why_and_passes_no_gate() -> None:
    study = judged_study(2, Judge())
    alone = replace(
        study,
        people=tuple(mark for mark in study.people if mark.reviewer.name == "Ann"),
        of_model=tuple(mark for mark in study.of_model if mark.repeat == 0),
    )
    found = measured(alone)
    assert isinstance(found.kappa, NotEstimated)
    assert "No two people" in found.kappa.reason
    assert isinstance(found.flips, NotEstimated)
    assert isinstance(found.drift, NotEstimated)
    assert isinstance(found.order, NotEstimated)
    assert set(found.failed_gates) >= {"agreement", "flips"}
    few = replace(study, people=study.people[:10])
    outcome = judge_agreements(few.scored(), few.people, MODELS)["model:gpt-judge"]["key"]
    assert isinstance(outcome, NotEstimated)
    assert "at least 30 are needed" in outcome.reason
    nobody = judge_agreements(replace(study, people=()).scored(), (), MODELS)["model:gpt-judge"]["key"]
    assert isinstance(nobody, NotEstimated)


def test_a_program_is_no_physician() -> None:
    study = judged_study(2, Judge())
    by_key = [replace(mark, reviewer=KEY_MARKER) for mark in study.people if mark.reviewer.name == "Ann"]
    for people, consensus in ((by_key, "either"), ([*study.people, *by_key], KEY_MARKER.label)):
        scored = replace(study, people=tuple(people)).scored()
        review = scored.plan.review.model_copy(update={"consensus": consensus})
        plan = scored.plan.model_copy(update={"review": review})
        outcome = judge_agreements(replace(scored, plan=plan), study.people, MODELS)["model:gpt-judge"]["key"]
        assert isinstance(outcome, NotEstimated)


def test_entries_that_are_taken_for_others_are_counted_by_question() -> None:
    found = measured(judged_study(4, Judge(1.0, 1.0, other_entry=0.3)))
    assert found.errors.false_refusal.percent.value == 0.0
    assert found.confusions
    assert all(confusion.by_people != confusion.by_model for confusion in found.confusions)
    assert "0" not in {letter for found_one in found.confusions for letter in (found_one.by_people, found_one.by_model)}


def test_the_judgement_basis_has_no_entries() -> None:
    found = measured(judged_study(7, Judge(), basis="judgement"), basis="judgement")
    assert found.confusions == ()
    assert set(found.by_position) == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("model", "named", "family"),
    [
        ("gpt-4-0613", {}, "OpenAI"),
        ("openai/gpt-oss-20b", {}, "OpenAI"),
        ("claude-opus-4", {}, "Anthropic"),
        ("local", {}, "Google"),
        ("local:files/qwen-2.gguf", {}, "Alibaba"),
        ("localized-by-us", {}, "localized-by-us"),
        ("our-own", {}, "our-own"),
        ("our-own", {"our-own": "Us"}, "Us"),
    ],
)
def test_the_family_of_a_model(model: str, named: dict[str, str], family: str) -> None:
    assert family_of(model, named) == family
