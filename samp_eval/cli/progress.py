"""How a run shows itself: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from samp_eval.cli.common import printable
from samp_eval.run.execute import Progress
from samp_eval.run.respondent import Ask, FailedTry, Response, ResponseFailure

__all__ = ["run_progress"]

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def run_progress(total: int) -> Iterator[Progress]:
    """Progress of ``total`` asks on stderr: bar, rate and time left."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=console) as bar:
        yield _Bar(bar, total)


class _Counts:
    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self.began = time.monotonic()

    def count(self, outcome: Response | ResponseFailure) -> None:
        self.done += 1
        self.failed += isinstance(outcome, ResponseFailure)

    @property
    def rate(self) -> str:
        per_second = self.done / max(time.monotonic() - self.began, 1e-9)
        text = f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.0f}/min"
        return f"{text}, {self.failed} failed" if self.failed else text


class _Bar:
    def __init__(self, bar: object, total: int) -> None:
        from rich.progress import Progress as RichProgress

        assert isinstance(bar, RichProgress)
        self._bar = bar
        self._counts = _Counts(total)
        self._task = bar.add_task("asking", total=total, rate="")

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        self._counts.count(outcome)
        ask = outcome.ask
        self._bar.update(
            self._task,
            advance=1,
            rate=self._counts.rate,
            description=printable(f"{ask.respondent} round {ask.round} ({ask.condition.label})"),
        )

    def retrying(self, ask: Ask, failed: FailedTry, seconds: float) -> None:
        self._bar.console.print(_retry_line(ask, failed, seconds), markup=False, highlight=False)


class _Lines:
    def __init__(self, total: int) -> None:
        self._counts = _Counts(total)
        self._last = 0.0

    def outcome(self, outcome: Response | ResponseFailure) -> None:
        self._counts.count(outcome)
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_LINES or self._counts.done == self._counts.total:
            self._last = now
            left = (now - self._counts.began) / self._counts.done * (self._counts.total - self._counts.done)
            typer.echo(
                f"asked {self._counts.done} of {self._counts.total}, {self._counts.rate}, about {left:.0f} s left", err=True
            )

    def retrying(self, ask: Ask, failed: FailedTry, seconds: float) -> None:
        typer.echo(_retry_line(ask, failed, seconds), err=True)


def _retry_line(ask: Ask, failed: FailedTry, seconds: float) -> str:
    return printable(f"{ask.respondent}, {ask.question_id}: {failed.message}; trying again in {seconds:.1f} s")
