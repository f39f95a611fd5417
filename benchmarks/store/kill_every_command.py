"""Kill every command that writes at random moments, on both databases: what is lost, asked for again, or torn.

    python benchmarks/store/kill_every_command.py [--kills 200] [--seed 1]

Each command runs in a fork of a process that has imported everything, so that the moments lie in its work. After a kill
the same command is run again, and what there is then is compared with what a run without a kill leaves. The marking
page runs as its own process, and what counts there is each mark whose saving it had confirmed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), *(str(ROOT / "tests" / part) for part in ("", "run", "review", "store"))]

from batch_server import BatchServer  # noqa: E402
from marked_study import make_marked_study  # noqa: E402
from openai_server import OpenAIServer, Say  # noqa: E402
from postgres_server import VARIABLE, PostgresServer  # noqa: E402
from record import record  # noqa: E402
from serving import ServedPage  # noqa: E402
from small_bank import write_bank  # noqa: E402
from sqlalchemy import select  # noqa: E402
from test_older_study import in_a_file, on_postgresql  # noqa: E402

from samp_eval.review.people.reviewers import Reviewer  # noqa: E402
from samp_eval.store import schema  # noqa: E402
from samp_eval.store.safety.integrity import check_study  # noqa: E402
from samp_eval.store.safety.move import move_study  # noqa: E402
from samp_eval.store.study_store import StudyStore  # noqa: E402

ASKS = 40
VOLATILE = ("marked_at", "exported_at", "noted_at", "row_digest", "row_id", "sequence")
"""Columns that differ between two runs of the same command."""


class Runner:
    """Runs commands in forks, killed after a time or not."""

    def __init__(self) -> None:
        script = ROOT / "tests" / "run" / "killed_commands.py"
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip

    def run(self, *arguments: object, after: float | None = None) -> tuple[int, float]:
        """The exit code and the seconds of a command."""
        order = {"arguments": [str(argument) for argument in arguments], "at": None, "after": after}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return int(answer["code"]), float(answer["seconds"])

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass(slots=True)
class Trials:
    """Where trials take place, and what came of them."""

    runner: Runner
    folder: Path
    server: PostgresServer | None
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    usual: dict[str, float] = field(default_factory=dict)
    number: int = 0

    def new(self, template: Path | None = None) -> Path:
        """A new study folder, with a copy of a study in it; on PostgreSQL if these trials are."""
        self.number += 1
        folder = self.folder / str(self.number)
        if template is not None:
            shutil.copytree(template, folder)
        if self.server is not None:
            self.server.study(folder)
            if template is not None:
                move_study(folder, "postgresql", lambda _: None)
        folder.mkdir(exist_ok=True)
        return folder

    def killed(self, name: str, *arguments: object) -> bool:
        """Run a command and kill it at a random moment of its usual time; False where it had ended by then."""
        if name not in self.usual:
            self.usual[name] = self.runner.run(*arguments)[1]
            return False
        code, _ = self.runner.run(*arguments, after=self.chance.uniform(0, self.usual[name]))
        self.counts["kills"] += code == -9
        return code == -9

    def whole(self, study: Path) -> None:
        """Count a study that is not intact."""
        with StudyStore.open(study, create=False) as store:
            self.counts["torn"] += bool(check_study(store).damage)


def contents(study: Path) -> dict[str, list[str]]:
    """Every row of what a study holds, without what differs from run to run."""
    with StudyStore.open(study, create=False) as store, store.snapshot() as connection:
        return {
            table.name: sorted(
                repr([value for name, value in row.items() if name not in VOLATILE])
                for row in connection.execute(select(table)).mappings()
            )
            for table in (schema.responses, schema.failures, schema.marks, schema.respondents, schema.former_responses)
        }


def missing(expected: dict[str, list[str]], found: dict[str, list[str]]) -> int:
    """How many rows are not there."""
    return sum((Counter(expected[name]) - Counter(found[name])).total() for name in expected)


def stored(study: Path) -> int:
    with StudyStore.open(study) as store:
        return len(store.responses())


# One trial of each command ------------------------------------------------------------------------------------------


def trial_run(trials: Trials, template: Path) -> None:
    study, bank = trials.new(), trials.folder / "bank"
    with OpenAIServer(lambda _: Say(delay=random.uniform(0.005, 0.03)), keep=False) as server:
        asking = [
            "run",
            "--model",
            "m",
            "--items",
            bank,
            "--base-url",
            server.base_url,
            "--rounds",
            "1",
            "--study",
            study,
        ]
        trials.killed("run", *asking)
        trials.counts["asked again"] += max(0, server.answered - stored(study))
        trials.runner.run(*asking)
    trials.counts["lost"] += ASKS - stored(study)
    trials.whole(study)


def trial_batch(trials: Trials, template: Path) -> None:
    study, bank = trials.new(), trials.folder / "bank"
    with BatchServer(looks=1) as server:
        asking = ["run", "--batch", "--model", "m", "--items", bank, "--base-url", server.base_url, "--rounds", "1"]
        for _ in range(6):
            trials.killed("batch", *asking, "--study", study)
            if stored(study) == ASKS:
                break
        for _ in range(4):
            trials.runner.run(*asking, "--study", study)
        trials.counts["asked again"] += len(server.asked("m")) - ASKS
    trials.counts["lost"] += ASKS - stored(study)
    trials.whole(study)


def trial_import(trials: Trials, template: Path) -> None:
    study = trials.new(template)
    before = stored(study)
    file = study / "more.csv"
    rows = (template / "resident.csv").read_text(encoding="utf-8").replace("a resident", "another")
    file.write_text(rows, encoding="utf-8")
    trials.killed("import", "responses", "import", file, "--study", study)
    trials.counts["torn"] += stored(study) not in (before, before + ASKS)
    trials.runner.run("responses", "import", file, "--study", study)
    trials.counts["lost"] += before + ASKS - stored(study)
    trials.whole(study)


def trial_mark(trials: Trials, template: Path) -> None:
    study = trials.new(template)
    trials.killed("mark", "mark", "--study", study)
    trials.runner.run("mark", "--study", study)
    found = contents(study)
    trials.counts["lost"] += missing(_reference(trials, template, "mark"), found)
    trials.whole(study)


def _reference(trials: Trials, template: Path, *command: str) -> dict[str, list[str]]:
    """What a command leaves that is not killed."""
    folder = trials.folder / f"reference-{command[0]}"
    if not folder.exists():
        shutil.copytree(template, folder)
        trials.runner.run(*command, "--study", folder)
    return contents(folder)


def trial_report(trials: Trials, template: Path) -> None:
    study = _shared(trials, template)
    file = study / "reports" / "report.html"
    if not file.exists():
        trials.runner.run("report", "--study", study)
    before = file.read_bytes()
    trials.killed("report", "report", "--study", study)
    after = file.read_bytes()
    trials.counts["torn"] += after != before and not after.rstrip().endswith(b"</html>")
    trials.counts["lost"] += not after


def trial_export(trials: Trials, template: Path) -> None:
    study = _shared(trials, template)
    folder = study / "export"
    if not folder.exists():
        trials.runner.run("export", "--study", study, "--out", folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir() if not _unfinished(file)}
    for name in ("scores.csv", "lines.csv"):  # what is there is older than what is written
        (folder / name).write_bytes(before[name][: len(before[name]) // 2] + b"older")
    trials.killed("export", "export", "--study", study, "--out", folder)
    for name, content in before.items():
        found = (folder / name).read_bytes()
        older = name in ("scores.csv", "lines.csv") and found.endswith(b"older")
        whole = found == content or older or name.endswith((".json", ".md"))
        trials.counts["torn"] += not whole
    trials.runner.run("export", "--study", study, "--out", folder)
    trials.counts["lost"] += sum(
        (folder / name).read_bytes() != content for name, content in before.items() if name.endswith(".csv")
    )


def _unfinished(file: Path) -> bool:
    return not file.suffix or file.name.startswith(".") or "unfinished" in file.name


def _shared(trials: Trials, template: Path) -> Path:
    """One study for all trials that only read it."""
    shared = trials.folder / "shared"
    if not shared.exists():
        trials.new(template).rename(shared)
    return shared


def trial_move(trials: Trials, template: Path) -> None:
    """To PostgreSQL; of the trials on PostgreSQL, back to a file."""
    study = trials.new(template)
    to = "sqlite" if trials.server is not None else "postgresql"
    if to == "postgresql":
        settings = f'\n[store]\npostgresql_schema = "moved_{secrets.token_hex(4)}"\n'
        study.joinpath("study.toml").write_text(settings, encoding="utf-8")
    before = contents(template)
    trials.killed(f"move-{to}", "move", "--to", to, "--study", study)
    trials.runner.run("move", "--to", to, "--study", study)
    if to == "sqlite":
        study.joinpath("study.toml").write_text("", encoding="utf-8")
    trials.counts["lost"] += missing(before, contents(study))
    trials.whole(study)


def trial_serve(trials: Trials, template: Path) -> None:
    study = trials.new(template)
    served = ServedPage(study, "--reviewer", "Ann")
    confirmed: list[tuple[str, str]] = []
    marking = threading.Thread(target=_mark_until_killed, args=(served.links["Ann"], confirmed))
    marking.start()
    time.sleep(trials.chance.uniform(0.05, 1.0))
    served.kill()
    trials.counts["kills"] += 1
    marking.join()
    with StudyStore.open(study, create=False) as store:
        rows = store.sheet_rows(Reviewer("Ann"))
        held = {(mark.answer_id, mark.value) for mark in store.mark_history() if mark.reviewer.name == "Ann"}
    trials.counts["lost"] += sum((rows[row].answer_id, value) not in held for row, value in confirmed)
    trials.counts["marks confirmed"] += len(confirmed)
    trials.whole(study)


def _mark_until_killed(link: str, confirmed: list[tuple[str, str]]) -> None:
    address = urlsplit(link)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    try:
        connection.request("GET", address.path + "work")
        rows = [row["row"] for row in json.loads(connection.getresponse().read())["rows"]]
        for number in range(10_000):
            row, value = rows[number % len(rows)], str(number % 2)
            mark = {"id": secrets.token_hex(16), "row": row, "field": "judgement", "value": value, "seen": ""}
            body = json.dumps([mark])
            connection.request("POST", address.path + "marks", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            if answer.status == 200 and "held" in json.loads(answer.read()):
                confirmed.append((row, value))
    except (OSError, http.client.HTTPException, ValueError):
        return


def trial_migrate(trials: Trials, template: Path) -> None:
    trials.number += 1
    folder = trials.folder / str(trials.number)
    older = in_a_file(folder) if trials.server is None else on_postgresql(folder, trials.server)
    trials.killed("migrate", "status", "--study", older.folder)
    reference = trials.folder / "reference-migrate"
    if not reference.exists():
        in_a_file(reference)
    trials.counts["lost"] += missing(contents(reference), contents(older.folder))
    trials.whole(older.folder)


TRIALS: dict[str, Callable[[Trials, Path], None]] = {
    name.removeprefix("trial_"): value for name, value in list(globals().items()) if name.startswith("trial_")
}


@contextmanager
def places() -> Iterator[dict[str, PostgresServer | None]]:
    """Both databases."""
    with PostgresServer() as server:
        os.environ[VARIABLE] = server.url
        os.environ["OPENAI_API_KEY"] = "none"
        yield {"SQLite": None, "PostgreSQL": server}


def main() -> None:
    """Print what each command lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=list(TRIALS), action="append")
    options = parser.parse_args()
    names = options.only or list(TRIALS)
    each = -(-options.kills // (2 * len(names)))
    total: Counter[str] = Counter()
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as scratch, places() as servers:
        template = make_marked_study(Path(scratch) / "template")
        runner = Runner()
        for place, server in servers.items():
            for name in names:
                folder = Path(scratch) / f"{place}-{name}"
                write_bank(folder / "bank", ASKS // 5, 5)
                trials = Trials(runner, folder, server, random.Random(f"{options.seed} {place} {name}"))
                while trials.counts["kills"] < each:
                    TRIALS[name](trials, template)
                total += trials.counts
                said = {what: trials.counts[what] for what in ("kills", "lost", "asked again", "torn")}
                print(f"{place:10} {name:8}", *(f"{what} {number}" for what, number in said.items()), flush=True)
                shutil.rmtree(folder)
        runner.close()
    print(f"{total['kills']} kills, {total['marks confirmed']} confirmed marks of the page: lost {total['lost']}, "
          f"asked again {total['asked again']}, torn {total['torn']}; {datetime.now(UTC) - began}")  # fmt: skip
    record(
        f"{total['kills']} kills of every command that writes",
        **{what.replace(" ", "_"): total[what] for what in ("lost", "asked again", "torn")},
    )


if __name__ == "__main__":
    main()
