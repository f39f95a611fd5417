"""The shape of a study in which a reference respondent gets a given share of answer lines right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from samp_eval.statistics.drawn.prediction_powered import PartialMarks
from samp_eval.statistics.gee.terms import Floats
from samp_eval.statistics.power import shape_from_pilot
from samp_eval.statistics.simulation import StudyShape

__all__ = ["MEAN_REQUESTED", "shape_for_lines", "simulate_line_scores", "simulate_predicted_scores"]

REQUESTED = (1,) * 8 + (2,) * 42 + (3,) * 26 + (4,)
"""Lines that the 77 questions of the bundled bank ask for; the published ones asked for two on average too."""

MEAN_REQUESTED = sum(REQUESTED) / len(REQUESTED)
"""Lines of a question on average."""

OF_QUESTION, OF_RESPONDENT, OF_LINE = 0.25, 0.25, 0.2
"""Shares of the latent variance of a line: of its question, of a respondent on it, of the line itself over the rounds.
With 73.6 % of lines right they give the log odds ratio of 77 questions in five rounds a standard error of 0.23; the
published interval has 0.21."""

_OF_CASE = 0.05
"""Of the question's share, what questions of one case have in common; as in the published design's shape."""

_QUESTIONS, _ROUNDS, _SEED = 3000, 5, 77
"""Of the simulated study that levels and similarity are read from: large, so that it adds no error of its own."""


def simulate_line_scores(
    right: float, log_odds_ratio: float, questions: int, rounds: int, generator: np.random.Generator
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Draw score percentages of two respondents from right and wrong lines.

    Parameters
    ----------
    right : float
        Share of lines that the reference gets right, between 0 and 1.
    log_odds_ratio : float
        Of a right line, of the other respondent against the reference.
    questions, rounds : int
    generator : numpy.random.Generator

    Returns
    -------
    scores, respondent, question : arrays of shape (2 * questions * rounds,)
        Percent; 0 for the reference and 1 for the other; number of the question.
    """
    is_right, requested = _right_lines(right, log_odds_ratio, questions, rounds, generator)
    scores = 100 * is_right.sum(axis=3) / requested[..., 0]
    question, respondent, _ = np.indices(scores.shape)
    return scores.ravel(), respondent.ravel(), question.ravel()


def _right_lines(
    right: float, log_odds_ratio: float, questions: int, rounds: int, generator: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each requested line is right, shape (questions, 2, rounds, most), and how many are requested."""
    requested = np.resize(REQUESTED, questions)[:, None, None, None]
    most = max(REQUESTED)

    def normal(share: float, *shape: int) -> Floats:
        return np.asarray(np.sqrt(share) * generator.standard_normal(shape))

    own = 1 - OF_QUESTION - OF_RESPONDENT - OF_LINE
    latent = normal(OF_QUESTION, questions, 1, 1, 1) + normal(OF_RESPONDENT, questions, 2, 1, 1)
    latent = latent + normal(OF_LINE, questions, 2, 1, most) + normal(own, questions, 2, rounds, most)
    effect = log_odds_ratio * np.arange(2)[:, None, None]
    is_right = (logit(ndtr(latent)) + logit(right) + effect > 0) & (np.arange(most) < requested)
    return is_right, requested


def simulate_predicted_scores(right: float, agreement: float, rounds: int) -> tuple[PartialMarks, pd.DataFrame]:
    """A large study of two respondents with all its marks, and what a predictor says of it.

    Parameters
    ----------
    right : float
        Share of lines that the reference gets right, between 0 and 1.
    agreement : float
        Share of lines that the predictor marks as physicians do, 0.5 to 1.
    rounds : int

    Returns
    -------
    PartialMarks
        With every question drawn.
    DataFrame
        The design: 1 for the second respondent.

    Notes
    -----
    A predictor that misjudges an answer misjudges it in every round, so one draw holds for a line in all rounds.
    """
    generator = np.random.default_rng(_SEED)
    is_right, requested = _right_lines(right, 0.3, _QUESTIONS, rounds, generator)
    kinds, kind = np.unique(requested, return_inverse=True)
    levels = np.unique([round(100 * lines / n, 6) for n in kinds.tolist() for lines in range(n + 1)])
    allowed = np.array([np.isin(levels, np.round(100 * np.arange(n + 1) / n, 6)) for n in kinds.tolist()])
    shape = (2, _QUESTIONS, 2, 1, max(REQUESTED))
    right_differs, wrong_differs = generator.random(shape) > agreement
    is_counted = np.arange(max(REQUESTED)) < requested
    credited = (is_right ^ np.where(is_right, right_differs, wrong_differs)) & is_counted

    def level(lines: NDArray[np.bool_]) -> NDArray[np.int64]:
        percent = np.round(100 * lines.sum(axis=3) / requested[..., 0], 6)
        return np.asarray(np.searchsorted(levels, percent.ravel() - 1e-5), dtype=np.int64)

    question, respondent, _ = np.indices(is_right.shape[:3])
    marks = PartialMarks(
        question.ravel(),
        np.arange(_QUESTIONS),
        _QUESTIONS,
        level(is_right),
        level(credited),
        kind.ravel()[question.ravel()],
        allowed,
    )
    return marks, pd.DataFrame({"another respondent": respondent.ravel() * 1.0})


def shape_for_lines(right: float) -> StudyShape:
    """Levels and similarity of scores where the reference gets a share of lines right.

    Parameters
    ----------
    right : float
        Between 0 and 1.

    Notes
    -----
    Read off a large study that is simulated line by line: near the ceiling most scores are 100, and an odds ratio has
    less to be seen in.
    """
    generator = np.random.default_rng(_SEED)
    scores, respondent, question = simulate_line_scores(right, 0.3, _QUESTIONS, _ROUNDS, generator)
    shape = shape_from_pilot(scores.round(6), respondent, question, reference="0", n_rounds=_ROUNDS)
    return replace(shape, case_share=_OF_CASE, question_share=shape.question_share - _OF_CASE)
