"""The comparison that the plan names is the one of which the summary speaks, with what it was to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sample import sample_records

from samp_eval.analysis.model.primary import primary_as_json
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.report.content.records import FrozenPlan
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.summary import summary_sentences
from samp_eval.run.provenance import planned
from samp_eval.study import AnalysisPlan, Study

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return sample_records(questions=40).content()


def with_plan(content: ReportContent, *, holds: bool = True, **plan: object) -> ReportContent:
    """The study with another plan, and the first term's odds ratio 1.20 (0.90 to 1.60) on the key basis."""
    fit = content.planned["key"]
    assert isinstance(fit, StudyFit)
    term = replace(fit.terms[0], odds_ratio=1.2, ci_low=0.9, ci_high=1.6)
    study = content.study.model_copy(
        update={"analysis": AnalysisPlan.model_validate({"primary_comparison": term.column, **plan})}
    )
    return replace(
        content,
        study=study,
        planned={**content.planned, "key": replace(fit, terms=(term, *fit.terms[1:]))},
        frozen=FrozenPlan("0" * 64, MOMENT, holds),
    )


def test_the_summary_speaks_of_the_planned_comparison(content: ReportContent) -> None:
    without = " ".join(summary_sentences(content))
    assert "primary comparison" not in without
    said = " ".join(summary_sentences(with_plan(content)))
    assert "The primary comparison of the plan is" in said
    assert "the odds ratio of a higher score was 1.20 (95% CI 0.90 to 1.60" in said.replace("\xa0", " ")
    assert "All other comparisons are secondary." in said
    assert "p-values are not corrected" not in said


@pytest.mark.parametrize(
    ("aim", "margin", "words"),
    [
        ("non-inferiority", 1.25, "Non-inferiority against a margin of 1.25 (which the plan named before the first "
         "request) is shown: the lower end of the 95% CI is above 0.80."),
        ("non-inferiority", 1.1, "is not shown: the lower end of the 95% CI is not above 0.91."),
        ("equivalence", 2.0, "is shown: the 95% CI lies between 0.50 and 2.00."),
        ("equivalence", 1.5, "is not shown: the 95% CI does not lie between 0.67 and 1.50."),
    ],
)  # fmt: skip
def test_a_margin_is_held_against_the_interval(content: ReportContent, aim: str, margin: float, words: str) -> None:
    """By hand: 1 / 1.25 = 0.80 < 0.90; 1 / 1.1 = 0.91 > 0.90; 1.60 < 2; 1.60 > 1.5."""
    said = " ".join(summary_sentences(with_plan(content, aim=aim, margin=margin)))
    assert words in said.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("plan", "shown"),
    [({}, None), ({"aim": "equivalence", "margin": 2.0}, True), ({"aim": "equivalence", "margin": 1.5}, False),
     ({"aim": "non-inferiority", "margin": 1.25}, True), ({"aim": "non-inferiority", "margin": 1.1}, False),
     ({"aim": "equivalence", "margin": 2.0, "primary_basis": "judgement"}, None)],
)  # fmt: skip
def test_json_has_the_planned_comparison(content: ReportContent, plan: dict[str, Any], shown: bool | None) -> None:
    """By the same interval, 0.90 to 1.60."""
    planned_for = with_plan(content, **plan)
    fit = planned_for.planned["key"]
    assert isinstance(fit, StudyFit)
    found = primary_as_json(planned_for.study.analysis, fit)
    assert found is not None
    assert found["comparison"] == fit.terms[0].column
    assert (found["shown"], found["is_this_basis"]) == (shown, plan.get("primary_basis", "key") == "key")
    assert primary_as_json(AnalysisPlan(), fit) is None


def test_a_margin_that_was_named_later_is_told_from_one_that_was_not(content: ReportContent) -> None:
    said = " ".join(summary_sentences(with_plan(content, holds=False, aim="equivalence", margin=2.0)))
    assert "of which it cannot be told whether it was named before the first request" in said


def test_what_has_no_estimate_is_named(content: ReportContent) -> None:
    said = " ".join(summary_sentences(with_plan(content, primary_comparison="never asked")))
    assert "which has no odds ratio" in said


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ({"aim": "equivalence", "primary_comparison": "b"}, "give aim and margin together"),
        ({"margin": 2.0, "primary_comparison": "b"}, "give aim and margin together"),
        ({"aim": "equivalence", "margin": 2.0}, "name the respondent as primary_comparison"),
        ({"aim": "equivalence", "margin": 0.8, "primary_comparison": "b"}, "greater than 1"),
    ],
)
def test_half_a_plan_is_refused(plan: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        AnalysisPlan.model_validate(plan)


def test_studies_from_before_these_fields_have_not_changed() -> None:
    assert not {"primary_basis", "primary_comparison", "aim", "margin"} & set(planned(Study())["analysis"])
    named = Study(analysis=AnalysisPlan(primary_comparison="b"))
    assert planned(named)["analysis"]["primary_comparison"] == "b"
