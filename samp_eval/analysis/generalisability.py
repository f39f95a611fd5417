"""What the error of each difference between respondents is made of: questions, rounds and reviewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from samp_eval.analysis.score import count_correct, credit_lines, score_percents
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import rows_of_means
from samp_eval.errors import CannotEstimate
from samp_eval.literals import MarkBasis
from samp_eval.statistics.generalisability import FEWEST_QUESTIONS, Components, difference_components
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["DifferenceError", "difference_errors"]


@dataclass(frozen=True, slots=True)
class DifferenceError:
    """A respondent against the reference.

    Attributes
    ----------
    basis : MarkBasis
    respondent, reference : str
    components : Components or NotEstimated
        Over the questions that both have in full, in the rounds that both were asked in under one condition; by the
        marks of each reviewer where two and more marked these, else by the consensus.
    """

    basis: MarkBasis
    respondent: str
    reference: str
    components: Components | NotEstimated


def difference_errors(study: ScoredStudy) -> tuple[DifferenceError, ...]:
    """Every respondent with scores against the reference, on each basis."""
    found = []
    for basis in study.bases:
        table = study.table[study.table["basis"] == basis]
        by_reviewer = _tables_of_reviewers(study, basis, table)
        scored = set(table.loc[table["score_percent"].notna(), "respondent"])
        for name in study.respondents[1:]:
            if {name, study.respondents[0]} <= scored:
                components = _components([rows_of_means(table)], by_reviewer, name, study.respondents[0])
                found.append(DifferenceError(basis, name, study.respondents[0], components))
    return tuple(found)


def _tables_of_reviewers(study: ScoredStudy, basis: MarkBasis, table: pd.DataFrame) -> list[pd.DataFrame]:
    """The scores as each reviewer alone marked them."""
    panel = study.gathered.panel(basis, study.plan.review.reviewers)
    people = [reviewer.label for reviewer in panel if reviewer.role == "reviewer"]
    found = []
    for name in people if len(people) > 1 and not study.gathered.planned else ():
        agreed = study.gathered.consensus(basis, name, study.plan.review.reviewers)
        correct = count_correct(study.lines, credit_lines(study.lines, agreed, basis))
        found.append(rows_of_means(table.assign(score_percent=score_percents(study.lines, correct))))
    return found


def _components(
    consensus: Sequence[pd.DataFrame], by_reviewer: Sequence[pd.DataFrame], name: str, reference: str
) -> Components | NotEstimated:
    try:
        if by_reviewer:
            differences = _differences(by_reviewer, name, reference)
            if len(differences) >= FEWEST_QUESTIONS:
                return difference_components(differences)
        return difference_components(_differences(consensus, name, reference))
    except CannotEstimate as error:
        return NotEstimated(str(error))


def _differences(tables: Sequence[pd.DataFrame], name: str, reference: str) -> np.ndarray:
    """Score of one less that of the other, shape (questions, rounds, tables), of questions without a gap."""
    grids = []
    for table in tables:
        own, other = (_grid(table[table["respondent"] == who]) for who in (name, reference))
        grids.append(own.sub(other).reindex(columns=own.columns.intersection(other.columns)))
    index, columns = grids[0].index, grids[0].columns
    values = np.stack([grid.reindex(index=index, columns=columns).to_numpy(dtype=float) for grid in grids], axis=2)
    return np.asarray(values[~np.isnan(values).any(axis=(1, 2))])


def _grid(rows: pd.DataFrame) -> pd.DataFrame:
    """Questions by rounds, each round with its condition."""
    asked = rows["round"].astype(str) + " " + rows["condition"].astype(str)
    return rows.assign(asked=asked).pivot(index="question_id", columns="asked", values="score_percent")
