"""Marks under a key that is corrected: which count, under which letter, and which have to be given anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samp_eval.errors import StudyConflict
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.literals import MarkField
from samp_eval.review.amendments.amendment import Amendment, plan_amendment, what_changed
from samp_eval.review.amendments.entry_matching import EntryMap
from samp_eval.review.amendments.key_history import KeyHistory, KeyVersion, first_identities
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import KEY_MARKER, Reviewer

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ANN = Reviewer("Ann")
Entries = Sequence[str | Sequence[str]]


def bank(entries: Entries, *, version: int = 0, refused: Sequence[str] = (), **question: Any) -> Bank:
    """One question ``q``; an entry is its wording, or several."""
    wordings = [[entry] if isinstance(entry, str) else list(entry) for entry in entries]
    asked = {"id": "q", "question": "What?", "requested": 1, **question}
    asked["key"] = [{"answer": first, "alternatives": rest} for first, *rest in wordings]
    asked["not_accepted"] = [{"answer": answer, "reason": "Too vague."} for answer in refused]
    case = SampCase(id="case", topic="Fever", stem="A child.", questions=(Question.model_validate(asked),))
    return bank_of([case], location="tests", version=version)


def begun(entries: Entries, **options: Any) -> KeyHistory:
    first = bank(entries, version=1, **options)
    return KeyHistory([KeyVersion(first, first_identities(first))])


def mark(
    value: str, version: int = 1, *, reviewer: Reviewer = ANN, answer: str = "a", field: MarkField = "key"
) -> Mark:
    return Mark(reviewer, "q", answer, field, value, NOW, "sheet.csv", key_version=version)


def amended(history: KeyHistory, new: Bank, *maps: str, marks: Sequence[Mark] = ()) -> Amendment:
    return plan_amendment(history, new, [EntryMap("q", *text.split("=")) for text in maps], marks)


def today(
    before: Entries, after: Entries, value: str, *maps: str, reviewer: Reviewer = ANN, refused: Any = ((), ())
) -> str:
    """What a mark given under one key says under another."""
    given = mark(value, reviewer=reviewer)
    found = amended(begun(before, refused=refused[0]), bank(after, refused=refused[1]), *maps, marks=[given])
    return found.after.value_today(given)


@pytest.mark.parametrize(
    ("before", "after", "value", "expected"),
    [
        (["iron", "zinc"], ["copper", "iron", "zinc"], "A", "B"),
        (["iron", "zinc"], ["copper", "iron", "zinc"], "B", "C"),
        (["iron", "zinc"], ["copper", "iron", "zinc"], "0", ""),
        (["iron", "zinc"], ["zinc", "iron"], "A", "B"),
        (["iron", "zinc"], ["zinc", "iron"], "0", "0"),
        (["iron", "zinc"], ["Iron ", "zinc"], "A", "A"),
        (["iron", "zinc", "tin"], ["iron", "tin"], "C", "B"),
        (["iron", "zinc", "tin"], ["iron", "tin"], "B", ""),
        (["iron", "zinc", "tin"], ["iron", "tin"], "0", "0"),
        (["iron", ["zinc", "Zn"]], ["iron", ["zinc", "Zn", "spelter"]], "B", "B"),
        (["iron", ["zinc", "Zn"]], ["iron", ["zinc", "Zn", "spelter"]], "0", ""),
        (["iron", ["zinc", "Zn"]], ["iron", "zinc"], "B", ""),
        (["iron", ["zinc", "Zn"]], ["iron", "zinc"], "A", "A"),
        (["iron", ["zinc", "Zn"]], ["iron", "zinc"], "0", "0"),
        (["iron", ["zinc", "tin"]], ["iron", "zinc", "tin"], "B", ""),
        (["iron", ["zinc", "tin"]], ["iron", "zinc", "tin"], "0", ""),
    ],
)
def test_a_mark_stays_with_its_entry(before: Entries, after: Entries, value: str, expected: str) -> None:
    assert today(before, after, value) == expected


@pytest.mark.parametrize(
    ("before", "after", "value", "expected"),
    [((), ("CBC",), "A", ""), ((), ("CBC",), "0", "0"), (("CBC",), (), "A", "A"), (("CBC",), (), "0", "")],
)
def test_what_a_key_refuses_touches_marks_too(before: Any, after: Any, value: str, expected: str) -> None:
    assert today(["iron", "zinc"], ["iron", "zinc"], value, refused=(before, after)) == expected


@pytest.mark.parametrize(
    ("after", "expected"), [(["zinc", "iron"], "B"), (["iron", "zinc", "tin"], ""), (["iron", ["zinc", "Zn"]], "")]
)
def test_an_automatic_mark_rests_on_the_whole_key(after: Entries, expected: str) -> None:
    assert today(["iron", "zinc"], after, "A", reviewer=KEY_MARKER) == expected


def test_by_the_word_of_a_person_an_entry_in_other_words_keeps_its_marks() -> None:
    before, after = ["iron", "PPI by vein"], ["proton pump inhibitor intravenously", "iron"]
    assert today(before, after, "B", "B=A") == "A"
    assert today(before, after, "0", "B=A") == "0"
    assert today(before, after, "B", "B=-") == ""
    assert today(before, after, "0", "B=-") == ""


def test_a_rewording_says_nothing_of_what_an_entry_meant_before_or_means_later() -> None:
    history = begun(["iron", "zinc"])
    for new, maps in (
        (["iron", ["zinc", "tin"]], ()),  # gains an answer
        (["iron", ["zinc", "lead"]], ("B=B",)),  # which is called otherwise
        (["iron", "zinc"], ()),  # and is lost
    ):
        history = amended(history, bank(new), *maps).after
    zero, second, third = mark("0", 1), mark("B", 2), mark("B", 3)
    assert [history.value_today(given) for given in (zero, second, third)] == ["0", "", ""]
    at_third = KeyHistory(history.versions[:3])
    assert [at_third.value_today(given) for given in (zero, second)] == ["", "B"]


def test_an_entry_with_marks_that_may_have_become_another_is_asked_about() -> None:
    history = begun(["iron", "PPI by vein"])
    with pytest.raises(StudyConflict) as refused:
        amended(history, bank(["iron", "proton pump inhibitor"]), marks=[mark("B")])
    assert 'q: B. "PPI by vein" became B. "proton pump inhibitor", and its marks (1) stay: --map q:B=B' in str(
        refused.value
    )
    assert 'q: B. "PPI by vein" is gone, and its marks (1) are reopened: --map q:B=-' in str(refused.value)
    unmarked = amended(history, bank(["iron", "proton pump inhibitor"]), marks=[mark("A")])
    assert unmarked.changes[0].details == ('B. "proton pump inhibitor" was added.', 'B. "PPI by vein" was removed.')


@pytest.mark.parametrize("text", ["C=A", "A=C", "B=A B=A", "A=A B=A"])
def test_a_map_names_letters_that_are_there_once(text: str) -> None:
    with pytest.raises(StudyConflict, match="write the letter of an entry"):
        amended(begun(["iron", "zinc"]), bank(["iron", "zinc"]), *text.split())


def test_taking_an_amendment_back_brings_its_marks_back() -> None:
    history, given = begun(["iron", "zinc"]), [mark("B"), mark("0", answer="b")]
    there = amended(history, bank(["tin", "iron"]), "B=-", marks=given)
    assert there.reopened == tuple(given)
    back = amended(there.after, bank(["iron", "zinc"]), marks=given)
    assert back.returning == tuple(given)
    assert [back.after.value_today(one) for one in given] == ["B", "0"]
    assert back.after.present.entries == history.present.entries


def test_another_question_voids_every_mark_until_it_is_the_old_one_again() -> None:
    given = [mark("A"), mark("1", field="judgement"), mark("1", field="harm")]
    there = amended(begun(["iron"]), bank(["iron"], question="Which?"), marks=given)
    assert (there.changed_questions, there.reopened) == (("q",), tuple(given))
    assert there.changes[0].details == ("The question reads differently.",)
    back = amended(there.after, bank(["iron"]), marks=given)
    assert [back.after.value_today(one) for one in given] == ["A", "1", "1"]


def test_another_number_of_answers_is_another_question() -> None:
    changes = amended(begun(["iron", "zinc"]), bank(["iron", "zinc"], requested=2)).changes
    assert [(one.kind, one.details[0]) for one in changes] == [
        ("another question", "It asks for 2 answers instead of 1.")
    ]


def test_a_question_that_is_missing_is_no_silent_exclusion() -> None:
    with pytest.raises(StudyConflict, match="lacks q, and a study loses no question without a word"):
        plan_amendment(begun(["iron"]), bank(["iron"], id="other"), [], [])


def test_what_no_mark_rests_on_changes_nothing() -> None:
    found = amended(begun(["iron"]), bank(["iron"], rationale="It is a metal."), marks=[mark("A")])
    assert (found.changes, found.reopened) == ((), ())
    assert found.before.present.bank.sha256 != found.after.present.bank.sha256


def test_a_reviewer_reads_what_was_corrected() -> None:
    found = amended(begun([["iron", "Fe"], "zinc"]), bank(["tin", "iron", ["zinc", "Zn"]], refused=["lead"]))
    assert what_changed(found.after, "q", 1) == (
        'A. "tin" was added.',
        'B. "iron" no longer accepts "Fe".',
        'C. "zinc" also accepts "Zn".',
        "Letters moved: A is B now, B is C now.",
        'The key names as not accepted: "lead".',
    )


POOL = ("iron", "zinc", "tin", "copper", "lead")
Step = tuple[str, Any]
AMENDMENTS = st.permutations(POOL).flatmap(lambda order: st.integers(1, 5).map(lambda n: ("amend", tuple(order[:n]))))
MARKS = st.tuples(st.just("mark"), st.tuples(st.sampled_from("ab"), st.sampled_from("0ABCDE-")))


@settings(max_examples=150)
@given(st.lists(st.one_of(AMENDMENTS, MARKS), max_size=14))
def test_any_sequence_comes_to_what_its_last_marks_mean_under_the_last_key(steps: list[Step]) -> None:
    """The oracle knows no identities: an entry is its word, and nothing added means a zero still holds."""
    history, key = begun(["iron", "zinc"]), ("iron", "zinc")
    given: list[Mark] = []
    meant: dict[str, tuple[str, tuple[str, ...]]] = {}
    for kind, what in steps:
        if kind == "amend":
            history, key = amended(history, bank(what), *_clear(history, key, what, given), marks=given).after, what
        elif what[1] in "0-" or ord(what[1]) - ord("A") < len(key):
            answer, value = what
            given.append(mark("" if value == "-" else value, history.present_version, answer=answer))
            meant[answer] = ("" if value == "-" else value if value == "0" else key[ord(value) - ord("A")], key)
    latest = {one.answer_id: one for one in given}
    for answer, (word, then) in meant.items():
        if word == "0":
            expected = "0" if set(key) <= set(then) else ""
        else:
            expected = "ABCDE"[key.index(word)] if word in key else ""
        assert history.value_today(latest[answer]) == expected


def _clear(history: KeyHistory, key: Sequence[str], new: Sequence[str], given: Sequence[Mark]) -> list[str]:
    """Entries that are not in the new key are gone, and none of them became another."""
    return [f"{'ABCDE'[place]}=-" for place, word in enumerate(key) if word not in new]


def test_an_amended_question_is_named_until_its_key_reads_as_it_always_did() -> None:
    history = begun(["iron", "zinc"])
    assert history.amended == frozenset()
    assert amended(history, bank(["iron", "zinc", "tin"])).after.amended == {"q"}
    taken_back = amended(amended(history, bank(["iron", "tin"])).after, bank(["iron", "zinc"])).after
    assert taken_back.amended == {"q"}, "marks were given under the other key"
