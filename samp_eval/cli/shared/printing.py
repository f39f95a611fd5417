"""Results on stdout, messages on stderr, and no control character of a model's text on a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from samp_eval.report.tables.table import ReportTable

__all__ = [
    "as_mapping",
    "console",
    "counted",
    "echo_status",
    "print_json",
    "print_report_table",
    "print_table",
    "printable",
]

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NUMBER = re.compile(r"-?\d[\d,.]*|")


def printable(text: str) -> str:
    """Text from a model or a file without terminal escapes, control characters and direction characters."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def echo_status(message: str) -> None:
    """Print a message for the user on stderr; stdout is for results."""
    typer.echo(printable(message), err=True)


def print_json(result: Any) -> None:
    """Print a result as JSON on stdout, with escapes for what a terminal could take for a command."""
    written = json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)
    typer.echo(_UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", written))


def console() -> Console:
    """A rich console on stdout that does not shorten tables when its output is piped."""
    from rich.console import Console

    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=160)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
    """Print a table on stdout, with numbers aligned to the right and no text interpreted as markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", box=None, pad_edge=False)
    for position, column in enumerate(columns):
        numeric = bool(rows) and all(_NUMBER.fullmatch(str(row[position])) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    if title:
        typer.echo(printable(title))
    console().print(table)


def print_report_table(table: ReportTable) -> None:
    """Print a table of the report on stdout, with its notes."""
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    print_table([column.heading for column in table.columns], rows, title=table.caption)
    for note in table.notes:
        typer.echo(note)
    typer.echo("")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """``1 response``, ``12 responses``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Fields of a frozen dataclass, for JSON."""
    from dataclasses import asdict

    return asdict(value)
