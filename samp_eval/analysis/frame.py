"""The long table: one row per question, respondent, round and basis; and the design that a model is fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.score import CountedLines, score_percents
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice, MarkBasis
from samp_eval.statistics.gee.terms import rows_without_cluster

__all__ = ["COLUMNS", "StudyDesign", "cluster_codes", "long_table", "study_design"]

COLUMNS = (
    "question_id",
    "case_id",
    "respondent",
    "round",
    "condition",
    "prompted",
    "regenerated",
    "later",
    "basis",
    "requested",
    "correct",
    "score_percent",
)

CONDITION_TERMS = (("prompted", "bare"), ("regenerated", "fresh"), ("later", "first asking"))
"""Terms of the protocol's conditions, each with its reference."""


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """Numbers that a model is fitted to.

    Attributes
    ----------
    design : DataFrame (n, p)
        0/1 columns, no intercept.
    references : dict
        For each column the level that it is compared with.
    left_out : tuple of str
        Terms that these data cannot tell apart from the others, each with the reason.
    """

    design: pd.DataFrame
    references: dict[str, str]
    left_out: tuple[str, ...]


def long_table(lines: CountedLines, correct: Mapping[MarkBasis, NDArray[np.float64]]) -> pd.DataFrame:
    """Scores as the long table of :data:`COLUMNS`; ``correct`` and ``score_percent`` are NaN where marks are open.

    Parameters
    ----------
    lines : CountedLines
    correct : mapping of basis to array (n,)
        See :func:`samp_eval.analysis.score.scores`.
    """
    asks = [one.ask for one in lines.responses]
    shared = pd.DataFrame(
        {
            "question_id": pd.Series([ask.question_id for ask in asks], dtype="str"),
            "case_id": pd.Series([case.id for case, _ in lines.asked], dtype="str"),
            "respondent": pd.Categorical([ask.respondent for ask in asks]),
            "round": np.array([ask.round for ask in asks], dtype=np.int64),
            "condition": pd.Categorical([ask.condition.label for ask in asks]),
            **{
                name: np.array([getattr(ask.condition, name) for ask in asks], dtype=bool)
                for name, _ in CONDITION_TERMS
            },
            "requested": np.array([question.requested for _, question in lines.asked], dtype=np.int64),
        }
    )
    parts = [
        shared.assign(
            basis=pd.Categorical([basis] * len(shared), categories=get_args(MarkBasis)),
            correct=right,
            score_percent=score_percents(lines, right),
        )
        for basis, right in correct.items()
    ]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)] if parts else pd.DataFrame(columns=list(COLUMNS))


def cluster_codes(table: pd.DataFrame, choice: ClusterChoice) -> NDArray[np.int64]:
    """Number of each row's cluster, 0 to g - 1; raises ``CannotEstimate`` where a row has none."""
    codes, _ = pd.factorize(table["case_id" if choice == "case" else "question_id"])
    if (codes < 0).any():
        raise rows_without_cluster(int((codes < 0).sum()), len(codes))
    if choice == "question-respondent":
        respondents, names = pd.factorize(table["respondent"])
        codes, _ = pd.factorize(codes * len(names) + respondents)
    return codes.astype(np.int64)


def study_design(table: pd.DataFrame, *, respondents: list[str]) -> StudyDesign:
    """The protocol's effects as 0/1 columns: each respondent against the first, then the conditions.

    Parameters
    ----------
    table : DataFrame
        Rows of the long table of one basis.
    respondents : list of str
        In order; the first is the reference.

    Raises
    ------
    CannotEstimate
        Where a respondent has the name of a condition's term.
    """
    from samp_eval.statistics.gee.count_table import distinct_rows

    confused = sorted({term for term, _ in CONDITION_TERMS} & set(respondents))
    if confused:
        raise CannotEstimate(
            f"The respondent {confused[0]!r} has the name of a condition, so that their odds ratios could not be told "
            "apart; ask or import it under another name."
        )
    columns = {respondent: (table["respondent"] == respondent).to_numpy(dtype=float) for respondent in respondents[1:]}
    columns |= {term: table[term].to_numpy(dtype=float) for term, _ in CONDITION_TERMS}
    references = dict.fromkeys(respondents[1:], respondents[0]) | dict(CONDITION_TERMS)
    matrix = np.array(list(columns.values())).T
    patterns = matrix[distinct_rows(matrix)[1]]  # same rank, few rows
    varying = [name for name, values in zip(columns, patterns.T, strict=True) if np.ptp(values)]
    kept = _told_apart(dict(zip(columns, patterns.T, strict=True)), varying)
    return StudyDesign(
        design=pd.DataFrame({name: columns[name] for name in kept}, index=table.index),
        references={name: references[name] for name in kept},
        left_out=tuple(
            f"{name}: in these data it always goes together with other terms" for name in varying if name not in kept
        ),
    )


def _told_apart(patterns: Mapping[str, NDArray[np.float64]], names: list[str]) -> list[str]:
    """Those terms that no earlier ones determine."""
    intercept = np.ones(len(next(iter(patterns.values()))))

    def independent(chosen: list[str]) -> bool:
        return bool(np.linalg.matrix_rank(np.array([intercept, *(patterns[one] for one in chosen)])) == len(chosen) + 1)

    if independent(names):
        return names
    kept: list[str] = []
    for name in names:
        if independent([*kept, name]):
            kept.append(name)
    return kept
