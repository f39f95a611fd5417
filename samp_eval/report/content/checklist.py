"""Reporting checklists: filled from the study's records, prefilled for its authors, or left open."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from samp_eval.errors import Fault, FaultyStudy
from samp_eval.report.content.checklist_answers import RECORDED, TOPICS
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.citations import without_citations
from samp_eval.study import STUDY_FILE

__all__ = ["AnsweredItem", "Checklist", "Fill", "answered_checklists"]

Fill = Literal["records", "confirm", "authors"]
"""records: filled from the study's records; confirm: prefilled; authors: only the authors can answer."""


class _ItemText(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    asks: str
    fill: Fill
    topic: str = ""
    filled_when: str = Field(default="", description="What the records must hold to fill an item of ``confirm``.")
    confirm: str = Field(default="", description="What the records do not know of an item that they prefill.")


class _ChecklistText(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    citation: str
    items: tuple[_ItemText, ...]


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
    """All checklists with answers; the authors' answers in ``study.toml`` take precedence over the records.

    Raises
    ------
    FaultyStudy
        If the study file answers an item that no checklist has.
    """
    written = dict(content.study.checklist)
    known = {f"{checklist.name} {item.number}" for checklist in _texts() for item in checklist.items}
    unknown = sorted(set(written) - known)
    if unknown:
        names = ", ".join(checklist.name for checklist in _texts())
        raise FaultyStudy(
            [
                Fault(
                    STUDY_FILE,
                    f"checklist, {name!r}",
                    f"no checklist has this item; give the name of the list ({names}) and the item",
                )
                for name in unknown
            ]
        )
    return [
        Checklist(
            checklist.name,
            checklist.title,
            checklist.citation,
            tuple(_answered(item, written.get(f"{checklist.name} {item.number}"), content) for item in checklist.items),
        )
        for checklist in _texts()
    ]


def _answered(item: _ItemText, written: str | None, content: ReportContent) -> AnsweredItem:
    if written is not None:
        return AnsweredItem(item.number, item.asks, "By the authors", written)
    if item.fill == "authors":
        return AnsweredItem(item.number, item.asks, "Open", "")
    answer = without_citations(TOPICS[item.topic](content))
    if item.fill == "records" or (item.filled_when and RECORDED[item.filled_when](content)):
        return AnsweredItem(item.number, item.asks, "Filled", answer)
    wanted = f" To add: {item.confirm}." if item.confirm else ""
    return AnsweredItem(item.number, item.asks, "To confirm", f"{answer}{wanted}")


@cache
def _texts() -> tuple[_ChecklistText, ...]:
    text = files("samp_eval.report.content").joinpath("checklists.toml").read_text(encoding="utf-8")
    return tuple(_ChecklistText.model_validate(checklist) for checklist in tomllib.loads(text)["checklist"])
