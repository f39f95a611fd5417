"""A small study for the tests of the report: real records, made by a seeded generator."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from samp_eval.analysis.scored_study import ScoredStudy, score_study
from samp_eval.answers.distinct import answer_id_of
from samp_eval.answers.readings import counted_answers
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, NotAccepted, Question, SampCase
from samp_eval.report.content.records import ReportRecords
from samp_eval.report.content.report_content import ReportContent, gather_content
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer
from samp_eval.run.respondent import Ask, Reply, Response, ResponseFailure
from samp_eval.study import DEFAULT_ROUNDS, AnalysisPlan, ReviewPlan, Study

BEGIN = datetime(2023, 8, 8, 9, 0, tzinfo=UTC)
MADE = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
RIGHT = ("Fever", "Cough", "Rash")
WRONG = ("Headache", "Travel", "NA")


_GATHERED: dict[str, ReportContent] = {}


@dataclass(frozen=True, slots=True)
class Records:
    """A study without a store."""

    bank: Bank
    responses: tuple[Response, ...]
    failures: tuple[ResponseFailure, ...]
    marks: tuple[Mark, ...]
    respondents: Mapping[str, Mapping[str, Any]]
    study: Study

    def content(self) -> ReportContent:
        """The report's content at a fixed moment, gathered once for equal records, as nothing changes it."""
        records = repr((self, self.bank.pictures))
        if records not in _GATHERED:
            _GATHERED[records] = self.gathered_anew()
        return _GATHERED[records]

    def gathered_anew(self) -> ReportContent:
        """The report's content, gathered again."""
        return gather_content(self.scored(), self.stored(), made_at=MADE)

    def scored(self) -> ScoredStudy:
        """The study, scored as planned."""
        return score_study(self.study, self.bank, self.responses, self.failures, self.marks, tuple(self.respondents))

    def stored(self) -> ReportRecords:
        """What a store hands to the report beside it."""
        return ReportRecords(self.respondents, self.marks)


def sample_bank(questions: int = 12) -> Bank:
    """Cases of two questions each, three answers asked for, three keyed entries."""
    cases = []
    for number in range(1, questions // 2 + 1):
        asked = tuple(
            Question(
                id=f"case-{number}-{part}",
                question="What would you ask about?",
                requested=3,
                key=tuple(KeyEntry(answer=word, alternatives=(f"{word}s",)) for word in RIGHT),
                not_accepted=(NotAccepted(answer="Headache", reason="Too vague."),),
            )
            for part in (1, 2)
        )
        cases.append(
            SampCase(id=f"case-{number}", topic="Fever", stem=f"A child of {number} years is unwell.", questions=asked)
        )
    return bank_of(cases, location="tests")


def sample_records(
    *,
    models: Mapping[str, float] | None = None,
    reviewers: Sequence[str] = ("A", "B"),
    questions: int = 12,
    seed: int = 1,
    answers: Sequence[str] = (),
) -> Records:
    """A study in which each model has its own chance of a right line; ``answers`` replace its first lines."""
    chances = models or {"gpt-3.5-turbo": 0.5, "gpt-4": 0.7}
    chance = random.Random(seed)  # no secret
    bank = sample_bank(questions)
    responses: list[Response] = []
    for model, share in chances.items():
        for number, one in enumerate(DEFAULT_ROUNDS, start=1):
            for position, (_, question) in enumerate(bank.asked()):
                lines = [right if chance.random() < share else wrong for right, wrong in zip(RIGHT, WRONG, strict=True)]
                if len(responses) < len(answers):
                    lines[0] = answers[len(responses)]
                reply = Reply(
                    "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)), f"{model}-0613", 200, 15, "stop", 1.0
                )
                asked_at = BEGIN + timedelta(days=number, minutes=position)
                responses.append(Response(Ask(question.id, model, number, one.condition), reply, asked_at))
    ask = Ask("case-1-1", "gpt-4", 5, DEFAULT_ROUNDS[4].condition)
    responses = [one for one in responses if one.ask != ask]
    return Records(
        bank=bank,
        responses=tuple(responses),
        failures=(ResponseFailure(ask, "timeout", "no answer within 60 s", BEGIN, 3),) if "gpt-4" in chances else (),
        marks=tuple(sample_marks(bank, responses, reviewers)),
        respondents={model: {"model": model, "temperature": 1.0, "prompt_sha256": "ab" * 32} for model in chances},
        study=Study(
            title="A small study",
            review=ReviewPlan(reviewers=tuple(reviewers), consensus="either"),
            analysis=AnalysisPlan(),
        ),
    )


def sample_marks(bank: Bank, responses: Sequence[Response], reviewers: Sequence[str]) -> list[Mark]:
    """Reviewers mark by the key alike, and differ on ``NA`` by judgement; the automatic marker marks only the key."""
    marks: dict[tuple[Reviewer, str, str], Mark] = {}
    for line in counted_answers(bank, responses):
        identifier = line.response.ask.question_id
        answer_id = answer_id_of(identifier, line.text)
        entry = "ABC"[RIGHT.index(line.text)] if line.text in RIGHT else "0"
        for position, reviewer in enumerate(map(Reviewer.from_label, reviewers)):
            lenient = "1" if entry != "0" or (line.text == "NA" and position == 1) else "0"
            marks[reviewer, answer_id, "key"] = Mark(reviewer, identifier, answer_id, "key", entry, BEGIN, "sheet.csv")
            if reviewer != KEY_MARKER:
                marks[reviewer, answer_id, "judgement"] = Mark(
                    reviewer, identifier, answer_id, "judgement", lenient, BEGIN, "sheet.csv"
                )
    return list(marks.values())
