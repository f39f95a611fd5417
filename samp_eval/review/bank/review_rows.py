"""What goes out to an expert who reviews the bank, what comes back, and which of it counts today."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import BankReviewStep
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.run.prompt import case_text, question_sha256, question_text

__all__ = [
    "FINISHED",
    "PAGE",
    "BankRating",
    "BankReview",
    "BankReviewRow",
    "Opinion",
    "SentRating",
    "StandingRating",
    "bank_review",
    "shown_sha256",
]

PAGE = "page of the bank review"
"""The source of what was said on the page."""

FINISHED = "finished"
"""The field in which an expert says on the page: these are my answers, or in a later round, all stays as it was."""

RowPlace = tuple[str, BankReviewStep, int, str]
"""Expert, step, round and question id."""


@dataclass(frozen=True, slots=True)
class BankReviewRow:
    """A question as it went out to an expert.

    Attributes
    ----------
    row_id : str
        Opaque and random.
    expert : str
    step : BankReviewStep
    round : int
        From 1; in the second, experts see what all said in the first.
    question_id : str
    bank_version : int
        Of the bank that the expert saw.
    exported_at : datetime
        UTC.
    """

    row_id: str
    expert: str
    step: BankReviewStep
    round: int
    question_id: str
    bank_version: int
    exported_at: datetime

    @property
    def place(self) -> RowPlace:
        """What went out to whom; of each text of the question there is a row of its own."""
        return self.expert, self.step, self.round, self.question_id


@dataclass(frozen=True, slots=True)
class BankRating:
    """What an expert says in one field of a row; ``source`` is the file or the page, ``given_at`` is UTC."""

    row_id: str
    field: str
    value: str
    given_at: datetime
    source: str

    @property
    def place(self) -> tuple[str, str]:
        """A later one there replaces this one."""
        return self.row_id, self.field

    @property
    def marked_at(self) -> datetime:
        """As marks call the moment in which something was said."""
        return self.given_at


@dataclass(frozen=True, slots=True)
class SentRating:
    """A rating as the page sends it, perhaps late and more than once; see :class:`samp_eval.review.marks.SentMark`."""

    rating: BankRating
    rating_id: str
    seen: str


@dataclass(frozen=True, slots=True)
class StandingRating:
    """What holds in one place; ``version`` and ``against`` as in :class:`samp_eval.review.marks.StandingMark`."""

    value: str
    version: str
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one expert says of one question as it reads today.

    Attributes
    ----------
    expert, question_id : str
    by_round : mapping
        Values by field, of each round from which there are any; what a later round leaves empty holds on.
    answers : tuple of str
        As a candidate; empty where the question was left blank.
    has_answered : bool
        As a candidate, if only by leaving the question blank.
    blind : bool
        Whether the answers came before the key went out to the expert.
    """

    expert: str
    question_id: str
    by_round: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    has_answered: bool = False
    blind: bool = True

    def until(self, last_round: int) -> dict[str, str]:
        """Values by field after a round."""
        values: dict[str, str] = {}
        for number in sorted(self.by_round):
            if number <= last_round:
                values |= self.by_round[number]
        return values

    @property
    def values(self) -> dict[str, str]:
        """Values by field that hold."""
        return self.until(max(self.by_round, default=0))


@dataclass(frozen=True, slots=True)
class BankReview:
    """Everything that experts said of a bank.

    Attributes
    ----------
    bank : Bank
        As it reads today.
    rows : tuple of BankReviewRow
        Every row that ever went out.
    opinions : mapping
        By expert and question id. Ratings of a question whose text or key has changed since are not among them, nor
        answers to one that candidates read otherwise now.
    outdated : tuple of BankReviewRow
        On which something was said of a text that has changed since; it is kept and does not count.
    current : mapping
        By place, the last row that shows the question as it reads today.
    """

    bank: Bank
    rows: tuple[BankReviewRow, ...]
    opinions: Mapping[tuple[str, str], Opinion]
    outdated: tuple[BankReviewRow, ...]
    current: Mapping[RowPlace, BankReviewRow]

    @property
    def experts(self) -> tuple[str, ...]:
        """Whoever was sent anything, in order of the first sheet."""
        return tuple(dict.fromkeys(who for _, who in sorted((row.exported_at, row.expert) for row in self.rows)))

    @property
    def rounds(self) -> int:
        """The last round that went out; 0 before the first."""
        return max((row.round for row in self.rows if row.step == "ratings"), default=0)

    def opinion(self, expert: str, question_id: str) -> Opinion:
        """What an expert says of a question; empty where nothing."""
        return self.opinions.get((expert, question_id), Opinion(expert, question_id))

    def of_question(self, question_id: str) -> list[Opinion]:
        """The opinions of all experts on a question, in order of the experts."""
        return [self.opinions[expert, question_id] for expert in self.experts if (expert, question_id) in self.opinions]


def shown_sha256(case: SampCase, question: Question) -> str:
    """SHA-256 of all that an expert reads and sees of a question and its key: with another, ratings count no more."""
    content = question.model_dump(mode="json", exclude_defaults=True, exclude={"rationale"})
    whole = [case.setting, case_text(case, question), question_text(case, question), content]
    whole += [picture.digest for picture in case.pictures_until(question)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def bank_review(keys: KeyHistory, bank: Bank, rows: Iterable[BankReviewRow], given: Iterable[BankRating]) -> BankReview:
    """Gather what counts.

    Parameters
    ----------
    keys : KeyHistory
        Every bank that the study has had.
    bank : Bank
        The present one; questions that are excluded are passed over.
    rows : iterable of BankReviewRow
    given : iterable of BankRating
        In order; the latest of a row and field holds.
    """
    sent = tuple(rows)
    said: dict[str, list[BankRating]] = {}
    for rating in given:
        said.setdefault(rating.row_id, []).append(rating)
    today = bank.by_question()
    versions = {held.bank.version: held.bank.by_question() for held in keys.versions}

    def reads_the_same(row: BankReviewRow) -> bool:
        found = versions.get(row.bank_version, {}).get(row.question_id)
        text = question_sha256 if row.step == "answers" else shown_sha256
        return found is not None and text(*today[row.question_id]) == text(*found)

    of_today = [row for row in sent if row.question_id in today and reads_the_same(row)]
    known = {row.row_id for row in of_today}
    key_out: dict[tuple[str, str], datetime] = {}
    for row in sent:
        if row.step == "ratings":
            place = row.expert, row.question_id
            key_out[place] = min(row.exported_at, key_out.get(place, row.exported_at))
    rows_of: dict[tuple[str, str], list[BankReviewRow]] = {}
    for row in of_today:
        if row.row_id in said:
            rows_of.setdefault((row.expert, row.question_id), []).append(row)
    return BankReview(
        bank,
        sent,
        {place: _opinion(*place, of, said, key_out.get(place)) for place, of in rows_of.items()},
        tuple(row for row in sent if row.question_id in today and row.row_id in said and row.row_id not in known),
        {row.place: row for row in sorted(of_today, key=_age)},
    )


def _opinion(
    expert: str,
    question_id: str,
    rows: Sequence[BankReviewRow],
    said: Mapping[str, Sequence[BankRating]],
    key_out: datetime | None,
) -> Opinion:
    by_round: dict[int, dict[str, str]] = {}
    answers: tuple[str, ...] = ()
    has_answered, blind = False, True
    for row in sorted(rows, key=_age):
        given = said[row.row_id]
        if row.step == "ratings":
            by_round.setdefault(row.round, {}).update(_latest(given))
        elif _is_finished(given):
            before_key = [rating for rating in given if key_out is None or rating.given_at <= key_out]
            answers, has_answered, blind = _as_candidate(before_key or given), True, bool(before_key)
    return Opinion(expert, question_id, by_round, answers, has_answered, blind)


def _age(row: BankReviewRow) -> tuple[int, datetime]:
    return row.bank_version, row.exported_at


def _latest(given: Iterable[BankRating]) -> dict[str, str]:
    latest = {rating.field: rating.value for rating in given if rating.field != FINISHED}
    return {name: value for name, value in latest.items() if value}


def _is_finished(given: Iterable[BankRating]) -> bool:
    """Whether an expert is through with an answer: a sheet that comes back is, and on the page the expert says so."""
    return any(rating.source != PAGE or rating.field == FINISHED for rating in given)


def _as_candidate(given: Iterable[BankRating]) -> tuple[str, ...]:
    named = sorted((int(name.rpartition("_")[2]), value) for name, value in _latest(given).items())
    return tuple(value for _, value in named if value != "-")
