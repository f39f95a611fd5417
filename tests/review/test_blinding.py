"""Order and row ids: whatever the answers, a reviewer's sheet is whole, grouped, seeded and tells nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st
from small_study import response, small_bank

from samp_eval.answers.distinct import DistinctAnswer, answer_id_of
from samp_eval.items.samp import Bank
from samp_eval.review.amendments.key_history import KeyHistory, KeyVersion, first_identities
from samp_eval.review.blinding import blinded_order, repeats_among, rows_for
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.to_mark import answer_ids_by_response, answers_to_mark

NOW = datetime(2026, 1, 1, tzinfo=UTC)
A = Reviewer("A")
KEYS = KeyHistory([KeyVersion(small_bank(), first_identities(small_bank()))])
QUESTIONS = ("fever-1", "fever-2", "knee-1")


def answers(numbers: list[tuple[int, int]]) -> list[DistinctAnswer]:
    named = dict.fromkeys((QUESTIONS[question], f"answer {number}") for question, number in numbers)
    return [DistinctAnswer(answer_id_of(*one), *one, 1) for one in named]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=60), st.integers(0, 99))
def test_order_is_whole_grouped_and_seeded(numbers: list[tuple[int, int]], seed: int) -> None:
    held = small_bank()
    rows = rows_for(A, answers(numbers), "answer", {}, KEYS, NOW)
    ordered = blinded_order(rows, held, A, seed)
    assert sorted(row.row_id for row in ordered) == sorted(row.row_id for row in rows)
    groups = [question for question, _ in groupby(row.question_id for row in ordered)]
    assert len(groups) == len(set(groups))
    assert blinded_order(list(reversed(rows)), held, A, seed) == ordered


def test_each_reviewer_has_an_order_of_their_own(bank: Bank) -> None:
    found = answers([(0, number) for number in range(20)])
    orders = [
        [row.text for row in blinded_order(rows_for(reviewer, found, "answer", {}, KEYS, NOW), bank, reviewer, 1)]
        for reviewer in (A, Reviewer("B"))
    ]
    assert orders[0] != orders[1]


def test_row_ids_stay_with_the_answer_and_look_like_no_number(bank: Bank) -> None:
    first = rows_for(A, answers([(0, 1), (0, 2)]), "answer", {}, KEYS, NOW)
    held = {row.row_id: row for row in first}
    again = rows_for(A, answers([(0, 1), (0, 2), (0, 3)]), "answer", held, KEYS, NOW)
    assert again[:2] == first
    assert all(set(row.row_id) <= set("bcdfghjkmnpqrstvwxz") for row in again)


def test_repeats_come_last_among_answers_held_back_for_it(bank: Bank) -> None:
    rows = rows_for(A, answers([(0, number) for number in range(40)]), "answer", {}, KEYS, NOW)
    drawn = repeats_among(rows, 0.1, 1)
    assert len(drawn) == 4
    assert {answer.answer_id for answer in drawn} <= {row.answer_id for row in rows}
    repeats = rows_for(A, drawn, "answer", {row.row_id: row for row in rows}, KEYS, NOW, repeat=True)
    ordered = blinded_order([*rows, *repeats], bank, A, 1)
    places = [place for place, row in enumerate(ordered) if row.repeat]
    assert min(places) >= 36
    assert [row.repeat for row in ordered[36:]].count(False) == 4
    texts = [row.text for row in ordered[36:]]
    assert len(set(texts)) == 8


def test_only_counted_lines_are_marked_and_the_same_words_once(bank: Bank) -> None:
    stored = [
        response("fever-2", "one", 1, ["Antibiotics", "  antibiotics ", "beyond N"]),
        response("fever-2", "two", 1, ["- ANTIBIOTICS", "transfer"]),
    ]
    found = answers_to_mark(bank, stored)
    assert [(one.text, one.count) for one in found.answers] == [("Antibiotics", 3), ("transfer", 1)]
    assert (found.lines, found.saved_percent) == (4, 50.0)
    assert len(answers_to_mark(bank, stored, "line").answers) == 4
    assert sorted(len(set(group)) for group in answer_ids_by_response(bank, stored)) == [1, 2, 2, 2], (
        "answers, then lines"
    )


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from(["Ann", "Bob", "Cy"]))
def test_the_questions_of_a_case_come_in_their_order(seed: int, reviewer: str) -> None:
    rows = rows_for(Reviewer(reviewer), answers([(0, 1), (0, 2), (1, 1), (2, 1)]), "answer", {}, KEYS, NOW)
    ordered = [
        question
        for question, _ in groupby(
            row.question_id for row in blinded_order(rows, small_bank(), Reviewer(reviewer), seed)
        )
    ]
    assert ordered.index("fever-1") < ordered.index("fever-2")


def test_cases_come_in_another_order_for_each_reviewer() -> None:
    rows = rows_for(Reviewer("Ann"), answers([(0, 1), (2, 1)]), "answer", {}, KEYS, NOW)
    first = {blinded_order(rows, small_bank(), Reviewer("Ann"), seed)[0].question_id for seed in range(20)}
    assert first == {"fever-1", "knee-1"}
