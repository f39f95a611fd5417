"""What imports of responses and of marks have in common: their list, and taking one back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.printing import echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study
from samp_eval.literals import NewestChoice

if TYPE_CHECKING:
    from samp_eval.literals import ImportKind
    from samp_eval.review.imports import Import
    from samp_eval.store.study_store import StudyStore

__all__ = ["NewestOption", "add_import_commands"]

ImportArgument = Annotated[
    str, typer.Argument(metavar="IMPORT", help="Its number, or the first characters of the file's SHA-256.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the report prints it.")]
NewestOption = Annotated[
    NewestChoice | None,
    typer.Option(
        "--newest",
        help="What counts if a sheet went out before the study got something else in its place.",
        show_default="list it, and import nothing",
    ),
]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided it; the report prints it.")]


def add_import_commands(
    group: typer.Typer, kind: ImportKind, withdraw: Callable[[StudyStore, Import, str, str], str]
) -> None:
    """Attach ``imports`` and ``withdraw``; ``withdraw`` does it in the store and says what became of it."""

    def imports(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
        _list(study, kind, as_json=as_json)

    def take_back(
        name: ImportArgument, study: StudyOption = Path(), reason: ReasonOption = "", by: ByOption = ""
    ) -> None:
        from samp_eval.errors import StudyConflict
        from samp_eval.review.imports import find_import

        if not reason.strip():
            raise StudyConflict("a withdrawal needs its reason, which the report prints: --reason TEXT")
        with existing_study(study) as store:
            taken = find_import(name, store.imports(kind), kind)
            what = withdraw(store, taken, reason.strip(), by.strip())
        echo_status(f"import {taken.number} ({taken.file}) is withdrawn: {what}. Import the file again to undo it.")

    what = "sheets" if kind == "marks" else "files of recorded answers"
    group.command("imports", help=f"List the imported {what}, and those that were withdrawn.")(imports)
    group.command("withdraw", help=f"Take back one import. Its {kind} no longer count and stay in the history.")(
        take_back
    )


def _list(study: Path, kind: ImportKind, *, as_json: bool) -> None:
    with existing_study(study) as store:
        imports = store.imports(kind)
    if as_json:
        print_json([taken.as_json() for taken in imports])
        return
    if not imports:
        typer.echo("Nothing was imported.")
        return
    rows = [
        (
            taken.number,
            taken.file,
            taken.sha256[:8],
            f"{taken.imported_at:%Y-%m-%d %H:%M} UTC",
            taken.brought,
            "" if taken.withdrawn_at is None else f"{taken.withdrawn_at:%Y-%m-%d %H:%M} UTC: {taken.reason}",
        )
        for taken in imports
    ]
    print_table(["number", "file", "SHA-256", "imported", kind, "withdrawn"], rows)
