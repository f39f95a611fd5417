"""Whether the right answer stands too often behind one letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import comb

from samp_eval.errors import Fault
from samp_eval.items.samp import PlacedCase, entry_letter

__all__ = ["favoured_place"]

FEWEST_QUESTIONS = 8
OFTEN = 0.4
"""Share of the questions; and at least one and a half times what chance would give."""
IMPROBABLE = 0.001
"""Probability that one letter is right that often where all are as likely."""


def favoured_place(cases: Sequence[PlacedCase]) -> Iterator[Fault]:
    """Name the letter that is right so often that a respondent who always answers it would do well."""
    singles = [question for placed in cases for question in placed.case.questions if question.format == "single"]
    singles = [question for question in singles if len(question.options) > 1]
    if len(singles) < FEWEST_QUESTIONS:
        return
    places = Counter(question.options.index(question.key[0].answer) for question in singles)
    place, often = places.most_common(1)[0]
    chance = sum(1 / len(question.options) for question in singles) / len(singles)
    share = often / len(singles)
    if share > max(OFTEN, 1.5 * chance) and _tail(often, len(singles), chance) < IMPROBABLE:
        letter = entry_letter(place)
        yield Fault(
            cases[0].file,
            "bank",
            f"{letter} is right in {often} of {len(singles)} questions ({100 * share:.0f} %); a respondent that always "
            f"answers {letter} would score as much",
        )


def _tail(least: int, n: int, chance: float) -> float:
    """Probability of at least ``least`` among ``n``; beyond 1,000 questions of as many as 1,000 with the same share."""
    if n > 1000:
        least, n = round(1000 * least / n), 1000
    return sum(comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(least, n + 1))
