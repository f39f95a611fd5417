"""``samp-eval items review``: physicians review the bank itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.import_commands import NewestOption
from samp_eval.cli.shared.page_server import HostOption, PortOption, page_installed, serve_page
from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_report_table, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.review.bank.review_results import BankReviewResults
    from samp_eval.review.bank.review_rows import BankReview
    from samp_eval.store.study_store import StudyStore

__all__ = ["bank_review_commands"]

bank_review_commands = typer.Typer(no_args_is_help=True, help="Have physicians review the bank itself.")


ReviewerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reviewer",
        metavar="NAME",
        help="Expert, by the name that reviewed_by will show; repeat for several.",
        show_default="whoever reviews already, else as in study.toml",
    ),
]
RoundOption = Annotated[
    int, typer.Option("--round", min=1, max=9, metavar="N", help="From 2: with what all said before, no names.")
]
ItemsOption = Annotated[
    Path | None,
    typer.Option("--items", metavar="PATH", help="The bank of a new study.", show_default="as in study.toml"),
]


@bank_review_commands.command("export")
def export(
    study: StudyOption = Path(),
    reviewer: ReviewerOption = None,
    step: Annotated[
        Literal["answers", "ratings"] | None,
        typer.Option(
            "--step", help="answers: without the key, as a candidate; ratings: with it.", show_default="each one's next"
        ),
    ] = None,
    round_: RoundOption = 1,
    sheet_format: Annotated[
        Literal["csv", "xlsx"], typer.Option("--format", help="csv or xlsx.", show_default="csv")
    ] = "csv",
    items: ItemsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder for the sheets.", show_default="sheets, in the study's folder"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write each expert's next sheet.

    The first sheet asks for answers without the key. Once it is imported, the next one asks for ratings of the
    questions with their keys. A question that has changed since it was rated goes out again.
    """
    from samp_eval.review.bank.review_export import ReviewSheetPlan, export_review_sheets

    with _opened(study, items, reviewer) as store:
        warn_if_bank_differs(study, store)
        review = _review(store)
        experts = _experts(study, review, reviewer)
        plan = ReviewSheetPlan(experts, step, round_, sheet_format)
        sheets = export_review_sheets(store, review, plan, out or study / "sheets", datetime.now(UTC))
    if as_json:
        print_json([as_mapping(sheet) for sheet in sheets])
        return
    for sheet in sheets:
        if sheet.file:
            typer.echo(f"{sheet.expert}: {counted(sheet.rows, 'question')} ({sheet.step}) in {sheet.file}")
        else:
            echo_status(f"{sheet.expert}: nothing is open")


@bank_review_commands.command("serve")
def serve(
    study: StudyOption = Path(),
    reviewer: ReviewerOption = None,
    round_: RoundOption = 1,
    items: ItemsOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8767,
) -> None:
    """Serve a page on which experts review the bank, until Ctrl-C.

    Prints a personal link for each expert. The page shows the key of a question once the expert has answered it. Sheets
    and the page can be used side by side.
    """
    from functools import partial

    from samp_eval.review.bank.review_export import check_round
    from samp_eval.review.sheets.exchange import check_reviewers

    with page_installed():
        from samp_eval.review.page.apps import bank_review_app
        from samp_eval.review.page.bank_service import BankReviewService
    with _opened(study, items, reviewer) as store:
        warn_if_bank_differs(study, store)
        review = _review(store)
        experts = _experts(study, review, reviewer)
        check_reviewers(experts)
        check_round(review, round_)
        serve_page(study, experts, host, port, partial(bank_review_app, BankReviewService(store, round_)))


def _experts(study: Path, review: BankReview, named: list[str] | None) -> tuple[str, ...]:
    from samp_eval.study import load_study

    return tuple(named or review.experts or load_study(study).review.reviewers)


def _opened(study: Path, items: Path | None, named: list[str] | None) -> StudyStore:
    """The study's store with its bank; a new study begins with the bank of ``items`` or of the study file."""
    from samp_eval.errors import StudyConflict
    from samp_eval.items.load import load_bank
    from samp_eval.review.amendments.bank_on_disk import bank_on_disk
    from samp_eval.store.engines.location import study_exists
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import load_study

    if not study_exists(study) and not (named or load_study(study).review.reviewers):
        raise StudyConflict(
            f"{study} holds no review of a bank yet; say which bank is reviewed, and who reviews it: --items PATH "
            "--reviewer NAME, with --reviewer again for each further expert"
        )
    store = StudyStore.open(study, notify=echo_status)
    try:
        if items is not None or store.bank() is None:
            store.keep_bank(load_bank(bank_on_disk(study, items, None), echo_status))
    except BaseException:
        store.close()
        raise
    return store


def _review(store: StudyStore) -> BankReview:
    from samp_eval.review.bank.review_rows import bank_review

    return bank_review(store.key_history(), study_bank(store), store.bank_review_rows(), store.bank_ratings())


def _results(store: StudyStore) -> BankReviewResults:
    from samp_eval.errors import StudyConflict
    from samp_eval.review.bank.review_results import review_results

    review = _review(store)
    if not review.rows:
        raise StudyConflict("no expert reviews the bank of this study yet; run samp-eval items review export first")
    return review_results(review, store.bank_acceptances())


@bank_review_commands.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Filled-in sheets: CSV, XLSX or ODS.")],
    study: StudyOption = Path(),
    newest: NewestOption = None,
) -> None:
    """Take answers and ratings of filled sheets in.

    Nothing is taken if any row has a fault, or if a sheet went out before its expert said something else. Importing a
    sheet again changes nothing; a changed cell replaces the earlier one, which stays in the history, and is named.
    """
    from samp_eval.review.bank.review_import import import_review_sheets

    with existing_study(study) as store:
        imported = import_review_sheets(store, files, datetime.now(UTC), newest, echo_status)
        outdated = {row.row_id for row in _review(store).outdated}
    for older in imported.older:
        echo_status(f"  {older.fault}")
    experts = sorted({row.expert for row in imported.rows})
    typer.echo(f"{counted(imported.new, 'new cell')} of {'; '.join(experts) or 'nobody'}")
    for row, rating, before in imported.replaced:
        values = f"{rating.value!r:.60} of {rating.source} replaces {before!r:.60}"
        echo_status(f"{row.expert}, {row.question_id}, {rating.field}: {values}")
    stale = sorted({row.question_id for row in imported.rows if row.row_id in outdated})
    if stale:
        echo_status(
            f"{', '.join(stale)}: this was said of a text that has changed since; it is kept and does not count. "
            "samp-eval items review export writes what is open."
        )


@bank_review_commands.command("status")
def status(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Show how far each expert is."""
    with existing_study(study) as store:
        results = _results(store)
    shown = results.as_json()
    if as_json:
        print_json({name: shown[name] for name in ("experts", "rounds", "n_questions", "outdated", "accepted_cases")})
        return
    total = len(results.questions)
    rows = [
        [expert["expert"], f"{expert['answered']} of {total}", f"{expert['rated']} of {total}"]
        for expert in shown["experts"]
    ]
    print_table(["expert", "answered without the key", "rated"], rows)
    typer.echo(
        f"\nRound {results.review.rounds}; {counted(len(results.acceptable_cases()), 'case')} of "
        f"{len(results.review.bank.cases)} can be accepted by the rule, {len(results.accepted_cases)} accepted."
    )


@bank_review_commands.command("report")
def report(
    study: StudyOption = Path(),
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE.csv",
            help="Also write the answers that were given without the key, for samp-eval responses import.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Report what the experts say: indices of content validity, and for each question what to change.

    With fewer than three experts the ratings are listed, and no index is computed.
    """
    from samp_eval.report.tables.bank.bank_review import bank_review_tables
    from samp_eval.review.bank.human_answers import write_human_answers

    with existing_study(study) as store:
        results = _results(store)
    if answers is not None:
        number = write_human_answers(results.review, answers)
        echo_status(f"{counted(number, 'response')} written to {answers}; samp-eval responses import takes them in")
    if as_json:
        print_json(results.as_json())
        return
    for table in bank_review_tables(results):
        print_report_table(table)


@bank_review_commands.command("accept")
def accept(
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CASE]", help="Cases to accept.", show_default="all that the rule accepts"),
    ] = None,
    study: StudyOption = Path(),
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why named cases are accepted against the rule.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="Write a copy of the bank here.", show_default="the bank's files"),
    ] = None,
) -> None:
    """Write who reviewed a case into the bank, with the hash of its text.

    The rule accepts a case if at least three experts have rated each of its questions, relevance and clarity reach
    their cut, and no expert finds an entry wrong, the source out of force, or the question unsafe or unfair.
    """
    from samp_eval.review.amendments.bank_on_disk import bank_on_disk
    from samp_eval.review.bank.acceptance import write_acceptances
    from samp_eval.review.bank.review_results import accepted_now

    with existing_study(study) as store:
        accepted = accepted_now(_results(store), cases or (), reason.strip(), datetime.now(UTC))
        location = bank_on_disk(study, None, store.bank())
        files = write_acceptances(accepted, location, out)
        store.keep_bank_acceptances(accepted)
    for acceptance in accepted:
        typer.echo(f"{acceptance.case_id}: reviewed by {', '.join(acceptance.experts)}")
    echo_status(f"written to {files[0]}" if len(files) == 1 else f"{counted(len(files), 'file')} written")
