"""Write the reference of the command line from the commands' own help.

python docs/generate_reference.py
"""

from __future__ import annotations

import os
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from typer.main import get_command

from samp_eval.cli.main import app, main

TARGET = Path(__file__).resolve().parent / "reference" / "command-line.md"


def reference() -> str:
    """The whole page."""
    parts = [
        "# Command line",
        "Results go to stdout, talk to stderr. Exit codes: 0 done, 1 a clear error, 2 wrong usage, 3 done in part, "
        "130 interrupted. This page is made from the commands' own help.",
    ]
    for path in command_paths():
        parts += [f"## samp-eval {' '.join(path)}", f"```text\n{help_text(path)}\n```"]
    return "\n\n".join(parts) + "\n"


def command_paths() -> list[tuple[str, ...]]:
    """Every command, groups before their commands."""
    found: list[tuple[str, ...]] = []
    pending: list[tuple[tuple[str, ...], object]] = [((), get_command(app))]
    while pending:
        path, command = pending.pop(0)
        if path:
            found.append(path)
        pending[:0] = [((*path, name), one) for name, one in getattr(command, "commands", {}).items()]
    return found


def help_text(path: tuple[str, ...]) -> str:
    """What ``--help`` prints, at a fixed width."""
    os.environ.update(COLUMNS="100", TERM="dumb", NO_COLOR="1")
    captured = StringIO()
    with redirect_stdout(captured):
        main([*path, "--help"])
    return "\n".join(line.rstrip() for line in captured.getvalue().strip().splitlines())


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8", newline="\n")
    print(TARGET)
