"""``review plan --questions``: drawn before marking, followed by sheets, agreement, status and the analysis."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from marked_study import RIGHT, marked_bank

from samp_eval.cli.main import main
from samp_eval.review.assignment.draw import draw_questions
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import DEFAULT_ROUNDS

Run = Callable[..., tuple[int, str, str]]
PAIR = ("--reviewer", "Ann", "--reviewer", "Bob")


@pytest.fixture
def study(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """Two simulated models, two rounds, no mark."""
    folder = new_study(tmp_path / "study")
    bank = marked_bank()
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for shift, name in enumerate(("old", "new")):
            store.keep_respondent(name, {"model": name, "simulated": True})
            responses = [
                Response(
                    Ask(question.id, name, number, DEFAULT_ROUNDS[number - 1].condition),
                    Reply(_text(place, number, shift, question.requested), name),
                    None,
                )
                for number in (1, 2)
                for place, (_, question) in enumerate(bank.asked())
            ]
            store.keep_outcomes(responses)
    return folder


def _text(place: int, number: int, shift: int, requested: int) -> str:
    words = [word if (place * 7 + number + line) % (3 + shift) else "travel" for line, word in enumerate(RIGHT)]
    return "\n".join(f"{line}. {word}" for line, word in enumerate(words[:requested], 1))


@pytest.fixture
def run(study: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*map(str, words), "--study", str(study)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def drawn_by(run: Run, *words: str) -> list[str]:
    code, out, err = run("review", "plan", *PAIR, "--json", *words)
    assert code == 0, err
    draw: dict[str, Any] = json.loads(out)["draw"]
    return list(draw["order"][: draw["n_drawn"]])


def fill(sheet: Path) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    with sheet.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0].keys())
        writer.writeheader()
        for row in rows:
            right = row["answer"] in RIGHT
            mark = {"key_mark": "ABC"[RIGHT.index(row["answer"])] if right else "0", "judgement_mark": int(right)}
            writer.writerow({**row, **mark})


def mark_drawn(run: Run, study: Path, *words: str) -> None:
    assert run("review", "export", *PAIR, *words)[0] == 0
    sheets = sorted((study / "sheets").glob("*.csv"))
    for sheet in sheets:
        fill(sheet)
    code, _, err = run("review", "import", *sheets)
    assert code == 0, err
    for sheet in sheets:
        sheet.unlink()


@pytest.mark.slow
def test_from_the_draw_to_the_odds_ratio(run: Run, study: Path) -> None:
    assert run("mark", "--marker", "key")[0] == 0
    drawn = drawn_by(run, "--questions", "20")
    mark_drawn(run, study)
    with StudyStore.open(study, create=False) as store:
        assert {mark.question_id for mark in store.marks() if mark.reviewer.role == "reviewer"} == set(drawn)
    found = json.loads(run("analyze", "--json")[1])
    assert (found["estimator"], found["n_questions_drawn"], found["n_questions"]) == ("prediction-powered", 20, 40)
    assert found["n_observations"] == 160
    for command in ("compare", "agreement"):
        code, _, err = run(command)
        assert code == 0
        assert "20 of 40 questions are drawn to be marked" in err
    assert "every figure above is of the 20 drawn questions only" in run("compare")[2]
    assert "20 of 40 questions are drawn to be marked." in run("status")[1]
    progress = json.loads(run("review", "status", "--json")[1])
    sheets = json.loads(run("review", "export", *PAIR, "--all", "--json")[1])
    assert progress["distinct_answers"] == sheets["distinct_answers"]
    assert all(reviewer["open"] == 0 for reviewer in progress["reviewers"])
    assert json.loads(run("compare", "--json")[1])["drawn"] == {"n_questions": 40, "n_drawn": 20}
    assert json.loads(run("rank", "--json")[1])["drawn"] == {"n_questions": 40, "n_drawn": 20}
    assert run("export")[0] == 0
    exported = {
        name: next(csv.DictReader((study / "export" / name).read_text(encoding="utf-8").splitlines()))
        for name in ("odds_ratios.csv", "odds_ratios_of_all.csv")
    }
    assert [row["n_questions"] for row in exported.values()] == ["20", "40"]
    assert float(exported["odds_ratios_of_all.csv"]["odds_ratio"]) == pytest.approx(found["terms"][0]["odds_ratio"])
    assert "Of 20 drawn questions only" in (study / "export" / "README.md").read_text(encoding="utf-8")
    assert "# Of the drawn questions alone (20 of 40)" in (study / "export" / "odds_ratios.R").read_text("utf-8")
    manifest = json.loads((study / "export" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["drawn"] == {"n_questions": 40, "n_drawn": 20}
    assert manifest["odds_ratios_of_all"]["estimator"] == "prediction-powered"
    assert run("report")[0] == 0
    text = next((study / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert "Reviewers marked 20 of 40\N{NO-BREAK SPACE}questions, drawn at random" in text.replace("&nbsp;", "\xa0")
    assert "Marking is not finished" not in text
    assert "That one odds ratio holds at every cut point (proportional odds) was not checked" in text
    assert "Odds ratios under each condition are not estimated, because a part of the questions is marked." in text


@pytest.mark.slow
def test_more_goes_on_in_the_order_with_the_same_reviewers(run: Run, study: Path) -> None:
    assert run("mark", "--marker", "key")[0] == 0
    first = drawn_by(run, "--share", "0.4")
    assert len(first) == 16
    mark_drawn(run, study)
    code, out, err = run("review", "plan", "--more", "4", "--json")
    assert code == 0, err
    draw = json.loads(out)["draw"]
    assert draw["order"][:16] == first
    assert draw["n_drawn"] == 20
    half = json.loads(run("analyze", "--json")[1])
    assert half["n_questions_drawn"] == 16
    assert any("4 questions at the end of the draw have open marks" in warning for warning in half["warnings"])
    mark_drawn(run, study, "--new")
    assert json.loads(run("analyze", "--json")[1])["n_questions_drawn"] == 20
    assert run("review", "plan", "--more", "20")[0] == 0
    mark_drawn(run, study, "--new")
    everything = json.loads(run("analyze", "--json")[1])
    assert (everything["estimator"], everything["n_observations"]) == ("complete", 160)


def test_an_excluded_question_keeps_its_place_in_the_order(run: Run, study: Path) -> None:
    assert run("mark", "--marker", "key")[0] == 0
    drawn = drawn_by(run, "--questions", "20")
    mark_drawn(run, study)
    assert run("exclude", "question", drawn[3], "--reason", "Misprinted.")[0] == 0
    found = json.loads(run("analyze", "--json")[1])
    assert (found["n_questions_drawn"], found["n_questions"]) == (19, 39)
    with StudyStore.open(study, create=False) as store:
        draw = store.draw()
    assert draw is not None
    assert list(draw.drawn) == drawn


def test_a_question_that_came_after_the_draw_is_named() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    draw = draw_questions(["a", "b", "c"], 2, seed=1, now=now, marked={"c"}, set_marked_aside=True)
    assert draw.came_later(["a", "b", "c", "d"]) == ["d"]


@pytest.mark.slow
def test_marks_outside_the_draw_are_counted_and_used_in_no_figure(run: Run, study: Path) -> None:
    assert run("mark", "--marker", "key")[0] == 0
    assert run("review", "export", *PAIR)[0] == 0  # of all questions, before the draw
    drawn = drawn_by(run, "--questions", "20")
    for sheet in (study / "sheets").glob("*.csv"):
        fill(sheet)
        assert run("review", "import", sheet)[0] == 0
    with StudyStore.open(study, create=False) as store:
        outside = {
            mark.answer_id for mark in store.marks() if mark.reviewer.name in PAIR and mark.question_id not in drawn
        }
    code, out, err = run("analyze", "--json")
    assert code == 0
    assert json.loads(out)["n_questions_drawn"] == 20
    said = f"Reviewers also marked {len(outside)} answers to other questions"
    assert said in err
    assert run("report")[0] == 0
    text = next((study / "reports").glob("*.html")).read_text(encoding="utf-8")
    assert said in text.replace("&nbsp;", " ").replace("\xa0", " ")


def test_a_draw_over_the_cases_goes_to_the_odds_ratio(run: Run, study: Path) -> None:
    assert run("mark", "--marker", "key")[0] == 0
    drawn = drawn_by(run, "--questions", "24", "--stratify")
    assert {name.rpartition("-")[0] for name in drawn[:20]} == {name.rpartition("-")[0] for name in drawn}
    mark_drawn(run, study)
    found = json.loads(run("analyze", "--json")[1])
    assert (found["estimator"], found["n_questions_drawn"], found["n_questions"]) == ("prediction-powered", 24, 40)
    assert "24 of 40 questions, spread over all cases, are drawn to be marked." in run("status")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--questions", "41"), "there are 40"),
        (("--questions", "19", "--stratify"), "cannot be spread over 20 cases"),
        (("--stratify",), "go with --questions N or --share F"),
        (("--more", "3"), "no questions are drawn yet"),
        (("--questions", "20", "--share", "0.5"), "give one of"),
    ],
)
def test_what_cannot_be_drawn_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, err = run("review", "plan", *PAIR, *words)
    assert code in (1, 2)
    assert said in " ".join(err.split())


def test_a_second_draw_and_one_after_marking_are_refused(run: Run, study: Path) -> None:
    drawn_by(run, "--questions", "20")
    code, _, err = run("review", "plan", *PAIR, "--questions", "30")
    assert code == 1
    assert "20 of 40 questions are drawn to be marked already; --more N" in err


def test_a_draw_after_marks_is_refused_or_leaves_them_aside(run: Run, study: Path) -> None:
    assert run("mark", "--marker", "key")[0] == 0
    assert run("review", "plan", *PAIR)[0] == 0
    assert run("review", "export", *PAIR)[0] == 0
    for sheet in (study / "sheets").glob("*.csv"):
        lines = sheet.read_text(encoding="utf-8-sig").splitlines()
        sheet.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
        fill(sheet)
    assert run("review", "import", *(study / "sheets").glob("*.csv"))[0] == 0
    again = ("review", "plan", *PAIR, "--questions", "20", "--reason", "Too much to mark.")
    code, _, err = run(*again)
    assert code == 1
    assert "have marks already" in err
    code, out, err = run(*again, "--set-marked-aside", "--json")
    assert code == 0, err
    draw = json.loads(out)["draw"]
    assert draw["set_aside"]
    assert not set(draw["set_aside"]) & set(draw["order"])
