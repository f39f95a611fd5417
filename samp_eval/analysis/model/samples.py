"""Which responses are compared with each other: those to the questions that both sides answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from samp_eval.literals import QuestionChoice

__all__ = ["NEARLY_ALL", "Sample", "questions_answered", "questions_under_both", "respondent_samples"]


NEARLY_ALL = 0.9
"""Of the questions: a condition that more were asked with and without was asked of all, and some requests failed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Respondents that are compared with each other, and on which questions.

    Attributes
    ----------
    respondents : tuple of str
        The first is the reference.
    questions : frozenset of str
    """

    respondents: tuple[str, ...]
    questions: frozenset[str]

    def rows(self, scored: pd.DataFrame) -> pd.DataFrame:
        """Their rows of a long table."""
        theirs = scored["respondent"].isin(self.respondents) & scored["question_id"].isin(self.questions)
        return scored if theirs.all() else scored[theirs]


def questions_answered(scored: pd.DataFrame, respondents: Sequence[str]) -> dict[str, frozenset[str]]:
    """The questions of which each respondent has a score, in any round; a failed round takes none out."""
    questions, respondent = scored["question_id"], scored["respondent"]
    return {name: frozenset(questions[respondent == name].unique()) for name in respondents}


def respondent_samples(
    answered: Mapping[str, frozenset[str]], present: Sequence[str], choice: QuestionChoice
) -> tuple[Sample, ...]:
    """What to fit together, so that nobody's odds ratio compares different questions.

    Parameters
    ----------
    answered : mapping of str to frozenset of str
        See :func:`questions_answered`.
    present : sequence of str
        Respondents in order; the first is the reference.
    choice : QuestionChoice
        ``all``: everybody together, whatever each answered.

    Returns
    -------
    tuple of Sample
        The reference with all that answered its questions; then the reference with each of the others, on the
        questions that the two have in common. So one that answered few changes nobody else's figures.
    """
    reference = present[0]
    sets = {name: answered[name] for name in present}
    if choice == "all" or len(set(sets.values())) == 1:
        return (Sample(tuple(present), frozenset().union(*sets.values())),)
    alike = tuple(name for name in present if sets[name] == sets[reference])
    others = [name for name in present if name not in alike]
    pairs = [Sample((reference, name), sets[reference] & sets[name]) for name in others]
    return (Sample(alike, sets[reference]), *pairs)


def questions_under_both(rows: pd.DataFrame, condition: str) -> frozenset[str]:
    """The questions on which a condition is compared: those that were answered both under it and without it.

    All of them where fewer than a tenth were not: rounds that failed, and no other plan.
    """
    questions, under = rows["question_id"], rows[condition].astype(bool)
    having, lacking = frozenset(questions[under].unique()), frozenset(questions[~under].unique())
    both, every = having & lacking, having | lacking
    return every if len(both) > NEARLY_ALL * len(every) else both
