"""A round that holds pictures back is a control: it belongs to no respondent's mean; the model has a term for it."""

from __future__ import annotations

import json
from dataclasses import astuple
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from export_samples import scores_of, simulated
from pictured_study import asked_study

from samp_eval.analysis.description import lines_correct
from samp_eval.analysis.model.study_fit import fit_study
from samp_eval.analysis.power.planning import pilot_shape
from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.analysis.ranking.scored_comparisons import scored_comparisons
from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.analysis.standard.passing import passing
from samp_eval.analysis.tables.long_table import columns_of, counts_in_means, rows_of_means
from samp_eval.cli.main import main
from samp_eval.statistics import fit_ordinal_gee
from samp_eval.study import Condition


def table(*rows: tuple[str, int, bool, float]) -> pd.DataFrame:
    """Rows of (question, round, pictures, score percent) of one respondent on the key basis."""
    frame = pd.DataFrame(rows, columns=["question_id", "round", "pictures", "score_percent"])
    return frame.assign(
        respondent="m",
        basis="key",
        requested=1,
        correct=frame["score_percent"] / 100,
        condition=["prompted" if shown else "prompted-nopictures" for shown in frame["pictures"]],
    )


def test_lines_correct_over_all_rounds_leave_the_control_out_and_show_it_by_itself() -> None:
    asked = table(("a", 1, True, 100), ("b", 1, True, 100), ("a", 2, True, 100), ("b", 2, True, 0), ("a", 3, False, 0))
    found = {
        (row.round, row.condition): (row.correct, row.requested) for row in lines_correct(asked, respondents=["m"])
    }
    assert found == {
        (1, "prompted"): (2, 2),
        (2, "prompted"): (1, 2),
        (3, "prompted-nopictures"): (0, 1),
        (None, ""): (3, 4),
    }


def test_where_nothing_but_the_control_was_asked_its_rows_count() -> None:
    asked = table(("a", 1, False, 0), ("b", 1, False, 100))
    assert len(rows_of_means(asked)) == 2
    assert len(rows_of_means(asked.drop(columns="pictures"))) == 2


def test_compare_leaves_the_control_out_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: the second model is right on two of six responses with pictures; the control's are two more, wrong."""
    study = asked_study(tmp_path)
    capsys.readouterr()
    assert main(["compare", "--study", str(study), "--basis", "key", "--json"]) == 0
    printed = capsys.readouterr()
    scores = {score["respondent"]: score for score in json.loads(printed.out)["scores"]}
    assert {name: score["responses"] for name, score in scores.items()} == {"model-1": 6, "model-2": 6}
    assert scores["model-1"]["mean_failures_missing"] == 100
    assert scores["model-2"]["mean_failures_missing"] == pytest.approx(100 * 2 / 6)
    assert "Rounds without pictures are a control" in printed.err


@pytest.fixture(scope="module")
def with_control() -> pd.DataFrame:
    """Two models in the default protocol, and a control in which the better one is always wrong."""
    shown = simulated({"plain": 0.0, "better": 0.6}, (1, 2)).assign(pictures=True)
    held_back = (
        shown[shown["round"] == 1]
        .iloc[::3]
        .assign(round=6, condition="prompted-nopictures", pictures=False, correct=0.0, score_percent=0.0)
    )
    held_back.loc[held_back["respondent"] == "plain", ["correct", "score_percent"]] = [1.0, 100.0]
    return pd.concat([shown, held_back], ignore_index=True)


def test_ranks_are_those_without_the_control(with_control: pd.DataFrame) -> None:
    names, choices = ("plain", "better"), RankingChoices(basis="key")
    alone = with_control[with_control["pictures"]]
    found, expected = (scored_comparisons(table, names, choices) for table in (with_control, alone))
    assert found.questions_by_respondent == expected.questions_by_respondent
    for one, other in zip(astuple(found.comparisons), astuple(expected.comparisons), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pass_mark_is_held_against_scores_without_the_control(with_control: pd.DataFrame) -> None:
    mark = PassMark(method=None, cut=60.0, standard_error=0.0)
    found = passing(scores_of(with_control), "key", mark)
    assert found == passing(scores_of(with_control[with_control["pictures"]]), "key", mark)
    everything = with_control.loc[with_control["respondent"] == "better", "score_percent"].mean()
    assert found["better"].mean > everything + 3  # type: ignore[union-attr]  # estimated here


def test_a_pilot_has_the_rounds_and_scores_without_its_control(with_control: pd.DataFrame) -> None:
    names = ("plain", "better")
    alone = with_control[with_control["pictures"]]
    found, expected = (pilot_shape(table, basis="key", respondents=names) for table in (with_control, alone))
    assert found.n_rounds == 5
    assert found == expected


def test_the_card_of_a_question_and_its_wordings_leave_the_control_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By hand: only without the picture does the second model answer ``seen-2`` with Measles."""
    study = asked_study(tmp_path)
    capsys.readouterr()
    assert main(["items", "report", "--study", str(study), "--basis", "key", "--json"]) == 0
    cards = {card["question_id"]: card for card in json.loads(capsys.readouterr().out)["items"]}
    card = cards["seen-2"]
    assert card["difficulty"] == {"model-1": 100, "model-2": 100}
    assert set(card["by_round"]["model-2"]) == {"1", "2"}
    assert (card["responses"], card["at_top"], card["silent_rounds"], card["rounds"]) == (4, 4, 2, 2)
    assert card["key_candidates"] == []
    assert [one["text"] for one in cards["told-1"]["key_candidates"]] == ["Measles"]


def test_responses_of_a_control_count_in_means_only_where_there_are_no_others() -> None:
    shown = SimpleNamespace(ask=SimpleNamespace(condition=Condition()))
    held_back = SimpleNamespace(ask=SimpleNamespace(condition=Condition(pictures=False)))
    assert counts_in_means([shown, held_back, shown]) == [True, False, True]  # type: ignore[list-item]  # only the condition is read
    assert counts_in_means([held_back, held_back]) == [True, True]  # type: ignore[list-item]  # only the condition is read


def test_the_odds_ratio_of_pictures_rests_on_the_questions_that_were_asked_both_ways() -> None:
    """The respondents' rests on all responses, with a term for the pictures; both are those of a fit by itself."""
    generator = np.random.default_rng(5)
    shown, held_back = Condition(), Condition(pictures=False)
    rows = []
    for question, (name, gain), (number, how) in product(
        range(40), (("a", 0.0), ("b", 0.15)), enumerate((shown, shown, held_back), start=1)
    ):
        if how.pictures or question < 16:
            right = min((question + 1) / 42 + gain - 0.2 * (not how.pictures and question < 16), 0.95)
            score = 50.0 * generator.binomial(2, max(right, 0.02))
            where = (f"q{question:02}", f"c{question // 4}", name, number, how.label)
            rows.append((*where, how.prompted, how.regenerated, how.later, how.pictures, "key", 2, score / 50, score))
    asked = pd.DataFrame(rows, columns=columns_of((shown, held_back)))
    found = fit_study(asked, basis="key", respondents=("a", "b"), engine="vectorised")
    both_ways = asked[asked["question_id"] < "q16"]
    for term, own in zip(found.terms, (asked, both_ways), strict=True):
        design = pd.DataFrame({"b": own["respondent"] == "b", "pictures": own["pictures"]}).astype(float)
        fit = fit_ordinal_gee(own["score_percent"], design, own["question_id"], engine="vectorised")
        expected = next(one for one in fit.terms if one.term == term.column)
        assert (term.odds_ratio, term.standard_error) == (expected.odds_ratio, expected.standard_error)
        assert (term.n_questions, term.n_observations) == (own["question_id"].nunique(), len(own))
    assert [term.term for term in found.terms] == ["b", "pictures"]
