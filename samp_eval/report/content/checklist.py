"""Reporting checklists: filled from the study's records, prefilled for its authors, or left open."""

from __future__ import annotations

from dataclasses import dataclass

from samp_eval.checklists import ItemText, checklists
from samp_eval.report.content.checklist_answers import RECORDED, TOPICS
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.citations import without_citations

__all__ = ["AnsweredItem", "Checklist", "answered_checklists"]


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """One item with its answer.

    Attributes
    ----------
    number, asks : str
    status : str
        ``Filled``, ``To confirm``, ``By the authors`` or ``Open``.
    answer : str
        Empty if only the authors can answer and have not done so.
    """

    number: str
    asks: str
    status: str
    answer: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """One checklist, with its items answered as far as possible."""

    name: str
    title: str
    citation: str
    items: tuple[AnsweredItem, ...]

    def count(self, status: str) -> int:
        """Number of items with this status."""
        return sum(item.status == status for item in self.items)


def answered_checklists(content: ReportContent) -> list[Checklist]:
    """All checklists with answers; the authors' answers in ``study.toml`` take precedence over the records."""
    written = content.study.checklist
    return [
        Checklist(
            checklist.name,
            checklist.title,
            checklist.citation,
            tuple(_answered(item, written.get(checklist.key(item)), content) for item in checklist.items),
        )
        for checklist in checklists()
    ]


def _answered(item: ItemText, written: str | None, content: ReportContent) -> AnsweredItem:
    if written is not None:
        return AnsweredItem(item.number, item.asks, "By the authors", written)
    if item.fill == "authors":
        return AnsweredItem(item.number, item.asks, "Open", "")
    answer = without_citations(TOPICS[item.topic](content))
    if item.fill == "records" or (item.filled_when and RECORDED[item.filled_when](content)):
        return AnsweredItem(item.number, item.asks, "Filled", answer)
    wanted = f" To add: {item.confirm}." if item.confirm else ""
    return AnsweredItem(item.number, item.asks, "To confirm", f"{answer}{wanted}")
