"""A reviewer's rows as the page gets them: made once, since fifty reviewers may open thousands of rows at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from samp_eval.literals import MarkBasis
from samp_eval.review.marks import StandingMark
from samp_eval.review.row_ids import SheetRow

__all__ = ["ShownRows", "as_json"]

_NOTHING: Mapping[str, Any] = {}
"""One for all: five for each of 3,400 rows keep Python's garbage collection busy for longer than all else takes."""


@dataclass(frozen=True, slots=True)
class ShownRows:
    """A reviewer's rows in their order.

    Attributes
    ----------
    rows : tuple of SheetRow
    by_id : mapping of row id to SheetRow
    unmarked : tuple of str
        Each row as JSON while there is no mark of it.
    earlier : mapping of answer id to SheetRow
        First rows of answers that were repeated later. Each takes the place of its repeat when that is marked on both
        bases, so that a mark that the reviewer corrects afterwards is the one that counts.
    """

    rows: tuple[SheetRow, ...]
    by_id: Mapping[str, SheetRow]
    unmarked: tuple[str, ...]
    earlier: Mapping[str, SheetRow]

    @classmethod
    def of(cls, rows: Sequence[SheetRow], earlier: Mapping[str, SheetRow] | None = None) -> ShownRows:
        """Rows in the order in which they are to be shown, without those of ``earlier``."""
        earlier = earlier or {}
        by_id = {row.row_id: row for row in (*rows, *earlier.values())}
        return cls(tuple(rows), by_id, tuple(as_json(_row(row, (), {}, "")) for row in rows), earlier)

    def json(
        self,
        standing: Mapping[tuple[str, bool], Sequence[StandingMark]],
        both: Mapping[str, Mapping[str, Sequence[str]]],
        why: Mapping[tuple[str, bool], str],
    ) -> str:
        """All rows as a JSON list.

        Parameters
        ----------
        standing : mapping of (answer id, repeat) to marks
            What holds for each answer that the reviewer ever marked.
        both : mapping of answer id to values by field
            Between which an adjudicator decides.
        why : mapping of (answer id, repeat) to text
            What was corrected since the answer was marked.
        """
        return f"[{','.join(self._each(standing, both, why))}]"

    def _each(
        self,
        standing: Mapping[tuple[str, bool], Sequence[StandingMark]],
        both: Mapping[str, Mapping[str, Sequence[str]]],
        why: Mapping[tuple[str, bool], str],
    ) -> Iterator[str]:
        for row, unmarked in zip(self.rows, self.unmarked, strict=True):
            if row.repeat and row.answer_id in self.earlier and _is_marked(standing.get((row.answer_id, True), ())):
                row = self.earlier[row.answer_id]
            shown = row.answer_id, row.repeat
            if shown in standing or shown in why or row.answer_id in both:
                yield as_json(_row(row, standing.get(shown, ()), both.get(row.answer_id, _NOTHING), why.get(shown, "")))
            else:
                yield unmarked


def _is_marked(standing: Sequence[StandingMark]) -> bool:
    return {mark.field for mark in standing if mark.value} >= set(get_args(MarkBasis))


def as_json(content: Any) -> str:
    """JSON in as few characters as it takes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _row(
    row: SheetRow, standing: Sequence[StandingMark], both: Mapping[str, Sequence[str]], why: str
) -> dict[str, Any]:
    return {
        "row": row.row_id,
        "question": row.question_id,
        "answer": row.text,
        "marks": {mark.field: mark.value for mark in standing if mark.value} if standing else _NOTHING,
        "versions": {mark.field: mark.version for mark in standing} if standing else _NOTHING,
        "against": {mark.field: mark.against for mark in standing if mark.against is not None}
        if standing
        else _NOTHING,
        "imported": [mark.field for mark in standing if mark.import_number is not None],
        "both": both,
        "why": why,
    }
