"""A checklist as a table, and a sentence about its progress."""

from __future__ import annotations

from samp_eval.report import numbers
from samp_eval.report.content.checklist import Checklist
from samp_eval.report.tables.table import ReportTable, Row, cells, columns

__all__ = ["checklist_sentence", "checklist_table"]


def checklist_sentence(checklist: Checklist) -> str:
    """How many items are filled, need a person, or are open."""
    return (
        f"{checklist.name}: of {numbers.plural(len(checklist.items), 'item')}, "
        f"{numbers.count(checklist.count('Filled'))} are filled from the "
        f"study\N{RIGHT SINGLE QUOTATION MARK}s records, "
        f"{numbers.count(checklist.count('By the authors'))} are answered by the authors, "
        f"{numbers.count(checklist.count('To confirm'))} are prefilled for the authors to confirm, and "
        f"{numbers.count(checklist.count('Open'))} are open."
    )


def checklist_table(checklist: Checklist) -> ReportTable:
    """All items with their status and answer."""
    return ReportTable(
        f"checklist-{checklist.name.lower()}",
        f"{checklist.name}: {checklist.title}",
        columns("Item", "Requirement", "Status", "Answer"),
        tuple(Row(cells(item.number, item.asks, item.status, item.answer)) for item in checklist.items),
        (
            f"Items are in our own words, after {checklist.citation}. Authors write their answers into study.toml, "
            "under [checklist].",
        ),
    )
