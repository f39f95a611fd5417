"""Questions that stand in a bank twice, word for word or almost."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from samp_eval.errors import Fault
from samp_eval.items.samp import PlacedCase, Question

__all__ = ["repeated_questions"]

ALIKE = 0.85
"""Of the runs of three words that two questions have, the share that both have: of 100 words four may differ."""
_SKETCH = 16
"""Runs by which two questions are found to be worth comparing: those with the lowest check sums. Of two questions that
share 85 % of their runs, one pair in 10,000 has five or fewer of these in common."""
_SHARED = 6
_CROWD = 200
"""A run that this many questions share tells nothing: an instruction, a heading."""
_FEWEST_WORDS = 8
"""Of shorter questions only the same words count: in "Which drug treats gout?" one word makes another question."""


@dataclass(frozen=True, slots=True)
class _Asked:
    placed: PlacedCase
    question: Question
    words: tuple[str, ...]
    options: frozenset[str]


def repeated_questions(cases: Sequence[PlacedCase]) -> Iterator[Fault]:
    """Name each question that an earlier one asks already, and each that reads almost like an earlier one."""
    all_asked = [_asked(placed, question) for placed in cases for question in placed.case.questions]
    first: dict[tuple[tuple[str, ...], frozenset[str]], _Asked] = {}
    different = []
    for asked in all_asked:
        earlier = first.setdefault((asked.words, asked.options), asked)
        if earlier is asked:
            different.append(asked)
        else:
            yield _fault(asked, f"is the same question as {earlier.question.id}")
    for asked, earlier, share in _near(different):
        yield _fault(asked, f"reads almost like {earlier.question.id}: {100 * share:.0f} % of the wording is the same")


def _asked(placed: PlacedCase, question: Question) -> _Asked:
    texts = [placed.case.stem, *placed.case.updates_until(question), question.question]
    options = frozenset(" ".join(_words(option)) for option in question.options)
    return _Asked(placed, question, tuple(word for text in texts for word in _words(text)), options)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def _fault(asked: _Asked, problem: str) -> Fault:
    return Fault(asked.placed.file, asked.placed.place(asked.question), problem)


def _near(different: Sequence[_Asked]) -> Iterator[tuple[_Asked, _Asked, float]]:
    """Pairs of different cases that are nearly the same, each later one with the earlier one most like it."""
    seen: dict[int, list[int]] = {}
    runs = [_runs(asked) for asked in different]
    for place, asked in enumerate(different):
        if len(asked.words) < _FEWEST_WORDS:
            continue
        shared: Counter[int] = Counter()
        for run in sorted(runs[place])[:_SKETCH]:
            others = seen.setdefault(run, [])
            shared.update(others if len(others) < _CROWD else ())
            others.append(place)
        found = [
            (len(runs[place] & runs[other]) / len(runs[place] | runs[other]), other)
            for other, count in shared.items()
            if count >= min(_SHARED, len(runs[place])) and different[other].placed.case is not asked.placed.case
        ]
        share, other = max(found, default=(0.0, 0))
        if share >= ALIKE:
            yield asked, different[other], share


def _runs(asked: _Asked) -> frozenset[int]:
    """Check sums of every run of three words of the question and of every option."""
    words = asked.words
    runs = {crc32(" ".join(words[at : at + 3]).encode()) for at in range(max(1, len(words) - 2))}
    return frozenset(runs | {crc32(option.encode()) for option in asked.options})
