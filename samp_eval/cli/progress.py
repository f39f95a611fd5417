"""How a run shows itself: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from samp_eval.cli.common import printable
from samp_eval.run.execute import Progress
from samp_eval.run.respondent import Ask, FailedTry, Response, ResponseFailure

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from samp_eval.run.prices import Budget

__all__ = ["counted_progress", "run_progress"]

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_PICTURES = 0.1
RETRIES_SHOWN = 5


@contextmanager
def run_progress(total: int, budget: Budget | None = None) -> Iterator[Progress]:
    """Progress of ``total`` asks on stderr: bar, rate, tokens, cost and time left."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(_Counts(total, budget))
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[state]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=console) as bar:
        shown = _Bar(bar, _Counts(total, budget))
        yield shown
        shown.show()


class _Counts:
    def __init__(self, total: int, budget: Budget | None) -> None:
        self.total = total
        self.budget = budget
        self.begun = 0
        self.done = 0
        self.failed = 0
        self.tokens = 0
        self.retries = 0
        self.began = time.monotonic()

    def count(self, outcome: Response | ResponseFailure) -> None:
        self.done += 1
        if isinstance(outcome, ResponseFailure):
            self.failed += 1
        else:
            self.tokens += (outcome.reply.prompt_tokens or 0) + (outcome.reply.completion_tokens or 0)

    @property
    def state(self) -> str:
        per_second = self.done / max(time.monotonic() - self.began, 1e-9)
        parts = [f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.0f}/min"]
        parts.append(f"{self.begun - self.done} in flight")
        parts += [f"{self.failed} failed"] * (self.failed > 0)
        parts += [f"{self.tokens:,} tokens"] * (self.tokens > 0)
        if self.budget is not None and self.budget.spent:
            parts.append(f"{self.budget.spent:.2f} USD")
        return ", ".join(parts)

    def retry_line(self, ask: Ask, failed: FailedTry, seconds: float) -> str | None:
        """The first few retries in full, then one line that says so."""
        self.retries += 1
        if self.retries > RETRIES_SHOWN + 1:
            return None
        if self.retries > RETRIES_SHOWN:
            return "further tries that fail are repeated without a line each; every one is recorded"
        return printable(f"{ask.respondent}, {ask.question_id}: {failed.message}; trying again in {seconds:.1f} s")


class _Bar:
    def __init__(self, bar: RichProgress, counts: _Counts) -> None:
        self._bar = bar
        self._counts = counts
        self._task = bar.add_task("asking", total=counts.total, state="")
        self._last = 0.0

    def asking(self, ask: Ask) -> None:
        self._counts.begun += 1

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        self._counts.count(outcome)
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_PICTURES:
            self._last = now
            ask = outcome.ask
            self.show(printable(f"{ask.respondent} round {ask.round} ({ask.condition.label})"))

    def show(self, description: str | None = None) -> None:
        """Bring the picture up to date."""
        self._bar.update(self._task, completed=self._counts.done, state=self._counts.state, description=description)

    def retrying(self, ask: Ask, failed: FailedTry, seconds: float) -> None:
        line = self._counts.retry_line(ask, failed, seconds)
        if line is not None:
            self._bar.console.print(line, markup=False, highlight=False)


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
            left = (now - counts.began) / counts.done * (counts.total - counts.done)
            typer.echo(f"asked {counts.done} of {counts.total}, {counts.state}, about {left:.0f} s left", err=True)

    def retrying(self, ask: Ask, failed: FailedTry, seconds: float) -> None:
        line = self._counts.retry_line(ask, failed, seconds)
        if line is not None:
            typer.echo(line, err=True)


@contextmanager
def counted_progress(total: int, noun: str) -> Iterator[Callable[[int], None]]:
    """Progress of long work on stderr; call what is yielded with the number done since the last call."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        from rich.progress import Progress as RichProgress

        with RichProgress(console=console, transient=True) as bar:
            task = bar.add_task(noun, total=total)
            yield lambda done: bar.advance(task, done)
        return
    counts, last = [0], [time.monotonic()]

    def say(done: int) -> None:
        counts[0] += done
        if time.monotonic() - last[0] >= SECONDS_BETWEEN_LINES:
            last[0] = time.monotonic()
            typer.echo(f"{counts[0]:,} of {max(total, counts[0]):,} {noun}", err=True)

    yield say
