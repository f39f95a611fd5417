"""``samp-eval responses rename``: mend a mistyped name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from samp_eval.cli.shared.printing import counted, echo_status
from samp_eval.cli.shared.study_options import StudyOption, existing_study

__all__ = ["rename"]


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The respondent's name in the study.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name that it should have.")],
    study: StudyOption = Path(),
) -> None:
    """Give a respondent another name.

    If the study has a respondent of that name already, the two become one, unless an ask or a setting conflicts.
    """
    from samp_eval.errors import StudyConflict
    from samp_eval.study import LONGEST_NAME, load_study

    new = new.strip()
    if not 0 < len(new) <= LONGEST_NAME:
        raise typer.BadParameter(
            f"a name has 1 to {LONGEST_NAME} characters; this one has {len(new)}", param_hint="NEW"
        )
    if new == old:
        raise StudyConflict(f"the respondent is called {old} already")
    plan = load_study(study)
    if old in {plan.analysis.reference, *(respondent.id for respondent in plan.respondents)}:
        raise StudyConflict(f"study.toml names {old}; rename it there first, or samp-eval run would ask it anew")
    with existing_study(study) as store, store.run_lock(echo_status):
        moved = store.rename_respondent(old, new)
    echo_status(f"{old} is {new} now, with {counted(moved, 'response')}; its earlier name is among the deviations")
