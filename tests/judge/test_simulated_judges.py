"""A simulated model with known faults marks a larger study over HTTP: the faults are found as large as they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from judged_study import Judge, JudgedStudy, judged_study, stored
from openai_server import Answer, OpenAIServer, Received, Say
from simulated_judge import Asked, SimulatedJudge, asked_in, chance, reply
from study_to_mark import mark_command

from samp_eval.analysis.judging.results import Drift, JudgeAgreement
from samp_eval.cli.main import main
from samp_eval.cli.marking.judging import study_and_judges
from samp_eval.review.markers.model.judged import judged_asks
from samp_eval.review.markers.model.verdict import NoVerdict
from samp_eval.statistics.judging.error_rates import clustered_rate
from samp_eval.statistics.judging.order_effect import OrderEffect
from samp_eval.statistics.judging.self_preference import Favour, favour
from samp_eval.statistics.reviewers.agreement import IntervalEstimate
from samp_eval.store.study_store import StudyStore

SENSITIVITY, SPECIFICITY, FAVOUR, REFUSES, BREAKS, FIRST, HARDENED = 0.9, 0.85, 0.3, 0.1, 0.06, 0.25, 0.5
OWN = "gpt-4"


def credit_chance(text: str) -> float:
    """How likely the simulated judge credits an answer of :mod:`judged_study`: it likes words of its own family."""
    return SENSITIVITY if text.startswith("entry") else 1 - SPECIFICITY + FAVOUR * (OWN in text)


@dataclass
class FaultyJudge(SimulatedJudge):
    """Its faults are drawn by the words of the request. What it is asked a second time it marks more severely."""

    seen: set[str] = field(default_factory=set)

    def __call__(self, request: Received) -> Answer:
        asked = asked_in(request)
        told = f"{request.body['messages'][0]['content']}{asked.content}"
        if "simulated patient" not in asked.content:
            return SimulatedJudge()(request)  # it knows the canaries
        again = told in self.seen
        self.seen.add(told)
        answer = super().__call__(request)
        if again and isinstance(answer, Say) and chance(f"hardened {told}") < HARDENED:
            return replace(answer, text=reply("none"))
        return answer

    def verdict(self, asked: Asked) -> str:
        assert asked.entries is not None
        case = asked.content.partition("number ")[2].partition(".")[0]
        if chance(f"credit {case} {asked.answer}") >= credit_chance(asked.answer):
            return reply("none")
        if chance(f"first {asked.content}") < FIRST:
            return reply("A")
        meant = " ".join(asked.answer.split()[:2])
        some = sorted(asked.entries)[int(3 * chance(f"which {asked.content}"))]
        return reply(next((letter for letter, words in asked.entries.items() if meant in words), some))


def holds(estimate: IntervalEstimate, true: float) -> bool:
    assert estimate.ci_low is not None
    assert estimate.ci_high is not None
    return estimate.ci_low <= true <= estimate.ci_high


def expected_favour(study: JudgedStudy) -> float:
    """The contrast of the model's own family, if every answer's credit were its chance."""
    rows = sorted(
        {
            (response.ask.question_id, response.ask.respondent, line.partition(". ")[2])
            for response in study.responses
            for line in response.reply.text.splitlines()
        }
    )
    questions, names, texts = zip(*rows, strict=True)
    who = np.array([study.respondents.index(name) for name in names])
    credited = np.array([credit_chance(text) for text in texts])
    true = np.array([float(text.startswith("entry")) for text in texts])
    found = favour(credited, true, who, np.unique(questions, return_inverse=True)[1], own=[2])
    assert found.own is not None
    assert found.own.value is not None
    return found.own.value


@pytest.mark.slow
def test_every_fault_of_a_judge_is_recovered_over_http_within_its_interval(tmp_path: Path, capsys: Any) -> None:
    """At most one of the nine intervals may miss: two of nine 95% intervals do in one study of fourteen."""
    made = replace(judged_study(21, Judge(), questions=40), of_model=())
    study = stored(made, tmp_path / "study")
    judge = FaultyJudge(refuses=REFUSES, breaks=BREAKS)
    with OpenAIServer(judge) as server:
        assert main([*mark_command(study, server, "--basis", "key"), "--name", "gpt-judge"]) == 0
        asked = server.count
        assert main([*mark_command(study, server, "--basis", "key"), "--name", "gpt-judge"]) == 0
        assert server.count == asked, "nothing is asked twice"
    found = study_and_judges(study)[1]["model:gpt-judge"]["key"]
    assert isinstance(found, JudgeAgreement)
    assert isinstance(found.favour, Favour)
    assert isinstance(found.order, OrderEffect)
    assert isinstance(found.drift, Drift)
    assert found.favour.own is not None
    with StudyStore.open(study, create=False) as store:
        judged = [one for one in judged_asks(store) if one.ask.purpose in ("mark", "second_try")]
    questions = np.unique([one.ask.question_id for one in judged], return_inverse=True)[1]

    def share(reason: str) -> IntervalEstimate:
        return clustered_rate(np.array([one.reason == reason for one in judged]), questions).percent

    wrong = {
        line.partition(". ")[2]
        for response in made.responses
        if response.ask.respondent == OWN
        for line in response.reply.text.splitlines()
        if "error" in line
    }
    liked = 100 * float(np.mean([credit_chance(text) for text in wrong]))
    figures = {
        "sensitivity": holds(found.errors.false_refusal.percent, 100 * (1 - SENSITIVITY)),
        "specificity": holds(found.by_respondent["first"].false_credit.percent, 100 * (1 - SPECIFICITY)),
        "specificity with its own family": holds(found.by_respondent[OWN].false_credit.percent, liked),
        "self-preference": holds(found.favour.own, expected_favour(made)),
        "refusals": holds(share("refused"), 100 * REFUSES),
        "broken JSON": holds(share("no_json"), 100 * BREAKS),
        "order of the entries": holds(found.order.excess, 100 * FIRST * 2 / 3),
        "shown first": holds(found.order.first, 100 * (FIRST + (1 - FIRST) / 3)),
        "drift": found.drift.gained == 0 < found.drift.lost,
    }
    assert found.own_family == (OWN,)
    assert sum(figures.values()) >= len(figures) - 1, figures
    assert all(isinstance(one.outcome, NoVerdict) for one in judged if one.reason is not None), "no request failed"
    assert "simulated" not in capsys.readouterr().err
