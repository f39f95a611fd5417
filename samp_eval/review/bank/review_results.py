"""What the experts' ratings come to: indices of content validity, and for each question what to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

import numpy as np

from samp_eval.errors import StudyConflict
from samp_eval.items.reviewed_text import case_sha256
from samp_eval.items.samp import Question
from samp_eval.review.bank.acceptance import Acceptance
from samp_eval.review.bank.rating_fields import FLAGS, entry_verdicts, is_rated
from samp_eval.review.bank.review_rows import BankReview, Opinion
from samp_eval.statistics.not_estimated import NotEstimated, or_reason
from samp_eval.statistics.psychometrics.content_validity import (
    FEWEST_EXPERTS,
    ItemValidity,
    ScaleValidity,
    item_validity,
    scale_validity,
)
from samp_eval.statistics.reviewers.agreement import IntervalEstimate, agreement

__all__ = ["BankReviewResults", "ReviewedQuestion", "accepted_now", "review_results"]


@dataclass(frozen=True, slots=True)
class ReviewedQuestion:
    """What the experts say of one question as it reads today.

    Attributes
    ----------
    experts : tuple of str
        Who said all that is asked.
    relevance, clarity : ItemValidity or NotEstimated
    ratings : mapping of expert to values by field
        As they hold, of unfinished ratings too.
    verdicts : mapping
        Of each key entry, by letter: how many experts say yes, no and unsure.
    expected : float or None
        Mean of the expected lines of a just-competent candidate.
    to_change, to_consider : tuple of str
        Sentences: what stands against the question, and what might make it better.
    accepted : bool
        By the rule: enough experts, relevance and clarity at their cut, and nothing to change.
    """

    case_id: str
    question_id: str
    requested: int
    experts: tuple[str, ...]
    relevance: ItemValidity | NotEstimated
    clarity: ItemValidity | NotEstimated
    ratings: Mapping[str, Mapping[str, str]]
    verdicts: Mapping[str, Mapping[str, int]]
    expected: float | None
    to_change: tuple[str, ...]
    to_consider: tuple[str, ...]
    accepted: bool


@dataclass(frozen=True, slots=True)
class BankReviewResults:
    """What a review of a bank comes to.

    Attributes
    ----------
    relevance, clarity : ScaleValidity or NotEstimated
        Of the questions with three experts or more.
    entries_right : IntervalEstimate or NotEstimated
        Gwet's AC1 of right or not, over key entries.
    share_right : float or None
        Of all verdicts on entries, percent.
    n_answered, n_rated : mapping of expert to int
        Questions that each has answered and rated whole, as they read today.
    outdated : tuple of (expert, question_id)
        Rated as they read earlier, and not since.
    accepted_cases : mapping of case id to Acceptance
        Whose text is still the one that was accepted.
    """

    review: BankReview
    questions: tuple[ReviewedQuestion, ...]
    relevance: ScaleValidity | NotEstimated
    clarity: ScaleValidity | NotEstimated
    entries_right: IntervalEstimate | NotEstimated
    share_right: float | None
    n_answered: Mapping[str, int]
    n_rated: Mapping[str, int]
    outdated: tuple[tuple[str, str], ...]
    accepted_cases: Mapping[str, Acceptance]

    def as_json(self) -> dict[str, Any]:
        """Fields for a program."""
        return {
            "experts": [
                {"expert": name, "answered": self.n_answered[name], "rated": self.n_rated[name]}
                for name in self.review.experts
            ],
            "rounds": self.review.rounds,
            "n_questions": len(self.questions),
            "relevance": _plain(self.relevance),
            "clarity": _plain(self.clarity),
            "entries_right": {"ac1": _plain(self.entries_right), "share_percent": self.share_right},
            "outdated": [{"expert": expert, "question_id": name} for expert, name in self.outdated],
            "accepted_cases": sorted(self.accepted_cases),
            "questions": [{**asdict(question), **_validity(question)} for question in self.questions],
        }

    def acceptable_cases(self) -> dict[str, tuple[str, ...]]:
        """Cases that the rule accepts, with the experts who rated every question of each."""
        return {name: experts for name, experts in self.case_experts().items() if self.is_acceptable(name)}

    def case_experts(self) -> dict[str, tuple[str, ...]]:
        """For each case, who rated every question of it."""
        found: dict[str, list[set[str]]] = {}
        for question in self.questions:
            found.setdefault(question.case_id, []).append(set(question.experts))
        order = self.review.experts
        return {name: tuple(who for who in order if who in set.intersection(*of)) for name, of in found.items()}

    def is_acceptable(self, case_id: str) -> bool:
        """Whether the rule accepts every question of a case."""
        return all(question.accepted for question in self.questions if question.case_id == case_id)


def _plain(found: Any) -> Any:
    return found.as_json() if isinstance(found, NotEstimated) else asdict(found)


def _validity(question: ReviewedQuestion) -> dict[str, Any]:
    return {"relevance": _plain(question.relevance), "clarity": _plain(question.clarity)}


def review_results(review: BankReview, acceptances: Sequence[Acceptance]) -> BankReviewResults:
    """Compute everything; an index rests on three experts or more, or there is none."""
    asked = review.bank.by_question()
    questions = tuple(_reviewed(review, case.id, question) for case, question in review.bank.asked())
    relevance, clarity = (_table(review, name) for name in ("relevance", "clarity"))
    verdicts = _entry_table(review)
    given = [value for row in verdicts for value in row if np.isfinite(value)]
    text = {case.id: case_sha256(case) for case in review.bank.cases}
    rated = Counter(expert for question in questions for expert in question.experts)
    answered = Counter(
        expert for (expert, name), opinion in review.opinions.items() if opinion.has_answered and name in asked
    )
    return BankReviewResults(
        review=review,
        questions=questions,
        relevance=or_reason(scale_validity)(relevance),
        clarity=or_reason(scale_validity)(clarity),
        entries_right=_agreement_on_entries(review, verdicts),
        share_right=100 * fmean(given) if given else None,
        n_answered={name: answered[name] for name in review.experts},
        n_rated={name: rated[name] for name in review.experts},
        outdated=tuple(dict.fromkeys(_only_of_an_earlier_text(review))),
        accepted_cases={
            acceptance.case_id: acceptance
            for acceptance in acceptances
            if text.get(acceptance.case_id) == acceptance.case_sha256
        },
    )


def _only_of_an_earlier_text(review: BankReview) -> Iterator[tuple[str, str]]:
    """Whose ratings of which question are of an earlier text and have not been given anew."""
    for row in review.outdated:
        if row.step == "ratings" and not review.opinion(row.expert, row.question_id).by_round:
            yield row.expert, row.question_id


def _reviewed(review: BankReview, case_id: str, question: Question) -> ReviewedQuestion:
    opinions = [opinion for opinion in review.of_question(question.id) if opinion.values]
    whole = [opinion for opinion in opinions if is_rated(opinion.values, question)]
    relevance, clarity = (_item(opinions, name) for name in ("relevance", "clarity"))
    expected = [float(opinion.values["expected"]) for opinion in opinions if "expected" in opinion.values]
    verdicts = {
        letter: dict(Counter(entry_verdicts(opinion.values, question).get(letter, "") for opinion in opinions))
        for letter in question.lettered_key()
    }
    for counts in verdicts.values():
        counts.pop("", None)
    indices = {"Relevance": relevance, "Clarity": clarity}
    to_change = tuple(_to_change(question, opinions, indices, verdicts))
    return ReviewedQuestion(
        case_id=case_id,
        question_id=question.id,
        requested=question.requested,
        experts=tuple(opinion.expert for opinion in whole),
        relevance=relevance,
        clarity=clarity,
        ratings={opinion.expert: opinion.values for opinion in opinions},
        verdicts=verdicts,
        expected=fmean(expected) if expected else None,
        to_change=to_change,
        to_consider=tuple(_to_consider(question, opinions, verdicts)),
        accepted=len(whole) >= FEWEST_EXPERTS and not to_change,
    )


def _item(opinions: Sequence[Opinion], name: str) -> ItemValidity | NotEstimated:
    return or_reason(item_validity)([int(opinion.values[name]) for opinion in opinions if name in opinion.values])


def _to_change(
    question: Question,
    opinions: Sequence[Opinion],
    indices: Mapping[str, ItemValidity | NotEstimated],
    verdicts: Mapping[str, Mapping[str, int]],
) -> Iterator[str]:
    """What stands against the question."""
    for what, found in indices.items():
        if isinstance(found, ItemValidity) and not found.reaches_cut:
            yield f"{what}: {found.favourable} of {found.n} experts rate it 3 or 4, which is below the cut."
    yield from _of_entries(question, verdicts, "no", "wrong")
    for opinion in opinions:
        if opinion.values.get("source_current") == "no":
            newer = opinion.values.get("newer_source", "")
            yield "The source is no longer in force" + (f": {newer}." if newer else ".")
    yield from _flagged(opinions, ("unsafe", "unfair"))


def _to_consider(
    question: Question, opinions: Sequence[Opinion], verdicts: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    """What might make the question better and does not stand against it."""
    yield from _of_entries(question, verdicts, "unsure", "unsure")
    for text, number in Counter(part for opinion in opinions for part in _missing(opinion)).most_common():
        yield f"The key lacks {text!r} ({_experts(number)})."
    yield from _flagged(opinions, ("ambiguous", "gives_away"))


def _of_entries(
    question: Question, verdicts: Mapping[str, Mapping[str, int]], verdict: str, word: str
) -> Iterator[str]:
    entries = question.lettered_key()
    for letter, counts in verdicts.items():
        if counts.get(verdict):
            verdicts_so = f"{counts[verdict]} of {sum(counts.values())} experts: {word}"
            yield f"Entry {letter} ({entries[letter].answer}): {verdicts_so}."


def _flagged(opinions: Sequence[Opinion], flags: Sequence[str]) -> Iterator[str]:
    for flag in flags:
        number = sum(opinion.values.get(flag) == "1" for opinion in opinions)
        if number:
            yield f"{flag.capitalize().replace('_', ' ')} ({_experts(number)}): {FLAGS[flag]}."


def _missing(opinion: Opinion) -> list[str]:
    return [part.strip() for part in opinion.values.get("missing", "").replace("\n", ";").split(";") if part.strip()]


def _experts(number: int) -> str:
    return f"{number} expert{'s' if number != 1 else ''}"


def _table(review: BankReview, name: str) -> list[list[float]]:
    """Ratings, a row for each question and a column for each expert; NaN where there is none."""
    return [
        [float(review.opinion(expert, question.id).values.get(name, "nan")) for expert in review.experts]
        for _, question in review.bank.asked()
    ]


def _entry_table(review: BankReview) -> list[list[float]]:
    """Verdicts: 1 right, 0 not (wrong or unsure); a row for each key entry."""
    rows = []
    for _, question in review.bank.asked():
        said = [entry_verdicts(review.opinion(expert, question.id).values, question) for expert in review.experts]
        rows += [
            [float(of[letter] == "yes") if letter in of else float("nan") for of in said]
            for letter in question.lettered_key()
        ]
    return rows


def _agreement_on_entries(review: BankReview, verdicts: list[list[float]]) -> IntervalEstimate | NotEstimated:
    table = np.array(verdicts, dtype=float).reshape(len(verdicts), len(review.experts))
    enough = np.isfinite(table).sum(axis=1) >= FEWEST_EXPERTS
    if not enough.any():
        return NotEstimated(f"no key entry has the verdicts of {FEWEST_EXPERTS} experts")
    of_question = [n for n, (_, question) in enumerate(review.bank.asked()) for _ in question.key]
    return agreement(table[enough], np.array(of_question)[enough]).gwet_ac1


def accepted_now(results: BankReviewResults, cases: Sequence[str], reason: str, now: datetime) -> list[Acceptance]:
    """Acceptances of the named cases, or of all that the rule accepts.

    Raises
    ------
    StudyConflict
        Where a case is unknown or nobody rated it whole, the rule does not accept it and no reason is given, or there
        is nothing to accept.
    """
    experts, text = results.case_experts(), {case.id: case_sha256(case) for case in results.review.bank.cases}
    unknown = [name for name in cases if name not in experts]
    if unknown:
        raise StudyConflict(f"the bank has no case {', '.join(unknown)}; samp-eval items list shows them all")
    names = list(dict.fromkeys(cases)) or list(results.acceptable_cases())
    if not names:
        raise StudyConflict("the rule accepts no case yet; samp-eval items review report says what stands against each")
    unrated = [name for name in names if not experts[name]]
    if unrated:
        raise StudyConflict(f"no expert has rated every question of {', '.join(unrated)}")
    against = [name for name in names if not results.is_acceptable(name)]
    if against and not reason:
        raise StudyConflict(
            f"the rule does not accept {', '.join(against)}; samp-eval items review report says why, and --reason TEXT "
            "accepts it all the same"
        )
    return [Acceptance(name, text[name], experts[name], reason if name in against else "", now) for name in names]
