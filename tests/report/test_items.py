"""Item cards: by hand from a small marked study, and the alpha of a set whose value is known."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from marked_study import make_marked_study

from samp_eval.analysis.model.sensitivity import planned_fits, sensitivity
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.api.chosen_plan import chosen_plan
from samp_eval.api.loaded_study import stored_study
from samp_eval.cli.main import main
from samp_eval.items.samp import KeyEntry, Question, SampCase
from samp_eval.report.content.item_cards import item_cards
from samp_eval.report.content.question_record import AnswerRecord, QuestionRecord
from samp_eval.review.marks import ConsensusMark
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.psychometrics.item_analysis import Reliability
from samp_eval.store.study_store import StudyStore

SIX_BY_FIVE = [
    [100, 67, 50, 100, 33],
    [100, 100, 50, 67, 67],
    [50, 33, 0, 67, 33],
    [100, 67, 100, 100, 67],
    [0, 33, 50, 33, 0],
    [50, 67, 50, 100, 33],
]
"""As in tests/statistics/test_psychometrics.py."""


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("items"))


@pytest.fixture(scope="session")
def scored(study: Path) -> ScoredStudy:
    with StudyStore.open(study, create=False) as store:
        return stored_study(store, chosen_plan(study), store.marks())


def test_difficulty_and_ends_are_those_of_the_table(scored: ScoredStudy) -> None:
    found = item_cards(scored, "key")
    table = scored.table[(scored.table["basis"] == "key") & scored.table["score_percent"].notna()]
    assert [card.question_id for card in found.cards] == [question.id for _, question in scored.bank.asked()]
    for card in found.cards:
        rows = table[table["question_id"] == card.question_id]
        for name, percent in card.difficulty:
            assert percent == pytest.approx(rows.loc[rows["respondent"] == name, "score_percent"].mean())
        assert card.at_top == (rows["score_percent"] == 100).sum()
        assert card.at_bottom == (rows["score_percent"] == 0).sum()
        assert card.responses == len(rows)


def test_wording_that_the_key_lacks_is_ranked(scored: ScoredStudy) -> None:
    for card in item_cards(scored, "key").cards:
        texts = {one.text.casefold() for one in card.key_candidates}
        assert not texts & {"fever", "cough", "rash"}
        rank = [
            ({1.0: 0, None: 1}.get(one.judged_right, 2), -one.respondents, -one.lines) for one in card.key_candidates
        ]
        assert rank == sorted(rank)


def with_scores(scored: ScoredStudy, scores: np.ndarray) -> ScoredStudy:
    """The same study with simulated respondents, each with one round and one score on each of the first questions."""
    names = [question.id for _, question in scored.bank.asked()][: scores.shape[1]]
    rows = [
        {"question_id": name, "respondent": f"r{row}", "round": 1, "basis": "key", "score_percent": float(score)}
        for row, of_respondent in enumerate(scores)
        for name, score in zip(names, of_respondent, strict=True)
    ]
    return replace(scored, table=pd.DataFrame(rows), respondents=tuple(f"r{row}" for row in range(len(scores))))


def test_alpha_and_discrimination_from_twenty_respondents_on(scored: ScoredStudy) -> None:
    """Copies of a set have its variances and correlations, and so its alpha."""
    found = item_cards(with_scores(scored, np.array(SIX_BY_FIVE * 4)), "key")
    assert isinstance(found.alpha, Reliability)
    assert found.alpha.alpha == pytest.approx(0.858586, abs=1e-6)
    assert [card.discrimination for card in found.cards] == pytest.approx(
        [0.844843, 0.742696, 0.456214, 0.637348, 0.823002], abs=1e-6
    )
    few = item_cards(with_scores(scored, np.array(SIX_BY_FIVE * 3)), "key")
    assert isinstance(few.alpha, NotEstimated)
    assert "20 independent respondents" in few.alpha.reason
    assert all(isinstance(card.discrimination, NotEstimated) for card in few.cards)


@pytest.mark.parametrize(
    ("column", "said", "silent"),
    [([100, 100, 100], "all right", 1), ([0, 0, 0], "all wrong", 1), ([100, 0, 100], "", 0), ([50, 50, 50], "", 0)],
)
def test_a_question_that_tells_nobody_apart(scored: ScoredStudy, column: list[int], said: str, silent: int) -> None:
    (card,) = item_cards(with_scores(scored, np.array([column]).T), "key").cards
    assert (card.uninformative, card.silent_rounds, card.rounds) == (said, silent, 1)


def test_distractors_that_nobody_chooses(scored: ScoredStudy) -> None:
    options = ("Aspirin", "Heparin", "Rest", "Surgery", "Warfarin")
    question = Question(
        id="case-00-1",
        question="Which?",
        format="single",
        requested=1,
        options=options,
        key=(KeyEntry(answer="Heparin"),),
    )
    case = SampCase(id="case-00", topic="Fever", questions=(question,))
    chosen = {"Heparin": 30, "Aspirin": 9, "Rest": 1}
    answers = tuple(AnswerRecord(text, (("r0", number),), (), ()) for text, number in chosen.items())
    records = [QuestionRecord(case, question, answers, ())]
    (card,) = item_cards(with_scores(scored, np.array([[100], [0]])), "key", records).cards
    assert {one.text: (one.in_key, one.share, one.functions) for one in card.options} == {
        "Aspirin": (False, 22.5, True),
        "Heparin": (True, 75.0, True),
        "Rest": (False, 2.5, False),
        "Surgery": (False, 0.0, False),
        "Warfarin": (False, 0.0, False),
    }
    assert card.key_candidates == ()


def test_candidates_for_a_key_are_what_earned_nothing(scored: ScoredStudy) -> None:
    question = Question(id="case-00-1", question="Why?", requested=1, key=(KeyEntry(answer="Fever"),))
    case = SampCase(id="case-00", topic="Fever", questions=(question,))

    def answer(text: str, lines: int, key: float, judgement: float | None) -> AnswerRecord:
        agreed = [ConsensusMark(question.id, text, "key", key)]
        agreed += [] if judgement is None else [ConsensusMark(question.id, text, "judgement", judgement)]
        return AnswerRecord(text, (("r0", lines),), (), tuple(agreed))

    answers = (
        answer("Fever", 9, 1, 1),
        answer("Fatigue", 5, 0, 0),
        answer("Chills", 2, 0, 1),
        answer("Ache", 3, 0, None),
    )
    records = [QuestionRecord(case, question, answers, ())]
    (card,) = item_cards(with_scores(scored, np.array([[100], [0]])), "key", records).cards
    assert [one.text for one in card.key_candidates] == ["Chills", "Ache", "Fatigue"]


def test_the_command_says_what_it_can_and_why_not_more(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "report", "--study", str(study), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_questions"] == 40
    assert "rounds of a respondent are not independent" in found["alpha"]["reason"]
    assert main(["items", "report", "--study", str(study)]) == 0
    shown = capsys.readouterr().out
    assert "Answers that several lines give and the key does not credit" in shown
    assert "tell no respondents apart" in shown


def test_the_report_has_the_cards_and_a_weighted_row(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(study, tmp_path / "study"))
    with StudyStore.open(copy, create=False) as store:
        bank = store.bank()
    assert bank is not None
    heavy, light = ([case.id for case in bank.cases if (case.id < "case-05") is first] for first in (True, False))
    groups = "".join(
        f'[[dimension.group]]\nname = "{name}"\ntarget = 0.5\ncases = {json.dumps(cases)}\n'
        for name, cases in (("Heavy", heavy), ("Light", light))
    )
    (copy / "blueprint.toml").write_text(f'[[dimension]]\nname = "Half"\n{groups}', encoding="utf-8")
    (copy / "study.toml").write_text('blueprint = "blueprint.toml"\n', encoding="utf-8")
    capsys.readouterr()
    assert main(["report", "--study", str(copy)]) == 0
    page = Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")
    assert "What the answers say of the questions" in page
    assert "Weights: to the blueprint" in page
    assert "Blueprint: Half" in page


def test_weights_are_those_of_repeated_responses(scored: ScoredStudy) -> None:
    """Five of twenty cases get half of the weight: 2 for each of their questions, and 2/3 for the others'."""
    weights = {question.id: 2.0 if case.id < "case-05" else 2 / 3 for case, question in scored.bank.asked()}
    study = replace(scored, weights=weights)
    found = sensitivity(study, planned_fits(study))
    (weighted,) = (one.outcome for one in found if one.what == "weights" and one.basis == "key")
    by_hand = scored.table[scored.table["basis"] == "key"]
    times = [3 if name < "case-05" else 1 for name in by_hand["question_id"]]  # 2 to 2/3
    by_hand = by_hand.loc[by_hand.index.repeat(times)]
    plan = scored.plan.analysis
    expected = fit_study(by_hand, basis="key", respondents=scored.respondents, plan=plan, engine="vectorised")
    assert isinstance(weighted, StudyFit)
    for one, other in zip(weighted.terms, expected.terms, strict=True):
        assert one.log_odds_ratio == pytest.approx(other.log_odds_ratio, abs=0.01)  # 13 twentieths for 2/3
        assert one.standard_error == pytest.approx(other.standard_error, rel=0.02)
