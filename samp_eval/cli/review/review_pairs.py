"""``samp-eval review pairs``: reviewers compare two responses side by side."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.review.pair_asking import ask
from samp_eval.cli.shared.page_server import HostOption, PortOption, page_installed, serve_page
from samp_eval.cli.shared.printing import counted, echo_status, print_json
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study
from samp_eval.errors import StudyConflict

if TYPE_CHECKING:
    from samp_eval.errors import Fault
    from samp_eval.items.samp import Bank
    from samp_eval.literals import SheetFormat
    from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
    from samp_eval.store.study_store import StudyStore

__all__ = ["pairs"]

ReviewerOption = Annotated[
    list[str] | None,
    typer.Option("--reviewer", metavar="NAME", help="Reviewer; repeat for several.", show_default="as in study.toml"),
]
QuestionsOption = Annotated[
    int | None,
    typer.Option("--questions", min=1, metavar="N", help="Questions to draw for the comparison.", show_default="all"),
]

pairs = typer.Typer(no_args_is_help=True, help="Have people, or models, compare two responses side by side.")
pairs.command("ask")(ask)


@pairs.command("export")
def export(
    study: StudyOption = Path(),
    reviewer: ReviewerOption = None,
    questions: QuestionsOption = None,
    sheet_format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="csv or xlsx.", show_default="csv")
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder for the sheets.", show_default="sheets, in the study's folder"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a blinded sheet of pairs for each reviewer.

    The first export draws the pairs: on each question every respondent meets two others, each pair goes to two
    reviewers in opposite orders, and responses that read alike go to nobody. A later export writes what is still open.
    """
    from samp_eval.study import load_study

    settings = load_study(study)
    if sheet_format not in ("csv", "xlsx"):
        raise typer.BadParameter(f"{sheet_format!r} is not csv or xlsx", param_hint="--format")
    form: SheetFormat = "xlsx" if sheet_format == "xlsx" else "csv"
    with existing_study(study) as store:
        bank = store.exclusions().bank(store.key_history().present.bank)
        rows = _pairs_of(store, tuple(reviewer or settings.review.reviewers), questions, settings.seed)
        wanted = set(reviewer or [row.reviewer for row in rows]) - {""}
        done = store.pair_choices()
        still_open = [row for row in rows if row.reviewer in wanted and row.row_id not in done]
        written = _write(still_open, bank, out or study / "sheets", form, settings.seed)
    alike = sum(not row.reviewer for row in rows)
    if as_json:
        print_json({"sheets": written, "pairs": len({row.pair for row in rows}), "alike": alike})
        return
    for sheet in written:
        typer.echo(f"{sheet['reviewer']}: {counted(sheet['rows'], 'pair')} in {sheet['file']}")
    if not written:
        echo_status("nothing is open: every pair has its choice")
    if alike:
        echo_status(f"{counted(alike, 'pair reads', 'pairs read')} alike and count as equal without being shown")


def _pairs_of(store: StudyStore, reviewers: tuple[str, ...], questions: int | None, seed: int) -> list[PairRow]:
    """The pairs of a study, drawn now if there are none."""
    from samp_eval.review.pairs.pair_design import design_pairs, shown_responses
    from samp_eval.review.sheets.exchange import check_reviewers

    rows = store.pair_rows()
    if rows and questions is not None:
        raise typer.BadParameter("the pairs of this study are drawn already", param_hint="--questions")
    if rows:
        return rows
    check_reviewers(reviewers)
    bank = store.exclusions().bank(store.key_history().present.bank)
    shown = shown_responses(bank, store.exclusions().counting(store.responses()))
    rows = design_pairs(shown, reviewers, datetime.now(UTC), questions=questions or len(shown), seed=seed)
    store.keep_pair_rows(rows)
    return rows


def _write(rows: list[PairRow], bank: Bank, folder: Path, form: SheetFormat, seed: int) -> list[dict[str, Any]]:
    from samp_eval.review.pairs.pair_design import in_sheet_order
    from samp_eval.review.pairs.pair_sheet import write_pairs
    from samp_eval.review.sheets.exchange import free_stem

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in sorted({row.reviewer for row in rows}):
        own = in_sheet_order([row for row in rows if row.reviewer == name], bank, name, seed)
        file = folder / f"{free_stem(folder, f'pairs-{name}', (form,))}.{form}"
        write_pairs(own, bank, file)
        written.append({"reviewer": name, "rows": len(own), "file": str(file)})
    return written


@pairs.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Filled-in sheets: CSV, XLSX or ODS.")],
    study: StudyOption = Path(),
) -> None:
    """Take the choices of filled sheets in.

    Nothing is taken if any row has a fault. Importing a sheet again changes nothing; a changed choice replaces the
    earlier one, which stays in the history.
    """
    from samp_eval.errors import FaultySheet
    from samp_eval.review.pairs.pair_sheet import choices_of_file

    with existing_study(study) as store:
        rows = store.pair_rows()
        held = {row.row_id: row for row in rows}
        found: list[ChosenPair] = []
        faults: list[Fault] = []
        for file in files:
            try:
                found += choices_of_file(file, held, datetime.now(UTC), echo_status)
            except FaultySheet as error:
                faults += error.faults
        if faults:
            raise FaultySheet(faults, "nothing was taken")
        new = store.keep_pair_choices(found)
        chosen = store.pair_choices()
    waiting = sum(row.reviewer != "" and row.row_id not in chosen for row in rows)
    typer.echo(f"{counted(new, 'new choice')}, {counted(waiting, 'pair')} still open")


@pairs.command("serve")
def serve(
    study: StudyOption = Path(),
    reviewer: ReviewerOption = None,
    questions: QuestionsOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8766,
) -> None:
    """Serve a page on which reviewers compare pairs, until Ctrl-C.

    Prints a personal link for each reviewer. The pairs are those of the sheets: the first export, or the first serving,
    draws them.
    """
    from functools import partial

    from samp_eval.study import load_study

    with page_installed():
        from samp_eval.review.page.apps import pair_app
        from samp_eval.review.page.pair_service import PairService
    settings = load_study(study)
    with existing_study(study) as store:
        rows = _pairs_of(store, tuple(reviewer or settings.review.reviewers), questions, settings.seed)
        drawn_for = sorted({row.reviewer for row in rows} - {""})
        unknown = [name for name in reviewer or () if name not in drawn_for]
        if unknown:
            raise StudyConflict(f"{unknown[0]!r} has no pairs; they were drawn for {', '.join(drawn_for)}")
        serve_page(study, reviewer or drawn_for, host, port, partial(pair_app, PairService(store, settings.seed)))
