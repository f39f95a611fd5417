"""``samp-eval power``: how many questions and rounds a study needs, by simulation."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.shared.analysis_options import ConsensusOption, scored_study
from samp_eval.cli.shared.printing import echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption
from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice, Covariance, MarkBasis

if TYPE_CHECKING:
    from samp_eval.analysis.power.power_run import Detectable, PowerRun
    from samp_eval.statistics.power import PlannedShape
    from samp_eval.statistics.simulation import StudyShape

__all__ = ["register"]

_STUDIES_THAT_PAY_FOR_PROCESSES = 20_000


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("power")(power)


def power(
    study: StudyOption = Path(),
    questions: Annotated[
        list[int] | None,
        typer.Option(
            min=10,
            max=5000,
            metavar="N",
            help="Number of questions to simulate; repeat for a curve.",
            show_default="20 40 77 120 160",
        ),
    ] = None,
    rounds: Annotated[
        list[int] | None,
        typer.Option(min=1, max=100, metavar="N", help="Number of rounds; repeat to compare.", show_default="5"),
    ] = None,
    odds_ratio: Annotated[
        float,
        typer.Option(
            min=0.01, max=100, metavar="OR", help="True odds ratio of a higher score; the default is the published one."
        ),
    ] = 2.31,
    target_power: Annotated[
        float, typer.Option("--power", min=0.5, max=0.99, metavar="P", help="Required power, from 0 to 1.")
    ] = 0.8,
    significance: Annotated[
        float, typer.Option(min=0.0001, max=0.2, metavar="P", help="Two-sided significance level.")
    ] = 0.05,
    cluster: Annotated[
        ClusterChoice, typer.Option(help="Responses that form a cluster; clusters are independent of each other.")
    ] = "question",
    covariance: Annotated[Covariance, typer.Option(help="Type of standard errors.")] = "robust",
    simulations: Annotated[
        int, typer.Option(min=100, max=1_000_000, metavar="N", help="Number of simulated studies for each size.")
    ] = 1000,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="Random seed; the same seed gives the same result.")
    ] = 2023,
    right: Annotated[
        float | None,
        typer.Option(
            min=5,
            max=99,
            metavar="PERCENT",
            help="Answer lines that you expect the reference to get right, 5 to 99; required without --pilot. "
            "The published study had 73.6.",
        ),
    ] = None,
    pilot: Annotated[
        bool,
        typer.Option(
            "--pilot",
            help="Take the score levels and the similarity of repeated answers from the marks of --study instead of "
            "--right, and show which odds ratio that study could have detected.",
        ),
    ] = False,
    basis: Annotated[MarkBasis, typer.Option(help="Which of the pilot's marks to use.")] = "key",
    consensus: ConsensusOption = None,
    share: Annotated[
        list[float] | None,
        typer.Option(
            min=0.01,
            max=1,
            metavar="SHARE",
            help="Plan hours instead of power: what marking this share of the questions saves and costs, with a "
            "predictor for the rest; repeat to compare.",
        ),
    ] = None,
    times: Annotated[
        float,
        typer.Option(min=1, max=10, metavar="TIMES", help="With --share: how wide the interval may be, over the full."),
    ] = 1.2,
    agreement: Annotated[
        float,
        typer.Option(
            "--predictor-agreement",
            min=50,
            max=100,
            metavar="PERCENT",
            help="With --share and --right: answer lines that the predictor marks as physicians do.",
        ),
    ] = 90,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the result as power.json in the study's folder; the report cites it.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the curve as SVG, PNG, PDF and CSV.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Number of processes.", show_default="1, or all cores for a long simulation"
        ),
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Simulate on the Dask cluster with this scheduler.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find the number of questions and rounds that a study needs.

    Simulates studies of several sizes, and counts how often each detects the given odds ratio. --share says instead how
    many hours of marking a random part of the questions saves, and how much wider the interval becomes.
    """
    from samp_eval.analysis.power.planning import plan_size
    from samp_eval.analysis.power.power_run import keep_power_run
    from samp_eval.cli.results.power_share import ShareWishes, plan_hours
    from samp_eval.cli.shared.progress_display import counted_progress
    from samp_eval.statistics.line_scores import LineStudyShape

    if math.isclose(odds_ratio, 1):
        raise typer.BadParameter(
            "an odds ratio of 1 means that there is no difference to detect", param_hint="--odds-ratio"
        )
    if pilot == (right is not None):
        raise typer.BadParameter(
            "give the percentage of lines that the reference will get right, such as --right 75, or --pilot: near the "
            "ceiling the same odds ratio needs many more questions",
            param_hint="--right",
        )
    if share:
        if keep or dask or processes or cluster != "question" or covariance != "robust":
            raise typer.BadParameter(
                "a plan of hours is for robust errors clustered on questions and is not kept; leave --keep, --dask, "
                "--processes, --cluster and --covariance away",
                param_hint="--share",
            )
        wishes = ShareWishes(share, times, odds_ratio, significance, questions or [], rounds or [], consensus)
        plan_hours(study, basis, wishes, out, right=right, agreement=agreement, as_json=as_json)
        return
    if right is not None:
        shape: PlannedShape = LineStudyShape(right / 100)
        source = f"answer lines, of which the reference gets {right:g}% right"
    found: tuple[Detectable, ...] = ()
    sizes, of_rounds = sorted(set(questions or (20, 40, 77, 120, 160))), sorted(set(rounds or (5,)))
    if pilot:
        shape, found = _from_pilot(study, basis, consensus, target_power, significance)
        if shape.n_rounds < 2 <= of_rounds[-1]:
            raise CannotEstimate(
                "the pilot has only one round, so it does not show how similar repeated answers are; plan for one "
                "round (--rounds 1), or ask the pilot's questions in a second round"
            )
        source = f"the pilot's {shape.n_questions} questions ({basis} basis)"
        if cluster == "case":
            echo_status(
                "note: a pilot does not distinguish cases from questions, so the power for clusters by case is too high"
            )
    total = len(sizes) * len(of_rounds) * simulations
    with counted_progress(total, "simulated studies") as finished:
        run = plan_size(
            replace(shape, log_odds_ratios=(math.log(odds_ratio),)),
            sizes,
            of_rounds,
            source=source,
            power=target_power,
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
    folder: Path, basis: MarkBasis, consensus: str | None, target_power: float, significance: float
) -> tuple[StudyShape, tuple[Detectable, ...]]:
    """The shape of a study, and the odds ratios that it could have detected."""
    from samp_eval.analysis.model.study_fit import fit_study
    from samp_eval.analysis.power.planning import detectable, pilot_shape

    pilot = scored_study(folder, consensus=consensus)
    fitted = fit_study(pilot.table, basis=basis, respondents=pilot.respondents, plan=pilot.plan.analysis)
    shape = pilot_shape(pilot.table, basis=basis, respondents=fitted.respondents)
    return shape, detectable(fitted, power=target_power, significance=significance)


def _print(run: PowerRun) -> None:
    from samp_eval.report import numbers
    from samp_eval.report.prose.power_sentences import smallest_sentences

    columns = ["questions", "rounds", "power %", "Monte-Carlo error", "without an estimate"]
    rows: list[tuple[Any, ...]] = [
        (
            point.n_questions,
            point.n_rounds,
            numbers.number(100 * point.power, 1),
            numbers.number(100 * point.monte_carlo_error, 1),
            point.n_failed,
        )
        for point in run.curve
    ]
    title = (
        f"Simulated power to detect an odds ratio of {numbers.ratio(run.odds_ratio)}: "
        f"{numbers.count(run.simulations)} simulated studies for each size"
    )
    print_table(columns, rows, title=title)
    for sentence in smallest_sentences(run):
        typer.echo(sentence.replace(numbers.NBSP, " "))
    echo_status(
        f"\nSimulated: score levels and similarity of repeated answers from {run.source}; ordinal GEE under "
        f"independence, cluster {run.cluster}, {run.covariance.replace('_', ' ')} standard errors, two-sided level "
        f"{run.significance:g}, seed {run.seed}."
    )
    if run.detectable:
        _print_detectable(run)


def _print_detectable(run: PowerRun) -> None:
    from samp_eval.report import numbers

    print_table(
        ["term", "compared with", "standard error", "smallest odds ratio", "or below 1"],
        [
            (
                term.term,
                term.reference,
                numbers.number(term.standard_error, 3),
                numbers.ratio(term.odds_ratio),
                numbers.ratio(1 / term.odds_ratio),
            )
            for term in run.detectable
        ],
        title=f"\nDetectable by the study as it is, with a power of {100 * run.power:g}%",
    )
