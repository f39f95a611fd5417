"""Nothing is stored twice, nothing that was answered is lost: kills at random moments, two processes at once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from openai_server import Held, OpenAIServer, Say, Status, failing
from processes import RunningCommand, free_port, wait_until
from small_bank import Command, write_bank

from samp_eval.store.study_store import StudyStore

Start = Callable[..., RunningCommand]
Stored = Callable[[], set[tuple[str, str, int]]]
ASKS = 200
AT_A_TIME = 8
UNDER_WAY = "a run of this study is under way"
pytestmark = pytest.mark.slow


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Forty questions: 200 asks in five rounds."""
    return write_bank(tmp_path / "bank", 8, 5)


@pytest.fixture
def study(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """Kept in study.db, and kept on PostgreSQL."""
    return new_study(tmp_path / "study")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(port=free_port()) as found:
        yield found


def has_count(server: OpenAIServer, count: int) -> bool:
    return server.count >= count


def test_kills_at_random_moments(process: Start, server: OpenAIServer, ask: Command, stored: Stored) -> None:
    generator = random.Random(3)
    server.answer = lambda _: Say(delay=0.02)
    asked_again = []
    for _ in range(3):
        before = server.count
        held = len(stored()) if before else 0
        running = process("--rounds", "5", "--concurrency", str(AT_A_TIME))
        target = before + generator.randint(10, 40)
        wait_until(partial(has_count, server, target), running)
        running.kill()
        wait_until(lambda: not server.connections)  # nothing of the killed run arrives later
        answered = server.count - before - AT_A_TIME
        asked_again.append(answered - (len(stored()) - held))
    assert ask("--rounds", "5", "--concurrency", str(AT_A_TIME))[0] == 0
    assert len(stored()) == ASKS
    assert max(asked_again) <= AT_A_TIME


def test_two_processes_at_once_ask_everything_once(process: Start, server: OpenAIServer, stored: Stored) -> None:
    server.answer = lambda _: Held()  # so that the first run is under way until the other has seen it
    both = [process("--rounds", "5", "--concurrency", str(AT_A_TIME)) for _ in range(2)]
    wait_until(lambda: server.count == AT_A_TIME and any(UNDER_WAY in command.said for command in both), *both)
    server.release()
    assert [command.end() for command in both] == [0, 0], [command.said for command in both]
    assert server.count == ASKS
    assert len(stored()) == ASKS
    assert sum(UNDER_WAY in command.said for command in both) == 1


def test_a_fifth_of_all_requests_failing_in_every_way(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    server.answer = failing(0.2)
    code, _, err = ask("--rounds", "5", "--concurrency", "32")
    assert code == 0, err
    assert len(stored()) == ASKS


def test_a_server_that_goes_away_and_comes_back(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    """The plug is pulled half way; the retries bridge the gap."""
    port = int(server.base_url.rsplit(":", 1)[1].removesuffix("/v1"))
    server.answer = lambda _: Say(delay=0.02)
    returned = OpenAIServer()

    def outage() -> None:
        wait_until(lambda: server.count >= 50)
        server.close()
        time.sleep(0.5)  # how long the outage lasts; the retries bridge eight times as much
        nonlocal returned
        returned = OpenAIServer(port=port)
        returned.__enter__()

    plug = threading.Thread(target=outage)
    plug.start()
    code, _, err = ask("--rounds", "5", "--concurrency", "4")
    plug.join()
    returned.close()
    assert code == 0, err
    assert len(stored()) == ASKS
    assert returned.count > 0


def test_an_answer_that_is_no_clean_text_is_stored_too(ask: Command, server: OpenAIServer, stored: Stored) -> None:
    body = r'{"model": "m", "choices": [{"message": {"content": "fever \ud800 \u0000"}, "finish_reason": "stop"}]}'
    server.answer = lambda _: Status(200, body)
    code, _, err = ask("--rounds", "1", "--limit", "2")
    assert code == 0, err
    assert len(stored()) == 2


def test_a_record_that_no_database_holds_is_put_aside_by_any_command(
    ask: Command, command: Command, study: Path, stored: Stored
) -> None:
    assert ask("--rounds", "1", "--limit", "2")[0] == 0
    with StudyStore.open(study, create=False) as store:
        response, _ = store.responses()
        odd = replace(response, ask=replace(response.ask, round=2), reply=replace(response.reply, prompt_tokens=2**63))
        store.journal_outcome(odd)
    code, _, err = command("status")
    assert code == 0
    assert "1 record that a run left behind cannot be stored" in err
    assert "-arrivals-refused keeps what was noted" in err
    assert ask("--rounds", "2", "--limit", "2")[0] == 0
    assert len(stored()) == 4
