"""What the automatic marker and models would have every response score: predictions, and no marks of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.analysis.score import count_correct, credit_lines, score_percents
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.votes import ModelMark
from samp_eval.review.marks import ConsensusMark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer

__all__ = ["credits_of_model", "predicted_scores"]


def predicted_scores(
    lines: CountedLines, by_key: Sequence[ConsensusMark], judged: Sequence[ModelMark], bases: Sequence[MarkBasis]
) -> pd.DataFrame:
    """Score percentages by each predictor, on one basis after the other.

    Parameters
    ----------
    lines : CountedLines
    by_key : sequence of ConsensusMark
        Of the automatic marker; empty where it has not marked.
    judged : sequence of ModelMark
    bases : sequence of MarkBasis
        For which predictions are wanted.

    Returns
    -------
    DataFrame
        A row for each response on each basis, in their order, and a column for each predictor: ``automatic:key``, then
        ``model:NAME`` by name. NaN where a predictor has no mark of a line. A predictor with marks on one basis only
        predicts both by these.
    """
    of_predictor: dict[str, Mapping[MarkBasis, Sequence[ConsensusMark]]] = {}
    if by_key:
        of_predictor[KEY_MARKER.label] = {"key": by_key}
    for judge in sorted({mark.judge for mark in judged}):
        of_predictor[judge.label] = credits_of_model(judged, judge)
    return pd.DataFrame(
        {
            label: np.concatenate([_scores(lines, by_basis, basis) for basis in bases] or [np.empty(0)])
            for label, by_basis in of_predictor.items()
        },
        index=range(len(bases) * len(lines.responses)),
    )


def credits_of_model(judged: Sequence[ModelMark], judge: Reviewer) -> dict[MarkBasis, list[ConsensusMark]]:
    """What a model's votes come to on each basis on which it has marked; a tie leaves an answer open."""
    by_key = {mark.answer_id: mark.value for mark in judged if mark.judge == judge and mark.basis == "key"}
    found: dict[MarkBasis, list[ConsensusMark]] = {}
    for mark in judged:
        if mark.judge == judge:
            credit = None if mark.value is None else float(mark.value != "0")
            letter = by_key.get(mark.answer_id) or "0"
            entry = letter if credit and letter != "0" else ""
            consensus = ConsensusMark(mark.question_id, mark.answer_id, mark.basis, credit, entry)
            found.setdefault(mark.basis, []).append(consensus)
    return found


def _scores(
    lines: CountedLines, by_basis: Mapping[MarkBasis, Sequence[ConsensusMark]], basis: MarkBasis
) -> NDArray[np.float64]:
    marked = basis if basis in by_basis else next(iter(by_basis))
    return score_percents(lines, count_correct(lines, credit_lines(lines, by_basis[marked], marked)))
