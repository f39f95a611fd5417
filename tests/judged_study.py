"""A simulated study with a simulated judge of known quality: marks are made as records, no model is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from samp_eval.analysis.scored_study import ScoredStudy, score_study
from samp_eval.answers.distinct import answer_id_of
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase
from samp_eval.literals import MarkBasis
from samp_eval.review.assignment.draw import QuestionDraw
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition, ModelGates, ReviewPlan, Study

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
ENTRIES = 3
ROUNDS = 3


@dataclass(frozen=True)
class Judge:
    """What the simulated judge does with an answer.

    Attributes
    ----------
    sensitivity, specificity : float
        Share of right answers credited and of wrong ones refused.
    favour : float
        Added to the chance that a wrong answer of the last respondent is credited.
    refused : float
        Share of answers that get no mark at all.
    unstable : float
        Share of second repeats that are drawn anew, as by a coin.
    other_entry : float
        Share of credited answers that are given another entry than the physicians give.
    """

    sensitivity: float = 0.9
    specificity: float = 0.85
    favour: float = 0.0
    refused: float = 0.0
    unstable: float = 0.0
    other_entry: float = 0.0


@dataclass(frozen=True)
class JudgedStudy:
    """Records, and what is true of them."""

    bank: Bank
    responses: tuple[Response, ...]
    people: tuple[Mark, ...]
    of_model: tuple[Mark, ...]
    respondents: tuple[str, ...]

    def scored(self, draw: QuestionDraw | None = None, gates: ModelGates | None = None) -> ScoredStudy:
        """Scored as planned, with the physicians' marks and the judge's."""
        reviewers = tuple(sorted({mark.reviewer.name for mark in self.people if mark.reviewer.role == "reviewer"}))
        plan = Study(review=ReviewPlan(reviewers=reviewers, consensus="either"), gates=gates or ModelGates())
        records = self.bank, self.responses, (), self.people, self.respondents
        return score_study(plan, *records, draw=draw, of_models=self.of_model)


def stored(study: JudgedStudy, folder: Path, draw: QuestionDraw | None = None) -> Path:
    """The study in a folder, with ``study.toml``."""
    with StudyStore.open(folder) as store:
        store.keep_bank(study.bank)
        for name in study.respondents:
            store.keep_respondent(name, {"model": name, "simulated": True})
        for response in study.responses:
            store.keep_response(response)
    with StudyStore.open(folder, create=False) as store:
        if draw is not None:
            store.keep_draw(draw, None)
        store.add_marks([*study.people, *study.of_model])
    (folder / "study.toml").write_text('[review]\nconsensus = "either"\n', encoding="utf-8")
    return folder


def judged_study(
    seed: int,
    judge: Judge,
    *,
    questions: int = 40,
    basis: MarkBasis = "key",
    name: str = "gpt-judge",
    respondents: tuple[str, ...] = ("first", "second", "gpt-4"),
    reviewer_error: float = 0.0,
) -> JudgedStudy:
    """Every respondent gives three answers a question in each round, most of them its own wording.

    Physicians mark what is true, but for ``reviewer_error`` of the second one's marks.
    """
    generator = np.random.default_rng(seed)
    bank = _bank(questions)
    responses, truth, owner = _answers(generator, bank, respondents)
    names, entries = list(truth), np.array(list(truth.values()))
    right = entries != "0"
    people = []
    for reviewer, error in ((Reviewer("Ann"), 0.0), (Reviewer("Bo"), reviewer_error)):
        wrong = generator.random(len(names)) < error
        given = np.where(wrong, np.where(right, "0", "A"), entries)
        people += [
            Mark(reviewer, question, answer, basis, _on(basis, value), BEGIN, "simulated")
            for (question, answer), value in zip(names, given.tolist(), strict=True)
        ]
    favoured = np.array([respondents[-1] in owner[name] for name in names])
    chance = np.where(right, judge.sensitivity, 1 - judge.specificity + judge.favour * favoured)
    of_model = []
    first = generator.random(len(names)) < chance
    refused = generator.random(len(names)) < judge.refused
    for repeat in (0, 1):
        anew = (generator.random(len(names)) < judge.unstable) & (repeat == 1)
        credited = np.where(anew, generator.random(len(names)) < 0.5, first)
        other = generator.random(len(names)) < judge.other_entry
        letter = np.where(right & ~other, entries, np.where(entries == "A", "B", "A"))
        values = np.where(credited, letter, "0")
        at = BEGIN + timedelta(days=repeat)
        of_model += [
            Mark(Reviewer(name, "model"), question, answer, basis, _on(basis, value), at, "simulated", repeat)
            for (question, answer), value, none in zip(names, values.tolist(), refused.tolist(), strict=True)
            if not none
        ]
    return JudgedStudy(bank, responses, tuple(people), tuple(of_model), respondents)


def _on(basis: MarkBasis, letter: str) -> str:
    return letter if basis == "key" or letter == "0" else "1"


def _bank(questions: int) -> Bank:
    key = tuple(KeyEntry(answer=f"entry {number}") for number in range(ENTRIES))
    cases = [
        SampCase(
            id=f"case-{number}",
            topic="Simulated",
            stem=f"A simulated patient, number {number}.",
            questions=(Question(id=f"q-{number:03d}", question="List THREE.", requested=3, key=key),),
        )
        for number in range(questions)
    ]
    return bank_of(cases, location="simulated")


def _answers(
    generator: np.random.Generator, bank: Bank, respondents: tuple[str, ...]
) -> tuple[tuple[Response, ...], dict[tuple[str, str], str], dict[tuple[str, str], set[str]]]:
    """Responses, the true entry of every distinct answer, and who gave it."""
    responses: list[Response] = []
    truth: dict[tuple[str, str], str] = {}
    owner: dict[tuple[str, str], set[str]] = {}
    for _, question in bank.asked():
        ease = generator.normal(0.4, 1.0)
        for place, respondent in enumerate(respondents):
            for number in range(1, ROUNDS + 1):
                lines = []
                for line in range(3):
                    right = generator.random() < 1 / (1 + np.exp(-(ease + 0.3 * place)))
                    # every third wording is shared, so that some answers are of several respondents
                    wording = "shared" if generator.random() < 1 / 3 else f"{respondent} {number}"
                    text = f"{'entry' if right else 'error'} {line} as {wording} says"
                    lines.append(text)
                    name = question.id, answer_id_of(question.id, text)
                    truth[name] = "ABC"[line] if right else "0"
                    owner.setdefault(name, set()).add(respondent)
                reply = Reply("\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)), "sim", 1, 1, "stop", 1.0)
                responses.append(Response(Ask(question.id, respondent, number, Condition()), reply, BEGIN))
    return tuple(responses), truth, owner
