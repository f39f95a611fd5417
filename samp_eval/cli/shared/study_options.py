"""Options of all commands, and access to the study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.printing import echo_status

if TYPE_CHECKING:
    from samp_eval.items.samp import Bank
    from samp_eval.store.study_store import StudyStore

__all__ = ["JsonOption", "StudyOption", "existing_study", "study_bank"]

StudyOption = Annotated[
    Path, typer.Option("--study", metavar="DIR", help="The study's folder.", show_default="this folder")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@contextmanager
def existing_study(folder: Path) -> Iterator[StudyStore]:
    """Open the store of an existing study."""
    from samp_eval.store.study_store import StudyStore

    with StudyStore.open(folder, create=False, notify=echo_status) as store:
        yield store


def panel_names(store: StudyStore, of_study: tuple[str, ...]) -> tuple[str, ...]:
    """Whose marks count: the reviewers of the stored plan of who marks what, else those of the study file."""
    plan = store.assignment_plan()
    return of_study if plan is None else plan.reviewers


def study_bank(store: StudyStore) -> Bank:
    """The bank whose questions the study asked."""
    return store.bank_asked()
