"""``samp-eval responses lines``: how responses were read, and what people decide of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, printable
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.items.samp import Bank
    from samp_eval.review.readings.reading_rows import ReadingRow
    from samp_eval.store.study_store import StudyStore

__all__ = ["lines"]


def lines(
    study: StudyOption = Path(),
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="Only texts that a person should look at and has not decided.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write a table as CSV for a person to correct.")
    ] = None,
    taken_in: Annotated[
        Path | None, typer.Option("--in", metavar="FILE", help="Take the corrected table in: CSV, XLSX or ODS.")
    ] = None,
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="Who corrected the table; the report prints it.", show_default=False),
    ] = "",
    compare: Annotated[
        bool, typer.Option("--compare", help="Show what the newest rules for reading would read otherwise.")
    ] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Read the study by the newest rules from now on, and record it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how each text was read, and take in what a person decides.

    Each text to a question is one row, whoever wrote it. In the table, correct the columns line_1, line_2 and so on:
    write-in answers in words of the text, options by their letter or words. Write (refused) in line_1 if the text
    declines or names nothing that was offered, which earns nothing, and (no answer) if it holds no answer, which is a
    failure. If a doubtful row is right, change doubtful to no.
    """
    if (out is not None) + (taken_in is not None) + (compare or adopt) > 1:
        raise typer.BadParameter("use one of --out, --in, --compare and --adopt at a time", param_hint="--in")
    if taken_in is not None and not by.strip():
        raise typer.BadParameter("say who corrected the table", param_hint="--by")
    with existing_study(study) as store:
        bank = study_bank(store)
        if compare or adopt:
            _compare(store, bank, adopt=adopt, as_json=as_json)
            return
        rows = _rows(store, bank)
        if taken_in is not None:
            _take_in(store, rows, taken_in, by.strip())
            return
    shown = [row for row in rows if row.undecided] if doubtful else rows
    if out is not None:
        _write(shown, out)
    elif as_json:
        print_json([_record(row) for row in shown])
    else:
        _print(shown)


def _rows(store: StudyStore, bank: Bank) -> list[ReadingRow]:
    from samp_eval.review.readings.reading_rows import reading_rows

    return reading_rows(bank, store.each_response(), store.misread_marks())


def _write(rows: list[ReadingRow], out: Path) -> None:
    from samp_eval.errors import StudyConflict
    from samp_eval.review.readings.reading_sheet import write_reading_sheet

    if out.suffix.lower() != ".csv":
        raise typer.BadParameter("the table must be a .csv file", param_hint="--out")
    if out.exists():
        raise StudyConflict(f"{out} exists already and may hold corrections; name another file")
    write_reading_sheet(rows, out)
    undecided = sum(row.undecided for row in rows)
    echo_status(f"{counted(len(rows), 'text')} written to {out}, {undecided:,} for a person to look at")


def _take_in(store: StudyStore, rows: list[ReadingRow], file: Path, by: str) -> None:
    from datetime import UTC, datetime

    from samp_eval.review.readings.decided_sheet import decisions_of_file
    from samp_eval.review.readings.line_marks import refuse_marked_by_line

    known = {row.row_id: row for row in rows}
    decisions = decisions_of_file(file, known, by, datetime.now(UTC), echo_status)
    changed = {decision.row_id for decision in decisions}
    refuse_marked_by_line(store.each_response(), store.marks(), changed, str(file))
    new = store.keep_decisions(decisions)
    waiting = sum(row.undecided and row.row_id not in changed for row in rows)
    echo_status(f"{counted(new, 'reading')} decided by {by}, {waiting:,} still to be looked at")


def _compare(store: StudyStore, bank: Bank, *, adopt: bool, as_json: bool) -> None:
    from samp_eval.answers.reading import READING_VERSION
    from samp_eval.review.readings.line_marks import refuse_marked_by_line
    from samp_eval.review.readings.rule_changes import rule_changes

    responses, marks = store.responses(), store.marks()
    held = next((response.reading_rules for response in responses), None) or READING_VERSION
    changes = rule_changes(bank, responses, {mark.answer_id for mark in marks})
    if adopt and held != READING_VERSION:
        refuse_marked_by_line(responses, marks, {change.row_id for change in changes}, "--adopt")
        store.adopt_reading_rules(
            READING_VERSION,
            f"The answers are read by version {READING_VERSION} of the rules instead of {held}: "
            f"{counted(len(changes), 'text')} read otherwise",
        )
    if as_json:
        print_json({"rules": held, "newest": READING_VERSION, "changes": [as_mapping(change) for change in changes]})
        return
    for change in changes:
        typer.echo(printable(f"{change.row_id}  {change.question_id}  {counted(change.responses, 'response')}"))
        typer.echo(printable(f"  before: {change.outcome_before}: {' | '.join(change.before)}"))
        typer.echo(printable(f"  after:  {change.outcome_after}: {' | '.join(change.after)}"))
    unmarked = sum(change.unmarked for change in changes)
    echo_status(
        f"The study is read by version {held} of the rules, and this samp-eval has version {READING_VERSION}: "
        f"{counted(len(changes), 'text')} would be read otherwise, with {counted(unmarked, 'answer')} not marked yet."
        if not adopt
        else f"The study is read by version {READING_VERSION} of the rules now: {counted(len(changes), 'text')} read "
        f"otherwise, with {counted(unmarked, 'answer')} not marked yet."
    )


def _record(row: ReadingRow) -> dict[str, object]:
    from samp_eval.review.readings.reading_rows import shown_lines
    from samp_eval.review.readings.reading_sheet import doubtful_cell

    return {
        "row_id": row.row_id,
        "question_id": row.question.id,
        "shape": row.present.shape,
        "outcome": row.present.outcome,
        "doubtful": doubtful_cell(row),
        "reason": row.reason,
        "decided_by": row.present.decided_by,
        "text": row.text,
        "lines": shown_lines(row.present, row.question, row.option_order),
        "responses": row.responses,
    }


def _print(rows: list[ReadingRow]) -> None:
    from samp_eval.review.readings.reading_rows import shown_lines
    from samp_eval.review.readings.reading_sheet import doubtful_cell

    for row in rows:
        doubt = f"  doubtful: {row.reason}" if row.undecided else ""
        decided = f"  decided by {row.present.decided_by}" if doubtful_cell(row) == "decided" else ""
        typer.echo(printable(f"{row.row_id}  {row.question.id}  {row.present.shape}{doubt}{decided}"))
        for number, line in enumerate(shown_lines(row.present, row.question, row.option_order), start=1):
            beyond = "" if number <= row.question.most_answers else "  (beyond the number asked for)"
            typer.echo(printable(f"  {number}. {line}{beyond}"))
    undecided = sum(row.undecided for row in rows)
    echo_status(f"{counted(len(rows), 'text')}, {undecided:,} for a person to look at")
