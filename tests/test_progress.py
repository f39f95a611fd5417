"""How a run shows itself: two lines that fit, and plain lines where nobody looks at a terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from rich.console import Console

from samp_eval.cli.shared import progress_display as progress
from samp_eval.run.cost.prices import Budget
from samp_eval.run.respondent import Ask, FailedAttempt, Reply, Response, ResponseFailure
from samp_eval.study import Condition

NOW = 1000.0
ASK = Ask("case000-1", "gpt-4", 1, Condition())
ANSWERED = Response(ASK, Reply("fever", "gpt-4", 1200, 34), datetime.now(UTC))
FAILED = ResponseFailure(ASK, "bad_request", "HTTP 400", datetime.now(UTC), 1)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")  # rich takes a terminal without a name to be 80 columns wide
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: NOW))


def counts_of(answered: int, failed: int, in_flight: int, total: int = 1000) -> progress._Counts:
    counts = progress._Counts(total, Budget({}, {}))
    counts.began = NOW - 10.0
    for outcome in [ANSWERED] * answered + [FAILED] * failed:
        counts.count(outcome)
    counts.begun = answered + failed + in_flight
    if counts.budget is not None:
        counts.budget.spent = 1.234
    return counts


def shown(counts: progress._Counts, width: int) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=width, force_terminal=True, color_system=None).print(progress._frame(counts))
    return written.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_live_picture_is_two_lines_that_fit(width: int) -> None:
    lines = shown(counts_of(answered=240, failed=10, in_flight=32), width)
    assert len(lines) == 2
    assert all(len(line.rstrip()) <= width for line in lines)
    assert "250 of 1,000" in lines[0]
    assert "about 30 s left" in lines[0]
    assert lines[1].startswith("10 failed, 32 in flight, 25.0/s, 1.23 USD, 296,160 tokens")


def test_a_narrow_terminal_cuts_the_end_of_the_state() -> None:
    lines = shown(counts_of(answered=240, failed=10, in_flight=32), 40)
    assert len(lines) == 2
    assert lines[1].startswith("10 failed, 32 in flight")
    assert lines[1].rstrip().endswith("…")


def test_nothing_done_yet_promises_nothing() -> None:
    counts = counts_of(answered=0, failed=0, in_flight=8)
    assert counts.time_left == ""
    assert "0 of 1,000" in shown(counts, 80)[0]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (7500, "2 h 5 min")]
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    slow = FailedAttempt("server_error", "HTTP 500: \x1b[31moops")
    with progress.run_progress(3) as shown:
        for number in range(3):
            shown.asking(ASK)
            shown.retrying(ASK, slow, 0.5)
            shown.outcome(FAILED if number else ANSWERED)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("gpt-4: HTTP 500: ")
    assert "\x1b" not in lines[0]
    assert sum("HTTP 500" in line for line in lines) == 1
    assert lines[1].startswith("asked 1 of 3, 0 in flight")
    assert lines[-1].startswith("asked 3 of 3, 2 failed, 0 in flight")
    assert "1,234 tokens, 3 retries, in " in lines[-1]
