"""Marks that arrive during a commit share the next one, and each reviewer hears what became of theirs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from samp_eval.errors import CannotStore
from samp_eval.review.marks import Mark, SentMark, StandingMark
from samp_eval.review.page.mark_saver import MarkSaver
from samp_eval.review.people.reviewers import Reviewer

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sent(name: str) -> SentMark:
    return SentMark(Mark(Reviewer(name), "q", "a", "key", "A", NOW, "marking page"), name, "")


class SlowStore:
    """Notes what each commit holds; the first one waits until it is let go."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def keep_sent_marks(self, marks: Sequence[SentMark]) -> list[StandingMark]:
        self.commits.append([one.mark_id for one in marks])
        self.begun.set()
        self.go_on.wait(timeout=30)
        if any(one.mark_id == "broken" for one in marks):
            raise CannotStore("the disk is full")
        return [StandingMark("a", "key", "A", one.mark_id) for one in marks]


async def saved(store: Any, *names: Sequence[str]) -> list[Any]:
    """What each request comes to, where all but the first arrive during the first one's commit."""
    saver = MarkSaver(store)
    first = asyncio.create_task(saver.save([sent(name) for name in names[0]]))
    await asyncio.to_thread(store.begun.wait, 30)
    others = [asyncio.create_task(saver.save([sent(name) for name in group])) for group in names[1:]]
    await asyncio.sleep(0)  # each of them has begun to wait
    store.go_on.set()
    return await asyncio.gather(first, *others, return_exceptions=True)


def test_marks_that_arrive_during_a_commit_share_the_next_one() -> None:
    store = SlowStore()
    found = asyncio.run(saved(store, ["a"], ["b", "c"], [], ["d"]))
    assert store.commits == [["a"], ["b", "c", "d"]]
    assert [[one.version for one in group] for group in found] == [["a"], ["b", "c"], [], ["d"]]


def test_a_commit_that_fails_is_told_to_all_whose_marks_it_held_and_to_no_other() -> None:
    store = SlowStore()
    found = asyncio.run(saved(store, ["a"], ["broken"], ["b"]))
    assert [one.version for one in found[0]] == ["a"]
    assert all(isinstance(one, CannotStore) for one in found[1:])
    assert asyncio.run(saved(SlowStore(), ["c"]))[0][0].version == "c"


@pytest.mark.parametrize("groups", [1, 50])
def test_whoever_comes_later_is_saved_too(groups: int) -> None:
    async def one_after_another(store: SlowStore) -> list[str]:
        saver = MarkSaver(store)  # type: ignore[arg-type]  # only what it needs
        store.go_on.set()
        return [(await saver.save([sent(str(number))]))[0].version for number in range(groups)]

    store = SlowStore()
    assert asyncio.run(one_after_another(store)) == [str(number) for number in range(groups)]
    assert len(store.commits) == groups
