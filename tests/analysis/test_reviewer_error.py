"""Odds ratios corrected for the reviewers' errors: by enumeration, by hand, and in the limit of no errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from marked_study import make_marked_study

from samp_eval.analysis.model.design import cluster_codes
from samp_eval.analysis.model.reviewer_error import Marks, above_levels, corrected, count_weights, error_of_marks
from samp_eval.analysis.model.sensitivity import MARKS, planned_fits, sensitivity
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.api.loaded_study import stored_study
from samp_eval.errors import CannotEstimate
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.statistics.gee.exceedances import fit_exceedances
from samp_eval.statistics.reviewers.misclassification import Misclassification
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Study

ANN, BOB = Reviewer("Ann"), Reviewer("Bob")
MISSED, WRONGLY = 0.15, 0.1
NO_ERROR = Misclassification(0.0, 0.0, np.zeros((2, 2)))


def test_weights_are_unbiased_over_every_pattern_of_errors() -> None:
    """Five lines: two answers of one entry, one of them twice, and two more; averaged over all errors by hand."""
    response, once = np.zeros(5, dtype=np.int64), np.array([9, 9, 9, 7, 5])
    answer = np.array([0, 1, 1, 2, 3])
    for truth in product((0, 1), repeat=4):
        expected = np.zeros(4)
        for settled in product((0, 1), repeat=4):
            rates = [
                (1 - MISSED if s else MISSED) if t else (WRONGLY if s else 1 - WRONGLY)
                for t, s in zip(truth, settled, strict=True)
            ]
            right = (np.array(settled) - WRONGLY) / (1 - MISSED - WRONGLY)
            expected += np.prod(rates) * count_weights(response, once, answer, right[answer], 1)[0]
        number = max(truth[0], truth[1]) + truth[2] + truth[3]
        assert expected == pytest.approx(np.eye(4)[number], abs=1e-12)


def test_true_marks_give_the_number_of_right_answers() -> None:
    """The third response has no line; the second gives one right answer twice."""
    response, answer = np.array([0, 0, 1, 1, 3]), np.array([0, 1, 2, 2, 3])
    weights = count_weights(response, answer, answer, np.array([1.0, 1, 1, 1, 0]), 4)
    assert weights == pytest.approx(np.eye(3)[[2, 1, 0, 0]])
    levels, scores = (0.0, 50.0, 100.0), np.tile([0.0, 50.0, 100.0], (4, 1))
    assert above_levels(weights, scores, levels) == pytest.approx(np.array([[1, 1], [1, 0], [0, 0], [0, 0]]))
    assert count_weights(*(np.zeros(0, dtype=np.int64),) * 3, np.zeros(0), 2) == pytest.approx(np.ones((2, 1)))


def planned(lines: int) -> tuple[StudyFit, np.ndarray]:
    """Two respondents on 60 questions, with the settled credit of each line, (rows, lines)."""
    generator = np.random.default_rng(3)
    respondent = np.tile([0, 1], 60)
    ease = np.repeat(generator.normal(0.6, 0.8, 60), 2)
    credit = generator.logistic(size=(120, lines)) < (ease + 0.6 * respondent)[:, None]
    table = pd.DataFrame(
        {
            "question_id": np.repeat(np.arange(60), 2).astype(str),
            "respondent": np.array(["a", "b"])[respondent],
            "score_percent": 100.0 * credit.mean(axis=1),
        }
    )
    table = table.assign(
        case_id=table["question_id"],
        round=1,
        basis="key",
        requested=lines,
        prompted=True,
        regenerated=False,
        later=False,
    )
    return fit_study(table, basis="key", respondents=["a", "b"], engine="vectorised"), credit.astype(float)


def with_errors(fit: StudyFit, credit: np.ndarray, error: Misclassification) -> StudyFit:
    rows, lines = credit.shape
    response, answer = np.repeat(np.arange(rows), lines), np.arange(credit.size)
    scores = np.tile(100.0 * np.arange(lines + 1) / lines, (rows, 1))

    def exceedances(missed: float, wrongly: float, levels: Sequence[float]) -> np.ndarray:
        right = (credit.ravel() - wrongly) / (1 - missed - wrongly)
        return above_levels(count_weights(response, answer, answer, right, rows), scores, levels)

    return corrected(fit, pd.RangeIndex(rows), exceedances, error)


def test_without_errors_it_is_the_planned_fit() -> None:
    fit, credit = planned(3)
    (mine,), (theirs,) = with_errors(fit, credit, NO_ERROR).terms, fit.terms
    assert mine.log_odds_ratio == pytest.approx(theirs.log_odds_ratio, abs=1e-8)
    assert mine.standard_error == pytest.approx(theirs.standard_error, abs=1e-8)
    assert (mine.n_questions, mine.n_observations, mine.reference) == (60, 120, "a")


def test_one_line_is_the_log_odds_of_corrected_shares() -> None:
    """By hand: the shares by Rogan and Gladen; the error by the delta method, over questions and over the rates."""
    fit, credit = planned(1)
    covariance = np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
    (found,) = with_errors(fit, credit, Misclassification(MISSED, WRONGLY, covariance)).terms
    pairs = credit.reshape(60, 2)

    def shares(a: float, b: float) -> np.ndarray:
        return np.asarray((pairs.mean(axis=0) - b) / (1 - a - b))

    share = shares(MISSED, WRONGLY)
    odds = share / (1 - share)
    assert found.log_odds_ratio == pytest.approx(np.log(odds[1] / odds[0]), abs=1e-8)
    of_logit = 1 / (share * (1 - share))
    influence = ((pairs - pairs.mean(axis=0)) / (1 - MISSED - WRONGLY) * of_logit / 60) @ [-1.0, 1.0]
    by_missed, by_wrongly = share / (1 - MISSED - WRONGLY), (share - 1) / (1 - MISSED - WRONGLY)
    slopes = np.array([(by_missed * of_logit) @ [-1, 1], (by_wrongly * of_logit) @ [-1, 1]])
    variance = influence @ influence + slopes @ covariance @ slopes
    assert found.standard_error == pytest.approx(np.sqrt(variance), rel=1e-3)  # the slopes are differences


def marks(ann: str, bob: str, ruling: str | None = None) -> Marks:
    return {ANN: ann, BOB: bob}, ruling


def test_rates_need_settled_disagreements_and_reviewers_who_can_tell() -> None:
    few = [marks("A", "0", "A")] * 9 + [marks("A", "A")] * 30
    with pytest.raises(CannotEstimate, match="settled 9 disagreements, too few"):
        error_of_marks(few, ["q"] * len(few))
    useless = [marks("A", "0", "A"), marks("A", "0", "0"), marks("0", "A", "A"), marks("0", "A", "0")] * 10
    with pytest.raises(CannotEstimate, match="err too often"):
        error_of_marks(useless, [f"q{place % 8}" for place in range(len(useless))])


@pytest.fixture(scope="module")
def erring(tmp_path_factory: pytest.TempPathFactory) -> ScoredStudy:
    """A study in which the second reviewer errs on every third answer, and the third person on every ninth."""
    folder = make_marked_study(tmp_path_factory.mktemp("erring"))
    with StudyStore.open(folder) as store:
        given = store.marks()
        places = {name: place for place, name in enumerate(dict.fromkeys(mark.answer_id for mark in given))}
        marks = []
        for mark in given:
            wrong = "0" if mark.value != "0" else "C"
            place = places[mark.answer_id]
            if mark.field != "key" or mark.reviewer.label != "B" or place % 3:
                marks.append(mark)
                continue
            marks.append(replace(mark, value=wrong))
            cleo = Reviewer("Cleo", role="adjudicator")
            marks.append(replace(mark, reviewer=cleo, value=mark.value if place % 9 else wrong))
        return stored_study(store, Study(), marks)


def weights_by_enumeration(study: ScoredStudy, place: int, error: Misclassification) -> dict[int, float]:
    """Of each number of right answers of one response, over every subset of its distinct answers."""
    of_response = np.flatnonzero(study.lines.response == place)
    credits = study.credits["key"]
    found = dict(
        zip(
            study.lines.answer[of_response],
            zip(credits.credit[of_response], credits.once[of_response], strict=True),
            strict=True,
        )
    )
    weights: dict[int, float] = {}
    for subset in product((False, True), repeat=len(found)):
        weight, earned = 1.0, set()
        for is_right, (credit, once) in zip(subset, found.values(), strict=True):
            right = (credit - error.credited_wrongly) / (1 - error.missed - error.credited_wrongly)
            weight *= right if is_right else 1 - right
            earned |= {once} if is_right else set()
        weights[len(earned)] = weights.get(len(earned), 0.0) + weight
    return weights


def test_the_row_of_a_study_is_the_fit_to_corrected_exceedances(erring: ScoredStudy) -> None:
    planned_fit = planned_fits(erring)["key"]
    assert isinstance(planned_fit, StudyFit)
    (row,) = (found for found in sensitivity(erring, {"key": planned_fit}) if found.what == MARKS)
    assert isinstance(row.outcome, StudyFit)
    settling = erring.gathered.settling("key")
    question = {mark.answer_id: mark.question_id for mark in erring.marks}
    error = error_of_marks(list(settling.values()), [question[name] for name in settling])
    assert 0.01 < error.missed < 0.2
    for sample in row.outcome.samples:
        levels = sample.fit.levels
        above = np.array(
            [
                [
                    sum(weight for number, weight in weights.items() if 100 * number / requested > level + 1e-3)
                    for level in levels[:-1]
                ]
                for weights, requested in (
                    (weights_by_enumeration(erring, place, error), erring.lines.requested[place])
                    for place in erring.table.index[erring.table["basis"] == "key"]
                    .get_indexer(sample.rows.index)
                    .tolist()
                )
            ]
        )
        expected = fit_exceedances(above, sample.design, cluster_codes(sample.rows, "question"))
        assert sample.fit.log_odds_ratios == pytest.approx(expected.log_odds_ratios, abs=1e-9)
        assert (np.diag(sample.fit.covariance_matrix) > np.diag(expected.covariance_matrix)).all()
    theirs = {term.column: term for term in planned_fit.terms}
    for term in row.outcome.terms:
        assert term.standard_error > theirs[term.column].standard_error
