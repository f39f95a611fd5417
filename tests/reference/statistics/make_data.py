"""Write the seeded data sets that the R scripts of this folder and the tests read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
generator = np.random.default_rng(2026)


def chance(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits)))


def write(name: str, **columns: np.ndarray) -> None:
    pd.DataFrame(columns).round(6).to_csv(HERE / f"{name}.csv", index=False)


def scores() -> None:
    """Right lines of five respondents in three rounds: 60 questions of one to three lines in 20 cases."""
    question, respondent, number = (part.ravel() for part in np.indices((60, 5, 3)))
    requested = generator.integers(1, 4, 60)[question]
    hard = generator.normal(0, 1.1, 60)[question] + generator.normal(0, 0.6, (60, 5))[question, respondent]
    correct = generator.binomial(requested, chance(0.8 + 0.3 * respondent + hard))
    write("scores", question=question, case=question // 3, respondent=respondent, round=number, requested=requested,
          correct=correct)  # fmt: skip


def differences() -> None:
    """Differences of two respondents on 20 questions in three rounds, by four reviewers."""
    question, number, reviewer = (part.ravel() for part in np.indices((20, 3, 4)))
    value = 4 + 6 * generator.normal(size=20)[question] + 5 * generator.normal(size=(20, 3))[question, number]
    value += 3 * generator.normal(size=4)[reviewer] + 3 * generator.normal(size=(20, 4))[question, reviewer]
    value += 2 * number + 4 * generator.normal(size=len(question))
    write("differences", question=question, round=number, reviewer=reviewer, value=value)


def draw() -> None:
    """60 questions of two kinds, of which 30 are drawn; two respondents in two rounds, marked and predicted levels."""
    question, respondent, _ = (part.ravel() for part in np.indices((60, 2, 2)))
    kind = generator.integers(0, 2, 60)[question]
    latent = generator.normal(0, 1, 60)[question] + 0.6 * respondent + generator.logistic(size=len(question))
    marked = np.where(kind == 0, 3 * (latent > 0), np.searchsorted([-1.0, 0.5, 1.5], latent))
    guessed = np.where(generator.random(len(question)) < 0.75, marked, np.where(kind == 0, 0, 1))
    predicted = np.where(generator.random(len(question)) < 0.05, -1, guessed)
    write("draw", question=question, position=generator.permutation(60)[question], respondent=respondent, kind=kind,
          marked=marked, predicted=predicted)  # fmt: skip


def panel() -> None:
    """Lines that six experts expect on 15 questions, and their ratings of relevance."""
    expert, question = (part.ravel() for part in np.indices((6, 15)))
    requested = generator.integers(1, 4, 15)[question]
    share = 0.6 + 0.06 * generator.normal(size=6)[expert] + 0.12 * generator.normal(size=15)[question]
    expected = np.clip(share + 0.05 * generator.normal(size=len(question)), 0, 1) * requested
    relevance = generator.choice([2, 3, 4], size=len(question), p=[0.2, 0.3, 0.5])
    write("panel", expert=expert, question=question, requested=requested, expected=expected, relevance=relevance)


def candidates() -> None:
    """Scores of 40 people on eight questions, and global ratings."""
    able = generator.normal(size=(40, 1))
    of_questions = np.clip(np.round(65 + 12 * able + 14 * generator.normal(size=(40, 8))), 0, 100)
    rating = np.clip(np.round(3 + able[:, 0] + 0.5 * generator.normal(size=40)), 1, 5)
    write("candidates", rating=rating, **{f"q{place}": of_questions[:, place] for place in range(8)})


def marks() -> None:
    """Marks of 200 answers to 40 questions by four reviewers of different severity,
    three in four answers each.
    """
    question = np.repeat(np.arange(40), 5)
    quality = generator.normal(0.5, 1.5, 200)
    credited = (generator.random((200, 4)) < chance(quality[:, None] - np.array([-0.6, 0.0, 0.2, 0.7]))) * 1.0
    credited[np.arange(200), generator.integers(0, 4, 200)] = np.nan
    lines = generator.integers(1, 12, 200)
    write("marks", question=question, lines=lines, **{name: credited[:, place] for place, name in enumerate("abcd")})


for make in (scores, differences, draw, panel, candidates, marks):
    make()
