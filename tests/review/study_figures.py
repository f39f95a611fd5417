"""Every figure of a study: what the commands print as JSON, and the tables of its report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samp_eval.cli.results.report import read_study
from samp_eval.report.content.report_content import gather_content
from samp_eval.report.sections import report_sections
from samp_eval.store.study_store import StudyStore
from samp_eval.study import load_study

__all__ = ["figures"]

COMMANDS = (("analyze",), ("analyze", "--basis", "judgement"), ("compare",), ("agreement",))
OF_THE_WAY = ("excluded", "late_sheets")
"""Fields that tell how a study came to be what it is."""

NO_FIGURES = ("checklists",)
"""A section that tells it too."""

MADE_AT = datetime(2026, 3, 4, tzinfo=UTC)


def figures(run: Callable[..., tuple[int, str, str]], folder: Path) -> dict[str, Any]:
    """All figures by where they stand; a figure that cannot be had is the reason.

    Marks of a study that was built at once are all of one moment, and none of its answers went out twice: figures of
    time, and of reviewers with themselves, are of the way too.
    """
    found: dict[str, Any] = {}
    for words in COMMANDS:
        code, out, err = run(*words, "--json", folder=folder)
        found[" ".join(words)] = _of_today(json.loads(out)) if code == 0 else err.strip().splitlines()[-1]
    for basis in found["agreement"]["details"].values():
        del basis["by_time"], basis["within_reviewer"]
    return {**found, **_tables(folder)}


def _of_today(printed: Any) -> Any:
    return {name: value for name, value in printed.items() if name not in OF_THE_WAY}


def _tables(folder: Path) -> dict[str, list[list[str]]]:
    with StudyStore.open(folder, create=False) as store:
        scored, records = read_study(store, load_study(folder), names=True)
    today = replace(scored, exclusions=(), everything=None)
    content = gather_content(today, records, made_at=MADE_AT)
    return {
        f"table {table.name}": [
            [cell.text for cell in row.cells] for row in table.rows if not row.cells[0].text.endswith("repeated marks")
        ]
        for section in report_sections(content)
        if section.anchor not in NO_FIGURES
        for table in section.tables
    }
