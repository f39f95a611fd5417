"""Marks that stand under the number of a line: with another reading they would belong to other words."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from samp_eval.answers.distinct import line_id_of
from samp_eval.answers.text_ids import row_id_of
from samp_eval.errors import Fault, FaultySheet
from samp_eval.review.marks import Mark
from samp_eval.run.respondent import Response

__all__ = ["refuse_marked_by_line"]


def refuse_marked_by_line(
    responses: Iterable[Response], marks: Iterable[Mark], changed: Collection[str], where: str
) -> None:
    """Refuse another reading of responses whose lines were marked one by one (``--unit line``).

    Raises
    ------
    FaultySheet
        With each such response, by the row id of its text.
    """
    marked = {mark.answer_id for mark in marks}
    faults = []
    for response in responses:
        ask, text = response.ask, response.reply.text
        row_id = row_id_of(ask.question_id, text, ask.option_order)
        if row_id in changed:
            place = ask.question_id, ask.respondent, ask.round
            if any(line_id_of(*place, number) in marked for number in range(1, len(text) + 1)):
                problem = "its lines were marked one by one, so its reading can no longer change"
                faults.append(Fault(where, f"row id {row_id}", problem))
    if faults:
        raise FaultySheet(faults, "nothing was taken")
