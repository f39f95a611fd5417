"""``samp-eval rank``: what it gives is what counting by hand gives, and what it refuses it refuses by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from marked_study import PERSON, SKILLS
from test_partly_marked import Records

from samp_eval.cli.main import main
from samp_eval.cli.shared.analysis_options import scored_study
from samp_eval.statistics import nash_equilibrium

Run = Callable[..., tuple[int, str, str]]
Rows = Iterable[tuple[str, str, int, float]]


def ranked(run: Run, *options: object) -> dict[str, Any]:
    code, out, err = run("rank", "--json", *options)
    assert code == 0, err
    results: dict[str, Any] = json.loads(out)
    return results


@pytest.fixture
def rank_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Rank the scores of a table: exit code, stdout, stderr."""

    def run_command(rows: Rows, *options: str) -> tuple[int, str, str]:
        file = tmp_path / "scores.csv"
        columns = ["question_id", "respondent", "round", "score", "condition"]
        pd.DataFrame(list(rows), columns=columns[: len(next(iter(rows)))]).to_csv(file, index=False)
        capsys.readouterr()
        code = main(["rank", "--table", str(file), "--study", str(tmp_path), *options])
        captured = capsys.readouterr()
        return code, captured.out.replace("\N{NO-BREAK SPACE}", " "), captured.err

    return run_command


def scores(chances: dict[str, float], questions: int = 40, rounds: int = 3, seed: int = 1) -> list[Any]:
    generator = np.random.default_rng(seed)
    ease = generator.normal(size=questions) * 0.1
    return [
        (f"q{question}", name, number + 1, 50.0 * generator.binomial(2, np.clip(chance + ease[question], 0, 1)))
        for question, (name, chance), number in product(range(questions), chances.items(), range(rounds))
    ]


def by_hand(table: pd.DataFrame, first: str, second: str, everyone: list[str]) -> float:
    """Preference of one over another: every pair of replicates, within conditions, averaged over questions."""
    of_questions = []
    for _, of_question in table.groupby("question_id"):
        of_conditions = []
        for _, part in of_question.groupby("condition", observed=True):
            if set(part["respondent"]) != set(everyone):
                continue
            ours, theirs = (part.loc[part["respondent"] == name, "score_percent"] for name in (first, second))
            of_conditions.append(np.mean([(a > b + 1e-9) + (abs(a - b) < 1e-9) / 2 for a, b in product(ours, theirs)]))
        if of_conditions:
            of_questions.append(np.mean(of_conditions))
    return float(np.mean(of_questions))


def test_preferences_of_a_study_are_those_counted_by_hand(run: Run, marked: Path) -> None:
    found = ranked(run)
    names = [one["respondent"] for one in found["respondents"]]
    assert sorted(names) == sorted([*SKILLS, PERSON])
    table = scored_study(marked).table
    table = table[(table["basis"] == "key") & table["score_percent"].notna()]
    for (i, first), (j, second) in product(enumerate(names), repeat=2):
        expected = 0.5 if i == j else by_hand(table, first, second, names)
        assert found["preferences"][i][j] == pytest.approx(expected, abs=1e-12)
    for place, one in enumerate(found["respondents"]):
        others = [preference for other, preference in enumerate(found["preferences"][place]) if other != place]
        assert one["mean_preference"] == pytest.approx(np.mean(others))
        assert one["ci_low"] < one["mean_preference"] < one["ci_high"]
        assert 1 <= one["rank_low"] <= one["rank_high"] <= 3
    assert found["n_questions"] == 40
    assert sum(one["strength"] for one in found["respondents"]) == pytest.approx(0, abs=1e-9)
    assert [one["strength"] for one in found["respondents"]] == sorted(
        (one["strength"] for one in found["respondents"]), reverse=True
    )


def test_the_mixture_is_the_equilibrium_of_these_preferences(run: Run) -> None:
    for tau in (0.1, 0.03):
        found = ranked(run, "--tau", tau)
        expected = nash_equilibrium(found["preferences"], tau=tau)
        shares = [one["nash"] for one in found["respondents"]]
        assert [share["value"] for share in shares] == pytest.approx(expected.probabilities.tolist(), abs=1e-12)
        assert all(share["ci_low"] <= share["value"] <= share["ci_high"] for share in shares)
        assert found["tau"] == tau
        assert found["nash"]["residual"] < 1e-12
    path = {step["tau"]: step["probabilities"] for step in found["nash"]["path"]}
    assert path[0.03] == pytest.approx(expected.probabilities.tolist(), abs=1e-12)


def test_a_condition_and_a_respondent_can_be_chosen(run: Run) -> None:
    found = ranked(run, "--condition", "bare", "--without", PERSON)
    assert found["condition"] == "bare"
    assert found["left_out"] == {PERSON: "as asked"}
    assert len(found["respondents"]) == 2
    code, _, err = run("rank", "--condition", "bare", "--without", PERSON)
    assert code == 0
    assert "With two respondents a rank says no more than their odds ratio" in err


def test_who_was_asked_under_other_conditions_is_named(run: Run) -> None:
    found = ranked(run, "--condition", "bare")
    assert found["left_out"] == {PERSON: "no scored response"}


def test_the_same_seed_gives_the_same_result(run: Run) -> None:
    assert ranked(run) == ranked(run)


def test_cheap_respondents_are_preferred_where_prices_count(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {"old model": 1.0, "new model": 5.0, PERSON: 1.0}
    monkeypatch.setattr("samp_eval.cli.results.rank._costs", lambda folder, scored: costs)
    found = ranked(run, "--price-scale", 2)
    reference = found["nash"]["reference"]
    assert reference["new model"] / reference["old model"] == pytest.approx(np.exp(-2))
    weights = [reference[one["respondent"]] for one in found["respondents"]]
    expected = nash_equilibrium(found["preferences"], tau=0.1, reference=weights).probabilities
    assert [one["nash"]["value"] for one in found["respondents"]] == pytest.approx(expected.tolist())


def test_a_respondent_without_a_price_is_named(run: Run) -> None:
    code, _, err = run("rank", "--price-scale", 1)
    assert code == 1
    assert "the cost of old model is not known" in err


def test_the_text_says_what_is_settled(rank_table: Run) -> None:
    code, out, _ = rank_table(scores({"A": 0.9, "B": 0.6, "C": 0.3}))
    assert code == 0
    assert "A is first: its 95% rank interval holds no other rank." in out
    assert "The rank intervals settle three of three ranks: A (1), B (2) and C (3)." in out
    assert "agree with one strength for each respondent" in out
    code, out, _ = rank_table(scores({"A": 0.6, "B": 0.6, "C": 0.6}))
    assert "the data do not settle who is first" in out


def test_a_circle_is_named(rank_table: Run) -> None:
    beats = {"A": "B", "B": "C", "C": "A"}
    rows: list[Any] = []
    for question in range(60):
        first = "ABC"[question % 3]
        second = beats[first]
        third = beats[second]
        values = {first: 100.0, second: 50.0, third: 0.0}
        rows += [(f"q{question}", name, 1, value) for name, value in values.items()]
        rows.append((f"q{question}", first, 2, 50.0 if question % 4 else 0.0))
    code, out, _ = rank_table(rows)
    assert code == 0
    assert "A is preferred to B, B to C, and C to A" in out


def test_who_beats_all_others_in_every_question_is_refused_by_name(rank_table: Run) -> None:
    rows = [
        (name, other, number, 0.0 if value >= 100 else value)
        for name, other, number, value in scores({"B": 0.5, "C": 0.4})
    ]
    rows += [(f"q{question}", "A", 1, 100.0) for question in range(40)]
    code, out, err = rank_table(rows)
    assert (code, out) == (1, "")
    assert "A beat all others in every comparison, so no finite strength exists" in err
    assert rank_table(rows, "--without", "A")[0] == 0


def test_everyone_always_even_is_refused(rank_table: Run) -> None:
    code, _, err = rank_table([(f"q{question}", name, 1, 50.0) for question in range(20) for name in "ABC"])
    assert code == 1
    assert "Every comparison is a tie" in err


def test_other_questions_are_refused(rank_table: Run) -> None:
    rows = [(f"{name}{question}", name, 1, 50.0) for question in range(20) for name in "AB"]
    code, _, err = rank_table(rows)
    assert code == 1
    assert "No question was answered by any two of A, B under the same condition" in err


def test_who_shares_nothing_is_left_out_even_with_the_most_questions(rank_table: Run) -> None:
    rows = [row for row in scores({"A": 0.6, "B": 0.5}) if int(row[0][1:]) < 30]
    rows += [(f"other{question}", "C", 1, 50.0) for question in range(40)]
    code, out, err = rank_table(rows, "--json")
    assert code == 0, err
    assert {one["respondent"] for one in json.loads(out)["respondents"]} == {"A", "B"}
    assert "no question under the same condition as all the others" in out


def test_topics_that_are_not_known_are_said(rank_table: Run) -> None:
    code, _, err = rank_table(scores({"A": 0.6, "B": 0.5}), "--by-topic")
    assert code == 0, err
    assert "no mixture for each topic, because topics are not known" in err


def test_who_answered_few_is_left_out_by_name(rank_table: Run) -> None:
    rows = [row for row in scores({"A": 0.6, "B": 0.5, "C": 0.4}) if row[1] != "C" or int(row[0][1:]) < 15]
    code, out, err = rank_table(rows, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["left_out"] == {"C": "a score on only 15 of 40 questions"}
    assert found["n_questions"] == 40
    assert found["n_questions_by_respondent"] == {"A": 40, "B": 40, "C": 15}


def test_common_questions_are_counted(rank_table: Run) -> None:
    rows = [row for row in scores({"A": 0.6, "B": 0.5, "C": 0.4}) if row[1] != "C" or int(row[0][1:]) < 25]
    _, out, err = rank_table(rows)
    assert "on 25 questions" in out
    assert "Only the 25 questions that all ranked respondents answered count; one answered 40." in err


def skills_by_name(found: dict[str, Any]) -> dict[str, float]:
    names = [one["respondent"] for one in found["respondents"]]
    return dict(zip(names, found["nash"]["averaging"]["skills"], strict=True))


def test_a_copy_is_named_and_moves_no_skill(rank_table: Run) -> None:
    rows = scores({"A": 0.6, "B": 0.5, "C": 0.4})
    alone = json.loads(rank_table(rows, "--json")[1])
    rows += [(question, "copy of C", number, value) for question, name, number, value in rows if name == "C"]
    found = json.loads(rank_table(rows, "--json")[1])
    assert found["always_even"] == [["C", "copy of C"]]
    skills = [skills_by_name(result) for result in (alone, found)]
    for name in "ABC":
        assert skills[1][name] == pytest.approx(skills[0][name], abs=1e-9)
    assert "C and copy of C are even on every question" in rank_table(rows)[2]


def test_who_never_wins_is_refused(rank_table: Run) -> None:
    rows = scores({"A": 0.6, "B": 0.5})
    rows = [(question, name, number, max(value, 50.0)) for question, name, number, value in rows]
    code, _, err = rank_table([*rows, *((f"q{question}", "C", 1, 0.0) for question in range(40))])
    assert code == 1
    assert "C lost every comparison with the others, so no finite strength exists" in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--tau", "0"), "must be a number above 0"),
        (("--tau", "-1"), "must be a number above 0"),
        (("--tau", "nan"), "must be a number above 0"),
        (("--condition", "later"), "is not a condition"),
        (("--price-scale", "1"), "a table has no prices"),
    ],
)
def test_wrong_options_are_wrong_usage(rank_table: Run, options: tuple[str, ...], words: str) -> None:
    code, _, err = rank_table(scores({"A": 0.6, "B": 0.5}), *options)
    assert code == 2
    assert words in " ".join(err.split())


def test_rounded_scores_are_tied_with_exact_ones(rank_table: Run) -> None:
    exact = [(*row[:3], 100 * row[3] / 150) for row in scores({"A": 0.6, "B": 0.5})]
    rounded = [(*row[:3], round(row[3], 2) if row[2] == 2 else row[3]) for row in exact]
    first, second = (json.loads(rank_table(rows, "--json")[1])["preferences"] for rows in (exact, rounded))
    assert first == second


def test_an_unknown_respondent_is_named(rank_table: Run) -> None:
    code, _, err = rank_table(scores({"A": 0.6, "B": 0.5}), "--without", "D")
    assert code == 1
    assert "'D' is not a respondent of this study; it has A, B" in err


def test_one_respondent_cannot_be_ranked(rank_table: Run) -> None:
    code, _, err = rank_table(scores({"A": 0.6}))
    assert code == 1
    assert "A ranking needs two respondents" in err


def test_mixtures_by_topic_are_pulled_towards_all(run: Run) -> None:
    found = ranked(run)
    [topic] = found["nash"]["topics"]
    assert (topic["topic"], topic["n_questions"]) == ("Fever", 40)
    shares = [one["nash"]["value"] for one in found["respondents"]]
    assert topic["probabilities"] == pytest.approx(shares)  # the only topic is all questions
    assert "Mixture for each topic" in run("rank", "--by-topic")[1]


def test_a_partly_marked_study_is_ranked_on_all_questions_or_on_the_drawn_ones(
    run: Run, monkeypatch: pytest.MonkeyPatch, marked: Path
) -> None:
    records = Records(marked)
    drawn = records.scored(records.draw(20))
    monkeypatch.setattr("samp_eval.cli.results.rank.study_or_table", lambda *words, **options: drawn)
    code, out, err = run("rank", "--by-topic")
    assert code == 0
    assert "Physicians' marks of 20 of 40 questions" in out
    assert "are not given: they need the marks of every question" in out
    assert "of these questions only" not in err
    assert "of these questions only" in run("rank", "--drawn-only")[2]
    assert ranked(run)["drawn"] == {"n_questions": 40, "n_drawn": 20}


def test_drawn_only_needs_a_draw(run: Run) -> None:
    code, _, err = run("rank", "--drawn-only")
    assert code == 2
    assert "no part of the questions was drawn" in err
