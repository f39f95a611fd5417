"""Feed damaged files to every reader for some minutes each, and keep those that reach further than the others.

    python tools/fuzz_readers.py [--seconds 600] [--seed 1] [READER ...]

A mutation that reaches a new line, or the same line from another, is mutated again. What ends in a traceback, takes
more than ``SLOW_SECONDS`` or a gigabyte, or ends the process, is a fault of the reader: it is printed and kept. A small
set of files that together reach everything goes into ``tests/data/reader-corpus.zip``, which
``tests/input_files/test_reader_properties.py`` reads again in every run of the tests.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "input_files")]

from readers import READERS, Reader, packed, read  # noqa: E402
from test_reader_properties import SNIPPETS  # noqa: E402

CORPUS = ROOT / "tests" / "data" / "reader-corpus.zip"
PACKAGE = str(ROOT / "samp_eval")
SLOW_SECONDS = 3.0
"""Of processor time. Samples take milliseconds, and files are at most ``LARGEST`` bytes here."""
STUCK_SECONDS = 60.0
MORE_MEMORY = 1_000_000_000
LARGEST = 40_000
KEPT_BYTES = 8_000
"""Of one file of the corpus, packed; larger ones are mutated but not kept."""
MOST_KEPT = 40

Edge = tuple[int, int, int]
FORK = multiprocessing.get_context("fork")


@dataclass(slots=True)
class Found:
    """What a reader's files have reached so far."""

    folder: Path
    random: random.Random
    edges: set[Edge] = field(default_factory=set)
    inputs: list[tuple[bytes, set[Edge]]] = field(default_factory=list)
    faults: set[str] = field(default_factory=set)


def traced(reader: Reader, content: bytes) -> set[Edge]:
    """Read a file; returns which lines of the package were reached, and from which."""
    reached: set[Edge] = set()

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        code, last = id(frame.f_code), 0

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal last
            reached.add((code, last, frame.f_lineno))
            last = frame.f_lineno
            return line

        return line

    sys.settrace(call)
    try:
        read(reader, content)
    finally:
        sys.settrace(None)
    return reached


def mutated(content: bytes, others: list[bytes], words: list[bytes], chance: random.Random) -> bytes:
    """A file with pieces taken out, put in and repeated; of an archive mostly the members, which stay an archive."""
    if content.startswith(b"PK") and chance.random() < 0.8:
        with suppress(Exception), zipfile.ZipFile(BytesIO(content)) as archive:  # a broken one is mutated as bytes
            members = {name: archive.read(name) for name in archive.namelist()}
            name = chance.choice(list(members))
            members[name] = mutated(members[name], others, words, chance)
            return packed(members)
    for _ in range(chance.choice((1, 1, 2, 4))):
        content = _once(content, others, words, chance)
    return content[:LARGEST]


def _once(content: bytes, others: list[bytes], words: list[bytes], chance: random.Random) -> bytes:
    start = chance.randint(0, len(content))
    end = min(len(content), start + chance.choice((0, 1, 2, 4, 16, 64, 400)))
    kind = chance.randrange(8)
    if kind == 0:
        return content[:start] + bytes([chance.randrange(256)]) + content[start + 1 :]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:end] * chance.choice((1, 2, 50)) + content[end:]
    if kind == 3:
        other = chance.choice(others)
        cut = chance.randint(0, len(other))
        return content[:start] + other[cut : cut + chance.choice((8, 64, 400))] + content[end:]
    if kind == 4 and (numbers := list(re.finditer(rb"-?\d+(\.\d+)?", content))):
        place = chance.choice(numbers)
        value = chance.choice(
            (b"0", b"-1", b"1e400", b"NaN", b"9" * 20, b"9" * 5000, b"0.5", b"1000000", b"2026-02-30")
        )
        return content[: place.start()] + value + content[place.end() :]
    if kind == 5 and (spans := list(re.finditer(rb'"[^"\n]{0,80}"|\w+', content))):
        place = chance.choice(spans)
        return content[: place.start()] + chance.choice(words) + content[place.end() :]
    return (
        content[:start]
        + chance.choice(SNIPPETS if kind == 6 else words)
        + content[end if chance.random() < 0.5 else start :]
    )


def words_of(reader: Reader) -> list[bytes]:
    """Words of the samples, which stand for the field names of the form."""
    found = {word for sample in reader.samples for word in re.findall(rb'"[^"\n]{1,40}"|[\w.-]{2,40}', sample[:20_000])}
    return [
        *sorted(found),
        b'""',
        b"null",
        b"{}",
        b"[]",
        b"true",
        b"\xe2\x80\xa8",
        b"\xc2\xa0",
        b"\xd9\xa3",
        b"\xc2\xb2",
    ]


def search(reader: Reader, found: Found, until: float, runs: Any) -> None:
    """Mutate and read until a time; runs in a process of its own, which a reader may end."""
    resource.setrlimit(resource.RLIMIT_AS, (_virtual_bytes() + MORE_MEMORY,) * 2)
    words = words_of(reader)
    waiting = found.folder / "reading"
    for content in seeds(reader, found.folder):
        attempt(reader, found, content, waiting, runs, keep=True)
    while time.monotonic() < until:
        # the newest inputs have been mutated least
        place = max(found.random.randrange(len(found.inputs)) for _ in range(2))
        others = [content for content, _ in found.inputs]
        attempt(reader, found, mutated(others[place], others, words, found.random), waiting, runs)


def seeds(reader: Reader, folder: Path) -> Iterator[bytes]:
    """Sound samples, and what earlier runs have kept."""
    yield from reader.samples
    yield from (file.read_bytes() for file in sorted(folder.glob("input-*")))


def attempt(reader: Reader, found: Found, content: bytes, waiting: Path, runs: Any, keep: bool = False) -> None:
    """Read one file, and keep it where it reaches further or shows a fault."""
    waiting.write_bytes(content)
    runs.value += 1
    start = time.process_time()
    try:
        reached = traced(reader, content)
    except BaseException as error:  # whatever comes is a fault to be told
        note_fault(found, content, f"{type(error).__name__} in {_where(error)}", traceback.format_exc()[-3000:])
        return
    took = time.process_time() - start
    if took > SLOW_SECONDS:
        note_fault(found, content, f"slow ({took:.0f} s)", "")
    if keep or not reached <= found.edges:
        found.edges |= reached
        found.inputs.append((content, reached))
        found.folder.joinpath(f"input-{_name(content)}").write_bytes(content)


def note_fault(found: Found, content: bytes, what: str, details: str) -> None:
    """Keep a file that shows a fault, the first of each kind."""
    if what not in found.faults:
        found.faults.add(what)
        found.folder.joinpath(f"fault-{_name(content)}").write_bytes(content)
        print(f"  FAULT {what}: {found.folder}/fault-{_name(content)}\n{details}", flush=True)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(PACKAGE)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "nowhere"


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _virtual_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def fuzz(name: str, seconds: float, seed: int, folder: Path) -> tuple[int, int]:
    """Search with one reader; returns how many files were read and how many kinds of faults were found."""
    reader, runs, until = READERS[name], FORK.Value("Q", 0), time.monotonic() + seconds
    for number, content in enumerate(kept(name)):
        folder.joinpath(f"input-{number}").write_bytes(content)
    generation = seed
    while time.monotonic() < until:
        generation += 1
        found = Found(folder, random.Random(generation))  # noqa: S311  # no secret
        process = FORK.Process(target=search, args=(reader, found, until, runs))
        process.start()
        outcome = _watched(process, until, runs)
        if outcome:  # the process was ended by a reader, and what it was reading is the culprit
            note_fault(found, folder.joinpath("reading").read_bytes(), outcome, "")
    return runs.value, len(list(folder.glob("fault-*")))


def _watched(process: Any, until: float, runs: Any) -> str | None:
    """Wait for a process; says how it died before its time, if it did."""
    last, since = runs.value, time.monotonic()
    while process.is_alive():
        process.join(1)
        if runs.value != last:
            last, since = runs.value, time.monotonic()
        elif time.monotonic() - since > STUCK_SECONDS:
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            return "it never ends"
    return f"the process ended with {process.exitcode}" if process.exitcode else None


def kept(name: str) -> list[bytes]:
    """What the corpus has for a reader."""
    if not CORPUS.exists():
        return []
    with zipfile.ZipFile(CORPUS) as archive:
        return [archive.read(member) for member in archive.namelist() if member.startswith(f"{name}/")]


def keep(name: str, folder: Path) -> int:
    """Put the files of a reader that show a fault, and few that reach everything, into the corpus; returns how many."""
    faults = [file.read_bytes() for file in sorted(folder.glob("fault-*"))]
    wanted = [content for content in {*faults, *kept(name)} if len(content) <= LARGEST]
    reached: set[Edge] = set()
    rest = sorted((file.read_bytes() for file in folder.glob("input-*")), key=len)
    for content in rest:
        new = traced(READERS[name], content) - reached
        if new and len(wanted) < MOST_KEPT and len(_deflated(content)) <= KEPT_BYTES:
            reached |= new
            wanted.append(content)
    members = {}
    if CORPUS.exists():
        with zipfile.ZipFile(CORPUS) as archive:
            members = {entry: archive.read(entry) for entry in archive.namelist()}
    members |= {f"{name}/{_name(content)}": content for content in wanted}
    with zipfile.ZipFile(CORPUS, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in sorted(members):
            archive.writestr(zipfile.ZipInfo(entry), members[entry], zipfile.ZIP_DEFLATED)
    return len(wanted)


def _deflated(content: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", content)
    return target.getvalue()


def main() -> None:
    """Fuzz the readers that are named, or all, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"{', '.join(READERS)}; default: all")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faults = 0
    for name in options.readers or READERS:
        folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name.replace(' ', '-')}-"))
        runs, found = fuzz(name, options.seconds, options.seed, folder)
        print(f"{name}: {runs:,} files read, {found} kinds of faults; {keep(name, folder)} files kept", flush=True)
        faults += found
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
