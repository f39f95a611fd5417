"""Hours of marking against the width of the interval, as a figure and as a table of numbers."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, fields
from pathlib import Path
from typing import get_args

from matplotlib.figure import Figure

from samp_eval.analysis.power.share_planning import PlannedMarking, SharePlan
from samp_eval.report.figures.style import ACCENT, MUTED, PAPER, RULE, FileKind, as_bytes, figure_style
from samp_eval.whole_files import whole_file

__all__ = ["share_figure", "write_share_plan"]

_ADVICE = "choose another folder with --out"
_TITLE = "Hours of marking and the width of the interval"


def write_share_plan(plan: SharePlan, folder: Path) -> list[Path]:
    """Write the curve as SVG, PNG, PDF and CSV into a folder and return the paths; raises ``CannotStore``."""
    figure, flag = share_figure(plan), "Simulated" if plan.design.simulated else ""
    written = []
    for kind in get_args(FileKind):
        path = folder / f"share.{kind}"
        with whole_file(path, advice=_ADVICE) as unfinished:
            unfinished.write_bytes(as_bytes(figure, "share", kind, title=_TITLE, flag=flag))
        written.append(path)
    table = folder / "share.csv"
    with whole_file(table, advice=_ADVICE) as unfinished:
        unfinished.write_text(_as_csv(plan), encoding="utf-8")
    return [*written, table]


def share_figure(plan: SharePlan) -> Figure:
    """Width of the interval, over that of marking every question, by hours of one reviewer."""
    with figure_style("share"):
        figure = Figure(figsize=(7.2, 4.0), layout="constrained")
        axes = figure.subplots()
        hours, widths = ([getattr(point, name) for point in plan.curve] for name in ("hours", "times_full"))
        axes.plot(hours, widths, color=ACCENT, linewidth=1.4)
        shares = {point.n_drawn for point in plan.points}
        for point in (*plan.points, *(() if plan.enough.n_drawn in shares else (plan.enough,))):
            axes.plot([point.hours], [point.times_full], marker="o", color=ACCENT, markersize=5, markeredgecolor=PAPER)
            above = point.n_drawn in shares  # the other label goes below the curve, where no share can be
            axes.annotate(
                f"{point.n_drawn} questions",
                (point.hours, point.times_full),
                xytext=(4, 6) if above else (-4, -6),
                ha="left" if above else "right",
                va="bottom" if above else "top",
                textcoords="offset points",
            )
        axes.axhline(plan.times, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set_xlim(0, hours[-1] * 1.15)
        axes.set_ylim(bottom=0.95)
        axes.set_xlabel("Hours of one reviewer")
        axes.set_ylabel("Width of the interval, times the full")
        axes.grid(axis="y", color=RULE, linewidth=0.4)
    return figure


def _as_csv(plan: SharePlan) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["simulated", *(field.name for field in fields(PlannedMarking))])
    for point in plan.curve:
        table.writerow(["yes" if plan.design.simulated else "no", *asdict(point).values()])
    return text.getvalue()
