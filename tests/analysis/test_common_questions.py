"""Each comparison uses the questions that both of its sides answered, and says how many; by independent code."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from export_samples import export_of
from scipy import stats

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.study_comparison import compare_respondents
from samp_eval.analysis.model.effects import every_pair, study_effects
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.scored_study import Scores
from samp_eval.analysis.tables.long_table import COLUMNS
from samp_eval.cli.main import main
from samp_eval.errors import CannotEstimate
from samp_eval.report.export.export_folder import write_export
from samp_eval.statistics import fit_ordinal_gee
from samp_eval.statistics.mean_scores import MeanDifference
from samp_eval.study import AnalysisPlan, Study

ROUNDS = ((1, True, False, False), (2, False, False, False), (3, False, False, True))
"""Round, prompted, regenerated, later."""

NAMES = ("whole", "second", "few")


def scores(seed: int = 4, questions: int = 40) -> pd.DataFrame:
    """Two respondents of all questions, and one of the hardest 15: the same model as the first, asked again."""
    generator = np.random.default_rng(seed)
    difficulty = np.sort(generator.normal(0, 1.5, questions))[::-1]
    rows = []
    for name, ability, count in (("whole", 1.0, questions), ("second", 1.6, questions), ("few", 1.0, 15)):
        for question in range(count):
            chance = 1 / (1 + np.exp(difficulty[question] - ability))
            for number, prompted, regenerated, later in ROUNDS:
                correct = float(generator.binomial(2, chance))
                condition = (number, "prompted" if prompted else "bare", prompted, regenerated, later)
                where = (f"q{question:02}", f"c{question // 4}", name, *condition)
                rows.append((*where, "key", 2, correct, 50 * correct))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def fitted(table: pd.DataFrame, names: tuple[str, ...] = NAMES, **plan: Any) -> StudyFit:
    return fit_study(table, basis="key", respondents=names, plan=AnalysisPlan(**plan), engine="vectorised")


def by_hand(table: pd.DataFrame, name: str, reference: str = "whole") -> Any:
    """Both respondents on their common questions, fitted without any of the study's code."""
    common = set.intersection(*(set(table.loc[table["respondent"] == one, "question_id"]) for one in (name, reference)))
    rows = table[table["question_id"].isin(common) & table["respondent"].isin([name, reference])]
    design = pd.DataFrame({name: rows["respondent"] == name, "prompted": rows["prompted"], "later": rows["later"]})
    return fit_ordinal_gee(rows["score_percent"], design.astype(float), rows["question_id"], engine="vectorised")


def test_a_model_against_itself_on_harder_questions_is_no_worse() -> None:
    table = scores()
    few = next(term for term in fitted(table).terms if term.column == "few")
    expected = by_hand(table, "few").terms[0]
    assert (few.log_odds_ratio, few.standard_error) == (expected.log_odds_ratio, expected.standard_error)
    assert (few.n_questions, few.n_observations, few.n_clusters) == (15, 90, 15)
    assert few.ci_low < 1 < few.ci_high
    mixed = next(term for term in fitted(table, questions="all").terms if term.column == "few")
    assert mixed.odds_ratio < 0.5
    assert mixed.p_value < 0.01


def test_one_that_answered_few_changes_nothing_for_the_others() -> None:
    table = scores()
    with_it, without = fitted(table), fitted(table[table["respondent"] != "few"], ("whole", "second"))
    of_others = [term for term in with_it.terms if term.column != "few"]
    assert of_others == list(without.terms)
    assert {term.n_questions for term in of_others} == {40}
    assert with_it.n_observations == 2 * 40 * 3 + 15 * 3
    effects, alone = study_effects(table, with_it), study_effects(table[table["respondent"] != "few"], without)
    assert effects.predictions[:2] == alone.predictions
    assert effects.conditions == alone.conditions


def test_a_failed_round_does_not_take_its_question_out() -> None:
    table = scores()
    of_both = table[table["respondent"] != "few"]
    failed = of_both[
        ~((of_both["respondent"] == "second") & (of_both["round"] == 3) & (of_both["question_id"] < "q03"))
    ]
    found = fitted(failed, ("whole", "second"))
    assert {term.n_questions for term in found.terms} == {40}
    assert {term.n_observations for term in found.terms} == {240 - 3}
    assert not any("questions" in warning for warning in found.warnings)


def test_a_condition_is_compared_on_the_questions_asked_with_and_without_it() -> None:
    table = scores().query("respondent != 'few'")
    table = table[~(table["later"] & (table["question_id"] >= "q20"))]
    found = fitted(table, ("whole", "second"))
    later = next(term for term in found.terms if term.column == "later")
    assert later.n_questions == 20
    rows = table[table["question_id"] < "q20"]
    design = pd.DataFrame(
        {"second": rows["respondent"] == "second", "prompted": rows["prompted"], "later": rows["later"]}
    )
    expected = fit_ordinal_gee(rows["score_percent"], design.astype(float), rows["question_id"], engine="vectorised")
    assert later.log_odds_ratio == expected.terms[-1].log_odds_ratio
    assert next(term for term in found.terms if term.column == "second").n_questions == 40


def test_the_reader_is_told_who_is_compared_on_what() -> None:
    found = fitted(scores())
    said = "few has scores on 15 questions and whole on 40; their comparison uses the 15 that both answered"
    assert said in found.warnings
    as_json = found.as_json()
    assert as_json["n_questions_by_respondent"] == {"whole": 40, "second": 40, "few": 15}
    assert as_json["common_questions"] is True
    assert [term["n_questions"] for term in as_json["terms"]] == [40, 15, 40, 40]
    every = fitted(scores(), questions="all")
    assert every.as_json()["common_questions"] is False
    assert any("they mix how hard the questions are with who answered them" in one for one in every.warnings)


def test_two_with_too_few_questions_in_common_are_not_compared() -> None:
    table = scores()
    apart = table[(table["respondent"] != "whole") | (table["question_id"] >= "q12")]
    found = fitted(apart)
    assert [term.column for term in found.terms] == ["second", "prompted", "later"]
    assert any(warning.startswith("left out: few: There are only 3 clusters") for warning in found.warnings)


def test_the_same_answers_on_common_questions_are_no_difference() -> None:
    table = scores().query("respondent == 'whole'")
    few = table[table["question_id"] < "q15"].assign(respondent="few")
    both = pd.concat([table, few], ignore_index=True).assign(prompted=False, later=False)
    with pytest.raises(
        CannotEstimate, match="few and whole have the same scores in every cluster, over the 15 questions"
    ):
        fitted(both, ("whole", "few"))


def test_every_pair_is_compared_on_its_own_questions() -> None:
    table = scores()
    contrasts = {(one.result.term, one.result.reference): one for one in study_effects(table, fitted(table)).contrasts}
    assert {pair: one.n_questions for pair, one in contrasts.items()} == {
        ("second", "whole"): 40,
        ("few", "whole"): 15,
        ("few", "second"): 15,
    }
    expected = by_hand(table, "few", "second").terms[0]
    assert contrasts["few", "second"].result.log_odds_ratio == expected.log_odds_ratio


def test_pairs_are_corrected_for_their_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Holm by hand over three pairs, and Bonferroni intervals with the t distribution of the pair's own fit."""
    table = scores()
    expected = by_hand(table, "few", "second")
    pairs = {(one.result.term, one.result.reference): one for one in every_pair(table, fitted(table)).contrasts}
    few = pairs["few", "second"]
    reach = stats.t.ppf(1 - 0.05 / 6, 15 - 3) * expected.terms[0].standard_error
    assert np.log(few.simultaneous_low) == pytest.approx(expected.terms[0].log_odds_ratio - reach)
    ordered = sorted(one.result.p_value for one in pairs.values())
    assert min(one.p_holm for one in pairs.values()) == pytest.approx(min(3 * ordered[0], 1))
    file = tmp_path / "scores.csv"
    table.rename(columns={"score_percent": "score"}).to_csv(file, index=False)
    assert main(["analyze", "--table", str(file), "--study", str(tmp_path), "--pairs"]) == 0
    assert "Every pair of respondents; intervals hold for all pairs together" in capsys.readouterr().out
    assert main(["analyze", "--table", str(file), "--study", str(tmp_path), "--pairs", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["pairs"]
    assert [(one["term"], one["n_questions"]) for one in found] == [("second", 40), ("few", 15), ("few", 15)]
    assert all(one["simultaneous_low"] < one["ci_low"] < one["ci_high"] < one["simultaneous_high"] for one in found)


def test_the_error_for_these_questions_is_that_of_the_rounds_alone() -> None:
    """By hand: variances of the rounds of each respondent on each question."""
    table = scores().query("respondent != 'few'")
    study = Scores(Study(), ("whole", "second"), table, table.iloc[:0])
    (found,) = compare_respondents(study, ComparisonChoices("key")).differences
    of_rounds = table.groupby(["question_id", "respondent"])["score_percent"].var(ddof=1)
    assert found.error_for_these == pytest.approx(np.sqrt((of_rounds / 3).sum()) / 40)
    assert isinstance(found.paired, MeanDifference)
    assert found.error_for_these is not None
    of_questions = found.paired.standard_error**2 - found.error_for_these**2
    assert found.error_of_one_round == pytest.approx(np.sqrt(of_questions + of_rounds.sum() / 40**2))
    once = table.query("round == 1")
    (single,) = compare_respondents(replace(study, table=once), ComparisonChoices("key")).differences
    assert single.error_for_these is single.error_of_one_round is None


def test_predicted_means_stand_beside_the_reference_on_the_same_questions() -> None:
    table = scores()
    effects = study_effects(table, fitted(table))
    assert dict(effects.n_questions) == {"whole": 40, "second": 40, "few": 15}
    hard = table[(table["respondent"] == "whole") & (table["question_id"] < "q15")]["score_percent"].mean()
    assert effects.reference_on_same["few"].mean == pytest.approx(hard, abs=2)
    assert effects.predictions[0].mean > hard + 15
    few = next(one for one in effects.differences if one.group == "few")
    assert few.difference == pytest.approx(effects.predictions[2].mean - effects.reference_on_same["few"].mean)


def test_means_tests_and_consistency_use_common_questions() -> None:
    table = scores().assign(requested=1, score_percent=lambda one: 100.0 * (one["correct"] == 2))
    study = Scores(Study(), NAMES, table, table.iloc[:0])
    found = compare_respondents(study, ComparisonChoices("key"))
    assert [score.n_questions for score in found.scores] == [40, 40, 15]
    few = next(one for one in found.differences if one.respondent == "few")
    means = table[table["question_id"] < "q15"].groupby("respondent")["score_percent"].mean()
    assert few.n_questions == 15
    assert few.paired.difference == pytest.approx(means["few"] - means["whole"])  # type: ignore[union-attr]  # estimated here
    assert few.clustered.difference == pytest.approx(means["few"] - means["whole"])  # type: ignore[union-attr]  # estimated here
    (mcnemar,) = [one for one in found.one_line if one.compared == ("few", "whole") and one.within == "round 1"]
    assert mcnemar.outcome.n_questions == 15  # type: ignore[union-attr]  # estimated here
    assert not any(len(one.compared) == 3 and one.within.startswith("round ") for one in found.one_line)
    rows = [(one.respondent, one.beside, one.questions) for one in found.consistency]
    assert rows == [("whole", "", 40), ("second", "", 40), ("few", "", 15), ("whole", "few", 15)]
    every = compare_respondents(study, ComparisonChoices("key", questions="all"))
    assert next(one for one in every.differences if one.respondent == "few").n_questions == 40


def test_the_export_has_a_script_for_each_set_of_questions(tmp_path: Path) -> None:
    export = export_of(scores())
    write_export(export, tmp_path)
    with (tmp_path / "odds_ratios.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["term"], row["n_questions"]) for row in rows][:2] == [("second", "40"), ("few", "15")]
    second = (tmp_path / "odds_ratios_2.R").read_text(encoding="utf-8")
    assert "scores <- scores[scores$respondent_number %in% c(1, 3), ]" in second
    assert "taken <- c(TRUE, FALSE, FALSE)" in second
    assert '"odds_ratios_from_r_2.csv"' in second
    assert "for each set of questions" in (tmp_path / "README.md").read_text(encoding="utf-8")
    write_export(export_of(scores().query("respondent != 'few'")), tmp_path)
    assert not (tmp_path / "odds_ratios_2.R").exists()


def test_the_command_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "scores.csv"
    scores().rename(columns={"score_percent": "score"}).to_csv(file, index=False)
    assert main(["analyze", "--table", str(file), "--study", str(tmp_path)]) == 0
    assert "their comparison uses the 15 that both answered" in " ".join(capsys.readouterr().err.split())
    assert main(["analyze", "--table", str(file), "--study", str(tmp_path), "--questions", "all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["common_questions"] is False
