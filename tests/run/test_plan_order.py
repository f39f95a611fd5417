"""In what order a respondent is asked."""

from __future__ import annotations

from samp_eval.run.plan import plan_asks
from samp_eval.study import DEFAULT_ROUNDS

ROUNDS = dict(enumerate(DEFAULT_ROUNDS, start=1))


def places(**options: object) -> list[tuple[str, int]]:
    return [(ask.question_id, ask.round) for ask in plan_asks(["a", "b", "c"], "m", ROUNDS, {("b", 1)}, **options)]  # type: ignore[arg-type]


def test_round_after_round_in_the_banks_order() -> None:
    assert places()[:5] == [("a", 1), ("c", 1), ("a", 2), ("b", 2), ("c", 2)]


def test_a_seed_shuffles_each_round_in_its_own_way_and_always_the_same() -> None:
    shuffled = places(shuffle_seed=4)
    assert shuffled == places(shuffle_seed=4)
    assert sorted(shuffled) == sorted(places())
    orders = {tuple(question for question, number in shuffled if number == one) for one in (2, 3, 4, 5)}
    assert len(orders) > 1


def test_question_by_question_puts_equal_requests_beside_each_other() -> None:
    asked = places(question_by_question=True)
    assert asked[:5] == [("a", 3), ("a", 4), ("a", 1), ("a", 2), ("a", 5)]
    assert sorted(asked) == sorted(places())
