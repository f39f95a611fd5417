"""What experts say of the bank, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from samp_eval.report import numbers
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.review.bank.review_results import BankReviewResults, ReviewedQuestion
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.psychometrics.content_validity import FEWEST_EXPERTS, ItemValidity, ScaleValidity
from samp_eval.statistics.reviewers.agreement import IntervalEstimate

__all__ = ["bank_review_sentence", "bank_review_tables", "experts_table", "validity_table"]

_CHANCE = (
    "kappa* takes as chance exactly so many favourable ratings by tossing coins; it is no agreement of experts, which "
    "AC1 is."
)


def bank_review_tables(results: BankReviewResults) -> tuple[ReportTable, ...]:
    """Who reviewed what, the indices, each question, and what was said in words."""
    every = [experts_table(results), validity_table(results), _questions_table(results)]
    if any(len(question.ratings) < FEWEST_EXPERTS for question in results.questions if question.ratings):
        every.append(_ratings_table(results))
    comments = _comments_table(results)
    return (*every, *([comments] if comments.rows else []))


def bank_review_sentence(results: BankReviewResults) -> str:
    """How many experts reviewed how much, and how many cases were accepted; without their names."""
    total = len(results.questions)
    rated = sum(len(question.experts) >= FEWEST_EXPERTS for question in results.questions)
    return (
        f"{numbers.plural(len(results.review.experts), 'expert')} reviewed the bank in "
        f"{numbers.plural(results.review.rounds, 'round')}; {numbers.fraction(rated, total)} questions were rated by "
        f"at least {FEWEST_EXPERTS} of them as they read today, and {numbers.count(len(results.accepted_cases))} of "
        f"{numbers.plural(len(results.review.bank.cases), 'case')} were accepted with this text."
    )


def experts_table(results: BankReviewResults) -> ReportTable:
    """Who reviewed what."""
    total = len(results.questions)
    rows = [
        Row(cells(name, numbers.fraction(results.n_answered[name], total), numbers.fraction(done, total)))
        for name, done in results.n_rated.items()
    ]
    heads = ("Answered without the key", "Rated whole")
    notes = [f"Rounds: {results.review.rounds}. Ratings count while a question reads as it did when it was rated."]
    if results.outdated:
        old = ", ".join(f"{expert}: {name}" for expert, name in results.outdated)
        notes.append(f"Ratings of an earlier text, to be given again: {old}.")
    if results.accepted_cases:
        notes.append(f"Accepted: {', '.join(sorted(results.accepted_cases))}.")
    return ReportTable(
        "bank-experts",
        "Experts who review the bank",
        columns("Expert", *heads, numeric=heads),
        tuple(rows),
        tuple(notes),
    )


def validity_table(results: BankReviewResults) -> ReportTable:
    """S-CVI and AC1 of the whole bank."""
    rows, notes = [], ["Favourable ratings are 3 and 4 of 4."]
    for words, found, name in (
        ("Relevance", results.relevance, "relevance"),
        ("Clarity", results.clarity, "clarity"),
    ):
        if isinstance(found, ScaleValidity):
            indices = [getattr(question, name) for question in results.questions]
            held = [index for index in indices if isinstance(index, ItemValidity)]
            at_cut = sum(index.reaches_cut for index in held)
            rows.append(
                Row(
                    cells(
                        words,
                        Cell(numbers.count(found.n_items), found.n_items),
                        Cell(numbers.number(found.average), found.average),
                        Cell(numbers.number(found.universal), found.universal),
                        numbers.fraction(at_cut, len(held)),
                        _estimate(found.ac1),
                    )
                )
            )
        else:
            rows.append(Row(cells(words, *[numbers.NONE] * 5)))
            notes.append(f"{words} is not estimated: {found.clause}.")
    heads = ("Questions", "S-CVI/Ave", "S-CVI/UA", "At or above the cut", "AC1")
    if results.share_right is not None:
        ac1 = results.entries_right
        agreed = f" (AC1 {_estimate(ac1)})" if isinstance(ac1, IntervalEstimate) else ""
        notes.append(f"Of the verdicts on key entries, {numbers.percent(results.share_right)} say right{agreed}.")
    return ReportTable(
        "bank-validity",
        "Content validity of the bank",
        columns("Scale", *heads, numeric=heads),
        tuple(rows),
        tuple(notes),
    )


def _questions_table(results: BankReviewResults) -> ReportTable:
    rows = []
    for question in results.questions:
        if question.ratings:
            expected = "" if question.expected is None else numbers.number(question.expected, 1)
            verdict = "accept" if question.accepted else "revise" if question.to_change else "open"
            rows.append(
                Row(
                    cells(
                        question.question_id,
                        numbers.count(len(question.experts)),
                        _index(question.relevance),
                        _index(question.clarity),
                        f"{expected} of {question.requested}" if expected else "",
                        verdict,
                        " ".join(question.to_change),
                        " ".join(question.to_consider),
                    )
                )
            )
    return ReportTable(
        "bank-questions",
        "Each rated question: I-CVI (kappa*), and what to change",
        columns("Question", "Experts", "Relevance", "Clarity", "Expected lines", "Rule", "To change", "To consider"),
        tuple(rows),
        (_CHANCE, "Open: fewer than three experts have said all that is asked."),
    )


def _ratings_table(results: BankReviewResults) -> ReportTable:
    """The ratings themselves where there are too few for an index."""
    rows = [
        Row(cells(question.question_id, expert, *(values.get(name, "") for name in _LISTED)))
        for question in results.questions
        if 0 < len(question.ratings) < FEWEST_EXPERTS
        for expert, values in question.ratings.items()
    ]
    return ReportTable(
        "bank-ratings",
        f"Ratings of questions with fewer than {FEWEST_EXPERTS} experts, of which no index is computed",
        columns("Question", "Expert", *(name.capitalize().replace("_", " ") for name in _LISTED)),
        tuple(rows),
    )


_LISTED = ("relevance", "clarity", "key_right", "key_wrong", "key_unsure", "source_current", "expected")


def _comments_table(results: BankReviewResults) -> ReportTable:
    rows = [Row(cells(*said)) for question in results.questions for said in _comments(question)]
    return ReportTable("bank-comments", "Comments", columns("Question", "Expert", "Comment"), tuple(rows))


def _comments(question: ReviewedQuestion) -> Iterator[tuple[str, str, str]]:
    for expert, values in question.ratings.items():
        if values.get("comment"):
            yield question.question_id, expert, values["comment"]


def _index(found: ItemValidity | NotEstimated) -> str:
    if isinstance(found, NotEstimated):
        return numbers.NONE
    return f"{numbers.number(found.i_cvi)} ({numbers.number(found.kappa)})"


def _estimate(found: IntervalEstimate) -> str:
    if found.value is None:
        return numbers.NONE
    if found.ci_low is None or found.ci_high is None:
        return numbers.number(found.value)
    return f"{numbers.number(found.value)} ({numbers.interval(found.ci_low, found.ci_high)})"
