"""The model's place among the physicians: kappa of every pair with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from samp_eval.analysis.judging.results import JudgeAgreement
from samp_eval.report import numbers
from samp_eval.report.figures.interval_plot import IntervalRow, interval_plot
from samp_eval.report.figures.style import figure_style, shorten_label
from samp_eval.report.prose.display_names import basis_words
from samp_eval.statistics.reviewers.agreement import Agreement

__all__ = ["has_place", "judge_plot"]


def has_place(found: Sequence[JudgeAgreement]) -> bool:
    """Whether there is a kappa to show."""
    return any(_rows(judged) for judged in found)


def judge_plot(found: Sequence[JudgeAgreement]) -> Figure:
    """Cohen's kappa of each model with the consensus and each physician, and of physicians with each other."""
    groups = {}
    for judged in found:
        rows = _rows(judged)
        if rows:
            heading = f"{shorten_label(judged.judge, 30)}, {basis_words(judged.basis)}, n = {numbers.count(judged.n)}"
            groups[heading] = rows
    with figure_style("judges"):
        figure, axes = interval_plot(groups)
        lowest = min(row.low for rows in groups.values() for row in rows)
        axes.set_xlim(math.floor(10 * lowest) / 10 - 0.1, 1.0)
        axes.set_xlabel("Cohen\N{RIGHT SINGLE QUOTATION MARK}s kappa (1: perfect agreement)")
    return figure


def _rows(found: JudgeAgreement) -> list[IntervalRow]:
    pairs = {f"{found.judge} and the consensus": found.with_consensus, **found.by_pair}
    return [row for label, agreement in pairs.items() for row in _row(label, agreement)]


def _row(label: str, agreement: Agreement) -> list[IntervalRow]:
    kappa = agreement.cohen_kappa
    if kappa.value is None:
        return []
    words, low, high = numbers.number(kappa.value), kappa.value, kappa.value
    if kappa.ci_low is not None and kappa.ci_high is not None:
        low, high = kappa.ci_low, kappa.ci_high
        words += f" ({numbers.interval_of_percents(low, high, 2)})"
    return [IntervalRow(shorten_label(label), kappa.value, low, high, words)]
