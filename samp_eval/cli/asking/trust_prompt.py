"""Ask the user to confirm where a study sends what, before it does."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.printing import echo_status

if TYPE_CHECKING:
    from samp_eval.run.trust import Unconfirmed
    from samp_eval.study import RespondentSettings, Study

__all__ = ["confirm_places"]


def confirm_places(
    folder: Path,
    study: Study,
    respondents: Sequence[RespondentSettings],
    given: Mapping[str, str],
    *,
    trust: bool,
    named_variables: Sequence[str],
) -> None:
    """Return only if the user has confirmed all places that a run sends to.

    Parameters
    ----------
    given : mapping
        The address and the key's variable of the command line.
    trust : bool
        Whether ``--trust`` confirms all of it; otherwise the user is asked, if there is a terminal.
    named_variables : sequence of str
        Variables confirmed by their names, which do not look like a model's key.

    Raises
    ------
    CannotAsk
        If something is not confirmed; the message names it and ``--trust``.
    """
    from samp_eval.run.trust import unconfirmed

    found = unconfirmed(folder, study, respondents, given)
    if found is None:
        return
    if trust:
        _confirm(found, named_variables)
    elif sys.stdin.isatty() and sys.stderr.isatty():
        _ask(found)
    else:
        from samp_eval.errors import CannotAsk

        raise CannotAsk(found.message())


def _ask(found: Unconfirmed) -> None:
    echo_status("This study sends to places that you have not confirmed yet:")
    for line in found.shown:
        echo_status(f"  {line}")
    named = []
    for variable in found.foreign_variables:
        echo_status(f"{variable} does not look like the key of a model.")
        if typer.prompt("Type its name to send it all the same", default="", show_default=False, err=True) != variable:
            raise typer.Abort
        named.append(variable)
    typer.confirm("Do you trust this study and want to send this?", abort=True, err=True)
    _confirm(found, named)


def _confirm(found: Unconfirmed, named_variables: Sequence[str]) -> None:
    from samp_eval.run.trust import state_folder

    if not found.confirm(named_variables):
        echo_status(f"{state_folder()} cannot be written, so this confirmation holds for this run only")
