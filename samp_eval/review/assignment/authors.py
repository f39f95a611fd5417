"""Which cases a study's reviewers wrote themselves, by the bank's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from samp_eval.errors import FaultyBank
from samp_eval.items.load import load_bank
from samp_eval.items.samp import Bank
from samp_eval.review.amendments.bank_on_disk import bank_on_disk

__all__ = ["case_authors"]


def case_authors(folder: Path, held: Bank, reviewers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By reviewer, the cases of the study that they wrote, by the bank's files, else by the study's own bank.

    The files say it better, because a name that was added to them is no change of the bank. Upper and lower case and
    space do not matter.

    Parameters
    ----------
    folder : Path
        The study's.
    held : Bank
        The study's own.
    reviewers : sequence of str
    """
    try:
        found = load_bank(bank_on_disk(folder, None, held))
    except FaultyBank:
        found = held
    own = {case.id for case in held.cases}
    authors: dict[str, tuple[str, ...]] = {}
    for name in reviewers:
        wrote = [case.id for case in found.cases if _plain(name) in map(_plain, case.written_by)]
        authors |= {name: tuple(case for case in wrote if case in own)} if own.intersection(wrote) else {}
    return authors


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
