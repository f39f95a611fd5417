"""Sentences about a power simulation, for the terminal, the methods and the checklists."""

from __future__ import annotations

from samp_eval.analysis.power.power_run import PowerRun, SimulatedPower
from samp_eval.report import numbers

__all__ = ["sample_size_words", "smallest_sentences"]


def smallest_sentences(run: PowerRun) -> list[str]:
    """For each number of rounds, the smallest size that reached the required power, or that none did."""
    found = {point.n_rounds: point for point in run.smallest}
    sentences = []
    for number in dict.fromkeys(point.n_rounds for point in run.curve):
        rounds = numbers.plural(number, "round")
        sentences.append(
            _reached(found[number], rounds)
            if number in found
            else f"With {rounds}, no simulated number of questions reached a power of {100 * run.power:g}%."
        )
    return sentences


def sample_size_words(run: PowerRun) -> str:
    """How the number of questions was assessed."""
    return (
        "The number of questions was assessed by simulation (samp-eval power, "
        f"{numbers.count(run.simulations)} simulated studies for each size, seed {run.seed}), to detect an odds ratio "
        f"of {numbers.ratio(run.odds_ratio)} with a power of {100 * run.power:g}% at a two-sided level of "
        f"{100 * run.significance:g}%, with score levels and similarity of repeated answers from {run.source}. "
        f"{' '.join(smallest_sentences(run))}"
    )


def _reached(point: SimulatedPower, rounds: str) -> str:
    error = numbers.number(100 * point.monte_carlo_error, 1)
    return (
        f"With {rounds}, about {numbers.count(point.n_questions)} questions suffice: simulated power "
        f"{numbers.percent(100 * point.power)}, Monte-Carlo error {error} points."
    )
