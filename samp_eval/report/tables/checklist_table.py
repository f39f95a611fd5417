"""A checklist as a table, and a sentence about its progress."""

from __future__ import annotations

from samp_eval.report import numbers
from samp_eval.report.content.checklist import Checklist
from samp_eval.report.prose.display_names import typographic
from samp_eval.report.tables.table import ReportTable, Row, cells, columns

__all__ = ["checklist_sentence", "checklist_table"]


def checklist_sentence(checklist: Checklist) -> str:
    """How many items are filled, await the authors, or are open."""
    return (
        f"{checklist.name} has {numbers.plural(len(checklist.items), 'item')}. Filled from the "
        f"study\N{RIGHT SINGLE QUOTATION MARK}s records: {numbers.count(checklist.count('Filled'))}; answered by the "
        f"authors: {numbers.count(checklist.count('By the authors'))}; prefilled for the authors to confirm: "
        f"{numbers.count(checklist.count('To confirm'))}; open: {numbers.count(checklist.count('Open'))}."
    )


def checklist_table(checklist: Checklist) -> ReportTable:
    """All items with their status and answer."""
    return ReportTable(
        f"checklist-{checklist.name.lower()}",
        f"{checklist.name}: {checklist.title}",
        columns("Item", "Requirement", "Status", "Answer"),
        tuple(Row(cells(item.number, typographic(item.asks), item.status, item.answer)) for item in checklist.items),
        (
            f"Items are in our own words, after {checklist.citation}. Authors write their answers into study.toml, "
            "under [checklist].",
        ),
    )
