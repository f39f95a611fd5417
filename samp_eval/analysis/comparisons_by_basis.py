"""A stored study's simpler statistics on every basis that was marked, as planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from samp_eval.analysis.failures import failure_rows
from samp_eval.analysis.line_table import lines_scored
from samp_eval.analysis.score import CountedLines
from samp_eval.analysis.study_comparison import compare_study
from samp_eval.analysis.study_comparison_results import Choices, StudyComparison
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import ConsensusMark
from samp_eval.run.respondent import ResponseFailure
from samp_eval.study import AnalysisPlan

__all__ = ["compared_bases"]


def compared_bases(
    bank: Bank,
    lines: CountedLines,
    agreed: Mapping[MarkBasis, Sequence[ConsensusMark]],
    failures: Sequence[ResponseFailure],
    table: pd.DataFrame,
    respondents: Sequence[str],
    plan: AnalysisPlan,
) -> tuple[StudyComparison, ...]:
    """Compare the respondents on each basis.

    Parameters
    ----------
    lines : CountedLines
    agreed : mapping of basis to sequence of ConsensusMark
        The planned consensus.
    failures
        As stored.
    table : DataFrame
        The long table.
    respondents : sequence of str
        In order; the first is the reference.
    plan : AnalysisPlan
        Cluster, covariance, confidence and pass mark.
    """
    scored = lines_scored(lines, agreed)
    failed = failure_rows(failures, bank, list(agreed))
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
            lines=scored,
        )
        for basis in agreed
    )
