"""Does the probability to be at or above a pass mark mean what it says where mean and mark are equal?

Usage: python pass_probability.py [STUDIES]

Simulated studies in which a respondent's true mean and the true mark of five experts are the same, on 30 questions
each of the same kind, with one line and five rounds; an expert's expectations vary around each question's own. A
probability above 97.5 % should then come up in 2.5 % of the studies, and so should one below 2.5 %. Each row: how often
they do, and how often the normal probability of the difference over both errors does.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.special import ndtr

from samp_eval.analysis.standard.pass_mark import ExpertMark, PassMark
from samp_eval.errors import CannotEstimate
from samp_eval.statistics.mean_scores import mean_score
from samp_eval.statistics.psychometrics.angoff import angoff

EXPERTS, QUESTIONS, ROUNDS = 5, 30, 5


def probabilities(generator: np.random.Generator, level: float) -> tuple[float, float]:
    """Of one study: ours, and the normal one."""
    of_questions = generator.beta(20 * level, 20 * (1 - level), QUESTIONS)
    found = angoff(
        generator.beta(*(60 * np.array([of_questions, 1 - of_questions]))[:, None].repeat(EXPERTS, 1)), [1] * QUESTIONS
    )
    mark = PassMark(
        "angoff",
        found.cut,
        found.standard_error,
        found.error_of_experts,
        found.error_of_questions,
        tuple(ExpertMark(str(place), cut) for place, cut in enumerate(found.expert_means)),
        n_questions=QUESTIONS,
    )
    right = generator.random((QUESTIONS, ROUNDS)) < generator.beta(4 * level, 4 * (1 - level), (QUESTIONS, 1))
    mean = mean_score(
        100.0 * right.ravel(),
        np.repeat(np.arange(QUESTIONS), ROUNDS),
        threshold=mark.cut,
        threshold_error=mark.standard_error,
        threshold_degrees=mark.degrees_of_freedom,
    )
    assert mean.p_above is not None
    error = np.hypot(mean.standard_error, mark.standard_error)
    return 1 - mean.p_above, float(ndtr((mean.mean - mark.cut) / error))


def main(studies: int = 1000) -> None:
    generator = np.random.default_rng(7)
    print("true mean and mark | ours: above 97.5 %, below 2.5 %  normal: the same (percent of studies)")
    for level in (0.7, 0.9, 0.95, 0.98):
        found = []
        for _ in range(studies):
            try:
                found.append(probabilities(generator, level))
            except CannotEstimate:
                continue
        ours, normal = np.array(found).T
        shares = [100 * share for of in (ours, normal) for share in ((of > 0.975).mean(), (of < 0.025).mean())]
        print(
            f"{level:.2f} ({len(found)}) | {shares[0]:.1f} {shares[1]:.1f}   {shares[2]:.1f} {shares[3]:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
