"""``samp-eval items blueprint``: how far a bank is from what it should hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.printing import print_json, print_report_table
from samp_eval.cli.shared.study_options import JsonOption

if TYPE_CHECKING:
    from samp_eval.items.samp import Bank

__all__ = ["print_coverage"]

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The blueprint: groups of topics with targets, TOML.")
]


def print_coverage(bank: Bank, file: Path, *, as_json: JsonOption) -> None:
    """Print what a bank covers of a blueprint, with its gaps."""
    from samp_eval.items.blueprint import coverage, load_blueprint
    from samp_eval.report.tables.bank.blueprint import coverage_tables

    found = coverage(load_blueprint(file), bank)
    if as_json:
        print_json([dimension.as_json() for dimension in found])
        return
    for table in coverage_tables(found):
        print_report_table(table)
