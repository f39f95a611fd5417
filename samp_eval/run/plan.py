"""What is still to be asked: every question x respondent x round of the study, less what is stored."""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.run.respondent import Ask
from samp_eval.study import Round

__all__ = ["RoundNotDue", "check_same_questions", "plan_asks", "rounds_due", "rounds_wanted"]


@dataclass(frozen=True, slots=True)
class RoundNotDue:
    """A round that has to wait; ``due`` is UTC, None while the respondent's first round has not begun."""

    round: int
    due: datetime | None


def rounds_wanted(rounds: Sequence[Round], number: int | None) -> dict[int, Round]:
    """The first ``number`` rounds of the protocol by their number from 1; all of them where it is None.

    Raises
    ------
    StudyConflict
        Where the protocol has fewer rounds.
    """
    if number is not None and number > len(rounds):
        raise StudyConflict(
            f"{number} rounds are asked for and the protocol has {len(rounds)}; "
            "write a study file with samp-eval init and add [[rounds]] to it"
        )
    return dict(enumerate(rounds[:number], start=1))


def rounds_due(
    rounds: Mapping[int, Round], first_asked: datetime | None, now: datetime, *, ignore_intervals: bool = False
) -> tuple[dict[int, Round], list[RoundNotDue]]:
    """Split rounds into those that may be asked now and those that must wait for their interval.

    Parameters
    ----------
    rounds : mapping
        By number.
    first_asked : datetime or None
        UTC time of the respondent's first stored response; None before the first.
    now : datetime
        UTC.
    ignore_intervals : bool
        Nothing waits.
    """
    due: dict[int, Round] = {}
    waiting: list[RoundNotDue] = []
    for number, one in rounds.items():
        moment = first_asked + timedelta(days=one.after_days) if first_asked is not None else None
        if one.after_days == 0 or ignore_intervals or (moment is not None and moment <= now):
            due[number] = one
        else:
            waiting.append(RoundNotDue(number, moment))
    return due, waiting


def plan_asks(
    question_ids: Sequence[str],
    respondent: str,
    rounds: Mapping[int, Round],
    stored: Container[tuple[str, int]],
    *,
    only: Container[tuple[str, int]] | None = None,
    shuffle_seed: int | None = None,
    question_by_question: bool = False,
) -> Iterator[Ask]:
    """Asks of one respondent without those whose response is stored, round by round unless told otherwise.

    Parameters
    ----------
    only : container of (question_id, round), optional
        Nothing but these.
    shuffle_seed : int or None
        Seed of the order within a round, the same in every run of a study; None asks in the bank's order.
    question_by_question : bool
        Every round of a question before the next question, equal requests one after another: a server on this
        machine then reads each request once.
    """
    if question_by_question:
        alike = sorted(rounds, key=lambda number: (rounds[number].prompt, number))
        order = _order(question_ids, shuffle_seed, respondent)
        places = ((question_id, number) for question_id in order for number in alike)
    else:
        places = (
            (question_id, number)
            for number in rounds
            for question_id in _order(question_ids, shuffle_seed, f"{respondent} {number}")
        )
    for question_id, number in places:
        if (question_id, number) not in stored and (only is None or (question_id, number) in only):
            yield Ask(question_id, respondent, number, rounds[number].condition)


def _order(question_ids: Sequence[str], shuffle_seed: int | None, of_what: str) -> list[str]:
    order = list(question_ids)
    if shuffle_seed is not None:
        random.Random(f"{shuffle_seed} {of_what}").shuffle(order)  # noqa: S311  # order, no secret
    return order


def check_same_questions(held: Bank, asked: Bank) -> None:
    """Refuse a bank whose questions read differently from those already asked; a corrected key is no hindrance.

    Raises
    ------
    StudyConflict
        Naming the questions.
    """
    fields = {"id": True, "update": True, "question": True, "format": True, "requested": True, "options": True}
    before = {q.id: (case.stem, case.vitals, q.model_dump(include=fields)) for case, q in held.asked()}
    now = {q.id: (case.stem, case.vitals, q.model_dump(include=fields)) for case, q in asked.asked()}
    changed = sorted(identifier for identifier in before if now.get(identifier) != before[identifier])
    if changed:
        raise StudyConflict(
            f"the study was begun with other questions: {', '.join(changed[:5])}"
            f"{f' and {len(changed) - 5} more' if len(changed) > 5 else ''} read differently or are missing in "
            f"{asked.location}; use the study's own bank ({held.location}) or begin another study with --study"
        )
