"""An amendment while a run is under way in another process waits for it; nothing is asked under two banks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openai_server import Held, OpenAIServer
from processes import RunningCommand, free_port, wait_until
from small_bank import write_bank

from samp_eval.store.study_store import StudyStore


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Two cases with two questions each."""
    return write_bank(tmp_path / "bank", 2, 2)


@pytest.fixture
def study(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """Kept in study.db, and kept on PostgreSQL."""
    return new_study(tmp_path / "study")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(lambda _: Held(), port=free_port()) as found:
        yield found


@pytest.fixture
def corrected(tmp_path: Path) -> Path:
    """One question has another key; the other case has another stem."""
    folder = write_bank(tmp_path / "corrected", 2, 2)
    first, second = sorted(folder.glob("*.yaml"))
    first.write_text(first.read_text("utf-8").replace("- answer: fever", "- answer: chills\n      - answer: fever", 1))
    second.write_text(second.read_text("utf-8").replace("two days", "three days"), "utf-8")
    return folder


@pytest.mark.slow
def test_an_amendment_waits_for_the_run_that_is_under_way(
    process: Callable[..., RunningCommand],
    server: OpenAIServer,
    study: Path,
    bank: Path,
    corrected: Path,
    stored: Callable[[], set[tuple[str, str, int]]],
) -> None:
    running = process("--rounds", "1", "--concurrency", "2")
    wait_until(lambda: server.count == 2, running)
    amend = ("amend", "key", str(corrected), "--reason", "Chills were missing.", "--study", str(study))
    with RunningCommand(*amend) as amending:
        wait_until(lambda: "a run of this study is under way in another process; waiting" in amending.said, amending)
        with StudyStore.open(study, create=False) as store:
            assert store.key_history().present_version == 1, "nothing changes while questions are asked"
        server.release()
        assert running.end() == 0, running.said
        assert amending.end() == 0, amending.said
    assert server.count == 4
    assert stored() == {(f"case000-{number}", "gpt-4", 1) for number in (1, 2)}, "the others are of another question"
    again = process("--rounds", "1", "--items", str(corrected))
    assert again.end() == 0, again.said
    assert len(stored()) == 4
    assert server.count == 6
    asked_again = [request.text for request in server.requests[4:]]
    assert all("three days" in text for text in asked_again)
