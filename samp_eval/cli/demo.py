"""``samp-eval demo``: the full workflow on the embedded model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from samp_eval.cli.results.report import write_study_report
from samp_eval.cli.shared.printing import counted, echo_status
from samp_eval.cli.shared.study_options import existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.store.study_store import StudyStore

__all__ = ["register"]

DEMO_FOLDER = Path("reports") / "demo"


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[
        Path, typer.Option("--study", metavar="DIR", help="Folder for the demonstration's study and report.")
    ] = DEMO_FOLDER,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Ask only the first N questions of the bank.")
    ] = None,
) -> None:
    """Run the full workflow on the embedded model.

    Asks every question in five rounds, marks the answers automatically by the key, analyses the marks and writes the
    report. Needs no API key and no network, and does not change a folder that holds a study of your own.
    """
    _check_file(folder)
    echo_status(
        "The full workflow on this machine, without an API key: questions, rounds, automatic marks, analysis, report.\n"
    )
    _ask(folder, limit)
    echo_status("\n2 of 3  Marking by the answer key (automatic marks; in a real study, physicians mark)")
    _mark(folder)
    echo_status("\n3 of 3  Analysing and writing the report")
    typer.echo(write_study_report(folder, folder)[0])
    echo_status(
        "\nOpen the report in a browser. For a study of your own:\n"
        "  samp-eval run --study my-study --model gpt-4 --rounds 5      (with OPENAI_API_KEY set)\n"
        "  samp-eval review export --study my-study --reviewer A --reviewer B\n"
        "  samp-eval report --study my-study"
    )


def _check_file(folder: Path) -> None:
    from samp_eval.study import STUDY_FILE

    if (folder / STUDY_FILE).exists():
        _refuse(f"{folder / STUDY_FILE} belongs to a study of your own")


def _check_respondents(folder: Path, store: StudyStore) -> None:
    from samp_eval.endpoint import LOCAL

    others = [name for name in store.respondents() if name != LOCAL]
    if others:
        _refuse(f"{folder} holds a study with {', '.join(others)}")


def _refuse(reason: str) -> NoReturn:
    from samp_eval.errors import StudyConflict

    raise StudyConflict(
        f"{reason}, which the demonstration does not change; choose another folder with --study, or ask the embedded "
        "model in this study with samp-eval run --model local"
    )


def _ask(folder: Path, limit: int | None) -> None:
    from datetime import UTC, datetime

    from samp_eval.cli.shared.progress_display import run_progress
    from samp_eval.endpoint import LOCAL
    from samp_eval.items.load import load_bank
    from samp_eval.run.plan import plan_run
    from samp_eval.run.providers.embedded_model import local_settings
    from samp_eval.run.study_run import run_study
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import Study

    with StudyStore.open(folder, notify=echo_status) as store:
        _check_respondents(folder, store)
        rounds, now = Study().rounds, datetime.now(UTC)
        plan = plan_run(load_bank(), rounds, [local_settings(LOCAL)], store, n_rounds=None, limit=limit, now=now)
        echo_status(
            f"1 of 3  Asking the embedded model {counted(len(plan.question_ids), 'question')} in five rounds: "
            f"{counted(plan.missing, 'request')} to go"
        )
        try:
            with run_progress(plan.missing) as progress:
                run_study(plan, store, progress=progress, notify=echo_status)
        except KeyboardInterrupt:
            echo_status("interrupted; every answer that had arrived is stored, and samp-eval demo continues from there")
            raise typer.Exit(130) from None


def _mark(folder: Path) -> None:
    from datetime import UTC, datetime

    from samp_eval.review.markers.automatic_marks import mark_by_key

    with existing_study(folder) as store:
        found = mark_by_key(study_bank(store), store.responses(), datetime.now(UTC))
        store.add_marks(found.marks)
    for credit in found.respondents:
        echo_status(f"{credit.respondent}: {credit.credited:g} of {counted(credit.lines, 'answer line')} credited")
