"""The command line: the typer application, and the only place that turns errors into messages."""

from __future__ import annotations

import gc
import io
import re
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperGroup
from typer.main import get_group

from samp_eval import __version__
from samp_eval.errors import SampEvalError

__all__ = ["app", "main"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_SHOWN = 200
"""Characters of a name in a message."""

COMMANDS = {
    "init": ("study.init", "Write a commented study.toml to edit."),
    "items": ("items.items", "Show, check and convert a bank of questions."),
    "run": ("asking.run", "Ask the models every question in every round."),
    "status": ("study.status", "Show the progress of the study."),
    "responses": ("responses.responses", "Import recorded answers, and export or show responses."),
    "mark": ("marking.mark", "Mark every answer AUTOMATICALLY, by the answer key or by a model."),
    "review": ("review.review", "Have people mark: blinded sheets, or a page in the browser."),
    "amend": ("study.amend", "Change the bank of a study that is under way."),
    "exclude": ("study.exclude", "Take out of every figure: a question, a respondent or a response."),
    "include": ("study.include", "Take into the figures again: a question, a respondent or a response."),
    "agreement": ("results.agreement", "Measure the agreement between reviewers."),
    "judge": ("marking.judge", "Measure models that mark beside the people of the same study."),
    "analyze": ("results.analyze", "Estimate odds ratios of a higher score."),
    "compare": ("results.compare", "Compare respondents with simpler statistics than the model."),
    "standard": ("results.standard", "Set a pass mark, and show how probably each respondent is at or above it."),
    "rank": ("results.rank", "Rank several respondents, and say which ranks the data settle."),
    "power": ("results.power", "Find the number of questions and rounds that a study needs."),
    "report": ("results.report", "Write the report."),
    "checklists": (
        "results.checklists",
        "List the items of the reporting checklists, with the names by which study.toml answers them.",
    ),
    "export": ("results.export", "Write the study's tables for R, Stata and other programs."),
    "check": ("study.check", "Compare every stored answer, mark and question with its hash, and list all damage."),
    "backup": ("study.backup", "Copy the whole study, even while it is in use, and verify the copy."),
    "move": ("study.move", "Copy the study to PostgreSQL, or back to study.db."),
    "demo": ("demo", "Run the full workflow on the embedded model."),
    "doctor": ("study.doctor", "Check the installation and the study, and show what is missing."),
}
"""In the order of the help, each with the module that registers it and the first sentence of its own help.

The sentences stand here too, so that `--help` imports no command: importing all of them takes longer than all the rest.
"""


class _Commands(TyperGroup):
    """Imports a command's module when the command is needed, and for an unknown name all of them, to suggest one."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            self.commands.update(_registered_by(COMMANDS[name][0]))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # what pydantic puts before an invalid choice
            raise


@cache
def _registered_by(module: str) -> dict[str, Any]:
    """The commands that a module registers, built once in a process: a registration adds to the module's own group."""
    part = typer.Typer(rich_markup_mode=None)
    import_module(f"samp_eval.cli.{module}").register(part)
    return dict(_without_types(get_group(part)).commands)


def _without_types(group: TyperGroup) -> TyperGroup:
    """The same group, with ``FILE`` in the help of its arguments where typer shows ``FILE <path>``."""
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            _without_types(command)
        for parameter in command.params:
            if isinstance(parameter, TyperArgument):
                parameter.display_type_rich = lambda ctx: None  # type: ignore[method-assign]  # typer has no setting for it
    return group


app = typer.Typer(
    name="samp-eval",
    cls=_Commands,
    help="From a bank of medical licensing questions to a publishable study of how language models answer them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"samp-eval {__version__}")
        raise typer.Exit


@app.callback()
def _samp_eval(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done, 1 a clear error, 2 wrong usage, 3 done in part, 130 interrupted. A bug keeps its traceback.
    """
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="samp-eval")
    except SampEvalError as error:
        from samp_eval.cli.shared.printing import echo_status

        echo_status(f"samp-eval: {error}")
        return 1
    except OSError as error:  # a name that is too long, a folder without permission, a disk that fails
        if error.filename is None:
            raise
        from samp_eval.cli.shared.printing import echo_status

        echo_status(f"samp-eval: {_shortened(str(error.filename))}: {error.strerror}")
        return 1
    except UnicodeEncodeError as error:
        if not _SURROGATE.search(error.object[error.start : error.end]):
            raise
        from samp_eval.cli.shared.printing import echo_status

        echo_status(f"samp-eval: {_shortened(error.object)!r} is not valid UTF-8, and so cannot be stored")
        return 1
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}[{len(text):,} characters]"


def entry_point() -> None:
    """The entry point of the console script."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # a file's name in bytes that are no UTF-8 goes out as it is
    # Imported objects, and what a command reads, live until the end. Without these two lines, which keep the collector
    # from scanning them, --help takes 12% more processor time, the example's report 26%, and a large report 35%.
    gc.set_threshold(50_000, 20, 100)
    code = main()
    gc.freeze()
    sys.exit(code)
