"""The design of the planned model: respondents and conditions as columns, and the clusters of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.tables.long_table import CONDITION_TERMS
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice
from samp_eval.statistics.gee.count_table import distinct_rows
from samp_eval.statistics.gee.terms import rows_without_cluster

__all__ = ["StudyDesign", "cluster_codes", "study_design"]


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """Numbers that a model is fitted to.

    Attributes
    ----------
    design : DataFrame (n, p)
        0/1 columns, no intercept.
    names, references : dict
        For each column what it stands for and what that is compared with. Conditions that always go with it are named
        in both: ``gpt-4, prompted`` and ``gpt-3.5, bare``.
    """

    design: pd.DataFrame
    names: dict[str, str]
    references: dict[str, str]


def cluster_codes(table: pd.DataFrame, choice: ClusterChoice) -> NDArray[np.int64]:
    """Number of each row's cluster, 0 to g - 1; raises ``CannotEstimate`` where a row has none."""
    codes, _ = pd.factorize(table["case_id" if choice == "case" else "question_id"])
    if (codes < 0).any():
        raise rows_without_cluster(int((codes < 0).sum()), len(codes))
    if choice == "question-respondent":
        respondents, names = pd.factorize(table["respondent"])
        codes, _ = pd.factorize(codes * len(names) + respondents)
    return codes.astype(np.int64)


def study_design(table: pd.DataFrame, *, respondents: Sequence[str]) -> StudyDesign:
    """The protocol's effects as 0/1 columns: each respondent against the first, then the conditions.

    Parameters
    ----------
    table : DataFrame
        Rows of the long table of one basis.
    respondents : sequence of str
        In order; the first is the reference.

    Raises
    ------
    CannotEstimate
        Where a respondent has the name of a condition's term, or where effects are mixed so that they have no name.
    """
    confused = sorted({term for term, _ in CONDITION_TERMS} & set(respondents))
    if confused:
        raise CannotEstimate(
            f"The respondent {confused[0]!r} has the name of a condition, so that their odds ratios could not be told "
            "apart; ask or import it under another name."
        )
    columns = {respondent: (table["respondent"] == respondent).to_numpy(dtype=float) for respondent in respondents[1:]}
    columns |= {term: table[term].to_numpy(dtype=float) for term, _ in CONDITION_TERMS if term in table}
    references = dict.fromkeys(respondents[1:], respondents[0]) | dict(CONDITION_TERMS)
    matrix = np.array(list(columns.values())).T
    patterns = matrix[distinct_rows(matrix)[1]]  # same rank, few rows
    varying = [name for name, values in zip(columns, patterns.T, strict=True) if np.ptp(values)]
    by_name = dict(zip(columns, patterns.T, strict=True))
    kept = _told_apart(by_name, varying)
    names = {name: name for name in kept}
    for lost in (name for name in varying if name not in kept):
        _name_together(lost, by_name, kept, names, references, respondents)
    return StudyDesign(
        design=pd.DataFrame({name: columns[name] for name in kept}, index=table.index),
        names=names,
        references={name: references[name] for name in kept},
    )


def _name_together(
    lost: str,
    patterns: Mapping[str, NDArray[np.float64]],
    kept: Sequence[str],
    names: dict[str, str],
    references: dict[str, str],
    respondents: Sequence[str],
) -> None:
    """Add a condition that no column can tell apart to the names of the columns that it goes with.

    That is either one other condition, or respondents each of whom was asked under one level of it only.
    """
    basis = np.array([np.ones(len(patterns[lost])), *(patterns[name] for name in kept)]).T
    weights = np.linalg.lstsq(basis, patterns[lost], rcond=None)[0].round(6)
    at_reference, slopes = weights[0], dict(zip(kept, weights[1:].tolist(), strict=True))
    involved = [name for name, slope in slopes.items() if slope]
    of_respondents = all(name in respondents for name in involved)
    if lost in respondents or not (of_respondents or len(involved) == 1):
        raise CannotEstimate(
            f"The effects of {lost} and of {', '.join(involved)} cannot be told apart in these data. Ask a respondent "
            "under more of the conditions, or leave one out."
        )
    level = {0.0: dict(CONDITION_TERMS)[lost], 1.0: lost}
    for name in involved:
        names[name] += f", {level[at_reference + slopes[name]]}"
        references[name] += f", {level[at_reference]}"


def _told_apart(patterns: Mapping[str, NDArray[np.float64]], names: list[str]) -> list[str]:
    """Those terms that no earlier ones determine."""
    intercept = np.ones(len(next(iter(patterns.values()))))

    def independent(chosen: list[str]) -> bool:
        columns = np.array([intercept, *(patterns[name] for name in chosen)])
        return bool(np.linalg.matrix_rank(columns) == len(chosen) + 1)

    if independent(names):
        return names
    kept: list[str] = []
    for name in names:
        if independent([*kept, name]):
            kept.append(name)
    return kept
