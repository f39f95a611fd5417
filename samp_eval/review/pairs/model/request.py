"""What a model is asked about a pair, and how its reply is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from samp_eval.items.samp import Question, SampCase
from samp_eval.literals import PairChoice
from samp_eval.review.markers.model.answer_as_data import answer_as_data
from samp_eval.review.markers.model.prompt import MarkingPrompt
from samp_eval.review.markers.model.verdict import json_objects
from samp_eval.run.prompt import asked_text
from samp_eval.run.respondent import Message, Reply

__all__ = ["NoChoice", "pair_ask_id", "pair_messages", "pair_prompt", "pair_schema", "read_choice"]

NoChoice = Literal["refused", "cut_off", "no_json", "not_complete", "verdict_first", "not_offered", "two_verdicts"]
"""Why a reply is no choice: as for a mark; not_offered: none of the words that were offered."""

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "comparison": {"type": "string", "description": "What makes one response better, at most 40 words."},
        "preferred": {"type": "string", "enum": list(get_args(PairChoice))},
    },
    "required": ["comparison", "preferred"],
    "additionalProperties": False,
}


@cache
def pair_prompt(*, second_try: bool = False) -> MarkingPrompt:
    """The prompt, in English: a case in another language is quoted as it is.

    With ``second_try``, the system message also says that the first reply could not be read.
    """
    folder = files(__package__) / "prompts" / "en"
    system, instructions, more, version = (
        (folder / f"{name}.txt").read_text("utf-8").strip() for name in ("system", "pairs", "second_try", "version")
    )
    if second_try:
        return MarkingPrompt(f"en-pairs {version}, second try", f"{system}\n\n{more}", instructions)
    return MarkingPrompt(f"en-pairs {version}", system, instructions)


def pair_schema() -> Mapping[str, Any]:
    """The JSON schema of a reply: the comparison comes before the choice."""
    return _SCHEMA


def pair_messages(
    case: SampCase, question: Question, first: str, second: str, *, second_try: bool = False
) -> list[Message]:
    """The messages of one ask; nothing says whose the responses are."""
    prompt = pair_prompt(second_try=second_try)
    parts = [prompt.instructions, f"CASE AND QUESTION\n{asked_text(case, question)}"]
    for name, text in (("FIRST", first), ("SECOND", second)):
        lines = ", ".join(map(answer_as_data, text.splitlines()))
        parts.append(f"{name} RESPONSE\n[{lines}]\nEND OF {name} RESPONSE")
    return [{"role": "system", "content": prompt.system}, {"role": "user", "content": "\n\n".join(parts)}]


def pair_ask_id(judge: str, case: SampCase, question: Question, first: str, second: str) -> str:
    """Opaque id of what a model is asked about a pair: another one where anything that it shows reads otherwise."""
    shown = "\0".join([judge, question.id, asked_text(case, question), first, second])
    pictures = "".join(f"\n{picture.digest}" for picture in case.pictures_until(question))
    return hashlib.sha256(f"pair\0{shown}{pictures}".encode()).hexdigest()[:32]


def read_choice(reply: Reply) -> tuple[PairChoice | None, NoChoice | None]:
    """What a reply chooses, whether or not its server kept to the schema; or why it chooses nothing."""
    objects = [found for found in json_objects(reply.text) if "preferred" in found]
    if not objects:
        if reply.provenance.get("refused"):
            return None, "refused"
        return None, "cut_off" if reply.finish_reason == "length" else "no_json"
    said = {str(found["preferred"]).strip().strip(".\"' ").lower() for found in objects}
    if len(said) > 1:
        return None, "two_verdicts"
    first, (choice,) = objects[0], said
    if not str(first.get("comparison") or "").strip():
        return None, "not_complete"
    if list(first).index("preferred") < list(first).index("comparison"):
        return None, "verdict_first"
    return (cast("PairChoice", choice), None) if choice in get_args(PairChoice) else (None, "not_offered")
