"""What cannot be estimated stands in the report as a sentence, never as a number."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample import Records, sample_records

from samp_eval.report.renderers.html import render_html
from samp_eval.review.people.reviewers import Reviewer


def same_score() -> Records:
    return sample_records(models={"old": 0.0, "new": 0.0})


def always_right() -> Records:
    return sample_records(models={"old": 0.5, "new": 1.0})


def four_questions() -> Records:
    return sample_records(questions=4)


def one_respondent_one_round() -> Records:
    records = sample_records(models={"only": 0.5})
    return replace(records, responses=tuple(one for one in records.responses if one.ask.round == 1))


def nothing_settled() -> Records:
    records = sample_records()
    others = [
        replace(mark, value="0" if mark.value != "0" else "A")
        for mark in records.marks
        if mark.reviewer == Reviewer("B")
    ]
    marks = (*(mark for mark in records.marks if mark.reviewer != Reviewer("B") and mark.field == "key"), *others)
    review = records.study.review.model_copy(update={"consensus": "adjudicated"})
    return replace(
        records,
        marks=tuple(mark for mark in marks if mark.field == "key"),
        study=records.study.model_copy(update={"review": review}),
    )


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (same_score, "Every response has the same score (0)"),
        (always_right, "An odds ratio would be infinite: the scores are separated along"),
        (four_questions, "There are only 4 clusters; a standard error for 4 terms needs at least 5"),
        (one_respondent_one_round, "there is nothing to compare"),
        (nothing_settled, "no response has all its marks on the key basis"),
    ],
)
def test_a_refusal_is_in_the_report_with_its_reason(records: object, reason: str) -> None:
    page = render_html(records().content())  # type: ignore[operator]  # a function of this file
    assert f"There is no odds ratio by the answer key: {reason}" in page.replace("&#39;", "'")


@pytest.mark.slow
def test_a_trial_of_a_model_does_not_block_the_others() -> None:
    records = sample_records(models={"gpt-3.5-turbo": 0.5, "gpt-4": 0.7, "local": 0.1})
    tried = [one for one in records.responses if one.ask.respondent != "local" or one.ask.question_id == "case-1-1"]
    content = replace(records, responses=tuple(tried)).content()
    page = render_html(content)
    assert "Left out: local has scored responses in 1 question only, too few for an odds ratio." in page
    (effects, *_) = content.effects
    assert [one.group for one in effects.predictions] == ["gpt-3.5-turbo", "gpt-4"]


@pytest.mark.slow
def test_few_clusters_are_said_in_the_methods() -> None:
    page = render_html(sample_records(questions=12).content())
    assert "based on the t distribution with 8 degrees of freedom" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "based on the normal distribution" in render_html(sample_records(questions=40).content())
