"""A process that runs samp-eval commands one after another, each in a fork that may be killed.

Reads a JSON line for each command: ``{"arguments": [...], "at": 3, "before": true}`` kills it before its third commit
to a database; ``"at": null`` lets it live, unless ``"after": 0.2`` kills it after so many seconds. Answers with a JSON
line: ``{"code": 3, "seconds": 0.4}``, with the code -9 for a killed one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from samp_eval.cli.main import main
from samp_eval.run.batch import runner, submit  # noqa: F401  # imported once, for every fork
from samp_eval.store import study_store  # noqa: F401


def kill_at(number: int, *, before: bool) -> None:
    commit = DefaultDialect.do_commit
    commits = 0

    def counted(self: DefaultDialect, connection: Any) -> None:
        nonlocal commits
        commits += 1
        if commits == number and before:
            os.kill(os.getpid(), signal.SIGKILL)
        commit(self, connection)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        if commits == number:
            os.kill(os.getpid(), signal.SIGKILL)

    DefaultDialect.do_commit = counted  # type: ignore[method-assign]


def run(order: dict[str, Any]) -> dict[str, float]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if order["at"] is not None:
            kill_at(order["at"], before=order["before"])
        os._exit(main(order["arguments"]))
    if order.get("after") is not None:
        time.sleep(order["after"])
        os.kill(child, signal.SIGKILL)  # where it has ended, it waits to be asked for its code
    _, status = os.waitpid(child, 0)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began}


if __name__ == "__main__":
    submit.SECONDS_UNTIL_LISTED = 0.0
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
