"""``samp-eval power --share``: hours of marking against the width of the interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.analysis_options import scored_study
from samp_eval.cli.shared.printing import echo_status, print_json, print_table
from samp_eval.literals import MarkBasis

if TYPE_CHECKING:
    from samp_eval.analysis.power.share_planning import ShareDesign, SharePlan

__all__ = ["ShareWishes", "plan_hours"]

PUBLISHED_QUESTIONS, PUBLISHED_ROUNDS = 77, 5


@dataclass(frozen=True, slots=True)
class ShareWishes:
    """What the options of the command say; ``questions`` and ``rounds`` hold one number at most."""

    shares: Sequence[float]
    times: float
    odds_ratio: float
    significance: float
    questions: Sequence[int]
    rounds: Sequence[int]
    consensus: str | None = None


def plan_hours(
    folder: Path,
    basis: MarkBasis,
    wishes: ShareWishes,
    out: Path | None,
    *,
    right: float | None,
    agreement: float,
    as_json: bool,
) -> None:
    """Print what shares of the questions cost and give, from a pilot in ``folder`` or for lines ``right``."""
    from samp_eval.analysis.power.share_planning import line_design, plan_shares

    for given, option in ((wishes.questions, "--questions"), (wishes.rounds, "--rounds")):
        if len(given) > 1:
            raise typer.BadParameter("with --share, give one number", param_hint=option)
    questions, rounds = next(iter(wishes.questions), None), next(iter(wishes.rounds), None)
    if right is None:
        design, confidence = _pilot(folder, basis, rounds, wishes.consensus)
    else:
        design = line_design(right / 100, agreement / 100, questions or PUBLISHED_QUESTIONS, rounds or PUBLISHED_ROUNDS)
        confidence = 0.95
    plan = plan_shares(
        design,
        wishes.shares,
        n_questions=questions,
        times=wishes.times,
        odds_ratio=wishes.odds_ratio,
        significance=wishes.significance,
        confidence=confidence,
    )
    if out is not None:
        from samp_eval.report.figures.share_figure import write_share_plan

        echo_status(f"written: {', '.join(str(path) for path in write_share_plan(plan, out))}")
    if as_json:
        print_json(plan.as_json())
    else:
        _print(plan)


def _pilot(folder: Path, basis: MarkBasis, rounds: int | None, consensus: str | None) -> tuple[ShareDesign, float]:
    from samp_eval.analysis.power.share_planning import pilot_design

    study = scored_study(folder, consensus=consensus)
    design = pilot_design(study, basis, datetime.now(UTC))
    if rounds not in (None, design.n_rounds):
        raise typer.BadParameter(
            f"with --share, a pilot plans for its own number of rounds, {design.n_rounds}", param_hint="--rounds"
        )
    return design, study.plan.analysis.confidence


def _print(plan: SharePlan) -> None:
    from samp_eval.report import numbers
    from samp_eval.report.prose.share_sentences import share_sentences

    rows = [
        (
            point.n_drawn,
            f"{100 * point.share:.0f}%",
            numbers.number(point.hours, 1),
            numbers.number(point.factor),
            numbers.number(point.times_full),
            numbers.number(100 * point.power, 0),
        )
        for point in plan.points
    ]
    simulated = "Simulated: hours" if plan.design.simulated else "Hours"
    print_table(
        ["questions", "share", "hours", "interval: times or divided by", "width, times the full", "power %"],
        rows,
        title=f"{simulated} of one reviewer and the {100 * plan.confidence:g}% interval of the odds ratio of "
        f"{plan.design.term}, with {plan.n_questions} questions",
    )
    first, *others = share_sentences(plan)
    for sentence in (first, *others[:1]):
        typer.echo(sentence.replace(numbers.NBSP, " "))
    for sentence in others[1:]:
        echo_status(sentence.replace(numbers.NBSP, " "))
