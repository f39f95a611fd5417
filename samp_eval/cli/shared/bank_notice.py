"""A bank on disk that differs from the study's own, said where figures or sheets could be taken for the other's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from samp_eval.cli.shared.printing import echo_status

if TYPE_CHECKING:
    from samp_eval.items.samp import Bank
    from samp_eval.store.study_store import StudyStore

__all__ = ["warn_if_bank_differs"]


def warn_if_bank_differs(folder: Path, store: StudyStore, found: Bank | None = None) -> None:
    """Say on stderr how the bank on disk, or the one ``found`` there already, differs from the study's."""
    from samp_eval.review.amendments.bank_on_disk import bank_difference

    if sentence := bank_difference(folder, store.bank(), found):
        echo_status(f"{sentence}\n")
