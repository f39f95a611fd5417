"""What a command says where a part of the questions is drawn to be marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samp_eval.cli.shared.printing import echo_status
from samp_eval.cli.shared.study_options import study_bank

if TYPE_CHECKING:
    from samp_eval.store.study_store import StudyStore

__all__ = ["warn_of_draw"]


def warn_of_draw(store: StudyStore) -> None:
    """Say on stderr which questions the figures are of."""
    draw = store.draw()
    for sentence in draw.sentences(store.exclusions().bank(study_bank(store))) if draw is not None else ():
        echo_status(f"{sentence}\n")
