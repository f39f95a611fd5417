"""A random draw of questions: which of them physicians mark, decided before anything is marked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.review.marks import Mark

__all__ = ["DrawWishes", "QuestionDraw", "draw_more", "draw_questions"]


@dataclass(frozen=True, slots=True)
class QuestionDraw:
    """Questions in a random order, of which the first are drawn.

    Attributes
    ----------
    order : tuple of str
        Ids of all questions that could be drawn, in random order.
    n_drawn : int
        Questions drawn: the first of ``order``.
    seed : int
        That gave the order.
    drawn_at : datetime
        UTC.
    set_aside : tuple of str
        Questions with a person's marks from before the draw, which are no random sample: not in ``order``.
    strata : tuple of str
        The case of each question of ``order``, where the draw is spread over the cases; empty otherwise.
    """

    order: tuple[str, ...]
    n_drawn: int
    seed: int
    drawn_at: datetime
    set_aside: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()

    @property
    def drawn(self) -> tuple[str, ...]:
        """Ids of the drawn questions."""
        return self.order[: self.n_drawn]

    def in_words(self) -> str:
        """``30 of 77 questions are drawn to be marked``."""
        aside = f"; {len(self.set_aside)} that were marked before are set aside" if self.set_aside else ""
        spread = ", spread over all cases," if self.strata else ""
        return f"{self.n_drawn} of {len(self.order)} questions{spread} are drawn to be marked{aside}"

    def bank(self, bank: Bank) -> Bank:
        """The bank as reviewers get it: without the questions that are not drawn."""
        undrawn = {question.id for _, question in bank.asked()}.difference(self.drawn)
        return replace(bank, excluded=bank.excluded | undrawn)

    def came_later(self, question_ids: Collection[str]) -> list[str]:
        """Those that the study did not have when the questions were drawn, and that are in no figure therefore."""
        return sorted(set(question_ids).difference(self.order, self.set_aside))

    def answers_marked_outside(self, marks: Iterable[Mark]) -> int:
        """How many answers to questions of the order that are not drawn people have marked."""
        undrawn = set(self.order[self.n_drawn :])
        return len(
            {mark.answer_id for mark in marks if mark.reviewer.role == "reviewer" and mark.question_id in undrawn}
        )

    def sentences(self, bank: Bank, marks: Iterable[Mark] = ()) -> list[str]:
        """Which questions the figures are of, and which marks are in none; ``bank`` without excluded questions."""
        later = self.came_later([question.id for _, question in bank.asked()])
        found = []
        if later:
            found.append(f"Not in the draw, because they came later, and so in no figure: {', '.join(later)}.")
        if self.n_drawn < len(self.order) or self.set_aside:
            found.append(
                f"{self.in_words()}. Figures are of the drawn questions; only the odds ratios of analyze and of the "
                "report, and what is predicted from them, are of all."
            )
        outside = self.answers_marked_outside(marks)
        if outside:
            found.append(f"Reviewers also marked {outside:,} answers to other questions: kept, and in no figure.")
        return found

    def order_bank(self, bank: Bank) -> Bank:
        """The bank of all questions that could be drawn."""
        outside = {question.id for _, question in bank.asked()}.difference(self.order)
        return replace(bank, excluded=bank.excluded | outside)

    def as_json(self) -> dict[str, Any]:
        """What is stored; :meth:`from_json` reads it back."""
        return {**asdict(self), "drawn_at": self.drawn_at.isoformat()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> QuestionDraw:
        """Read a stored draw."""
        return cls(
            tuple(content["order"]),
            content["n_drawn"],
            content["seed"],
            datetime.fromisoformat(content["drawn_at"]),
            tuple(content["set_aside"]),
            tuple(content.get("strata", ())),  # draws of 0.2 have none
        )


@dataclass(frozen=True, slots=True)
class DrawWishes:
    """What is to be drawn; at most one of ``questions``, ``share`` and ``more`` is given.

    Attributes
    ----------
    questions : int or None
        How many.
    share : float or None
        Of all, 0 to 1.
    more : int or None
        How many beyond the present draw.
    set_marked_aside, stratify : bool
        See :func:`draw_questions`.
    seed : int
    """

    questions: int | None = None
    share: float | None = None
    more: int | None = None
    set_marked_aside: bool = False
    stratify: bool = False
    seed: int = 0

    def draw(
        self, held: QuestionDraw | None, cases: Mapping[str, str], marked: Collection[str], now: datetime
    ) -> QuestionDraw | None:
        """The draw that holds then; the present one where nothing is wished. ``cases`` has the case of each question.

        Raises
        ------
        StudyConflict
            As :func:`draw_questions` and :func:`draw_more`; where a second draw is wished, or more of none.
        """
        if self.more is not None:
            if held is None:
                raise StudyConflict("no questions are drawn yet; draw the first with --questions N or --share F")
            return draw_more(held, self.more, now)
        if self.questions is None and self.share is None:
            if self.stratify or self.set_marked_aside:
                raise StudyConflict("--stratify and --set-marked-aside go with --questions N or --share F")
            return held
        if held is not None:
            raise StudyConflict(f"{held.in_words()} already; --more N draws the next of the same order")
        possible = len(cases) - (len(cases.keys() & set(marked)) if self.set_marked_aside else 0)
        wanted = self.questions if self.questions is not None else ceil(round((self.share or 0) * possible, 9))
        return draw_questions(
            list(cases),
            wanted,
            seed=self.seed,
            now=now,
            marked=marked,
            set_marked_aside=self.set_marked_aside,
            strata=cases if self.stratify else None,
        )


def draw_questions(
    question_ids: Sequence[str],
    wanted: int,
    *,
    seed: int,
    now: datetime,
    marked: Collection[str] = (),
    set_marked_aside: bool = False,
    strata: Mapping[str, str] | None = None,
) -> QuestionDraw:
    """Put the questions in a random order, and draw the first of them.

    Parameters
    ----------
    question_ids : sequence of str
        Of the study's bank.
    wanted : int
        Questions to draw.
    seed : int
    now : datetime
        UTC.
    marked : collection of str
        Questions of which a person has marked something.
    set_marked_aside : bool
        Draw from the other questions only, so that estimates are for those.
    strata : mapping of question to case, optional
        Spread the draw over the cases: one question of each, in a random order of cases, then another of each.

    Raises
    ------
    StudyConflict
        Where questions are marked already, or fewer can be drawn than are wanted; where a draw over the cases is
        smaller than the number of cases, so that it says nothing of some.

    Notes
    -----
    A question that was marked first was chosen by somebody, for whatever reason; only an order that was fixed before
    makes the marked questions a random sample of all.
    """
    there = [name for name in question_ids if name in marked]
    if there and not set_marked_aside:
        named = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
        raise StudyConflict(
            f"{len(there)} of the questions have marks already ({named}), so they were not drawn at random. Mark every "
            "question, or draw from the others with --set-marked-aside: the estimates are then for those alone"
        )
    order = sorted(set(question_ids).difference(there))  # by name, so that the seed alone decides
    if not 1 <= wanted <= len(order):
        raise StudyConflict(f"{wanted} questions cannot be drawn: there are {len(order)} to draw from")
    random.Random(seed).shuffle(order)  # noqa: S311, to be drawn again from its seed
    if strata is None:
        return QuestionDraw(tuple(order), wanted, seed, now, tuple(there))
    order, n_cases = _spread(order, strata), len({strata[name] for name in order})
    if wanted < n_cases:
        raise StudyConflict(
            f"{wanted} questions cannot be spread over {n_cases} cases: draw at least one of each, or leave --stratify "
            "away"
        )
    return QuestionDraw(tuple(order), wanted, seed, now, tuple(there), tuple(strata[name] for name in order))


def _spread(order: Sequence[str], strata: Mapping[str, str]) -> list[str]:
    """Shuffled questions in turns: in each, the next of every case, with cases in the order of their first question."""
    turns: Counter[str] = Counter()
    places = {case: place for place, case in enumerate(dict.fromkeys(strata[name] for name in order))}
    found = []
    for name in order:
        case = strata[name]
        found.append((turns[case], places[case], name))
        turns[case] += 1
    return [name for _, _, name in sorted(found)]


def draw_more(draw: QuestionDraw, more: int, now: datetime) -> QuestionDraw:
    """Draw the next questions of the same order.

    Raises
    ------
    StudyConflict
        Where fewer are left.
    """
    left = len(draw.order) - draw.n_drawn
    if not 1 <= more <= left:
        raise StudyConflict(f"{more} more questions cannot be drawn: {left} of {len(draw.order)} are left")
    return replace(draw, n_drawn=draw.n_drawn + more, drawn_at=now)
