"""Rankings, shares, draws, examinations, components and lines against R: scripts and values in tests/reference."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from reference_data import REFERENCE

from samp_eval.statistics.bounded_intervals import p_above, share_interval
from samp_eval.statistics.drawn.prediction_powered import PartialMarks, powered_exceedances
from samp_eval.statistics.gee.exceedances import fit_exceedances
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.statistics.gee.proportional_odds import check_proportional_odds
from samp_eval.statistics.gee.stratified import fit_with_strata
from samp_eval.statistics.generalisability import Components, difference_components
from samp_eval.statistics.mean_scores import clustered_mean_difference, mean_score
from samp_eval.statistics.psychometrics.angoff import angoff
from samp_eval.statistics.psychometrics.candidate_standards import borderline_group, borderline_regression, cohen
from samp_eval.statistics.psychometrics.content_validity import item_validity
from samp_eval.statistics.psychometrics.item_analysis import cronbach_alpha, item_rest_correlations
from samp_eval.statistics.ranking.comparisons import Comparisons, comparisons_from_scores, mean_preferences
from samp_eval.statistics.ranking.davidson import fit_strengths, quasi_variances
from samp_eval.statistics.reviewers.agreement import agreement
from samp_eval.statistics.reviewers.severity import reviewer_severity

SAME_FORMULA = 1e-8
"""Closed formulas and Newton's method on both sides; R's values are stored with 12 digits."""

OF_A_SEARCH = 2e-5
"""lme4, qvcalc and nlm stop their searches at a small change of the likelihood, not of the estimate."""

NAMES = ("a", "b", "c", "d")


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "statistics" / f"{name}.csv")


@functools.cache
def r_values(name: str) -> dict[str, float]:
    table = data(name)
    return dict(zip(table["what"], table["value"], strict=True))


def in_order(name: str, what: str, labels: object) -> list[float]:
    return [r_values(name)[f"{what}:{label}"] for label in labels]  # type: ignore[attr-defined]


def compared(*, by_case: bool = False) -> Comparisons:
    scores = data("scores")
    shares = (scores["correct"] / scores["requested"]).to_numpy().reshape(60, 5, 3)
    return comparisons_from_scores(shares, np.arange(60) // 3 if by_case else None)


@pytest.mark.parametrize("cluster", ["question", "case"])
def test_strengths_with_ties(cluster: str) -> None:
    found = fit_strengths(compared(by_case=cluster == "case"))
    assert found.estimate.values == pytest.approx(in_order("ranking", "davidson", range(1, 6)), abs=SAME_FORMULA)
    errors = in_order("ranking", f"davidson_se:{cluster}", range(1, 6))
    assert found.estimate.standard_errors == pytest.approx(errors, abs=SAME_FORMULA)
    assert np.log(found.tie_parameter) == pytest.approx(r_values("ranking")["log_tie"], abs=SAME_FORMULA)
    difference = found.estimate.differences().standard_errors[1]  # of the first and the third
    assert difference == pytest.approx(r_values("ranking")[f"davidson_difference_se:{cluster}"], abs=SAME_FORMULA)


def test_quasi_variances() -> None:
    found = quasi_variances(fit_strengths(compared()).estimate.covariance)
    assert found == pytest.approx(in_order("ranking", "quasi_variance", range(1, 6)), rel=OF_A_SEARCH)


def test_strengths_with_half_ties() -> None:
    comparisons = compared()
    found = fit_strengths(Comparisons(comparisons.halved, np.zeros_like(comparisons.ties))).estimate
    for own in ("bradley_terry", "bradley_terry2"):
        assert found.values == pytest.approx(in_order("ranking", own, range(1, 6)), abs=SAME_FORMULA)
    errors = in_order("ranking", "bradley_terry_se", range(1, 6))
    assert found.standard_errors == pytest.approx(errors, abs=SAME_FORMULA)


def test_mean_preferences() -> None:
    found, by_case = mean_preferences(compared()), mean_preferences(compared(by_case=True))
    assert found.values == pytest.approx(in_order("ranking", "preference", range(1, 6)), abs=SAME_FORMULA)
    assert found.standard_errors == pytest.approx(in_order("ranking", "preference_se", range(1, 6)), abs=SAME_FORMULA)
    errors = in_order("ranking", "preference_se:case", range(1, 6))
    assert by_case.standard_errors == pytest.approx(errors, abs=SAME_FORMULA)


@pytest.mark.parametrize("respondent", range(5))
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_intervals_of_means(respondent: int, confidence: float) -> None:
    scores, expected = data("scores"), r_values("survey")
    own = scores[scores["respondent"] == respondent]
    found = mean_score(100 * own["correct"] / own["requested"], own["question"], confidence=confidence)
    assert found.mean == pytest.approx(100 * expected[f"mean:{respondent}"], abs=SAME_FORMULA)
    assert found.standard_error == pytest.approx(100 * expected[f"mean_se:{respondent}"], abs=SAME_FORMULA)
    ends = [100 * expected[f"mean_interval:{confidence:g}:{respondent}:{end}"] for end in ("low", "high")]
    assert (found.ci_low, found.ci_high) == pytest.approx(ends, abs=SAME_FORMULA)
    share, variance = found.mean / 100, (found.standard_error / 100) ** 2
    without = [expected[f"interval_without_degrees:{confidence:g}:{respondent}:{end}"] for end in ("low", "high")]
    assert share_interval(share, variance, len(own), 60, confidence=confidence) == pytest.approx(
        without, abs=SAME_FORMULA
    )


@pytest.mark.parametrize("cluster", ["question", "case"])
def test_differences_of_means_and_log_odds(cluster: str) -> None:
    scores, expected = data("scores"), r_values("survey")
    both = scores[scores["respondent"].isin([0, 3])]
    other, groups = (both["respondent"] == 3).to_numpy(), both[cluster].nunique()
    found = clustered_mean_difference(100 * both["correct"] / both["requested"], other, both[cluster])
    assert found.difference == pytest.approx(100 * expected[f"difference:{cluster}"], abs=SAME_FORMULA)
    assert found.standard_error == pytest.approx(100 * expected[f"difference_se:{cluster}"], abs=SAME_FORMULA)
    whole = (both["correct"] == both["requested"]).astype(int)
    (term,) = fit_ordinal_gee(whole, pd.DataFrame({"x": other * 1.0}, index=both.index), both[cluster]).terms
    assert term.log_odds_ratio == pytest.approx(expected[f"log_odds:{cluster}"], abs=SAME_FORMULA)
    error = term.standard_error * np.sqrt(groups / (groups - 1))  # survey has the factor, a GEE has not
    assert error == pytest.approx(expected[f"log_odds_se:{cluster}"], abs=SAME_FORMULA)


def test_difference_estimator_of_a_draw() -> None:
    draw, expected = data("draw"), r_values("survey")
    position = draw.groupby("question")["position"].first().to_numpy()
    allowed = np.array([[True, False, False, True], [True] * 4])
    question, marked, predicted, kind = (draw[name].to_numpy() for name in ("question", "marked", "predicted", "kind"))
    found = powered_exceedances(PartialMarks(question, position, 30, marked, predicted, kind, allowed)).corrected
    for respondent in (0, 1):
        theirs = [expected[f"exceeds:{level}:{respondent}"] for level in (1, 2, 3)]
        own = (draw["respondent"] == respondent).to_numpy()
        assert found[own].mean(axis=0) == pytest.approx(theirs, abs=SAME_FORMULA)
    fit = fit_exceedances(found, draw[["respondent"]].astype(float), draw["question"])
    theirs = [expected[f"powered_thresholds:{level}"] for level in (1, 2, 3)]
    assert fit.thresholds == pytest.approx(theirs, abs=SAME_FORMULA)
    assert fit.terms[0].log_odds_ratio == pytest.approx(expected["powered_log_odds"], abs=SAME_FORMULA)
    assert fit.terms[0].standard_error == pytest.approx(expected["powered_se"], abs=SAME_FORMULA)


def test_reliability_and_standards() -> None:
    candidates, expected = data("candidates"), r_values("examination")
    items = candidates.drop(columns="rating").to_numpy()
    reliability, totals = cronbach_alpha(items), items.mean(axis=1)
    theirs = [expected[name] for name in ("alpha", "alpha_low", "alpha_high")]
    assert (reliability.alpha, reliability.ci_low, reliability.ci_high) == pytest.approx(theirs, abs=SAME_FORMULA)
    assert item_rest_correlations(items) == pytest.approx(in_order("examination", "item_rest", range(8)), abs=1e-8)
    line = borderline_regression(totals, candidates["rating"], 2)
    assert line.cut == pytest.approx(expected["borderline_regression"], abs=SAME_FORMULA)
    assert line.standard_error == pytest.approx(expected["borderline_regression_se"], abs=SAME_FORMULA)
    group = borderline_group(totals, candidates["rating"], 3)
    theirs = [expected["borderline_group"], expected["borderline_group_se"]]
    assert (group.cut, group.standard_error) == pytest.approx(theirs, abs=SAME_FORMULA)
    assert cohen(totals, seed=1, guessed=20).cut == pytest.approx(expected["cohen"], abs=SAME_FORMULA)
    share, variance, size = totals.mean() / 100, (totals / 100).var(ddof=1) / len(totals), len(totals)
    above = p_above(
        share,
        variance,
        size,
        size,
        line.cut / 100,
        threshold_variance=(line.standard_error / 100) ** 2,
        threshold_degrees=5,
    )
    assert 1 - above == pytest.approx(expected["pass_probability"], abs=SAME_FORMULA)


def test_angoff_and_content_validity() -> None:
    panel, expected = data("panel"), r_values("examination")
    lines = panel["expected"].to_numpy().reshape(6, 15)
    found = angoff(lines, panel["requested"].to_numpy()[:15])
    assert found.cut == pytest.approx(expected["angoff_cut"], abs=SAME_FORMULA)
    assert found.standard_error == pytest.approx(expected["angoff_se"], rel=OF_A_SEARCH)
    components = (found.variance_experts, found.variance_questions, found.variance_residual)
    theirs = in_order("examination", "angoff", ("expert", "question", "Residual"))
    assert components == pytest.approx(theirs, rel=OF_A_SEARCH)
    for question, ratings in panel.groupby("question")["relevance"]:
        item = item_validity(ratings.tolist())
        theirs = [expected[f"{what}:{question}"] for what in ("cvi", "cvi_low", "cvi_high", "cvi_kappa")]
        assert (item.i_cvi, item.ci_low, item.ci_high, item.kappa) == pytest.approx(theirs, abs=SAME_FORMULA)


@pytest.mark.parametrize("kind", ["several", "one"])
def test_components_of_a_difference(kind: str) -> None:
    expected = r_values("components")
    values = data("differences")["value"].to_numpy().reshape(20, 3, 4)
    found = difference_components(values if kind == "several" else values.mean(axis=2, keepdims=True))
    names = {"question": "question", "round": "Residual"}
    if kind == "several":
        names |= {"round": "question:round", "reviewer": "reviewer", "residual": "Residual"}
        names["question_by_reviewer"] = "question:reviewer"
    for own, theirs in names.items():
        assert getattr(found, own) == pytest.approx(expected[f"{kind}:{theirs}"], rel=OF_A_SEARCH)
    assert isinstance(found, Components)
    assert found.standard_error(20, 3, found.n_reviewers) == pytest.approx(expected[f"{kind}_se"], rel=OF_A_SEARCH)


@pytest.mark.parametrize("cluster", ["question", "case"])
def test_odds_ratio_of_a_line(cluster: str) -> None:
    scores, expected = data("scores"), r_values("lines")
    both = scores[scores["respondent"].isin([0, 3])]
    single = both.loc[both.index.repeat(both["requested"])]
    right = single.groupby(level=0).cumcount() < single["correct"]
    design = (single[["respondent"]] == 3).astype(float).reset_index(drop=True)
    (term,) = fit_ordinal_gee(right.to_numpy() * 1, design, single[cluster].to_numpy()).terms
    assert term.log_odds_ratio == pytest.approx(expected[f"line_log_odds:{cluster}"], abs=SAME_FORMULA)
    assert term.standard_error == pytest.approx(expected[f"line_se:{cluster}"], abs=SAME_FORMULA)


def test_thresholds_by_the_number_of_answers() -> None:
    scores, expected = data("scores"), r_values("lines")
    both = scores[scores["respondent"].isin([0, 3])].reset_index(drop=True)
    design = (both[["respondent"]] == 3).astype(float)
    found = fit_with_strata(both["correct"] / both["requested"], design, both["question"], both["requested"])
    assert found.terms[0].log_odds_ratio == pytest.approx(expected["by_n_log_odds"], rel=OF_A_SEARCH)
    assert found.terms[0].standard_error == pytest.approx(expected["by_n_se"], rel=OF_A_SEARCH)


def test_odds_ratios_of_each_cut_point() -> None:
    scores = data("scores")
    both = scores[scores["respondent"].isin([0, 3])].reset_index(drop=True)
    design = (both[["respondent"]] == 3).astype(float)
    shares = (100 * both["correct"] / both["requested"]).round(6)
    found = check_proportional_odds(shares, design, both["question"], covariance="robust").cut_points
    assert [cut.above for cut in found] == pytest.approx([0, 100 / 3, 50, 200 / 3], abs=1e-5)
    estimates = [cut.terms[0].log_odds_ratio for cut in found]
    assert estimates == pytest.approx(in_order("lines", "cut_log_odds", range(4)), abs=OF_A_SEARCH)
    errors = [cut.terms[0].standard_error for cut in found]
    assert errors == pytest.approx(in_order("lines", "cut_se", range(4)), abs=SAME_FORMULA)


def test_agreement_by_lines() -> None:
    """With weights, and with every answer written down as often as it weighs."""
    marks, expected = data("marks").dropna(subset=["a", "b"]), r_values("lines")
    ratings, question = marks[["a", "b"]].to_numpy(), marks["question"].to_numpy()
    lines = marks["lines"].to_numpy()
    weighted = agreement(ratings, question, weights=lines.astype(float))
    repeated = agreement(ratings.repeat(lines, axis=0), question.repeat(lines))
    names = {"percent": "percent", "cohen_kappa": "kappa", "gwet_ac1": "ac1", "krippendorff_alpha": "alpha"}
    for own, theirs in names.items():
        value = getattr(weighted, own).value
        assert value == pytest.approx(expected[f"weighted_{theirs}"], abs=SAME_FORMULA)
        assert value == pytest.approx(getattr(repeated, own).value, abs=SAME_FORMULA)
    assert weighted.n == len(marks)
    assert weighted.prevalence == pytest.approx(repeated.prevalence)


def test_severity_of_reviewers() -> None:
    marks = data("marks")
    found = reviewer_severity(marks[list(NAMES)].to_numpy(), marks["question"].to_numpy(), NAMES)
    assert found.severity == pytest.approx(in_order("lines", "severity", NAMES), abs=SAME_FORMULA)
    assert found.ci_low == pytest.approx(in_order("lines", "severity_low", NAMES), abs=SAME_FORMULA)
    assert found.p_value == pytest.approx(r_values("lines")["severity_p"], rel=1e-6)
