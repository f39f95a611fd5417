"""A part of the questions is drawn and marked: what the estimate uses, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from marked_study import PERSON

from samp_eval.analysis.model.effects import study_effects
from samp_eval.analysis.model.partly_marked import DrawnQuestions, settled_draw
from samp_eval.analysis.model.sensitivity import planned_fits, sensitivity
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.scored_study import ScoredStudy, score_study
from samp_eval.errors import CannotEstimate, StudyConflict
from samp_eval.report.prose.draw_sentences import LEAST_HELP, how_it_was_estimated
from samp_eval.review.assignment.draw import QuestionDraw, draw_more, draw_questions
from samp_eval.review.markers.automatic_marks import mark_by_key
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Response
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Study

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Records:
    """The marked study's records, to be scored under any draw."""

    def __init__(self, folder: Path) -> None:
        with StudyStore.open(folder, create=False) as store:
            bank = store.bank()
            assert bank is not None
            self.bank = bank
            self.responses, self.failures, self.people = store.responses(), store.failures(), store.marks()
            self.asked = list(store.respondents())
        self.predictor = mark_by_key(self.bank, self.responses, NOW).marks
        self.names = [question.id for _, question in self.bank.asked()]

    def scored(
        self,
        draw: QuestionDraw | None,
        marks: Sequence[Mark] | None = None,
        of_models: Sequence[Mark] = (),
        **plan: Any,
    ) -> ScoredStudy:
        given = [*self.people, *self.predictor] if marks is None else list(marks)
        planned = Study()
        planned = planned.model_copy(update={"analysis": planned.analysis.model_copy(update=plan)})
        records = self.bank, self.responses, self.failures, given, self.asked
        return score_study(planned, *records, draw=draw, of_models=of_models)

    def fitted(
        self,
        draw: QuestionDraw | None,
        marks: Sequence[Mark] | None = None,
        of_models: Sequence[Mark] = (),
        **plan: Any,
    ) -> StudyFit:
        study = self.scored(draw, marks, of_models, **plan)
        return fit_study(
            study.table,
            basis="key",
            respondents=study.respondents,
            plan=study.plan.analysis,
            engine="vectorised",
            drawn=study.drawn,
        )

    def of(self, respondent: str) -> list[Response]:
        return [found for found in self.responses if found.ask.respondent == respondent]

    def draw(self, wanted: int, seed: int = 5) -> QuestionDraw:
        return draw_questions(self.names, wanted, seed=seed, now=NOW)


@pytest.fixture(scope="module")
def records(marked: Path) -> Records:
    return Records(marked)


def test_a_draw_of_everything_is_the_ordinary_estimate(records: Records) -> None:
    everything = records.fitted(records.draw(40))
    assert everything.powered is None
    assert everything.as_json() == records.fitted(None).as_json()
    assert everything.as_json()["estimator"] == "complete"


def test_marks_outside_the_draw_change_nothing(records: Records) -> None:
    draw = records.draw(20)
    outside = [
        replace(mark, value="0") if mark.field == "key" and mark.question_id not in draw.drawn else mark
        for mark in records.people
    ]
    without = [mark for mark in records.people if mark.question_id in draw.drawn]
    assert outside != records.people
    estimates = [records.fitted(draw, [*marks, *records.predictor]) for marks in (records.people, outside, without)]
    found = estimates[0].as_json()
    assert found == estimates[1].as_json() == estimates[2].as_json()
    assert (found["estimator"], found["predictor"]) == ("prediction-powered", ["automatic:key"])
    assert (found["n_questions"], found["n_questions_drawn"], found["n_clusters"]) == (40, 20, 40)
    assert found["n_observations"] == len(records.responses)


def test_a_predictor_narrows_the_interval_and_without_one_the_draw_stands_alone(records: Records) -> None:
    draw = records.draw(20)
    powered, bare = records.fitted(draw), records.fitted(draw, records.people)
    assert powered.powered is not None
    assert bare.powered is not None
    assert not isinstance(bare.powered.drawn_alone, NotEstimated)
    full = {term.term: term.standard_error for term in records.fitted(None).fit.terms}
    for term, without, alone in zip(powered.fit.terms, bare.fit.terms, bare.powered.drawn_alone, strict=True):
        assert term.standard_error < 1.15 * full[term.term]
        assert without.standard_error > 1.1 * term.standard_error
        assert without.log_odds_ratio == pytest.approx(alone.log_odds_ratio, abs=0.3 * alone.standard_error)
    assert bare.powered.predictor == ()
    assert isinstance(bare.powered.predictor_alone, NotEstimated)


@pytest.mark.slow
def test_the_mean_over_many_draws_is_that_of_full_marking(records: Records) -> None:
    full = records.fitted(None).fit.log_odds_ratios
    found = np.array([records.fitted(records.draw(20, seed)).fit.log_odds_ratios for seed in range(40)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - full) < 4 * error + 0.01).all()


def test_open_marks_at_the_end_of_the_draw_count_as_not_drawn(records: Records) -> None:
    draw = records.draw(25)
    unfinished = [mark for mark in records.people if mark.question_id not in draw.drawn[20:]]
    found = records.fitted(draw, [*unfinished, *records.predictor])
    assert found.as_json()["terms"] == records.fitted(records.draw(20)).as_json()["terms"]
    assert any("5 questions at the end of the draw have open marks" in warning for warning in found.warnings)


def test_a_respondent_that_joins_late_makes_nobody_wait(records: Records) -> None:
    draw = records.draw(20)
    before = records.fitted(draw)
    late = [replace(found, ask=replace(found.ask, respondent="late model")) for found in records.of("new model")]
    late = [replace(found, reply=replace(found.reply, text="1. unheard of")) for found in late]
    joined = score_study(
        Study(),
        records.bank,
        [*records.responses, *late],
        records.failures,
        [*records.people, *records.predictor],
        [*records.asked, "late model"],
        draw=draw,
    )
    found = fit_study(
        joined.table, basis="key", respondents=joined.respondents, engine="vectorised", drawn=joined.drawn
    )
    assert found.as_json()["terms"] == before.as_json()["terms"]
    assert "no scored response of late model; not in the model" in found.warnings


def test_open_marks_within_the_draw_are_refused_by_name(records: Records) -> None:
    draw = records.draw(25)
    unfinished = [mark for mark in records.people if mark.question_id != draw.drawn[3]]
    with pytest.raises(CannotEstimate, match=draw.drawn[3]):
        records.fitted(draw, [*unfinished, *records.predictor])


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"cluster": "case"}, "cluster case"),
        ({"cluster": "question-respondent"}, "cluster question-respondent"),
        ({"association": "exchangeable"}, "exchangeable does not exist"),
        ({"covariance": "naive"}, "naive does not exist"),
    ],
)
def test_choices_that_do_not_go_with_a_draw_are_refused(records: Records, plan: dict[str, Any], words: str) -> None:
    with pytest.raises(CannotEstimate, match=words):
        records.fitted(records.draw(20), None, **plan)


def test_too_few_drawn_questions_are_refused_with_the_remedy(records: Records) -> None:
    with pytest.raises(CannotEstimate, match=r"14 of 40 questions.*at least 15.*--more"):
        records.fitted(records.draw(14))


def test_the_effects_are_of_every_response(records: Records) -> None:
    study = records.scored(records.draw(20))
    assert study.drawn is not None
    planned = planned_fits(study)["key"]
    assert isinstance(planned, StudyFit)
    found = study_effects(study.drawn.table, planned)
    full = records.scored(None)
    complete = planned_fits(full)["key"]
    assert isinstance(complete, StudyFit)
    for mine, theirs in zip(found.predictions, study_effects(full.table, complete).predictions, strict=True):
        assert mine.mean == pytest.approx(theirs.mean, abs=3 * theirs.standard_error)
        assert mine.ci_high - mine.ci_low < 2 * (theirs.ci_high - theirs.ci_low)
    assert isinstance(found.proportional_odds, NotEstimated)
    assert found.by_condition.effects == ()


@pytest.mark.slow
def test_what_full_marking_is_expected_to_give_is_what_it_gives(records: Records) -> None:
    full = {term.term: term.standard_error for term in records.fitted(None).fit.terms}
    found = [records.fitted(records.draw(20, seed)).powered for seed in range(12)]
    for term, error in full.items():
        expected = [powered.expected_errors[term] for powered in found if powered is not None]
        assert np.mean(expected) == pytest.approx(error, rel=0.08)
    assert found[0] is not None
    full_ratio, alone_ratio = found[0].against_full_and_alone()["new model"]
    assert full_ratio == pytest.approx(alone_ratio * np.sqrt(2))


def test_the_sensitivity_table_has_no_predictor_and_the_drawn_questions_alone(records: Records) -> None:
    study = records.scored(records.draw(20))
    found = sensitivity(study, planned_fits(study))
    bare = next(variation.outcome for variation in found if variation.what == "predictor" and variation.basis == "key")
    assert isinstance(bare, StudyFit)
    assert bare.as_json()["terms"] == records.fitted(records.draw(20), records.people).as_json()["terms"]
    alone = next(variation.outcome for variation in found if variation.what == "estimator" and variation.basis == "key")
    assert isinstance(alone, StudyFit)
    assert alone.fit.n_clusters == 20
    assert alone.powered is None


@pytest.mark.slow
@pytest.mark.parametrize("predictor", ["silent", "always wrong", "the same for all", "silent on one respondent"])
def test_a_bad_predictor_biases_nothing_and_is_shown_as_no_help(records: Records, predictor: str) -> None:
    lines = records.scored(None).lines
    of_new = {
        lines.answer_ids[answer]
        for answer, response in zip(lines.answer.tolist(), lines.response.tolist(), strict=True)
        if lines.responses[response].ask.respondent == "new model"
    }
    automatic = {
        "silent": [],
        "always wrong": [replace(mark, value="0" if mark.value != "0" else "A") for mark in records.predictor],
        "the same for all": [replace(mark, value="0") for mark in records.predictor],
        "silent on one respondent": [mark for mark in records.predictor if mark.answer_id not in of_new],
    }[predictor]
    draws = [records.draw(20, seed) for seed in range(25)]
    fits = [records.fitted(draw, [*records.people, *automatic]) for draw in draws]
    full = records.fitted(None).fit.log_odds_ratios
    found = np.array([fit.fit.log_odds_ratios for fit in fits])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - full) < 4 * error + 0.01).all()
    powered = [fit.powered for fit in fits if fit.powered is not None]
    ratios = [found.against_full_and_alone()["new model"][1] for found in powered]
    assert np.mean(ratios) > LEAST_HELP or predictor == "always wrong"
    said = [" The predictor is of no help here." in how_it_was_estimated(found) for found in powered]
    assert any(said) == bool(powered[0].predictor and max(ratios) > LEAST_HELP)


def test_a_complete_draw_has_no_other_estimators(records: Records) -> None:
    study = records.scored(records.draw(40))
    found = sensitivity(study, planned_fits(study))
    assert not {"predictor", "estimator"} & {variation.what for variation in found}


def test_everything_else_of_the_study_holds_drawn_questions_only(records: Records) -> None:
    draw = records.draw(20)
    study = records.scored(draw)
    assert set(study.table["question_id"]) == set(draw.drawn)
    assert {question.id for _, question in study.bank.asked()} == set(draw.drawn)
    assert set(study.failed["question_id"]) <= set(draw.drawn)


def test_a_draw_without_marks_of_people_waits(records: Records) -> None:
    study = records.scored(records.draw(20), records.predictor)
    assert study.drawn is None
    assert len(set(study.table["question_id"])) == 40


def test_the_order_is_the_seeds_and_more_goes_on_in_it(records: Records) -> None:
    draw = records.draw(20)
    assert draw == draw_questions(list(reversed(records.names)), 20, seed=5, now=NOW)
    assert draw.order != records.draw(20, seed=6).order
    assert sorted(draw.order) == sorted(records.names)
    more = draw_more(draw, 5, NOW)
    assert (more.order, more.n_drawn) == (draw.order, 25)
    assert QuestionDraw.from_json(more.as_json()) == more
    with pytest.raises(StudyConflict, match="20 of 40 are left"):
        draw_more(draw, 21, NOW)
    with pytest.raises(StudyConflict, match="there are 40"):
        records.draw(41)


def test_a_draw_can_be_spread_over_the_cases(records: Records) -> None:
    cases = {question.id: case.id for case, question in records.bank.asked()}
    draw = draw_questions(records.names, 25, seed=5, now=NOW, strata=cases)
    assert sorted(draw.order) == sorted(records.names)
    assert len({cases[name] for name in draw.order[:20]}) == 20
    assert draw.strata == tuple(cases[name] for name in draw.order)
    assert QuestionDraw.from_json(draw.as_json()) == draw
    assert draw_more(draw, 3, NOW).strata == draw.strata
    with pytest.raises(StudyConflict, match="15 questions cannot be spread over 20 cases"):
        draw_questions(records.names, 15, seed=5, now=NOW, strata=cases)


@pytest.mark.slow
def test_the_mean_over_draws_that_are_spread_over_cases_is_that_of_full_marking(records: Records) -> None:
    cases = {question.id: case.id for case, question in records.bank.asked()}
    full = records.fitted(None).fit.log_odds_ratios
    draws = [draw_questions(records.names, 25, seed=seed, now=NOW, strata=cases) for seed in range(30)]
    found = np.array([records.fitted(draw).fit.log_odds_ratios for draw in draws])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - full) < 4 * error + 0.01).all()


def test_questions_marked_before_the_draw_are_no_random_sample(records: Records) -> None:
    with pytest.raises(StudyConflict, match="case-00-1"):
        draw_questions(records.names, 20, seed=1, now=NOW, marked={"case-00-1"})
    draw = draw_questions(records.names, 20, seed=1, now=NOW, marked={"case-00-1"}, set_marked_aside=True)
    assert draw.set_aside == ("case-00-1",)
    study = records.scored(draw)
    assert study.drawn is not None
    assert "case-00-1" not in set(study.drawn.table["question_id"])
    assert PERSON in set(study.table["respondent"].astype(str))


def test_a_settled_draw_is_returned_as_it_is(records: Records) -> None:
    drawn = records.scored(records.draw(20)).drawn
    assert isinstance(drawn, DrawnQuestions)
    assert settled_draw(drawn.table, drawn) == drawn


def judge_marks(records: Records, name: str, wrong: float, seed: int) -> list[Mark]:
    """Marks of a model that says what the automatic marker says, but for a share of answers drawn at random."""
    generator = np.random.default_rng(seed)
    judge = Reviewer(name, "model")
    return [
        replace(mark, reviewer=judge, value=("A" if mark.value == "0" else "0") if flipped else mark.value)
        for mark, flipped in zip(records.predictor, generator.random(len(records.predictor)) < wrong, strict=True)
    ]


def test_a_model_predicts_beside_the_key_marker_and_never_settles_an_answer(records: Records) -> None:
    draw = records.draw(20)
    alone = records.fitted(draw)
    both = records.fitted(draw, of_models=judge_marks(records, "large", 0.1, seed=3))
    assert both.powered is not None
    assert both.as_json()["predictor"] == ["automatic:key", "model:large"]
    assert both.powered.drawn_alone == records.fitted(draw).powered.drawn_alone  # type: ignore[union-attr]
    assert both.fit.terms != alone.fit.terms
    for found in both.as_json()["predictors"]:
        assert list(found["error_ratios"]) == [term.term for term in both.fit.terms]
    without_key = [mark for mark in records.people if mark.reviewer.role != "automatic"]
    of_model = records.fitted(draw, without_key, of_models=judge_marks(records, "large", 0.0, seed=3))
    assert of_model.as_json()["predictor"] == ["model:large"]
    ours, theirs = of_model.as_json(), alone.as_json()
    assert ours["terms"] == theirs["terms"]  # the same marks under another name predict the same


def test_what_each_predictor_adds_is_the_fit_without_it(records: Records) -> None:
    draw, useless = records.draw(20), judge_marks(records, "coin", 0.5, seed=4)
    both = records.fitted(draw, of_models=useless).powered
    assert both is not None
    errors = [term.standard_error for term in records.fitted(draw).fit.terms]
    ratios = list(both.predictors[1].error_ratios.values())
    np.testing.assert_allclose(ratios, [term.standard_error for term in both.fit.terms] / np.array(errors))
    study = records.scored(draw, of_models=useless)
    rows = [found for found in sensitivity(study, planned_fits(study)) if found.what == "predictor"]
    assert {row.choice for row in rows} == {"without automatic:key", "without model:coin", "none"}


def test_a_tie_of_votes_leaves_the_prediction_open(records: Records) -> None:
    judge = judge_marks(records, "torn", 0.0, seed=1)
    against = [replace(mark, value="A" if mark.value == "0" else "0", repeat=1) for mark in judge]
    study = records.scored(records.draw(20), of_models=[*judge, *against])
    assert study.drawn is not None
    has_lines = study.drawn.predicted["automatic:key"].notna() & (study.drawn.predicted["automatic:key"] > 0)
    assert study.drawn.predicted.loc[has_lines, "model:torn"].isna().all()
