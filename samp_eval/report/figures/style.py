"""The style of all figures, and SVG markup that follows the page's theme."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from samp_eval.report.safe_text import visible

__all__ = [
    "ACCENT",
    "INK",
    "MUTED",
    "PAPER",
    "RULE",
    "FileKind",
    "as_bytes",
    "figure_style",
    "figure_with_margins",
    "inline_svg",
    "shorten_label",
    "text_width",
]

FileKind = Literal["svg", "png", "pdf"]

INK, MUTED, RULE, PAPER, ACCENT = "#1c2024", "#5b6570", "#c9ced4", "#ffffff", "#0a5a94"
ALERT = "#a23b06"
_ON_PAGE = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    PAPER: "var(--paper)",
    ACCENT: "var(--accent)",
}
"""Colours that follow the light or dark theme of the page."""

_LEAST_INSIDE = 1.4
"""Minimum width of the axes in inches; if the text around them leaves less, the figure becomes wider."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "axes.unicode_minus": True,
    "text.parse_math": False,
}


@contextmanager
def figure_style(name: str) -> Iterator[None]:
    """Apply the style; ``name`` makes the identifiers inside an SVG unique and reproducible."""
    with mpl.rc_context(cast("Any", {**STYLE, "svg.hashsalt": name})):
        yield


def text_width(text: str, weight: str = "normal") -> float:
    """Width in inches of the widest line of a text at the normal font size of a figure.

    East Asian wide characters are missing from matplotlib's font; in a reader's font they are one em wide.
    """
    font = FontProperties(family=STYLE["font.family"], size=STYLE["font.size"], weight=weight)
    lines = "".join("\N{EM DASH}" if _is_wide(character) else character for character in text).split("\n")
    return max(text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in lines) / 72


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def figure_with_margins(
    width: float, height: float, *, left: float, right: float, above: float, below: float
) -> tuple[Figure, Axes]:
    """A new figure and its axes, with room for the text around them; all sizes are in inches, the width at least.

    Matplotlib's constrained layout finds the same margins, but takes as long as the drawing itself.
    """
    width = max(width, left + _LEAST_INSIDE + right)
    figure = Figure(figsize=(width, height))
    return figure, figure.add_axes(
        (left / width, below / height, 1 - (left + right) / width, 1 - (above + below) / height)
    )


def inline_svg(figure: Figure, name: str, label: str) -> str:
    """A figure as SVG for the page: unique identifiers, the page's colours and font, a label for screen readers."""
    buffer = io.StringIO()
    with figure_style(name):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    markup = buffer.getvalue()
    markup = markup[markup.index("<svg") :]
    markup = re.sub(r"<metadata>.*?</metadata>\s*", "", markup, flags=re.DOTALL)
    markup = re.sub(r'\bid="', f'id="{name}-', markup)
    markup = re.sub(r'href="#', f'href="#{name}-', markup)
    markup = re.sub(r"url\(#", f"url(#{name}-", markup)
    for colour, variable in _ON_PAGE.items():
        markup = markup.replace(colour, variable)
    markup = markup.replace("font-family: 'DejaVu Sans'; ", "")
    title = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return markup.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)


def as_bytes(figure: Figure, name: str, kind: FileKind, *, title: str, flag: str = "") -> bytes:
    """A figure as a file, reproducible byte by byte, with ``title`` in its metadata and ``flag`` printed above it."""
    buffer = io.BytesIO()
    metadata: dict[str, Any] = {"Title": visible(title)}
    if kind == "svg":
        metadata |= {"Date": None, "Creator": "samp-eval"}
    elif kind == "pdf":
        metadata |= {"CreationDate": None, "Creator": "samp-eval", "Producer": None}
    else:
        metadata |= {"Software": "samp-eval"}
    with figure_style(name):
        printed = figure.text(0.0, 1.01, flag, color=ALERT, weight="bold", fontsize=8, va="bottom") if flag else None
        figure.savefig(buffer, format=kind, dpi=300, bbox_inches="tight", metadata=metadata)
        if printed is not None:
            printed.remove()
    return buffer.getvalue()


def shorten_label(text: str, longest: int = 44) -> str:
    """Shorten a text in its middle, because names of models often differ only at their end."""
    text = visible(text)
    if len(text) <= longest:
        return text
    ends = (longest - 1) // 2
    return text[: longest - 1 - ends] + "\N{HORIZONTAL ELLIPSIS}" + text[len(text) - ends :]
