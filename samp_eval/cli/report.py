"""``samp-eval report``: write the report of a study."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.second_process import second_process
from samp_eval.cli.shared.study_options import StudyOption, existing_study, study_bank
from samp_eval.errors import SampEvalError
from samp_eval.literals import ReportFormat

if TYPE_CHECKING:
    from samp_eval.report.content.fits import ModelFits
    from samp_eval.report.content.records import StudyRecords
    from samp_eval.run.respondent import Response
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import Study

__all__ = ["register", "write_study_report"]

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


def report(study: StudyOption = Path(), out: OutOption = None, wanted: FormatOption = "html") -> None:
    """Write the report.

    The report has figures, tables, a methods section, checklists, and every question with its answers and marks.
    """
    typer.echo(write_study_report(study, out or study / "reports", wanted))


def write_study_report(study: Path, out: Path, wanted: ReportFormat = "html") -> Path:
    """Write the report of a stored study into a folder and return its path.

    A second process reads the study and fits the models; meanwhile this one imports what draws, describes and draws.
    """
    from concurrent.futures.process import BrokenProcessPool

    with without_garbage_collection(), second_process() as beside:
        try:
            return _write_beside(beside, study, out, wanted)
        except BrokenProcessPool as error:
            raise SampEvalError(
                "something outside samp-eval ended the process that fits the models, as happens when memory runs out; "
                "close other programs and run samp-eval report again"
            ) from error


def _write_beside(beside: Executor, study: Path, out: Path, wanted: ReportFormat) -> Path:
    reading: Future[StudyRecords] = beside.submit(_read, study)
    from samp_eval.run.cost.prices import load_prices
    from samp_eval.study import load_study

    plan, prices = load_study(study), load_prices(study)
    fitting = [beside.submit(_fit_further, plan) for _ in range(2)]  # the planned models, then all
    beside.shutdown(wait=False)  # it ends when it has fitted, while the page is written
    from datetime import UTC, datetime

    from samp_eval.analysis.power_run import kept_power_run
    from samp_eval.report.content.gather import gather_content

    if reading.done():
        reading.result()  # what is wrong with a study is known by now, and said before more is imported
    from samp_eval.report.renderers.html import prepare_page, write_report

    drawn: dict[str, str] = {}
    content = gather_content(
        reading.result(),
        plan,
        made_at=datetime.now(UTC),
        prices=prices,
        power_run=kept_power_run(study),
        fitting=(one.result() for one in fitting),
        grown=(lambda found: prepare_page(found, drawn)) if wanted == "html" else None,
    )
    if wanted == "docx":
        from samp_eval.report.renderers.manuscript import write_manuscript

        return write_manuscript(content, out)
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
            gc.freeze()  # else the very next object would have all of it looked through
            gc.enable()
            gc.unfreeze()


_kept: list[StudyRecords] = []
_fits: list[Iterator[ModelFits]] = []
"""Of the second process: what it has read, so that nothing need be sent back to it, and what it is fitting."""


def _read(study: Path) -> StudyRecords:
    """Run by the second process, without garbage collection: it ends when it has fitted."""
    gc.disable()
    _kept[:], _fits[:] = [read_records(study)], []
    return _kept[0]


def _fit_further(plan: Study) -> ModelFits:
    """Run by the second process: what :func:`samp_eval.report.content.fits.fit_models` yields next."""
    from samp_eval.report.content.fits import fit_models

    if not _fits:
        _fits.append(fit_models(_kept.pop(), plan))
    return next(_fits[0])


def read_records(study: Path) -> StudyRecords:
    """Everything that a report needs from a study's store."""
    with existing_study(study) as store:
        from samp_eval.report.content.records import FrozenPlan, StudyRecords
        from samp_eval.review.adjudication import marks_before_adjudication
        from samp_eval.review.marks import present_marks

        frozen = store.protocol()
        responses = store.responses()
        history = store.mark_history()
        return StudyRecords(
            bank=study_bank(store),
            responses=responses,
            failures=store.failures(),
            marks=present_marks(history),
            respondents=store.respondents(),
            first_marks=marks_before_adjudication(history, store.sheet_rows().values()),
            frozen=None if frozen is None else FrozenPlan(*frozen),
            requests=_requests(store, responses),
            deviations=store.deviations(),
        )


def _requests(store: StudyStore, responses: Sequence[Response]) -> list[tuple[str, str]]:
    """The first request with and without the prompt, where they were stored: recorded answers have none."""
    from samp_eval.report.content.sent_request import readable_request

    found = []
    for prompted, heading in ((True, "A prompted request"), (False, "A bare request")):
        first = next((one.ask for one in responses if one.ask.condition.prompted is prompted), None)
        kept = store.response(first.question_id, first.respondent, first.round) if first is not None else None
        if kept is not None and kept[0].reply.request:
            found.append((f"{heading}, as it was sent", readable_request(kept[0].reply.request)))
    return found
