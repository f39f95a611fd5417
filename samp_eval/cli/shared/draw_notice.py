"""What a command says where a part of the questions is drawn to be marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samp_eval.cli.shared.printing import echo_status

if TYPE_CHECKING:
    from samp_eval.store.study_store import StudyStore

__all__ = ["warn_of_draw"]


def warn_of_draw(store: StudyStore) -> None:
    """Say on stderr which questions the figures are of."""
    draw = store.draw()
    if draw is not None and (draw.n_drawn < len(draw.order) or draw.set_aside):
        echo_status(
            f"{draw.in_words()}. Figures are of the drawn questions; only the odds ratios of analyze and of the "
            "report, and what is predicted from them, are of all.\n"
        )
