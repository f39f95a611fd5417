"""Blocks for pairs of reviewers: the invariants of a plan for 3 to 8 reviewers and 20 to 200 questions."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

import pytest

from samp_eval.errors import StudyConflict
from samp_eval.review.assignment.balance import Block, group_blocks, most_between_loads, reviewer_loads

PROMISED = 0.03


def blocks_of(number: int, seed: int) -> list[Block]:
    chance = random.Random(seed)
    return [Block(f"q{place}", 60.0 + 7.0 * chance.randint(1, 40)) for place in range(number)]


@pytest.mark.parametrize("people", range(3, 9))
@pytest.mark.parametrize("questions", [20, 21, 45, 77, 120, 200])
def test_loads_pairs_and_the_common_set(people: int, questions: int) -> None:
    names = [f"R{number}" for number in range(people)]
    blocks = blocks_of(questions, seed=31 * people + questions)
    common = questions // 10
    found = group_blocks(blocks, names, each=2, common=common, seed=5)
    assert list(map(len, found.groups.values())) == [2] * questions
    assert set(found.groups) == {block.id for block in blocks}
    assert most_between_loads(reviewer_loads(blocks, names, found).values()) <= PROMISED
    used = Counter(found.groups.values())
    counts = [used[pair] for pair in combinations(names, 2)]
    assert sum(counts) == questions
    assert max(counts) - min(counts) <= 1
    assert len(found.common) == common
    for block, further in found.common.items():
        assert sorted((*found.groups[block], *further)) == names


def test_exact_balance_where_it_exists() -> None:
    """Four reviewers and 60 equal questions: each has 2 x 60 / 4 = 30, each pair 2 x 60 / (4 x 3) = 10."""
    blocks = [Block(f"q{place}", 100.0) for place in range(60)]
    found = group_blocks(blocks, "ABCD", each=2, common=0, seed=1)
    assert set(Counter(found.groups.values()).values()) == {10}
    assert set(Counter(name for group in found.groups.values() for name in group).values()) == {30}


def test_the_seed_makes_the_plan() -> None:
    blocks = blocks_of(40, seed=1)
    first, again, other = (group_blocks(blocks, "ABCD", each=2, common=4, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_the_common_set_has_short_and_long_questions() -> None:
    blocks = [Block(f"q{place}", float(place)) for place in range(100)]
    found = group_blocks(blocks, "ABC", each=2, common=5, seed=3)
    assert sorted(int(block[1:]) // 20 for block in found.common) == [0, 1, 2, 3, 4]


def test_nobody_marks_what_is_barred() -> None:
    blocks = [Block(f"q{place}", 100.0, frozenset("A") if place < 10 else frozenset()) for place in range(40)]
    found = group_blocks(blocks, "ABCD", each=2, common=4, seed=1)
    marking = {block: {*group, *found.common.get(block, ())} for block, group in found.groups.items()}
    assert not any("A" in marking[f"q{place}"] for place in range(10))
    assert most_between_loads(reviewer_loads(blocks, "ABCD", found).values()) <= PROMISED


def test_who_began_a_question_goes_on_and_what_is_kept_stays() -> None:
    blocks = [Block(f"q{place}", 100.0, begun_by=frozenset("C") if place < 6 else frozenset()) for place in range(30)]
    kept = {f"q{place}": ("A", "B") for place in range(6, 12)}
    found = group_blocks(blocks, "ABCD", each=2, common=0, seed=1, kept=kept)
    assert all("C" in found.groups[f"q{place}"] for place in range(6))
    assert {block: found.groups[block] for block in kept} == kept
    assert most_between_loads(reviewer_loads(blocks, "ABCD", found).values()) <= PROMISED


def test_what_cannot_be_planned_is_refused() -> None:
    barred = [Block("q1", 100.0, frozenset("AB")), Block("q2", 100.0)]
    with pytest.raises(StudyConflict, match="q1 needs 2 reviewers, and only C may mark it"):
        group_blocks(barred, "ABC", each=2, common=0, seed=1)
    with pytest.raises(StudyConflict, match="a common set of 3 is not possible with 2 blocks"):
        group_blocks(barred, "ABCD", each=2, common=3, seed=1)
    with pytest.raises(StudyConflict, match="would share no question with"):
        group_blocks([Block("q1", 100.0), Block("q2", 100.0)], "ABCD", each=2, common=0, seed=1)
