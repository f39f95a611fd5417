"""Sheets know their age: a sheet does not undo, unasked, what was said after it went out.

Marks of answers and ratings of the bank alike: whatever is said in a place, with a value, a time and a source.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from samp_eval.errors import Fault, FaultySheet
from samp_eval.literals import NewestChoice
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer

__all__ = [
    "HeldMark",
    "OlderMark",
    "SentSheet",
    "SheetFile",
    "SheetMark",
    "check_age",
    "held_marks",
    "older_marks",
    "shown_by",
]


class _Said(Protocol):
    """What somebody said in a place of a study."""

    @property
    def place(self) -> Hashable:
        """A later one there replaces this one."""

    @property
    def value(self) -> str:
        """Empty where it was taken back."""

    @property
    def marked_at(self) -> datetime:
        """UTC."""

    @property
    def source(self) -> str:
        """The file or the page that it came from."""


M = TypeVar("M", bound=_Said)


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
        The values that it showed, by row id and field; every row is there.
    """

    id: str
    reviewer: Reviewer
    exported_at: datetime
    file: str
    shown: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class SheetMark(Generic[M]):
    """A mark, or a rating of the bank, as a filled sheet has it.

    Attributes
    ----------
    mark : Mark or BankRating
    where : str
        Row and column, for messages.
    sheet : str or None
        Id of the export; None where the sheet does not say it.
    exported_at : datetime
        UTC, of that export, else of the row's first.
    shown : str
        What the sheet showed there when it went out; empty where it showed nothing.
    """

    mark: M
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
    marks: tuple[SheetMark[Mark], ...]


@dataclass(frozen=True, slots=True)
class HeldMark(Generic[M]):
    """What the study has in one place: the latest mark, and what came in with which sheet before it."""

    mark: M
    sheet: str | None
    said: frozenset[tuple[str | None, str]]


@dataclass(frozen=True, slots=True)
class OlderMark(Generic[M]):
    """A mark of a sheet that went out before another one was given in the same place."""

    offered: SheetMark[M]
    held: HeldMark[M]

    @property
    def problem(self) -> str:
        """Both values and times, in a sentence."""
        held, moment = self.held.mark, "%Y-%m-%d %H:%M"
        what = f"{held.value!r:.60}" if held.value else "no mark"
        return (
            f"{self.offered.mark.value!r:.60} on a sheet of {self.offered.exported_at:{moment}} UTC, and the study has "
            f"{what} of {held.marked_at:{moment}} UTC ({held.source or 'no file'})"
        )

    @property
    def fault(self) -> Fault:
        """The same with its place in the file."""
        return Fault(self.offered.mark.source, self.offered.where, self.problem)


def shown_by(
    sent: Mapping[str, SentSheet], sheet: str, row_id: str, first_out: datetime, mark: M, where: str, field: str
) -> SheetMark[M]:
    """A mark of a sheet with the age of the sheet, or of its row where the sheet does not say which it is."""
    known = sent.get(sheet)
    if known is None or row_id not in known.shown:
        return SheetMark(mark, where, None, first_out)
    return SheetMark(mark, where, sheet, known.exported_at, known.shown[row_id].get(field, ""))


def held_marks(rows: Iterable[tuple[M, str | None]]) -> dict[Hashable, HeldMark[M]]:
    """What holds in each place, from every mark in order with the sheet that it came from."""
    said: dict[Hashable, set[tuple[str | None, str]]] = {}
    latest: dict[Hashable, tuple[M, str | None]] = {}
    for mark, sheet in rows:
        said.setdefault(mark.place, set()).add((sheet, mark.value))
        latest[mark.place] = mark, sheet
    return {place: HeldMark(mark, sheet, frozenset(said[place])) for place, (mark, sheet) in latest.items()}


def older_marks(
    offered: Iterable[SheetMark[M]], held: Mapping[Hashable, HeldMark[M]], value_today: Callable[[M], str]
) -> list[OlderMark[M]]:
    """The marks that would undo a later one.

    A sheet that comes back again with something else in a cell is no older sheet: its reviewer went on with it. It is
    one where the cell says what the same sheet said before the mark that holds: then it is an earlier copy.
    """
    found = []
    for offer in offered:
        other = held.get(offer.mark.place)
        if other is None or offer.is_untouched or other.mark.marked_at <= offer.exported_at:
            continue
        if value_today(other.mark) == value_today(offer.mark):
            continue
        goes_on = offer.sheet is not None and other.sheet == offer.sheet
        if not goes_on or (offer.sheet, offer.mark.value) in other.said:
            found.append(OlderMark(offer, other))
    return found


def check_age(older: Sequence[OlderMark[M]], newest: NewestChoice | None, thing: str, of: str) -> None:
    """Refuse sheets that are older than what the study has, unless it is said which counts.

    Raises
    ------
    FaultySheet
        With both values and times of each place.
    """
    if older and newest is None:
        raise FaultySheet(
            [found.fault for found in older],
            f"nothing was imported: these sheets went out before the study got another {thing} of the same {of} "
            f"(--newest sheet takes the sheet's {thing}s, --newest store leaves them out and takes the rest)",
        )
