"""Tables of a model's marks beside those of people: agreement, errors, questions, entries and gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from samp_eval.report import numbers
from samp_eval.report.prose.display_names import basis_words
from samp_eval.report.tables.table import Cell, ReportTable, Row, columns
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.statistics.reviewers.agreement import NO_INTERVAL, IntervalEstimate

if TYPE_CHECKING:
    from samp_eval.analysis.judging.results import JudgeAgreement
    from samp_eval.statistics.judging.error_rates import ErrorRates
    from samp_eval.statistics.reviewers.agreement import Agreement

__all__ = [
    "confusions_table",
    "errors_table",
    "gates_table",
    "judge_tables",
    "place_table",
    "preferences_table",
    "questions_table",
]

_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"

MOST_ROWS = 15
"""Questions or entries in a table; the JSON has all of them."""

_STATISTICS = {"kappa": "Kappa", "ac1": "AC1"}

_GATES = {
    "agreement": ("Kappa with physicians less kappa among physicians", "lower bound above \N{MINUS SIGN}{:g}", 2),
    "favour": ("Largest favour of a respondent, points", "interval within \N{PLUS-MINUS SIGN}{:g}", 1),
    "flips": ("Pairs of repeats that differ in credit, %", "at most {:g}", 1),
}


def judge_tables(found: JudgeAgreement) -> tuple[ReportTable, ...]:
    """Every table that has rows."""
    tables = (
        place_table(found),
        errors_table(found),
        gates_table(found),
        questions_table(found),
        confusions_table(found),
    )
    return tuple(table for table in tables if table.rows)


def place_table(found: JudgeAgreement) -> ReportTable:
    """The model's agreement with the consensus and with each physician, beside that of physicians."""
    agreed = {f"{found.judge} and the physicians{_APOSTROPHE} consensus": found.with_consensus}
    every = {**agreed, **found.by_pair}
    figures = ("Answers", "Agreement, %", f"Cohen{_APOSTROPHE}s kappa")
    ac1 = f"Gwet{_APOSTROPHE}s AC1"
    rows = [
        Row(
            (
                Cell(pair),
                Cell(numbers.count(agreement.n), agreement.n),
                _estimate(agreement.percent, 1),
                _estimate(agreement.cohen_kappa, 2),
                _estimate(agreement.gwet_ac1, 2),
            )
        )
        for pair, agreement in every.items()
    ]
    for label, gap in (("kappa", found.kappa), ("ac1", found.ac1)):
        if not isinstance(gap, NotEstimated):
            place = 3 if label == "kappa" else 4
            dashes = [Cell(numbers.NONE)] * 4
            dashes[0] = Cell(numbers.count(gap.n), gap.n)
            dashes[place - 1] = _estimate(gap.difference, 2)
            rows.append(Row((Cell(f"{_STATISTICS[label]} of the model{_APOSTROPHE}s pairs less physicians"), *dashes)))
    lacking = any(agreement.lacks_interval for agreement in every.values())
    return ReportTable(
        f"judge-place-{_name(found)}",
        f"Agreement of {_title(found)}, with 95% intervals",
        columns("", *figures, ac1, numeric=(*figures, ac1)),
        tuple(rows),
        (*([found.kappa.reason] if isinstance(found.kappa, NotEstimated) else []), *[NO_INTERVAL] * lacking),
    )


def preferences_table(agreed: Mapping[str, Agreement]) -> ReportTable:
    """How far a model and people agree on which of two responses is better."""
    figures = ("Pairs", "Agreement, %", f"Cohen{_APOSTROPHE}s kappa")
    return ReportTable(
        "preferences",
        "Agreement on pairs of which both preferred a side (models are named), with 95% intervals",
        columns("", *figures, numeric=figures),
        tuple(
            Row(
                (
                    Cell(who),
                    Cell(numbers.count(found.n), found.n),
                    _estimate(found.percent, 1),
                    _estimate(found.cohen_kappa, 2),
                )
            )
            for who, found in agreed.items()
        ),
        (NO_INTERVAL,) if any(found.lacks_interval for found in agreed.values()) else (),
    )


def errors_table(found: JudgeAgreement) -> ReportTable:
    """False credit, false refusal, bias and favour against the consensus, over all and in parts."""
    favoured: Mapping[str, IntervalEstimate] = {}
    own = None
    if not isinstance(found.favour, NotEstimated):
        favoured = dict(zip(found.respondents, found.favour.by_respondent, strict=True))
        own = found.favour.own
    parts: list[tuple[str, ErrorRates, IntervalEstimate | None]] = [("All answers", found.errors, None)]
    parts += [(name, errors, favoured.get(name)) for name, errors in found.by_respondent.items()]
    parts += [(f"Length: {name}", errors, None) for name, errors in found.by_length.items()]
    parts += [(f"Line {name}", errors, None) for name, errors in found.by_position.items()]
    figures = ("Earn nothing", "False credit, %", "Earn", "False refusal, %", "Bias, points", "Favour, points")
    rows = [Row((Cell(label), *_errors(errors), _estimate(favour, 1))) for label, errors, favour in parts]
    if own is not None:
        dashes = [Cell(numbers.NONE)] * 5
        rows.append(Row((Cell("Own family v others"), *dashes, _estimate(own, 1))))
    notes = [
        "False credit: of the answers that earn nothing by the consensus, those that the model credits; false refusal: "
        f"of those that earn, those that it refuses. Bias: the model{_APOSTROPHE}s credit less the "
        "consensus. Favour: how much milder the model is with a respondent than with the others, given the "
        f"physicians{_APOSTROPHE} mark and the question; jackknife over questions."
    ]
    if own is not None:
        notes.append(f"Own family: {', '.join(found.own_family)}.")
    if isinstance(found.favour, NotEstimated):
        notes.append(f"No favour is estimated: {found.favour.clause}.")
    notes += [_flips_note(found), *_order_notes(found), _drift_note(found)]
    return ReportTable(
        f"judge-errors-{_name(found)}",
        f"Errors of {_title(found)}, with 95% intervals",
        columns("", *figures, numeric=figures),
        tuple(rows),
        tuple(notes),
    )


def _flips_note(found: JudgeAgreement) -> str:
    if isinstance(found.flips, NotEstimated):
        return f"Flips: not given. {found.flips.reason}"
    return (
        f"Flips: of pairs of repeats of {numbers.plural(found.flips.n, 'answer')}, each with its entries in another "
        f"order, {_estimate(found.flips.percent, 1).text} % differ in credit."
    )


def _order_notes(found: JudgeAgreement) -> list[str]:
    if found.basis != "key":
        return []
    if isinstance(found.order, NotEstimated):
        return [f"Order of the entries: not given. {found.order.reason}"]
    order = found.order
    return [
        f"Order of the entries: of {numbers.plural(order.n, 'mark')} that credit an entry, "
        f"{_estimate(order.first, 1).text} % credit the one shown first, as A; by chance it would be "
        f"{numbers.number(order.by_chance, 1)} %. The difference is {_estimate(order.excess, 1).text} points."
    ]


def _drift_note(found: JudgeAgreement) -> str:
    if isinstance(found.drift, NotEstimated):
        return f"Drift: not given. {found.drift.reason}"
    drift = found.drift
    return (
        f"Drift: of {numbers.plural(drift.changed.n, 'answer')} that were asked first and again at the end, "
        f"{_estimate(drift.changed.percent, 1).text} % changed credit; {drift.lost} lost it and {drift.gained} "
        f"gained it (McNemar {numbers.p_sentence(drift.p_value)})."
    )


def gates_table(found: JudgeAgreement) -> ReportTable:
    """The limits that were set before marks were seen, with their figures."""
    rows = []
    for gate in found.gates:
        what, limit, decimals = _GATES[gate.name]
        figure = Cell("not estimated") if isinstance(gate.figure, NotEstimated) else _estimate(gate.figure, decimals)
        said = "passed" if gate.passed else "not passed"
        rows.append(Row((Cell(what), figure, Cell(limit.format(gate.limit)), Cell(said))))
    shown = "may be shown" if found.may_be_shown else "are not shown"
    return ReportTable(
        f"judge-gates-{_name(found)}",
        f"Gates of {_title(found)}",
        columns("", "Figure", "Limit", "", numeric=("Figure",)),
        tuple(rows),
        (
            f"Figures that rest on the marks of {found.judge} alone {shown}. Estimates that physicians{_APOSTROPHE} "
            "marks correct have no gate.",
        ),
    )


def questions_table(found: JudgeAgreement) -> ReportTable:
    """Questions that the model cannot mark."""
    listed = [question for question in found.questions if question.cannot_mark]
    figures = ("Answers", "Wrong", "Error rate, %", "P(too high)")
    rows = [
        Row(
            (
                Cell(question.question_id),
                Cell(numbers.count(question.n), question.n),
                Cell(numbers.count(question.wrong), question.wrong),
                Cell(numbers.number(100 * question.rate, 1), 100 * question.rate),
                Cell(numbers.number(question.above), question.above),
            )
        )
        for question in listed[:MOST_ROWS]
    ]
    more = len(listed) - MOST_ROWS
    return ReportTable(
        f"judge-questions-{_name(found)}",
        f"Questions that {found.judge} cannot mark {basis_words(found.basis)} (marked by a model)",
        columns("Question", *figures, numeric=figures),
        tuple(rows),
        (
            "Error rates are drawn towards that of all questions (beta-binomial). Physicians should mark these "
            "questions.",
            *([f"{numbers.plural(more, 'further question')}; judge agreement --json lists all."] if more > 0 else []),
        ),
    )


def confusions_table(found: JudgeAgreement) -> ReportTable:
    """Entries of the key that the model gives in the place of others."""
    figures = ("Answers",)
    return ReportTable(
        f"judge-entries-{_name(found)}",
        f"Entries of the key on which {found.judge} and the physicians differ (marked by a model)",
        columns("Question", "By physicians", "By the model", *figures, numeric=figures),
        tuple(
            Row(
                (
                    Cell(confusion.question_id),
                    Cell(_entry(confusion.by_people)),
                    Cell(_entry(confusion.by_model)),
                    Cell(numbers.count(confusion.n), confusion.n),
                )
            )
            for confusion in found.confusions[:MOST_ROWS]
        ),
        (f"The most frequent of {len(found.confusions)}.",) if len(found.confusions) > MOST_ROWS else (),
    )


def _errors(errors: ErrorRates) -> tuple[Cell, ...]:
    return (
        Cell(numbers.count(errors.false_credit.n), errors.false_credit.n),
        _estimate(errors.false_credit.percent, 1),
        Cell(numbers.count(errors.false_refusal.n), errors.false_refusal.n),
        _estimate(errors.false_refusal.percent, 1),
        _estimate(errors.bias, 1),
    )


def _entry(letter: str) -> str:
    return "none" if letter == "0" else letter


def _title(found: JudgeAgreement) -> str:
    return f"{found.judge} (marked by a model) {basis_words(found.basis)}"


def _name(found: JudgeAgreement) -> str:
    safe = "".join(character if character.isalnum() else "-" for character in found.judge.partition(":")[2].casefold())
    return f"{safe}-{found.basis}"


def _estimate(estimate: IntervalEstimate | None, decimals: int) -> Cell:
    if estimate is None or estimate.value is None:
        return Cell(numbers.NONE)
    text = numbers.number(estimate.value, decimals)
    if estimate.ci_low is not None and estimate.ci_high is not None:
        text += f" ({numbers.interval_of_percents(estimate.ci_low, estimate.ci_high, decimals)})"
    return Cell(text, estimate.value)
