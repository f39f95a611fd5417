"""How often a marker errs on each question, where each has few answers: shares drawn towards those of all questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln

from samp_eval.errors import CannotEstimate

__all__ = ["QuestionErrors", "question_errors"]

Floats = NDArray[np.float64]

_MEANS = (np.arange(60) + 0.5) / 60
_CORRELATIONS = (np.arange(40) + 0.5) / 40
"""A grid for the two parameters; finer ones change the third digit of a share."""


@dataclass(frozen=True, slots=True)
class QuestionErrors:
    """Error rates of all questions.

    Attributes
    ----------
    mean : float
        Of the distribution that the questions' rates come from, 0 to 1.
    rates : ndarray, shape (k,)
        Posterior mean of each question's error rate, 0 to 1.
    above : ndarray, shape (k,)
        Posterior probability that a question's rate is above the threshold.
    """

    mean: float
    rates: Floats
    above: Floats


def question_errors(wrong: NDArray[np.int64], total: NDArray[np.int64], threshold: float) -> QuestionErrors:
    """Estimate each question's error rate under a beta-binomial model of all of them.

    Parameters
    ----------
    wrong, total : ndarray of int, shape (k,)
        Answers of each question on which the marker errs, and all that were compared, at least one.
    threshold : float
        0 to 1.

    Raises
    ------
    CannotEstimate
        Without a question.

    Notes
    -----
    Mean and correlation of the beta distribution have uniform priors and are integrated out on a grid, so that no
    question's rate is 0 or 1 because it has one answer.

    References
    ----------
    Gelman A, Carlin JB, Stern HS, et al. Bayesian data analysis. 3rd ed. CRC Press 2013, section 5.3.
    """
    if not len(total):
        raise CannotEstimate("No question has answers that both the model and people have marked.")
    mean, correlation = (part.ravel() for part in np.meshgrid(_MEANS, _CORRELATIONS, indexing="ij"))
    strength = (1 - correlation) / correlation
    alpha, beta = mean * strength, (1 - mean) * strength
    logs = np.zeros(len(mean))
    for misses, answers in zip(wrong.tolist(), total.tolist(), strict=True):
        logs += betaln(alpha + misses, beta + answers - misses) - betaln(alpha, beta)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    rates, above = np.empty(len(total)), np.empty(len(total))
    for place, (misses, answers) in enumerate(zip(wrong.tolist(), total.tolist(), strict=True)):
        rates[place] = weights @ ((alpha + misses) / (strength + answers))
        above[place] = weights @ (1 - betainc(alpha + misses, beta + answers - misses, threshold))
    return QuestionErrors(float(weights @ mean), rates, above)
