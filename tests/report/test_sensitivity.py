"""The table of other choices: every one that the records allow, and a word where a respondent drops out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page import read_page
from sample import RIGHT, sample_records

from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.report.renderers.html import render_html
from samp_eval.review.people.reviewers import Reviewer


@pytest.mark.slow
def test_the_adjudicated_marks_are_one_choice_where_there_are_any() -> None:
    records = sample_records(questions=24)
    without = records.content()
    assert not [one for one in without.variations if one.choice == "adjudicated"]
    third = Reviewer("C", "adjudicator")
    settled = [replace(mark, reviewer=third, value="0") for mark in records.marks if mark.value == "1"]
    records = replace(records, marks=(*records.marks, *settled))
    review = records.study.review.model_copy(update={"consensus": "adjudicated"})
    planned = replace(records, study=records.study.model_copy(update={"review": review})).content()
    (varied,) = (one.outcome for one in records.content().variations if one.choice == "adjudicated")
    (expected,) = (one.outcome for one in planned.variations if (one.basis, one.what) == ("judgement", "planned"))
    assert isinstance(varied, StudyFit)
    assert isinstance(expected, StudyFit)
    assert varied.fit.terms == expected.fit.terms
    (either,) = (
        one.outcome for one in records.content().variations if (one.basis, one.what) == ("judgement", "planned")
    )
    assert isinstance(either, StudyFit)
    assert varied.fit.terms != either.fit.terms


def test_a_respondent_without_full_marks_is_named_where_only_these_count() -> None:
    records = sample_records(models={"old": 0.6, "new": 0.7, "weak": 0.2}, questions=24)
    worse = [
        replace(one, reply=replace(one.reply, text="1. Fever\n2. Headache\n3. Travel"))
        if one.ask.respondent == "weak"
        else one
        for one in records.responses
    ]
    page = read_page(render_html(replace(records, responses=tuple(worse)).content()))
    rows = [" ".join(row) for row in page.tables["table-sensitivity"]]
    assert any(
        "Not estimated: weak has the lowest score in every response: its odds ratio is zero" in row for row in rows
    )


def test_a_respondent_without_a_difference_is_named_too() -> None:
    records = sample_records(models={"old": 0.6, "new": 0.7, "even": 0.6}, questions=24)
    given = {(one.ask.question_id, one.ask.round): one.reply.text for one in records.responses[:120]}
    assert {one.ask.respondent for one in records.responses[:120]} == {"old"}
    alike = [
        replace(one, reply=replace(one.reply, text=_but_for_one_line(given[one.ask.question_id, one.ask.round])))
        if one.ask.respondent == "even"
        else one
        for one in records.responses
    ]
    page = read_page(render_html(replace(records, responses=tuple(alike)).content()))
    rows = [row[1] for row in page.tables["table-sensitivity"] if len(row) > 1]
    assert "even v old" in rows
    assert any(
        row.startswith("Not estimated: even: in every cluster the scores are the same as for old") for row in rows
    )


def _but_for_one_line(text: str) -> str:
    """Another score, unless it is the full one."""
    _, *others = text.split("\n")
    return text if all(word in text for word in RIGHT) else "\n".join(["1. Headache", *others])
