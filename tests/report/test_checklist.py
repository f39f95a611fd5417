"""The checklists: filled from records, prefilled, or open; the authors' own words go first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sample import BEGIN, sample_records

from samp_eval.cli.main import main
from samp_eval.report.content.checklist import Checklist, answered_checklists
from samp_eval.report.content.records import FrozenPlan
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.methods import respondents_words
from samp_eval.review.people.reviewers import KEY_MARKER
from samp_eval.study import load_study


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return sample_records().content()


@pytest.fixture(scope="module")
def chart(content: ReportContent) -> Checklist:
    return answered_checklists(content)[0]


def answer(checklist: Checklist, number: str) -> str:
    return next(item.answer for item in checklist.items if item.number == number)


def test_chart_has_its_39_items_about_a_third_filled_and_half_prefilled(chart: Checklist) -> None:
    assert chart.name == "CHART"
    assert len({item.number for item in chart.items}) == 39
    assert {item.number.rstrip("abcdei") for item in chart.items} == {str(number) for number in range(1, 13)}
    assert 9 <= chart.count("Filled") <= 15
    assert chart.count("To confirm") >= 15
    assert chart.count("Filled") + chart.count("To confirm") + chart.count("Open") == 39


def test_records_answer_with_the_studys_own_facts(chart: Checklist) -> None:
    assert "gpt-4-0613" in answer(chart, "3a")
    assert "9 to 13 August 2023" in answer(chart, "6b").replace("\xa0", " ")
    assert "2 people" in answer(chart, "7bi").replace("\xa0", " ")
    assert "abababababab" in answer(chart, "5b")


def test_a_frozen_plan_and_a_dated_model_fill_their_items(content: ReportContent) -> None:
    assert next(item.status for item in answered_checklists(content)[0].items if item.number == "12d") == "To confirm"
    frozen = replace(content, frozen=FrozenPlan("cd" * 32, BEGIN))
    items = {item.number: item for item in answered_checklists(frozen)[0].items}
    assert items["12d"].status == items["3a"].status == "Filled"
    assert "cdcdcdcdcdcd" in items["12d"].answer
    unnamed = tuple(replace(one, models_returned=()) for one in content.respondents)
    items = {item.number: item for item in answered_checklists(replace(content, respondents=unnamed))[0].items}
    assert items["3a"].status == "To confirm"
    assert "release dates" in items["3a"].answer


def test_what_was_recorded_elsewhere_is_not_claimed_to_be_known(content: ReportContent) -> None:
    recorded = tuple(replace(one, settings={**one.settings, "recorded": True}) for one in content.respondents)
    recorded = (recorded[0], replace(recorded[1], prompt_tokens=None))
    shown = replace(content, respondents=recorded)
    lists = {one.name: {item.number: item for item in one.items} for one in answered_checklists(shown)}
    of_chart = [lists["CHART"][number] for number in ("4c", "5b", "6a", "6c")]
    others = [lists["MI-CLEAR-LLM"]["Access mode"], lists["TRIPOD-LLM"]["Cost and time"]]
    assert {item.status for item in (*of_chart, *others)} == {"To confirm"}
    assert "answers recorded elsewhere" in of_chart[2].answer
    assert "separate session" not in of_chart[3].answer
    assert "The tokens of gpt-4 were not counted" in others[1].answer
    words = respondents_words(shown)
    assert words.startswith("The answers were recorded elsewhere and imported.")
    assert "recorded True" not in words


def test_a_part_of_the_bank_is_not_called_the_whole() -> None:
    records = sample_records()
    few = [one for one in records.responses if one.ask.question_id in ("case-1-1", "case-1-2", "case-2-1")]
    metrics = answered_checklists(replace(records, responses=tuple(few)).content())[3]
    selection = answer(metrics, "Randomisation").replace("\xa0", " ")
    assert selection.startswith("3 of the bank\u2019s 12 questions, on 2 of its 6 cases, were asked, in every round.")
    whole = answered_checklists(records.content())[3]
    assert answer(whole, "Randomisation").startswith("Every question of the bank was asked in every round.")
    assert answer(metrics, "Range of topics").startswith("1\xa0topic")


def test_answers_carry_no_mark_of_a_citation(content: ReportContent) -> None:
    assert not [item for one in answered_checklists(content) for item in one.items if "[@" in item.answer]


def test_only_open_items_have_no_answer(content: ReportContent) -> None:
    for checklist in answered_checklists(content):
        for item in checklist.items:
            assert bool(item.answer) == (item.status != "Open"), f"{checklist.name} {item.number}"


def test_a_program_is_no_evaluator() -> None:
    chart = answered_checklists(sample_records(reviewers=(KEY_MARKER.label,)).content())[0]
    assert not any("  " in item.answer for item in chart.items)
    assert answer(chart, "7bi").replace("\xa0", " ").startswith("0 people")
    assert answer(chart, "7biii").startswith("No person marked")


def test_authors_answers_go_first(content: ReportContent) -> None:
    study = content.study.model_copy(update={"checklist": {"CHART 12b": "No funding."}})
    chart = answered_checklists(replace(content, study=study))[0]
    item = next(item for item in chart.items if item.number == "12b")
    assert (item.status, item.answer) == ("By the authors", "No funding.")


@pytest.mark.parametrize(
    "words",
    [("init", "."), ("doctor",), ("run", "--model", "local", "--dry-run"), ("checklists",), ("status",)],
    ids=lambda words: words[0],
)
def test_an_item_that_no_list_has_is_named_at_once(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text('[checklist]\n"chart 2A" = "x"\n"METRICS 1" = "y"\n', encoding="utf-8")
    assert main(list(words)) == 1
    said = " ".join("".join(capsys.readouterr()).split())
    assert """no checklist has the item 'chart 2A'; perhaps "CHART 2a" is meant; samp-eval checklists lists""" in said


def test_the_items_are_listed_with_their_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text('[checklist]\n"CHART 12b" = "No funding."\n', encoding="utf-8")
    assert main(["checklists", "--study", str(tmp_path), "--json"]) == 0
    items = {item["item"]: item for item in json.loads(capsys.readouterr().out)}
    assert items["CHART 12b"]["answer"] == "No funding."
    assert len([name for name in items if name.startswith("CHART ")]) == 39
    lines = [f'"{name}" = "x"' for name in items]
    (tmp_path / "study.toml").write_text("\n".join(["[checklist]", *lines]), encoding="utf-8")
    assert load_study(tmp_path).checklist.keys() == items.keys()


def test_grras_has_15_items(content: ReportContent) -> None:
    grras = next(one for one in answered_checklists(content) if one.name == "GRRAS")
    assert [item.number for item in grras.items] == [str(number) for number in range(1, 16)]
