"""A stored study's simpler statistics on every basis that was marked, as planned."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from samp_eval.analysis.failures import failure_rows
from samp_eval.analysis.line_table import line_table
from samp_eval.analysis.study_compare import Choices, StudyComparison, compare_study
from samp_eval.analysis.study_table import bases_marked
from samp_eval.items.samp import Bank
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import Response, ResponseFailure
from samp_eval.study import AnalysisPlan, ReviewPlan

__all__ = ["compared_bases"]


def compared_bases(
    bank: Bank,
    responses: Sequence[Response],
    failures: Sequence[ResponseFailure],
    marks: Sequence[Mark],
    table: pd.DataFrame,
    respondents: Sequence[str],
    review: ReviewPlan,
    plan: AnalysisPlan,
) -> tuple[StudyComparison, ...]:
    """Compare the respondents on each basis.

    Parameters
    ----------
    bank, responses, failures, marks
        As stored.
    table : DataFrame
        The long table.
    respondents : sequence of str
        In order; the first is the reference.
    review : ReviewPlan
    plan : AnalysisPlan
        Cluster, covariance, confidence and pass mark.
    """
    bases = bases_marked(marks)
    lines = line_table(bank, responses, marks, review)
    failed = failure_rows(failures, bank, bases)
    return tuple(
        compare_study(
            table,
            respondents,
            Choices(
                basis,
                cluster=plan.cluster,
                covariance=plan.covariance,
                confidence=plan.confidence,
                pass_mark=plan.pass_mark,
            ),
            failed=failed,
            lines=lines,
        )
        for basis in bases
    )
