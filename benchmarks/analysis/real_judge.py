"""Coverage and width of odds ratios that a real judge predicts and people correct, in SIMULATED studies.

Usage: python real_judge.py [STUDIES] [--verdicts FILE.csv]

The verdicts are real: of a model, and of the marker by the key, on answers whose hand marks are known
(``benchmarks/marker/against_inspect.py --out``; by default those of the embedded model that are kept beside it). A
simulated study takes its questions from those answers' questions at random. Whether a line is right is simulated, as in
``prediction_powered.py``; a right line is then one of the real right answers to that question (of all, where it has
none), with the verdict that was given to it, and a wrong line a wrong one. So the judge errs as it did, more in some
questions than in others. A response with a line without a verdict has no prediction.

One row a cell: the share of 95 % intervals that hold the truth and the mean width of the intervals of the log odds
ratio, for the corrected predictions, for people alone (the drawn questions) and for full marking; then the bias and the
coverage of the judge alone, which nobody corrects. ``none`` is without a predictor.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from prediction_powered import NONE, AnyPredictor, Cell, degrees_of_freedom, one_study, truth
from scipy.special import stdtrit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "marker"))
from compared_verdicts import KEPT, rows_of, show
from record import record

SHARES = (0.25, 0.3, 0.35)


@dataclass(frozen=True)
class RealJudge:
    """Verdicts of a model on answers with known marks: 1, 0, or NaN for a reply that is no verdict.

    Attributes
    ----------
    name : str
    pools : tuple
        For each question of the answers, the verdicts on its wrong and on its right answers.
    """

    name: str
    pools: tuple[tuple[np.ndarray, np.ndarray], ...]

    def credits(
        self, generator: np.random.Generator, right: np.ndarray, question: np.ndarray, is_last: np.ndarray
    ) -> np.ndarray:
        """What the model makes of simulated lines; it knows no respondent."""
        del is_last
        source = generator.integers(0, len(self.pools), int(question.max()) + 1)[question]
        found = np.empty(right.shape)
        for place, pool in enumerate(self.pools):
            for is_right, verdicts in enumerate(pool):
                lines = (source == place)[:, None] & (right == bool(is_right))
                found[lines] = generator.choice(verdicts, int(lines.sum()))
        return found


def judge_from(rows: Sequence[dict[str, str]], marker: str) -> RealJudge:
    """What a marker said; a question without wrong, or without right, answers has those of all."""
    by_question: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    of_all: tuple[list[float], list[float]] = ([], [])
    for row in rows:
        if row[marker]:
            verdict = np.nan if row[marker] == "none" else float(row[marker])
            by_question[row["question_id"]][int(row["hand"])].append(verdict)
            of_all[int(row["hand"])].append(verdict)
    pools = [(np.array(own[0] or of_all[0]), np.array(own[1] or of_all[1])) for own in by_question.values()]
    return RealJudge(marker, tuple(pools))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="?", type=int, default=1000)
    parser.add_argument("--verdicts", type=Path, default=KEPT)
    options = parser.parse_args(arguments)
    rows = rows_of(options.verdicts)
    show(rows)
    judges = [judge_from(rows, marker) for marker in ("samp_eval", "key_marker")]
    predictors: list[AnyPredictor] = [*judges, NONE]
    cells = [Cell(77, share, predictor) for predictor in predictors for share in SHARES]
    cells += [Cell(77, 0.3, judge, effect=0.0) for judge in judges]
    true = truth(cells[0])
    print("SIMULATED studies | coverage %: corrected, people, all marked | width: the same | judge alone: bias, cover")
    covered: dict[str, list[float]] = defaultdict(list)
    widths: dict[str, list[float]] = defaultdict(list)
    for number, cell in enumerate(cells):
        cover, width, bias = measured(cell, options.studies, 100_000 * number, true if cell.effect else 0.0)
        print(
            f"{cell.name:58s} | {cover[0]:5.1f} {cover[2]:5.1f} {cover[1]:5.1f} | {width[0]:.2f} {width[2]:.2f} "
            f"{width[1]:.2f} | {bias:+.2f} {cover[3]:5.1f}",
            flush=True,
        )
        covered[cell.predictor.name].append(cover[0])
        widths[cell.predictor.name].append(width[0] / width[2])
    for judge in judges:
        record(
            f"odds ratios corrected for the verdicts of {judge.name}, simulated studies",
            intervals_without_the_truth_percent=100 - float(np.mean(covered[judge.name])),
            width_to_people_alone=float(np.mean(widths[judge.name])),
        )


def measured(cell: Cell, studies: int, seed: int, true: float) -> tuple[list[float], list[float], float]:
    """Coverage and mean width of the four estimates of ``one_study``, and the bias of the predictor alone."""
    values = np.array([one_study(seed + number, cell) for number in range(studies)])
    estimates, errors = values[:, :, 0], values[:, :, 1]
    reach = stdtrit(np.array(degrees_of_freedom(cell), dtype=float), 0.975) * errors
    held = np.abs(estimates - true) <= reach
    known = [np.isfinite(estimates[:, place]) for place in range(4)]
    cover = [float(100 * held[rows, at].mean()) if rows.any() else np.nan for at, rows in enumerate(known)]
    width = [float(2 * reach[rows, at].mean()) if rows.any() else np.nan for at, rows in enumerate(known)]
    return cover, width, float(estimates[known[3], 3].mean()) - true if known[3].any() else np.nan


if __name__ == "__main__":
    main(sys.argv[1:])
