"""Which responses are compared by whom: connected on every question, balanced over questions, reviewers and sides."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from samp_eval.answers.distinct import normalised
from samp_eval.answers.readings import reading_of
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.review.pairs.pair_rows import PairRow
from samp_eval.review.readings.reading_rows import shown_lines
from samp_eval.review.row_ids import new_row_id
from samp_eval.run.respondent import Response

__all__ = ["ShownResponse", "design_pairs", "in_sheet_order", "shown_responses"]

REVIEWERS_OF_A_PAIR = 2
"""One sees a pair in one order and the other in the other, so that no side gains by its place."""
_TRIES = 30
"""Orders of the respondents that are drawn for each question; the one whose pairs were used least is taken."""


@dataclass(frozen=True, slots=True)
class ShownResponse:
    """A response as a reviewer would see it."""

    respondent: str
    round: int
    condition: str
    text: str


def shown_responses(bank: Bank, responses: Iterable[Response]) -> dict[str, list[ShownResponse]]:
    """What can be shown on each question: lines of answers, numbered; responses without a clear reading are not."""
    questions = {question.id: question for _, question in bank.asked()}
    found: dict[str, list[ShownResponse]] = {}
    for response in responses:
        ask = response.ask
        question = questions.get(ask.question_id)
        reading = None if question is None else reading_of(response, question)
        if question is not None and reading is not None and reading.outcome in ("answered", "refused"):
            lines = enumerate(shown_lines(reading, question), start=1)
            text = "\n".join(f"{number}. {line}" for number, line in lines)
            shown = ShownResponse(ask.respondent, ask.round, ask.condition.label, text)
            found.setdefault(question.id, []).append(shown)
    return found


def design_pairs(
    shown: Mapping[str, Sequence[ShownResponse]], reviewers: Sequence[str], now: datetime, *, questions: int, seed: int
) -> list[PairRow]:
    """Draw pairs: on each question a cycle through all respondents, so that every one meets two others.

    Parameters
    ----------
    shown : mapping of question id to sequence of ShownResponse
    reviewers : sequence of str
        At least two.
    now : datetime
        UTC.
    questions : int
        How many questions are drawn, at most all.
    seed : int
        The study's seed.

    Returns
    -------
    list of PairRow
        Two for each pair, for different reviewers and in opposite orders; one without a reviewer where both responses
        read alike.

    Raises
    ------
    StudyConflict
        Fewer than two reviewers, or nothing to compare.
    """
    if len(reviewers) < REVIEWERS_OF_A_PAIR:
        raise StudyConflict(
            "each pair is compared by two reviewers; name two or more, such as --reviewer A --reviewer B"
        )
    chance = random.Random(f"{seed}|pairs")  # noqa: S311  # a draw of questions, no secret
    usable = sorted(name for name, given in shown.items() if len({response.respondent for response in given}) > 1)
    drawn = chance.sample(usable, min(questions, len(usable)))
    uses: Counter[frozenset[str]] = Counter()
    loads: Counter[str] = Counter()
    rows: dict[str, PairRow] = {}
    for question_id in drawn:
        for one, other in _cycle(sorted({given.respondent for given in shown[question_id]}), uses, chance):
            sides = _sides(shown[question_id], one, other, chance)
            if sides is not None:
                uses[frozenset((one, other))] += 1
                added = _rows_of(question_id, sides, _least_loaded(reviewers, loads, chance), rows, now)
                loads.update(row.reviewer for row in added)
                rows |= {row.row_id: row for row in added}
    if not rows:
        raise StudyConflict("no question has responses of two respondents under the same condition to compare")
    return list(rows.values())


def _cycle(respondents: list[str], uses: Counter[frozenset[str]], chance: random.Random) -> list[tuple[str, str]]:
    if len(respondents) == 2:
        return [(respondents[0], respondents[1])]
    orders = [chance.sample(respondents, len(respondents)) for _ in range(_TRIES)]
    cycles = [list(pairwise([*order, order[0]])) for order in orders]
    return min(cycles, key=lambda cycle: sum(uses[frozenset(pair)] ** 2 for pair in cycle))


def _sides(
    shown: Sequence[ShownResponse], one: str, other: str, chance: random.Random
) -> tuple[ShownResponse, ShownResponse] | None:
    """A response of each under the same condition, in random order."""
    ours, theirs = ([given for given in shown if given.respondent == name] for name in (one, other))
    common = sorted({given.condition for given in ours} & {given.condition for given in theirs})
    if not common:
        return None
    condition = chance.choice(common)
    first, second = (
        chance.choice([given for given in side if given.condition == condition]) for side in (ours, theirs)
    )
    return (first, second) if chance.random() < 0.5 else (second, first)


def _least_loaded(reviewers: Sequence[str], loads: Counter[str], chance: random.Random) -> list[str]:
    """The reviewers of the next pair."""
    return sorted(chance.sample(list(reviewers), len(reviewers)), key=lambda name: loads[name])[:REVIEWERS_OF_A_PAIR]


def _rows_of(
    question_id: str,
    sides: tuple[ShownResponse, ShownResponse],
    reviewers: Sequence[str],
    taken: Container[str],
    now: datetime,
) -> list[PairRow]:
    """A pair for each of its reviewers, or for nobody where both responses read alike."""
    alike = normalised(sides[0].text) == normalised(sides[1].text)
    rows = []
    for place, reviewer in enumerate([""] if alike else reviewers):
        first, second = sides if place == 0 else sides[::-1]
        places = (first.respondent, first.round), (second.respondent, second.round)
        rows.append(PairRow(new_row_id(taken), reviewer, question_id, *places, first.text, second.text, now))
    return rows


def in_sheet_order(rows: Iterable[PairRow], bank: Bank, reviewer: str, seed: int) -> list[PairRow]:
    """One reviewer's rows: cases and the pairs of a question shuffled, the questions of a case in their order."""
    chance = random.Random(f"{seed}|pairs|{reviewer}")  # noqa: S311  # an order, no secret
    of_question: dict[str, list[PairRow]] = {}
    for row in sorted(rows, key=lambda row: row.row_id):
        of_question.setdefault(row.question_id, []).append(row)
    cases: dict[str, list[str]] = {}
    for case, question in bank.asked():
        if question.id in of_question:
            cases.setdefault(case.id, []).append(question.id)
    order = chance.sample(sorted(cases), len(cases))
    return [
        row
        for case_id in order
        for question_id in cases[case_id]
        for row in chance.sample(of_question[question_id], len(of_question[question_id]))
    ]
