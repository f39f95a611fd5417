"""The study's model on the long table: what is left out is named, what cannot be had is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from samp_eval.analysis.model.design import cluster_codes
from samp_eval.analysis.model.effects import study_effects
from samp_eval.analysis.model.study_fit import fit_study
from samp_eval.errors import CannotEstimate, NoVariation
from samp_eval.study import AnalysisPlan


def table(n_questions: int = 30) -> pd.DataFrame:
    generator = np.random.default_rng(7)
    rows = []
    for question in range(n_questions):
        for respondent, skill in (("old", 0.5), ("new", 0.75)):
            for number in (1, 2):
                correct = generator.binomial(2, skill)
                rows.append((f"q{question:02d}", f"c{question // 4}", respondent, number, number == 1, correct))
    frame = pd.DataFrame(rows, columns=["question_id", "case_id", "respondent", "round", "prompted", "correct"])
    return frame.assign(
        condition="", regenerated=False, later=False, basis="key", requested=2, score_percent=frame["correct"] * 50.0
    )


def test_terms_are_compared_with_the_first_respondent_and_with_bare_rounds() -> None:
    found = fit_study(table(), basis="key", respondents=["old", "new"])
    assert [(term.term, term.reference) for term in found.fit.terms] == [("new", "old"), ("prompted", "bare")]
    assert found.fit.terms[0].odds_ratio > 1
    turned = fit_study(table(), basis="key", respondents=["new", "old"])
    assert turned.fit.terms[0].odds_ratio == pytest.approx(1 / found.fit.terms[0].odds_ratio, rel=1e-6)


def test_open_responses_are_left_out_and_their_questions_named() -> None:
    rows = table()
    rows.loc[rows["question_id"].isin(["q03", "q07"]), "score_percent"] = np.nan
    found = fit_study(rows, basis="key", respondents=["old", "new"])
    assert found.fit.n_observations == len(rows) - 8
    (warning,) = [one for one in found.warnings if "left out" in one]
    assert warning.startswith("8 of 120 responses")
    assert warning.endswith("on q03, q07")


def test_nothing_scored_and_nothing_to_compare_are_refused_with_the_remedy() -> None:
    with pytest.raises(CannotEstimate, match=r"nothing is marked on the judgement basis yet.*the key basis"):
        fit_study(table(), basis="judgement", respondents=["old", "new"])
    with pytest.raises(CannotEstimate, match=r"nothing is marked yet.*samp-eval mark --marker key"):
        fit_study(table().iloc[:0], basis="key", respondents=["old", "new"])
    with pytest.raises(CannotEstimate, match="120 are open"):
        fit_study(table().assign(score_percent=np.nan), basis="key", respondents=["old", "new"])
    one = table().query("respondent == 'old' and round == 1")
    with pytest.raises(CannotEstimate, match="nothing to compare"):
        fit_study(one, basis="key", respondents=["old", "new"])


def test_a_respondent_with_the_name_of_a_condition_is_refused() -> None:
    rows = table().replace({"respondent": {"new": "prompted"}})
    with pytest.raises(CannotEstimate, match="another name"):
        fit_study(rows, basis="key", respondents=["old", "prompted"])


def test_the_json_has_the_documented_fields() -> None:
    found = fit_study(table(), basis="key", respondents=["old", "new"], plan=AnalysisPlan(cluster="case")).as_json()
    fields = ["basis", "cluster", "association", "covariance", "n_observations", "n_clusters", "levels", "converged"]
    own = ["common_questions", "n_questions_by_respondent", "warnings", "terms"]
    assert list(found) == [*fields, *own, "estimator", "predictor", "n_questions_drawn"]
    assert found["n_questions_by_respondent"] == {"old": 30, "new": 30}
    (term, _) = found["terms"]
    assert (term["n_questions"], term["n_observations"], term["n_clusters"]) == (30, found["n_observations"], 8)
    assert found["n_clusters"] == 8
    assert found["levels"] == [0.0, 50.0, 100.0]


def with_a_trial(questions: int, *, score: float | None = None) -> pd.DataFrame:
    """The table, and a third respondent that was asked the first few questions only."""
    trial = table().query("respondent == 'old'").iloc[: 2 * questions].assign(respondent="local")
    return pd.concat([table(), trial if score is None else trial.assign(score_percent=score)], ignore_index=True)


@pytest.mark.parametrize("score", [None, 0.0, np.nan])
def test_a_respondent_that_was_only_tried_is_left_out_and_changes_nothing(score: float | None) -> None:
    everyone, without = ["old", "new", "local"], fit_study(table(), basis="key", respondents=["old", "new"])
    found = fit_study(with_a_trial(4, score=score), basis="key", respondents=everyone)
    assert found.fit.terms == without.fit.terms
    assert found.respondents == without.respondents == ("old", "new")
    words = "left out: local has scored responses in 4 questions only, too few for an odds ratio"
    unscored = ["no scored response of local; not in the model"]
    assert [one for one in found.warnings if "local" in one] == ([words] if score is None or score == 0 else unscored)


def test_the_effects_of_a_fit_are_those_of_its_respondents() -> None:
    everyone, rows = ["old", "new", "local"], with_a_trial(1)
    found = fit_study(rows, basis="key", respondents=everyone)
    without = fit_study(table(), basis="key", respondents=["old", "new"])
    assert any(one.startswith("left out: local has scored responses in 1 question only") for one in found.warnings)
    assert study_effects(rows, found) == study_effects(table(), without)


def test_too_few_is_counted_in_the_clusters_that_were_chosen() -> None:
    rows = with_a_trial(6)
    everyone = ["old", "new", "local"]
    assert fit_study(rows, basis="key", respondents=everyone).respondents == ("old", "new", "local")
    by_case = fit_study(rows, basis="key", respondents=everyone, plan=AnalysisPlan(cluster="case"))
    assert by_case.respondents == ("old", "new")
    assert any("local has scored responses in 2 cases only" in one for one in by_case.warnings)


def test_a_reference_with_few_responses_is_refused_with_the_remedy() -> None:
    with pytest.raises(CannotEstimate, match=r"local has scored responses in 2 questions only.*--reference"):
        fit_study(with_a_trial(2), basis="key", respondents=["local", "old", "new"])


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (100.0, "left out: local has the highest score in every response: its odds ratio is infinite"),
        (0.0, "left out: local has the lowest score in every response: its odds ratio is zero"),
    ],
)
def test_a_respondent_at_an_end_of_the_scale_is_left_out_and_changes_nothing(score: float, words: str) -> None:
    rows, without = with_a_trial(20, score=score), fit_study(table(), basis="key", respondents=["old", "new"])
    found = fit_study(rows, basis="key", respondents=["old", "new", "local"])
    assert found.fit.terms == without.fit.terms
    assert found.respondents == ("old", "new")
    assert [one for one in found.warnings if "local" in one] == [words]
    assert study_effects(rows, found).predictions == study_effects(table(), without).predictions
    with pytest.raises(CannotEstimate, match=r"local has the (highest|lowest) score in every response.*--reference"):
        fit_study(rows, basis="key", respondents=["local", "old", "new"])
    with pytest.raises(CannotEstimate, match="An odds ratio would be infinite"):
        fit_study(rows[rows["respondent"] != "new"], basis="key", respondents=["old", "local"])


def test_who_is_at_an_end_once_another_is_left_out_is_left_out_too() -> None:
    """The middle one is above all others but the best: beside the best its odds ratio is as infinite."""
    rows = with_a_trial(20, score=1000.0)
    middle = rows[rows["respondent"] == "local"].assign(respondent="middle", score_percent=500.0)
    everyone = ["old", "new", "local", "middle"]
    found = fit_study(pd.concat([rows, middle], ignore_index=True), basis="key", respondents=everyone)
    assert found.fit.terms == fit_study(table(), basis="key", respondents=["old", "new"]).fit.terms
    assert [one for one in found.warnings if one.startswith("left out: ")] == [
        "left out: local has the highest score in every response: its odds ratio is infinite",
        "left out: middle has the highest score in every response with local left out: its odds ratio is infinite",
    ]


def test_beside_one_that_is_nearly_always_right_the_others_are_as_without() -> None:
    rows = with_a_trial(20, score=100.0)
    nearly = rows["score_percent"].where(rows.index != rows.index[-1], sorted(rows["score_percent"].unique())[-2])
    beside = fit_study(rows.assign(score_percent=nearly), basis="key", respondents=["old", "new", "local"])
    without = fit_study(table(), basis="key", respondents=["old", "new"])
    assert beside.fit.terms[0].odds_ratio == pytest.approx(without.fit.terms[0].odds_ratio, rel=0.02)
    assert beside.fit.terms[0].standard_error == pytest.approx(without.fit.terms[0].standard_error, rel=0.02)


def test_clusters_are_numbered_by_hand() -> None:
    rows = [("q1", "c1", "old"), ("q2", "c1", "old"), ("q1", "c1", "new"), ("q1", "c1", "old"), ("q3", "c2", "new")]
    frame = pd.DataFrame(rows, columns=["question_id", "case_id", "respondent"])
    assert cluster_codes(frame, "question").tolist() == [0, 1, 0, 0, 2]
    assert cluster_codes(frame, "case").tolist() == [0, 0, 0, 0, 1]
    assert cluster_codes(frame, "question-respondent").tolist() == [0, 1, 2, 0, 3]
    with pytest.raises(CannotEstimate, match="1 of 5 rows belong to no cluster"):
        cluster_codes(frame.assign(case_id=pd.Series(["c1", None, "c1", "c1", "c2"])), "case")


def repeated(frame: pd.DataFrame) -> pd.DataFrame:
    """Every response again as a regenerated one, word for word: a model at temperature 0."""
    return pd.concat([frame, frame.assign(round=frame["round"] + 2, regenerated=True)], ignore_index=True)


def test_a_condition_that_never_changes_a_score_is_left_out_and_said() -> None:
    alone = fit_study(table(), basis="key", respondents=["old", "new"])
    both = fit_study(repeated(table()), basis="key", respondents=["old", "new"])
    assert [term.term for term in both.fit.terms] == ["new", "prompted"]
    assert both.fit.terms[0].odds_ratio == pytest.approx(alone.fit.terms[0].odds_ratio)
    assert both.fit.terms[0].standard_error == pytest.approx(alone.fit.terms[0].standard_error)
    assert any("left out: regenerated, because in every cluster the scores are the same" in w for w in both.warnings)
    effects = study_effects(repeated(table()), both)
    assert [one.group for one in effects.conditions] == ["prompted"]


def test_a_respondent_that_equals_the_reference_takes_nothing_from_the_others() -> None:
    old = table()[lambda frame: frame["respondent"] == "old"]
    frame = pd.concat([table(), old.assign(respondent="twin")], ignore_index=True)
    found = fit_study(frame, basis="key", respondents=["old", "twin", "new"])
    assert [term.term for term in found.fit.terms] == ["new", "prompted"]
    assert any("left out: twin" in one for one in found.warnings)
    twin = next(one for one in study_effects(frame, found).differences if one.group == "twin")
    assert twin.difference == 0.0


def test_where_nothing_varies_there_is_nothing_to_fit() -> None:
    only = repeated(table().query("respondent == 'old' and prompted"))
    with pytest.raises(NoVariation, match="'regenerated' cannot be computed: every cluster shows the same"):
        fit_study(only, basis="key", respondents=["old"])
