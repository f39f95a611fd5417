"""``samp-eval report``: what a journal, a physician and an engineer read."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.common import StudyOption, existing_study, study_bank
from samp_eval.literals import ReportFormat

if TYPE_CHECKING:
    from samp_eval.report.content import ReportContent
    from samp_eval.run.respondent import Response
    from samp_eval.store.study_store import StudyStore

__all__ = ["register", "write_study_report"]

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder to write to.", show_default="reports, in the study's folder"),
]
FormatOption = Annotated[
    ReportFormat,
    typer.Option(
        "--format", help="html: one page that needs nothing else. docx: a manuscript, its tables and figures as files."
    ),
]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("report")(report)


def report(study: StudyOption = Path(), out: OutOption = None, wanted: FormatOption = "html") -> None:
    """Write the report: figures, tables, methods in words, checklists, every question with its answers and marks."""
    typer.echo(write_study_report(study, out or study / "reports", wanted))


def write_study_report(study: Path, out: Path, wanted: ReportFormat = "html") -> Path:
    """Write the report of a stored study into a folder and return its path."""
    with without_garbage_collection(), second_process() as beside:
        content, drawn = _gathered(study, beside, draw=wanted == "html")
        if wanted == "docx":
            from samp_eval.report.manuscript import write_manuscript

            return write_manuscript(content, out)
        from samp_eval.report.html import write_report

        return write_report(content, out, drawn)


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """What is read and drawn is needed until the end; to look through it for garbage takes a sixth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def second_process() -> Iterator[Executor | None]:
    """A process that imports the statistics while this one reads the study; None where there is one processor only."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small; threads only wait for each other
    if (os.cpu_count() or 1) < 2:
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    from samp_eval.report.fits import load_statistics

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        beside.submit(load_statistics)
        try:
            yield beside
        except BaseException:
            for child in active_children():  # nobody needs any more what it loads or fits
                child.terminate()
            raise


def _gathered(study: Path, beside: Executor | None, *, draw: bool) -> tuple[ReportContent, dict[str, str]]:
    """The content, and the figures that could be drawn while the models were being fitted."""
    from samp_eval.study import load_study

    drawn: dict[str, str] = {}
    plan = load_study(study)
    with existing_study(study) as store:
        from datetime import UTC, datetime

        from samp_eval.analysis.power_run import kept_power_run
        from samp_eval.report.content import FrozenPlan, gather_content
        from samp_eval.review.adjudicate import marks_before_adjudication
        from samp_eval.review.marks import present_marks
        from samp_eval.run.prices import load_prices

        frozen = store.protocol()
        responses = store.responses()
        history = store.mark_history()
        content = gather_content(
            bank=study_bank(store),
            responses=responses,
            failures=store.failures(),
            marks=present_marks(history),
            respondents=store.respondents(),
            study=plan,
            made_at=datetime.now(UTC),
            power_run=kept_power_run(study),
            first_marks=marks_before_adjudication(history, store.sheet_rows().values()),
            frozen=None if frozen is None else FrozenPlan(*frozen),
            requests=_requests(store, responses),
            deviations=store.deviations(),
            prices=load_prices(study),
            beside=beside,
            meanwhile=(lambda found: drawn.update(_drawn(found))) if draw else None,
        )
    return content, drawn


def _drawn(content: ReportContent) -> dict[str, str]:
    """The figures that need no model; what draws them is imported only now, while the models are being fitted."""
    from samp_eval.report.html import draw_figures

    return draw_figures(content)


def _requests(store: StudyStore, responses: Sequence[Response]) -> list[tuple[str, str]]:
    """The first request with and without the prompt, where they were stored: recorded answers have none."""
    from samp_eval.report.sent_request import readable_request

    found = []
    for prompted, heading in ((True, "A prompted request"), (False, "A bare request")):
        first = next((one.ask for one in responses if one.ask.condition.prompted is prompted), None)
        kept = store.response(first.question_id, first.respondent, first.round) if first is not None else None
        if kept is not None and kept[0].reply.request:
            found.append((f"{heading}, as it was sent", readable_request(kept[0].reply.request)))
    return found
