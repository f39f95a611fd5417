"""Partial proportional odds: some terms have one odds ratio, others one for each cut point, fitted together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.statistics.gee.count_table import Cells
from samp_eval.statistics.gee.estimable import ModelData, interval_for, prepare
from samp_eval.statistics.gee.proportional_odds import CutPoint, WaldTest, no_gap
from samp_eval.statistics.gee.sandwich import cut_scores, influence_of
from samp_eval.statistics.gee.solver import cut_information, fisher_scoring, level_chances
from samp_eval.statistics.gee.terms import Floats, Term, wald_terms

__all__ = ["PartialOdds", "fit_partial_odds"]

_NO_SOLUTION = (
    "The model with odds ratios of their own at each cut point for {} has no solution: a level of the score would "
    "have a negative probability under some respondent and condition, or an odds ratio would be infinite."
)


@dataclass(frozen=True, slots=True)
class PartialOdds:
    """A cumulative logit model in which some terms have an odds ratio for each cut point.

    Attributes
    ----------
    common : tuple of Term
        Terms with one odds ratio.
    cut_points : tuple of CutPoint
        The odds ratios of the others at each of the cut points that were named.
    equal : tuple of WaldTest
        Of each of the others, that its odds ratios are the same at all of these cut points.
    thresholds : tuple of float
        Per level but the highest: the logit of P(Y > level) where every design column is 0.
    parameter_covariance : ndarray, shape (q, q)
        Of the thresholds, the common slopes, and the slopes of the other terms, each term's together.
    levels : tuple of float
        The k score levels that occur, ascending.
    n_observations, n_clusters : int
        Rows and clusters used.
    """

    common: tuple[Term, ...]
    cut_points: tuple[CutPoint, ...]
    equal: tuple[WaldTest, ...]
    thresholds: tuple[float, ...]
    parameter_covariance: Floats
    levels: tuple[float, ...]
    n_observations: int
    n_clusters: int


@dataclass(frozen=True, slots=True)
class _Model:
    """The logits of all cut points as linear functions of the parameters.

    Attributes
    ----------
    rows : ndarray, shape (m, k - 1, q)
        For each distinct design row.
    unscale : ndarray, shape (q, q)
        From the parameters of the shifted and scaled design to those of the original one.
    """

    cells: Cells
    rows: Floats
    unscale: Floats

    def chances(self, estimates: Floats) -> tuple[Floats, Floats]:
        """P(Y > cut), shape (m, k - 1), and P(Y = level), shape (m, k)."""
        above, chance = level_chances((self.rows @ estimates)[None])
        return above[0], chance[0]

    def log_likelihood(self, estimates: Floats) -> float:
        _, chance = self.chances(estimates)
        of_cells = chance[self.cells.pattern, self.cells.level]
        return float(self.counts @ np.log(of_cells)) if (chance > 0).all() else -np.inf

    @property
    def counts(self) -> Floats:
        """How often each cell occurs, shape (c,)."""
        return np.asarray(self.cells.by_cluster.sum(axis=0)).ravel()

    def scores(self, estimates: Floats) -> Floats:
        """Of one observation in each cell, shape (c, q)."""
        of_cuts = cut_scores(self.cells, *self.chances(estimates))
        return np.asarray(np.einsum("ck,ckq->cq", of_cuts, self.rows[self.cells.pattern]))

    def information(self, estimates: Floats) -> Floats:
        """Expected, of one observation with each design row, shape (m, q, q)."""
        above, chance = self.chances(estimates)
        diagonal, beside = cut_information(above, 1 / chance)
        weighted = diagonal[:, :, None] * self.rows
        weighted[:, :-1] += beside[:, :, None] * self.rows[:, 1:]
        weighted[:, 1:] += beside[:, :, None] * self.rows[:, :-1]
        return np.asarray(self.rows.transpose(0, 2, 1) @ weighted)

    def by_pattern(self) -> Floats:
        """Observations of each cluster with each design row, shape (g, m)."""
        spread = np.zeros((len(self.cells.pattern), len(self.cells.patterns)))
        spread[np.arange(len(spread)), self.cells.pattern] = 1.0
        return np.asarray(self.cells.by_cluster @ spread)


def fit_partial_odds(
    outcome: ArrayLike,
    design: pd.DataFrame,
    cluster: ArrayLike,
    varying: Sequence[str],
    *,
    cut_points: Sequence[float] | None = None,
    covariance: Literal["robust", "bias_reduced"] = "bias_reduced",
    confidence: float = 0.95,
) -> PartialOdds:
    """Fit a partial proportional-odds model under working independence.

    The working covariance of a response's cumulative indicators is theirs under the model (that of a multinomial
    variable), responses being independent. So the estimates are those of maximum likelihood, and with no varying term
    the fit is that of ``fit_ordinal_gee``; the covariance is a sandwich over clusters.

    Parameters
    ----------
    outcome, design, cluster
        As for :func:`samp_eval.analysis.fit_ordinal_gee`.
    varying : sequence of str
        Columns of the design with odds ratios of their own at each cut point.
    cut_points : sequence of float, optional
        Levels above which these odds ratios are apart; a level between two of them shares those of the one below it,
        and one below all of them those of the first. All levels but the highest when omitted.
    covariance : {"bias_reduced", "robust"}
        Sandwich with the correction of Mancl and DeRouen, or without.
    confidence : float
        Coverage of the intervals, between 0 and 1.

    Returns
    -------
    PartialOdds
        Its log odds ratios are positive where scores are higher.

    Raises
    ------
    CannotEstimate
        The data do not determine the model, or as many slopes have to be equal as there are clusters.
    ValueError
        A column or level that does not exist.

    References
    ----------
    Peterson B, Harrell FE. Partial proportional odds models for ordinal response variables. J R Stat Soc C
    1990;39:205-17.
    """
    data = prepare(outcome, design, cluster)
    share = _shared(data, cut_points)
    if unknown := [name for name in varying if name not in data.names]:
        msg = f"varying names {', '.join(map(repr, unknown))}; the design has {', '.join(data.names)}"
        raise ValueError(msg)
    constant = [place for place, name in enumerate(data.names) if name not in varying]
    others = [data.names.index(name) for name in varying]
    places = _places(share, constant, others)
    if len(others) * int(share.max()) >= data.n_clusters:
        raise CannotEstimate(f"{data.n_clusters} clusters are too few for odds ratios at each cut point.")
    model = _model(data, places)
    scaled = _solve(model, len(share), ", ".join(varying))
    influence = _influence(model, scaled, bias_reduced=covariance == "bias_reduced") @ model.unscale.T
    estimates, variances = model.unscale @ scaled, influence.T @ influence
    errors = np.sqrt(np.diag(variances))
    interval: dict[str, Any] = {
        "confidence": confidence,
        "degrees_of_freedom": float(data.n_clusters - len(data.names))
        if interval_for(data.n_clusters) == "t"
        else np.inf,
    }

    def terms(of: Sequence[int], cut: int) -> tuple[Term, ...]:
        at = places[cut, list(of)]
        return wald_terms([data.names[place] for place in of], estimates[at], errors[at], **interval)

    firsts = np.unique(share, return_index=True)[1].tolist()
    named = [data.levels[cut] for cut in range(len(share))] if cut_points is None else sorted(cut_points)
    return PartialOdds(
        common=terms(constant, 0),
        cut_points=tuple(CutPoint(level, terms(others, cut)) for level, cut in zip(named, firsts, strict=True)),
        equal=tuple(
            _equal(data.names[place], places[firsts, place], estimates, variances, data.n_clusters) for place in others
        )
        if len(firsts) > 1
        else (),
        thresholds=tuple(estimates[: len(share)].tolist()),
        parameter_covariance=variances,
        levels=data.levels,
        n_observations=len(data.codes),
        n_clusters=data.n_clusters,
    )


def _shared(data: ModelData, cut_points: Sequence[float] | None) -> NDArray[np.int64]:
    """For each cut point the number of the named one whose odds ratios it shares, shape (k - 1,)."""
    cuts = np.arange(len(data.levels) - 1)
    if cut_points is None:
        return cuts
    named = np.array([data.levels.index(level) if level in data.levels[:-1] else -1 for level in sorted(cut_points)])
    if not len(named) or (named < 0).any():
        msg = f"cut_points is {list(cut_points)}; it can hold {', '.join(f'{level:g}' for level in data.levels[:-1])}"
        raise ValueError(msg)
    return np.asarray(np.maximum(np.searchsorted(named, cuts, side="right") - 1, 0))


def _places(share: NDArray[np.int64], constant: Sequence[int], varying: Sequence[int]) -> NDArray[np.int64]:
    """Which parameter the slope of each term is at each cut point, shape (k - 1, p)."""
    n_cuts, n_shares = len(share), int(share.max()) + 1
    places = np.zeros((n_cuts, len(constant) + len(varying)), dtype=np.int64)
    places[:, list(constant)] = n_cuts + np.arange(len(constant))
    first = n_cuts + len(constant)
    for number, term in enumerate(varying):
        places[:, term] = first + number * n_shares + share
    return places


def _model(data: ModelData, places: NDArray[np.int64]) -> _Model:
    """With every column of the design between -1 and 1."""
    low, high = data.patterns.min(axis=0), data.patterns.max(axis=0)
    centre, reach = (low + high) / 2, (high - low) / 2
    n_cuts, n_terms = places.shape
    size = int(places.max()) + 1
    cuts = np.repeat(np.arange(n_cuts), n_terms)
    rows = np.zeros((len(data.patterns), n_cuts, size))
    rows[:, np.arange(n_cuts), np.arange(n_cuts)] = 1.0
    rows[:, cuts, places.ravel()] = np.tile((data.patterns - centre) / reach, n_cuts)
    unscale = np.eye(size)
    unscale[cuts, places.ravel()] = np.tile(-centre / reach, n_cuts)
    unscale[places.ravel(), places.ravel()] = np.tile(1 / reach, n_cuts)
    return _Model(data.cells(data.codes, len(data.levels)), rows, unscale)


def _solve(model: _Model, n_cuts: int, named: str) -> Floats:
    totals = model.cells.counts[0].sum(axis=0)
    above = totals[::-1].cumsum()[::-1][1:]
    estimates = np.zeros(model.rows.shape[2])
    estimates[:n_cuts] = np.log((above + 0.25) / (totals.sum() - above + 0.25))
    counts = model.counts
    in_all = np.bincount(model.cells.pattern, weights=counts, minlength=len(model.rows))

    def gradient_and_information(at: Floats) -> tuple[Floats, Floats]:
        return counts @ model.scores(at), np.einsum("m,mab->ab", in_all, model.information(at))

    found = fisher_scoring(estimates, n_cuts, model.log_likelihood, gradient_and_information)
    if found is None:
        raise CannotEstimate(_NO_SOLUTION.format(named))
    return found


def _influence(model: _Model, estimates: Floats, *, bias_reduced: bool) -> Floats:
    """What each cluster contributes to the estimates, shape (g, q)."""
    scores = np.asarray(model.cells.by_cluster @ model.scores(estimates))
    each, by_pattern = model.information(estimates), model.by_pattern()
    total = np.einsum("gm,mab->ab", by_pattern, each)
    return influence_of(total, np.einsum("gm,mab->gab", by_pattern, each) if bias_reduced else None, scores)


def _equal(name: str, at: NDArray[np.int64], estimates: Floats, variances: Floats, n_clusters: int) -> WaldTest:
    contrast = np.column_stack([-np.ones(len(at) - 1), np.eye(len(at) - 1)])
    spread = contrast @ variances[np.ix_(at, at)] @ contrast.T
    return no_gap(name, contrast @ estimates[at], spread, n_clusters)
