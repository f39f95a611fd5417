"""A checklist as a table, and how far it is filled in a sentence."""

from __future__ import annotations

from samp_eval.report import numbers
from samp_eval.report.content.checklist import Checklist
from samp_eval.report.tables.table import ReportTable, Row, cells, columns

__all__ = ["checklist_sentence", "checklist_table"]


def checklist_sentence(checklist: Checklist) -> str:
    """How many items are filled, wait for a person, or are open."""
    return (
        f"{checklist.name}: of {numbers.plural(len(checklist.items), 'item')}, "
        f"{numbers.count(checklist.count('Filled'))} are filled from the "
        f"study\N{RIGHT SINGLE QUOTATION MARK}s records, "
        f"{numbers.count(checklist.count('By the authors'))} answered by the authors, "
        f"{numbers.count(checklist.count('To confirm'))} prefilled for the authors to confirm, and "
        f"{numbers.count(checklist.count('Open'))} open."
    )


def checklist_table(checklist: Checklist) -> ReportTable:
    """Every item with its status and its answer."""
    return ReportTable(
        f"checklist-{checklist.name.lower()}",
        f"{checklist.name}: {checklist.title}",
        columns("Item", "Asks for", "Status", "Answer"),
        tuple(Row(cells(item.number, item.asks, item.status, item.answer)) for item in checklist.items),
        (
            f"Items in our own words after {checklist.citation}. Answers of the authors go into study.toml "
            f"under [checklist].",
        ),
    )
