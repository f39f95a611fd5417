"""Figures of a ranking: strengths with intervals, preferences of all pairs, and the mixture over tau."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from scipy.special import ndtri

from samp_eval.report import numbers
from samp_eval.report.figures.interval_plot import AXIS, EDGE, GAP, WIDTH, IntervalRow, interval_plot
from samp_eval.report.figures.style import MUTED, figure_style, figure_with_margins, shorten_label, text_width

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.study_ranking import RankedRespondent, StudyRanking

__all__ = ["caterpillar_plot", "has_quasi_intervals", "mixture_plot", "preference_map"]

PREFERENCES = LinearSegmentedColormap.from_list("preferences", ["#b0521b", "#f0d9b8", "#f5f5f2", "#bcd7dc", "#1d5f8a"])
"""From never preferred over even to always preferred."""
SHARES = LinearSegmentedColormap.from_list("shares", ["#123a63", "#3f86ab", "#9cc3c9", "#e3dcc6"])
"""From the first respondent to the last; lightness changes in one direction."""

_LINE, _CELL, _ROW, _BAR = 0.22, 0.36, 0.34, 0.2
"""In inches: line of text, least height of a cell of the map, row of bars, room for the name of a bar."""
_MOST_WITH_ERRORS = 10
"""Cells of more respondents have no room for standard errors."""
_MOST_NAMED = 8
"""The mixture names as many respondents; all others are one part of the bars."""
_ON_LIGHT, _ON_DARK = "#101418", "#fdfefe"


def caterpillar_plot(ranking: StudyRanking) -> Figure:
    """Strengths with quasi-intervals that can be compared by eye, or mean preferences where there are none."""
    of_strengths = has_quasi_intervals(ranking)
    reach = float(ndtri(0.5 + ranking.choices.confidence / 2))
    rows = [_row(ranked, reach if of_strengths else None) for ranked in ranking.respondents]
    heading = f"n = {numbers.count(ranking.n_questions)} questions"
    with figure_style(f"ranks-{ranking.choices.basis}"):
        figure, axes = interval_plot({heading: rows})
        axes.axvline(0 if of_strengths else 50, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set_xlabel("Strength (log worth)" if of_strengths else "Mean preference (%)")
    return figure


def has_quasi_intervals(ranking: StudyRanking) -> bool:
    """Whether the intervals of strengths can be made comparable by eye."""
    return all(ranked.quasi_se is not None for ranked in ranking.respondents)


def _row(ranked: RankedRespondent, reach: float | None) -> IntervalRow:
    low, high = ranked.rank_low, ranked.rank_high
    rank = f"rank {low}" if low == high else f"rank {low}{numbers.NBSP}to{numbers.NBSP}{high}"
    label = shorten_label(ranked.respondent)
    if reach is None or ranked.strength is None or ranked.quasi_se is None:
        value, bounds = 100 * ranked.mean_preference, (100 * ranked.ci_low, 100 * ranked.ci_high)
        return IntervalRow(label, value, *bounds, f"{numbers.percent(value)}; {rank}")
    half = reach * ranked.quasi_se
    words = f"{numbers.number(ranked.strength)}; {rank}"
    return IntervalRow(label, ranked.strength, ranked.strength - half, ranked.strength + half, words)


def preference_map(ranking: StudyRanking) -> Figure:
    """How often each respondent of a row is preferred to that of a column, with standard errors where there is room."""
    size = len(ranking.respondents)
    values = 100 * np.array(ranking.preferences)
    errors = np.full((size, size), np.nan)
    first, second = np.triu_indices(size, 1)
    errors[first, second] = errors[second, first] = [100 * pair.standard_error for pair in ranking.pairs]
    labels = [
        f"{shorten_label(ranked.respondent, 36)}  {place}" for place, ranked in enumerate(ranking.respondents, start=1)
    ]
    with_errors = size <= _MOST_WITH_ERRORS
    with figure_style(f"preferences-{ranking.choices.basis}"):
        left = max(map(text_width, labels)) + EDGE + GAP
        width = max(WIDTH, left + EDGE + size * (text_width("100.0") + 2 * GAP))
        height = (0.46 if with_errors else 0.3) * size
        figure, axes = figure_with_margins(
            width, height + _LINE + GAP + AXIS, left=left, right=EDGE, above=_LINE + GAP, below=AXIS
        )
        shown = np.where(np.eye(size, dtype=bool), 50.0, values)
        spread = max(float(np.abs(shown - 50).max()), 10.0)
        axes.imshow(shown, cmap=PREFERENCES, vmin=50 - spread, vmax=50 + spread, aspect="auto", interpolation="none")
        for row, column in np.ndindex(size, size):
            if row == column:
                continue
            text = numbers.number(float(values[row, column]), 0)
            if with_errors:
                text += f"\n\N{PLUS-MINUS SIGN}{numbers.number(float(errors[row, column]), 1)}"
            dark = abs(values[row, column] - 50) > 0.72 * spread
            colour = _ON_DARK if dark else _ON_LIGHT
            axes.text(column, row, text, ha="center", va="center", color=colour, linespacing=1.0)
        axes.set_yticks(range(size), labels)
        axes.set_xticks(range(size), [str(place) for place in range(1, size + 1)])
        axes.xaxis.tick_top()
        axes.set_xlabel("Preferred to respondent number" + (" (%, \N{PLUS-MINUS SIGN} SE)" if with_errors else " (%)"))
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
    return figure


def mixture_plot(ranking: StudyRanking) -> Figure:
    """The mixture at every tau as stacked bars."""
    path = ranking.mixture.path
    shares = 100 * np.array([probabilities for _, probabilities in path])
    order = np.argsort(-shares.max(axis=0), kind="stable")
    named = sorted(order[:_MOST_NAMED].tolist())
    parts = [(shorten_label(ranking.respondents[place].respondent, 30), shares[:, place]) for place in named]
    rest = np.delete(shares, named, axis=1).sum(axis=1)
    if len(named) < shares.shape[1]:
        parts.append(("all others", rest))
    labels = [f"tau {tau:g}" for tau, _ in path]
    with figure_style(f"mixture-{ranking.choices.basis}"):
        left = max(map(text_width, labels)) + EDGE + GAP
        widest = max(text_width(name) for name, _ in parts) + _BAR + 2 * GAP
        in_a_row = max(1, min(len(parts), int((WIDTH - 2 * EDGE) / (widest + 0.3))))
        above = EDGE + _LINE * (1 + math.ceil(len(parts) / in_a_row))
        figure, axes = figure_with_margins(
            WIDTH,
            above + AXIS + _ROW * len(path),
            left=left,
            right=EDGE + text_width("100"),
            above=above,
            below=AXIS,
        )
        starts = np.zeros(len(path))
        for place, (name, widths) in enumerate(parts):
            share = place / max(len(parts) - 1, 1)
            axes.barh(labels, widths, left=starts, color=SHARES(share), height=0.7, label=name, linewidth=0)
            for position in np.flatnonzero(widths >= 6).tolist():
                colour = _ON_DARK if share < 0.5 else _ON_LIGHT
                text = numbers.number(widths[position], 0)
                middle = starts[position] + widths[position] / 2
                axes.text(middle, position, text, ha="center", va="center", color=colour)
            starts = starts + widths
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("Share of the mixture (%)")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        figure.legend(
            *axes.get_legend_handles_labels(),
            loc="upper center",
            ncols=in_a_row,
            borderaxespad=0.0,
            frameon=False,
            handlelength=1.0,
            handleheight=1.0,
        )
    return figure
