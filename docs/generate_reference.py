"""Write what the reference can take from the code: the commands' own help, and the fields of the files people write.

python docs/generate_reference.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from samp_eval.cli.main import app, main
from samp_eval.items.samp import SampCase
from samp_eval.study import Study

FOLDER = Path(__file__).resolve().parent / "reference"


def reference() -> str:
    """The page of the command line."""
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
    pending: list[tuple[tuple[str, ...], Any]] = [((), get_command(app))]
    while pending:
        path, command = pending.pop(0)
        if path:
            found.append(path)
        if isinstance(command, TyperGroup):
            context: Any = None  # neither looks at it
            names = command.list_commands(context)
            pending[:0] = [((*path, name), command.get_command(context, name)) for name in names]
    return found


def help_text(path: tuple[str, ...]) -> str:
    """What ``--help`` prints, at a fixed width."""
    os.environ.update(COLUMNS="100", TERM="dumb", NO_COLOR="1")
    captured = StringIO()
    with redirect_stdout(captured):
        main([*path, "--help"])
    return "\n".join(line.rstrip() for line in captured.getvalue().strip().splitlines())


def fields_page() -> str:
    """The page of every field that a study file or a case file may hold."""
    parts = [
        "# Fields of the files you write",
        "This page is made from the models that read the files. A field that is not here is refused, with its place. "
        "`samp-eval init` writes a commented `study.toml`, `samp-eval items template` an example of a bank.",
        "## study.toml",
        *_tables(Study, "the file itself"),
        "## A case file",
        "One YAML file is one case; `data/case.schema.json` is the same for an editor.",
        *_tables(SampCase, "the case"),
    ]
    return "\n\n".join(parts) + "\n"


def _tables(model: type[BaseModel], name: str) -> Iterator[str]:
    """A table for the model and one for each that it holds, in the order in which they are met."""
    schema = model.model_json_schema()
    pending: list[tuple[str, dict[str, Any]]] = [(name, schema)]
    met: set[str] = set()
    while pending:
        title, one = pending.pop(0)
        yield f"### {title[0].upper() + title[1:]}"
        lines = ["| field | holds | default | is |", "| --- | --- | --- | --- |"]
        required = one.get("required", [])
        for field, facts in one["properties"].items():
            default = "required" if field in required else _default(facts.get("default"))
            lines.append(f"| `{field}` | {_holds(facts)} | {default} | {_cell(facts.get('description', ''))} |")
            for held in sorted(_references(facts) - met):
                met.add(held)
                pending.append((f"`{field}`", schema["$defs"][held]))
        yield "\n".join(lines)


def _holds(facts: dict[str, Any]) -> str:
    """The values that a field takes, in words."""
    if "anyOf" in facts:
        return " or ".join(_holds(one) for one in facts["anyOf"] if one.get("type") != "null")
    if "$ref" in facts or facts.get("type") == "object":
        return "a table"
    if "enum" in facts:
        return ", ".join(f"`{one}`" for one in facts["enum"])
    if facts.get("type") == "array":
        return f"a list: {_holds(facts['items'])}" if "$ref" not in facts["items"] else "a list of tables"
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    return names[facts["type"]] + _range(facts)


def _range(facts: dict[str, Any]) -> str:
    words = {
        "minimum": "from {:g}",
        "exclusiveMinimum": "above {:g}",
        "maximum": "to {:g}",
        "exclusiveMaximum": "below {:g}",
    }
    return "".join(f" {text.format(facts[key])}" for key, text in words.items() if key in facts)


def _default(value: Any) -> str:
    if value is None or value in ([], {}, ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (dict, list)):
        return "see below"
    return f"`{value}`"


def _references(facts: dict[str, Any]) -> set[str]:
    """Names of the models that a field holds, at any depth."""
    if "$ref" in facts:
        return {facts["$ref"].rsplit("/", 1)[1]}
    inner = [*facts.get("anyOf", []), facts.get("items"), facts.get("additionalProperties")]
    return set().union(*(_references(one) for one in inner if isinstance(one, dict)))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES = {"command-line.md": reference, "fields.md": fields_page}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (FOLDER / file).write_text(page(), encoding="utf-8", newline="\n")
        print(FOLDER / file)
