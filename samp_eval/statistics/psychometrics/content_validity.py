"""Content validity of questions by experts' ratings: I-CVI, S-CVI and kappa*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, sqrt
from statistics import fmean

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.reviewers.agreement import IntervalEstimate, agreement

__all__ = ["FEWEST_EXPERTS", "ItemValidity", "ScaleValidity", "item_validity", "scale_validity"]

Floats = npt.NDArray[np.float64]

FEWEST_EXPERTS = 3
"""Below three experts one vote moves an index by half or more; Lynn (1986) advises against it."""

_FAVOURABLE = 3
"""On the scale 1 to 4: quite or highly."""


@dataclass(frozen=True, slots=True)
class ItemValidity:
    """What the experts say of one question on one four-point scale.

    Attributes
    ----------
    n : int
        Experts who rated it.
    favourable : int
        Of them, with 3 or 4.
    i_cvi, ci_low, ci_high : float
        Their share, 0 to 1, with Wilson's interval.
    chance : float
        Probability that exactly so many of n are favourable by tossing coins.
    kappa : float
        kappa*: the share beyond that chance.
    cut : float
        The I-CVI that is asked of a question with so many experts.
    """

    n: int
    favourable: int
    i_cvi: float
    ci_low: float
    ci_high: float
    chance: float
    kappa: float
    cut: float

    @property
    def reaches_cut(self) -> bool:
        """Whether the I-CVI is what is asked of it."""
        return self.i_cvi >= self.cut


@dataclass(frozen=True, slots=True)
class ScaleValidity:
    """What the experts say of a whole bank on one four-point scale.

    Attributes
    ----------
    n_items : int
    average : float
        S-CVI/Ave: mean of the I-CVIs, 0 to 1.
    universal : float
        S-CVI/UA: share of questions on which all experts are favourable, 0 to 1.
    ac1 : IntervalEstimate
        Gwet's AC1 of favourable or not, over questions; the interval needs ten of them.
    """

    n_items: int
    average: float
    universal: float
    ac1: IntervalEstimate


def item_validity(ratings: Sequence[float], *, confidence: float = 0.95) -> ItemValidity:
    """Content validity of one question.

    Parameters
    ----------
    ratings : sequence of float
        One for each expert, 1 to 4.
    confidence : float
        Of the interval, between 0 and 1.

    Raises
    ------
    CannotEstimate
        Fewer than three experts, or a rating that is not from 1 to 4.

    Notes
    -----
    kappa* takes as chance the single outcome of exactly so many favourable experts, each with probability one half; it
    is no kappa of agreement, so read AC1 beside it.

    References
    ----------
    Lynn MR. Determination and quantification of content validity. Nurs Res 1986;35:382-5.
    Polit DF, Beck CT, Owen SV. Is the CVI an acceptable indicator of content validity? Res Nurs Health 2007;30:459-67.
    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22:209-12.
    """
    n = len(ratings)
    if n < FEWEST_EXPERTS:
        raise CannotEstimate(f"content validity needs the ratings of at least {FEWEST_EXPERTS} experts; there are {n}")
    if any(rating not in (1, 2, 3, 4) for rating in ratings):
        raise CannotEstimate("ratings of relevance and clarity are 1, 2, 3 or 4")
    favourable = sum(rating >= _FAVOURABLE for rating in ratings)
    share, chance = favourable / n, comb(n, favourable) * 0.5**n
    low, high = _wilson(share, n, confidence)
    return ItemValidity(n, favourable, share, low, high, chance, (share - chance) / (1 - chance), _cut(n))


def scale_validity(ratings: npt.ArrayLike) -> ScaleValidity:
    """Content validity of a bank; questions with fewer than three ratings are left out.

    Parameters
    ----------
    ratings : array_like, shape (questions, experts)
        1 to 4, or NaN where an expert did not rate a question.

    Raises
    ------
    CannotEstimate
        No question has three ratings.
    """
    given = np.asarray(ratings, dtype=float)
    enough = given[np.isfinite(given).sum(axis=1) >= FEWEST_EXPERTS] if given.size else np.empty((0, 0))
    if not len(enough):
        raise CannotEstimate(f"no question has the ratings of {FEWEST_EXPERTS} experts")
    shares = [item_validity(row[np.isfinite(row)].tolist()).i_cvi for row in enough]
    favourable = np.where(np.isfinite(enough), enough >= _FAVOURABLE, np.nan)
    ac1 = agreement(favourable, np.arange(len(enough))).gwet_ac1
    return ScaleValidity(len(enough), fmean(shares), float(np.mean([share == 1 for share in shares])), ac1)


def _cut(n: int) -> float:
    """What Lynn (1986) asks of n experts, as Polit and Beck write it."""
    if n <= 5:
        return 1.0
    # 5 of 6, 6 of 7 and 7 of 8 must agree; .78 is 7 of 9.
    return 5 / 6 if n <= 8 else 7 / 9


def _wilson(share: float, n: int, confidence: float) -> tuple[float, float]:
    z = float(ndtri((1 + confidence) / 2))
    centre, spread = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
