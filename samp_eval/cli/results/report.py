"""``samp-eval report``: write the report of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.analysis_options import NamesOption
from samp_eval.cli.shared.bank_notice import warn_if_bank_differs
from samp_eval.cli.shared.printing import echo_status
from samp_eval.cli.shared.study_options import StudyOption, existing_study
from samp_eval.errors import CannotStore
from samp_eval.literals import ReportFormat

if TYPE_CHECKING:
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.report.content.records import ReportRecords
    from samp_eval.review.bank.review_results import BankReviewResults
    from samp_eval.run.respondent import Response
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import Study

__all__ = ["read_study", "register", "write_study_report"]

LARGE = 10_000
"""Responses of which a report takes more than some seconds."""

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the report.", show_default="reports, in the study's folder"),
]
FormatOption = Annotated[
    ReportFormat,
    typer.Option(
        "--format", help="html: one self-contained page; docx: a manuscript with its tables and figures as files."
    ),
]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("report")(report)


def report(
    study: StudyOption = Path(),
    out: OutOption = None,
    report_format: FormatOption = "html",
    names: NamesOption = False,
) -> None:
    """Write the report.

    The report has figures, tables, a methods section, checklists, and every question with its answers and marks.
    """
    file, damage = write_study_report(study, out or study / "reports", report_format, names=names)
    typer.echo(file)
    if damage:
        for fault in damage:
            echo_status(f"damaged, and left out of the report: {fault}")
        echo_status("restore the study from a backup, as samp-eval backup writes it")
        raise typer.Exit(3)


def write_study_report(
    study: Path, out: Path, report_format: ReportFormat = "html", *, names: bool = False
) -> tuple[Path, tuple[str, ...]]:
    """Write the report of a stored study into a folder; returns its path, and what is damaged and left out of it."""
    from datetime import UTC, datetime

    from samp_eval.analysis.power.power_run import kept_power_run
    from samp_eval.api.chosen_plan import chosen_plan
    from samp_eval.run.cost.prices import load_prices

    plan, prices, power_run = chosen_plan(study), load_prices(study), kept_power_run(study)
    with existing_study(study) as store:
        warn_if_bank_differs(study, store)
        scored, records = _read_what_is_intact(store, plan, names=names)
    from samp_eval.report.content.report_content import gather_content

    is_large = len(scored.responses) > LARGE
    if is_large:
        echo_status(f"{len(scored.responses):,} responses are read and scored; estimating")
    if plan.blueprint is not None:
        scored, records = _with_blueprint(scored, records, study / plan.blueprint)
    content = gather_content(scored, records, made_at=datetime.now(UTC), prices=prices, power_run=power_run)
    if report_format == "docx":
        from samp_eval.report.renderers.manuscript import write_manuscript

        return write_manuscript(content, out), records.damage
    from samp_eval.report.renderers.html import QUESTIONS_FILE, write_report

    if is_large:
        echo_status("drawing and writing")
    pages = write_report(content, out)
    if len(pages) > 1:
        echo_status(f"every question with its answers is in {QUESTIONS_FILE}, beside the report")
    return pages[0], records.damage


def _with_blueprint(scored: ScoredStudy, records: ReportRecords, file: Path) -> tuple[ScoredStudy, ReportRecords]:
    """With how far the bank is from its blueprint, and the weights of its questions."""
    from samp_eval.items.blueprint import coverage, load_blueprint, question_weights

    found = load_blueprint(file)
    bank = (scored.asked or scored).bank
    weighted = replace(scored, weights=question_weights(found, scored.bank))
    return weighted, replace(records, coverage=coverage(found, bank))


def _read_what_is_intact(store: StudyStore, plan: Study, *, names: bool) -> tuple[ScoredStudy, ReportRecords]:
    """The study as it is stored; where anything of that is damaged, without the damaged rows."""
    from samp_eval.store.safety.intact_copy import intact_records
    from samp_eval.store.safety.integrity import missing_records

    failed: CannotStore | None = None
    try:
        if not missing_records(store):
            return read_study(store, plan, names=names)
    except CannotStore as error:
        failed = error
    with intact_records(store) as (intact, damage):
        if failed is not None and not damage:
            raise failed
        return read_study(intact, plan, tuple(map(str, damage)), names=names)


def read_study(
    store: StudyStore, plan: Study, damage: tuple[str, ...] = (), *, names: bool = False
) -> tuple[ScoredStudy, ReportRecords]:
    """Score the study in a store, and read the other records that a report prints; ``damage`` is left out of both.

    Without ``names``, reviewers have codes everywhere.
    """
    from samp_eval.api.loaded_study import stored_codes, stored_study
    from samp_eval.report.content.records import FrozenPlan, ReportRecords
    from samp_eval.review.adjudication import marks_before_adjudication
    from samp_eval.review.assignment.late_answers import late_sheets
    from samp_eval.review.markers.model.judged import judged_asks
    from samp_eval.review.marks import present_marks
    from samp_eval.review.people.reviewer_codes import ReviewerCodes
    from samp_eval.review.to_mark import respondents_by_answer
    from samp_eval.run.provenance import plan_digest, planned

    history, frozen = store.mark_history(), store.protocol()
    codes = ReviewerCodes() if names else stored_codes(store, plan, echo_status)
    history, rows = codes.marks(history), codes.rows(store.sheet_rows().values())
    scored = stored_study(store, plan, present_marks(history), codes)
    return scored, ReportRecords(
        settings=store.respondents(),
        first_marks=marks_before_adjudication(history, rows, store.key_history()),
        frozen=None if frozen is None else FrozenPlan(*frozen, plan_digest(planned(plan))[1] == frozen[0]),
        requests=_requests(store, scored.responses),
        deviations=[(codes.text(what), at) for what, at in store.deviations()],
        damage=tuple(map(codes.text, damage)),
        coded=bool(codes),
        bank_review=_bank_review(store),
        judged=judged_asks(store),
        amended=store.key_history().amended,
        late_sheets=late_sheets(rows, respondents_by_answer(scored.bank, scored.responses)) if rows else [],
    )


def _bank_review(store: StudyStore) -> BankReviewResults | None:
    """What experts said of the bank; None where nobody was sent it."""
    from samp_eval.review.bank.review_results import review_results
    from samp_eval.review.bank.review_rows import bank_review

    rows, bank = store.bank_review_rows(), store.bank()
    if not rows or bank is None:
        return None
    review = bank_review(store.key_history(), bank, rows, store.bank_ratings())
    return review_results(review, store.bank_acceptances())


def _requests(store: StudyStore, responses: Sequence[Response]) -> list[tuple[str, str]]:
    """The first prompted and the first bare request, if stored; recorded answers have no request."""
    from samp_eval.report.content.sent_request import readable_request

    found = []
    for prompted, heading in ((True, "A prompted request"), (False, "A bare request")):
        first = next((response.ask for response in responses if response.ask.condition.prompted is prompted), None)
        kept = store.response(first.question_id, first.respondent, first.round) if first is not None else None
        if kept is not None and kept[0].reply.request:
            found.append((f"{heading}, as sent", readable_request(kept[0].reply.request)))
    return found
