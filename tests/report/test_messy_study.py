"""A study that departs from its plan in every way: what each output says beside its numbers."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from messy_study import FAILED_ALWAYS, make_messy_study
from page import Page, read_page

from samp_eval.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_messy_study(tmp_path_factory.mktemp("messy"))


@pytest.fixture
def run(messy: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the study: exit code, stdout, stderr, each on one line."""

    def run_command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*(str(one) for one in arguments), "--study", str(messy)])
        captured = capsys.readouterr()
        return code, " ".join(captured.out.split()), " ".join(captured.err.split())

    return run_command


@pytest.fixture(scope="module")
def page(messy: Path, tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("report")
    assert main(["report", "--study", str(messy), "--out", str(folder)]) == 0
    return read_page((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scores(messy: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The exported scores by the key, with those that are open."""
    folder = tmp_path_factory.mktemp("export")
    assert main(["export", "--study", str(messy), "--out", str(folder)]) == 0
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["basis"] == "key"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["check"],
        ["analyze"],
        ["analyze", "--cluster", "question-respondent", "--covariance", "bias_reduced"],
        ["analyze", "--association", "exchangeable"],
        ["analyze", "--questions", "all"],
        ["compare", "--failures", "zero", "--levels", "grouped"],
        ["agreement"],
        ["responses", "show", "case-00-1", "--respondent", "model A", "--round", "1"],
        ["responses", "lines"],
        ["review", "status"],
        ["review", "history"],
        ["power", "--pilot", "--questions", "30", "--rounds", "2", "--simulations", "100"],
    ],
    ids=" ".join,
)
def test_every_command_runs(run: Run, arguments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert code == 0, err
    assert out
    assert "None" not in out
    assert "nan" not in out.split()


def test_who_shares_no_condition_with_the_others_is_not_ranked(run: Run) -> None:
    code, out, err = run("rank")
    assert code == 0
    assert "Ranks of four respondents by the answer key on 29 questions" in out
    assert "trial is not ranked: no question under the same condition as all the others" in err
    assert "Only responses in these rounds are compared: bare; bare, regenerated" in err


def test_a_respondent_without_a_condition_does_not_take_it_from_the_others(page: Page) -> None:
    """``bare only`` has no prompted response; the others are compared by prompted and bare all the same."""
    assert "bare only: every response is bare, so it is left out of prompted v bare." in page.text
    assert "is the same in every response" not in page.text


def test_each_odds_ratio_says_on_how_many_questions_it_rests(run: Run) -> None:
    code, out, _ = run("analyze", "--json")
    assert code == 0
    found = json.loads(out)
    counts = {term["term"]: term["n_questions"] for term in found["terms"]}
    assert counts == {
        "model B": 29,
        "bare only": 30,
        "trial": 20,
        "ceiling": 30,
        "prompted": 30,
        "regenerated": 30,
        "later": 30,
    }
    assert found["n_questions_by_respondent"]["trial"] == 20
    warnings = " ".join(found["warnings"])
    assert "trial has scores on 20 questions and model A on 30; their comparison uses the 20 that both" in warnings
    assert "20 of 523 responses of the others are left out: their marks are open" in warnings
    _, _, err = run("analyze")
    assert "late has no figures on either basis yet: 26 of its 60 responses are marked" in err


def test_compare_names_what_failed_and_what_could_not_be_significant(run: Run) -> None:
    code, out, _ = run("compare")
    assert code == 0
    assert f"model B failed on {FAILED_ALWAYS} (round 1), case-05-1 (round 1), {FAILED_ALWAYS} (round 2)" in out
    assert "needs six discordant questions for a p-value below 0.05: all 14 tests here had fewer" in out
    assert (
        "model B v model A: the interval is for a population of such questions (standard error 4.45 points; with one "
        "round of each it would be about 7.94); for these 29 questions alone the standard error is 3.48."
    ) in out
    assert "for these 30 questions alone the standard error is 4.89, not smaller: how" in out
    assert "model A, on the questions of model B" in out


def test_agreement_that_is_whole_is_not_certain(run: Run) -> None:
    code, out, _ = run("agreement", "--json")
    assert code == 0
    (trial,) = [value for name, value in json.loads(out)["details"]["key"]["by_respondent"].items() if name == "trial"]
    assert trial["percent"]["value"] == trial["percent"]["ci_high"] == 100
    assert trial["percent"]["ci_low"] == pytest.approx(100 * 0.025 ** (1 / 20))
    assert trial["cohen_kappa"]["ci_low"] < 0.7


def test_the_summary_says_what_each_was_asked_before_what_it_achieved(page: Page) -> None:
    text = page.text.replace("\xa0", " ")
    assert (
        "Six respondents were asked different questions or rounds: model A and ceiling 30 questions in five rounds "
        "(150 responses each); model B 30 questions in five rounds (143 responses, 7 failures); bare only 30 questions "
        "in two rounds (60 responses); late 30 questions in two rounds (60 responses); trial 20 questions in one round "
        "(20 responses)."
    ) in text
    assert (
        "On both bases, the lines correct are model A 263 of 357 (73.7%), model B 244 of 326 (74.8%), bare only 88 of "
        "150 (58.7%), trial 32 of 50 (64.0%) and ceiling 353 of 375 (94.1%). Only 141 of 150 responses of model A and "
        "132 of 143 responses of model B have a score. With the open marks as wrong or right, the shares of all lines "
        "are 71.7 to 73.9% for model A and 72.2 to 74.8% for model B."
    ) in text
    assert "for bare only: round 3 bare; round 4 bare, regenerated; for late: round 1 prompted" in text
    assert "not all of them of every respondent (model A 30, model B 30, bare only 30, late 30, trial 20" in text


def test_the_summary_names_the_table_of_more_odds_ratios_than_it_can_hold(page: Page) -> None:
    said = "On both bases, the odds ratios of a higher score of four respondents against model A are in Table 5."
    assert said in page.text.replace("\xa0", " ")
    assert "Table 5. Odds ratios of a higher score percentage" in page.text


def test_what_is_the_same_on_both_bases_is_said_once(page: Page) -> None:
    assert page.text.count("The mixture of answers that no respondent is preferred to") == 1
    assert page.text.count("tell no respondents apart on both bases") == 1


def test_no_respondent_with_one_response_is_among_those_that_differ_most(
    page: Page, scores: list[dict[str, str]]
) -> None:
    """Counted from the exported scores; ``trial`` has one response to a question and ``bare only`` two."""
    lines: dict[str, dict[str, list[tuple[float, int]]]] = {}
    for row in scores:
        if row["score_percent"]:
            of_question = lines.setdefault(row["question_id"], {})
            of_question.setdefault(row["respondent"], []).append((float(row["correct"]), int(row["requested"])))
    widest: dict[str, float] = {}
    for question_id, of_question in lines.items():
        shares = [
            100 * sum(right for right, _ in given) / sum(asked for _, asked in given)
            for given in of_question.values()
            if len(given) >= 3
        ]
        widest[question_id] = max(shares) - min(shares)
    named = sorted(widest, key=lambda question_id: -widest[question_id])[:3]
    text = page.text.replace("\xa0", " ")
    sentence = text[text.index("On both bases, the largest differences in lines correct") :].split("They were sought")[
        0
    ]
    assert all(question_id in sentence for question_id in named)
    assert "(model A 3 of 4, model B 1 of 4, ceiling 5 of 5)" in sentence
    assert "trial" not in sentence
    shown = {row[0]: row[-1] for row in page.tables["table-questions-key"][1:]}
    assert shown == {question_id: f"{spread:.1f}" for question_id, spread in widest.items()}


def test_every_question_says_what_its_answers_do_not_show(page: Page) -> None:
    text = " ".join(page.text.replace("\xa0", " ").split())
    assert "Beside each question stand the lines correct by the answer key, of those asked for" in text
    failed, *_ = text.split(f"{FAILED_ALWAYS} What would you ask about?")[1].split("Answers and marks")
    assert "model B no score" in failed
    assert "Failed, without a response: model B rounds 1, 2, 3, 4 and 5 (timeout)." in failed
    trial, *_ = text.split("case-10-1 What would you ask about?")[1].split("Answers and marks")
    assert "trial not asked" in trial
    assert "Not asked: trial round 1." in trial
    assert "No score, because too little of the respondent is marked: late rounds 1 and 2." in trial
    disputed, *_ = text.split("case-00-1 What would you ask about?")[1].split("Answers and marks")
    assert "model A 7/8 (88%)" in disputed, "four of five responses have a score"
    assert "No score, because marks are open or the reviewers disagree: model A round 3." in disputed


def test_the_report_says_what_a_referee_would_ask(page: Page) -> None:
    text = page.text.replace("\xa0", " ")
    assert "for these 30 questions alone the standard error is" in text
    assert "By the answer key, the lines correct are" not in text
    assert "The odds ratio of scores depends on how many lines a question asks for" in text
    assert "Only one round was later, so its effect cannot be told from anything else that changed in that time" in text


def test_what_departs_from_the_plan_is_said_where_the_figures_stand(page: Page) -> None:
    text = page.text.replace("\xa0", " ")
    assert "on both bases, 80 of 583 responses are left out, because their marks are open" in text
    assert "or too little of their respondent is marked. late has no figures on either basis yet: 26 of" in text
    assert "20 of 523 responses of the others are left out: their marks are open" in text
    assert "different questions or rounds and do not compare the respondents" in text
    rounds = "in these rounds only: bare; bare, regenerated"
    of_whom = f"four respondents on 29 questions, {rounds}; without late and trial."
    assert f"The ranks are of {of_whom}" in text
    assert "Mean preferences with 95% intervals for each alone, and simultaneous 95% rank intervals" in text
    assert "503 responses in 30 clusters, 7 score levels; each comparison uses some of them" in text
    few = "Few clusters (30 for bare only, ceiling v model A; 29 for model B v model A; 20 for trial v model A): robust"
    assert few in text
    assert text.count("robust standard errors tend to be too small") == 1, "once in the report"
    assert text.count("What Table 5 says of respondents, questions and clusters holds here too.") == 2, "on each basis"
    assert "the t distribution with 16 to 25 degrees of freedom" in text
    assert "not tested for model B and trial, whose odds ratios come from fits to other questions" in text
    assert "so rows with different numbers of rounds cannot be compared" in text


def test_the_tables_stand_on_common_questions(page: Page) -> None:
    heads, *rows = page.tables["table-asked"]
    asked = {row[0]: row[heads.index("Questions") : heads.index("Questions") + 2] for row in rows}
    assert asked["trial"] == ["20", "1"]
    assert asked["bare only"] == ["30", "2"]
    odds = {row[0]: row[1] for row in page.tables["table-odds-ratios"] if len(row) > 1}
    assert odds["model B v model A"] == "29"
    responses = {row[0]: row[2] for row in page.tables["table-odds-ratios"] if len(row) > 2}
    assert [responses[f"{name} v model A"] for name in ("model B", "trial", "ceiling")] == ["268", "115", "351"]
    assert "late v model A" not in odds
    differences = {row[0]: row[1:3] for row in page.tables["table-differences"] if len(row) > 1}
    assert differences["model B v model A"] == ["29", "268"]
    assert differences["trial v model A"] == ["20", "115"]
    predictions = [row[:2] for row in page.tables["table-predictions"]]
    assert ["model A, on the same questions", "20"] in predictions
    contrasts = {row[0]: row[1] for row in page.tables["table-contrasts"] if len(row) > 1}
    assert contrasts["trial v model B"] == "19"
    assert contrasts["trial, prompted v bare only, bare"] == "20"


def test_odds_ratios_under_a_condition_say_on_how_much_they_rest(page: Page, scores: list[dict[str, str]]) -> None:
    """Counted from the exported scores: the two respondents' rows under the condition, on their common questions."""
    questions: dict[tuple[str, str], set[str]] = {}
    responses: Counter[str] = Counter()
    for row in scores:
        if row["respondent"] in ("model A", "model B") and row["question_id"] != FAILED_ALWAYS and row["score_percent"]:
            level = "asked later" if row["later"] == "1" else "asked first"
            questions.setdefault((level, row["respondent"]), set()).add(row["question_id"])
            responses[level] += 1
    heads, *rows = page.tables["table-respondent-by-condition"]
    assert heads[2:4] == ["Questions", "Responses"]
    place = next(number for number, row in enumerate(rows) if row[:2] == ["model B v model A", "asked first"])
    for level, shown in zip(("asked first", "asked later"), rows[place : place + 2], strict=True):
        both = questions[level, "model A"] & questions[level, "model B"]
        assert shown[1:4] == [level, str(len(both)), str(responses[level])]


def test_the_sensitivity_table_has_open_marks_and_all_questions(page: Page) -> None:
    choices = [row[0] for row in page.tables["table-sensitivity"]]
    assert {"Open marks: counted as wrong", "Open marks: counted as right", "Questions: all"} <= set(choices)


def test_harm_has_a_denominator_and_an_interval(page: Page) -> None:
    rows = {row[0]: row[1:] for row in page.tables["table-harm-share"][1:]}
    assert rows["model B"][0].startswith("1/143")
    assert rows["trial"] == ["0/20\xa0(0.0%)", "0.0\xa0to\xa016.8"]  # 1 - 0.025 ** (1 / 20)


def test_export_has_a_script_for_each_comparison(run: Run, tmp_path: Path) -> None:
    assert run("export", "--out", tmp_path)[0] == 0
    assert {file.name for file in tmp_path.glob("*.R")} == {
        "ranks.R",
        *(f"{script}{number}.R" for script in ("odds_ratios", "conditional") for number in ("", "_2", "_3")),
    }


def test_thresholds_by_the_number_of_answers_are_a_row(page: Page) -> None:
    choices = [row[0] for row in page.tables["table-sensitivity"]]
    assert choices.count("Thresholds: by the number of answers asked") == 2, "on each basis"
    assert choices.count("Outcome: each line right or wrong") == 2


def test_names_of_respondents_keep_their_case(page: Page) -> None:
    assert "model B has scores on 29 questions and model A on 30" in page.text
    assert "Model B has scores" not in page.text
