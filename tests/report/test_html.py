"""The report as a page: the figures of the analysis, the flags that no reader may miss, and nothing that runs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace

import pytest
from hostile import HOSTILE, hostile_records
from page import Page, read_page
from sample import RIGHT, Records, sample_records

from samp_eval.analysis.description import lines_correct
from samp_eval.analysis.model.study_fit import fit_study
from samp_eval.report import numbers
from samp_eval.report.renderers.html import render_html
from samp_eval.review.people.reviewers import KEY_MARKER


@pytest.fixture(scope="module")
def records() -> Records:
    return sample_records()


@pytest.fixture(scope="module")
def page(records: Records) -> Page:
    return read_page(render_html(records.content()))


def test_every_count_is_the_analysis_count(records: Records, page: Page) -> None:
    table = records.scored().table
    expected = [
        (
            one.respondent,
            "All" if one.round is None else str(one.round),
            f"{one.correct:.0f}/{one.requested}",
            f"{one.percent:.1f}",
        )
        for one in lines_correct(table, respondents=list(records.respondents))
    ]
    rows = [row for row in page.tables["table-lines-correct"][1:] if len(row) > 1]
    assert [(row[0], row[1], row[3], row[4]) for row in rows] == expected


def test_lines_by_the_key_are_those_counted_by_hand(records: Records, page: Page) -> None:
    right: Counter[tuple[str, str]] = Counter()
    for one in records.responses:
        lines = {line.split(". ", 1)[1] for line in one.reply.text.splitlines()}
        for place in (str(one.ask.round), "All"):
            right[one.ask.respondent, place] += len(lines & set(RIGHT))
    rows = [row for row in page.tables["table-lines-correct"][2:14] if len(row) > 1]
    assert {(row[0], row[1]): int(row[3].split("/")[0]) for row in rows} == right


def test_every_odds_ratio_is_the_analysis_odds_ratio(records: Records, page: Page) -> None:
    table = records.scored().table
    expected = []
    for basis in ("key", "judgement"):
        fit = fit_study(table, basis=basis, respondents=list(records.respondents)).fit
        expected += [
            [numbers.ratio(t.odds_ratio), numbers.interval(t.ci_low, t.ci_high), numbers.p_value(t.p_value)]
            for t in fit.terms
        ]
    rows = [row for row in page.tables["table-odds-ratios"][1:] if len(row) > 1]
    assert [row[1:4] for row in rows] == expected


def test_published_values_stand_beside_ours_in_the_published_design(page: Page) -> None:
    rows = page.tables["table-odds-ratios"]
    assert rows[0][-1] == "Published"
    assert [row[-1].replace("\xa0", " ") for row in rows if row[0] == "gpt-4 v gpt-3.5-turbo"] == [
        "2.31 (1.53 to 3.47), p <0.001",
        "2.23 (1.22 to 4.06), p = 0.009",
    ]
    assert [row[-2] for row in page.tables["table-lines-correct"] if "All" in row] == [
        "607 (73.6%)",
        "691 (81%)",
        "about 84%",
        "about 93%",
    ]


def test_other_models_have_no_published_values() -> None:
    page = read_page(render_html(sample_records(models={"gpt-4o": 0.7, "gpt-3.5-turbo": 0.5}).content()))
    assert "Published" not in page.tables["table-odds-ratios"][0]


def test_marks_by_people_carry_no_automatic_flag(page: Page) -> None:
    assert "utomatic" not in page.text


def test_automatic_marks_are_named_in_title_captions_and_summary() -> None:
    markup = render_html(sample_records(reviewers=(KEY_MARKER.label,)).content())
    assert re.search(r"<title>Automatic marks: ", markup)
    captions = re.findall(r"<caption.*?</caption>|<figcaption.*?</figcaption>", markup, re.DOTALL)
    assert captions
    assert all("Automatic marks" in caption for caption in captions)
    assert "By the answer key (automatic marks), " in markup
    assert "No physician has marked these answers" in markup


def test_a_simulated_study_says_so() -> None:
    records = sample_records()
    settings = {name: {**values, "simulated": True} for name, values in records.respondents.items()}
    markup = render_html(replace(records, respondents=settings).content())
    assert "<title>Simulated study: " in markup
    assert "They say nothing about any real model" in markup


def test_no_estimate_is_said_in_words() -> None:
    records = sample_records(models={"gpt-4": 1.0})
    content = records.content()
    assert not content.fits
    assert set(content.not_estimated) == {"key", "judgement"}
    page = read_page(render_html(content))
    assert "no odds ratio could be estimated" in page.text
    assert "table-odds-ratios" not in page.tables


def test_unfinished_marking_is_said_before_the_figures() -> None:
    records = sample_records(questions=6)
    some = tuple(mark for mark in records.marks if mark.question_id != "case-1-1")
    page = read_page(render_html(replace(records, marks=some).content()))
    text = page.text.replace("\xa0", " ")
    assert "Marking is not finished: on both bases, 9 of 59 responses are left out" in text
    assert "Marking is not finished" not in read_page(render_html(records.content())).text


def test_nothing_marked_and_nothing_asked_still_make_a_report() -> None:
    records = sample_records()
    assert "Nothing has been marked yet" in render_html(replace(records, marks=()).content())
    empty = replace(records, responses=(), failures=(), marks=(), respondents={})
    assert "Nothing has been asked yet" in render_html(empty.content())


def test_hostile_text_from_anywhere_stays_text(page: Page) -> None:
    markup = render_html(hostile_records().content())
    found = read_page(markup)
    assert found.names - page.names <= {"b"}  # an answer marked as harmful
    assert not [name for _, name, _ in found.attributes if name.startswith("on") or name == "srcdoc"]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", markup)
    for one in HOSTILE[:4]:
        assert found.text.count(one) > 3, one


def test_nothing_is_loaded_from_outside(page: Page) -> None:
    assert not {"link", "iframe", "object", "img", "base", "form"} & page.names
    addresses = [value for _, name, value in page.attributes if name in ("src", "href", "xlink:href", "action")]
    assert addresses
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in addresses)
    policy = next(value for tag, name, value in page.attributes if tag == "meta" and value.startswith("default-src"))
    assert policy.startswith("default-src 'none'")


def test_the_policy_lets_run_our_script_and_no_other(records: Records) -> None:
    markup = render_html(records.content())
    scripts = re.findall(r"<script>(.*?)</script>", markup, re.DOTALL)
    assert len(scripts) == 1
    assert len(re.findall("<script", markup)) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in markup.replace("&#39;", "'")
    assert len(scripts[0]) < 4000


def test_every_identifier_is_there_once(page: Page) -> None:
    identifiers = [value for _, name, value in page.attributes if name == "id"]
    assert len(identifiers) == len(set(identifiers))
    targets = [value[1:] for tag, name, value in page.attributes if tag == "a" and name == "href"]
    assert set(targets) <= set(identifiers)


def test_the_same_records_make_the_same_page(records: Records) -> None:
    assert render_html(records.content()) == render_html(sample_records().gathered_anew())


def test_a_coefficient_without_an_interval_is_explained() -> None:
    words = "A figure without an interval rests on the marks of fewer than 10 questions, too few for one."
    assert words in render_html(sample_records(questions=8).content())
    assert words not in render_html(sample_records(questions=12).content())
