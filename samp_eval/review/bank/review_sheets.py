"""Sheets on which an expert reviews the bank: first as a candidate, then with the key; out and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from samp_eval.errors import Fault, FaultySheet
from samp_eval.items.samp import Question, SampCase
from samp_eval.literals import BankReviewStep
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.bank.rating_fields import FLAGS, RATING_FIELDS, NotAllowed, read_rating
from samp_eval.review.bank.review_rows import BankRating, BankReview, BankReviewRow
from samp_eval.review.sheets.form_sheet import FormColumn, FormRow, form_rows, write_form
from samp_eval.review.sheets.picture_sheet import picture_sheet
from samp_eval.review.sheets.sheet_age import SentSheet, SheetMark, shown_by
from samp_eval.review.to_mark import key_text
from samp_eval.run.prompt import context_text, question_text
from samp_eval.spreadsheet_cells import plain, reformatted, same_text

__all__ = ["ANSWER_COLUMN", "ratings_of_file", "said_so_far", "write_review_sheet"]

ANSWER_COLUMN = "answer_"
"""Name of the columns of answers, before their number."""

_SHEET = "sheet"
"""Tells one export from another, so that a sheet knows its age."""

_ASKED = (
    FormColumn("row_id", 8),
    FormColumn("case_id", 12),
    FormColumn("question_id", 12),
    FormColumn("context", 48),
    FormColumn("question", 34),
)
_WITH_KEY = (
    *_ASKED,
    FormColumn("requested", 9),
    FormColumn("key", 44),
    FormColumn("not_accepted", 28),
    FormColumn("source", 24),
    FormColumn("said_so_far", 28),
)
_GUIDE: Mapping[BankReviewStep, tuple[str, ...]] = {
    "answers": (
        "Answer each question as a candidate would, without looking anything up: one answer in each cell.",
        "Write - in the first cell where you would leave the question blank.",
        "Work alone. You get the key with the next sheet, once this one has been taken in.",
    ),
    "ratings": (
        "Rate each question with its key. Work alone: you see what the others say in the second round, without names.",
        "key_right, key_wrong, key_unsure: every entry of the key belongs in one of them. Write all in key_right "
        "where every entry is right; entries that you name under key_wrong or key_unsure are left out of all.",
        "expected: think of a new family physician who is just competent enough to be certified. Of the lines that "
        "the question asks for, how many does this physician have right? One decimal is allowed: 1.5.",
        *(f"{name}: 1 if {what}." for name, what in FLAGS.items()),
        "Cells that you leave empty change nothing; the sheet may come back in parts.",
    ),
}


def write_review_sheet(rows: Sequence[BankReviewRow], review: BankReview, sheet: SentSheet, file: Path) -> None:
    """Write the rows of one expert and one step, with what the expert has said on them so far.

    Parameters
    ----------
    rows : sequence of BankReviewRow
        Not empty; of questions of the present bank.
    review : BankReview
    sheet : SentSheet
        As it is recorded, with what it shows.
    file : Path
        CSV or XLSX.
    """
    asked, step = review.bank.by_question(), rows[0].step
    if step == "answers":
        most = max(asked[row.question_id][1].requested for row in rows)
        fields = tuple(FormColumn(f"{ANSWER_COLUMN}{n}", 24, to_fill=True) for n in range(1, most + 1))
    else:
        fields = RATING_FIELDS
    cells = []
    for row in rows:
        case, question = asked[row.question_id]
        known = _asked(row, case, question)
        if step == "ratings":
            known += _with_key(question, said_so_far(review, row))
        shown = (sheet.shown[row.row_id].get(column.name, "") for column in fields)
        cells.append([*known, *shown, sheet.id])
    columns = (*(_ASKED if step == "answers" else _WITH_KEY), *fields, FormColumn(_SHEET, 8))
    more = picture_sheet(review.bank, [row.question_id for row in rows], described=step != "answers")
    write_form(columns, cells, file, title=step.capitalize(), guide=_GUIDE[step], more_sheets=more)


def _asked(row: BankReviewRow, case: SampCase, question: Question) -> list[str]:
    # what a picture shows may be what is asked: an expert who answers sees the picture, and its name here
    context = context_text(case, question, described=False)
    return [row.row_id, case.id, question.id, context, question_text(case, question)]


def _with_key(question: Question, said_so_far: str) -> list[str]:
    refused = "\n".join(f"{' / '.join(answer.wordings)}: {answer.reason}" for answer in question.not_accepted)
    source = "" if question.source is None else str(question.source)
    return [str(question.requested), key_text(question, ";\n"), refused, source, said_so_far]


def said_so_far(review: BankReview, row: BankReviewRow) -> str:
    """For a later round: what all experts said until then, in ascending order and so without names, and the own."""
    if row.round == 1:
        return ""
    before = {opinion.expert: opinion.until(row.round - 1) for opinion in review.of_question(row.question_id)}
    parts = []
    for name in ("expected", "relevance", "clarity"):
        given = sorted((values[name] for values in before.values() if values.get(name)), key=float)
        own = before.get(row.expert, {}).get(name)
        if given:
            parts.append(f"{name}: {', '.join(given)}" + (f" (you: {own})" if own else ""))
    return "\n".join(parts)


def ratings_of_file(
    file: Path,
    rows: Mapping[str, BankReviewRow],
    sent: Mapping[str, SentSheet],
    keys: KeyHistory,
    now: datetime,
    notify: Callable[[str], None] | None = None,
) -> list[SheetMark[BankRating]]:
    """What a filled sheet says.

    Parameters
    ----------
    file : Path
        CSV, XLSX or ODS.
    rows : mapping of row id to BankReviewRow
        Every row that ever went out.
    sent : mapping of id to SentSheet
        Every sheet that ever went out.
    keys : KeyHistory
        A sheet is read by the key that it shows, whatever that has become since.
    now : datetime
        UTC.
    notify : callable, optional
        Told where the file was not read as UTF-8.

    Raises
    ------
    FaultySheet
        With every fault; nothing may be taken then.
    """
    versions = {held.bank.version: held.bank.by_question() for held in keys.versions}
    faults: list[Fault] = []
    found: dict[tuple[str, str], SheetMark[BankRating]] = {}
    for given in form_rows(file, ("row_id", "question"), "samp-eval items review export", notify):
        row_id = given.cell("row_id").strip().strip("'").lower()
        row = rows.get(row_id)
        if row is None:
            if row_id or any(cell.strip() for cell in given.cells.values()):
                problem = f"{given.cell('row_id')!r:.60} is no row of this review; copy it back from the exported sheet"
                faults.append(Fault(str(file), f"row {given.number}, column row_id", problem))
            continue
        case, question = versions[row.bank_version][row.question_id]
        if not _is_whole(given, row, case, question, file, faults):
            continue
        for name, value in _values(given, row, question, file, faults).items():
            rating, where = BankRating(row.row_id, name, value, now, file.name), f"row {given.number}, column {name}"
            offer = shown_by(sent, given.cell(_SHEET).strip(), row.row_id, row.exported_at, rating, where, name)
            if found.setdefault(rating.place, offer).mark.value != value:
                problem = f"{value!r:.60} here, and something else in another row with the same row id"
                faults.append(Fault(str(file), where, problem))
    if faults:
        raise FaultySheet(faults, "nothing was taken")
    return list(found.values())


def _is_whole(
    given: FormRow, row: BankReviewRow, case: SampCase, question: Question, file: Path, faults: list[Fault]
) -> bool:
    """Whether the row shows the question, and with ratings the key, that went out with it."""
    expected = {"question": question_text(case, question)}
    if row.step == "ratings":
        expected["key"] = key_text(question, ";\n")
    for name, text in expected.items():
        cell = given.cell(name)
        if not (same_text(text, cell) or reformatted(text, cell)):
            problem = f"this was changed: {text!r:.90} went out, and {cell!r:.90} came back; restore it"
            faults.append(Fault(str(file), f"row {given.number}, column {name}", problem))
            return False
    return True


def _values(given: FormRow, row: BankReviewRow, question: Question, file: Path, faults: list[Fault]) -> dict[str, str]:
    """Values by field of the cells that are filled in."""
    if row.step == "answers":
        names = [f"{ANSWER_COLUMN}{number}" for number in range(1, question.requested + 1)]
        return {name: text for name in names if (text := plain(given.cell(name).strip()))}
    values = {}
    for column in RATING_FIELDS:
        value = read_rating(column.name, given.cell(column.name), question)
        if isinstance(value, NotAllowed):
            problem = f"found {given.cell(column.name)!r:.60}; allowed: {value.allowed}"
            faults.append(Fault(str(file), f"row {given.number}, column {column.name}", problem))
        elif value:
            values[column.name] = value
    return values
