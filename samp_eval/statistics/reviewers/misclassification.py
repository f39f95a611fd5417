"""How often what reviewers' marks come to is wrong, by their disagreements and an audit of what they agree on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Misclassification", "misclassification"]

Floats = NDArray[np.float64]

_MOST_ROUNDS = 100
_MOST_LEFT_OUT = 200
"""Data sets of the jackknife: of more questions, it leaves out a group of them each time."""

_SETTLED = 1e-9
"""Change of a chance; rates below 20 % take some ten rounds."""


@dataclass(frozen=True, slots=True)
class Misclassification:
    """Error rates of settled marks.

    Attributes
    ----------
    missed : float
        Share of the right answers that are not credited.
    credited_wrongly : float
        Share of the wrong answers that are credited. Like the other it is an estimate without bias, so that a small
        audit may bring it below 0.
    covariance : ndarray, shape (2, 2)
        Of the two, by the jackknife over questions, or over groups of them where there are more than 200.
    """

    missed: float
    credited_wrongly: float
    covariance: Floats


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The distinct ways in which an answer was marked, and how often each occurs in each data set.

    Attributes
    ----------
    credits : ndarray, shape (m, reviewers)
        1, 0, or NaN where the reviewer has no mark.
    ruling, settled : ndarray, shape (m,)
        The third person's mark (NaN: none), and what the marks come to.
    counts : ndarray, shape (r, m)
    """

    credits: Floats
    ruling: Floats
    settled: Floats
    counts: Floats

    @property
    def unanimous(self) -> NDArray[np.bool_]:
        """Whether all reviewers say the same, shape (m,)."""
        return np.asarray(np.nanmin(self.credits, axis=1) == np.nanmax(self.credits, axis=1))


def misclassification(credits: ArrayLike, ruling: ArrayLike, question: ArrayLike) -> Misclassification:
    """Estimate the error rates of settled marks.

    Parameters
    ----------
    credits : array_like, shape (answers, reviewers)
        1 where the reviewer credits the answer, 0 where not, NaN without a mark.
    ruling : array_like, shape (answers,)
        The third person's mark, NaN without one. It settles an answer whose reviewers differ; of an answer on which
        they agree it is an audit, and changes nothing.
    question : array_like, shape (answers,)
        Labels of what the jackknife leaves out.

    Returns
    -------
    Misclassification
        NaN where no answer has two marks that agree or were settled.

    Notes
    -----
    Reviewers' rates and the chance that each answer is right are found in turn (Dawid and Skene), with errors that are
    independent given what is right; the third person's rates, which settled answers cannot tell, are the reviewers'
    mean. Where agreed answers were audited, the share of them that are wrong is that which the third person marked
    otherwise, corrected for the third person's own errors (Rogan and Gladen): so errors that reviewers share are in it.
    Chances summed over answers give the wrong ones among the credited and the right ones among the others.

    References
    ----------
    Dawid AP, Skene AM. Maximum likelihood estimation of observer error-rates using the EM algorithm. J R Stat Soc C
    1979;28:20-8.
    Rogan WJ, Gladen B. Estimating prevalence from the results of a screening test. Am J Epidemiol 1978;107:71-6.
    """
    patterns = _patterns(np.asarray(credits, dtype=float), np.asarray(ruling, dtype=float), np.asarray(question))
    rates = _rates(patterns)
    left_out = rates[1:]
    size = len(left_out)
    gaps = left_out - left_out.mean(axis=0)
    missed, credited_wrongly = rates[0].tolist()
    return Misclassification(missed, credited_wrongly, (size - 1) / size * gaps.T @ gaps)


def _patterns(credits: Floats, ruling: Floats, question: NDArray[np.generic]) -> _Patterns:
    """Of the settled answers with two marks and more; the first data set is of all, the others leave out a question."""
    marks = (~np.isnan(credits)).sum(axis=1)
    of_all = np.where(marks[:, None] > 0, credits, 0.0)
    low, high = np.nanmin(of_all, axis=1), np.nanmax(of_all, axis=1)
    settled = np.where(low == high, low, ruling)
    used = (marks > 1) & ~np.isnan(settled)
    rows = np.column_stack([credits, ruling, settled])[used]
    _, first, pattern = np.unique(np.nan_to_num(rows, nan=-1.0), axis=0, return_index=True, return_inverse=True)
    distinct = rows[first]
    place = np.unique(question, return_inverse=True)[1] % _MOST_LEFT_OUT
    by_question = np.zeros((int(place.max(initial=-1)) + 1, len(distinct)))
    np.add.at(by_question, (place[used], pattern.ravel()), 1.0)
    total = by_question.sum(axis=0)
    return _Patterns(distinct[:, :-2], distinct[:, -2], distinct[:, -1], np.vstack([total, total - by_question]))


def _rates(patterns: _Patterns) -> Floats:
    """Missed and wrongly credited shares of every data set, shape (r, 2)."""
    chance = _chances(patterns)
    right, wrong = patterns.counts * chance, patterns.counts * (1 - chance)
    refused = patterns.settled == 0
    found = [
        _share(right[:, refused].sum(axis=1), right.sum(axis=1)),
        _share(wrong[:, ~refused].sum(axis=1), wrong.sum(axis=1)),
    ]
    return np.column_stack(found)


def _chances(patterns: _Patterns) -> Floats:
    """The chance that an answer with each pattern is right, shape (r, m), and the rates that it hangs on, in turn."""
    chance = np.where(patterns.settled > 0, 1.0, 0.0) * np.ones(patterns.counts.shape)
    missed = wrongly = np.zeros((len(patterns.counts), patterns.credits.shape[1]))
    for _ in range(_MOST_ROUNDS):
        before = chance
        missed = _own_errors(patterns, chance, 1.0, missed)
        wrongly = _own_errors(patterns, 1 - chance, 0.0, wrongly)
        chance = _audited(
            patterns, _by_bayes(patterns, chance, missed, wrongly), missed.mean(axis=1), wrongly.mean(axis=1)
        )
        if np.abs(chance - before).max(initial=0.0) < _SETTLED:
            break
    return chance


def _share(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0))


def _own_errors(patterns: _Patterns, chance: Floats, truth: float, rates: Floats) -> Floats:
    """How often each reviewer errs where this is true, shape (r, reviewers), but for errors that all make together.

    Of the answers on which all are wrong, only as many count as independent errors would make.
    """
    there = ~np.isnan(patterns.credits)
    otherwise = there & (patterns.credits != truth) & ~patterns.unanimous[:, None]
    weights = patterns.counts * chance
    all_wrong = np.prod(np.where(there[None], rates[:, None, :], 1.0), axis=2)
    part = weights @ otherwise.astype(float) + (weights * all_wrong) @ there.astype(float)
    return np.asarray(np.clip(_share(part, weights @ there.astype(float)), 0.0, 0.5))


def _by_bayes(patterns: _Patterns, chance: Floats, missed: Floats, wrongly: Floats) -> Floats:
    """The chances by independent errors and the present share of right answers, shape (r, m)."""
    share = _share((patterns.counts * chance).sum(axis=1), patterns.counts.sum(axis=1))
    right = share[:, None] * np.ones(patterns.counts.shape)
    wrong = 1 - right
    own = zip(patterns.credits.T, missed.T, wrongly.T, strict=True)
    third = np.where(patterns.unanimous, np.nan, patterns.ruling), missed.mean(axis=1), wrongly.mean(axis=1)
    for credit, miss, credited in (*own, third):
        for value, of_right, of_wrong in ((1.0, 1 - miss, credited), (0.0, miss, 1 - credited)):
            right[:, credit == value] *= of_right[:, None]
            wrong[:, credit == value] *= of_wrong[:, None]
    return np.asarray(np.divide(right, right + wrong, out=chance.copy(), where=right + wrong > 0))


def _audited(patterns: _Patterns, chance: Floats, missed: Floats, wrongly: Floats) -> Floats:
    """The chances with those of agreed answers as an audit has them, where there was one."""
    for value, own_error in ((1.0, missed), (0.0, wrongly)):
        agreed = patterns.unanimous & (patterns.settled == value)
        seen = agreed & ~np.isnan(patterns.ruling)
        if not patterns.counts[0, seen].any():
            continue
        otherwise = seen & (patterns.ruling != value)
        share = _share(patterns.counts[:, otherwise].sum(axis=1), patterns.counts[:, seen].sum(axis=1))
        # Not cut at 0: an audit that finds less than the third person's own errors is as likely as one that finds
        # more, and cut estimates overstated log odds ratios by 3 % (benchmarks/analysis/reviewer_error.py).
        mistaken = (share - own_error) / (1 - missed - wrongly)
        chance[:, agreed] = (1 - mistaken if value else mistaken)[:, None]
    return chance
