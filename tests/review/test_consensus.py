"""Consensus rules as one table, and the disagreements that are named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from samp_eval.errors import StudyConflict
from samp_eval.review.consensus import GatheredMarks
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def mark(label: str, value: str, field: str = "key", answer: str = "a1", *, repeat: bool = False) -> Mark:
    reviewer = Reviewer.from_label(label)
    return Mark(reviewer, "q1", answer, field, value, MOMENT, "test", repeat)  # type: ignore[arg-type]  # field is one of the words


def credits(
    marks: list[Mark], rule: str, basis: str = "key", reviewers: tuple[str, ...] = ()
) -> list[tuple[float | None, str]]:
    found = GatheredMarks(marks).consensus(basis, rule, reviewers)  # type: ignore[arg-type]  # basis is one of the words
    return [(one.credit, one.entry) for one in found]


@pytest.mark.parametrize(
    ("first", "second", "ruling", "rule", "credit", "entry"),
    [
        ("A", "A", None, "adjudicated", 1.0, "A"),
        ("0", "0", None, "adjudicated", 0.0, ""),
        ("A", "0", None, "adjudicated", None, "A"),
        ("A", "0", "B", "adjudicated", 1.0, "B"),
        ("A", "0", "0", "adjudicated", 0.0, ""),
        ("A", "A", "0", "adjudicated", 1.0, "A"),
        ("A", "B", None, "adjudicated", 1.0, "A"),
        ("A", "0", None, "both", 0.0, ""),
        ("A", "A", None, "both", 1.0, "A"),
        ("0", "B", None, "either", 1.0, "B"),
        ("0", "0", None, "either", 0.0, ""),
        ("0", "B", None, "mean", 0.5, "B"),
        ("0", "B", None, "one", 0.0, ""),
        ("0", "B", "A", "two", 1.0, "B"),
        ("A", None, None, "adjudicated", None, "A"),
        ("A", None, None, "both", None, "A"),
    ],
)
def test_rules(first: str, second: str | None, ruling: str | None, rule: str, credit: float | None, entry: str) -> None:
    marks = [mark("one", first), mark("two", "A", answer="other")]
    marks += [mark("two", second)] if second is not None else []
    marks += [mark("adjudicator:three", ruling)] if ruling is not None else []
    found = {one.answer_id: one for one in GatheredMarks(marks).consensus("key", rule, ())}
    assert (found["a1"].credit, found["a1"].entry) == (credit, entry)


def test_one_reviewer_alone_is_the_result_under_every_rule() -> None:
    for rule in ("adjudicated", "both", "either", "mean", "one"):
        assert credits([mark("one", "C"), mark("one", "0", answer="a2")], rule) == [(1.0, "C"), (0.0, "")]


def test_automatic_marks_hold_only_where_no_person_has_marked_the_basis() -> None:
    automatic = [mark(KEY_MARKER.label, "A"), mark(KEY_MARKER.label, "B", answer="a2")]
    assert credits(automatic, "adjudicated", reviewers=("one", "two")) == [(1.0, "A"), (1.0, "B")]
    assert credits([*automatic, mark("one", "0")], "adjudicated") == [(0.0, "")]
    assert credits([*automatic, mark("one", "1", "judgement")], "adjudicated") == [(1.0, "A"), (1.0, "B")]
    assert credits([*automatic, mark("one", "1", "judgement")], "adjudicated", "judgement") == [(1.0, "")]


def test_a_named_reviewer_who_has_not_marked_leaves_the_answer_open() -> None:
    assert credits([mark("one", "A")], "adjudicated", reviewers=("one", "two")) == [(None, "A")]


def test_the_judgement_basis_carries_the_entry_of_the_key_basis() -> None:
    marks = [mark(name, "A") for name in ("one", "two")] + [mark(name, "1", "judgement") for name in ("one", "two")]
    assert credits(marks, "adjudicated", "judgement") == [(1.0, "A")]


def test_an_unknown_rule_is_refused_by_name() -> None:
    with pytest.raises(StudyConflict, match="'majority' is neither adjudicated, both, either, mean nor a reviewer"):
        GatheredMarks([mark("one", "A")]).consensus("key", "majority", ())


def test_repeats_and_adjudicators_are_no_reviewers() -> None:
    marks = [mark("one", "A"), mark("one", "0", repeat=True), mark("adjudicator:x", "0")]
    assert GatheredMarks(marks).panel("key") == (Reviewer("one"),)
    assert credits(marks, "adjudicated") == [(1.0, "A")]


def test_the_same_name_in_two_roles_is_two_reviewers() -> None:
    marks = [mark("key", "A"), mark("two", "0"), mark("adjudicator:key", "0"), mark("automatic:key", "B")]
    gathered = GatheredMarks(marks)
    assert gathered.panel("key") == (Reviewer("key"), Reviewer("two"))
    assert credits(marks, "adjudicated") == [(0.0, "")]
    assert credits(marks, "key") == [(1.0, "A")]
    assert credits(marks, "either") == [(1.0, "A")]


def test_three_reviewers() -> None:
    marks = [mark("one", "A"), mark("two", "A"), mark("three", "0")]
    assert credits(marks, "adjudicated") == [(None, "A")]
    ((credit, entry),) = credits(marks, "mean")
    assert credit == pytest.approx(2 / 3)
    assert entry == "A"


def test_letters_disagree_only_where_they_change_a_score() -> None:
    marks = [mark("one", "A"), mark("two", "B"), mark("one", "A", answer="a2"), mark("two", "A", answer="a2")]
    assert GatheredMarks(marks).disagreements("key") == []
    assert GatheredMarks(marks).disagreements("key", together=[("a1",), ("a1", "elsewhere")]) == []
    named = GatheredMarks(marks).disagreements("key", together=[("a1", "a2")])
    assert [(one.answer_id, one.values) for one in named] == [("a1", ((Reviewer("one"), "A"), (Reviewer("two"), "B")))]
    left_open = GatheredMarks(marks).consensus("key", "adjudicated", (), together=[("a1", "a2")])
    assert [one.credit for one in left_open] == [None, 1.0]
    settled = GatheredMarks([*marks, mark("adjudicator:x", "B")]).consensus(
        "key", "adjudicated", (), together=[("a1", "a2")]
    )
    assert [(one.credit, one.entry) for one in settled] == [(1.0, "B"), (1.0, "A")]


def test_an_answer_that_the_adjudicator_credits_counts_where_letters_matter() -> None:
    marks = [mark("one", "A"), mark("two", "B"), mark("one", "A", answer="a2"), mark("two", "0", answer="a2")]
    marks.append(mark("adjudicator:x", "A", answer="a2"))
    gathered, together = GatheredMarks(marks), [("a1", "a2")]
    assert [one.answer_id for one in gathered.unresolved("key", together=together)] == ["a1"]
    found = {one.answer_id: one.credit for one in gathered.consensus("key", "adjudicated", (), together)}
    assert found == {"a1": None, "a2": 1.0}
    settled = GatheredMarks([*marks, mark("adjudicator:x", "B")])
    assert settled.unresolved("key", together=together) == []
    assert {(one.credit, one.entry) for one in settled.consensus("key", "adjudicated", (), together)} == {
        (1.0, "A"),
        (1.0, "B"),
    }


def test_who_was_imported_first_does_not_matter() -> None:
    marks = [mark("Ben", "B"), mark("Ana", "A"), mark("Ben", "1", "judgement"), mark("Ana", "1", "judgement")]
    for rule in ("adjudicated", "both", "either", "mean"):
        for basis in ("key", "judgement"):
            assert credits(marks, rule, basis) == credits(marks[::-1], rule, basis) == [(1.0, "A")]


def test_what_an_adjudicator_has_settled_is_a_disagreement_but_not_unresolved() -> None:
    marks = [mark("one", "1", "judgement"), mark("two", "0", "judgement"), mark("adjudicator:x", "1", "judgement")]
    assert len(GatheredMarks(marks).disagreements("judgement")) == 1
    assert GatheredMarks(marks).unresolved("judgement") == []


def test_the_automatic_markers_letter_is_never_a_persons() -> None:
    marks = [mark("A", "1", "judgement"), mark(KEY_MARKER.label, "C")]
    assert credits(marks, "either", "judgement", ("A", KEY_MARKER.label)) == [(None, "")]


def test_who_settles_one_basis_audits_no_other() -> None:
    """They saw the marks, and the answer was drawn for its disagreement."""
    both = [mark("Ann", "A"), mark("Bob", "0"), mark("adjudicator:Cleo", "A")]
    both += [mark("Ann", "1", "judgement"), mark("Bob", "1", "judgement"), mark("adjudicator:Cleo", "1", "judgement")]
    agreed = [mark("Ann", "A", answer="a2"), mark("Bob", "A", answer="a2"), mark("adjudicator:Cleo", "0", answer="a2")]
    gathered = GatheredMarks([*both, *agreed])
    assert {name: ruling for name, (_, ruling) in gathered.settling("key").items()} == {"a1": "A", "a2": "0"}
    assert {name: ruling for name, (_, ruling) in gathered.settling("judgement").items()} == {"a1": None}
