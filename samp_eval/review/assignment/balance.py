"""Blocks of answers for groups of reviewers: equal loads, every group used alike, a common set for all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

from samp_eval.errors import StudyConflict

__all__ = ["Block", "Grouping", "group_blocks", "most_between_loads", "reviewer_loads"]

Group = tuple[str, ...]

_ATTEMPTS = 20
_FUTILE_PROPOSALS = 2_000
"""From one start, so many proposals in a row without success are enough. With 8 reviewers and 20 questions, one start
in four leaves loads that differ by more than 3 %; ``tests/review/test_balance.py`` has the worst of all."""

_EQUAL_ENOUGH = 0.01
"""Share of the mean load by which loads may differ at the end; 3 % are promised."""


@dataclass(frozen=True, slots=True)
class Block:
    """What is marked by the same people: a question, or a case with all of its questions.

    Attributes
    ----------
    id : str
    seconds : float
        How long one reviewer takes for it.
    barred : frozenset of str
        Who may not mark it.
    begun_by : frozenset of str
        Who has marked some of it, and so goes on.
    """

    id: str
    seconds: float
    barred: frozenset[str] = frozenset()
    begun_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grouping:
    """Who marks each block.

    Attributes
    ----------
    groups : dict
        For each block the reviewers whose marks settle it, in the reviewers' order.
    common : dict
        For each block of the common set the further reviewers, who mark it to be compared with the others.
    """

    groups: dict[str, Group]
    common: dict[str, Group]


def group_blocks(
    blocks: Sequence[Block],
    reviewers: Sequence[str],
    *,
    each: int,
    common: int,
    seed: int,
    kept: Mapping[str, Group] | None = None,
) -> Grouping:
    """Give every block to a group of reviewers.

    Groups are used equally often (their counts differ by one at most where nobody is barred), then loads are made
    equal by exchanging blocks between groups.

    Parameters
    ----------
    blocks : sequence of Block
    reviewers : sequence of str
    each : int
        Reviewers of a block.
    common : int
        Blocks that every reviewer marks, spread over short and long ones.
    seed : int
        The same seed gives the same groups.
    kept : mapping, optional
        Groups of blocks that are not to change.

    Raises
    ------
    StudyConflict
        A block that fewer than ``each`` may mark; too few blocks; reviewers with no link to the others.
    """
    kept = {block: _in_order(group, reviewers) for block, group in (kept or {}).items()}
    chance = random.Random(f"{seed}|plan")  # noqa: S311  # a plan, no secret
    allowed = {block.id: _allowed(block, reviewers, each) for block in blocks}
    if not 0 <= common <= len(blocks):
        raise StudyConflict(f"a common set of {common} is not possible with {len(blocks)} blocks")
    shared = {block.id for block in _common_set(blocks, common, chance)} if len(reviewers) > each else set()
    table = _best_of(lambda: _Table(blocks, reviewers, allowed, shared, kept).filled(chance))
    further = {
        block.id: tuple(name for name in reviewers if name not in table.groups[block.id] and name not in block.barred)
        for block in blocks
        if block.id in shared
    }
    _check_connected(reviewers, table.groups, further)
    return Grouping(table.groups, further)


def reviewer_loads(blocks: Sequence[Block], reviewers: Sequence[str], grouping: Grouping) -> dict[str, float]:
    """Seconds that each reviewer takes for all of their blocks."""
    loads = dict.fromkeys(reviewers, 0.0)
    for block in blocks:
        for name in (*grouping.groups[block.id], *grouping.common.get(block.id, ())):
            loads[name] += block.seconds
    return loads


def most_between_loads(loads: Collection[float]) -> float:
    """The largest difference between two loads, as a share of their mean."""
    mean = sum(loads) / len(loads)
    return (max(loads) - min(loads)) / mean if mean else 0.0


def _allowed(block: Block, reviewers: Sequence[str], each: int) -> list[Group]:
    able = [name for name in reviewers if name not in block.barred]
    if len(able) < each:
        raise StudyConflict(
            f"{block.id} needs {each} reviewers, and only {', '.join(able) or 'nobody'} may mark it; add a reviewer"
        )
    going_on = {name for name in able if name in block.begun_by}
    return [group for group in combinations(able, each) if len(going_on & set(group)) == min(len(going_on), each)]


def _in_order(group: Group, reviewers: Sequence[str]) -> Group:
    return tuple(sorted(group, key=lambda name: reviewers.index(name) if name in reviewers else len(reviewers)))


def _common_set(blocks: Sequence[Block], wanted: int, chance: random.Random) -> list[Block]:
    """A systematic sample of the blocks by their length, from those first that everyone may mark."""
    free = sorted((block for block in blocks if not block.barred), key=lambda block: (block.seconds, block.id))
    rest = [block for block in blocks if block.barred]
    take = min(wanted, len(free))
    start = chance.random()
    return [free[int((place + start) * len(free) / take)] for place in range(take)] + rest[: wanted - take]


def _best_of(filled: Callable[[], _Table]) -> _Table:
    """The table with the most equal loads out of some that begin with other orders of the blocks."""
    best = filled()
    for _ in range(_ATTEMPTS - 1):
        if best.spread <= _EQUAL_ENOUGH:
            break
        best = min(best, filled(), key=lambda table: table.spread)
    return best


class _Table:
    """Blocks with their groups while these are looked for."""

    def __init__(
        self,
        blocks: Sequence[Block],
        reviewers: Sequence[str],
        allowed: Mapping[str, list[Group]],
        shared: Collection[str],
        kept: Mapping[str, Group],
    ) -> None:
        self.groups: dict[str, Group] = dict(kept)
        self._allowed = allowed
        self._open = [block for block in blocks if block.id not in kept]
        self._shared = shared
        self._bound = bool(kept) or any(block.begun_by for block in blocks)  # equal loads matter more than equal use
        self._used = Counter({group: 0 for groups in allowed.values() for group in groups})
        self._used.update(kept.values())
        self._loads = dict.fromkeys(reviewers, 0.0)
        for block in blocks:
            marking = reviewers if block.id in shared else kept.get(block.id, ())
            for name in marking:
                if name in self._loads and name not in block.barred:
                    self._loads[name] += block.seconds

    @property
    def spread(self) -> float:
        """The largest difference between two loads, as a share of their mean."""
        return most_between_loads(self._loads.values())

    def filled(self, chance: random.Random) -> Self:
        """Give each block, the longest first, to the group that was used least and has the least to do; then improve.

        What improves loads are exchanges of blocks between groups, and moves of a block to a group that was used less.
        """
        order = sorted(self._open, key=lambda block: (-block.seconds * chance.uniform(0.9, 1.1), block.id))
        for block in order:
            group = min(
                self._allowed[block.id],
                key=lambda group: (self._used[group], sum(self._loads[name] for name in group), chance.random()),
            )
            self._give(block, group)
        futile = 0
        while len(self._open) > 1 and futile < _FUTILE_PROPOSALS and self.spread > _EQUAL_ENOUGH:
            first, second = chance.sample(self._open, 2)
            futile = 0 if self._exchanged(first, second) or self._moved(first, chance) else futile + 1
        return self

    def _exchanged(self, first: Block, second: Block) -> bool:
        one, other = self.groups[first.id], self.groups[second.id]
        possible = other in self._allowed[first.id] and one in self._allowed[second.id]
        return one != other and possible and self._try([(first, other), (second, one)])

    def _moved(self, block: Block, chance: random.Random) -> bool:
        group = chance.choice(self._allowed[block.id])
        ahead = self._used[self.groups[block.id]] - self._used[group]
        return ahead > (-1 if self._bound else 0) and self._try([(block, group)])

    def _try(self, changes: Sequence[tuple[Block, Group]]) -> bool:
        """Make changes that bring loads closer together, and take them back otherwise."""
        before = self._unequal()
        former = [(block, self.groups[block.id]) for block, _ in changes]
        self._change(changes)
        if self._unequal() < before:
            return True
        self._change(former)
        return False

    def _change(self, changes: Sequence[tuple[Block, Group]]) -> None:
        for block, _ in changes:
            self._take(block)
        for block, group in changes:
            self._give(block, group)

    def _unequal(self) -> float:
        return sum(load**2 for load in self._loads.values())

    def _give(self, block: Block, group: Group) -> None:
        self.groups[block.id] = group
        self._add(block, group, 1)

    def _take(self, block: Block) -> None:
        self._add(block, self.groups[block.id], -1)

    def _add(self, block: Block, group: Group, sign: int) -> None:
        self._used[group] += sign
        if block.id not in self._shared:
            for name in group:
                self._loads[name] += sign * block.seconds


def _check_connected(reviewers: Sequence[str], groups: Mapping[str, Group], further: Mapping[str, Group]) -> None:
    """Refuse a plan that leaves someone whose marks can be compared with nobody else's, even by a chain of others."""
    linked = {reviewers[0]}
    teams = [{*group, *further.get(block, ())} for block, group in groups.items()]
    while new := {name for team in teams if team & linked for name in team} - linked:
        linked |= new
    apart = [name for name in reviewers if name not in linked]
    if apart and any(len(team) > 1 for team in teams):
        raise StudyConflict(
            f"{', '.join(apart)} would share no question with {', '.join(sorted(linked))}, so that nobody could "
            "compare their marks; plan a common set (--common) or fewer reviewers"
        )
