"""The pass mark of a study: from simulated experts by hand, from candidates, and named by the study file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from marked_study import make_marked_study, marked_bank
from scipy.stats import norm

from samp_eval.analysis.standard.pass_mark import PassMark
from samp_eval.cli.main import main
from samp_eval.review.bank.review_rows import BankRating, BankReviewRow
from samp_eval.review.sheets.sheet_age import SheetMark
from samp_eval.store.study_store import StudyStore

NOW = datetime(2026, 11, 28, tzinfo=UTC)
Expect = Callable[[int, int], float]
"""The share of its lines that an expert expects to be right on a question, by their places."""


@pytest.fixture(scope="session")
def marked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_marked_study(tmp_path_factory.mktemp("standard"))


@pytest.fixture
def study(marked_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(marked_once, tmp_path / "study"))


def as_json(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def of_sheet(rating: BankRating) -> SheetMark[BankRating]:
    return SheetMark(rating, "row 2", None, NOW)


def rate(study: Path, experts: int, expect: Expect, number: int = 1, questions: int | None = None) -> None:
    """Have simulated experts give the lines that they expect, in the round ``number``."""
    with StudyStore.open(study, create=False) as store:
        bank = store.bank()
        assert bank is not None
        asked = [question for _, question in bank.asked()][:questions]
        for expert in range(experts):
            rows = [
                BankReviewRow(f"r{number}-{expert}-{place}", f"E{expert}", "ratings", number, question.id, 1, NOW)
                for place, question in enumerate(asked)
            ]
            store.keep_bank_review_rows(rows)
            said = [str(expect(expert, place) * question.requested) for place, question in enumerate(asked)]
            store.keep_bank_ratings(
                [
                    of_sheet(BankRating(row.row_id, "expected", text, NOW, "x.csv"))
                    for row, text in zip(rows, said, strict=True)
                ]
            )


def test_the_mark_is_the_mean_expectation_and_the_probability_has_both_errors(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def expect(expert: int, place: int) -> float:
        return 0.5 + 0.05 * expert + 0.1 * (place % 3) + 0.02 * ((place * expert) % 2)

    rate(study, 3, expect)
    found = as_json(capsys, "standard", "--study", study)
    with StudyStore.open(study, create=False) as store:
        bank = store.bank()
        assert bank is not None
        n = len(bank.by_question())
    shares = 100 * np.array([[expect(expert, place) for place in range(n)] for expert in range(3)])
    assert found["method"] == "angoff"
    assert found["cut"] == pytest.approx(shares.mean())
    assert [expert["cut"] for expert in found["experts"]] == pytest.approx(list(shares.mean(axis=1)))
    assert found["error_of_experts"] ** 2 == pytest.approx(shares.mean(axis=1).var(ddof=1) / 3)
    assert found["standard_error"] == pytest.approx(
        np.hypot(found["error_of_experts"], found["error_of_questions"]), rel=1e-9
    )
    means = {one["respondent"]: one["mean"] for one in as_json(capsys, "compare", "--study", study)["scores"]}
    assert found["respondents"]
    for one in found["respondents"]:
        mean = means[one["respondent"]]
        assert (one["mean"], one["standard_error"]) == pytest.approx((mean["mean"], mean["standard_error"]))
        error = np.hypot(mean["standard_error"], found["standard_error"])
        by_normal = norm.cdf((mean["mean"] - found["cut"]) / error)
        assert abs(one["probability_at_or_above"] - 0.5) < abs(by_normal - 0.5), "three experts are few"
        assert one["probability_at_or_above"] == pytest.approx(by_normal, abs=0.06)
    degrees = found["standard_error"] ** 4 / (
        found["error_of_experts"] ** 4 / 2 + found["error_of_questions"] ** 4 / (n - 1)
    )
    fields = {key: found[key] for key in PassMark.__dataclass_fields__}
    assert PassMark.from_json(fields).degrees_of_freedom == pytest.approx(degrees)


def test_the_second_round_counts_and_the_first_is_shown(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rate(study, 4, lambda expert, place: 0.4 + 0.1 * expert + 0.05 * (place % 2))
    rate(study, 4, lambda expert, place: 0.55 + 0.02 * expert + 0.05 * (place % 2), number=2)
    found = as_json(capsys, "standard", "--study", study)
    first, second = found["rounds"]
    assert found["cut"] == second["cut"] == pytest.approx(58 + 2.5, abs=0.5)
    assert first["spread"] > 4 * second["spread"]


def test_an_expert_without_every_expectation_is_left_out_by_name(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rate(study, 3, lambda expert, place: 0.5 + 0.1 * (place % 2))
    with StudyStore.open(study, create=False) as store:
        store.keep_bank_review_rows([BankReviewRow("late", "Late", "ratings", 1, _first(store), 1, NOW)])
        store.keep_bank_ratings([of_sheet(BankRating("late", "expected", "0", NOW, "x.csv"))])
    found = as_json(capsys, "standard", "--study", study)
    assert [expert["expert"] for expert in found["experts"]] == ["E0", "E1", "E2"]
    assert found["remark"] == "Left out, because expectations are missing: Late."


def _first(store: StudyStore) -> str:
    bank = store.bank()
    assert bank is not None
    return next(question.id for _, question in bank.asked())


def test_two_experts_set_no_mark(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rate(study, 2, lambda expert, place: 0.5)
    assert main(["standard", "--study", str(study)]) == 1
    assert "at least 3 experts" in capsys.readouterr().err


@pytest.mark.parametrize("method", ["hofstee", "borderline-regression", "borderline-group", "cohen"])
def test_methods_with_candidates_are_refused_without_thirty(
    study: Path, tmp_path: Path, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["standard", "--study", str(study), "--method", method, "--borderline", "2"]) == 1
    assert "30 human candidates" in capsys.readouterr().err
    table = tmp_path / "few.csv"
    table.write_text("score,rating\n" + "60,2\n" * 29, encoding="utf-8")
    limits = tmp_path / "limits.csv"
    limits.write_text(
        "lowest_mark,highest_mark,lowest_fail_rate,highest_fail_rate\n" + "50,70,0,20\n" * 3, encoding="utf-8"
    )
    more = ["--candidates", str(table), "--limits", str(limits), "--borderline", "2"]
    assert main(["standard", "--study", str(study), "--method", method, *more]) == 1
    assert "there are 29" in capsys.readouterr().err


def test_cohen_from_a_table_of_candidates(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "candidates.csv"
    table.write_text("score\n" + "".join(f"{score}\n" for score in range(101)), encoding="utf-8")
    found = as_json(capsys, "standard", "--study", study, "--method", "cohen", "--candidates", table)
    assert found["cut"] == pytest.approx(57)
    assert found["n_candidates"] == 101
    assert found["experts"] == []


def test_the_study_file_names_the_mark_and_the_report_prints_it(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = study / "study.toml"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(text.replace("[analysis]\n", "") + '\n[analysis]\npass_mark = "angoff"\n', encoding="utf-8")
    found = as_json(capsys, "analyze", "--study", study)
    assert "nobody has set it yet" in found["pass_mark"]["reason"]
    rate(study, 3, lambda expert, place: 0.5 + 0.02 * expert + 0.1 * (place % 2))
    of_standard = as_json(capsys, "standard", "--study", study)
    found = as_json(capsys, "analyze", "--study", study)
    assert found["pass_mark"]["cut"] == of_standard["cut"]
    assert found["pass_mark"]["respondents"] == of_standard["respondents"]
    assert main(["report", "--study", str(study)]) == 0
    page = Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")
    assert "modified Angoff method" in page
    assert "Probability at or above" in page


def test_a_number_is_called_conventional(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "study.toml").write_text("[analysis]\npass_mark = 60\n", encoding="utf-8")
    found = as_json(capsys, "analyze", "--study", study)
    assert (found["pass_mark"]["method"], found["pass_mark"]["standard_error"]) == ("conventional", 0)
    means = as_json(capsys, "compare", "--study", study, "--pass-mark", "60")["scores"]
    of_means = [1 - one["mean"]["p_above"] for one in means]
    assert [one["probability_at_or_above"] for one in found["pass_mark"]["respondents"]] == pytest.approx(of_means)
    (study / "study.toml").write_text('[analysis]\npass_mark = "best"\n', encoding="utf-8")
    assert main(["analyze", "--study", str(study)]) == 1
    assert "pass_mark" in capsys.readouterr().err


def test_the_mark_of_a_review_in_another_folder(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review = tmp_path / "review"
    with StudyStore.open(study, create=False) as store, StudyStore.open(review) as other:
        bank = store.bank()
        assert bank is not None
        other.keep_bank(replace(bank, version=0))
    rate(review, 3, lambda expert, place: 0.5 + 0.02 * expert + 0.1 * (place % 2))
    found = as_json(capsys, "standard", "--study", study, "--review", review)
    assert found["cut"] == pytest.approx(57)
    assert len(found["respondents"]) == 3
    with StudyStore.open(study, create=False) as store:
        assert [mark.cut for mark in store.pass_marks()] == [found["cut"]]


def test_a_review_of_another_bank_sets_no_mark(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with StudyStore.open(tmp_path / "review") as other:
        other.keep_bank(marked_bank(3))
    assert main(["standard", "--study", str(study), "--review", str(tmp_path / "review")]) == 1
    assert "differs from this study's" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["0.62", "0.70"] * 20, "scores are percentages, and the highest is 0.7"),
        (["62%", "0.7"] * 20, "other scores have no percent sign"),
        (["62,5", "70"] * 20, "row 2: has 2 cells, and the header 1"),
        (["6_2", "70"] * 20, "found '6_2'"),
        (["NA", "70"] * 20, "row 2, column score: is empty"),
    ],
)
def test_candidates_scores_that_can_be_read_in_two_ways_set_no_mark(
    rows: list[str], words: str, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fractions were read as percentages below one, and ``62,5`` without quotation marks as 62."""
    table = tmp_path / "candidates.csv"
    table.write_text("\n".join(["score", *rows]), encoding="utf-8")
    assert main(["standard", "--study", str(study), "--method", "cohen", "--candidates", str(table)]) == 1
    assert words in " ".join(capsys.readouterr().err.split())
