"""What a model's reply says: a mark, or why it is none. A reply that gives no mark is a failure, never a zero."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from samp_eval.answers.reasoning import answer_part
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
shown, or no word that was offered; two_verdicts: objects that contradict each other, or words around one that do;
unsure: the model says so."""

_FIELDS = ("answer_restated", "evidence", "verdict")
_CONFIDENCE = re.compile(r"(?:(?P<share>[01]\.\d{1,9})|(?P<percent>\d{1,3}(?:\.\d{1,9})?)\s*(?:%|/\s*100)?)")
_YES = frozenset({"true", "yes", "1"})
_MOST_OBJECTS, _LONGEST = 200, 100_000

_OTHER_VERDICT = re.compile(
    r"\"verdict\"\s*:\s*\"?(?P<data>[^\"\s,}]{0,9})"
    r"|\b[Vv]erdict\b\W{1,6}(?:is\b\W{1,4})?(?P<word>[A-Z]|[Nn]one|[Yy]es|[Nn]o|[Uu]nsure)(?=[.*\"')]|\s*(?:\n|$))"
)
"""A verdict beside the objects: of an object that was cut off, or in words."""


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


@dataclass(frozen=True, slots=True)
class _Objects:
    """What a text holds: its objects, whether one of them gives a field twice with two values, and the text beside."""

    found: list[dict[str, Any]]
    contradicts_itself: bool
    beside: str


def read_verdict(reply: Reply, basis: MarkBasis, order: Sequence[int], answer: str = "") -> Verdict | NoVerdict:
    """Read a reply, whether or not its server kept to the schema.

    The objects of JSON in the reply that have a verdict are looked at, wherever they stand: alone, in a fence, or among
    words; reasoning that a model writes between tags is left out. There must be one, or several with the same verdict,
    and nothing beside them may say another one. Restated answer and evidence must come before it.

    Parameters
    ----------
    order : sequence of int
        Places of the key's entries as they were shown.
    answer : str
        What was marked: an object that stands in it is a quotation and no verdict.
    """

    def none(reason: NoVerdictReason) -> NoVerdict:
        return NoVerdict(reason, reply.text.strip()[:200])

    if len(reply.text) > _LONGEST:
        return none("no_json")
    read, quoted = _objects_of(reply.text), _objects_of(answer).found
    objects = [found for found in read.found if "verdict" in found and found not in quoted]
    if not objects:
        if reply.provenance.get("refused"):
            return none("refused")
        return none("cut_off" if reply.finish_reason == "length" else "no_json")
    first = objects[0]
    others = {_plain(found["data"] or found["word"] or "") for found in _OTHER_VERDICT.finditer(read.beside)}
    if read.contradicts_itself or {*map(_said, objects), *others} != {_said(first)}:
        return none("two_verdicts")
    if any(isinstance(first.get(name), dict) or not str(first.get(name) or "").strip() for name in _FIELDS):
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
        str(first.get("instruction_found")).strip().lower() in _YES,
    )


def json_objects(text: str) -> list[dict[str, Any]]:
    """The objects in a text that are whole JSON, none within another, and none that gives a field two values."""
    read = _objects_of(text)
    return [] if read.contradicts_itself else read.found


def _objects_of(text: str) -> _Objects:
    text = _without_reasoning(text[:_LONGEST])
    contradicting = False

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal contradicting
        fields = dict(reversed(pairs))
        contradicting = contradicting or any(fields[name] != value for name, value in pairs)
        return dict(pairs)

    decoder = json.JSONDecoder(strict=False, object_pairs_hook=unique)
    found: list[dict[str, Any]] = []
    beside: list[str] = []
    place, count, start = text.find("{"), 0, 0
    while place >= 0 and count < _MOST_OBJECTS:
        count += 1
        before = contradicting
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end, contradicting = place + 1, before
        else:
            found.append(value)
            beside.append(text[start:place])
            start = end
        place = text.find("{", end)
    return _Objects(found, contradicting, " ".join([*beside, text[start:]]))


def _without_reasoning(text: str) -> str:
    """What a model says once it has thought: a verdict on the way there is none. Tags within one object stay."""
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return answer_part(text, 1, _LONGEST).excerpt.text
    return text


def _said(found: dict[str, Any]) -> str:
    return _plain(str(found["verdict"]))


def _plain(verdict: str) -> str:
    """The verdict without what models put around a letter: ``b.`` and ``(B)`` are ``B``. A look-alike stays itself."""
    bare = verdict.strip().strip("().\"' ")
    return bare.upper() if bare.isascii() else bare


def _by_key(said: str, order: Sequence[int]) -> str | None:
    if said == "NONE":
        return "0"
    letters = {entry_letter(at): place for at, place in enumerate(order)}
    return entry_letter(letters[said]) if said in letters else None


def _by_knowledge(said: str) -> str | None:
    return {"YES": "1", "NO": "0"}.get(said) if said.lower() in VERDICTS_BY_KNOWLEDGE else None


def _confidence(said: Any) -> int | None:
    """A number however it is written: ``85``, ``"85%"``, ``0.85``; None for words and for what is no percentage."""
    if isinstance(said, bool) or said is None:
        return None
    found = _CONFIDENCE.fullmatch(str(said).strip())
    if found is None:
        return None
    number = 100 * float(found["share"]) if found["share"] else float(found["percent"])
    return round(number) if number <= 100 else None
