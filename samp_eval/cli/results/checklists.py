"""``samp-eval checklists``: the items that study.toml may answer."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.shared.printing import print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption

__all__ = ["register"]

_WHO = {
    "records": "samp-eval, from the study's records",
    "confirm": "samp-eval; you confirm",
    "authors": "only you can",
}


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("checklists")(checklists)


def checklists(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """List the items of the reporting checklists, with the names by which study.toml answers them."""
    from samp_eval.checklists import checklists as all_checklists
    from samp_eval.study import load_study

    answers = load_study(study).checklist
    items = [
        {"item": key, "asks": item.asks, "filled_by": item.fill, "answer": answers.get(key)}
        for checklist in all_checklists()
        for item in checklist.items
        for key in [checklist.key(item)]
    ]
    if as_json:
        print_json(items)
        return
    rows = [
        (f'"{item["item"]}"', item["asks"], "study.toml" if item["answer"] else _WHO[str(item["filled_by"])])
        for item in items
    ]
    print_table(["item", "asks for", "answered by"], rows)
