"""The options that JSON names: ``{"answer": "C"}``, ``["A", "F"]``, ``{"A": false, "C": true}``."""

from __future__ import annotations

from samp_eval.answers.choices.claims import Claim, Pick, claim_at
from samp_eval.answers.choices.options import Options
from samp_eval.answers.choices.tokens import tokens_of
from samp_eval.answers.shapes.json_answers import json_answers, stacked_answers
from samp_eval.answers.shapes.json_text import JsonList, JsonObject, JsonText, JsonValue, string_value

__all__ = ["structured_claim"]


_LONGEST_ANSWER = 80
"""Characters: a longer string is prose, which the other steps read."""


def structured_claim(text: str, options: Options, *, many: bool) -> Claim | None:
    """What the JSON of a text chooses; None where there is none, or where its answer is an explanation in prose.

    An answer such as ``"None of the above"`` or ``"unknown"`` chooses nothing, whatever the reasoning beside it says.
    Where one is asked for, values that follow each other and answer differently leave the choice open.
    """
    repeated = None if many else _repeated_claim(text, options)
    if repeated is not None:
        return repeated
    found = json_answers(text)
    if found is None:
        return None
    if isinstance(found.value, JsonObject) and (claim := _by_letters(text, found.value, options)):
        return claim
    picks: list[Pick] = []
    for start, end in found.places:
        said = string_value(text[start:end])
        claim = claim_of(said, options)
        if claim is None:
            return Claim((), 0, unsure=True) if 0 < len(said.strip()) < _LONGEST_ANSWER else None
        if claim.contrary or claim.unsure:
            return claim
        picks += [Pick(pick.option, start, end) for pick in claim.picks]
    if len(picks) == 1 and found.value is not None and _named_elsewhere(text, found.value, options) - {picks[0].option}:
        return Claim((), 0, contrary=True)
    return Claim(tuple(picks), 0) if picks else None


def _repeated_claim(text: str, options: Options) -> Claim | None:
    """What values that stand one below the other choose, each a whole answer; None where none of them names one."""
    picks: list[Pick] = []
    for places in stacked_answers(text):
        claim = claim_of(string_value(text[slice(*places[0])]), options) if len(places) == 1 else None
        if claim is None or len(claim.options) != 1:
            return None
        picks.append(Pick(claim.options[0], *places[0]))
    if not picks:
        return None
    differ = len({pick.option for pick in picks}) > 1
    return Claim(tuple(picks), 0, unsure=True) if differ else Claim((picks[-1],), 0)


def claim_of(text: str, options: Options) -> Claim | None:
    """What a short text chooses that must be nothing but an answer."""
    whole = options.whole(text)
    if whole is not None and len(text.strip()) > 1:
        return Claim((Pick(whole, 0, len(text)),), 0)
    tokens = tokens_of(text, options)
    claim = claim_at(tokens, 0, many=True)
    if claim.contrary:
        return claim
    ended = claim.after >= len(tokens) or tokens[claim.after].kind in ("stop", "dash", "colon", "open", "because")
    return claim if claim.picks and ended else None


def _by_letters(text: str, value: JsonObject, options: Options) -> Claim | None:
    """Letters as keys: those that are true, or those whose value is the option's words."""
    letters = [ord(key.strip().upper()) - ord("A") if len(key.strip()) == 1 else -1 for key, _ in value.pairs]
    if not letters or not all(0 <= letter < options.count for letter in letters):
        return None
    picks, contrary = [], False
    for letter, (_, inner) in zip(letters, value.pairs, strict=True):
        if not isinstance(inner, JsonText):
            return None
        said = text[inner.start : inner.end]
        if not inner.quoted and said.casefold() == "true":
            picks.append(Pick(letter, inner.start, inner.end))
        elif inner.quoted:
            contrary = contrary or options.whole(string_value(said)) not in (letter, None)
            picks.append(Pick(letter, inner.start, inner.end))
    return Claim((), 0, contrary=True) if contrary else Claim(tuple(picks), 0) if picks else None


def _named_elsewhere(text: str, value: JsonValue, options: Options) -> set[int]:
    """The options that are the whole of a string anywhere in the value."""
    if isinstance(value, JsonText):
        said = string_value(text[value.start : value.end])
        whole = options.exactly(said) if value.quoted else None
        return set() if whole is None else {whole}
    inner = value.values if isinstance(value, JsonList) else [part for _, part in value.pairs]
    return {option for part in inner for option in _named_elsewhere(text, part, options)}
