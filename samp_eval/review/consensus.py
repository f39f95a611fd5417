"""Several reviewers' marks become one, and where they disagree is named.

Marks of the automatic marker and of people never mix: the automatic ones hold only where no person has marked
anything on that basis. Repeated answers measure a reviewer and never enter a consensus.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from samp_eval.errors import StudyConflict
from samp_eval.literals import MarkBasis
from samp_eval.review.marks import ConsensusMark, Disagreement, Mark, is_adjudicator, is_automatic
from samp_eval.review.sheet_rows import is_repeat

__all__ = ["CONSENSUS_RULES", "consensus_marks", "disagreements", "panel_of", "unresolved"]

CONSENSUS_RULES = ("adjudicated", "both", "either", "mean")
"""How two marks become one; a reviewer's name is a rule too."""


@dataclass(slots=True)
class _Answer:
    """The panel's marks of one answer on one basis, while they are gathered."""

    question_id: str
    answer_id: str
    values: dict[str, str] = field(default_factory=dict)
    adjudicated: str | None = None


def panel_of(marks: Iterable[Mark], basis: MarkBasis, reviewers: Sequence[str] = ()) -> tuple[str, ...]:
    """Whose marks count on a basis: the study's reviewers, else every person who marked, else the automatic marker."""
    return _panel(_first_marks(marks, basis), reviewers)


def consensus_marks(
    marks: Sequence[Mark],
    basis: MarkBasis,
    rule: str,
    reviewers: Sequence[str],
    together: Iterable[Sequence[str]] = (),
) -> list[ConsensusMark]:
    """What the reviewers' marks of each answer come to on one basis.

    Parameters
    ----------
    marks : sequence of Mark
        The present marks of the study, of every basis.
    basis : MarkBasis
    rule : str
        ``adjudicated``: what all reviewers say, else what the adjudicator says, else unresolved; ``both``: credited
        where all credit it; ``either``: where one does; ``mean``: the mean of their credits; or a reviewer's name.
    reviewers : sequence of str
        The study's reviewers; empty for everyone who has marked. One alone is the result under every rule.
    together : iterable of sequences of str, optional
        Answer ids that stand in one response, for each response. Where they are given, ``adjudicated`` leaves two
        different letters unresolved if they change that response's score; otherwise the first reviewer's letter holds.

    Returns
    -------
    list of ConsensusMark
        One for each answer that anyone of the panel has marked; ``credit`` is None where a reviewer's mark or the
        adjudicator's is still missing.

    Raises
    ------
    StudyConflict
        Where ``rule`` is neither a rule nor a reviewer.
    """
    own = _first_marks(marks, basis)
    panel = _panel_under(own, marks, rule, reviewers)
    answers = _gather(own, panel)
    if rule != "adjudicated":
        for answer in answers:
            answer.adjudicated = None
    entries = _entries(marks, basis, rule, reviewers, panel)
    doubtful = _letters_that_matter(answers, together) if basis == "key" and rule == "adjudicated" else frozenset()
    found = []
    for answer in answers:
        given = tuple(answer.values.values())
        credit, letter = _settled(given, answer.adjudicated, len(panel), rule, answer.answer_id in doubtful)
        entry = letter if basis == "key" else entries.get(answer.answer_id, "")
        found.append(ConsensusMark(answer.question_id, answer.answer_id, basis, credit, entry))
    return found


def disagreements(
    marks: Sequence[Mark], basis: MarkBasis, reviewers: Sequence[str] = (), together: Iterable[Sequence[str]] = ()
) -> list[Disagreement]:
    """Where the reviewers' own marks differ in credit, before any adjudication.

    Different letters of the key are named only where ``together`` (see :func:`consensus_marks`) shows that they
    change a response's score.
    """
    own = _first_marks(marks, basis)
    panel = _panel(own, reviewers)
    answers = _gather(own, panel)
    doubtful = _letters_that_matter(answers, together) if basis == "key" else frozenset()
    return [
        Disagreement(answer.question_id, answer.answer_id, basis, tuple(answer.values.items()))
        for answer in answers
        if _split(answer.values.values()) or answer.answer_id in doubtful
    ]


def unresolved(
    marks: Sequence[Mark], basis: MarkBasis, reviewers: Sequence[str] = (), together: Iterable[Sequence[str]] = ()
) -> list[Disagreement]:
    """The disagreements that no adjudicator has settled yet."""
    settled = {mark.answer_id for mark in marks if mark.field == basis and is_adjudicator(mark.reviewer)}
    return [one for one in disagreements(marks, basis, reviewers, together) if one.answer_id not in settled]


def _first_marks(marks: Iterable[Mark], basis: MarkBasis) -> list[Mark]:
    """The marks of a basis that count: no repeats."""
    return [mark for mark in marks if mark.field == basis and not is_repeat(mark.answer_id)]


def _panel(own: Iterable[Mark], reviewers: Sequence[str]) -> tuple[str, ...]:
    marked = [name for name in dict.fromkeys(mark.reviewer for mark in own) if not is_adjudicator(name)]
    people = tuple(name for name in marked if not is_automatic(name))
    return tuple(reviewers) or people if people else tuple(marked)


def _panel_under(own: list[Mark], marks: Sequence[Mark], rule: str, reviewers: Sequence[str]) -> tuple[str, ...]:
    if rule in CONSENSUS_RULES:
        return _panel(own, reviewers)
    known = dict.fromkeys([*reviewers, *(mark.reviewer for mark in marks)])
    if rule not in known:
        raise StudyConflict(
            f"the consensus rule {rule!r} is neither {', '.join(CONSENSUS_RULES)} nor a reviewer of this study"
            f"{' (' + ', '.join(known) + ')' if known else ''}"
        )
    return _panel(own, (rule,))


def _gather(own: Iterable[Mark], panel: tuple[str, ...]) -> list[_Answer]:
    """The panel's marks by answer, each answer's in the panel's order, and the adjudicator's."""
    answers: dict[str, _Answer] = {}
    by_reviewer: dict[str, list[Mark]] = {}
    for mark in own:
        by_reviewer.setdefault(mark.reviewer, []).append(mark)
        if mark.reviewer in panel and mark.answer_id not in answers:
            answers[mark.answer_id] = _Answer(mark.question_id, mark.answer_id)
    for name in panel:
        for mark in by_reviewer.get(name, ()):
            answers[mark.answer_id].values[name] = mark.value
    for name in filter(is_adjudicator, by_reviewer):
        for mark in by_reviewer[name]:
            if mark.answer_id in answers:
                answers[mark.answer_id].adjudicated = mark.value
    return list(answers.values())


@lru_cache(maxsize=4096)
def _settled(
    given: tuple[str, ...], ruling: str | None, n_panel: int, rule: str, doubtful: bool
) -> tuple[float | None, str]:
    """Credit and letter of an answer; thousands of answers have been given the same few marks."""
    credit = _credit(given, ruling, n_panel, rule, doubtful)
    return credit, "" if credit == 0 else _letter(given, ruling)


def _credit(given: tuple[str, ...], ruling: str | None, n_panel: int, rule: str, doubtful: bool) -> float | None:
    if ruling is not None and n_panel > 1 and (_split(given) or doubtful):
        return _credited(ruling)
    if len(given) < n_panel:
        return None
    credits = [_credited(value) for value in given]
    if rule == "both":
        return min(credits)
    if rule == "either":
        return max(credits)
    if rule == "mean":
        return sum(credits) / len(credits)
    return None if _split(given) or (doubtful and ruling is None) else credits[0]


def _credited(value: str) -> float:
    return 0.0 if value == "0" else 1.0


def _split(given: Collection[str]) -> bool:
    """Whether some credit the answer and some do not."""
    return "0" in given and any(value != "0" for value in given)


def _letter(given: tuple[str, ...], ruling: str | None) -> str:
    """The adjudicator's letter where the reviewers' differ, else the first reviewer's who gives one."""
    first = ruling if len(set(given)) > 1 else None
    return next((value for value in (first or "0", *given) if value != "0"), "")


def _entries(
    marks: Sequence[Mark], basis: MarkBasis, rule: str, reviewers: Sequence[str], panel: tuple[str, ...]
) -> dict[str, str]:
    """Entry by answer id, for the judgement basis: the letter on which the same kind of reviewer settled by the key."""
    if basis == "key":
        return {}
    automatic = all(is_automatic(name) for name in panel)
    by_key = [mark for mark in marks if mark.field == "key" and is_automatic(mark.reviewer) == automatic]
    if rule not in CONSENSUS_RULES and not any(mark.reviewer == rule for mark in by_key):
        return {}
    return {one.answer_id: one.entry for one in consensus_marks(by_key, "key", rule, reviewers)}


def _letters_that_matter(answers: Iterable[_Answer], together: Iterable[Sequence[str]]) -> frozenset[str]:
    """Answers that all credit under different letters, where the letters change what a response scores."""
    by_id = {answer.answer_id: answer for answer in answers}
    differing = {
        answer.answer_id
        for answer in by_id.values()
        if len(set(answer.values.values())) > 1 and "0" not in answer.values.values()
    }
    return frozenset(_mattering(by_id, differing, together))


def _mattering(by_id: dict[str, _Answer], differing: set[str], together: Iterable[Sequence[str]]) -> Iterator[str]:
    for response in together:
        doubtful = [identifier for identifier in set(response) if identifier in differing]
        if not doubtful or len(set(response)) == 1:
            continue
        credited = [by_id[one].values for one in set(response) if one in by_id]
        credited = [values for values in credited if "0" not in values.values()]
        reviewers = {name for values in credited for name in values}
        if len({len({values[name] for values in credited if name in values}) for name in reviewers}) > 1:
            yield from doubtful
