"""How verdicts agree with hand marks, from a file that ``against_inspect.py --out`` wrote; no model is asked.

Usage: python compared_verdicts.py [FILE.csv]

One row a marker, of the answers that it was asked about; then of the answers on which all models gave a verdict.
Precision is the share of its credits that are right, recall the share of right answers that it credits; a reply without
a verdict credits nothing and is in neither. Intervals are 95 %, over questions.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from samp_eval.statistics.judging.error_rates import clustered_rate
from samp_eval.statistics.reviewers.agreement import IntervalEstimate, agreement

KEPT = Path(__file__).with_name("judged_by_the_embedded_model.csv")
MODELS = ("samp_eval", "inspect")
MARKERS = (*MODELS, "key_marker")
"""Columns: 1 for a credit, 0 for a refusal, ``none`` for a reply without a verdict, empty where nothing was asked."""

Row = dict[str, str]


def rows_of(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def figures(rows: Sequence[Row], marker: str) -> list[IntervalEstimate]:
    """Accuracy and kappa (x 100), precision, recall of one marker's verdicts."""
    given = [row for row in rows if row[marker] in ("0", "1")]
    said, true = (np.array([float(row[name]) for row in given]) for name in (marker, "hand"))
    cluster = np.unique([row["question_id"] for row in given], return_inverse=True)[1].astype(np.int64)
    agreed = agreement(np.column_stack([said, true]), cluster)
    precision = clustered_rate(true[said == 1] == 1, cluster[said == 1]).percent
    recall = clustered_rate(said[true == 1] == 1, cluster[true == 1]).percent
    return [agreed.percent, agreed.cohen_kappa, precision, recall]


def _text(figure: IntervalEstimate) -> str:
    if figure.value is None:
        return "-"
    if figure.ci_low is None or figure.ci_high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} ({figure.ci_low:.2f} to {figure.ci_high:.2f})"


def show(rows: Sequence[Row]) -> None:
    """Print every marker's figures."""
    asked = [marker for marker in MARKERS if marker in rows[0] and any(row[marker] for row in rows)]
    both = [row for row in rows if all(row[model] in ("0", "1") for model in MODELS if model in asked)]
    print("                       asked verdicts | accuracy %; kappa; precision %; recall %")
    for name, chosen in (("", rows), (", where all judged", both)):
        for marker in asked:
            of_marker = [row for row in chosen if row[marker]]
            verdicts = sum(row[marker] != "none" for row in of_marker)
            found = "; ".join(map(_text, figures(of_marker, marker))) if verdicts else "-"
            print(f"{marker + name:29s} {len(of_marker):4d} {verdicts:4d} | {found}")
    for marker in asked:
        counts = [
            sum(row["hand"] == hand and row[marker] == said for row in rows)
            for hand in "10"
            for said in ("1", "0", "none")
        ]
        counted = "right {} credited, {} refused, {} none; wrong {} credited, {} refused, {} none".format(*counts)
        print(f"{marker}: {counted}")


if __name__ == "__main__":
    show(rows_of(Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT))
