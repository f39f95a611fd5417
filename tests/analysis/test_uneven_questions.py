"""Comparisons whose sides have other questions, or the same ones more or less often."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from samp_eval.analysis.model.effects import every_pair
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.model.uneven_questions import shift_by_questions
from samp_eval.analysis.tables.long_table import COLUMNS
from samp_eval.errors import CannotEstimate
from samp_eval.statistics import fit_ordinal_gee
from samp_eval.study import AnalysisPlan, Condition

QUESTIONS = 40


def asked(
    names: tuple[str, ...] = ("a", "b"), rounds: int = 4, seed: int = 3, labels: tuple[str, ...] = ("bare",)
) -> pd.DataFrame:
    """The long table of respondents alike, on questions from hard to easy, four to a case."""
    generator = np.random.default_rng(seed)
    rows = []
    for question in range(QUESTIONS):
        for name in names:
            for number in range(1, rounds + 1):
                correct = float(generator.binomial(2, (question + 1) / (QUESTIONS + 1)))
                how = Condition.from_label(labels[(number - 1) % len(labels)])
                where = (f"q{question:02}", f"c{question // 4}", name, number, how.label)
                rows.append((*where, how.prompted, how.regenerated, how.later, "key", 2, correct, 50 * correct))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def fitted(table: pd.DataFrame, names: tuple[str, ...] = ("a", "b"), **plan: str) -> StudyFit:
    return fit_study(table, basis="key", respondents=names, plan=AnalysisPlan.model_validate(plan), engine="vectorised")


def number(table: pd.DataFrame) -> pd.Series:
    return table["question_id"].str[1:].astype(int)


def test_respondents_without_a_common_question_are_left_out_with_the_reason() -> None:
    table = asked(("a", "b", "c"))
    first = number(table) < QUESTIONS / 2
    apart = table[~((table["respondent"] == "a") & ~first) & ~((table["respondent"] == "b") & first)]
    found = fitted(apart, ("a", "b", "c"))
    assert [term.column for term in found.terms] == ["c"]
    assert any("left out: b: a and b have no question in common" in words for words in found.warnings)
    pairs = every_pair(apart, found)
    assert [(pair.result.term, pair.result.reference) for pair in pairs.contrasts] == [("c", "a"), ("c", "b")]
    assert [words.partition(":")[0] for words in pairs.left_out] == ["b v a"]
    with pytest.raises(CannotEstimate, match="a and b have no question in common"):
        fitted(apart[apart["respondent"] != "c"])


@pytest.mark.parametrize("of_case", [False, True])
def test_a_condition_that_goes_with_the_question_or_the_case_has_no_odds_ratio(of_case: bool) -> None:
    table = asked()
    under = (number(table) // 4 if of_case else number(table)) % 2 == 1
    table = table.assign(prompted=under, condition=np.where(under, "prompted", "bare"))
    found = fitted(table, cluster="case")
    assert [term.column for term in found.terms] == ["b"]
    assert "left out: prompted: no question was asked with and without it" in found.warnings
    design = pd.DataFrame({"b": table["respondent"] == "b", "prompted": under}).astype(float)
    expected = fit_ordinal_gee(table["score_percent"], design, table["case_id"], engine="vectorised").terms[0]
    assert (found.terms[0].odds_ratio, found.terms[0].ci_low) == (expected.odds_ratio, expected.ci_low)


def test_a_condition_of_other_questions_is_told_apart_from_them_by_nothing() -> None:
    table = asked()
    under = number(table) % 2 == 1
    table = table.assign(prompted=under, condition=np.where(under, "prompted", "bare"))
    found = fitted(table, questions="all")
    assert [term.column for term in found.terms] == ["b", "prompted"]
    said = "prompted and bare have responses to different questions (0 of 40 in common): their odds ratio mixes"
    assert [words for words in found.warnings if words.startswith(said)]
    apart = table[(table["respondent"] == "a") == under]
    (said,) = [words for words in fitted(apart, questions="all").warnings if "questions" in words]
    assert said.startswith("the respondents answered different questions (a 20, b 20)")


def test_a_model_against_itself_on_harder_questions_more_often_is_told() -> None:
    """Four of its rounds fail on the easier half: without a word, it would be worse than itself."""
    once = asked(("a",), 5)
    again = once.assign(respondent="b")
    failed = again[(again["round"] == 1) | (number(again) < QUESTIONS / 2)]
    found = fitted(pd.concat([once, failed], ignore_index=True))
    assert found.terms[0].ci_high < 1
    (said,) = [words for words in found.warnings if "harder" in words]
    of_a, of_b = (rows.groupby("question_id")["score_percent"].mean().to_numpy() for rows in (once, failed))
    expected = np.average((of_a + of_b) / 2, weights=[5.0] * 20 + [1.0] * 20), ((of_a + of_b) / 2).mean()
    of_questions = [rows.groupby("question_id")["score_percent"] for rows in (failed, once)]
    counts, totals = (np.array([getattr(found, what)() for found in of_questions]) for what in ("count", "sum"))
    assert shift_by_questions(counts, totals) == pytest.approx(expected)
    assert said.startswith("b has more responses to the harder questions than a: by its responses the questions have")
    assert f"{expected[0]:.1f}, by those of a one of {expected[1]:.1f}" in said
    assert expected[0] < expected[1]


def test_rounds_that_failed_anywhere_are_no_harder_questions() -> None:
    table = asked()
    kept = table[~((table["respondent"] == "b") & (table["round"] == 3) & (number(table) % 10 == 0))]
    assert not any("questions" in words for words in fitted(kept).warnings)


def test_respondents_with_rounds_of_their_own_are_told_apart_from_rounds_by_nothing() -> None:
    table = asked()
    own = table[(table["respondent"] == "a") == (table["round"] <= 2)]
    said = "b has scores in rounds 3 and 4 only and a in rounds 1 and 2: their odds ratio cannot tell the respondents"
    assert any(words.startswith(said) for words in fitted(own).warnings)
    assert not any("rounds" in words for words in fitted(table).warnings)
