"""Several reviewers' marks become one, and where they disagree is named.

Marks of the automatic marker and of people never mix: the automatic ones hold only where no person has marked
anything on that basis. Repeated answers measure a reviewer and never enter a consensus.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import get_args

from samp_eval.errors import StudyConflict
from samp_eval.literals import MarkBasis
from samp_eval.review.assignment.plan import AssignmentPlan
from samp_eval.review.marks import ConsensusMark, Disagreement, Mark
from samp_eval.review.people.reviewers import Reviewer

__all__ = ["CONSENSUS_RULES", "GatheredMarks", "unknown_rule"]

CONSENSUS_RULES = ("adjudicated", "both", "either", "mean")
"""How two marks become one; a reviewer's name is a rule too."""


def unknown_rule(rule: str, known: Collection[str]) -> StudyConflict:
    """The error about a rule that is none; ``known`` are the reviewers of the study."""
    return StudyConflict(
        f"the consensus rule {rule!r} is neither {', '.join(CONSENSUS_RULES)} nor a reviewer of this study"
        f"{' (' + ', '.join(known) + ')' if known else ''}"
    )


Values = Mapping[Reviewer, str]
"""Of one answer: the marks by who gave them."""


@dataclass(slots=True)
class _Basis:
    """Everybody's marks on one basis: of each answer its question and the values, and who has marked anything."""

    questions: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[Reviewer, str]] = field(default_factory=dict)
    marked: dict[Reviewer, None] = field(default_factory=dict)
    plan: AssignmentPlan | None = None

    def panel(self, reviewers: Sequence[Reviewer]) -> tuple[Reviewer, ...]:
        """In the study's order, else by name: who was imported first must not matter."""
        people = tuple(sorted(marker for marker in self.marked if marker.role == "reviewer"))
        if people:
            return tuple(reviewers) or people
        return tuple(sorted(marker for marker in self.marked if marker.role == "automatic"))

    def given(self, panel: tuple[Reviewer, ...]) -> dict[str, Values]:
        """The marks that settle each answer: the panel's, in its order, or of those whom the plan gives the answer."""
        found: dict[str, Values] = {}
        planned = self._plan_of(panel)
        for answer_id, values in self.values.items():
            if planned is not None:
                values = planned.counting(self.questions[answer_id], values)
            own = {reviewer: values[reviewer] for reviewer in panel if reviewer in values}
            if own:
                found[answer_id] = own
        return found

    def needed(self, panel: tuple[Reviewer, ...]) -> int:
        """How many marks settle an answer."""
        planned = self._plan_of(panel)
        return len(panel) if planned is None else planned.each

    def _plan_of(self, panel: tuple[Reviewer, ...]) -> AssignmentPlan | None:
        """A plan says whose marks settle an answer where people are asked, and not one of them by name."""
        by_people = any(reviewer.role == "reviewer" for reviewer in panel)
        return self.plan if by_people and len(panel) > 1 else None

    def rulings(self) -> dict[str, str]:
        """What an adjudicator says of an answer."""
        adjudicators = [marker for marker in self.marked if marker.role == "adjudicator"]
        return {
            answer_id: values[adjudicator]
            for adjudicator in adjudicators
            for answer_id, values in self.values.items()
            if adjudicator in values
        }


class GatheredMarks:
    """The present marks of a study, gathered once and settled under as many rules as wanted.

    Parameters
    ----------
    marks : iterable of Mark
        Of every basis.
    plan : AssignmentPlan, optional
        Who marks what. Its reviewers are the panel then, and an answer is settled by those who mark its question.
    """

    def __init__(self, marks: Iterable[Mark], plan: AssignmentPlan | None = None) -> None:
        self._plan = plan
        self._bases: dict[str, _Basis] = {basis: _Basis(plan=plan) for basis in get_args(MarkBasis)}
        self._reviewers: dict[Reviewer, None] = {}
        for mark in marks:
            self._reviewers[mark.reviewer] = None
            basis = self._bases.get(mark.field)
            if basis is not None and not mark.repeat:
                basis.marked[mark.reviewer] = None
                basis.questions[mark.answer_id] = mark.question_id
                basis.values.setdefault(mark.answer_id, {})[mark.reviewer] = mark.value

    @property
    def planned(self) -> bool:
        """Whether a plan gives each question to some of the reviewers."""
        return self._plan is not None

    def panel(self, basis: MarkBasis, reviewers: Sequence[str] = ()) -> tuple[Reviewer, ...]:
        """Whose marks count: the plan's or the study's reviewers, else who has marked, else the automatic marker."""
        return self._bases[basis].panel(self._people(reviewers))

    def adjudicated(self, basis: MarkBasis) -> bool:
        """Whether an adjudicator has settled anything on a basis."""
        return bool(self._bases[basis].rulings())

    def settling(
        self, basis: MarkBasis, reviewers: Sequence[str] = ()
    ) -> dict[str, tuple[Mapping[Reviewer, str], str | None]]:
        """Of each answer the marks of its reviewers, and the third person's: where they differ, or as an audit.

        A third person who settles a disagreement on one basis often marks the answer on the other as well, seeing the
        reviewers' marks. That is no audit: audits are drawn from the answers that are agreed on every basis.
        """
        own = self._bases[basis]
        rulings = own.rulings()
        agreed = self.agreed(reviewers)
        return {
            answer_id: (values, rulings.get(answer_id) if _split(values.values()) or answer_id in agreed else None)
            for answer_id, values in own.given(own.panel(self._people(reviewers))).items()
        }

    def agreed(self, reviewers: Sequence[str] = ()) -> dict[str, str]:
        """Answers that all their reviewers marked alike in credit on every basis, with their questions."""
        found: dict[str, str] = {}
        differing: set[str] = set()
        for own in self._bases.values():
            panel = own.panel(self._people(reviewers))
            for answer_id, values in own.given(panel).items():
                if len(values) > 1 and len(values) == own.needed(panel) and not _split(values.values()):
                    found[answer_id] = own.questions[answer_id]
                else:
                    differing.add(answer_id)
        return {answer_id: question for answer_id, question in found.items() if answer_id not in differing}

    @property
    def answer_ids(self) -> set[str]:
        """Every answer that anyone has marked on any basis."""
        return {answer_id for basis in self._bases.values() for answer_id in basis.questions}

    def consensus(
        self, basis: MarkBasis, rule: str, reviewers: Sequence[str], together: Iterable[Sequence[str]] = ()
    ) -> list[ConsensusMark]:
        """What the reviewers' marks of each answer come to on one basis.

        Parameters
        ----------
        basis : MarkBasis
        rule : str
            ``adjudicated``: what all reviewers say, else what the adjudicator says, else unresolved; ``both``: credited
            where all credit it; ``either``: where one does; ``mean``: the mean of their credits; or a reviewer's name.
        reviewers : sequence of str
            The study's reviewers; empty for everyone who has marked. One alone is the result under every rule.
        together : iterable of sequences of str, optional
            Answer ids that stand in one response, for each response. Where they are given, ``adjudicated`` leaves two
            different letters unresolved if they change that response's score; otherwise the first reviewer's letter
            holds.

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
        own = self._bases[basis]
        panel = own.panel(self._counting(rule, reviewers))
        entries = self._entries(rule, reviewers, panel) if basis == "judgement" else None
        return [
            ConsensusMark(
                own.questions[answer_id],
                answer_id,
                basis,
                credit,
                letter if entries is None else entries.get(answer_id, ""),
            )
            for answer_id, credit, letter in _agreed(own, panel, rule, together if basis == "key" else ())
        ]

    def disagreements(
        self, basis: MarkBasis, reviewers: Sequence[str] = (), together: Iterable[Sequence[str]] = ()
    ) -> list[Disagreement]:
        """Where the reviewers' own marks differ in credit, before any adjudication.

        Different letters of the key are named only where ``together`` (see :meth:`consensus`) shows that they change a
        response's score.
        """
        return self._differing(basis, reviewers, together, {})

    def _differing(
        self,
        basis: MarkBasis,
        reviewers: Sequence[str],
        together: Iterable[Sequence[str]],
        rulings: Mapping[str, str],
    ) -> list[Disagreement]:
        own = self._bases[basis]
        given = own.given(own.panel(self._people(reviewers)))
        doubtful = _letters_that_matter(given, rulings, together) if basis == "key" else frozenset()
        return [
            Disagreement(own.questions[answer_id], answer_id, basis, tuple(values.items()))
            for answer_id, values in given.items()
            if _split(values.values()) or answer_id in doubtful
        ]

    def unresolved(
        self, basis: MarkBasis, reviewers: Sequence[str] = (), together: Iterable[Sequence[str]] = ()
    ) -> list[Disagreement]:
        """The disagreements that no adjudicator has settled yet."""
        rulings = self._bases[basis].rulings()
        differing = self._differing(basis, reviewers, together, rulings)
        return [disagreement for disagreement in differing if disagreement.answer_id not in rulings]

    def _counting(self, rule: str, reviewers: Sequence[str]) -> Sequence[Reviewer]:
        """The reviewers that a rule looks at."""
        if rule in CONSENSUS_RULES:
            return self._people(reviewers)
        known = {reviewer.label: reviewer for reviewer in (*self._people(reviewers), *self._reviewers)}
        if rule not in known:
            raise unknown_rule(rule, known)
        return (known[rule],)

    def _entries(self, rule: str, reviewers: Sequence[str], panel: tuple[Reviewer, ...]) -> dict[str, str]:
        """The letter on which the same kind of reviewer settled by the key, for answers marked by judgement."""
        automatic = all(reviewer.role == "automatic" for reviewer in panel)

        def is_alike(reviewer: Reviewer) -> bool:
            return (reviewer.role == "automatic") == automatic

        by_key = self._bases["key"]
        marked = dict.fromkeys(filter(is_alike, by_key.marked))
        alike = _Basis(by_key.questions, by_key.values, marked, self._plan)
        counting = self._counting(rule, reviewers)
        if rule not in CONSENSUS_RULES and counting[0] not in alike.marked:
            return {}
        settling = tuple(filter(is_alike, alike.panel(counting)))
        return {answer_id: letter for answer_id, _, letter in _agreed(alike, settling, rule)}

    def _people(self, reviewers: Iterable[str]) -> tuple[Reviewer, ...]:
        return tuple(map(Reviewer.from_label, self._plan.reviewers if self._plan is not None else reviewers))


def _agreed(
    basis: _Basis, panel: tuple[Reviewer, ...], rule: str, together: Iterable[Sequence[str]] = ()
) -> Iterator[tuple[str, float | None, str]]:
    """Credit and letter of every answer that the panel has marked."""
    given, needed = basis.given(panel), basis.needed(panel)
    adjudicated = rule == "adjudicated"
    rulings = basis.rulings() if adjudicated else {}
    doubtful = _letters_that_matter(given, rulings, together) if adjudicated else frozenset()
    for answer_id, values in given.items():
        credit, letter = _settled(tuple(values.values()), rulings.get(answer_id), needed, rule, answer_id in doubtful)
        yield answer_id, credit, letter


@lru_cache(maxsize=4096)
def _settled(
    given: tuple[str, ...], ruling: str | None, needed: int, rule: str, doubtful: bool
) -> tuple[float | None, str]:
    """Credit and letter of an answer; thousands of answers have been given the same few marks."""
    credit = _credit(given, ruling, needed, rule, doubtful)
    return credit, "" if credit == 0 else _letter(given, ruling)


def _credit(given: tuple[str, ...], ruling: str | None, needed: int, rule: str, doubtful: bool) -> float | None:
    if ruling is not None and needed > 1 and (_split(given) or doubtful):
        return _credited(ruling)
    if len(given) < needed:
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


def _letters_that_matter(
    given: Mapping[str, Values], rulings: Mapping[str, str], together: Iterable[Sequence[str]]
) -> frozenset[str]:
    """Answers that all credit under different letters, where the letters change what a response scores.

    An answer that an adjudicator credits stands in its response under the letter of the ruling.
    """
    letters: dict[str, Values] = {}
    for answer_id, values in given.items():
        ruling = rulings.get(answer_id) if len(set(values.values())) > 1 else None
        credited = values if ruling is None else dict.fromkeys(values, ruling)
        if "0" not in credited.values():
            letters[answer_id] = credited
    differing = {answer_id for answer_id, values in letters.items() if len(set(values.values())) > 1}
    return frozenset(_mattering(letters, differing, together))


def _mattering(letters: Mapping[str, Values], differing: set[str], together: Iterable[Sequence[str]]) -> Iterator[str]:
    for response in together:
        doubtful = [identifier for identifier in set(response) if identifier in differing]
        if not doubtful or len(set(response)) == 1:
            continue
        credited = [letters[identifier] for identifier in set(response) if identifier in letters]
        reviewers = {name for values in credited for name in values}
        if len({len({values[name] for values in credited if name in values}) for name in reviewers}) > 1:
            yield from doubtful
