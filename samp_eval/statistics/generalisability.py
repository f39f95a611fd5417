"""Generalisability of a difference between two respondents: what its error is made of, and how it would fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from samp_eval.errors import CannotEstimate

__all__ = ["FEWEST_QUESTIONS", "Components", "difference_components"]

FEWEST_QUESTIONS = 10
"""Questions below which the components say next to nothing."""


@dataclass(frozen=True, slots=True)
class Components:
    """Variance components of a difference, in squared percentage points; estimates below 0 are kept as they are.

    Attributes
    ----------
    question : float
        Questions suit one respondent more than the other.
    round : float
        Rounds of a question differ.
    reviewer : float
        Reviewers favour one of the two; 0 where the scores are of one consensus.
    question_by_reviewer : float
        Reviewers favour one of the two on some questions; 0 as before.
    residual : float
        What is left: reviewers differ on single responses; 0 as before.
    n_questions, n_rounds, n_reviewers : int
        Of the data.
    """

    question: float
    round: float
    reviewer: float
    question_by_reviewer: float
    residual: float
    n_questions: int
    n_rounds: int
    n_reviewers: int

    def standard_error(self, questions: int, rounds: int, reviewers: int = 1) -> float:
        """The error of the mean difference in a study of this size, percentage points; the questions are a sample.

        Parameters
        ----------
        questions, rounds, reviewers : int
            Of that study; each reviewer marks everything, and the mean of their scores counts.
        """
        parts = (
            (self.question, questions),
            (self.round, questions * rounds),
            (self.reviewer, reviewers),
            (self.question_by_reviewer, questions * reviewers),
            (self.residual, questions * rounds * reviewers),
        )
        return float(np.sqrt(sum(max(component, 0.0) / number for component, number in parts)))


def difference_components(differences: ArrayLike) -> Components:
    """Estimate what a difference between two respondents varies with, from the mean squares of balanced data.

    Questions are crossed with reviewers, and rounds stand within questions; an effect that a round has on all
    questions, such as that of its condition, is taken out.

    Parameters
    ----------
    differences : array_like, shape (questions, rounds, reviewers)
        Score of one respondent less that of the other, percentage points.

    Raises
    ------
    CannotEstimate
        Fewer than ten questions, or one round, whose variation cannot be told from that of the questions.

    References
    ----------
    Brennan RL. Generalizability theory. Springer 2001, chapter 3.
    """
    data = np.asarray(differences, dtype=float)
    n_questions, n_rounds, n_reviewers = data.shape
    if n_questions < FEWEST_QUESTIONS or n_rounds < 2:
        size = f"{n_questions} questions in {n_rounds} round{'s' * (n_rounds != 1)}"
        raise CannotEstimate(
            f"{size} that both have in full are too few to tell what the error is made of; it needs "
            f"{FEWEST_QUESTIONS} questions and two rounds"
        )
    data = data - data.mean(axis=(0, 2), keepdims=True) + data.mean()
    of_question = data.mean(axis=(1, 2))
    of_round = data.mean(axis=2)
    free = (n_questions - 1) * (n_rounds - 1)
    rounds = n_reviewers * ((of_round - of_question[:, None]) ** 2).sum() / free
    questions = n_rounds * n_reviewers * of_question.var(ddof=1)
    if n_reviewers == 1:
        return Components(
            float((questions - rounds) / n_rounds), float(rounds), 0.0, 0.0, 0.0, n_questions, n_rounds, 1
        )
    of_reviewer = data.mean(axis=(0, 1))
    of_both = data.mean(axis=1)
    crossed = of_both - of_question[:, None] - of_reviewer + data.mean()
    both = n_rounds * (crossed**2).sum() / ((n_questions - 1) * (n_reviewers - 1))
    rest = data - of_round[:, :, None] - of_both[:, None, :] + of_question[:, None, None]
    residual = (rest**2).sum() / (n_questions * (n_rounds - 1) * (n_reviewers - 1))
    reviewers = n_questions * n_rounds * of_reviewer.var(ddof=1)
    return Components(
        question=float((questions - both - rounds + residual) / (n_rounds * n_reviewers)),
        round=float((rounds - residual) / n_reviewers),
        reviewer=float((reviewers - both) / (n_questions * n_rounds)),
        question_by_reviewer=float((both - residual) / n_rounds),
        residual=float(residual),
        n_questions=n_questions,
        n_rounds=n_rounds,
        n_reviewers=n_reviewers,
    )
