"""An empty table for answers that a person has on a chat page: what to paste where, and a cell for each answer."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank
from samp_eval.run.prompt import Prompt, messages_for
from samp_eval.study import Condition, Round
from samp_eval.whole_files import whole_file

__all__ = ["HEADER", "answered_rows", "empty_rows", "write_answer_table"]

HEADER = ("question_id", "respondent", "round", "condition", "asked_at", "request", "text")
WIDTHS = (24, 20, 7, 22, 12, 80, 60)
"""Of the columns of a workbook, in characters."""


def empty_rows(bank: Bank, rounds: Sequence[Round], respondent: str, prompt: Prompt) -> list[list[str]]:
    """One row for each question and round, with the words to paste and an empty answer.

    A regenerated round stands with the round before it, question by question: a page's *regenerate* comes at once.

    Parameters
    ----------
    bank : Bank
        What is asked.
    rounds : sequence of Round
        From the first; their condition decides what is pasted.
    respondent : str
        Its name in the study.
    prompt : Prompt
        What prompted rounds put before the case.

    Returns
    -------
    list of list of str
        Cells as in :data:`HEADER`.
    """
    pictured = bank.pictured
    sittings: list[list[tuple[int, Round]]] = []
    for number, study_round in enumerate(rounds, start=1):
        if not (sittings and study_round.condition.regenerated):
            sittings.append([])
        sittings[-1].append((number, study_round))
    return [
        [question.id, respondent, str(number), condition.label, "", _request(bank, question.id, condition, prompt), ""]
        for sitting in sittings
        for _, question in bank.asked()
        for number, study_round in sitting
        for condition in [study_round.condition]
        if study_round.pictures or question.id in pictured
    ]


def _request(bank: Bank, question_id: str, condition: Condition, prompt: Prompt) -> str:
    case, question = bank.by_question()[question_id]
    texts = [message["content"].strip() for message in messages_for(case, question, condition, prompt)]
    shown = case.pictures_until(question) if condition.pictures else []
    attach = [f"(Attach these files: {', '.join(picture.file for picture in shown)})"] if shown else []
    return "\n\n".join([*texts, *attach])


def answered_rows(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The rows of a table, those of its own without an answer yet emptied; other tables are left as they are.

    A row keeps its number, which messages name.
    """
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "request" not in header or "text" not in header:
        return rows
    text = header.index("text")
    return [rows[0], *(row if _cell(row, text).strip() else [] for row in rows[1:])]


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def write_answer_table(rows: Iterable[Sequence[str]], file: Path) -> None:
    """Write rows as CSV or as a workbook, by the file's ending.

    Raises
    ------
    StudyConflict
        The file is there already: it may hold answers.
    CannotStore
        It cannot be written.
    """
    if file.exists():
        raise StudyConflict(f"{file} exists already and stays as it is; it may hold answers")
    with whole_file(file) as unfinished:
        if file.suffix.lower() == ".xlsx":
            _write_workbook(rows, unfinished)
        else:
            with unfinished.open("w", encoding="utf-8-sig", newline="") as target:
                csv.writer(target).writerows([HEADER, *rows])


def _write_workbook(rows: Iterable[Sequence[str]], file: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Answers")
        bold = book.add_format({"bold": True})
        plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for column, (name, width) in enumerate(zip(HEADER, WIDTHS, strict=True)):
            sheet.set_column(column, column, width, plain)
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, plain)
            sheet.set_row(number, 60)
        sheet.freeze_panes(1, 1)
