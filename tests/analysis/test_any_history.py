"""Whatever is amended, marked, imported, withdrawn and excluded: the scores are those that the history comes to."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samp_eval.analysis.scored_study import score_study
from samp_eval.answers.distinct import answer_id_of
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, Question, SampCase
from samp_eval.review.amendments.amendment import plan_amendment
from samp_eval.review.amendments.entry_matching import EntryMap
from samp_eval.review.exclusions import Decision
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.sheets.sheet_age import SheetFile, SheetMark
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition, ReviewPlan, Study

ANN = Reviewer("Ann")
NOW = datetime(2026, 3, 4, tzinfo=UTC)
QUESTIONS, RESPONDENTS, ROUNDS = ("q1", "q2"), ("one", "two"), (1, 2)
ENTRIES = ("iron", "zinc", "tin", "gold")
ANSWERS = ("red", "blue", "green")
PLAN = Study(review=ReviewPlan(reviewers=("Ann",), consensus="Ann"))

Place = tuple[str, str, int]
Said = tuple[str, str, str]
"""Question, answer, and the entry that it means; ``0`` for none."""


@dataclass
class History:
    """What was done, in plain lists: the oracle, which knows no letters, no versions and no store."""

    keys: dict[str, tuple[str, ...]]
    marks: list[tuple[int | None, Said, tuple[str, ...]]] = field(default_factory=list)
    texts: list[tuple[int | None, Place, tuple[str, ...]]] = field(default_factory=list)
    withdrawn: set[int] = field(default_factory=set)
    excluded: set[tuple[Any, ...]] = field(default_factory=set)

    def scores(self) -> dict[Place, float]:
        """Score percentages of everything that counts and is wholly marked; none of who waits for marks to catch up."""
        responses: dict[Place, tuple[str, ...]] = {}
        for number, place, lines in self.texts:
            if number not in self.withdrawn:
                responses.setdefault(place, lines)
        found, given = {}, Counter[str]()
        for place, lines in responses.items():
            question, respondent, _ = place
            if {("question", question), ("respondent", respondent), ("response", *place)} & self.excluded:
                continue
            given[respondent] += 1
            said = [self.said(question, answer) for answer in lines]
            if None not in said:
                found[place] = 100 * len({entry for entry in said if entry != "0"}) / 2
        marked = Counter(respondent for _, respondent, _ in found)
        most = max((marked[name] / given[name] for name in given), default=0)
        waiting = {name for name in given if marked[name] < 0.5 * most * given[name]}
        return {place: score for place, score in found.items() if place[1] not in waiting}

    def said_by_hand(self, said: Said) -> bool:
        """Whether a mark that came with no import, and nothing since, says this already."""
        about = [
            number
            for number, (question, answer, _), _ in self.marks
            if (question, answer) == said[:2] and number not in self.withdrawn
        ]
        return bool(about) and about[-1] is None and self.said(*said[:2]) == said[2]

    def said(self, question: str, answer: str) -> str | None:
        """The entry that an answer means by what holds; None where nothing does."""
        latest = None
        for number, (asked, words, entry), key in self.marks:
            if (asked, words) == (question, answer) and number not in self.withdrawn:
                latest = entry, key
        if latest is None:
            return None
        entry, key = latest
        holds = set(self.keys[question]) <= set(key) if entry == "0" else entry in self.keys[question]
        return entry if holds else None


class Life:
    """The same done to a real study."""

    def __init__(self, store: StudyStore) -> None:
        self.store = store
        self.history = History(dict.fromkeys(QUESTIONS, ENTRIES[:2]))
        self.files = 0
        self.time = NOW
        store.keep_bank(bank_with(self.history.keys))
        for name in RESPONDENTS:
            store.keep_respondent(name, {"model": name, "recorded": True})

    def mark(self, said: Said) -> None:
        appended = self.store.add_marks([self._mark(said)])
        assert bool(appended) != self.history.said_by_hand(said), "the same is not said twice, but beside an import"
        if appended:
            self.history.marks.append((None, said, self.history.keys[said[0]]))

    def import_marks(self, statements: Sequence[Said]) -> None:
        marks = {(said[0], said[1]): said for said in statements}.values()
        later = datetime(2100, 1, 1, tzinfo=UTC)
        offers = tuple(SheetMark(self._mark(said), "row", None, later) for said in marks)
        self.store.import_marks([SheetFile("sheet.csv", self._next_file(), offers)], None)
        number = self.store.imports("marks")[-1].number
        self.history.marks += [(number, said, self.history.keys[said[0]]) for said in marks]

    def import_responses(self, places: Sequence[tuple[Place, tuple[str, str]]]) -> None:
        there = {place_of(response): response.reply.text for response in self.store.responses()}
        rows = []
        for place, lines in dict(places).items():
            reply = Reply(there.get(place, "\n".join(lines)), place[1], provenance={"recorded": True})
            rows.append(Response(Ask(*place, Condition()), reply, None))
        with self.store.importing("answers.csv", self._next_file()):
            for name in {row.ask.respondent for row in rows} - set(self.store.respondents()):
                self.store.keep_respondent(name, {"model": name, "recorded": True})
            stored = self.store.keep_outcomes(rows)
            self.store.keep_said_again([row for row, new in zip(rows, stored, strict=True) if not new])
        number = self.store.imports("responses")[-1].number
        self.history.texts += [(number, place_of(row), tuple(row.reply.text.split("\n"))) for row in rows]

    def withdraw(self, kind: str, which: int) -> None:
        imports = [
            one for one in self.store.imports("marks" if kind == "marks" else "responses") if not one.withdrawn_at
        ]
        if imports:
            taken = imports[which % len(imports)]
            withdraw = self.store.withdraw_marks if kind == "marks" else self.store.withdraw_responses
            withdraw(taken, "Why not.", "")
            self.history.withdrawn.add(taken.number)

    def exclude(self, target: tuple[Any, ...]) -> None:
        excluded = target not in self.history.excluded
        kind, *names = target
        question = names[0] if kind != "respondent" else None
        respondent = names[0] if kind == "respondent" else names[1] if kind == "response" else None
        number = names[2] if kind == "response" else None
        self.store.decide(Decision(kind, question, respondent, number, excluded, "Why not.", "", self._moment()))
        self.history.excluded ^= {target}

    def amend(self, question: str, entries: Sequence[str]) -> None:
        key = tuple(entries)
        before, keys = self.history.keys[question], {**self.history.keys, question: key}
        gone = [EntryMap(question, "ABCD"[place], "-") for place, entry in enumerate(before) if entry not in key]
        if keys != self.history.keys:
            amendment = plan_amendment(self.store.key_history(), bank_with(keys), gone, self.store.marks_as_given())
            self.store.amend_bank(amendment, f"Amendment at {self._moment()}")
            self.history.keys = keys

    def scores(self) -> dict[Place, float]:
        store = self.store
        scored = score_study(
            PLAN,
            store.key_history().present.bank,
            store.responses(),
            store.failures(),
            store.marks(),
            list(store.respondents()),
            store.exclusions(),
        )
        if scored.table.empty:
            return {}
        table = scored.table[scored.table["score_percent"].notna() & (scored.table["basis"] == "key")]
        columns = ("question_id", "respondent", "round", "score_percent")
        rows = zip(*(table[name].tolist() for name in columns), strict=True)
        return {(question, respondent, number): score for question, respondent, number, score in rows}

    def _mark(self, said: Said) -> Mark:
        question, answer, entry = said
        value = "0" if entry == "0" else "ABCD"[self.history.keys[question].index(entry)]
        return Mark(ANN, question, answer_id_of(question, answer), "key", value, self._moment(), "page")

    def _moment(self) -> datetime:
        self.time += timedelta(minutes=1)
        return self.time

    def _next_file(self) -> str:
        self.files += 1
        return f"{self.files:064d}"


def place_of(response: Response) -> Place:
    return response.ask.question_id, response.ask.respondent, response.ask.round


def bank_with(keys: dict[str, tuple[str, ...]]) -> Bank:
    asked = tuple(
        Question(id=name, question=f"What of {name}?", requested=2, key=tuple(KeyEntry(answer=word) for word in key))
        for name, key in keys.items()
    )
    return bank_of([SampCase(id="case", topic="Metals", stem="A child.", questions=asked)], location="tests")


questions, answers = st.sampled_from(QUESTIONS), st.sampled_from(ANSWERS)
said_of = st.tuples(questions, answers, st.integers(0, 4))
places = st.tuples(questions, st.sampled_from(RESPONDENTS), st.sampled_from(ROUNDS))
pairs = st.permutations(ANSWERS).map(lambda words: (words[0], words[1]))
steps = st.one_of(
    st.tuples(st.just("mark"), said_of),
    st.tuples(st.just("import_marks"), st.lists(said_of, min_size=1, max_size=6)),
    st.tuples(st.just("import_responses"), st.lists(st.tuples(places, pairs), min_size=1, max_size=5)),
    st.tuples(st.just("withdraw_marks"), st.integers(0, 5)),
    st.tuples(st.just("withdraw_responses"), st.integers(0, 5)),
    st.tuples(
        st.just("exclude"),
        st.one_of(
            st.tuples(st.just("question"), questions),
            st.tuples(st.just("respondent"), st.sampled_from(RESPONDENTS)),
            places.map(lambda place: ("response", *place)),
        ),
    ),
    st.tuples(
        st.just("amend"),
        st.tuples(
            questions, st.permutations(ENTRIES).flatmap(lambda words: st.integers(2, 4).map(lambda size: words[:size]))
        ),
    ),
)
EVERYTHING = [((name, who, number), ("red", "blue")) for name in QUESTIONS for who in RESPONDENTS for number in ROUNDS]


def meant(life: Life, said: tuple[str, str, int]) -> Said:
    """The number of an entry as its words, by the key of the moment."""
    question, answer, number = said
    return question, answer, ("0", *life.history.keys[question])[number % (1 + len(life.history.keys[question]))]


def do(life: Life, step: tuple[str, Any]) -> None:
    what, how = step
    if what == "mark":
        life.mark(meant(life, how))
    elif what == "import_marks":
        life.import_marks([meant(life, said) for said in how])
    elif what.startswith("withdraw"):
        life.withdraw(what.removeprefix("withdraw_"), how)
    elif what == "amend":
        life.amend(*how)
    else:
        getattr(life, what)(how)


def lived(folder: Path, taken: Sequence[tuple[str, Any]]) -> None:
    with StudyStore.open(folder) as store:
        life = Life(store)
        life.import_responses(EVERYTHING)
        life.import_marks([(name, answer, "0") for name in QUESTIONS for answer in ANSWERS])
        for step in taken:
            do(life, step)
            assert life.scores() == pytest.approx(life.history.scores()), step


@settings(max_examples=15, derandomize=True)  # the same histories in every run: a failure is somebody's change
@given(taken=st.lists(steps, max_size=14))
def test_the_scores_are_those_that_the_history_comes_to(taken: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lived(Path(folder), taken)


@pytest.mark.slow
@settings(max_examples=60, derandomize=True)
@given(taken=st.lists(steps, max_size=14))
def test_the_same_over_more_histories(taken: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lived(Path(folder), taken)


@pytest.mark.slow
@settings(max_examples=8, derandomize=True)
@given(taken=st.lists(steps, max_size=10))
def test_the_same_on_postgresql(
    postgres: Any, taken: list[tuple[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    make: Callable[[Path], Path] = postgres.study
    lived(make(tmp_path_factory.mktemp("life") / "study"), taken)
