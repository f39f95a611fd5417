"""The reporting checklists, in our own words, and which of their items a study file may answer."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ChecklistText", "Fill", "ItemText", "checklists", "unknown_items"]

Fill = Literal["records", "confirm", "authors"]
"""records: filled from the study's records; confirm: prefilled; authors: only the authors can answer."""


class ItemText(BaseModel):
    """One item of a checklist."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    asks: str
    fill: Fill
    topic: str = ""
    filled_when: str = Field(default="", description="What the records must hold to fill an item of ``confirm``.")
    confirm: str = Field(default="", description="What the records do not know of an item that they prefill.")


class ChecklistText(BaseModel):
    """One checklist."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    citation: str
    items: tuple[ItemText, ...]

    def key(self, item: ItemText) -> str:
        """What a study file calls an item: ``CHART 2a``."""
        return f"{self.name} {item.number}"


@cache
def checklists() -> tuple[ChecklistText, ...]:
    """Every checklist with its items."""
    text = files("samp_eval").joinpath("checklists.toml").read_text(encoding="utf-8")
    return tuple(ChecklistText.model_validate(checklist) for checklist in tomllib.loads(text)["checklist"])


def unknown_items(written: Iterable[str]) -> Iterator[str]:
    """A sentence for each item that no checklist has, with the one that may be meant."""
    known = [checklist.key(item) for checklist in checklists() for item in checklist.items]
    folded = {name.casefold(): name for name in known}
    for name in sorted(set(written) - set(known)):
        like = get_close_matches(name.casefold(), folded, n=1)
        meant = f'perhaps "{folded[like[0]]}" is meant; ' if like else ""
        yield f"no checklist has the item {name!r}; {meant}samp-eval checklists lists all items"
