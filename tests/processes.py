"""Commands in processes of their own, and waits for what they bring about: for an event, never for a time.

Where the event never comes, pytest's ``faulthandler_timeout`` shows where the test stands and ends it.
"""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Self

__all__ = ["RunningCommand", "free_port", "wait_until"]

ENTRY_POINT = "from samp_eval.cli.main import entry_point; entry_point()"
PORTS = range(20_000, 32_000)
"""Below those that systems give to whoever connects, so that nobody takes a port while its server is away."""


class RunningCommand:
    """``samp-eval`` with some arguments; what it says on stderr can be read while it runs. It ends with the context."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-c", ENTRY_POINT, *arguments]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has said so far; all of it once the command has ended."""
        return "".join(self._lines)

    @property
    def has_ended(self) -> bool:
        if self._process.poll() is None:
            return False
        self._reader.join()
        return True

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill it and return when it is gone."""
        self._process.kill()
        self.end()

    def end(self) -> int:
        """Wait for its end and return its exit code."""
        code = self._process.wait()
        self._reader.join()
        return code


def wait_until(condition: Callable[[], object], *running: RunningCommand) -> None:
    """Return once the condition holds; fail where a command that is to bring it about has ended without."""
    while not condition():
        ended = [command for command in running if command.has_ended]
        if ended and not condition():
            raise AssertionError(f"a command ended before what was waited for: {ended[0].said}")
        time.sleep(0.005)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as place:
            try:
                place.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
