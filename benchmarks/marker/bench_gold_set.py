"""Precision and recall of the automatic marker against answer lines that were marked by hand.

Usage: python benchmarks/marker/bench_gold_set.py [--part tune | held_out] [--misses] [--bank PATH] [--gold FILE.csv]

A line is rightly credited where the hand gave it an entry and the marker gave it one; ``same entry`` says how often it
was the same one. The part ``held_out`` is not looked at while the marker is changed; see tests/data/gold.md.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from samp_eval.items.load import load_bank
from samp_eval.review.markers.key_marker import MARKER_VERSION, KeyMarker, KeyMatch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from record import record

GOLD = Path(__file__).resolve().parents[2] / "tests" / "data" / "gold.csv"


@dataclass(frozen=True, slots=True)
class GoldLine:
    line_id: str
    question_id: str
    kind: str
    text: str
    mark: str
    part: str


@dataclass(frozen=True, slots=True)
class Outcome:
    line: GoldLine
    match: KeyMatch

    @property
    def credited(self) -> bool:
        return self.match.credited

    @property
    def right(self) -> bool:
        return self.line.mark != "0"


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over some lines; precision and recall from 0 to 1."""

    lines: int
    right: int
    credited: int
    both: int
    same_entry: int

    @property
    def precision(self) -> float:
        return self.both / self.credited if self.credited else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.right if self.right else 1.0


def gold_lines(path: Path = GOLD) -> list[GoldLine]:
    with path.open(encoding="utf-8", newline="") as source:
        return [GoldLine(**row) for row in csv.DictReader(source)]


def outcomes(lines: Sequence[GoldLine], bank_path: Path | None = None) -> list[Outcome]:
    asked = load_bank(bank_path).by_question()
    markers = {name: KeyMarker(asked[name][1], asked[name][0].stem) for name in {line.question_id for line in lines}}
    return [Outcome(line, markers[line.question_id].mark(line.text)) for line in lines]


def figures(found: Sequence[Outcome]) -> Figures:
    both = [one for one in found if one.credited and one.right]
    return Figures(
        lines=len(found),
        right=sum(one.right for one in found),
        credited=sum(one.credited for one in found),
        both=len(both),
        same_entry=sum(one.match.entry == one.line.mark for one in both),
    )


def _row(name: str, figure: Figures) -> str:
    return (
        f"{name:<16}{figure.lines:>6}{figure.right:>8}{figure.credited:>10}"
        f"{figure.precision:>11.3f}{figure.recall:>8.3f}{figure.same_entry:>6}/{figure.both}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("tune", "held_out"))
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--bank", type=Path)
    parser.add_argument("--gold", type=Path, default=GOLD)
    arguments = parser.parse_args()
    lines = gold_lines(arguments.gold)
    print(f"{MARKER_VERSION}; {len(lines)} lines marked by hand")
    for part in [arguments.part] if arguments.part else ["tune", "held_out"]:
        found = outcomes([line for line in lines if line.part == part], arguments.bank)
        print(
            f"\n{part}\n{'kind':<16}{'lines':>6}{'right':>8}{'credited':>10}{'precision':>11}{'recall':>8}  same entry"
        )
        for kind in sorted({one.line.kind for one in found}):
            print(_row(kind, figures([one for one in found if one.line.kind == kind])))
        everything = figures(found)
        print(_row("all", everything))
        if arguments.bank is None and arguments.gold == GOLD:
            wrong = everything.credited - everything.both
            record(f"marker on {part} lines", missed=everything.right - everything.both, wrongly_credited=wrong)
        if arguments.misses:
            for one in found:
                if one.match.entry != one.line.mark:
                    print(
                        f"  {one.line.question_id} by hand {one.line.mark}, marker {one.match.entry}: {one.line.text!r}"
                    )
                    print(f"      {one.match.reason}")


if __name__ == "__main__":
    main()
