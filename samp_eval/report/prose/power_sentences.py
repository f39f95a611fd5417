"""Sentences about a power simulation, for the terminal, the methods and the checklists."""

from __future__ import annotations

from samp_eval.analysis.power.power_run import PowerRun, SimulatedPower, SizeRange
from samp_eval.report import numbers
from samp_eval.study import AnalysisPlan

__all__ = ["sample_size_words", "smallest_sentences"]


def smallest_sentences(run: PowerRun) -> list[str]:
    """For each number of rounds, the smallest size that reached the required power, or that none did."""
    found = {point.n_rounds: point for point in run.smallest}
    ranges = {sizes.n_rounds: sizes for sizes in run.ranges}
    sentences = []
    for number in dict.fromkeys(point.n_rounds for point in run.curve):
        rounds = numbers.plural(number, "round")
        sentences.append(
            _reached(found[number], rounds, ranges.get(number))
            if number in found
            else f"With {rounds}, no simulated number of questions reached a power of {100 * run.power:g}%."
        )
    return sentences


def sample_size_words(run: PowerRun, *, questions: int, rounds: int, plan: AnalysisPlan) -> str:
    """How the number of questions was assessed, and whether that was for the design that ran."""
    return (
        "The number of questions was assessed by simulation (samp-eval power, "
        f"{numbers.count(run.simulations)} simulated studies for each size, seed {run.seed}), to detect an odds ratio "
        f"of {numbers.ratio(run.odds_ratio)} with a power of {100 * run.power:g}% at a two-sided level of "
        f"{100 * run.significance:g}%, with score levels and similarity of repeated answers from {run.source}. "
        f"{' '.join(smallest_sentences(run))}{_other_design(run, questions, rounds, plan)}"
    )


def _other_design(run: PowerRun, questions: int, rounds: int, plan: AnalysisPlan) -> str:
    """A sentence where the simulation was for another design than the one that ran; empty otherwise."""
    ran = [f"{numbers.plural(questions, 'question')} in {numbers.plural(rounds, 'round')}"]
    simulated = {(point.n_questions, point.n_rounds) for point in (*run.curve, *run.smallest)}
    differs = [] if (questions, rounds) in simulated else ran
    differs += [f"clusters by {plan.cluster}"] if plan.cluster != run.cluster else []
    differs += [f"{plan.covariance.replace('_', '-')} errors"] if plan.covariance != run.covariance else []
    return f" The study that ran has {', '.join(differs)}, which was not simulated." if differs else ""


def _reached(point: SimulatedPower, rounds: str, sizes: SizeRange | None) -> str:
    error = numbers.number(100 * point.monte_carlo_error, 1)
    if sizes is not None and sizes.low < sizes.high:
        return (
            f"With {rounds}, between {numbers.count(sizes.low)} and {numbers.count(sizes.high)} questions suffice (95% "
            f"Monte-Carlo interval of the smallest number): {numbers.count(point.n_questions)} had a simulated power "
            f"of {numbers.percent(100 * point.power)}, Monte-Carlo error {error} points."
        )
    return (
        f"With {rounds}, about {numbers.count(point.n_questions)} questions suffice: simulated power "
        f"{numbers.percent(100 * point.power)}, Monte-Carlo error {error} points."
    )
