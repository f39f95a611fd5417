"""The shape of a study in which a reference respondent gets a given share of answer lines right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, ndtr

from samp_eval.statistics.gee.terms import Floats
from samp_eval.statistics.power import shape_from_pilot
from samp_eval.statistics.simulation import StudyShape

__all__ = ["shape_for_lines", "simulate_line_scores"]

REQUESTED = (1,) * 8 + (2,) * 42 + (3,) * 26 + (4,)
"""Lines that the 77 questions of the bundled bank ask for; the published ones asked for two on average too."""

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
    requested = np.resize(REQUESTED, questions)[:, None, None, None]
    most = max(REQUESTED)

    def normal(share: float, *shape: int) -> Floats:
        return np.asarray(np.sqrt(share) * generator.standard_normal(shape))

    own = 1 - OF_QUESTION - OF_RESPONDENT - OF_LINE
    latent = normal(OF_QUESTION, questions, 1, 1, 1) + normal(OF_RESPONDENT, questions, 2, 1, 1)
    latent = latent + normal(OF_LINE, questions, 2, 1, most) + normal(own, questions, 2, rounds, most)
    effect = log_odds_ratio * np.arange(2)[:, None, None]
    is_right = (logit(ndtr(latent)) + logit(right) + effect > 0) & (np.arange(most) < requested)
    scores = 100 * is_right.sum(axis=3) / requested[..., 0]
    question, respondent, _ = np.indices(scores.shape)
    return scores.ravel(), respondent.ravel(), question.ravel()


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
