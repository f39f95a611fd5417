"""The answers that a model and people have both marked on one basis, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.votes import ModelMark
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["LENGTHS", "ComparedMarks", "compared_marks"]

LENGTHS = ("shortest third", "middle third", "longest third")


@dataclass(frozen=True)
class ComparedMarks:
    """What a model says of answers that people have settled.

    Attributes
    ----------
    judge : str
        Its label.
    basis : MarkBasis
    answers : tuple of str, length n
        Ids of the answers with both.
    questions : tuple of str, length n
    by_model, by_people : tuple of str, length n
        Letters of the entries (``0``: none) by the model's votes and by the people's consensus; on the judgement basis
        ``1`` and ``0``.
    of_person : mapping of str to array, shape (n,)
        Each reviewer's own credit before adjudication, 1 or 0; NaN where not marked.
    repeats : tuple of (str, tuple of str)
        Question and values in the order of their repeats, for each answer that the model marked more than once,
        settled by people or not.
    lines : CountedLines
    """

    judge: str
    basis: MarkBasis
    answers: tuple[str, ...]
    questions: tuple[str, ...]
    by_model: tuple[str, ...]
    by_people: tuple[str, ...]
    of_person: Mapping[str, NDArray[np.float64]]
    repeats: tuple[tuple[str, tuple[str, ...]], ...]
    lines: CountedLines

    @cached_property
    def credited(self) -> NDArray[np.float64]:
        """The model's credit, 1 or 0, shape (n,)."""
        return np.array([float(value != "0") for value in self.by_model])

    @cached_property
    def true(self) -> NDArray[np.float64]:
        """The people's credit, 1 or 0, shape (n,)."""
        return np.array([float(value != "0") for value in self.by_people])

    @cached_property
    def cluster(self) -> NDArray[np.int64]:
        """Number of each answer's question, shape (n,)."""
        return np.unique(np.array(self.questions, dtype=object), return_inverse=True)[1].astype(np.int64)

    def among(self, label: Callable[[int], str | int]) -> dict[str, NDArray[np.int64]]:
        """Places of the answers that occur in a line of each label, given the place of a line."""
        place = {answer: number for number, answer in enumerate(self.answers)}
        found: dict[str, set[int]] = {}
        for line, answer in enumerate(self.lines.answer.tolist()):
            known = place.get(self.lines.answer_ids[answer])
            if known is not None:
                found.setdefault(str(label(line)), set()).add(known)
        return {name: np.array(sorted(places)) for name, places in sorted(found.items())}

    def by_respondent(self) -> dict[str, NDArray[np.int64]]:
        """Places of the answers that each respondent gave."""
        return self.among(lambda line: self.lines.responses[int(self.lines.response[line])].ask.respondent)

    def by_position(self) -> dict[str, NDArray[np.int64]]:
        """Places of the answers that were given on the first line, the second, and so on."""
        return self.among(lambda line: int(self.lines.number[line]))

    def by_length(self) -> dict[str, NDArray[np.int64]]:
        """Places of the answers in thirds by their number of characters; empty where all are equally long."""
        longest: dict[str, int] = {}
        for text, answer in zip(self.lines.texts, self.lines.answer.tolist(), strict=True):
            name = self.lines.answer_ids[answer]
            longest[name] = max(longest.get(name, 0), len(text))
        lengths = np.array([longest.get(answer, 0) for answer in self.answers])
        if len(np.unique(lengths)) < 2:
            return {}
        cuts = np.quantile(lengths, [1 / 3, 2 / 3])
        third = np.searchsorted(cuts, lengths, side="left")
        found = {name: np.flatnonzero(third == number) for number, name in enumerate(LENGTHS)}
        return {name: places for name, places in found.items() if len(places)}


def compared_marks(
    study: ScoredStudy, judge: Reviewer, basis: MarkBasis, voted: Sequence[ModelMark], first: Sequence[Mark]
) -> ComparedMarks:
    """Put a model's marks beside those of people.

    Parameters
    ----------
    study : ScoredStudy
    judge : Reviewer
    basis : MarkBasis
    voted : sequence of ModelMark
        Of every model.
    first : sequence of Mark
        Of people, before adjudication.
    """
    known = set(study.lines.answer_ids)
    of_model = {
        mark.answer_id: mark
        for mark in voted
        if mark.judge == judge and mark.basis == basis and mark.value is not None and mark.answer_id in known
    }
    settled = _settled(study, basis)
    answers = tuple(answer for answer in of_model if answer in settled)
    return ComparedMarks(
        judge.label,
        basis,
        answers,
        tuple(of_model[answer].question_id for answer in answers),
        tuple(of_model[answer].value or "0" for answer in answers),
        tuple(settled[answer] for answer in answers),
        _own_credits(first, basis, answers),
        _repeats(study.of_models, judge, basis),
        study.lines,
    )


def _settled(study: ScoredStudy, basis: MarkBasis) -> dict[str, str]:
    """What the people's marks of each answer come to; nothing where no person has marked, or a program settles."""
    review = study.plan.review
    panel = (*study.gathered.panel(basis, review.reviewers), Reviewer.from_label(review.consensus))
    if panel[-1].role == "automatic" or all(reviewer.role == "automatic" for reviewer in panel[:-1]):
        return {}
    found = {}
    for mark in study.agreed.get(basis, ()):
        if mark.credit in (0.0, 1.0):
            credited = (mark.entry or "1") if basis == "key" else "1"
            found[mark.answer_id] = credited if mark.credit else "0"
    return found


def _own_credits(first: Sequence[Mark], basis: MarkBasis, answers: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    place = {answer: number for number, answer in enumerate(answers)}
    found: dict[str, NDArray[np.float64]] = {}
    for mark in first:
        if mark.reviewer.role == "reviewer" and mark.field == basis and not mark.repeat and mark.answer_id in place:
            own = found.setdefault(mark.reviewer.label, np.full(len(answers), np.nan))
            own[place[mark.answer_id]] = float(mark.value != "0")
    return dict(sorted(found.items()))


def _repeats(marks: Sequence[Mark], judge: Reviewer, basis: MarkBasis) -> tuple[tuple[str, tuple[str, ...]], ...]:
    given: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.reviewer == judge and mark.field == basis:
            given.setdefault(mark.answer_id, []).append(mark)
    return tuple(
        (own[0].question_id, tuple(mark.value for mark in sorted(own, key=lambda mark: mark.repeat)))
        for own in given.values()
        if len(own) > 1
    )
