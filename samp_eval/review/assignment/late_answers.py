"""Answers of respondents who joined late, among hidden repeats of earlier ones: alone they would say whose they are."""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow

__all__ = ["HIDDEN_SHARE", "GivenBy", "LateSheet", "hidden_repeats", "late_sheets", "repeats_for_late_answers"]

HIDDEN_SHARE = 0.25
"""Repeats for each new answer where the new ones are of late respondents only: a fifth of the rows then, which is a
quarter more work, and whoever takes every row for the new respondent's errs in one of five."""

_HARDLY_ANY = 0.1
"""A respondent who gave less than this share of the new answers counts as absent among them."""

GivenBy = Mapping[str, frozenset[str]]
"""By answer id, the respondents who gave the answer."""


def hidden_repeats(
    new: Sequence[DistinctAnswer],
    repeatable: Sequence[DistinctAnswer],
    given_by: GivenBy,
    share: float,
    seed: int,
    reviewer: Reviewer,
) -> list[DistinctAnswer]:
    """Draw answers for a reviewer to mark again, so that new ones do not all come from late respondents.

    Parameters
    ----------
    new : sequence of DistinctAnswer
        Those that the reviewer gets for the first time.
    repeatable : sequence of DistinctAnswer
        Those that the reviewer has marked, once.
    given_by : mapping
        Of all these answers.
    share : float
        Repeats for each new answer, 0 to 1; rounded up.
    seed : int
        The study's seed.
    reviewer : Reviewer

    Returns
    -------
    list of DistinctAnswer
        Answers of the respondents who are absent among the new ones, from the same questions first; none where nobody
        is absent.
    """
    absent = _absent([answer.answer_id for answer in new], (answer.answer_id for answer in repeatable), given_by)
    of_absent = [answer for answer in repeatable if given_by.get(answer.answer_id, frozenset()) & absent]
    if not new or not of_absent or share <= 0:
        return []
    chance = random.Random(f"{seed}|late|{reviewer.label}|{len(new)}")  # noqa: S311  # an order, no secret
    questions = {answer.question_id for answer in new}
    shuffled = chance.sample(sorted(of_absent, key=lambda answer: answer.answer_id), len(of_absent))
    return sorted(shuffled, key=lambda answer: answer.question_id not in questions)[: math.ceil(share * len(new))]


def repeats_for_late_answers(
    answers: Sequence[DistinctAnswer],
    held: Iterable[SheetRow],
    done: Collection[tuple[str, int]],
    given_by: GivenBy,
    share: float,
    seed: int,
    reviewer: Reviewer,
) -> list[DistinctAnswer]:
    """Draw the hidden repeats of :func:`hidden_repeats` for what a reviewer is about to get for the first time.

    Parameters
    ----------
    answers : sequence of DistinctAnswer
        The reviewer's.
    held : iterable of SheetRow
        Every row that went out so far; nothing is drawn again for answers that have a row.
    done : collection of (str, bool)
        Answers that the reviewer has marked on both bases, and whether for the second time.
    """
    own = [row for row in held if row.reviewer == reviewer]
    shown = {row.answer_id for row in own if not row.repeat}
    repeated = {row.answer_id for row in own if row.repeat}
    new = [answer for answer in answers if answer.answer_id not in shown]
    repeatable = [
        answer for answer in answers if (answer.answer_id, False) in done and answer.answer_id not in repeated
    ]
    return hidden_repeats(new, repeatable, given_by, share, seed, reviewer)


@dataclass(frozen=True, slots=True)
class LateSheet:
    """What went out to a reviewer after the first answers, without answers of some earlier respondent among the new.

    Attributes
    ----------
    reviewer : str
    sent_at : datetime
        UTC.
    respondents : tuple of str
        Who gave the new answers.
    new : int
        New answers.
    repeats : int
        Answers among them that the reviewer had marked before.
    """

    reviewer: str
    sent_at: datetime
    respondents: tuple[str, ...]
    new: int
    repeats: int

    @property
    def guessed_percent(self) -> float:
        """How often a reviewer is right who takes every answer for the late respondents', percent 0 to 100."""
        return 100.0 * self.new / (self.new + self.repeats)

    def as_json(self) -> dict[str, Any]:
        """Fields for ``samp-eval agreement --json``."""
        return {**asdict(self), "sent_at": self.sent_at.isoformat(), "guessed_percent": self.guessed_percent}

    def in_words(self) -> str:
        """One sentence for tables and reports."""
        return (
            f"{self.reviewer} got {self.new:,} new answers of {' and '.join(self.respondents)} on "
            f"{self.sent_at:%Y-%m-%d} among {self.repeats:,} hidden repeats of earlier ones; always guessing that an "
            f"answer is new would be right for {self.guessed_percent:.0f}%."
        )


def late_sheets(rows: Iterable[SheetRow], given_by: GivenBy) -> list[LateSheet]:
    """Everything that went out late, in order.

    Parameters
    ----------
    rows : iterable of SheetRow
        Every row that ever went out.
    given_by : mapping
        Of the answers that the study has.
    """
    batches: dict[tuple[datetime, Reviewer], list[SheetRow]] = {}
    for row in rows:
        if row.reviewer.role == "reviewer" and row.unit in ("answer", "line"):
            batches.setdefault((row.exported_at, row.reviewer), []).append(row)
    seen: dict[Reviewer, set[str]] = {}
    found = []
    for (sent_at, reviewer), batch in sorted(batches.items()):
        earlier = seen.setdefault(reviewer, set())
        new = {row.answer_id for row in batch if row.answer_id not in earlier and row.answer_id in given_by}
        if new and _absent(new, earlier, given_by):
            repeats = sum(row.repeat and row.answer_id in earlier for row in batch)
            givers = sorted({name for answer in new for name in given_by[answer]} - _absent(new, earlier, given_by))
            found.append(LateSheet(reviewer.label, sent_at, tuple(givers), len(new), repeats))
        earlier |= new
    return found


def _absent(new: Collection[str], earlier: Iterable[str], given_by: GivenBy) -> frozenset[str]:
    """Respondents who gave earlier answers and hardly any of the new ones."""
    counts = dict.fromkeys((name for answer in earlier for name in given_by.get(answer, ())), 0)
    for answer in new:
        for name in counts.keys() & given_by.get(answer, frozenset()):
            counts[name] += 1
    return frozenset(name for name, count in counts.items() if count < _HARDLY_ANY * len(new))
