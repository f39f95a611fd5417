"""Rows of intervals under headings, with their values beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation, Transform

from samp_eval.report.figures.style import ACCENT, figure_with_margins, text_width

__all__ = ["AXIS", "EDGE", "GAP", "WIDTH", "IntervalRow", "interval_plot", "offset_from_axes"]

WIDTH, EDGE, GAP, AXIS = 7.2, 0.05, 0.08, 0.45
"""In inches: figure width, outer margin, gap between axes and text, axis with label."""


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One row of an interval plot."""

    label: str
    value: float
    low: float
    high: float
    words: str


def interval_plot(groups: Mapping[str, Sequence[IntervalRow]]) -> tuple[Figure, Axes]:
    """Rows of intervals under their headings, with their values to the right."""
    every = [row for rows in groups.values() for row in rows]
    count = len(every) + len(groups)
    labels = [text_width(heading, "bold") for heading in groups] + [text_width(row.label) for row in every]
    left, right = max(labels) + EDGE + GAP, max(text_width(row.words) for row in every) + EDGE + GAP
    figure, axes = figure_with_margins(WIDTH, 0.75 + 0.3 * count, left=left, right=right, above=EDGE, below=AXIS)
    before, after = offset_from_axes(figure, axes, -GAP), offset_from_axes(figure, axes, GAP)
    position = 0
    for heading, rows in groups.items():
        axes.text(0, position, heading, transform=before, ha="right", va="center", weight="bold")
        for row in rows:
            position += 1
            axes.plot([row.low, row.high], [position, position], color=ACCENT, linewidth=1.4, solid_capstyle="butt")
            axes.plot([row.value], [position], marker="s", color=ACCENT, markersize=5.5)
            axes.text(0, position, row.label, transform=before, ha="right", va="center")
            axes.text(1, position, row.words, transform=after, ha="left", va="center")
        position += 1
    axes.set_ylim(count - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return figure, axes


def offset_from_axes(figure: Figure, axes: Axes, gap: float) -> Transform:
    """Horizontal offset in inches from the axes, vertical position in the rows of the axes."""
    return axes.get_yaxis_transform() + ScaledTranslation(gap, 0, figure.dpi_scale_trans)
