"""Sheets know their age: a sheet does not undo, unasked, what was marked after it went out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from samp_eval.literals import MarkField
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.marks import Mark, MarkPlace
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["HeldMark", "OlderMark", "SentSheet", "SheetFile", "SheetMark", "held_marks", "older_marks"]


@dataclass(frozen=True, slots=True)
class SentSheet:
    """One export of a sheet.

    Attributes
    ----------
    id : str
        Stands in the sheet's last column of its own.
    reviewer : Reviewer
    exported_at : datetime
        UTC.
    file : str
        Name without its ending.
    shown : mapping
        The marks that it showed, by row id and field; every row is there.
    """

    id: str
    reviewer: Reviewer
    exported_at: datetime
    file: str
    shown: Mapping[str, Mapping[MarkField, str]]


@dataclass(frozen=True, slots=True)
class SheetMark:
    """A mark as a filled sheet has it.

    Attributes
    ----------
    mark : Mark
    where : str
        Row and column, for messages.
    sheet : str or None
        Id of the export; None where the sheet does not say it.
    exported_at : datetime
        UTC, of that export, else of the row's first.
    shown : str
        What the sheet showed there when it went out; empty where it showed nothing.
    """

    mark: Mark
    where: str
    sheet: str | None
    exported_at: datetime
    shown: str = ""

    @property
    def is_untouched(self) -> bool:
        """Whether the sheet only repeats what it showed, so that nobody said anything."""
        return bool(self.shown) and self.mark.value == self.shown


@dataclass(frozen=True, slots=True)
class SheetFile:
    """The marks of one filled file; ``sha256`` is of its bytes."""

    file: str
    sha256: str
    marks: tuple[SheetMark, ...]


@dataclass(frozen=True, slots=True)
class HeldMark:
    """What the study has in one place: the latest mark, and what came in with which sheet before it."""

    mark: Mark
    sheet: str | None
    said: frozenset[tuple[str | None, str]]


@dataclass(frozen=True, slots=True)
class OlderMark:
    """A mark of a sheet that went out before another mark of the same answer was given."""

    offered: SheetMark
    held: HeldMark

    @property
    def problem(self) -> str:
        """Both values and times, in a sentence."""
        held, moment = self.held.mark, "%Y-%m-%d %H:%M"
        what = f"{held.value!r:.60}" if held.value else "no mark"
        return (
            f"{self.offered.mark.value!r:.60} on a sheet of {self.offered.exported_at:{moment}} UTC, and the study has "
            f"{what} of {held.marked_at:{moment}} UTC ({held.source or 'no file'})"
        )


def held_marks(rows: Iterable[tuple[Mark, str | None]]) -> dict[MarkPlace, HeldMark]:
    """What holds in each place, from every mark in order with the sheet that it came from."""
    said: dict[MarkPlace, set[tuple[str | None, str]]] = {}
    latest: dict[MarkPlace, tuple[Mark, str | None]] = {}
    for mark, sheet in rows:
        said.setdefault(mark.place, set()).add((sheet, mark.value))
        latest[mark.place] = mark, sheet
    return {place: HeldMark(mark, sheet, frozenset(said[place])) for place, (mark, sheet) in latest.items()}


def older_marks(offered: Iterable[SheetMark], held: Mapping[MarkPlace, HeldMark], keys: KeyHistory) -> list[OlderMark]:
    """The marks that would undo a later one.

    A sheet that comes back again with something else in a cell is no older sheet: its reviewer went on with it. It is
    one where the cell says what the same sheet said before the mark that holds: then it is an earlier copy.
    """
    found = []
    for offer in offered:
        other = held.get(offer.mark.place)
        if other is None or offer.is_untouched or other.mark.marked_at <= offer.exported_at:
            continue
        if keys.value_today(other.mark) == keys.value_today(offer.mark):
            continue
        goes_on = offer.sheet is not None and other.sheet == offer.sheet
        if not goes_on or (offer.sheet, offer.mark.value) in other.said:
            found.append(OlderMark(offer, other))
    return found
