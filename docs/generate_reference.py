"""Generate reference pages from the code: the help of the commands, and the fields of the files that people write.

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
    """The page on the command line."""
    parts = [
        "# Command line",
        "Commands print results to stdout and messages to stderr. Exit codes: 0 done, 1 error, 2 wrong usage, "
        "3 partly done, 130 interrupted. This page is generated from the help of the commands.",
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
            context: Any = None  # neither method uses it
            names = command.list_commands(context)
            pending[:0] = [((*path, name), command.get_command(context, name)) for name in names]
    return found


def help_text(path: tuple[str, ...]) -> str:
    """The output of ``--help``, at a fixed width."""
    os.environ.update(COLUMNS="100", TERM="dumb", NO_COLOR="1")
    captured = StringIO()
    with redirect_stdout(captured):
        main([*path, "--help"])
    return "\n".join(line.rstrip() for line in captured.getvalue().strip().splitlines())


def fields_page() -> str:
    """The page with every field of a study file or a case file."""
    parts = [
        "# Fields of the files you write",
        "This page is generated from the models that read the files. samp-eval refuses any other field and names its "
        "place. `samp-eval init` writes a commented `study.toml`, and `samp-eval items template` an example bank.",
        "## study.toml",
        *_tables(Study, "the file itself"),
        "## A case file",
        "Each YAML file is one case. For editors, `data/case.schema.json` holds the same information as a JSON Schema.",
        *_tables(SampCase, "the case"),
    ]
    return "\n\n".join(parts) + "\n"


def _tables(model: type[BaseModel], name: str) -> Iterator[str]:
    """A table for the model and for each model inside it, in order of appearance."""
    schema = model.model_json_schema()
    pending: list[tuple[str, dict[str, Any]]] = [(name, schema)]
    met: set[str] = set()
    while pending:
        title, table = pending.pop(0)
        yield f"### {title[0].upper() + title[1:]}"
        lines = ["| field | type | default | description |", "| --- | --- | --- | --- |"]
        required = table.get("required", [])
        for field, facts in table["properties"].items():
            default = "required" if field in required else _default(facts.get("default"))
            lines.append(f"| `{field}` | {_type_of(facts)} | {default} | {_cell(facts.get('description', ''))} |")
            for held in sorted(_references(facts) - met):
                met.add(held)
                pending.append((f"`{field}`", schema["$defs"][held]))
        yield "\n".join(lines)


def _type_of(facts: dict[str, Any]) -> str:
    """The values that a field accepts, in words."""
    if "anyOf" in facts:
        return " or ".join(_type_of(choice) for choice in facts["anyOf"] if choice.get("type") != "null")
    if "$ref" in facts or facts.get("type") == "object":
        return "a table"
    if "enum" in facts:
        return ", ".join(f"`{value}`" for value in facts["enum"])
    if facts.get("type") == "array":
        return "a list of tables" if "$ref" in facts["items"] else f"a list: {_type_of(facts['items'])}"
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
    """Names of the models inside a field, at any depth."""
    if "$ref" in facts:
        return {facts["$ref"].rsplit("/", 1)[1]}
    inner = [*facts.get("anyOf", []), facts.get("items"), facts.get("additionalProperties")]
    return set().union(*(_references(part) for part in inner if isinstance(part, dict)))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES = {"command-line.md": reference, "fields.md": fields_page}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (FOLDER / file).write_text(page(), encoding="utf-8", newline="\n")
        print(FOLDER / file)
