"""Progress of a run: a live display in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from samp_eval.cli.shared.printing import printable
from samp_eval.run.execute import Progress
from samp_eval.run.respondent import Ask, FailedAttempt, Response, ResponseFailure

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from samp_eval.run.cost.prices import Budget

__all__ = ["counted_progress", "run_progress"]

SECONDS_BETWEEN_LINES = 10.0
FRAMES_PER_SECOND = 8
REASONS_SHOWN = 5
LONG_RETRY_WAIT = 60.0
"""In seconds; for a longer wait, the message says that the server asks for it."""


@contextmanager
def run_progress(total: int, budget: Budget | None = None) -> Iterator[Progress]:
    """Progress of ``total`` requests on stderr: done, failed, in flight, rate, tokens, cost and time left."""
    from rich.console import Console

    console = Console(stderr=True)
    counts = _Counts(total, budget)
    if not console.is_terminal:
        yield _Lines(counts)
        return
    from rich.live import Live

    with Live(console=console, get_renderable=lambda: _frame(counts), refresh_per_second=FRAMES_PER_SECOND) as live:
        yield _Bar(live, counts)


def _frame(counts: _Counts) -> RenderableType:
    """A bar across the terminal, and one line below it that is cut off rather than wrapped."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(ratio=1)
    line.add_column(no_wrap=True)
    line.add_column(no_wrap=True)
    bar = ProgressBar(total=max(counts.total, 1), completed=counts.done)
    line.add_row(bar, f"{counts.done:,} of {counts.total:,}", counts.time_left)
    return Group(line, Text(counts.state, no_wrap=True, overflow="ellipsis"))


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``2 h 5 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class _Counts:
    def __init__(self, total: int, budget: Budget | None) -> None:
        self.total = total
        self.budget = budget
        self.begun = 0
        self.done = 0
        self.failed = 0
        self.tokens = 0
        self.retries = 0
        self.reasons: set[str] = set()
        self.began = time.monotonic()

    def count(self, outcome: Response | ResponseFailure) -> None:
        self.done += 1
        if isinstance(outcome, ResponseFailure):
            self.failed += 1
        else:
            self.tokens += (outcome.reply.prompt_tokens or 0) + (outcome.reply.completion_tokens or 0)

    @property
    def seconds(self) -> float:
        """Seconds since the first request."""
        return max(time.monotonic() - self.began, 1e-9)

    @property
    def state(self) -> str:
        """The state in one line, most important first, because a narrow terminal cuts off the end."""
        per_second = self.done / self.seconds
        parts = [f"{self.failed:,} failed"] * (self.failed > 0)
        parts.append(f"{max(self.begun - self.done, 0):,} in flight")
        parts.append(f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.0f}/min")
        spent = self.budget.spent if self.budget is not None else 0.0
        parts += [f"{spent:.2f} USD"] * (spent > 0)
        parts += [f"{self.tokens:,} tokens"] * (self.tokens > 0)
        parts += [f"{self.retries:,} retries"] * (self.retries > 0)
        return ", ".join(parts)

    @property
    def time_left(self) -> str:
        """The remaining time at the average rate so far."""
        if self.done >= self.total:
            return f"in {duration(self.seconds)}"
        return f"about {duration(self.seconds / self.done * (self.total - self.done))} left" if self.done else ""

    def retry_line(self, ask: Ask, failed: FailedAttempt, seconds: float) -> str | None:
        """A line for each of the first few reasons; None for others, which only count in the state."""
        self.retries += 1
        reason = f"{ask.respondent}: {failed.message}"
        wait = f" in {duration(seconds)}" if seconds >= 1 else ""
        if seconds >= LONG_RETRY_WAIT:
            reason += "; the server asks for this wait"
        if reason in self.reasons or len(self.reasons) >= REASONS_SHOWN:
            return None
        self.reasons.add(reason)
        return printable(f"{reason}; trying again{wait} (further retries for this reason are only counted)")


class _Bar:
    def __init__(self, live: Live, counts: _Counts) -> None:
        self._live = live
        self._counts = counts

    def asking(self, ask: Ask) -> None:
        self._counts.begun += 1

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        self._counts.count(outcome)

    def retrying(self, ask: Ask, failed: FailedAttempt, seconds: float) -> None:
        line = self._counts.retry_line(ask, failed, seconds)
        if line is not None:
            self._live.console.print(line, markup=False, highlight=False)


class _Lines:
    def __init__(self, counts: _Counts) -> None:
        self._counts = counts
        self._last = 0.0

    def asking(self, ask: Ask) -> None:
        self._counts.begun += 1

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        counts = self._counts
        counts.count(outcome)
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES or counts.done == counts.total:
            self._last = now
            typer.echo(f"asked {counts.done:,} of {counts.total:,}, {counts.state}, {counts.time_left}", err=True)

    def retrying(self, ask: Ask, failed: FailedAttempt, seconds: float) -> None:
        line = self._counts.retry_line(ask, failed, seconds)
        if line is not None:
            typer.echo(line, err=True)


@contextmanager
def counted_progress(total: int, noun: str) -> Iterator[Callable[[int], None]]:
    """Progress of a long computation on stderr; yields a function that takes the number done since its last call."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        from rich.progress import Progress as RichProgress

        with RichProgress(console=console, transient=True) as bar:
            task = bar.add_task(noun, total=total)
            yield lambda done: bar.advance(task, done)
        return
    counts, last = [0], [time.monotonic()]

    def advance(done: int) -> None:
        counts[0] += done
        if time.monotonic() - last[0] >= SECONDS_BETWEEN_LINES:
            last[0] = time.monotonic()
            typer.echo(f"{counts[0]:,} of {max(total, counts[0]):,} {noun}", err=True)

    yield advance
