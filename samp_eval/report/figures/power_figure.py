"""The power curve as a figure and as a table of numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import get_args

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from samp_eval.analysis.power.power_run import PowerRun, SimulatedPower
from samp_eval.report import numbers
from samp_eval.report.figures.style import ACCENT, INK, MUTED, PAPER, RULE, FileKind, as_bytes, figure_style
from samp_eval.whole_files import whole_file

__all__ = ["power_figure", "write_power_run"]

_MARKERS = "osD^v"
_NORMAL = 1.96


_ADVICE = "choose another folder with --out"


def write_power_run(run: PowerRun, folder: Path) -> list[Path]:
    """Write the curve as SVG, PNG, PDF and CSV into a folder and return the paths; raises ``CannotStore``."""
    figure, title = power_figure(run), f"Simulated power for an odds ratio of {numbers.ratio(run.odds_ratio)}"
    written = []
    for kind in get_args(FileKind):
        path = folder / f"power.{kind}"
        with whole_file(path, advice=_ADVICE) as unfinished:
            unfinished.write_bytes(as_bytes(figure, "power", kind, title=title, flag="Simulated"))
        written.append(path)
    table = folder / "power.csv"
    with whole_file(table, advice=_ADVICE) as unfinished:
        unfinished.write_text(_as_csv(run), encoding="utf-8")
    return [*written, table]


def power_figure(run: PowerRun) -> Figure:
    """Power by number of questions, one line for each number of rounds, with 95% Monte-Carlo intervals."""
    with figure_style("power"):
        figure = Figure(figsize=(7.2, 4.0), layout="constrained")
        axes = figure.subplots()
        for place, number in enumerate(dict.fromkeys(point.n_rounds for point in run.curve)):
            points = [point for point in (*run.curve, *run.smallest) if point.n_rounds == number]
            _draw_line(axes, sorted({point.n_questions: point for point in points}.values(), key=_questions), place)
        axes.axhline(100 * run.power, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set_ylim(0, 102)
        axes.set_xlim(left=0)
        axes.set_xlabel("Questions")
        axes.set_ylabel(f"Power for an odds ratio of {numbers.ratio(run.odds_ratio)}, %")
        axes.grid(axis="y", color=RULE, linewidth=0.4)
        axes.legend(frameon=False, loc="lower right")
    return figure


def _draw_line(axes: Axes, points: list[SimulatedPower], place: int) -> None:
    colour = (ACCENT, INK, MUTED)[place % 3]
    axes.errorbar(
        [point.n_questions for point in points],
        [100 * point.power for point in points],
        yerr=[100 * _NORMAL * point.monte_carlo_error for point in points],
        color=colour,
        marker=_MARKERS[place % len(_MARKERS)],
        markersize=5,
        markeredgecolor=PAPER,
        linewidth=1.4,
        elinewidth=0.8,
        capsize=2.5,
        label=numbers.plural(points[0].n_rounds, "round"),
    )


def _questions(point: SimulatedPower) -> int:
    return point.n_questions


def _as_csv(run: PowerRun) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["simulated", "odds_ratio", *SimulatedPower.model_fields])
    for point in dict.fromkeys((*run.curve, *run.smallest)):
        table.writerow(["yes", run.odds_ratio, *point.model_dump().values()])
    return text.getvalue()
