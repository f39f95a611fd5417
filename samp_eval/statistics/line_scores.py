"""Studies of two respondents whose answer lines are right or wrong, at a given share of right lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr, expit, logit, ndtr, ndtri

from samp_eval.statistics.drawn.prediction_powered import PartialMarks
from samp_eval.statistics.gee.solver import solve
from samp_eval.statistics.gee.terms import Floats
from samp_eval.statistics.simulation import SimulatedStudies

__all__ = ["MEAN_REQUESTED", "LineStudyShape", "score_log_odds", "simulate_line_scores", "simulate_predicted_scores"]

_EACH = (1,) * 8 + (2,) * 42 + (3,) * 26 + (4,)
"""Lines that the 77 questions of the bundled bank ask for; the published ones asked for two on average too."""

REQUESTED = tuple(_EACH[30 * place % len(_EACH)] for place in range(len(_EACH)))
"""The same in an order in which the first questions of any number ask for as many as all do, nearly."""

MEAN_REQUESTED = sum(REQUESTED) / len(REQUESTED)
"""Lines of a question on average."""

OF_CASE, OF_QUESTION, OF_RESPONDENT, OF_LINE = 0.05, 0.2, 0.25, 0.2
"""Shares of the latent variance of a line: of its case, of its question, of a respondent on it, of the line itself over
the rounds. With 73.6 % of lines right they give the log odds ratio of 77 questions in five rounds a standard error of
0.23; the published interval has 0.21."""

_LEVELS = np.unique([round(100 * lines / n, 6) for n in set(_EACH) for lines in range(n + 1)])
_LEVEL_OF = np.array(
    [[np.abs(_LEVELS - 100 * min(lines, n) / n).argmin() for lines in range(max(_EACH) + 1)] for n in range(1, 5)]
)
"""Place among the levels of a question that asks for n lines, at n - 1, and has some of them right."""

_QUESTIONS, _SEED = 3000, 77
"""Of the simulated study that a predictor's use is read from: large, so that it adds no error of its own."""

_NUMBERS_IN_BLOCK = 4_000_000
"""Of the largest array, so that memory stays at some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class LineStudyShape:
    """A study of two respondents that is simulated line by line.

    Attributes
    ----------
    right : float
        Share of lines that the reference gets right, between 0 and 1.
    log_odds_ratios : tuple of float
        Of scores: what the model finds in a very large study. One, of the second respondent against the reference.
    n_questions, n_rounds, questions_per_case : int
    """

    right: float
    log_odds_ratios: tuple[float, ...] = (0.8,)
    n_questions: int = 77
    n_rounds: int = 5
    questions_per_case: int = 4

    def simulated(self, *, replicates: int, seed: int) -> SimulatedStudies:
        """The study several times; see :func:`samp_eval.statistics.simulation.simulate_study`."""
        generator, of_line = np.random.default_rng(seed), _line_log_odds(self.right, self.log_odds_ratios[0])
        at_once = max(1, _NUMBERS_IN_BLOCK // (self.n_questions * 2 * self.n_rounds * max(REQUESTED)))
        blocks = []
        for first in range(0, replicates, at_once):
            size = (min(at_once, replicates - first), self.n_questions, self.n_rounds)
            right, requested = _right_lines(self.right, of_line, size, generator, self.questions_per_case)
            blocks.append(_LEVEL_OF[requested[..., 0] - 1, right.sum(axis=-1)].reshape(size[0], -1))
        question, respondent, _ = (place.ravel() for place in np.indices((self.n_questions, 2, self.n_rounds)))
        return SimulatedStudies(
            np.concatenate(blocks),
            pd.DataFrame({"respondent1": respondent}),
            question,
            question // self.questions_per_case,
            question * 2 + respondent,
        )


@cache
def score_log_odds(right: float, log_odds_ratio: float) -> float:
    """The log odds ratio of scores that one of lines makes, in a study without end.

    Parameters
    ----------
    right : float
        Share of lines that the reference gets right, between 0 and 1.
    log_odds_ratio : float
        Of a right line.

    Notes
    -----
    Given what the lines of a response have in common, they are independent; Gauss and Hermite's rule integrates over
    it. The model is then solved for the expected scores.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    common = OF_CASE + OF_QUESTION + OF_RESPONDENT
    table = np.zeros((1, 2, len(_LEVELS)))
    for respondent in (0, 1):
        cut = ndtri(expit(logit(right) + respondent * log_odds_ratio))
        chance = ndtr((cut + np.sqrt(common) * nodes) / np.sqrt(1 - common))
        for n in _EACH:
            at_most = bdtr(np.arange(n + 1)[:, None], n, chance) @ weights / weights.sum()
            np.add.at(table[0, respondent], _LEVEL_OF[n - 1, : n + 1], np.diff(at_most, prepend=0.0))
    return float(solve(table, np.array([[0.0], [1.0]])).estimates[0, -1])


@cache
def _line_log_odds(right: float, of_scores: float) -> float:
    """The log odds ratio of a line that makes one of scores."""
    from scipy.optimize import brentq

    reach = 0.5 + abs(of_scores)  # a response has several lines, so its odds ratio is the larger one
    return float(brentq(lambda of_line: score_log_odds(right, of_line) - of_scores, -reach, reach, xtol=1e-9))


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
    (is_right,), requested = _right_lines(right, log_odds_ratio, (1, questions, rounds), generator)
    scores = 100 * is_right.sum(axis=3) / requested[..., 0]
    question, respondent, _ = np.indices(scores.shape)
    return scores.ravel(), respondent.ravel(), question.ravel()


def _right_lines(
    right: float,
    log_odds_ratio: float,
    size: tuple[int, int, int],
    generator: np.random.Generator,
    questions_per_case: int = 4,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each requested line is right and how many are requested, of a size of (studies, questions, rounds).

    Shapes are (studies, questions, 2, rounds, most) and (questions, 1, 1, 1).
    """
    studies, questions, rounds = size
    requested = np.resize(REQUESTED, questions)[:, None, None, None]
    case, most = np.arange(questions) // questions_per_case, max(REQUESTED)

    def normal(share: float, *shape: int) -> Floats:
        return np.asarray(np.sqrt(share) * generator.standard_normal((studies, *shape)))

    own = 1 - OF_CASE - OF_QUESTION - OF_RESPONDENT - OF_LINE
    latent = normal(OF_CASE, int(case[-1]) + 1, 1, 1, 1)[:, case] + normal(OF_QUESTION, questions, 1, 1, 1)
    latent = latent + normal(OF_RESPONDENT, questions, 2, 1, 1)
    latent = latent + normal(OF_LINE, questions, 2, 1, most) + normal(own, questions, 2, rounds, most)
    # As if each latent normal were turned into a logistic and compared with the log odds of its line.
    cut = ndtri(expit(logit(right) + log_odds_ratio * np.arange(2)))[:, None, None]
    return (latent + cut > 0) & (np.arange(most) < requested), requested


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
    (is_right,), requested = _right_lines(right, 0.3, (1, _QUESTIONS, rounds), generator)
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
