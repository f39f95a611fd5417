"""Classical item analysis: discrimination and reliability, over independent respondents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtri

from samp_eval.errors import CannotEstimate

__all__ = ["FEWEST_RESPONDENTS", "Reliability", "cronbach_alpha", "item_rest_correlations"]

Floats = npt.NDArray[np.float64]

FEWEST_RESPONDENTS = 20
"""Independent respondents. With 20, the interval of a correlation of 0.3 still goes from -0.2 to 0.7."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Cronbach's alpha with Feldt's interval; ``n`` respondents, ``k`` questions."""

    alpha: float
    ci_low: float
    ci_high: float
    n: int
    k: int


def cronbach_alpha(scores: npt.ArrayLike, *, confidence: float = 0.95) -> Reliability:
    """Internal consistency of the total over questions.

    Parameters
    ----------
    scores : array_like, shape (respondents, questions)
        No gaps. A round of a model is no respondent of its own.
    confidence : float
        Of the interval, between 0 and 1.

    Raises
    ------
    CannotEstimate
        Two questions or two respondents are not there, or all totals are equal.

    References
    ----------
    Cronbach LJ. Coefficient alpha and the internal structure of tests. Psychometrika 1951;16:297-334.
    Feldt LS. The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty. Psychometrika
    1965;30:357-70.
    """
    held = np.asarray(scores, dtype=float)
    n, k = held.shape
    total = float(held.sum(axis=1).var(ddof=1)) if n > 1 else 0.0
    if k < 2 or not total > 0:
        raise CannotEstimate("alpha needs two questions or more, and respondents whose totals differ")
    alpha = k / (k - 1) * (1 - float(held.var(axis=0, ddof=1).sum()) / total)
    tail = (1 - confidence) / 2
    high, low = (float(fdtri(n - 1, (n - 1) * (k - 1), quantile)) for quantile in (tail, 1 - tail))
    return Reliability(alpha, 1 - (1 - alpha) * low, 1 - (1 - alpha) * high, n, k)


def item_rest_correlations(scores: npt.ArrayLike) -> Floats:
    """Correlation of each question with the total of the others; NaN where either does not vary.

    Parameters
    ----------
    scores : array_like, shape (respondents, questions)
    """
    held = np.asarray(scores, dtype=float)
    rest = held.sum(axis=1, keepdims=True) - held
    own, others = held - held.mean(axis=0), rest - rest.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((own * others).sum(axis=0) / np.sqrt((own**2).sum(axis=0) * (others**2).sum(axis=0)))
