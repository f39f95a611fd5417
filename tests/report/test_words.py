"""Citations, requests, costs and deviations as the report words them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from page import read_page
from sample import BEGIN, MADE, sample_records

from samp_eval.report.content.checklist import answered_checklists
from samp_eval.report.content.records import FrozenPlan
from samp_eval.report.content.report_content import ReportContent, gather_content
from samp_eval.report.content.sent_request import readable_request
from samp_eval.report.prose.citations import numbered_citations, without_citations
from samp_eval.report.prose.methods import analysis_words, rounds_words
from samp_eval.report.prose.summary import deviation_sentences
from samp_eval.report.renderers.html import render_html
from samp_eval.report.tables.marking.agreement_tables import agreement_table
from samp_eval.run.cost.prices import Price, PriceTable
from samp_eval.statistics.reviewers.agreement import MEAN_OF_PAIRS

NOTED = datetime(2023, 8, 10, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def content() -> ReportContent:
    records = sample_records(questions=6)
    stored = replace(
        records.stored(),
        frozen=FrozenPlan("cd" * 32, NOTED),
        requests=[("A prompted request, as it was sent", "[user]\nList <three>.")],
        deviations=[("study.toml was changed after the first request: rounds", NOTED)],
    )
    return gather_content(
        records.scored(),
        stored,
        made_at=MADE,
        prices=PriceTable(as_of="2025-08-31", models={"gpt-4": Price(input=30, output=60)}),
    )


def test_citations_are_numbered_in_the_order_of_mention() -> None:
    texts, works = numbered_citations(["A [@gwet]. B [@cohen, @gwet].", "C [@cohen]."])
    assert [text.replace("\xa0", " ") for text in texts] == ["A [1]. B [2, 1].", "C [2]."]
    assert [work.split()[0] for work in works] == ["Gwet", "Cohen"]
    assert without_citations("A [@gwet, @cohen]. B.") == "A. B."


def test_a_request_is_read_message_by_message() -> None:
    body = '{"model": "m", "messages": [{"role": "user", "content": "One\\ntwo"}], "seed": 3}'
    assert readable_request(body) == '[user]\nOne\ntwo\n\n{"model": "m", "seed": 3}'
    assert readable_request("[1]") == "[1]"
    assert readable_request("no JSON") == "no JSON"


def test_costs_failures_deviations_and_hashes_are_printed(content: ReportContent) -> None:
    page = read_page(render_html(content))
    text = page.text.replace("\xa0", " ")
    by_respondent = {row[0]: row for row in page.tables["table-asked"][1:]}
    asked = next(one for one in content.respondents if one.id == "gpt-4")
    assert asked.responses == 29
    assert by_respondent["gpt-4"][-1] == f"{29 * (200 * 30 + 15 * 60) / 1e6:.2f}"
    assert by_respondent["gpt-3.5-turbo"][-1] == "\N{EN DASH}"
    assert "list prices of 2025-08-31" in text
    assert "(1 timeout)" in text
    assert "study.toml was changed after the first request: rounds (noted 10 August 2023, 09:00 UTC)" in text
    assert "frozen at the first request, 10 August 2023, 09:00 UTC, SHA-256 " + "cd" * 32 in text
    assert "List <three>." in text


def test_every_citation_of_the_methods_has_its_work(content: ReportContent) -> None:
    page = read_page(render_html(content))
    assert "[@" not in page.text
    assert page.text.index("[1]") < page.text.index("[2]") < page.text.index("[3]")
    assert "Mancl LA" in page.text


def test_the_methods_name_what_solved_the_planned_model(content: ReportContent) -> None:
    assert {planned.fit.engine for planned in content.fits.values()} == {"vectorised"}
    assert "solved by samp-eval, which was checked against R and statsmodels" in analysis_words(content)
    assert "solved by" not in analysis_words(replace(content, planned={}))


def asked_after(days: dict[int, float], *, planned: int = 0, recorded: bool = True) -> str:
    """The rounds in words, of a study whose rounds came so many days after the first."""
    records = sample_records(questions=4)
    responses = [
        replace(one, asked_at=BEGIN + timedelta(days=days.get(one.ask.round, 0.0), minutes=1) if recorded else None)
        for one in records.responses
    ]
    later = records.study.rounds[4].model_copy(update={"after_days": planned})
    study = records.study.model_copy(update={"rounds": (*records.study.rounds[:4], later)})
    content = replace(records, responses=tuple(responses), study=study).content()
    words = rounds_words(content)
    assert any(without_citations(words) in item.answer for one in answered_checklists(content) for item in one.items)
    return words.replace("\N{NO-BREAK SPACE}", " ").split("; ")[-1].removesuffix(ONE_LATER)


ONE_LATER = " Only one round was later, so its effect cannot be told from anything else that changed in that time."


@pytest.mark.slow
def test_later_means_what_the_times_of_the_responses_say() -> None:
    assert asked_after({}) == "later means asked again without an interval: the protocol specifies none."
    assert asked_after({5: 7.01}, planned=7) == "later means asked again 7 days after the first round."
    assert asked_after({5: 1}) == "later means asked again 1 day after the first round."
    early = "later means asked again within a day of the first round (the protocol specifies 7 days)."
    assert asked_after({5: 0.1}, planned=7) == early
    unknown = "later means asked again at a time that was not recorded (the protocol specifies 7 days)."
    assert asked_after({}, planned=7, recorded=False) == unknown


def test_the_shortest_and_the_longest_interval_are_named_where_they_differ() -> None:
    records = sample_records(questions=4)
    slow = [
        replace(one, asked_at=one.asked_at + timedelta(days=2))
        if one.asked_at and (one.ask.round, one.ask.question_id) == (5, "case-1-2")
        else one
        for one in records.responses
    ]
    words = rounds_words(replace(records, responses=tuple(slow)).content()).replace("\N{NO-BREAK SPACE}", " ")
    assert words.endswith(f"later means asked again 4 to 6 days after the first round.{ONE_LATER}")


def test_rounds_of_which_none_is_later_need_no_word_for_it() -> None:
    records = sample_records(questions=4)
    first = tuple(one for one in records.responses if one.ask.round < 5)
    assert "later" not in rounds_words(replace(records, responses=first, failures=()).content())


def test_deviations_count_what_nobody_has_to_record() -> None:
    records = sample_records(models={"gpt-3.5-turbo": 0.5, "gpt-4": 0.7})
    few = tuple(
        response
        for response in records.responses
        if response.ask.respondent != "gpt-4" or (response.ask.round == 1 and response.ask.question_id < "case-3")
    )
    partly = deviation_sentences(replace(records, responses=few, failures=()).content())
    assert tuple(words.replace("\xa0", " ") for words in partly) == (
        "No deviations are recorded.",
        "Not everyone was asked everything: gpt-4 4 of 12 questions in 1 of 5 rounds.",
    )
    failed = deviation_sentences(records.content())
    assert [words.replace("\xa0", " ") for words in failed[1:]] == ["1 of 120 requests failed: gpt-4 1."]


def test_kappa_of_a_panel_is_called_the_mean_of_its_pairs() -> None:
    assert MEAN_OF_PAIRS in agreement_table(sample_records(reviewers=("A", "B", "C"), questions=6).content()).notes
    assert MEAN_OF_PAIRS not in agreement_table(sample_records(questions=6).content()).notes


def test_checklist_answers_hold_in_the_word_file_too_and_have_denominators(content: ReportContent) -> None:
    """The Word file prints no questions: what is "below" in the page is not in it."""
    said = " ".join(item.answer for checklist in answered_checklists(content) for item in checklist.items)
    assert "below" not in said
    assert "The HTML report prints every question in full, with its case." in said
    settled = [
        answer
        for record in content.questions
        for answer in record.answers
        if any(mark.credit is not None for mark in answer.consensus)
    ]
    assert f"of {len(settled)} distinct answers with a settled mark" in said.replace("\xa0", " ")
