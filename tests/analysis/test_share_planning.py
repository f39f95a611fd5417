"""Hours against width: by hand, against draws that were made, and by the command."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from test_partly_marked import NOW, Records

from samp_eval.analysis.power.share_planning import ShareDesign, line_design, pilot_design, plan_shares
from samp_eval.cli.main import main
from samp_eval.errors import CannotEstimate
from samp_eval.review.marks import Mark
from samp_eval.review.page.marking_service import PAGE
from samp_eval.review.page.pace import MarkingPace, marking_pace
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.statistics.drawn.draw_precision import DrawPrecision
from samp_eval.statistics.line_scores import simulate_predicted_scores

BY_HAND = ShareDesign(
    source="a test",
    simulated=True,
    precision=DrawPrecision(("new",), np.array([0.2]), np.array([0.5]), 100),
    term="new",
    reference="old",
    n_questions=100,
    n_rounds=5,
    answers=20.0,
    pace=MarkingPace(),
)


@pytest.fixture(scope="module")
def records(marked: Path) -> Records:
    return Records(marked)


def test_hours_errors_and_widths_by_hand() -> None:
    plan = plan_shares(BY_HAND, [0.25, 0.5], odds_ratio=2.0)
    quarter, half, full = plan.points
    assert [point.n_drawn for point in plan.points] == [25, 50, 100]
    assert quarter.hours == pytest.approx(25 * (60 + 7 * 20) / 3600)
    assert quarter.standard_error == pytest.approx(0.2 * sqrt(1 + 3 * 0.5))
    assert half.standard_error == pytest.approx(0.2 * sqrt(1.5))
    assert full.factor == pytest.approx(exp(stats.norm.ppf(0.975) * 0.2))
    reach = stats.t(49).ppf(0.975)
    assert half.times_full == pytest.approx(reach * sqrt(1.5) / stats.norm.ppf(0.975))
    assert half.power == pytest.approx(stats.t(49).cdf(log(2) / (0.2 * sqrt(1.5)) - reach))
    assert plan.widest == pytest.approx(full.factor**2.4)


def test_enough_is_the_smallest_number_that_is_narrow_enough() -> None:
    plan = plan_shares(BY_HAND, [0.5], odds_ratio=2.0, times=1.15)
    before = plan.curve[plan.enough.n_drawn - 15 - 1]
    assert (before.n_drawn, before.times_full > 1.15, plan.enough.times_full <= 1.15) == (
        plan.enough.n_drawn - 1,
        True,
        True,
    )
    assert plan_shares(BY_HAND, [0.5], odds_ratio=2.0, times=1.0).enough.n_drawn == 100
    wider = plan_shares(BY_HAND, [0.5], odds_ratio=2.0, n_questions=400)
    assert wider.points[-1].standard_error == pytest.approx(0.1)


def test_a_share_of_too_few_questions_is_refused() -> None:
    with pytest.raises(CannotEstimate, match=r"10 of 100 questions are too few.*at least 15"):
        plan_shares(BY_HAND, [0.1], odds_ratio=2.0)


def test_a_pilot_foresees_the_errors_of_draws_that_are_made(records: Records) -> None:
    design = pilot_design(records.scored(None), "key", NOW)
    assert (design.n_questions, design.n_rounds, design.simulated) == (40, 5, False)
    point = plan_shares(design, [0.5], odds_ratio=2.0).points[0]
    fits = [records.fitted(records.draw(20, seed)).fit for seed in range(12)]
    place = [term.term for term in fits[0].terms].index(design.term)
    assert np.mean([fit.terms[place].standard_error for fit in fits]) == pytest.approx(point.standard_error, rel=0.15)


def test_a_pilot_that_is_partly_marked_is_for_all_its_questions(records: Records) -> None:
    whole, part = (pilot_design(records.scored(draw), "key", NOW) for draw in (None, records.draw(25)))
    assert (part.n_questions, part.answers) == (40, whole.answers)
    assert part.precision.full_errors == pytest.approx(whole.precision.full_errors, rel=0.3)
    assert "25 questions" in part.source


def test_a_pilot_of_a_few_questions_is_refused(records: Records) -> None:
    few = [mark for mark in records.people if mark.question_id in records.names[:14]]
    with pytest.raises(CannotEstimate, match=r"at least 15 questions.*this study has 14"):
        pilot_design(records.scored(None, [*few]), "key", NOW)


def test_a_predictor_that_agrees_more_leaves_less() -> None:
    rough, fine, perfect = (line_design(0.75, agreement, 77, 5) for agreement in (0.8, 0.95, 1.0))
    missed = [float(design.precision.unpredicted[0]) for design in (rough, fine, perfect)]
    assert missed[0] > missed[1] > missed[2]
    assert missed[2] < 0.02
    assert (
        plan_shares(rough, [0.5], odds_ratio=2.0).enough.n_drawn > plan_shares(fine, [0.5], odds_ratio=2).enough.n_drawn
    )


def test_simulated_predictions_agree_as_often_as_asked() -> None:
    marks, design = simulate_predicted_scores(0.75, 0.9, 2)
    assert len(design) == len(marks.marked) == 3000 * 2 * 2
    assert marks.allowed[marks.kind, marks.marked].all()
    assert marks.allowed[marks.kind, marks.predicted].all()
    one_line = marks.allowed[marks.kind].sum(axis=1) == 2
    assert (marks.marked == marks.predicted)[one_line].mean() == pytest.approx(0.9, abs=0.03)


def page_marks(gaps: list[tuple[str, float]], source: str = PAGE) -> list[Mark]:
    """One mark for each (question, seconds since the mark before)."""
    moment, found = datetime(2026, 1, 1, tzinfo=UTC), []
    for number, (question, seconds) in enumerate(gaps):
        moment += timedelta(seconds=seconds)
        found.append(Mark(Reviewer("Ada"), question, f"a{number}", "key", "0", moment, source))
    return found


def test_the_pace_is_that_of_the_marking_page() -> None:
    gaps = [(f"q{number}", seconds) for number in range(12) for seconds in (50.0, 5.0, 6.0, 4.0, 9000.0)]
    assert marking_pace(page_marks(gaps)) == MarkingPace(question=45.0, answer=5.0, measured=True)
    corrected = [*page_marks(gaps), replace(page_marks(gaps)[3], field="judgement", marked_at=NOW)]
    assert marking_pace(corrected) == marking_pace(page_marks(gaps))
    assert marking_pace(page_marks(gaps[:20])) == MarkingPace()
    assert marking_pace(page_marks(gaps, "sheet.csv")) == MarkingPace()


def test_the_command_for_the_published_design(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "plan"
    words = ["power", "--right", "73.6", "--share", "0.5", "--share", "0.3334", "--out", str(out)]
    assert main(words) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Simulated: hours of one reviewer and the 95% interval")
    assert "drawn questions (" in captured.out
    assert "Stopping rule, to be fixed before marking" in captured.out
    assert "60 seconds to read a question and 7 for an answer (assumed)" in captured.err
    assert sorted(path.name for path in out.iterdir()) == ["share.csv", "share.pdf", "share.png", "share.svg"]
    with (out / "share.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [rows[0]["n_drawn"], rows[-1]["n_drawn"]] == ["15", "77"]
    assert {row["simulated"] for row in rows} == {"yes"}


def test_the_command_for_a_pilot(marked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--pilot", "--study", str(marked), "--share", "0.5", "--questions", "80", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["simulated"], found["n_questions"], [point["n_drawn"] for point in found["shares"]]) == (
        False,
        80,
        [40, 80],
    )
    assert found["enough"]["times_full"] <= found["times"] == 1.2
    assert "no predictor (samp-eval mark --marker key makes one)" in found["source"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--right", "75", "--share", "0.1"], 1, "8 of 77 questions are too few"),
        (["--right", "75", "--share", "0.5", "--keep"], 2, "is not kept"),
        (["--right", "75", "--share", "0.5", "--cluster", "case"], 2, "clustered on questions"),
        (["--right", "75", "--share", "0.5", "--rounds", "3", "--rounds", "5"], 2, "give one number"),
        (["--pilot", "--share", "0.5", "--rounds", "3"], 2, "its own number of rounds, 5"),
        (["--share", "0.5"], 2, "or --pilot"),
        (["--right", "75", "--share", "1.5"], 2, "less than or equal to 1"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    marked: Path, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    study = ["--study", str(marked)] if "--pilot" in words else []
    assert main(["power", *words, *study]) == code
    assert said in " ".join(capsys.readouterr().err.split())
