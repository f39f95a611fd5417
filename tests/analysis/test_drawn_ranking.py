"""``samp-eval rank`` where a part of the questions is marked: on all questions, by corrected predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from marked_study import PERSON, SKILLS
from test_partly_marked import NOW, Records

from samp_eval.analysis.model.partly_marked import DrawnQuestions, partial_marks
from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.planned import planned_rankings
from samp_eval.analysis.ranking.study_ranking import StudyRanking, rank_respondents
from samp_eval.errors import CannotEstimate
from samp_eval.report.prose.ranking_sentences import drawn_sentence, ranking_notes, settled_sentences
from samp_eval.review.assignment.draw import QuestionDraw, draw_questions
from samp_eval.statistics.drawn.prediction_powered import powered_exceedances
from samp_eval.statistics.not_estimated import NotEstimated


@pytest.fixture(scope="module")
def records(marked: object) -> Records:
    return Records(marked)  # type: ignore[arg-type]  # a fixture of conftest


def of(records: Records, draw: QuestionDraw | None, **choices: object) -> StudyRanking:
    return rank_respondents(records.scored(draw), RankingChoices(**choices))  # type: ignore[arg-type]  # of several types


def test_a_draw_of_everything_is_the_ordinary_ranking(records: Records) -> None:
    everything, ordinary = of(records, records.draw(40)).as_json(), of(records, None).as_json()
    assert everything == ordinary
    assert ordinary["estimator"] == "complete"


def test_marks_outside_the_draw_change_nothing(records: Records) -> None:
    draw = records.draw(20)
    outside = [
        replace(mark, value="0") if mark.field == "key" and mark.question_id not in draw.drawn else mark
        for mark in records.people
    ]
    assert outside != records.people
    found, other = (
        rank_respondents(records.scored(draw, [*marks, *records.predictor]), RankingChoices()).as_json()
        for marks in (records.people, outside)
    )
    assert found == other
    assert (found["estimator"], found["predictor"]) == ("prediction-powered", ["automatic:key"])
    assert (found["n_questions"], found["n_questions_drawn"]) == (40, 20)
    assert (found["fragility"], found["nash"]["topics"]) == (None, [])


def test_the_drawn_questions_alone_stand_beside_it(records: Records) -> None:
    draw = records.draw(20)
    ranking, alone = of(records, draw), of(records, draw, drawn_only=True)
    beside = {one["respondent"]: one for one in ranking.as_json()["drawn_alone"]}
    assert set(beside) == {*SKILLS, PERSON}
    for ranked in alone.respondents:
        assert beside[ranked.respondent]["mean_preference"] == pytest.approx(ranked.mean_preference)
        assert beside[ranked.respondent]["ci_low"] == pytest.approx(ranked.ci_low)
    assert (alone.n_questions, alone.as_json()["estimator"]) == (20, "drawn-alone")
    said = drawn_sentence(ranking)
    assert "20 of 40 questions" in said
    assert "by automatic:key" in said
    assert drawn_sentence(alone) == ""
    assert not any("would be first" in sentence for sentence in settled_sentences(ranking))
    assert all(isinstance(note, str) for note in ranking_notes(ranking))


@pytest.mark.slow
def test_draws_are_nearer_to_all_marks_than_the_drawn_questions_alone(records: Records) -> None:
    full = {ranked.respondent: ranked.mean_preference for ranked in of(records, None).respondents}
    errors: dict[bool, list[float]] = {False: [], True: []}
    for seed in range(12):
        for drawn_only, found in errors.items():
            ranking = of(records, records.draw(20, seed), drawn_only=drawn_only, draws=200)
            found += [ranked.mean_preference - full[ranked.respondent] for ranked in ranking.respondents]
    assert np.std(errors[False]) < np.std(errors[True])


def by_hand(drawn: DrawnQuestions, first: str, second: str, everyone: Sequence[str]) -> float:
    """Preference by loops over responses: prediction, and for a drawn question its correction, averaged."""
    rows = drawn.rows("key")
    alike = rows.groupby(["question_id", "condition"], observed=True)["respondent"].transform("nunique")
    rows = rows[alike == len(everyone)]
    marks, _, _ = partial_marks(rows, drawn)
    powered = powered_exceedances(marks)
    chances = dict(zip(rows.index, -np.diff(powered.calibrated, axis=1, prepend=1.0, append=0.0), strict=True))
    position = dict(zip(rows["question_id"], marks.question.tolist(), strict=True))
    of_questions = []
    for name, of_question in rows.groupby("question_id"):
        said, marked = [], []
        for _, part in of_question.groupby("condition", observed=True):
            ours, theirs = (part[part["respondent"] == one] for one in (first, second))
            pairs = [(a, b) for a in ours.index for b in theirs.index]
            said.append(
                np.mean(
                    [
                        sum(p * (chances[b][:k].sum() + chances[b][k] / 2) for k, p in enumerate(chances[a]))
                        for a, b in pairs
                    ]
                )
            )
            scores = part["score_percent"]
            marked.append(
                np.mean([(scores[a] > scores[b] + 1e-6) + (abs(scores[a] - scores[b]) < 1e-6) / 2 for a, b in pairs])
            )
        place = position[name]
        correction = powered.weight[place] * (np.mean(marked) - np.mean(said)) if place < drawn.n_drawn else 0.0
        of_questions.append(np.mean(said) + correction)
    return float(np.mean(of_questions))


@pytest.mark.parametrize("over_cases", [False, True])
def test_preferences_are_those_counted_by_hand(records: Records, over_cases: bool) -> None:
    cases = {name: name.rpartition("-")[0] for name in records.names}
    draw = draw_questions(records.names, 24, seed=3, now=NOW, strata=cases if over_cases else None)
    study = records.scored(draw)
    assert study.drawn is not None
    assert bool(study.drawn.strata) == over_cases
    ranking = rank_respondents(study, RankingChoices())
    names = [ranked.respondent for ranked in ranking.respondents]
    for i, j in combinations(range(3), 2):
        expected = by_hand(study.drawn, names[i], names[j], names)
        assert ranking.preferences[i][j] == pytest.approx(expected, abs=1e-10)
        assert ranking.preferences[j][i] == pytest.approx(1 - expected, abs=1e-10)


def test_a_draw_without_a_predictor_is_ranked(records: Records) -> None:
    study = records.scored(records.draw(20), records.people)
    ranking = rank_respondents(study, RankingChoices())
    assert ranking.as_json()["predictor"] == []
    assert "from the drawn questions alone" in drawn_sentence(ranking)
    assert ranking.respondents[0].standard_error > 0


def test_open_marks_at_the_end_of_the_draw_count_as_not_drawn(records: Records) -> None:
    draw = records.draw(20)
    late = draw.order[18:20]
    people = [mark for mark in records.people if mark.question_id not in late]
    ranking = rank_respondents(records.scored(draw, [*people, *records.predictor]), RankingChoices())
    assert ranking.as_json()["n_questions_drawn"] == 18
    assert "2 questions at the end of the draw with open marks" in drawn_sentence(ranking).replace("\xa0", " ")
    early = [mark for mark in records.people if mark.question_id != draw.order[3]]
    with pytest.raises(CannotEstimate, match="Marks are open"):
        rank_respondents(records.scored(draw, [*early, *records.predictor]), RankingChoices())


def test_what_does_not_go_with_a_draw_is_refused(records: Records) -> None:
    with pytest.raises(CannotEstimate, match="at least 15"):
        of(records, records.draw(14))
    assert of(records, records.draw(14), drawn_only=True).n_questions == 14
    with pytest.raises(CannotEstimate, match="cluster case"):
        of(records, records.draw(20), cluster="case")
    with pytest.raises(CannotEstimate, match="needs two respondents"):
        of(records, records.draw(20), without=tuple(SKILLS))


def test_the_report_ranks_on_all_questions_and_the_export_on_the_drawn_ones(records: Records) -> None:
    study = records.scored(records.draw(20))
    of_report, of_export = planned_rankings(study)["key"], planned_rankings(study, drawn_only=True)["key"]
    assert not isinstance(of_report, NotEstimated)
    assert not isinstance(of_export, NotEstimated)
    assert (of_report.n_questions, of_export.n_questions) == (40, 20)
