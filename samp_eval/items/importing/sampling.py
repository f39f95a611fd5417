"""A random part of a bank, with as large a share of every subject as the whole has; options in a random order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from samp_eval.items.importing.imported import ImportedQuestion

__all__ = ["stratified_sample", "with_shuffled_options"]

_LETTER = r"\(?[a-l]\)?"
_OF_OTHERS = re.compile(
    "|".join(
        (
            r"\b(?:all|none|any|neither|both|either|some|two|more than one)\b.*\b(?:above|below|these|those|them)\b",
            r"\b(?:all|none|any|neither|both|either) (?:of )?the (?:following|others?|options)\b",
            r"^(?:all|none|neither|both)\.?$",
            rf"^(?:both )?{_LETTER}(?:\s*(?:,|and|&|\+|or)\s*{_LETTER})+(?: only)?\.?$",
            r"\b(?:options?|answers?|choices?) \(?[a-l]\b",
            r"\b(?:aucune?|toutes?|tous|ningun[ao]|tod[ao]s|correct[ao]s)\b",
        )
    ),
    re.IGNORECASE,
)
"""An option that speaks of the others, whose place therefore matters."""

T = TypeVar("T")


def stratified_sample(entries: Sequence[T], strata: Sequence[str], size: int, seed: int) -> list[T]:
    """Draw ``size`` entries, in their order; largest remainders decide where a share is no whole number.

    Parameters
    ----------
    entries : sequence
    strata : sequence of str
        The subject of each entry.
    size : int
    seed : int
        The same entries with the same seed give the same sample.
    """
    if size >= len(entries):
        return list(entries)
    places: dict[str, list[int]] = {}
    for place, stratum in enumerate(strata):
        places.setdefault(stratum, []).append(place)
    exact = {stratum: size * len(of_it) / len(entries) for stratum, of_it in places.items()}
    drawn = {stratum: int(share) for stratum, share in exact.items()}
    by_remainder = sorted(exact, key=lambda stratum: (drawn[stratum] - exact[stratum], stratum))
    for stratum in by_remainder[: size - sum(drawn.values())]:
        drawn[stratum] += 1
    random = Random(seed)  # noqa: S311  # a sample that can be drawn again, no secret
    chosen = [place for stratum in sorted(places) for place in random.sample(places[stratum], drawn[stratum])]
    return [entries[place] for place in sorted(chosen)]


def with_shuffled_options(question: ImportedQuestion, seed: str) -> ImportedQuestion:
    """Put the options in a random order; a question with an option that speaks of the others stays as it is."""
    if any(_OF_OTHERS.search(option) for option in question.options):
        return question
    order = list(range(len(question.options)))
    Random(seed).shuffle(order)  # noqa: S311  # an order that can be made again, no secret
    options = tuple(question.options[place] for place in order)
    return replace(question, options=options, right=tuple(sorted(order.index(place) for place in question.right)))
