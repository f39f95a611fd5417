"""The figures: odds ratios, agreement, score levels, questions by rounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from samp_eval.analysis.agreement import Agreement
from samp_eval.analysis.study_fit import StudyFit
from samp_eval.analysis.terms import Term
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content import ReportContent
from samp_eval.report.figure_style import ACCENT, MUTED, PAPER, RULE, drawing, short_label
from samp_eval.report.wording import basis_heading, term_words

__all__ = ["agreement_plot", "forest_plot", "heat_map", "level_bars"]

_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)

LEVELS = LinearSegmentedColormap.from_list("levels", ["#f3efe4", "#9cc3c9", "#3f86ab", "#123a63"])
"""From nothing right to everything right: one direction of lightness, so that it reads in grey too."""

_ON_LIGHT, _ON_DARK = "#101418", "#fdfefe"


@dataclass(frozen=True, slots=True)
class _Interval:
    """One row of a plot of intervals."""

    label: str
    value: float
    low: float
    high: float
    words: str


def forest_plot(content: ReportContent) -> Figure:
    """Odds ratios with their intervals on a logarithmic axis."""
    names = [one.id for one in content.respondents]
    groups = {}
    for estimate in content.estimates:
        if isinstance(estimate, StudyFit):
            count = numbers.count(estimate.fit.n_observations)
            heading = f"{basis_heading(estimate.basis, content)}, n = {count}"
            groups[heading] = [_odds_row(term, names) for term in estimate.fit.terms]
    with drawing("forest"):
        figure, axes = _interval_plot(groups)
        _forest_axis(axes, [row for rows in groups.values() for row in rows])
    return figure


def _odds_row(term: Term, names: list[str]) -> _Interval:
    values = numbers.ratio_with_interval(term.odds_ratio, term.ci_low, term.ci_high)
    label = short_label(term_words(term.term, term.reference, names))
    return _Interval(label, term.odds_ratio, term.ci_low, term.ci_high, f"{values}; {numbers.p_sentence(term.p_value)}")


def agreement_plot(content: ReportContent) -> Figure:
    """Agreement of the reviewers with intervals, percent agreement as a share so that one axis serves all."""
    groups = {}
    found = content.agreement.bases if content.agreement is not None else {}
    for basis in content.bases:
        if basis in found and found[basis].overall.n:
            heading = f"{basis_heading(basis, content)}, n = {numbers.count(found[basis].overall.n)}"
            groups[heading] = _agreement_rows(found[basis].overall)
    with drawing("agreement"):
        figure, axes = _interval_plot(groups)
        lowest = min(row.low for rows in groups.values() for row in rows)
        axes.set_xlim(math.floor(10 * lowest) / 10 - 0.1, 1.0)
        axes.set_xlabel("Share or coefficient (1: perfect agreement)")
    return figure


def _agreement_rows(one: Agreement) -> list[_Interval]:
    apostrophe = "\N{RIGHT SINGLE QUOTATION MARK}"
    named = (
        ("Same mark, share of answers", one.percent, 100.0),
        (f"Cohen{apostrophe}s kappa", one.cohen_kappa, 1.0),
        (f"Gwet{apostrophe}s AC1", one.gwet_ac1, 1.0),
        (f"Krippendorff{apostrophe}s alpha", one.krippendorff_alpha, 1.0),
    )
    rows = []
    for label, estimate, unit in named:
        if estimate.value is None:
            continue
        value = estimate.value / unit
        low = value if estimate.ci_low is None else estimate.ci_low / unit
        high = value if estimate.ci_high is None else estimate.ci_high / unit
        words = f"{numbers.number(value)} ({numbers.interval_of_percents(low, high, 2)})"
        rows.append(_Interval(label, value, low, high, words))
    return rows


def _interval_plot(groups: Mapping[str, Sequence[_Interval]]) -> tuple[Figure, Axes]:
    """Rows of intervals under their headings, with their words to the right."""
    count = sum(len(rows) + 1 for rows in groups.values())
    figure = Figure(figsize=(7.2, 0.75 + 0.3 * count), layout="constrained")
    axes = figure.subplots()
    position = 0
    for heading, rows in groups.items():
        _label(axes, position, heading, weight="bold")
        for row in rows:
            position += 1
            axes.plot([row.low, row.high], [position, position], color=ACCENT, linewidth=1.4, solid_capstyle="butt")
            axes.plot([row.value], [position], marker="s", color=ACCENT, markersize=5.5)
            _label(axes, position, row.label)
            axes.text(1.03, position, row.words, transform=axes.get_yaxis_transform(), ha="left", va="center")
        position += 1
    axes.set_ylim(count - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return figure, axes


def level_bars(content: ReportContent, basis: MarkBasis) -> Figure:
    """Each respondent's responses stacked by score percentage."""
    shares = content.level_shares[basis]
    names = [one.id for one in content.respondents if one.id in shares.index]
    responses = {one.respondent: one.responses for one in content.lines if one.basis == basis and one.round is None}
    with drawing(f"levels-{basis}"):
        figure = Figure(figsize=(7.2, 1.15 + 0.42 * len(names)), layout="constrained")
        axes = figure.subplots()
        starts = np.zeros(len(names))
        for level in shares.columns:
            widths = 100 * shares.loc[names, level].to_numpy()
            colour = LEVELS(float(level) / 100)
            axes.barh(
                names,
                widths,
                left=starts,
                color=colour,
                height=0.62,
                label=numbers.percent(float(level), 0),
                linewidth=0,
            )
            _label_segments(axes, widths, starts, _ON_DARK if float(level) > 45 else _ON_LIGHT)
            starts += widths
        labels = [f"{short_label(name, 30)}\n(n = {numbers.count(responses[name])})" for name in names]
        axes.set_yticks(range(len(names)), labels)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("Responses (%)")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        figure.legend(
            *axes.get_legend_handles_labels(),
            loc="outside upper center",
            ncols=min(8, len(shares.columns)),
            frameon=False,
            title="Score percentage",
            handlelength=1.0,
            handleheight=1.0,
        )
    return figure


def heat_map(content: ReportContent, basis: MarkBasis) -> Figure:
    """Rounds by questions, hardest question first."""
    grid = content.score_grids[basis]
    order = [one.question_id for one in content.by_question if one.basis == basis]
    values = np.ma.masked_invalid(grid.loc[order].to_numpy(dtype=float).T)
    columns = cast("list[tuple[str, int]]", grid.columns.tolist())
    with drawing(f"questions-{basis}"):
        figure = Figure(figsize=(7.2, 1.5 + 0.19 * len(columns)), layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(values, cmap=LEVELS, vmin=0, vmax=100, aspect="auto", interpolation="none")
        axes.set_facecolor(RULE)
        axes.set_yticks(range(len(columns)), [_round_label(columns, position) for position in range(len(columns))])
        axes.set_xticks([])
        axes.set_xlabel(f"Questions, hardest first (n = {numbers.count(len(order))})")
        for position in range(1, len(columns)):
            if columns[position][0] != columns[position - 1][0]:
                axes.axhline(position - 0.5, color=PAPER, linewidth=3)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.02, ticks=[0, 50, 100])
        bar.set_label("Score percentage")
        bar.outline.set_visible(False)
    return figure


def _label_segments(axes: Axes, widths: np.ndarray, starts: np.ndarray, colour: str) -> None:
    for position, (width, start) in enumerate(zip(widths, starts, strict=True)):
        if width >= 5:
            axes.text(start + width / 2, position, numbers.number(width, 0), ha="center", va="center", color=colour)


def _round_label(columns: Sequence[tuple[str, int]], position: int) -> str:
    respondent, number = columns[position]
    first = position == 0 or columns[position - 1][0] != respondent
    return f"{short_label(respondent, 24)}  round {number}" if first else str(number)


def _label(axes: Axes, position: float, text: str, weight: str = "normal") -> None:
    axes.text(-0.02, position, text, transform=axes.get_yaxis_transform(), ha="right", va="center", weight=weight)


def _forest_axis(axes: Axes, rows: Sequence[_Interval]) -> None:
    low = min(0.8, *(row.low for row in rows))
    high = max(1.25, *(row.high for row in rows))
    axes.set_xscale("log")
    axes.set_xlim(low / 1.1, high * 1.1)
    axes.axvline(1, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    ticks = [tick for tick in _TICKS if low / 1.1 <= tick <= high * 1.1]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("Odds ratio of a higher score (log scale)")
