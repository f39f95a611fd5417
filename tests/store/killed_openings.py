"""A process that opens studies, each in a fork of its own that may be killed in the middle.

Reads a JSON line for each: ``{"study": "folder", "at": 3}`` kills the fork at its third moment, ``"at": null`` lets it
live. A moment comes before every statement that the database is given, and before and after every commit. Answers with
a JSON line: ``{"code": -9}`` for a killed one, ``{"code": 0}`` for one that lived or had no such moment.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from samp_eval.store.study_store import StudyStore


def kill_at(number: int) -> None:
    commit, moments = DefaultDialect.do_commit, count(1)

    def moment(*_: object) -> None:
        if next(moments) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def commit_between_moments(self: DefaultDialect, connection: Any) -> None:
        moment()
        commit(self, connection)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        moment()

    DefaultDialect.do_commit = commit_between_moments  # type: ignore[method-assign]
    event.listen(Engine, "before_cursor_execute", moment)


def open_study(folder: str, at: int | None) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if at is not None:
                kill_at(at)
            StudyStore.open(Path(folder), create=False).close()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps({"code": open_study(order["study"], order["at"])}), flush=True)
