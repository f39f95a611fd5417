"""Figures of odds ratios, agreement, score levels, and questions by rounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.literals import MarkBasis
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.figures.interval_plot import AXIS, EDGE, GAP, WIDTH, IntervalRow, interval_plot, offset_from_axes
from samp_eval.report.figures.style import (
    MUTED,
    PAPER,
    RULE,
    figure_style,
    figure_with_margins,
    shorten_label,
    text_width,
)
from samp_eval.report.prose.display_names import basis_heading, term_words
from samp_eval.statistics.gee.terms import Term
from samp_eval.statistics.reviewers.agreement import Agreement

__all__ = ["agreement_plot", "forest_plot", "heat_map", "level_bars", "odds_ratio_plot"]

LEVELS = LinearSegmentedColormap.from_list("levels", ["#f3efe4", "#9cc3c9", "#3f86ab", "#123a63"])
"""From no line correct to all lines correct; lightness changes in one direction, so that it is readable in grey."""

_LINE, _BAR = 0.22, 0.12
"""In inches: line of text, colour bar."""

_ON_LIGHT, _ON_DARK = "#101418", "#fdfefe"


def forest_plot(content: ReportContent) -> Figure:
    """Odds ratios with their intervals on a logarithmic axis."""
    groups = {
        f"{basis_heading(basis, content)}, n = {_responses(planned)}": planned.terms
        for basis, planned in content.fits.items()
    }
    return odds_ratio_plot(groups, [respondent.id for respondent in content.respondents])


def _responses(planned: StudyFit) -> str:
    """How many responses the odds ratios rest on, as a range where each rests on its own."""
    counts = [term.n_observations for term in planned.terms]
    return " to ".join(map(numbers.count, dict.fromkeys((min(counts), max(counts)))))


def odds_ratio_plot(terms: Mapping[str, Sequence[Term]], respondents: Sequence[str]) -> Figure:
    """Odds ratios under their headings with intervals on a logarithmic axis."""
    groups = {heading: [_odds_row(term, respondents) for term in found] for heading, found in terms.items()}
    with figure_style("forest"):
        figure, axes = interval_plot(groups)
        inches = axes.get_position().width * figure.get_figwidth()
        _forest_axis(axes, [row for rows in groups.values() for row in rows], inches)
    return figure


def _odds_row(term: Term, names: Sequence[str]) -> IntervalRow:
    values = numbers.ratio_with_interval(term.odds_ratio, term.ci_low, term.ci_high)
    words = term_words(term.term, term.reference, names)
    label = shorten_label(words)
    if label != words and term.term in names:
        label = f"{shorten_label(term.term, 21)} v {shorten_label(term.reference, 21)}"
    return IntervalRow(
        label, term.odds_ratio, term.ci_low, term.ci_high, f"{values}; {numbers.p_sentence(term.p_value)}"
    )


def agreement_plot(content: ReportContent) -> Figure:
    """Agreement between the reviewers with intervals; percent agreement is a share, so that all fit one axis."""
    groups = {}
    found = content.agreement_by_basis
    for basis in content.bases:
        if basis in found and found[basis].overall.n:
            heading = f"{basis_heading(basis, content)}, n = {numbers.count(found[basis].overall.n)}"
            groups[heading] = _agreement_rows(found[basis].overall)
    with figure_style("agreement"):
        figure, axes = interval_plot(groups)
        lowest = min(row.low for rows in groups.values() for row in rows)
        axes.set_xlim(math.floor(10 * lowest) / 10 - 0.1, 1.0)
        axes.set_xlabel("Share or coefficient (1: perfect agreement)")
    return figure


def _agreement_rows(agreement: Agreement) -> list[IntervalRow]:
    apostrophe = "\N{RIGHT SINGLE QUOTATION MARK}"
    named = (
        ("Share of answers with the same mark", agreement.percent, 100.0),
        (f"Cohen{apostrophe}s kappa", agreement.cohen_kappa, 1.0),
        (f"Gwet{apostrophe}s AC1", agreement.gwet_ac1, 1.0),
        (f"Krippendorff{apostrophe}s alpha", agreement.krippendorff_alpha, 1.0),
    )
    rows = []
    for label, estimate, unit in named:
        if estimate.value is None:
            continue
        value = estimate.value / unit
        low, high, words = value, value, numbers.number(value)
        if estimate.ci_low is not None and estimate.ci_high is not None:
            low, high = estimate.ci_low / unit, estimate.ci_high / unit
            words += f" ({numbers.interval_of_percents(low, high, 2)})"
        rows.append(IntervalRow(label, value, low, high, words))
    return rows


def level_bars(content: ReportContent, basis: MarkBasis) -> Figure:
    """Each respondent's responses stacked by score percentage."""
    shares = content.described.level_shares[basis]
    names = [respondent.id for respondent in content.respondents if respondent.id in shares.index]
    responses = {
        tally.respondent: tally.responses
        for tally in content.described.lines
        if tally.basis == basis and tally.round is None
    }
    with figure_style(f"levels-{basis}"):
        labels = [(shorten_label(name, 30), f"(n = {numbers.count(responses[name])})") for name in names]
        in_a_row = min(8, len(shares.columns))
        above = EDGE + _LINE * (1 + math.ceil(len(shares.columns) / in_a_row))
        figure, axes = figure_with_margins(
            WIDTH,
            above + AXIS + 0.21 + 0.42 * len(names),
            left=max(text_width(line) for lines in labels for line in lines) + EDGE + GAP,
            right=EDGE + text_width("100"),
            above=above,
            below=AXIS,
        )
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
        before = offset_from_axes(figure, axes, -GAP)
        for position, (name, count) in enumerate(labels):
            axes.text(0, position - 0.03, name, transform=before, ha="right", va="bottom")
            axes.text(0, position + 0.03, count, transform=before, ha="right", va="top")
        axes.set_yticks([])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("Responses (%)")
        axes.spines["left"].set_visible(False)
        figure.legend(
            *axes.get_legend_handles_labels(),
            loc="upper center",
            ncols=in_a_row,
            borderaxespad=0.0,
            frameon=False,
            title="Score percentage",
            handlelength=1.0,
            handleheight=1.0,
        )
    return figure


def heat_map(content: ReportContent, basis: MarkBasis) -> Figure:
    """Rounds by questions, hardest question first."""
    grid = content.described.score_grids[basis]
    order = [question.question_id for question in content.described.by_question if question.basis == basis]
    values = np.ma.masked_invalid(grid.loc[order].to_numpy(dtype=float).T)
    columns = cast("list[tuple[str, int]]", grid.columns.tolist())
    with figure_style(f"questions-{basis}"):
        labels = [_round_label(columns, position) for position in range(len(columns))]
        figure, axes = figure_with_margins(
            WIDTH,
            1.5 + 0.19 * len(columns),
            left=max(map(text_width, labels)) + EDGE + GAP,
            right=2 * GAP + _BAR + text_width("100") + _LINE + EDGE,
            above=_LINE / 2,
            below=_LINE + EDGE,
        )
        image = axes.imshow(values, cmap=LEVELS, vmin=0, vmax=100, aspect="auto", interpolation="none")
        axes.set_facecolor(RULE)
        axes.set_yticks(range(len(columns)), labels)
        axes.set_xticks([])
        axes.set_xlabel(f"Questions, hardest first (n = {numbers.count(len(order))})")
        for position in range(1, len(columns)):
            if columns[position][0] != columns[position - 1][0]:
                axes.axhline(position - 0.5, color=PAPER, linewidth=3)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        box, width = axes.get_position(), figure.get_figwidth()
        colour_axes = figure.add_axes((box.x1 + GAP / width, box.y0, _BAR / width, box.height))
        bar = figure.colorbar(image, cax=colour_axes, ticks=[0, 50, 100])
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
    return f"{shorten_label(respondent, 24)}  round {number}" if first else str(number)


def _forest_axis(axes: Axes, rows: Sequence[IntervalRow], inches: float) -> None:
    low = min(0.8, *(row.low for row in rows))
    high = max(1.25, *(row.high for row in rows))
    axes.set_xscale("log")
    low, high = low / 1.1, high * 1.1
    axes.set_xlim(low, high)
    axes.axvline(1, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    ticks = _ratio_ticks(low, high, inches)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("Odds ratio of a higher score (log scale)")


def _ratio_ticks(low: float, high: float, inches: float) -> list[float]:
    """Ticks at 1, 2 and 5 times the powers of ten, or at powers only, as many as fit; 1 always has a tick."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = math.log10(high / low)
    apart = math.ceil(0.5 * decades / inches)
    digits = (1, 2, 5) if decades < inches else (1,)
    powers = [power for power in range(first, last + 1) if power % apart == 0]
    return [tick for power in powers for tick in (float(f"{digit}e{power}") for digit in digits) if low <= tick <= high]
