"""What is in no figure of the report, and why."""

from __future__ import annotations

from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import sentence_case
from samp_eval.report.tables.table import ReportTable, Row, cells, columns

__all__ = ["exclusion_table"]


def exclusion_table(content: ReportContent) -> ReportTable:
    """Every exclusion that holds, with its reason."""
    rows = [
        Row(
            cells(
                sentence_case(decision.in_words()),
                decision.reason,
                decision.decided_by or "not recorded",
                numbers.day(decision.decided_at),
            )
        )
        for decision in content.exclusions
    ]
    return ReportTable(
        "exclusions",
        "What is excluded from every figure",
        columns("Excluded", "Reason", "Decided by", "On (UTC)"),
        tuple(rows),
        ("The sensitivity table has a row with nothing excluded.",),
    )
