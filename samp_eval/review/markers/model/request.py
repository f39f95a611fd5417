"""What a model is asked: one answer of one question, by the key or by its own knowledge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from samp_eval.items.samp import Question, SampCase, entry_letter
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.answer_as_data import answer_as_data
from samp_eval.review.markers.model.prompt import marking_prompt
from samp_eval.run.prompt import asked_text
from samp_eval.run.respondent import Message

__all__ = ["VERDICTS_BY_KNOWLEDGE", "ask_id_of", "entry_order", "marking_messages", "verdict_schema"]

VERDICTS_BY_KNOWLEDGE = ("yes", "no", "unsure")


def ask_id_of(judge: str, case: SampCase, question: Question, basis: MarkBasis, answer_id: str) -> str:
    """Opaque id of what a model is asked about an answer: another one where anything but the answer reads otherwise.

    So an amended key is marked by anew, and nothing else is.
    """
    order = range(len(question.key))
    shown = json.dumps(marking_messages(case, question, basis, "", order), ensure_ascii=False)
    pictures = "".join(f"\n{picture.digest}" for picture in case.pictures_until(question))
    return hashlib.sha256(f"{judge}\n{basis}\n{answer_id}\n{shown}{pictures}".encode()).hexdigest()[:32]


def entry_order(ask_id: str, repeat: int, entries: int) -> tuple[int, ...]:
    """Places of the key's entries in the order in which an ask shows them: another one at each repeat.

    By hashes, so that the letters of a stored reply can be read back for ever, whatever Python shuffles by.
    """
    return tuple(
        sorted(range(entries), key=lambda place: hashlib.sha256(f"{ask_id} {repeat} {place}".encode()).digest())
    )


def marking_messages(
    case: SampCase, question: Question, basis: MarkBasis, answer: str, order: Sequence[int], *, second_try: bool = False
) -> list[Message]:
    """The messages of one ask; what many asks share comes first, so that providers' prompt caches hold it.

    Parameters
    ----------
    answer : str
        As the candidate wrote it. Nothing says whose it is, or what others made of it.
    order : sequence of int
        Places of the key's entries as they are shown; without meaning on the basis ``judgement``, which shows no key.
    second_try : bool
        Whether a first reply had no verdict.
    """
    prompt = marking_prompt(basis, case.language, second_try=second_try)
    parts = [prompt.instructions, f"CASE AND QUESTION\n{asked_text(case, question)}"]
    if basis == "key":
        refused = [f"- {' / '.join(entry.wordings)}: {entry.reason}" for entry in question.not_accepted]
        parts += ["\n".join(["NOT ACCEPTED", *refused])] if refused else []
        entries = [f"{entry_letter(at)}. {' / '.join(question.key[place].wordings)}" for at, place in enumerate(order)]
        parts.append("\n".join(["ANSWER KEY", *entries]))
    parts.append(f"ANSWER\n{answer_as_data(answer)}\nEND OF ANSWER")
    return [{"role": "system", "content": prompt.system}, {"role": "user", "content": "\n\n".join(parts)}]


def verdict_schema(basis: MarkBasis, entries: int) -> Mapping[str, Any]:
    """The JSON schema of a verdict: what the answer says and the evidence come before the verdict.

    The names are in the order of the alphabet too, because some servers generate the fields in that order.
    """
    letters = [*(entry_letter(at) for at in range(entries)), "none"]
    fields: dict[str, dict[str, Any]] = {
        "answer_restated": {"type": "string", "description": "What the answer proposes, at most 30 words."},
        "evidence": {"type": "string"},
        "instruction_found": {"type": "boolean", "description": "Whether the answer speaks to the marker."},
        "verdict": {"type": "string", "enum": letters if basis == "key" else list(VERDICTS_BY_KNOWLEDGE)},
        "verdict_confidence": {"type": "integer", "description": "0 to 100"},
    }
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
