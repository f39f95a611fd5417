"""The study's whole store: responses, failures and marks, each on disk before it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, true

from samp_eval.literals import NewestChoice
from samp_eval.review.amendments.key_history import KeyHistory
from samp_eval.review.marks import Mark, SentMark, StandingMark
from samp_eval.review.pairs.pair_rows import ChosenPair, PairRow
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.sheets.sheet_age import OlderMark, SentSheet, SheetFile
from samp_eval.run.respondent import ReadingDecision
from samp_eval.store import schema
from samp_eval.store.asked.reading_rows import decision_values, decisions
from samp_eval.store.database import now_written, written
from samp_eval.store.reviews.import_rows import counts
from samp_eval.store.reviews.judge_store import SqlJudgeStore
from samp_eval.store.reviews.mark_rows import latest_marks, mark_values, marks_as_given, marks_today
from samp_eval.store.reviews.pair_rows import choice_values, choices, pair_values, stored_pairs
from samp_eval.store.reviews.sent_marks import keep_sent_marks, standing_marks
from samp_eval.store.reviews.sheet_marks import keep_sheet_marks, sent_sheets, sheet_values
from samp_eval.store.safety.row_digests import add_digests, checked

__all__ = ["StudyStore"]

FEW_MARKS = 100
_ROWS_AT_A_TIME = 10_000
"""A whole sheet's rows would take 150 MB, and a marker's marks 300 MB."""
_EVERY_MARK = select(schema.marks).order_by(schema.marks.c.sequence)
_NO_MODEL = schema.marks.c.role != "model"
"""Marks of models are kept apart from all others here, so that no stage can take one for a person's."""
_BY_PEOPLE = schema.marks.c.role.not_in(("automatic", "model"))
_ALL_MARKS = _EVERY_MARK.where(counts(schema.marks), _NO_MODEL)


class StudyStore(SqlJudgeStore):
    """A study's whole database: what was asked, and how it was marked.

    Use as a context manager; every method commits before it returns.
    """

    # Marks ---------------------------------------------------------------------------------------------------------

    def add_marks(self, new: Iterable[Mark], *, repeat_same: bool = False) -> int:
        """Append the marks that differ from what holds, or that only an import says; returns how many were appended.

        A mark with an empty value withdraws the earlier one. A mark by a key that has changed since, which does not
        count under the present one, is kept where nothing else holds, and counts again if the key is changed back.
        With ``repeat_same`` those that say the same are appended too, because they come from another source.
        """
        wanted = list(new)
        if not wanted:
            return 0
        with self._writing_alone() as connection:
            keys = self._key_history(connection)
            standing = standing_marks(connection, keys, _few_answers(wanted)).items()
            present = {place: held.value for place, held in standing if held.value}
            imported = {place for place, held in standing if held.import_number is not None}
            added = []
            for mark in wanted:
                value, place = keys.value_today(mark), mark.place
                outdated = bool(mark.value) and not value
                same = not repeat_same and present.get(place, "") == value and place not in imported
                if place not in present if outdated else not same:
                    imported.discard(place)
                    added.append(mark)
                    present |= {} if outdated else {place: value}
            version = keys.present_version
            for start in range(0, len(added), _ROWS_AT_A_TIME):
                rows = [mark_values(mark, version) for mark in added[start : start + _ROWS_AT_A_TIME]]
                add_digests(schema.marks, rows)
                connection.execute(insert(schema.marks), rows)
        return len(added)

    def keep_sent_marks(self, sent: Sequence[SentMark]) -> list[StandingMark]:
        """Take marks of the marking page, each once however often it comes; returns what holds where each was given.

        A mark from a page that had not seen what holds is history and changes nothing: the reviewer decides.
        """
        with self._writing_alone() as connection:
            return keep_sent_marks(connection, sent, self._key_history(connection))

    def standing_marks(self, reviewer: Reviewer) -> list[StandingMark]:
        """What holds for each answer and field that a reviewer ever marked, taken back or not."""
        with self._reading() as connection:
            keys = self._key_history(connection)
            return list(standing_marks(connection, keys, *_of(reviewer, schema.marks)).values())

    def misread_marks(self) -> list[Mark]:
        """Where a reviewer says that an answer is not how the response reads: the present marks of that field."""
        with self._reading() as connection:
            present = _present(connection, self._key_history(connection), schema.marks.c.field == "misread")
        return [mark for mark in present if mark.value == "1"]

    def marks(self, *, automatic: bool = True) -> list[Mark]:
        """The present marks but those of models: the latest of each reviewer, answer and field, unless withdrawn.

        Their letters are those of the present key; marks that an amendment has reopened are not among them. Without
        ``automatic``, only those of people.
        """
        with self._reading() as connection:
            return _present(connection, self._key_history(connection), _NO_MODEL if automatic else _BY_PEOPLE)

    def marks_of_models(self) -> list[Mark]:
        """The present marks of every model at every repeat, in the letters of the present key.

        See :func:`samp_eval.review.markers.model.votes.model_marks`.
        """
        with self._reading() as connection:
            return _present(connection, self._key_history(connection), schema.marks.c.role == "model")

    def marked_by(self) -> list[Reviewer]:
        """Everyone who ever marked, in the order of their first marks; those of withdrawn imports count too."""
        table = schema.marks
        columns = table.c.reviewer, table.c.role
        with self._reading() as connection:
            found = connection.execute(select(*columns).group_by(*columns).order_by(func.min(table.c.sequence)))
            return [Reviewer(row.reviewer, row.role) for row in found]

    def mark_history(self) -> list[Mark]:
        """Every mark but those of models, in order, as it counts under the present key: empty where it does not."""
        with self._reading() as connection:
            return marks_today(connection, _ALL_MARKS, self._key_history(connection))

    def marks_as_given(self, *, withdrawn: bool = False, automatic: bool = True) -> list[Mark]:
        """Every mark but those of models, in order, in the letters that its reviewer saw; ``withdrawn`` ones too."""
        query = _EVERY_MARK.where(_NO_MODEL) if withdrawn else _ALL_MARKS
        with self._reading() as connection:
            return marks_as_given(connection, query if automatic else query.where(_BY_PEOPLE))

    def import_marks(
        self, files: Sequence[SheetFile], newest: NewestChoice | None
    ) -> tuple[int, list[OlderMark[Mark]]]:
        """Take in the marks of filled sheets; returns how many differ from what holds, and those that are older.

        Nothing is taken in where marks are older than what holds and ``newest`` does not say which of them count.
        """
        wanted = [offer.mark for file in files for offer in file.marks]
        with self._writing_alone() as connection:
            return keep_sheet_marks(connection, files, newest, self._key_history(connection), _few_answers(wanted))

    # Readings ------------------------------------------------------------------------------------------------------

    def reading_decisions(self) -> list[ReadingDecision]:
        """Every decision of a person on the reading of a text, in order; the latest of a text holds."""
        with self._reading() as connection:
            return decisions(connection)

    def keep_decisions(self, new: Sequence[ReadingDecision]) -> int:
        """Append the decisions that differ from what holds; returns how many."""
        with self._writing_alone() as connection:
            held = {decision.row_id: decision for decision in decisions(connection)}
            fresh = [decision for decision in new if not _says_the_same(held.get(decision.row_id), decision)]
            if fresh:
                connection.execute(insert(schema.reading_decisions), list(map(decision_values, fresh)))
        return len(fresh)

    def adopt_reading_rules(self, version: int, deviation: str) -> None:
        """Have the study's answers read by another version of the rules from now on, and note the deviation."""
        now = now_written()
        with self._writing_alone() as connection:
            connection.execute(insert(schema.reading_rules).values(version=version, set_at=now))
            connection.execute(insert(schema.deviations).values(what=deviation, noted_at=now))

    # Pairs ---------------------------------------------------------------------------------------------------------

    def pair_rows(self) -> list[PairRow]:
        """Every pair that ever went out to a reviewer, and those that read alike, in order of their row ids."""
        with self._reading() as connection:
            return stored_pairs(connection)

    def keep_pair_rows(self, new: Sequence[PairRow]) -> None:
        """Record pairs before they go out."""
        if new:
            with self._writing_alone() as connection:
                connection.execute(insert(schema.pair_rows), list(map(pair_values, new)))

    def pair_choices(self) -> dict[str, ChosenPair]:
        """What holds for each row that a reviewer has decided."""
        with self._reading() as connection:
            return {chosen.row_id: chosen for chosen in choices(connection)}

    def keep_pair_choices(self, new: Sequence[ChosenPair]) -> int:
        """Append the choices that differ from what holds; returns how many."""
        with self._writing_alone() as connection:
            held = {chosen.row_id: chosen.said for chosen in choices(connection)}
            fresh = [chosen for chosen in new if held.get(chosen.row_id) != chosen.said]
            if fresh:
                connection.execute(insert(schema.pair_choices), list(map(choice_values, fresh)))
        return len(fresh)

    # Sheets --------------------------------------------------------------------------------------------------------

    def keep_sheet_rows(self, rows: Sequence[SheetRow]) -> list[SheetRow]:
        """Record what stands behind row ids, before they go out; returns the rows that hold, in the same order.

        Another page or sheet may have made the row of an answer a moment before: then that one holds.
        """
        reviewers = {row.reviewer.name for row in rows}
        with self._writing_alone() as connection:
            held = _sheet_rows(connection, schema.sheet_rows.c.reviewer.in_(reviewers))
            first = {row.place: row for row in held.values() if row.unit != "duplicate"}
            new = [first.setdefault(row.place, row) for row in rows if row.place not in first]
            for start in range(0, len(new), _ROWS_AT_A_TIME):
                values = _rows_as_values(new[start : start + _ROWS_AT_A_TIME])
                add_digests(schema.sheet_rows, values)
                connection.execute(insert(schema.sheet_rows), values)
        return [held.get(row.row_id) or first[row.place] for row in rows]

    def number_of_sheet_rows(self, reviewer: Reviewer) -> int:
        """How many rows ever went out to a reviewer."""
        query = select(func.count()).select_from(schema.sheet_rows).where(*_of(reviewer, schema.sheet_rows))
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def keep_sheet(self, sheet: SentSheet) -> None:
        """Record a sheet before it goes out."""
        with self._writing() as connection:
            connection.execute(insert(schema.sheets).values(sheet_values(sheet)))

    def sent_sheets(self) -> dict[str, SentSheet]:
        """Every sheet that ever went out, by its id."""
        with self._reading() as connection:
            return sent_sheets(connection)

    def sheet_rows(self, reviewer: Reviewer | None = None) -> dict[str, SheetRow]:
        """Every row that ever went out, to one reviewer or to all, by its row id."""
        with self._reading() as connection:
            return _sheet_rows(connection, *(_of(reviewer, schema.sheet_rows) if reviewer else ()))


def _says_the_same(held: ReadingDecision | None, decision: ReadingDecision) -> bool:
    return held is not None and (held.outcome, held.answers) == (decision.outcome, decision.answers)


def _few_answers(marks: Sequence[Mark]) -> ColumnElement[bool]:
    """The answers of these marks, where they are few; else all."""
    if len(marks) > FEW_MARKS:
        return true()
    return schema.marks.c.answer_id.in_({mark.answer_id for mark in marks})


def _present(connection: Connection, keys: KeyHistory, *among: ColumnElement[bool]) -> list[Mark]:
    table = schema.marks
    query = select(table).where(table.c.sequence.in_(latest_marks(*among)), table.c.value != "")
    return [mark for mark in marks_today(connection, query.order_by(table.c.sequence), keys) if mark.value]


def _of(reviewer: Reviewer, table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.reviewer == reviewer.name, table.c.role == reviewer.role


def _rows_as_values(rows: Sequence[SheetRow]) -> list[dict[str, Any]]:
    moment = cache(written)
    return [
        {
            "row_id": row.row_id,
            "reviewer": row.reviewer.name,
            "role": row.reviewer.role,
            "question_id": row.question_id,
            "answer_id": row.answer_id,
            "text": row.text,
            "unit": row.unit,
            "exported_at": moment(row.exported_at),
            "repeat": int(row.repeat),
            "key_version": row.key_version,
        }
        for row in rows
    ]


def _sheet_rows(connection: Connection, *among: ColumnElement[bool]) -> dict[str, SheetRow]:
    moment, reviewer_of = cache(datetime.fromisoformat), cache(Reviewer)
    query = select(schema.sheet_rows).where(*among)
    return {
        row.row_id: SheetRow(
            row.row_id,
            reviewer_of(row.reviewer, row.role),
            row.question_id,
            row.answer_id,
            row.text,
            row.unit,
            moment(row.exported_at),
            bool(row.repeat),
            row.key_version,
        )
        for row in checked(schema.sheet_rows, connection.execute(query))
    }
