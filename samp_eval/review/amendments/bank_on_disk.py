"""Where a study's bank stands on disk, and how that differs from the bank that the study was asked with."""

from __future__ import annotations

from pathlib import Path

from samp_eval.errors import FaultyBank
from samp_eval.items.bank_pictures import has_pictures
from samp_eval.items.load import bank_files_sha256, load_bank
from samp_eval.items.samp import Bank
from samp_eval.review.amendments.key_changes import differing_questions
from samp_eval.study import load_study

__all__ = ["bank_difference", "bank_on_disk"]

BUNDLED = "bundled bank"
_MOST_NAMED = 3


def bank_on_disk(folder: Path, items: Path | None, held: Bank | None) -> Path | None:
    """Where the study's bank would be read from: the option, the study file, or where it was read from first.

    Parameters
    ----------
    folder : Path
        The study's.
    items : Path or None
        The option.
    held : Bank or None
        The study's own.

    Returns
    -------
    Path or None
        None for the bundled bank.
    """
    planned = load_study(folder).items
    if items is not None or planned:
        return items or folder / str(planned)
    return None if held is None or held.location == BUNDLED else Path(held.location)


def bank_difference(folder: Path, held: Bank | None, found: Bank | None = None) -> str:
    """How the bank on disk, or the one ``found`` there already, differs from the study's; empty where it does not."""
    if held is None:
        return ""
    if found is None:
        place = bank_on_disk(folder, None, held)
        try:
            unchanged = bool(held.files_sha256) and bank_files_sha256(place) == held.files_sha256
            if unchanged and not has_pictures(held.cases):  # the hash is of the cases' files alone
                return ""
            found = load_bank(place)
        except FaultyBank as error:
            # A place that is only remembered, and relative to the folder of another day, may be anything by now.
            remembered = place is not None and str(place) == held.location and not place.is_absolute()
            if place is None or (place.exists() and not remembered):
                return f"{place} cannot be read as a bank, and the study goes on with its own: {error}"
            return ""
    if found.sha256 == held.sha256:
        return ""
    return (
        f"{found.location} differs from the study's own bank: {_differences(held, found)}. The study keeps its own "
        "until samp-eval amend key takes the other in."
    )


def _differences(held: Bank, found: Bank) -> str:
    parts = []
    for what, names in differing_questions(held, found).items():
        if names:
            shown = ", ".join(names[:_MOST_NAMED])
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            parts.append(f"{what}: {shown}{more}")
    return "; ".join(parts) or "only in what no mark rests on, such as a rationale or a source"
