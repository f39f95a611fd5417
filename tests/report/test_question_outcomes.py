"""What each question of the report says of responses that its answers do not show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sample import Records, sample_records

from samp_eval.analysis.scored_study import score_study
from samp_eval.report.content.question_outcomes import question_outcomes
from samp_eval.report.content.records import ReportRecords
from samp_eval.report.content.report_content import ReportContent, gather_content
from samp_eval.report.renderers.html import render_html
from samp_eval.report.sections import report_sections
from samp_eval.review.exclusions import Decision, Exclusions
from samp_eval.run.respondent import ReadingDecision, Response

NOW = datetime(2026, 3, 4, tzinfo=UTC)
QUESTION = "case-2-1"
TEXTS = {
    ("gpt-4", 1): "I cannot provide medical advice.",
    ("gpt-4", 2): "Fever, cough, and rash.",
    ("gpt-4", 3): "1. Fever",
    ("gpt-4", 4): " ",
}
DECIDED = ("gpt-4", 5)


def changed() -> Records:
    """A study with a refusal, a doubtful reading, a short response, an empty one, and one that a person read."""

    def text(response: Response) -> Response:
        ask = response.ask
        if ask.question_id != QUESTION:
            return response
        if (ask.respondent, ask.round) == DECIDED:
            decision = ReadingDecision("row", QUESTION, "answered", ("Fever",), "Ann", NOW, "sheet")
            return replace(response, decision=decision)
        written = TEXTS.get((ask.respondent, ask.round), response.reply.text)
        return replace(response, reply=replace(response.reply, text=written))

    records = sample_records()
    return replace(records, responses=tuple(map(text, records.responses)))


def outcomes(records: Records, exclusions: Exclusions | None = None) -> dict[str, str]:
    study = score_study(
        records.study,
        records.bank,
        records.responses,
        records.failures,
        records.marks,
        tuple(records.respondents),
        exclusions,
    )
    return dict(question_outcomes(study)[QUESTION])


def test_what_is_read_in_a_special_way_is_named_with_its_round() -> None:
    found = outcomes(changed())
    assert found["Refused, scored as 0"] == "gpt-4 round 1"
    assert found["Doubtful reading, scored as read"] == "gpt-4 round 2"
    assert found["Fewer lines than asked for; the missing ones count as wrong"] == "gpt-4 rounds 2, 3 and 5"
    assert found["No answer in the text, counted as failed"] == "gpt-4 round 4"
    assert found["Reading decided by a person"] == "gpt-4 round 5"


def test_a_question_without_anything_special_says_nothing() -> None:
    assert outcomes(sample_records()) == {}


def test_an_excluded_response_is_excluded_and_not_unasked() -> None:
    decision = Decision("response", QUESTION, "gpt-4", 1, True, "a wrong prompt", "Ann", NOW)
    assert outcomes(sample_records(), Exclusions([decision])) == {"Excluded from every figure": "gpt-4 round 1"}


def test_marks_that_are_open_on_one_basis_are_open_on_that_one() -> None:
    records = sample_records()
    answers = {mark.answer_id for mark in records.marks if mark.question_id == QUESTION}
    marks = tuple(mark for mark in records.marks if mark.answer_id not in answers or mark.field != "judgement")
    found = outcomes(replace(records, marks=marks))
    (words,) = found
    assert words == "No score by the reviewers\u2019 judgement, because marks are open or the reviewers disagree"
    assert found[words] == "gpt-3.5-turbo rounds 1, 2, 3, 4 and 5; gpt-4 rounds 1, 2, 3, 4 and 5"


def content_with(exclusions: Exclusions | None = None, amended: frozenset[str] = frozenset()) -> ReportContent:
    records = sample_records()
    study = score_study(
        records.study,
        records.bank,
        records.responses,
        records.failures,
        records.marks,
        tuple(records.respondents),
        exclusions,
    )
    return gather_content(study, ReportRecords(records.respondents, records.marks, amended=amended), made_at=NOW)


def test_an_amended_question_points_to_the_deviations() -> None:
    page = render_html(content_with(amended=frozenset({QUESTION})))
    fold = page.split(f'id="question-{QUESTION}"')[1].split("</details>")[0]
    assert "<b>Amended:</b> see Deviations from the plan." in fold
    assert page.count("<b>Amended:</b>") == 1


def test_the_name_of_an_excluded_respondent_keeps_its_case() -> None:
    decision = Decision("response", QUESTION, "gpt-3.5-Turbo", 1, True, "A wrong prompt", "Ann", NOW)
    content = replace(content_with(), exclusions=(decision,))
    (section,) = [section for section in report_sections(content) if section.anchor == "exclusions"]
    assert section.tables[0].rows[0].cells[0].text == f"The response of gpt-3.5-Turbo to {QUESTION} in round 1"
