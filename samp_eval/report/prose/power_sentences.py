"""A power run in sentences, for the terminal, the methods and the checklists."""

from __future__ import annotations

from samp_eval.analysis.power_run import PowerRun, SimulatedPower
from samp_eval.report import numbers

__all__ = ["sample_size_words", "smallest_sentences"]


def smallest_sentences(run: PowerRun) -> list[str]:
    """For each number of rounds the smallest size that reached the wanted power, or that none did."""
    found = {one.n_rounds: one for one in run.smallest}
    sentences = []
    for number in dict.fromkeys(one.n_rounds for one in run.curve):
        rounds = numbers.plural(number, "round")
        sentences.append(
            _reached(found[number], rounds)
            if number in found
            else f"In {rounds}, no simulated number of questions reached a power of {100 * run.power:g}%."
        )
    return sentences


def sample_size_words(run: PowerRun) -> str:
    """How the number of questions was judged."""
    return (
        f"By simulation (samp-eval power, {numbers.count(run.simulations)} simulated studies for each size, seed "
        f"{run.seed}): an odds ratio of {numbers.ratio(run.odds_ratio)} was to be found with a power of "
        f"{100 * run.power:g}% at a two-sided level of {100 * run.significance:g}%, with score levels and repetition "
        f"of answers as in {run.source}. {' '.join(smallest_sentences(run))}"
    )


def _reached(one: SimulatedPower, rounds: str) -> str:
    error = numbers.number(100 * one.monte_carlo_error, 1)
    return (
        f"In {rounds}, about {numbers.count(one.n_questions)} questions suffice: simulated power "
        f"{numbers.percent(100 * one.power)}, Monte-Carlo error {error} points."
    )
