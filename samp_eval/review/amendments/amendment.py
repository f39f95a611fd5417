"""A corrected bank for a study that is under way: what changes, and which marks and responses that touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.review.amendments.entry_matching import EntryMap, match_entries
from samp_eval.review.amendments.key_changes import key_changes
from samp_eval.review.amendments.key_history import KeyHistory, KeyVersion
from samp_eval.review.marks import Mark, MarkPlace
from samp_eval.run.prompt import question_sha256

__all__ = ["Amendment", "QuestionChange", "latest_given", "plan_amendment", "reopened_marks", "what_changed"]

ChangeKind = Literal["key", "another question", "added"]


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """What an amendment does to one question.

    Attributes
    ----------
    question_id : str
    kind : ChangeKind
        ``key``: it reads as before and its key does not; ``another question``: respondents read something else, so
        that what they answered is stale; ``added``: it is new.
    details : tuple of str
        Each a sentence.
    """

    question_id: str
    kind: ChangeKind
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amendment:
    """A corrected bank, ready to be taken into the study.

    Attributes
    ----------
    before, after : KeyHistory
        Without and with the corrected bank.
    changes : tuple of QuestionChange
        In the bank's order; questions without a change are not among them.
    reopened, returning : tuple of Mark
        Marks, as they were given, that count without it and not with it, and the other way round.
    """

    before: KeyHistory
    after: KeyHistory
    changes: tuple[QuestionChange, ...]
    reopened: tuple[Mark, ...]
    returning: tuple[Mark, ...]

    @property
    def changed_questions(self) -> tuple[str, ...]:
        """Ids of the questions that read differently."""
        return tuple(change.question_id for change in self.changes if change.kind == "another question")


def plan_amendment(history: KeyHistory, corrected: Bank, maps: Sequence[EntryMap], given: Iterable[Mark]) -> Amendment:
    """Work out what a corrected bank changes; nothing is stored.

    Parameters
    ----------
    history : KeyHistory
    corrected : Bank
    maps : sequence of EntryMap
        Which entry became which, where the words do not tell.
    given : iterable of Mark
        Every mark ever given, with the letters that its reviewer saw.

    Raises
    ------
    StudyConflict
        Where a question is missing from the corrected bank, or it is not clear which entry became which.
    """
    present, given = history.present, list(latest_given(given))
    before, after = present.bank.by_question(), corrected.by_question()
    missing = [identifier for identifier in before if identifier not in after]
    if missing:
        raise StudyConflict(
            f"{corrected.location} lacks {_listed(missing)}, and a study loses no question without a word: put "
            f"{'it' if len(missing) == 1 else 'them'} back, and take a question out with samp-eval exclude question"
        )
    entries = match_entries(history, corrected, maps, _letters_in_use(history, given))
    version = KeyVersion(replace(corrected, version=present.bank.version + 1), entries)
    with_it = KeyHistory([*history.versions, version])
    counted = [(mark, history.value_today(mark), with_it.value_today(mark)) for mark in given]
    return Amendment(
        before=history,
        after=with_it,
        changes=tuple(
            change for name in after if (change := _change(present, version, name, before.get(name))) is not None
        ),
        reopened=tuple(mark for mark, was, now in counted if was and not now),
        returning=tuple(mark for mark, was, now in counted if now and not was),
    )


def latest_given(given: Iterable[Mark]) -> Iterable[Mark]:
    """The latest mark of each place, as it was given, unless it was withdrawn."""
    latest: dict[MarkPlace, Mark] = {}
    for mark in given:
        latest[mark.place] = mark
    return [mark for mark in latest.values() if mark.value]


def reopened_marks(history: KeyHistory, given: Iterable[Mark]) -> dict[MarkPlace, Mark]:
    """Marks that a correction of the key has reopened, and that have not been given anew, as they were given."""
    return {mark.place: mark for mark in latest_given(given) if not history.value_today(mark)}


def what_changed(history: KeyHistory, question_id: str, version: int) -> tuple[str, ...]:
    """What is different today in a question or its key from how a version had it, in sentences."""
    then = next((held for held in history.versions if held.bank.version == version), history.present)
    change = _change(then, history.present, question_id, then.bank.by_question().get(question_id))
    return change.details if change is not None else ()


def _letters_in_use(history: KeyHistory, given: Iterable[Mark]) -> dict[tuple[str, str], int]:
    """How many marks of people count by each entry, by question and present letter."""
    used: dict[tuple[str, str], int] = {}
    for mark in given:
        if mark.field == "key" and mark.reviewer.role != "automatic":
            place = mark.question_id, history.value_today(mark)
            used[place] = used.get(place, 0) + 1
    return used


def _change(
    before: KeyVersion, after: KeyVersion, question_id: str, held: tuple[SampCase, Question] | None
) -> QuestionChange | None:
    case, question = after.bank.by_question()[question_id]
    if held is None:
        return QuestionChange(question_id, "added", ("It is new, and no respondent has been asked it.",))
    if question_sha256(*held) != question_sha256(case, question):
        return QuestionChange(question_id, "another question", tuple(_what_reads_differently(*held, case, question)))
    details = tuple(key_changes(before, after, question_id))
    return QuestionChange(question_id, "key", details) if details else None


def _what_reads_differently(
    before_case: SampCase, before: Question, after_case: SampCase, after: Question
) -> Iterable[str]:
    if before.requested != after.requested:
        yield f"It asks for {after.requested} answers instead of {before.requested}."
    compared = (
        ("The stem", before_case.stem, after_case.stem),
        ("The vital signs", before_case.vitals, after_case.vitals),
        ("What a candidate has read before", before_case.updates_until(before), after_case.updates_until(after)),
        ("The question", before.question, after.question),
        ("The format", before.format, after.format),
    )
    for what, was, now in compared:
        if was != now:
            yield f"{what} reads differently."
    if before.options != after.options:
        yield "The options read differently."
    if _seen(before_case, before) != _seen(after_case, after):
        yield "A picture is another one."


def _seen(case: SampCase, question: Question) -> list[str]:
    return [picture.digest for picture in case.pictures_until(question)]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
