"""What the answers say of the questions, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from samp_eval.report import numbers
from samp_eval.report.content.item_cards import ItemCard, ItemCards
from samp_eval.report.prose.display_names import basis_words
from samp_eval.report.tables.table import Cell, ReportTable, Row, cells, columns
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["candidates_table", "distractors_table", "items_sentence", "items_table"]

_MOST_CANDIDATES = 40
_FEWEST_LINES = 2
"""Of an answer that is shown as missing from a key: one line may be a slip."""


def items_sentence(found: ItemCards) -> str:
    """How many questions tell nobody apart, and what of reliability can be said."""
    total = len(found.cards)
    right, wrong = (sum(card.uninformative == end for card in found.cards) for end in ("all right", "all wrong"))
    sentence = (
        f"{numbers.count(right + wrong)} of {numbers.plural(total, 'question')} "
        f"({numbers.percent(100 * (right + wrong) / total)}) tell no respondents apart {basis_words(found.basis)}: "
        f"every response to {numbers.count(right)} is all right, to {numbers.count(wrong)} all wrong."
    )
    if isinstance(found.alpha, NotEstimated):
        return f"{sentence} There is no alpha: {found.alpha.clause}."
    alpha = found.alpha
    interval = numbers.interval(alpha.ci_low, alpha.ci_high)
    return (
        f"{sentence} Cronbach’s alpha over {numbers.plural(alpha.n, 'respondent')} is {numbers.number(alpha.alpha)} "
        f"(95% CI {interval})."
    )


def items_table(found: ItemCards) -> ReportTable:
    """Each question: difficulty by respondent, whether it tells respondents apart, discrimination."""
    names = list(dict.fromkeys(name for card in found.cards for name, _ in card.difficulty))
    telling = not isinstance(found.alpha, NotEstimated)
    figures = [*names, "Top, n", "Bottom, n", "Silent rounds", *(["Item-rest r"] if telling else [])]
    rows = []
    for card in found.cards:
        own = dict(card.difficulty)
        row = [Cell(card.question_id), Cell(f"{card.key_entries} for {card.requested}")]
        rounds = dict(card.by_round)
        row += [_percent(own[name], rounds[name]) if name in own else Cell(numbers.NONE) for name in names]
        row += [Cell(numbers.count(number), number) for number in (card.at_top, card.at_bottom)]
        row.append(Cell(f"{card.silent_rounds}/{card.rounds}", card.silent_rounds))
        if telling:
            row.append(_correlation(card))
        rows.append(Row((*row, Cell(card.uninformative))))
    return ReportTable(
        f"items-{found.basis}",
        f"Each question: mean score of each respondent in percent (in each round), {basis_words(found.basis)}",
        columns("Question", "Entries", *figures, "Uninformative", numeric=figures),
        tuple(rows),
        (
            "Top and bottom: responses with the full score and with none. Silent rounds: all respondents of the round "
            "are at the same end. A question all of whose responses are there adds nothing to an odds ratio.",
        ),
    )


def candidates_table(found: ItemCards) -> ReportTable:
    """Answers that the keys lack, the likeliest gaps first."""
    every = [
        (card, candidate)
        for card in found.cards
        for candidate in card.key_candidates
        if candidate.lines >= _FEWEST_LINES
    ]
    every.sort(key=lambda of: ({1.0: 0, None: 1}.get(of[1].judged_right, 2), -of[1].respondents, -of[1].lines))
    rows = []
    for card, candidate in every[:_MOST_CANDIDATES]:
        judged = numbers.NONE if candidate.judged_right is None else _judged(candidate.judged_right)
        counts = (
            Cell(numbers.count(candidate.lines), candidate.lines),
            Cell(numbers.count(candidate.respondents), candidate.respondents),
        )
        rows.append(Row((Cell(card.question_id), Cell(candidate.text), *counts, Cell(judged))))
    more = len(every) - len(rows)
    return ReportTable(
        "key-candidates",
        "Answers that several lines give and the key does not credit",
        columns("Question", "Answer", "Lines", "Respondents", "Judged", numeric=("Lines", "Respondents")),
        tuple(rows),
        (
            "Judged right by the reviewers’ own knowledge first: these are the likeliest gaps of a key.",
            *([f"{numbers.plural(more, 'further answer')} not shown."] if more > 0 else []),
        ),
    )


def distractors_table(found: ItemCards) -> ReportTable | None:
    """How often each option is chosen; None without option questions."""
    rows = [
        Row(
            cells(
                card.question_id,
                option.text,
                "right" if option.in_key else "" if option.functions else "does not function",
                Cell(numbers.percent(option.share), option.share),
            )
        )
        for card in found.cards
        for option in card.options
    ]
    if not rows:
        return None
    return ReportTable(
        "distractors",
        "Options and how often they are chosen, percent of the answers to their question",
        columns("Question", "Option", "Note", "Chosen", numeric=("Chosen",)),
        tuple(rows),
        ("A distractor functions if at least 5% of the answers choose it.",),
    )


def _percent(value: float, rounds: Sequence[tuple[int, float]]) -> Cell:
    """The mean, with the score of each round behind it where there are several."""
    each = f" ({', '.join(numbers.number(score, 0) for _, score in rounds)})" if len(rounds) > 1 else ""
    return Cell(f"{numbers.number(value, 1)}{each}", value)


def _correlation(card: ItemCard) -> Cell:
    found = card.discrimination
    return Cell(numbers.NONE) if isinstance(found, NotEstimated) else Cell(numbers.number(found), found)


def _judged(credit: float) -> str:
    return {1.0: "right", 0.0: "wrong"}.get(credit, "differently")
