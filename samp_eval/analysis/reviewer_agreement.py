"""Agreement of a study's reviewers: by basis, respondent, round and time, and of a reviewer with an earlier self."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, get_args

import numpy as np

from samp_eval.analysis.counted_lines import CountedLines
from samp_eval.analysis.score import count_correct, credit_lines, score_percents
from samp_eval.errors import CannotEstimate
from samp_eval.items.samp import Bank
from samp_eval.literals import MarkBasis
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import Mark
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.statistics.reviewers.agreement import (
    Agreement,
    Floats,
    IntervalEstimate,
    agreement,
    intraclass_correlation,
    kappa_paradox,
)
from samp_eval.statistics.reviewers.severity import Severity, reviewer_severity

__all__ = ["ENOUGH_FOR_A_PAIR", "BasisAgreement", "StudyAgreement", "study_agreement"]

ENOUGH_FOR_A_PAIR = 30
"""Answers that two of several reviewers both marked, for a kappa of their own: with fewer, at 90 % agreement and even
marks, its standard error sqrt(p_o (1 - p_o) / n) / (1 - p_e) is above 0.11 even if answers were independent."""

PARTS_OF_TIME = ("first third", "second third", "last third")


@dataclass(frozen=True, slots=True)
class BasisAgreement:
    """Agreement on one basis.

    Attributes
    ----------
    reviewers : tuple of str
    overall, by_lines : Agreement
        Of distinct answers; and of the same, each counted as often as its lines occur in the responses.
    by_respondent, by_round : dict
        Answers that occur in the responses of a respondent, or in a round.
    by_time : dict
        Answers by when the last of their marks was given; empty where all marks came at once.
    within_reviewer : dict
        Each reviewer against an earlier self, where answers were repeated.
    by_pair : dict
        Each two of more than two reviewers, with at least :data:`ENOUGH_FOR_A_PAIR` answers that both marked.
    severity : Severity or NotEstimated
        Of each reviewer who has marked, in their order.
    score_icc : IntervalEstimate
        Of the score percentages of responses, where every reviewer marked all of their lines.
    note : str or None
        The kappa paradox in words, where it occurs.
    """

    reviewers: tuple[str, ...]
    overall: Agreement
    by_lines: Agreement
    by_respondent: dict[str, Agreement]
    by_round: dict[str, Agreement]
    by_time: dict[str, Agreement]
    within_reviewer: dict[str, Agreement]
    by_pair: dict[str, Agreement]
    severity: Severity | NotEstimated
    score_icc: IntervalEstimate
    note: str | None


@dataclass(frozen=True, slots=True)
class StudyAgreement:
    """Agreement of a study by basis, taken before adjudication."""

    bases: dict[MarkBasis, BasisAgreement]

    def as_json(self) -> dict[str, Any]:
        """``bases`` as documented; the finer tables in ``details``."""
        details = {
            name: {
                "reviewers": list(basis.reviewers),
                "by_lines": _plain(basis.by_lines),
                "by_respondent": {key: _plain(value) for key, value in basis.by_respondent.items()},
                "by_round": {key: _plain(value) for key, value in basis.by_round.items()},
                "by_time": {key: _plain(value) for key, value in basis.by_time.items()},
                "within_reviewer": {key: _plain(value) for key, value in basis.within_reviewer.items()},
                "by_pair": {key: _plain(value) for key, value in basis.by_pair.items()},
                "severity": _severity_as_json(basis),
                "score_icc": asdict(basis.score_icc),
                "note": basis.note,
            }
            for name, basis in self.bases.items()
        }
        return {
            "bases": {name: _plain(basis.overall) for name, basis in self.bases.items()},
            "details": details,
        }


def study_agreement(
    bank: Bank,
    lines: CountedLines,
    marks: Sequence[Mark],
    reviewers: Sequence[str] = (),
) -> StudyAgreement:
    """Measure how far the reviewers agree, with intervals that allow for answers of one question being alike.

    Parameters
    ----------
    bank : Bank
        Answers to its questions are compared.
    lines : CountedLines
        Of the study's responses.
    marks : sequence of Mark
        As they held before adjudication; see :func:`samp_eval.review.adjudication.marks_before_adjudication`.
    reviewers : sequence of str
        The study's reviewers; empty for every person who has marked.

    Raises
    ------
    CannotEstimate
        Where no answer has marks of two persons on any basis.
    """
    own = [mark for mark in lines.marks_of(marks) if mark.reviewer.role != "adjudicator"]
    study = _Study(bank, lines, own)
    bases: tuple[MarkBasis, ...] = get_args(MarkBasis)
    found = {basis: study.on_basis(basis, reviewers) for basis in bases}
    if not any(agreement.overall.n or agreement.within_reviewer for agreement in found.values()):
        raise CannotEstimate(
            "agreement needs answers that two reviewers have marked; import a second reviewer's sheet "
            "(automatic marks are not counted as a reviewer)"
        )
    return StudyAgreement(found)


class _Study:
    """What every figure is made from: whose answers occur where, and their questions."""

    def __init__(self, bank: Bank, lines: CountedLines, marks: Sequence[Mark]) -> None:
        self._lines, self._marks = lines, marks
        self._question = {question.id: number for number, (_, question) in enumerate(bank.asked())}
        self._occurs = self._occurrences()
        counts = np.bincount(lines.answer, minlength=len(lines.answer_ids)).tolist()
        self._count: dict[str, int] = dict(zip(lines.answer_ids, counts, strict=True))

    def on_basis(self, basis: MarkBasis, reviewers: Sequence[str]) -> BasisAgreement:
        people = [mark for mark in self._marks if mark.reviewer.role == "reviewer"]
        gathered = GatheredMarks(people)
        panel = tuple(reviewer.label for reviewer in gathered.panel(basis, reviewers))
        credits: dict[str, dict[str, float]] = {name: {} for name in panel}
        again: dict[str, dict[str, float]] = {name: {} for name in panel}
        moments: dict[str, float] = {}
        questions: dict[str, str] = {}
        for mark in people:
            name = mark.reviewer.label
            if mark.field == basis and name in credits and mark.question_id in self._question:
                credit = 0.0 if mark.value == "0" else 1.0
                if mark.repeat:
                    again[name][mark.answer_id] = credit
                    continue
                credits[name][mark.answer_id] = credit
                moments[mark.answer_id] = max(moments.get(mark.answer_id, 0.0), mark.marked_at.timestamp())
                questions[mark.answer_id] = mark.question_id
        answers = [answer for answer in questions if any(answer in occurring for occurring in self._occurs.values())]
        measured = _Measured(credits, again, questions, self._measure)
        overall = measured.among(answers, panel)
        return BasisAgreement(
            reviewers=panel,
            overall=overall,
            by_lines=measured.among(answers, panel, self._count),
            by_respondent=measured.by(self._labels("respondent", answers), panel),
            by_round=measured.by(self._labels("round", answers), panel),
            by_time=measured.by(_thirds(answers, moments), panel),
            within_reviewer=measured.within(answers, panel),
            by_pair=measured.by_pair(answers, panel),
            severity=or_reason(measured.severity)(answers, panel),
            score_icc=self._score_icc(gathered, basis, panel),
            note=kappa_paradox(overall),
        )

    def _measure(self, ratings: Floats, questions: Sequence[str], weights: Floats | None = None) -> Agreement:
        names = sorted(set(questions), key=self._question.__getitem__)
        place = {name: number for number, name in enumerate(names)}
        clusters = np.array([place[question] for question in questions], dtype=np.int64)
        return agreement(ratings, clusters, weights=weights)

    def _score_icc(self, people: GatheredMarks, basis: MarkBasis, panel: tuple[str, ...]) -> IntervalEstimate:
        if len(panel) < 2:
            return IntervalEstimate(None, None, None)
        columns = []
        for name in panel:
            own = people.consensus(basis, "mean", (name,))
            correct = count_correct(self._lines, credit_lines(self._lines, own, basis))
            columns.append(score_percents(self._lines, correct))
        numbers = np.array([self._question[question.id] for _, question in self._lines.asked], dtype=np.int64)
        return intraclass_correlation(np.array(columns).T, numbers)

    def _labels(self, kind: str, answers: Iterable[str]) -> dict[str, list[str]]:
        labelled: dict[str, list[str]] = {}
        for answer in answers:
            for label in sorted(self._occurs[kind].get(answer, ())):
                labelled.setdefault(label, []).append(answer)
        return dict(sorted(labelled.items()))

    def _occurrences(self) -> dict[str, dict[str, set[str]]]:
        """Respondents and rounds in which each answer or line occurs."""
        asks = [response.ask for response in self._lines.responses]
        marked = {mark.answer_id for mark in self._marks}
        line_ids = self._lines.line_ids if self._lines.marked_by_themselves(marked) else ()
        labels = {"respondent": [ask.respondent for ask in asks], "round": [str(ask.round) for ask in asks]}
        found: dict[str, dict[str, set[str]]] = {kind: {} for kind in labels}
        for kind, of_response in labels.items():
            names = sorted(set(of_response))
            place = {name: number for number, name in enumerate(names)}
            label = np.array([place[name] for name in of_response], dtype=np.int64)[self._lines.response]
            for pair in np.unique(self._lines.answer * len(names) + label).tolist():
                answer, number = divmod(pair, len(names))
                found[kind].setdefault(self._lines.answer_ids[answer], set()).add(names[number])
            found[kind] |= {line: {names[number]} for line, number in zip(line_ids, label.tolist(), strict=False)}
        return found


@dataclass(frozen=True, slots=True)
class _Measured:
    """Credits by reviewer and answer, ``again`` where it was repeated, and how a set of answers is measured."""

    credits: Mapping[str, Mapping[str, float]]
    again: Mapping[str, Mapping[str, float]]
    questions: Mapping[str, str]
    measure: Callable[[Floats, Sequence[str], Floats | None], Agreement]

    def among(self, answers: Sequence[str], panel: Sequence[str], lines: Mapping[str, int] | None = None) -> Agreement:
        """With ``lines``, an answer counts as often as it says; one that stands for a single line is not in it."""
        columns = [[self.credits[name].get(answer, np.nan) for answer in answers] for name in panel]
        columns += [[np.nan] * len(answers)] * (2 - len(columns))
        weights = None if lines is None else np.array([lines.get(answer, 1) for answer in answers], dtype=np.float64)
        ratings = np.array(columns, dtype=np.float64).T
        return self.measure(ratings, [self.questions[answer] for answer in answers], weights)

    def by(self, groups: Mapping[str, Sequence[str]], panel: Sequence[str]) -> dict[str, Agreement]:
        return {label: self.among(answers, panel) for label, answers in groups.items()} if len(panel) > 1 else {}

    def by_pair(self, answers: Sequence[str], panel: Sequence[str]) -> dict[str, Agreement]:
        pairs = combinations(panel, 2) if len(panel) > 2 else ()
        found = {f"{first} and {second}": self.among(answers, (first, second)) for first, second in pairs}
        return {pair: measured for pair, measured in found.items() if measured.n >= ENOUGH_FOR_A_PAIR}

    def severity(self, answers: Sequence[str], panel: Sequence[str]) -> Severity:
        names = tuple(name for name in panel if self.credits[name])
        ratings = np.array([[self.credits[name].get(answer, np.nan) for name in names] for answer in answers])
        numbers = {question: number for number, question in enumerate(dict.fromkeys(self.questions.values()))}
        clusters = np.array([numbers[self.questions[answer]] for answer in answers], dtype=np.int64)
        return reviewer_severity(ratings.reshape(len(answers), len(names)), clusters, names)

    def within(self, answers: Sequence[str], panel: Sequence[str]) -> dict[str, Agreement]:
        found = {}
        for name in panel:
            first, again = self.credits[name], self.again[name]
            twice = [answer for answer in answers if answer in first and answer in again]
            if twice:
                ratings = np.array([[first[answer], again[answer]] for answer in twice])
                found[name] = self.measure(ratings, [self.questions[answer] for answer in twice], None)
        return found


def _thirds(answers: Sequence[str], moments: Mapping[str, float]) -> dict[str, list[str]]:
    ordered = sorted(answers, key=lambda answer: (moments[answer], answer))
    if len({moments[answer] for answer in answers}) < len(PARTS_OF_TIME):
        return {}
    return {
        label: [str(answer) for answer in part]
        for label, part in zip(PARTS_OF_TIME, np.array_split(np.array(ordered, dtype=object), 3), strict=True)
    }


def _severity_as_json(basis: BasisAgreement) -> dict[str, Any]:
    found = basis.severity
    if isinstance(found, NotEstimated):
        return found.as_json()
    estimates = zip(found.severity, found.ci_low, found.ci_high, strict=True)
    by_reviewer = {
        name: {"value": value, "ci_low": low, "ci_high": high}
        for name, (value, low, high) in zip(found.reviewers, estimates, strict=True)
    }
    return {"reviewers": by_reviewer, "p_value": found.p_value, "n_differing": found.n_differing}


def _plain(of_answers: Agreement) -> dict[str, Any]:
    """The documented fields of one set of answers."""
    found = asdict(of_answers)
    del found["prevalence"]
    return found
