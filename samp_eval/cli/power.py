"""``samp-eval power``: how many questions and rounds a study needs, by simulation."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.shared.study_options import (
    JsonOption,
    StudyOption,
    echo_status,
    existing_study,
    print_json,
    print_table,
    study_bank,
)
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice, Covariance, MarkBasis

if TYPE_CHECKING:
    import pandas as pd

    from samp_eval.analysis.power_run import Detectable, PowerRun
    from samp_eval.statistics.simulation import StudyShape
    from samp_eval.study import Study

__all__ = ["register"]

_STUDIES_THAT_PAY_FOR_PROCESSES = 20_000


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("power")(power)


def power(
    odds_ratio: Annotated[
        float, typer.Option(min=0.01, max=100, help="True odds ratio of a higher score; 2.31 was published.")
    ] = 2.31,
    questions: Annotated[
        list[int] | None,
        typer.Option(min=10, max=5000, help="Size to simulate; repeat for a curve.", show_default="20 40 77 120 160"),
    ] = None,
    rounds: Annotated[
        list[int] | None, typer.Option(min=1, max=100, help="Rounds; repeat to compare.", show_default="5")
    ] = None,
    wanted: Annotated[float, typer.Option("--power", min=0.5, max=0.99, help="Power wanted, as a share.")] = 0.8,
    significance: Annotated[float, typer.Option(min=0.0001, max=0.2, help="Two-sided level.")] = 0.05,
    simulations: Annotated[int, typer.Option(min=100, help="Simulated studies for each size.")] = 1000,
    cluster: Annotated[ClusterChoice, typer.Option(help="What is independent of everything else.")] = "question",
    covariance: Annotated[Covariance, typer.Option(help="Standard errors.")] = "robust",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same studies.")] = 2023,
    pilot: Annotated[
        bool,
        typer.Option(
            "--pilot",
            help="Take score levels and repetition from the marks of --study instead of the published design, and say "
            "what odds ratio that study could have detected.",
        ),
    ] = False,
    basis: Annotated[MarkBasis, typer.Option(help="Which marks of the pilot.")] = "key",
    study: StudyOption = Path(),
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the run as power.json in the study's folder; the report cites it.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the curve as SVG, PNG, PDF and CSV.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes.", show_default="all cores where that pays")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Simulate on the Dask cluster of this scheduler.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a study: how many questions and rounds find a given odds ratio, by simulation.

    Every figure comes from simulated studies.
    """
    from samp_eval.analysis.planning import PUBLISHED_DESIGN, plan_size
    from samp_eval.analysis.power_run import keep_power_run
    from samp_eval.cli.shared.progress_display import counted_progress

    if math.isclose(odds_ratio, 1):
        raise typer.BadParameter("an odds ratio of 1 is no difference to detect", param_hint="--odds-ratio")
    shape, source = PUBLISHED_DESIGN, "the published study's design"
    found: tuple[Detectable, ...] = ()
    sizes, of_rounds = sorted(set(questions or (20, 40, 77, 120, 160))), sorted(set(rounds or (5,)))
    if pilot:
        shape, found = _from_pilot(study, basis, wanted, significance)
        if shape.n_rounds < 2 <= of_rounds[-1]:
            raise CannotEstimate(
                "the pilot has one round only, so how alike the answers of several rounds are is not known; plan for "
                "one round (--rounds 1), or ask the pilot's questions in a second round"
            )
        source = f"the pilot's {shape.n_questions} questions ({basis} basis)"
        if cluster == "case":
            echo_status("note: cases are not told apart from questions in a pilot, so power by case is too high")
    total = len(sizes) * len(of_rounds) * simulations
    with counted_progress(total, "simulated studies") as finished:
        run = plan_size(
            replace(shape, log_odds_ratios=(math.log(odds_ratio),)),
            sizes,
            of_rounds,
            source=source,
            power=wanted,
            seed=seed,
            significance=significance,
            cluster=cluster,
            covariance=covariance,
            simulations=simulations,
            n_jobs=processes or (-1 if dask or total >= _STUDIES_THAT_PAY_FOR_PROCESSES else 1),
            scheduler=dask,
            finished=finished,
        ).model_copy(update={"detectable": found})
    if keep:
        echo_status(f"kept: {keep_power_run(run, study)}")
    if out is not None:
        from samp_eval.report.figures.power_figure import write_power_run

        echo_status(f"written: {', '.join(str(path) for path in write_power_run(run, out))}")
    if as_json:
        print_json(run.model_dump(mode="json"))
    else:
        _print(run)


def _from_pilot(
    folder: Path, basis: MarkBasis, wanted: float, significance: float
) -> tuple[StudyShape, tuple[Detectable, ...]]:
    """Levels and repetition of a study, and what it could have detected."""
    from samp_eval.analysis.planning import detectable, pilot_shape
    from samp_eval.analysis.study_fit import fit_study

    plan, table, respondents = _stored(folder)
    fitted = fit_study(
        table,
        basis=basis,
        respondents=respondents,
        cluster=plan.analysis.cluster,
        association=plan.analysis.association,
        covariance=plan.analysis.covariance,
        confidence=plan.analysis.confidence,
    )
    shape = pilot_shape(table, basis=basis, respondents=fitted.respondents)
    return shape, detectable(fitted, power=wanted, significance=significance)


def _stored(folder: Path) -> tuple[Study, pd.DataFrame, list[str]]:
    from samp_eval.analysis.study_table import planned_reference, respondents_in_order, study_table
    from samp_eval.study import load_study

    plan = load_study(folder)
    with existing_study(folder) as store:
        table = study_table(study_bank(store), store.responses(), store.marks(), plan.review)
        known = list(store.respondents())
    return plan, table, respondents_in_order(known, planned_reference(plan, known))


def _print(run: PowerRun) -> None:
    from samp_eval.report import numbers
    from samp_eval.report.prose.power_sentences import smallest_sentences

    columns = ["questions", "rounds", "power %", "Monte-Carlo error", "without an estimate"]
    rows: list[tuple[Any, ...]] = [
        (
            one.n_questions,
            one.n_rounds,
            numbers.number(100 * one.power, 1),
            numbers.number(100 * one.monte_carlo_error, 1),
            one.n_failed,
        )
        for one in run.curve
    ]
    title = (
        f"Simulated power to find an odds ratio of {numbers.ratio(run.odds_ratio)}: "
        f"{numbers.count(run.simulations)} simulated studies for each size"
    )
    print_table(columns, rows, title=title)
    for sentence in smallest_sentences(run):
        typer.echo(sentence.replace(numbers.NBSP, " "))
    echo_status(
        f"\nSimulated: score levels and repetition of answers as in {run.source}; ordinal GEE under independence, "
        f"cluster {run.cluster}, {run.covariance.replace('_', ' ')} standard errors, two-sided level "
        f"{run.significance:g}, seed {run.seed}."
    )
    if run.detectable:
        _print_detectable(run)


def _print_detectable(run: PowerRun) -> None:
    from samp_eval.report import numbers

    print_table(
        ["term", "compared with", "standard error", "least odds ratio", "or below 1"],
        [
            (
                one.term,
                one.reference,
                numbers.number(one.standard_error, 3),
                numbers.ratio(one.odds_ratio),
                numbers.ratio(1 / one.odds_ratio),
            )
            for one in run.detectable
        ],
        title=f"\nThe study as it stands could have found, with a power of {100 * run.power:g} %",
    )
