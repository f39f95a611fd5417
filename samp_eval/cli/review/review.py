"""``samp-eval review``: sheets and a page on which physicians mark."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from samp_eval.cli.review.review_pairs import pairs
from samp_eval.cli.review.review_plan import register_plan
from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.import_commands import NewestOption, add_import_commands
from samp_eval.cli.shared.page_server import HostOption, PortOption, page_installed, serve_page
from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, panel_names
from samp_eval.literals import SheetFormat, SheetUnit
from samp_eval.review.people.reviewers import THIRD_PERSON

if TYPE_CHECKING:
    from samp_eval.review.assignment.plan import AssignmentPlan
    from samp_eval.review.imports import Import
    from samp_eval.review.sheets.exchange import ExportedSheet, WhichRows
    from samp_eval.review.sheets.sheet_import import Imported
    from samp_eval.review.to_mark import AnswersToMark
    from samp_eval.store.study_store import StudyStore

__all__ = ["register"]

review = typer.Typer(no_args_is_help=True, help="Have people mark: blinded sheets, or a page in the browser.")

register_plan(review)
review.add_typer(pairs, name="pairs")

ReviewerOption = Annotated[
    list[str] | None,
    typer.Option("--reviewer", metavar="NAME", help="Reviewer; repeat for several.", show_default="as in study.toml"),
]


def register(app: typer.Typer) -> None:
    """Attach the command group."""
    add_import_commands(review, "marks", _withdraw)
    app.add_typer(review, name="review")


def _withdraw(store: StudyStore, taken: Import, reason: str, by: str) -> str:
    store.withdraw_marks(taken, reason, by)
    return counted(taken.brought, "mark no longer counts", "marks no longer count")


@review.command("export")
def export(
    study: StudyOption = Path(),
    reviewer: ReviewerOption = None,
    sheet_format: Annotated[
        list[str] | None, typer.Option("--format", metavar="FORMAT", help="csv, xlsx, or csv,xlsx.", show_default="csv")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder for the sheets.", show_default="sheets, in the study's folder"
        ),
    ] = None,
    unit: Annotated[
        SheetUnit, typer.Option("--unit", help="One row for each distinct answer, or for each answer line.")
    ] = "answer",
    new: Annotated[bool, typer.Option("--new", help="Include only answers that are on no earlier sheet.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Include every answer, with the marks so far.")] = False,
    reopened: Annotated[
        bool,
        typer.Option("--reopened", help="Only answers that an amendment of the key has reopened, with the reason."),
    ] = False,
    repeat_share: Annotated[
        float | None,
        typer.Option(
            "--repeat-share",
            min=0,
            max=0.5,
            metavar="SHARE",
            help="Share of answers to list twice, unannounced, to measure consistency.",
            show_default="0; 0.25, of earlier answers, if all new ones are of respondents who joined late",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a blinded sheet for each reviewer.

    A sheet holds every answer that its reviewer has not marked yet.
    """
    from samp_eval.review.sheets.exchange import SheetPlan, export_sheets
    from samp_eval.study import load_study

    settings = load_study(study)
    chosen = [name for name, wanted in (("all", everything), ("new", new), ("reopened", reopened)) if wanted]
    if len(chosen) > 1:
        raise typer.BadParameter("give one of --new, --all and --reopened", param_hint=f"--{chosen[0]}")
    which = cast("WhichRows", chosen[0] if chosen else "open")
    formats = _formats(sheet_format or ["csv"])
    with existing_study(study) as store:
        warn_if_bank_differs(study, store)
        reviewers = _names(reviewer, settings.review.reviewers, store.assignment_plan())
        plan = SheetPlan(reviewers, formats, unit, which, repeat_share, settings.seed)
        to_mark, sheets = export_sheets(store, plan, out or study / "sheets", datetime.now(UTC), echo_status)
    if as_json:
        print_json(_export_as_json(to_mark, sheets))
        return
    for sheet in sheets:
        _print_sheet(sheet)
    typer.echo(
        f"{counted(to_mark.lines, 'answer line')}, {counted(len(to_mark.answers), 'row')} to mark: "
        f"{to_mark.saved_percent:.0f}% of the marking is saved, because the same answer is marked only once."
    )


def _names(given: list[str] | None, of_study: tuple[str, ...], assignment: AssignmentPlan | None) -> tuple[str, ...]:
    """The reviewers that are asked for, else those of the stored plan, else those of the study file."""
    planned = of_study if assignment is None else assignment.reviewers
    names = tuple(name.strip() for name in given) if given else planned
    if assignment is not None:
        assignment.check_reviewers(names)
    outsiders = [name for name in names if planned and name not in planned]
    if outsiders:
        echo_status(f"{', '.join(outsiders)}: not among the reviewers in study.toml, so these marks will not count")
    return names


def _formats(words: list[str]) -> tuple[SheetFormat, ...]:
    wanted = dict.fromkeys(part.strip().lower() for word in words for part in word.split(",") if part.strip())
    allowed = {name: name for name in get_args(SheetFormat)}
    for name in wanted:
        if name not in allowed:
            raise typer.BadParameter(f"{name!r} is not csv or xlsx", param_hint="--format")
    return tuple(allowed[name] for name in wanted)


def _print_sheet(sheet: ExportedSheet) -> None:
    if not sheet.files:
        typer.echo(f"{sheet.reviewer}: nothing to mark; --all writes every answer again, with the marks so far")
        return
    typer.echo(f"{sheet.reviewer}: {counted(sheet.rows, 'row')} in {' and '.join(sheet.files)}")
    if sheet.outstanding:
        echo_status(
            f"{sheet.reviewer}: {counted(sheet.outstanding, 'row is', 'rows are')} on an earlier sheet too and not "
            "wholly marked yet; either sheet can be imported, and --new leaves these rows out"
        )


def _export_as_json(to_mark: AnswersToMark, sheets: list[ExportedSheet]) -> dict[str, Any]:
    return {
        "lines": to_mark.lines,
        "distinct_answers": len(to_mark.answers),
        "saved_percent": to_mark.saved_percent,
        "sheets": [as_mapping(sheet) for sheet in sheets],
    }


@review.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Filled-in sheets: CSV, XLSX or ODS.")],
    study: StudyOption = Path(),
    accept_valid: Annotated[
        bool, typer.Option("--accept-valid", help="Leave out faulty cells and import the rest.")
    ] = False,
    newest: NewestOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import filled-in sheets.

    If there is any fault, the command lists all faults and imports nothing. It does the same if a sheet went out before
    the study got another mark of the same answer.
    """
    from samp_eval.review.sheets.sheet_import import import_sheets

    with existing_study(study) as store:
        imported = import_sheets(store, files, datetime.now(UTC), accept_valid=accept_valid, newest=newest)
    for sheet in imported.sheets:
        for fault in (*sheet.faults, *sheet.notes):
            echo_status(f"  {fault}")
    for mark in imported.older:
        echo_status(f"  {mark.fault}")
    if as_json:
        print_json(_import_as_json(imported))
        return
    for sheet in imported.sheets:
        left_out = f"; {counted(len(sheet.faults), 'fault')} left out" if sheet.faults else ""
        typer.echo(f"{sheet.file}: {counted(sheet.rows, 'row')}, {counted(len(sheet.marks), 'mark')}{left_out}")
    typer.echo(f"{counted(imported.new_marks, 'mark is', 'marks are')} new or changed.")
    if imported.older:
        decided = "taken from the sheet" if newest == "sheet" else "left as the study has them"
        typer.echo(f"{counted(len(imported.older), 'older mark')} {decided}.")


def _import_as_json(imported: Imported) -> dict[str, Any]:
    return {
        "new_marks": imported.new_marks,
        "marks": imported.marks_by_reviewer,
        "older": [
            {
                "question_id": older.offered.mark.question_id,
                "reviewer": older.offered.mark.reviewer.label,
                "field": older.offered.mark.field,
                "sheet": older.offered.mark.value,
                "sheet_exported_at": older.offered.exported_at.isoformat(),
                "store": older.held.mark.value,
                "store_marked_at": older.held.mark.marked_at.isoformat(),
            }
            for older in imported.older
        ],
        "files": [
            {
                "file": sheet.file,
                "rows": sheet.rows,
                "marks": len(sheet.marks),
                "faults": [str(fault) for fault in sheet.faults],
            }
            for sheet in imported.sheets
        ],
    }


@review.command("history")
def history(
    study: StudyOption = Path(),
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", metavar="NAME", help="Show only this reviewer's marks.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also show first marks.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show changed marks: by whom, when, in which file, and their values before and after."""
    from samp_eval.review.history import mark_changes

    with existing_study(study) as store:
        texts = {row.answer_id: row.text for row in store.sheet_rows().values()}
        changes = mark_changes(store.marks_as_given(withdrawn=True), texts)
    shown = [
        change
        for change in changes
        if (everything or change.before is not None) and (reviewer is None or change.reviewer == reviewer)
    ]
    if as_json:
        print_json([{**as_mapping(change), "marked_at": change.marked_at.isoformat()} for change in shown])
        return
    rows = [
        (
            change.reviewer,
            f"{change.marked_at:%Y-%m-%d %H:%M} UTC",
            change.question_id,
            change.answer[:50],
            change.field,
            change.before or "",
            change.after,
            change.source,
        )
        for change in shown
    ]
    if not rows:
        typer.echo("No mark was changed." if not everything else "There are no marks yet.")
        return
    print_table(["reviewer", "when", "question", "answer", "field", "before", "after", "from"], rows)


@review.command("adjudicate")
def adjudicate(
    study: StudyOption = Path(),
    adjudicator: Annotated[
        str, typer.Option("--adjudicator", metavar="NAME", help="Name of the third person.")
    ] = THIRD_PERSON,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="The .csv or .xlsx file to write.", show_default="adjudication.csv, in sheets"
        ),
    ] = None,
    agreed: Annotated[
        float,
        typer.Option(
            "--agreed",
            min=0.0,
            max=1.0,
            metavar="SHARE",
            help="Add a random share of the answers on which the reviewers agree, such as 0.1, and show no marks.",
        ),
    ] = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Write a sheet of the disagreements for a third person.

    Import the filled-in sheet with review import. With --agreed, it shows errors that the reviewers share.
    """
    from samp_eval.review.adjudication import reviewers_who_marked, write_adjudication_sheet
    from samp_eval.study import load_study

    settings = load_study(study)
    file = out or study / "sheets" / "adjudication.csv"
    with existing_study(study) as store:
        warn_if_bank_differs(study, store)
        open_disputes, audited = write_adjudication_sheet(
            store, file, adjudicator, settings.review.reviewers, settings.seed, datetime.now(UTC), agreed
        )
        people = reviewers_who_marked(store.marks(), panel_names(store, settings.review.reviewers))
    if as_json:
        written = str(file) if open_disputes or audited else None
        print_json({"file": written, "disagreements": len(open_disputes), "agreed": len(audited)})
    elif open_disputes or audited:
        more = f" and {counted(len(audited), 'agreed answer')}, without marks," if agreed else ""
        typer.echo(f"{counted(len(open_disputes), 'disagreement')}{more} for {adjudicator} in {file}")
    elif len(people) < 2:
        marked = f"only {people[0]} has" if people else "nobody has"
        typer.echo(f"There is nothing to settle yet: fewer than two reviewers have marked ({marked}).")
    else:
        typer.echo("There is no unresolved disagreement.")


@review.command("serve")
def serve(
    study: StudyOption = Path(),
    reviewer: ReviewerOption = None,
    adjudicator: Annotated[
        str | None, typer.Option("--adjudicator", metavar="NAME", help="Third person, who settles disagreements.")
    ] = None,
    unit: Annotated[
        SheetUnit, typer.Option("--unit", help="One row for each distinct answer, or for each answer line.")
    ] = "answer",
    host: HostOption = "127.0.0.1",
    port: PortOption = 8765,
) -> None:
    """Serve the marking page until Ctrl-C.

    Prints a personal link for each reviewer.
    """
    from functools import partial

    from samp_eval.review.people.reviewers import Reviewer
    from samp_eval.review.sheets.exchange import check_reviewers
    from samp_eval.study import load_study

    with page_installed():
        from samp_eval.review.page.apps import marking_app
        from samp_eval.review.page.marking_service import MarkingService
    settings = load_study(study)
    with existing_study(study) as store:
        warn_if_bank_differs(study, store)
        names = _names(reviewer, settings.review.reviewers, store.assignment_plan())
        if names or adjudicator is None:
            check_reviewers(names)
        asked = [*names, *([Reviewer(adjudicator, "adjudicator").label] if adjudicator else [])]
        service = MarkingService(store, settings.seed, unit, settings.review.reviewers)

        def prepare() -> None:
            service.prepare(map(Reviewer.from_label, asked), datetime.now(UTC))

        serve_page(study, asked, host, port, partial(marking_app, service), prepare)
