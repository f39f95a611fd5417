"""What a model's reply says: a mark, or why it is none. A reply that gives no mark is a failure, never a zero."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from samp_eval.items.samp import entry_letter
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.request import VERDICTS_BY_KNOWLEDGE
from samp_eval.run.respondent import Reply

__all__ = ["NoVerdict", "NoVerdictReason", "Verdict", "json_objects", "read_verdict"]

NoVerdictReason = Literal[
    "refused", "cut_off", "no_json", "not_complete", "verdict_first", "not_shown", "two_verdicts", "unsure"
]
"""refused: the model declined; cut_off: the reply ended before its JSON did; no_json: it has no object with a verdict;
not_complete: a field is missing; verdict_first: the verdict came before its evidence; not_shown: no letter that was
shown, or no word that was offered; two_verdicts: objects that contradict each other; unsure: the model says so."""

_FIELDS = ("answer_restated", "evidence", "verdict")
_NUMBER = re.compile(r"\d{1,3}")
_MOST_OBJECTS, _LONGEST = 200, 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model says of an answer.

    Attributes
    ----------
    value : str
        key: the letter of the entry in the bank that was asked with, or ``0``; judgement: ``1`` or ``0``.
    shown_letter : str
        The letter as it was shown; empty without an entry.
    restated, evidence : str
    confidence : int or None
        0 to 100 in the model's own words, which are never believed; None where it gives no number.
    instruction_found : bool
        Whether the model says that the answer speaks to the marker.
    """

    value: str
    shown_letter: str
    restated: str
    evidence: str
    confidence: int | None
    instruction_found: bool


@dataclass(frozen=True, slots=True)
class NoVerdict:
    """A reply without a mark, and why; ``said`` is the start of the reply."""

    reason: NoVerdictReason
    said: str


def read_verdict(reply: Reply, basis: MarkBasis, order: Sequence[int]) -> Verdict | NoVerdict:
    """Read a reply, whether or not its server kept to the schema.

    The objects of JSON in the reply that have a verdict are looked at, wherever they stand: alone, in a fence, or among
    words. There must be one, or several with the same verdict. Restated answer and evidence must come before it.

    Parameters
    ----------
    order : sequence of int
        Places of the key's entries as they were shown.
    """

    def none(reason: NoVerdictReason) -> NoVerdict:
        return NoVerdict(reason, reply.text.strip()[:200])

    objects = [found for found in json_objects(reply.text) if "verdict" in found]
    if not objects:
        if reply.provenance.get("refused"):
            return none("refused")
        return none("cut_off" if reply.finish_reason == "length" else "no_json")
    first = objects[0]
    if any(_said(found) != _said(first) for found in objects):
        return none("two_verdicts")
    if any(not str(first.get(name) or "").strip() for name in _FIELDS):
        return none("not_complete")
    names = list(first)
    if names.index("verdict") < max(names.index("answer_restated"), names.index("evidence")):
        return none("verdict_first")
    said = _said(first)
    value = _by_key(said, order) if basis == "key" else _by_knowledge(said)
    if value is None:
        return none("unsure" if said == "UNSURE" and basis == "judgement" else "not_shown")
    return Verdict(
        value,
        said if basis == "key" and value != "0" else "",
        str(first["answer_restated"]).strip(),
        str(first["evidence"]).strip(),
        _confidence(first.get("verdict_confidence")),
        first.get("instruction_found") is True or str(first.get("instruction_found")).strip().lower() == "true",
    )


def json_objects(text: str) -> Iterator[dict[str, Any]]:
    """The objects in a text that are whole JSON, none within another."""
    text = text[:_LONGEST]
    decoder = json.JSONDecoder(strict=False)
    place, count = text.find("{"), 0
    while place >= 0 and count < _MOST_OBJECTS:
        count += 1
        try:
            found, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            if isinstance(found, dict):
                yield found
        place = text.find("{", end)


def _said(found: dict[str, Any]) -> str:
    """The verdict without what models put around a letter: ``b.`` and ``(B)`` are ``B``."""
    return str(found["verdict"]).strip().strip("().\"' ").upper()


def _by_key(said: str, order: Sequence[int]) -> str | None:
    if said == "NONE":
        return "0"
    letters = {entry_letter(at): place for at, place in enumerate(order)}
    return entry_letter(letters[said]) if said in letters else None


def _by_knowledge(said: str) -> str | None:
    return {"YES": "1", "NO": "0"}.get(said) if said.lower() in VERDICTS_BY_KNOWLEDGE else None


def _confidence(said: Any) -> int | None:
    """A number however it is written: ``85``, ``"85%"``, ``0.85``; None for words."""
    if isinstance(said, bool) or said is None:
        return None
    if isinstance(said, float) and 0 <= said <= 1:
        return round(100 * said)
    found = _NUMBER.search(str(said))
    return int(found[0]) if found is not None and int(found[0]) <= 100 else None
