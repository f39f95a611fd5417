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
    if draw is None:
        return
    bank = store.exclusions().bank(study_bank(store))
    later = draw.came_later([question.id for _, question in bank.asked()])
    if later:
        echo_status(f"Not in the draw, because they came later, and so in no figure: {', '.join(later)}.\n")
    if draw.n_drawn < len(draw.order) or draw.set_aside:
        echo_status(
            f"{draw.in_words()}. Figures are of the drawn questions; only the odds ratios of analyze and of the "
            "report, and what is predicted from them, are of all.\n"
        )
