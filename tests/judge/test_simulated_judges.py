"""A simulated model with known faults marks a larger study: what is stored shows the faults as large as they are."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

from openai_server import OpenAIServer
from simulated_judge import SimulatedJudge
from study_to_mark import make_study, mark_command

from samp_eval.cli.main import main
from samp_eval.review.markers.model.judged import judged_asks
from samp_eval.review.markers.model.votes import model_marks
from samp_eval.store.study_store import StudyStore

QUESTIONS = 40
SENSITIVITY, SPECIFICITY, REFUSES, BREAKS = 0.9, 0.75, 0.1, 0.05
THREE_ERRORS = 3.0
"""Of the binomial share; a miscount of any kind is further away than that."""


def near(count: int, of: int, share: float) -> bool:
    return abs(count - of * share) <= THREE_ERRORS * math.sqrt(of * share * (1 - share))


def test_sensitivity_specificity_refusals_and_broken_json_are_recovered(tmp_path: Path) -> None:
    texts = tuple(f"{'right' if number < 5 else 'wrong'} {number}" for number in range(5))
    study = make_study(tmp_path / "study", QUESTIONS, texts[:2])
    judge = SimulatedJudge(
        sensitivity=SENSITIVITY, specificity=SPECIFICITY, refuses=REFUSES, breaks=BREAKS, by_question=True
    )
    with OpenAIServer(judge) as server:
        assert main(mark_command(study, server, "--repeats", "3", "--despite-canaries")) == 0
    with StudyStore.open(study, create=False) as store:
        judged = [one for one in judged_asks(store) if not one.ask.canary]
        voted = model_marks(store.marks_of_models())
    reasons = Counter(one.reason for one in judged)
    assert near(reasons["refused"], len(judged), REFUSES)
    assert near(reasons["no_json"], len(judged), BREAKS)
    right = [one for one in voted if one.basis == "key"]
    assert near(sum(one.value != "0" for one in right), len(right), SENSITIVITY)
    assert sum(one.n_votes for one in voted) == reasons[None]
