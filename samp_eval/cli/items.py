"""``samp-eval items``: look at a bank, check it, and bring it in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from samp_eval.cli.shared.study_options import (
    JsonOption,
    as_mapping,
    console,
    counted,
    echo_status,
    print_json,
    print_table,
    printable,
)

__all__ = ["register"]

ItemsOption = Annotated[
    Path | None, typer.Option("--items", metavar="PATH", help="The bank.", show_default="the bundled bank")
]

_STYLES = {"heading": "bold", "question": "bold cyan", "key": "green", "refused": "yellow", "note": "dim"}


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    items = typer.Typer(help="Look at a bank of questions, check it, and bring it in and out.", no_args_is_help=True)
    items.command("list")(list_questions)
    items.command("show")(show)
    items.command("check")(check)
    items.command("convert")(convert)
    items.command("template")(template)
    app.add_typer(items, name="items")


def list_questions(items: ItemsOption = None, as_json: JsonOption = False) -> None:
    """List the questions of a bank."""
    from samp_eval.items.load import load_bank
    from samp_eval.items.show import listed

    bank = load_bank(items)
    found = listed(bank)
    if as_json:
        print_json(found)
        return
    columns = ["case_id", "question_id", "format", "requested", "topic"]
    print_table(["case", "question", "format", "asks for", "topic"], [[one[name] for name in columns] for one in found])
    lines = sum(question.requested for _, question in bank.asked())
    typer.echo(f"\n{counted(len(bank.cases), 'case')}, {counted(len(found), 'question')}, {counted(lines, 'line')}.")
    if not any(case.reviewed_by for case in bank.cases):
        typer.echo("No physician has reviewed these questions yet.")


def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of a case or of a question.")],
    items: ItemsOption = None,
    key: Annotated[bool, typer.Option("--key", help="Show the answer key, too.")] = False,
) -> None:
    """Show a case or a question as a candidate would see it."""
    from rich.text import Text

    from samp_eval.errors import SampEvalError
    from samp_eval.items.load import load_bank
    from samp_eval.items.show import shown, wanted_part

    bank = load_bank(items)
    part = wanted_part(bank, identifier)
    if part is None:
        raise SampEvalError(f"the bank has no case or question {identifier!r}; samp-eval items list names them all")
    terminal = console()
    for line in shown(*part, key=key, width=min(terminal.width, 96)):
        terminal.print(Text(printable(line.text), style=_STYLES.get(line.kind, "")), end="\n\n")


def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="The bank.", show_default="the bundled bank")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find everything that is wrong with a bank at once; exit code 1 where there is something."""
    from samp_eval.review.markers.key_check import check_bank

    findings, questions = check_bank(path)
    if as_json:
        print_json([as_mapping(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(printable(str(finding)))
    if findings:
        echo_status(counted(len(findings), "finding"))
        raise typer.Exit(1)
    echo_status(f"{counted(questions, 'question')} checked; nothing found")


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="SRC", help="The bank to read; 'bundled' is the one that comes with samp-eval.")
    ],
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="Where to write it; its ending names the form.")],
    form: Annotated[
        Literal["inspect", "huggingface"] | None,
        typer.Option("--format", help="Write it for another tool: Inspect AI samples, or a Hugging Face data set."),
    ] = None,
) -> None:
    """Convert a bank: a folder of YAML files, or .yaml, .jsonl, .csv, .xlsx and .md."""
    from samp_eval.items.forms.registry import write_cases
    from samp_eval.items.load import load_bank

    bank = load_bank(None if source == Path("bundled") and not source.exists() else source)
    if form is None:
        files = write_cases(bank.cases, destination)
    else:
        from samp_eval.run.bank_exports import write_export

        files = write_export(bank, destination, form)
    for file in files:
        typer.echo(printable(str(file)))
    echo_status(f"{counted(len(bank.cases), 'case')} written")


def template(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="Where to write it; its ending names the form.")],
) -> None:
    """Write an example case to start a bank of your own from."""
    from samp_eval.errors import StudyConflict
    from samp_eval.items.example_case import example_case
    from samp_eval.items.forms.registry import write_cases

    if destination.is_file() or (destination.is_dir() and any(destination.iterdir())):
        raise StudyConflict(f"{destination} exists already and was not changed")
    for file in write_cases([example_case()], destination):
        typer.echo(printable(str(file)))
