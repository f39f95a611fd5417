"""A small study for a model to mark: right and wrong answers of two respondents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openai_server import OpenAIServer

from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, NotAccepted, Question, SampCase
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RESPONDENTS = ("secret-respondent-one", "secret-respondent-two")
QUESTIONS, ENTRIES = 4, 5

Mark = Callable[..., tuple[int, dict[str, Any], str]]


def bank_to_mark(questions: int = QUESTIONS) -> Bank:
    """Questions whose key has five entries each: ``right 0`` to ``right 4``."""
    return bank_of(
        [
            SampCase(
                id=f"case-{number}",
                topic="Fever",
                stem=f"A child is unwell, case {number}.",
                questions=(
                    Question(
                        id=f"question-{number}",
                        question="What do you look for?",
                        requested=2,
                        key=tuple(
                            KeyEntry(answer=f"right {entry}", alternatives=(f"also right {entry}",))
                            for entry in range(ENTRIES)
                        ),
                        not_accepted=(NotAccepted(answer="vague words", reason="too vague"),),
                    ),
                ),
            )
            for number in range(questions)
        ],
        location="tests",
    )


def make_study(folder: Path, questions: int = QUESTIONS, texts: tuple[str, ...] = ()) -> Path:
    """Two respondents in two rounds; each question gets six distinct answers, four of them right."""
    bank = bank_to_mark(questions)
    with StudyStore.open(folder) as store:
        store.keep_bank(bank)
        for place, name in enumerate(RESPONDENTS):
            store.keep_respondent(name, {"model": name})
            for _, question in bank.asked():
                for number in (1, 2):
                    lines = texts or (f"right {place + 2 * (number - 1)}", f"wrong {place}")
                    text = "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
                    ask = Ask(question.id, name, number, Condition())
                    store.keep_response(Response(ask, Reply(text, name), MOMENT))
    return folder


def mark_command(study: Path, server: OpenAIServer, *arguments: str) -> list[str]:
    at = ["--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY"]
    return ["mark", "--marker", "model", "--model", "gpt-4", *at, "--study", str(study), *arguments]
