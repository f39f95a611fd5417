"""A table of readings comes back from a person: every decision is taken, or every fault is named and nothing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samp_eval.answers.decisions import option_named, places_of
from samp_eval.errors import Fault, FaultySheet
from samp_eval.literals import DecidedOutcome
from samp_eval.review.readings.reading_rows import NO_ANSWER, REFUSED, ReadingRow, sent_letters, shown_lines
from samp_eval.review.readings.reading_sheet import DOUBTFUL, LINE_COLUMN, most_lines
from samp_eval.review.sheets.sheet_files import read_sheet_rows
from samp_eval.run.respondent import ReadingDecision
from samp_eval.spreadsheet_cells import plain, reformatted, same_text

__all__ = ["decisions_of_file"]

_NEEDED = ("row_id", "doubtful", f"{LINE_COLUMN}1")
_OUTCOMES: Mapping[str, DecidedOutcome] = {REFUSED: "refused", NO_ANSWER: "no_answer"}
_LETTER = re.compile(r"\(?([A-Z])\)?[.):]?")
_LETTERED = re.compile(r"([A-Z])[.):]\s+(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table that belongs to a text of the study."""

    place: str
    known: ReadingRow
    doubtful: str
    lines: tuple[str, ...]

    @property
    def shown_now(self) -> list[str]:
        return shown_lines(self.known.present, self.known.question, self.known.option_order)[: most_lines(self.known)]

    @property
    def shown_by_rules(self) -> list[str]:
        return shown_lines(self.known.by_rules, self.known.question, self.known.option_order)[: most_lines(self.known)]


def decisions_of_file(
    file: Path,
    known: Mapping[str, ReadingRow],
    decided_by: str,
    now: datetime,
    notify: Callable[[str], None] | None = None,
) -> list[ReadingDecision]:
    """The decisions in a table of readings.

    A row is a decision where its lines differ from the reading that holds, or where ``doubtful`` was changed to ``no``.
    A row that says what the rules say is none, so that an old table takes nothing back; but if its ``doubtful`` is
    ``decided``, it takes a decision back.

    Parameters
    ----------
    file : Path
        CSV, XLSX or ODS.
    known : mapping
        Every text of the study by its row id.
    decided_by : str
        Who filled the table in.
    now : datetime
        UTC.
    notify : callable, optional
        Told where the file was not read as UTF-8.

    Raises
    ------
    FaultySheet
        With every fault; nothing may be taken then.
    """
    table = read_sheet_rows(file, notify)
    faults: list[Fault] = []
    decisions: dict[str, tuple[str, ReadingDecision]] = {}
    for row in _rows(table, str(file), known, faults):
        outcome, answers = _said(row, str(file), faults)
        decision = ReadingDecision(
            row.known.row_id, row.known.question.id, outcome, answers, decided_by, now, file.name
        )
        place, earlier = decisions.setdefault(decision.row_id, (row.place, decision))
        if (earlier.outcome, earlier.answers) != (decision.outcome, decision.answers):
            faults.append(Fault(str(file), row.place, f"says something else than {place} of the same row id"))
    if faults:
        raise FaultySheet(faults, "nothing was taken")
    return [decision for _, decision in decisions.values()]


def _rows(
    table: Sequence[Sequence[str]], file: str, known: Mapping[str, ReadingRow], faults: list[Fault]
) -> list[_Row]:
    """The rows that decide something."""
    header = next((n for n, cells in enumerate(table[:20]) if "row_id" in map(_name, cells)), None)
    names = [_name(cell) for cell in table[header]] if header is not None else []
    missing = [name for name in _NEEDED if name not in names]
    if header is None or missing:
        problem = f"has no column {', '.join(missing)}; samp-eval responses lines --out writes the table"
        faults.append(Fault(file, "", problem))
        return []
    columns = [place for place, name in enumerate(names) if re.fullmatch(rf"{LINE_COLUMN}\d+", name)]
    rows = []
    for number, cells in enumerate(table[header + 1 :], start=header + 2):
        padded = [*cells, *[""] * (len(names) - len(cells))]
        row_id = padded[names.index("row_id")].strip().strip("'").lower()
        doubtful = padded[names.index("doubtful")].strip().lower()
        lines = tuple(plain(padded[place].strip()) for place in columns if padded[place].strip())
        if row_id not in known:
            if row_id or lines:
                problem = f"{row_id!r:.60} is no text of this study; write the table again with --out"
                faults.append(Fault(file, f"row {number}, column row_id", problem))
        elif doubtful not in DOUBTFUL:
            problem = f"found {doubtful!r:.60}; allowed: {', '.join(DOUBTFUL)}"
            faults.append(Fault(file, f"row {number}, column doubtful", problem))
        else:
            row = _Row(f"row {number}", known[row_id], doubtful, lines)
            rows += [row] if _decides(row) else []
    return rows


def _name(cell: str) -> str:
    return re.sub(r"[\s_-]+", "_", cell.strip("\ufeff\"' \t").casefold())


def _decides(row: _Row) -> bool:
    """Whether a row says more than the table said when it went out."""
    if _same(row.shown_now, row.lines):
        return row.known.undecided and row.doubtful == "no"
    if _same(row.shown_by_rules, row.lines):
        return row.known.decision is not None and row.doubtful == "decided"
    return bool(row.lines)


def _same(shown: Sequence[str], lines: Sequence[str]) -> bool:
    return len(shown) == len(lines) and all(
        same_text(line, cell) or reformatted(line, cell) for line, cell in zip(shown, lines, strict=True)
    )


def _said(row: _Row, file: str, faults: list[Fault]) -> tuple[DecidedOutcome, tuple[str, ...]]:
    """What a row says the answers are; in the words of the study where the table's were only shown so."""
    shown = [*row.shown_now, *[""] * len(row.lines)]
    lines = [own if _same([own], [cell]) else cell for own, cell in zip(shown, row.lines, strict=False)]
    outcomes = [_OUTCOMES[line.casefold()] for line in lines if line.casefold() in _OUTCOMES]
    if outcomes and len(lines) > 1:
        faults.append(Fault(file, row.place, f"{REFUSED} and {NO_ANSWER} stand alone, in {LINE_COLUMN}1"))
    if outcomes:
        return outcomes[0], ()
    if not lines:
        problem = f"holds no line; write the answers, {REFUSED} or {NO_ANSWER}"
        faults.append(Fault(file, f"{row.place}, column {LINE_COLUMN}1", problem))
    return "answered", (_lines if row.known.question.format == "write-in" else _options)(row, lines, file, faults)


def _lines(row: _Row, lines: Sequence[str], file: str, faults: list[Fault]) -> tuple[str, ...]:
    """Lines of a write-in answer, each of which stands in the text."""
    places = places_of(lines, row.known.text, row.known.by_rules.lines)
    for number, (line, place) in enumerate(zip(lines, places, strict=True), start=1):
        if place is None:
            once = places_of([line], row.known.text) != [None]
            problem = "is more often here than in the text" if once else "is not in the text of the response"
            faults.append(Fault(file, f"{row.place}, column {LINE_COLUMN}{number}", f"{line!r:.60} {problem}"))
    return tuple(lines)


def _options(row: _Row, lines: Sequence[str], file: str, faults: list[Fault]) -> tuple[str, ...]:
    """Words of the options that are meant, each once."""
    question, chosen = row.known.question, []
    for number, line in enumerate(lines, start=1):
        option, place = _option(line, row.known), f"{row.place}, column {LINE_COLUMN}{number}"
        if option is None:
            letters = sent_letters(question, row.known.option_order)
            allowed = ", ".join(f"{letter}. {question.options[option]}" for letter, option in letters.items())
            faults.append(Fault(file, place, f"{line!r:.60} is no option of {question.id}; allowed: {allowed}"))
        elif question.options[option] in chosen:
            faults.append(Fault(file, place, f"{question.options[option]!r:.60} is there twice"))
        else:
            chosen.append(question.options[option])
    return tuple(chosen)


def _option(line: str, known: ReadingRow) -> int | None:
    """The option that a person names: by its words, by the letter that was sent, or by both where they agree."""
    letters = sent_letters(known.question, known.option_order)
    lettered, alone = _LETTERED.fullmatch(line), _LETTER.fullmatch(line)
    words = option_named(line, known.question)
    if words is None and lettered is not None:
        words = option_named(lettered[2], known.question)
        return words if words is not None and letters.get(lettered[1]) == words else None
    return letters.get(alone[1]) if words is None and alone is not None else words
