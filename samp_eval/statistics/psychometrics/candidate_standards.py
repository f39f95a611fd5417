"""Pass marks that rest on the scores of human candidates: Hofstee, borderline regression and group, Cohen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from samp_eval.errors import CannotEstimate

__all__ = [
    "FEWEST_CANDIDATES",
    "CandidateMark",
    "borderline_group",
    "borderline_regression",
    "cohen",
    "hofstee",
]

Floats = npt.NDArray[np.float64]

FEWEST_CANDIDATES = 30
"""Human candidates; with fewer, a percentile or a fail rate moves by more than 3 points with each of them."""
_FEWEST_BORDERLINE = 5
_SAMPLES = 2000
"""Bootstrap samples: the standard error of a mark is then known to about 2 %."""
_HALVINGS = 50
"""Of an interval of at most 100 points: beyond the precision of a float of that size."""


@dataclass(frozen=True, slots=True)
class CandidateMark:
    """A pass mark on the scale of the candidates' scores.

    Attributes
    ----------
    cut, standard_error : float
        Percent 0 to 100.
    candidates : int
    remark : str
        What a reader must know of it; often empty.
    """

    cut: float
    standard_error: float
    candidates: int
    remark: str = ""


def hofstee(scores: npt.ArrayLike, limits: npt.ArrayLike, seed: int) -> CandidateMark:
    """The compromise between what experts would accept as mark and as share of candidates who fail.

    Parameters
    ----------
    scores : array_like, shape (candidates,)
        Percent 0 to 100.
    limits : array_like, shape (experts, 4)
        Lowest and highest acceptable mark, lowest and highest acceptable fail rate; percent 0 to 100.
    seed : int
        For the bootstrap of experts and candidates.

    Returns
    -------
    CandidateMark
        Where the line from (lowest mark, highest fail rate) to (highest mark, lowest fail rate) meets the share of
        candidates below a mark; the nearest end of the line, with a remark, where it does not.

    Raises
    ------
    CannotEstimate

    References
    ----------
    Hofstee WKB. The case for compromise in educational selection and grading. In: Anderson SB, Helmick JS, editors. On
    educational testing. Jossey-Bass, 1983:109-27.
    """
    held, wanted = _candidates(scores), np.asarray(limits, dtype=float)
    if wanted.ndim != 2 or wanted.shape[1] != 4 or len(wanted) < 3:
        raise CannotEstimate("Hofstee needs four limits of each of at least three experts")
    low_mark, high_mark, low_rate, high_rate = wanted.T
    if (wanted < 0).any() or (wanted > 100).any() or (low_mark > high_mark).any() or (low_rate > high_rate).any():
        raise CannotEstimate("each expert's limits are percentages from 0 to 100, the lowest not above the highest")
    cut, remark = _compromise(held, wanted.mean(axis=0))

    def again(chance: np.random.Generator) -> float:
        experts = wanted[chance.integers(len(wanted), size=len(wanted))].mean(axis=0)
        return _compromise(np.sort(chance.choice(held, len(held))), experts)[0]

    return CandidateMark(cut, _bootstrap_error(again, seed), len(held), remark)


def borderline_regression(scores: npt.ArrayLike, ratings: npt.ArrayLike, borderline: float) -> CandidateMark:
    """The score that goes with the rating ``borderline`` on the line of scores on global ratings.

    Parameters
    ----------
    scores, ratings : array_like, shape (candidates,)
        Scores are percent 0 to 100.
    borderline : float
        The rating that means borderline.

    Notes
    -----
    The standard error is that of the line at ``borderline``, not of one further candidate's score.

    References
    ----------
    Wood TJ, Humphrey-Murto SM, Norman GR. Standard setting in a small scale OSCE: a comparison of the modified
    borderline-group method and the borderline regression method. Adv Health Sci Educ 2006;11:115-22.
    """
    held, rated = _rated_candidates(scores, ratings)
    spread = float(((rated - rated.mean()) ** 2).sum())
    if spread == 0:
        raise CannotEstimate("every candidate has the same global rating, so there is no line through them")
    slope = float(((rated - rated.mean()) * (held - held.mean())).sum()) / spread
    away = borderline - float(rated.mean())
    rest = held - held.mean() - slope * (rated - rated.mean())
    variance = float((rest**2).sum()) / (len(held) - 2)
    error = sqrt(variance * (1 / len(held) + away**2 / spread))
    outside = not rated.min() <= borderline <= rated.max()
    remark = "No candidate is rated so low or high: the mark is extrapolated." if outside else ""
    return CandidateMark(float(held.mean()) + slope * away, error, len(held), remark)


def borderline_group(scores: npt.ArrayLike, ratings: npt.ArrayLike, borderline: float) -> CandidateMark:
    """The mean score of the candidates who are rated borderline; parameters as of :func:`borderline_regression`."""
    held, rated = _rated_candidates(scores, ratings)
    group = held[rated == borderline]
    if len(group) < _FEWEST_BORDERLINE:
        raise CannotEstimate(
            f"the borderline group needs at least {_FEWEST_BORDERLINE} candidates rated {borderline:g}; "
            f"there are {len(group)}"
        )
    return CandidateMark(float(group.mean()), float(group.std(ddof=1)) / sqrt(len(group)), len(held))


def cohen(scores: npt.ArrayLike, seed: int, *, share: float = 0.60, guessed: float = 0.0) -> CandidateMark:
    """A share of the 95th percentile of candidates, above what guessing earns.

    Parameters
    ----------
    scores : array_like, shape (candidates,)
        Percent 0 to 100.
    seed : int
        For the bootstrap of candidates.
    share : float
        Of the distance between guessing and the 95th percentile, 0 to 1.
    guessed : float
        Score by guessing, percent; 0 for write-in questions.

    References
    ----------
    Cohen-Schotanus J, van der Vleuten CPM. A standard setting method with the best performing students as point of
    reference. Med Teach 2010;32:154-60.
    """
    held = _candidates(scores)

    def mark(among: Floats) -> float:
        return guessed + share * (float(np.percentile(among, 95)) - guessed)

    error = _bootstrap_error(lambda chance: mark(chance.choice(held, len(held))), seed)
    return CandidateMark(mark(held), error, len(held))


def _candidates(scores: npt.ArrayLike) -> Floats:
    """Scores in ascending order; refuses too few."""
    held = np.asarray(scores, dtype=float)
    if len(held) < FEWEST_CANDIDATES:
        raise CannotEstimate(
            f"this method needs the scores of at least {FEWEST_CANDIDATES} human candidates; there are {len(held)}. "
            "Rounds of a model are no candidates"
        )
    if not np.isfinite(held).all() or (held < 0).any() or (held > 100).any():
        raise CannotEstimate("candidates' scores are percentages from 0 to 100")
    return np.sort(held)


def _rated_candidates(scores: npt.ArrayLike, ratings: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Scores and global ratings, each candidate's at one place."""
    _candidates(scores)
    held, rated = np.asarray(scores, dtype=float), np.asarray(ratings, dtype=float)
    if rated.shape != held.shape or not np.isfinite(rated).all():
        raise CannotEstimate("every candidate needs a global rating beside the score")
    return held, rated


def _compromise(scores: Floats, limits: Floats) -> tuple[float, str]:
    """Mark of Hofstee's figure, and a remark where line and curve do not meet; scores in ascending order."""
    low_mark, high_mark, low_rate, high_rate = map(float, limits)

    def failing(mark: float) -> float:
        return 100.0 * float(np.searchsorted(scores, mark, side="left")) / len(scores)

    if failing(low_mark) > high_rate:
        return low_mark, "Line and curve do not meet: more fail at the lowest acceptable mark than is acceptable."
    if failing(high_mark) < low_rate:
        return high_mark, "Line and curve do not meet: fewer fail at the highest acceptable mark than is acceptable."
    low, high = low_mark, high_mark
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        way = (middle - low_mark) / (high_mark - low_mark) if high_mark > low_mark else 0.0
        low, high = (low, middle) if failing(middle) >= high_rate + way * (low_rate - high_rate) else (middle, high)
    return (low + high) / 2, ""


def _bootstrap_error(mark: Callable[[np.random.Generator], float], seed: int) -> float:
    chance = np.random.default_rng(seed)
    return float(np.std([mark(chance) for _ in range(_SAMPLES)], ddof=1))
