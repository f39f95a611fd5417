"""Is the row with the reviewers' errors unbiased, and does it hold the odds ratio of the truth?

Usage: python reviewer_error.py [STUDIES]

Simulated studies of two respondents, 77 questions of two lines, five rounds; on a question a respondent has four
answers from which each round takes two. Two reviewers mark each distinct answer, each with an error rate of its own; a
third person, who errs as often, settles where they differ and, in some rows, audits a tenth or a half of the agreed
answers. ``shared`` is the chance that both reviewers make the same error together. The truth is the odds ratio of a
study of 20,000 questions without errors. Each row: mean log odds ratio and coverage of the 95 % interval by the true
marks, by the settled marks, and of the row with the reviewers' errors; the mean difference of the last from the true
marks of the same studies, with its Monte-Carlo error; and the standard deviation of the last over its mean standard
error.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.model.reviewer_error import Marks, above_levels, corrected, count_weights, error_of_marks
from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.review.people.reviewers import Reviewer

QUESTIONS, ANSWERS, ROUNDS, LINES, ABLE = 77, 4, 5, 2, 0.5
PEOPLE = Reviewer("a"), Reviewer("b")
DESIGNS = (
    (0.03, 0.0, 0.0),
    (0.08, 0.0, 0.0),
    (0.15, 0.0, 0.0),
    (0.08, 0.0, 0.1),
    (0.03, 0.05, 0.0),
    (0.03, 0.05, 0.1),
    (0.03, 0.05, 0.5),
    (0.08, 0.05, 0.3),
)
Booleans = NDArray[np.bool_]


def truth_of(generator: np.random.Generator, questions: int) -> tuple[Booleans, NDArray[np.int64]]:
    """Whether each answer is right, (questions, 2, answers), and which each round gives, (..., rounds, lines)."""
    level = 0.9 + generator.normal(0, 1.1, (questions, 1, 1)) + ABLE * np.arange(2)[None, :, None]
    right = generator.random((questions, 2, ANSWERS)) < 1 / (1 + np.exp(-level))
    given = generator.random((questions, 2, ROUNDS, ANSWERS)).argsort(axis=3)[..., :LINES]
    return right, given


def fitted(credited: Booleans, given: NDArray[np.int64]) -> StudyFit:
    scores = np.take_along_axis(credited[:, :, None, :], given, axis=3).mean(axis=3)
    question, respondent, number = (place.ravel() for place in np.indices(scores.shape))
    table = pd.DataFrame(
        {
            "question_id": question.astype(str),
            "case_id": question.astype(str),
            "respondent": np.array(["a", "b"])[respondent],
            "round": number + 1,
            "score_percent": 100 * scores.ravel(),
        }
    ).assign(basis="key", requested=LINES, prompted=True, regenerated=False, later=False)
    return fit_study(table, basis="key", respondents=["a", "b"], engine="vectorised")


def marked(
    generator: np.random.Generator, right: Booleans, error: float, shared: float, audit: float
) -> tuple[list[Marks], Booleans]:
    """Marks of every answer, and what they come to; an audit changes nothing."""
    together = generator.random(right.shape) < shared
    own = [right ^ together ^ (generator.random(right.shape) < error) for _ in PEOPLE]
    third = right ^ (generator.random(right.shape) < error)
    split = own[0] != own[1]
    ruled = split | (generator.random(right.shape) < audit)
    words = {True: "A", False: "0"}
    found: list[Marks] = [
        ({PEOPLE[0]: words[bool(a)], PEOPLE[1]: words[bool(b)]}, words[bool(c)] if is_ruled else None)
        for a, b, c, is_ruled in zip(own[0].flat, own[1].flat, third.flat, ruled.flat, strict=True)
    ]
    return found, np.where(split, third, own[0])


def with_error(planned: StudyFit, marks: list[Marks], settled: Booleans, given: NDArray[np.int64]) -> StudyFit:
    """The row of the sensitivity table."""
    questions = np.repeat(np.arange(len(settled)), settled[0].size).astype(str).tolist()
    places = np.arange(settled.size).reshape(settled.shape)
    answer = np.take_along_axis(places[:, :, None, :], given, axis=3).reshape(-1)
    rows = answer.size // LINES
    response = np.repeat(np.arange(rows), LINES)
    credit = settled.ravel()[answer].astype(float)
    scores = np.tile(100.0 * np.arange(LINES + 1) / LINES, (rows, 1))

    def exceedances(missed: float, wrongly: float, levels: object) -> NDArray[np.float64]:
        right = (credit - wrongly) / (1 - missed - wrongly)
        return above_levels(count_weights(response, answer, answer, right, rows), scores, levels)  # type: ignore[arg-type]

    return corrected(planned, pd.RangeIndex(rows), exceedances, error_of_marks(marks, questions))


def main(studies: int = 300) -> None:
    generator = np.random.default_rng(11)
    true = fitted(*truth_of(generator, 20_000)).terms[0].log_odds_ratio
    print(f"true log odds ratio {true:.3f}; {studies} studies; mean log odds ratio / coverage %")
    print("error shared audit | true marks   settled marks  the row (less true marks +- error; SD / mean SE)")
    for error, shared, audit in DESIGNS:
        found = []
        for _ in range(studies):
            right, given = truth_of(generator, QUESTIONS)
            marks, settled = marked(generator, right, error, shared, audit)
            planned = fitted(settled, given)
            terms = [
                fit.terms[0] for fit in (fitted(right, given), planned, with_error(planned, marks, settled, given))
            ]
            low, high = (np.log([getattr(term, end) for term in terms]) for end in ("ci_low", "ci_high"))
            slopes = [term.log_odds_ratio for term in terms]
            found.append([*slopes, *((low <= true) & (true <= high)), terms[2].standard_error])
        table = np.array(found, dtype=float)
        mean, spread, off = table.mean(axis=0), table[:, 2].std(ddof=1), table[:, 2] - table[:, 0]
        cells = "   ".join(f"{mean[place]:.3f}/{100 * mean[place + 3]:.1f}" for place in range(3))
        print(
            f"{error:5.2f} {shared:6.2f} {audit:5.2f} | {cells} ({off.mean():+.3f} +- "
            f"{off.std(ddof=1) / np.sqrt(studies):.3f}; {spread / mean[6]:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
