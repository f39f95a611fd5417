"""``samp-eval items``: show, check and convert a bank of questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from samp_eval.cli.items.items_blueprint import FileArgument, print_coverage
from samp_eval.cli.items.items_import import import_questions
from samp_eval.cli.items.items_report import report_items
from samp_eval.cli.items.items_review import bank_review_commands
from samp_eval.cli.shared.printing import as_mapping, console, counted, echo_status, print_json, print_table, printable
from samp_eval.cli.shared.study_options import JsonOption, existing_study

if TYPE_CHECKING:
    from samp_eval.items.samp import Bank

__all__ = ["register"]

ItemsOption = Annotated[
    Path | None, typer.Option("--items", metavar="PATH", help="Bank of questions.", show_default="the bundled bank")
]

OfStudyOption = Annotated[
    Path | None,
    typer.Option("--study", metavar="DIR", help="The bank of the study in this folder.", show_default="no study"),
]

_STYLES = {"heading": "bold", "question": "bold cyan", "key": "green", "refused": "yellow", "note": "dim"}


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    items = typer.Typer(help="Show, check and convert a bank of questions.", no_args_is_help=True)
    items.command("list")(list_questions)
    items.command("show")(show)
    items.command("check")(check)
    items.command("convert")(convert)
    items.command("import")(import_questions)
    items.command("template")(template)
    items.command("report")(report_items)
    items.command("blueprint")(blueprint)
    items.add_typer(bank_review_commands, name="review")
    app.add_typer(items, name="items")


def list_questions(items: ItemsOption = None, study: OfStudyOption = None, as_json: JsonOption = False) -> None:
    """List the questions of a bank."""
    from samp_eval.items.show import listed

    bank = _bank(items, study)
    found = listed(bank)
    if as_json:
        print_json(found)
        return
    columns = ["case_id", "question_id", "format", "requested", "topic"]
    print_table(
        ["case", "question", "format", "answers", "topic"],
        [[question[name] for name in columns] for question in found],
    )
    lines = sum(question.requested for _, question in bank.asked())
    typer.echo(f"\n{counted(len(bank.cases), 'case')}, {counted(len(found), 'question')}, {counted(lines, 'line')}.")
    if not any(case.reviewed_by for case in bank.cases):
        typer.echo("No physician has reviewed these questions yet.")


def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of a case or a question.")],
    items: ItemsOption = None,
    study: OfStudyOption = None,
    key: Annotated[bool, typer.Option("--key", help="Also show the answer key.")] = False,
) -> None:
    """Show a case or a question as a candidate sees it."""
    from rich.text import Text

    from samp_eval.errors import SampEvalError
    from samp_eval.items.show import shown, wanted_part

    bank = _bank(items, study)
    part = wanted_part(bank, identifier)
    if part is None:
        raise SampEvalError(f"the bank has no case or question {identifier!r}; samp-eval items list shows them all")
    terminal = console()
    for line in shown(*part, key=key, width=min(terminal.width, 96)):
        terminal.print(Text(printable(line.text), style=_STYLES.get(line.kind, "")), end="\n\n")


def _bank(items: Path | None, study: Path | None) -> Bank:
    """The bank at a path, or a study's own, or before its first request the one that it would be asked with."""
    from samp_eval.items.load import load_bank
    from samp_eval.store.engines.location import study_exists
    from samp_eval.study import load_study

    if study is None:
        return load_bank(items, echo_status)
    if items is not None:
        raise typer.BadParameter("give a bank or a study, not both", param_hint="--study")
    if study_exists(study):
        with existing_study(study) as store:
            held = store.bank()
        if held is not None:
            return held
    planned = load_study(study).items
    return load_bank(study / planned if planned else None, echo_status)


def blueprint(
    file: FileArgument, items: ItemsOption = None, study: OfStudyOption = None, as_json: JsonOption = False
) -> None:
    """Show how far a bank is from its blueprint: what it covers, and its gaps."""
    print_coverage(_bank(items, study), file, as_json=as_json)


def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="Bank of questions.", show_default="the bundled bank")
    ] = None,
    study: OfStudyOption = None,
    profile: Annotated[
        Literal["auto", "samp", "public"],
        typer.Option(
            "--profile",
            help="samp: the rules of SAMPs as well; public: only what is a fault in any bank; auto: by the content.",
        ),
    ] = "auto",
    as_json: JsonOption = False,
) -> None:
    """Report every fault in a bank.

    The exit code is 1 if there is any.
    """
    from samp_eval.review.markers.bank_check import check_bank, check_held

    wanted = None if profile == "auto" else profile
    if study is None:
        findings, questions = check_bank(path, echo_status, wanted)
    else:
        bank = _bank(path, study)
        findings, questions = check_held(bank, wanted), len(bank.by_question())
    if as_json:
        print_json([as_mapping(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(printable(str(finding)))
    if findings:
        echo_status(counted(len(findings), "finding"))
        raise typer.Exit(1)
    echo_status(f"{counted(questions, 'question')} checked; no faults found")


def convert(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="The bank to read; 'bundled' means the bundled bank.")],
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="The file or folder to write; its extension selects the format.")
    ],
    form: Annotated[
        Literal["inspect", "huggingface", "moodle-xml", "gift"] | None,
        typer.Option(
            "--format", help="Write for another tool: Inspect AI samples, a Hugging Face data set, Moodle XML or GIFT."
        ),
    ] = None,
) -> None:
    """Convert a bank between formats.

    The formats are a folder of YAML files, and .yaml, .jsonl, .csv, .xlsx and .md files.
    """
    from samp_eval.items.bank_pictures import copy_pictures
    from samp_eval.items.forms.registry import write_cases
    from samp_eval.items.load import bank_folder, load_bank

    path = None if source == Path("bundled") and not source.exists() else source
    bank = load_bank(path, echo_status)
    if form is None:
        files = write_cases(bank.cases, destination)
        files += copy_pictures(bank.cases, bank_folder(path), bank_folder(destination))
    else:
        from samp_eval.run.exports.bank_exports import write_export

        files = write_export(bank, destination, form)
    for file in files:
        typer.echo(printable(str(file)))
    echo_status(f"{counted(len(bank.cases), 'case')} written")


def template(
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="The file or folder to write; its extension selects the format.")
    ],
) -> None:
    """Write an example case, as a start for your own bank."""
    from samp_eval.errors import StudyConflict
    from samp_eval.items.example_case import example_case
    from samp_eval.items.forms.registry import write_cases

    if destination.is_file() or (destination.is_dir() and any(destination.iterdir())):
        raise StudyConflict(f"{destination} exists already and was not changed")
    for file in write_cases([example_case()], destination):
        typer.echo(printable(str(file)))
