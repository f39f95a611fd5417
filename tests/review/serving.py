"""A marking page that runs as its own process, as a user would start it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from processes import free_port

__all__ = ["ServedPage"]


class ServedPage:
    """Start, kill and start again; ``links`` holds each reviewer's address. ``before`` is run in its process first."""

    command: tuple[str, ...] = ("review", "serve")

    def __init__(self, study: Path, *options: str, before: str = "") -> None:
        self._study, self._options, self._port = study, options, str(free_port())
        self._program = f"{before}\nfrom samp_eval.cli.main import entry_point; entry_point()"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-c", self._program, *self.command]
        arguments = [*command, *self._options, "--port", self._port, "--study", str(self._study)]
        self._process = subprocess.Popen(  # our own arguments
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        names = self._options.count("--reviewer") + self._options.count("--adjudicator")
        lines = [self._process.stdout.readline().strip() for _ in range(names)]
        assert all(lines), self._process.stderr.read()
        self.links = dict(line.rsplit(": ", 1) for line in lines)

    def kill(self) -> str:
        """Stop it as a power cut would; returns what it said to the user."""
        self._process.kill()
        return self._process.communicate()[1]
