"""A reviewer's rows as the page gets them: made once, since fifty reviewers may open thousands of rows at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """

    rows: tuple[SheetRow, ...]
    by_id: Mapping[str, SheetRow]
    unmarked: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[SheetRow]) -> ShownRows:
        """Rows in the order in which they are to be shown."""
        return cls(
            tuple(rows), {row.row_id: row for row in rows}, tuple(as_json(_row(row, (), {}, "")) for row in rows)
        )

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
            shown = row.answer_id, row.repeat
            if shown in standing or shown in why or row.answer_id in both:
                yield as_json(_row(row, standing.get(shown, ()), both.get(row.answer_id, _NOTHING), why.get(shown, "")))
            else:
                yield unmarked


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
        "both": both,
        "why": why,
    }
