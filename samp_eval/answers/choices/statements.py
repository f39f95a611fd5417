r"""Where a text states its answer: ``The answer is C``, ``Réponse : C``, ``\boxed{C}``, ``C is the best choice``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from samp_eval.answers.choices.claims import (
    Claim,
    Pick,
    affirmed,
    behind_marker,
    behind_turn,
    claim_at,
    denied,
    in_condition,
    kind_at,
    rejected_behind,
)
from samp_eval.answers.choices.options import Options
from samp_eval.answers.choices.tokens import Token
from samp_eval.literals import OptionStep

__all__ = ["Statement", "statements"]

_BETWEEN = frozenset({"is", "fill", "right", "cue", "colon", "open", "dash", "so", "say", "boxed", "close"})
_STATES = frozenset({"is", "colon", "dash", "boxed"})
_SPEAKER = frozenset({"i", "would", "will", "i'd", "i’d", "i'll", "i’ll"})
"""Before ``answer``, which is a verb then."""
_FARTHEST = 14
"""Tokens between the noun or verb and the option; sentences that state an answer are short."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim that a text makes in so many words, and the token where it begins."""

    place: int
    claim: Claim
    step: OptionStep


def statements(text: str, tokens: Sequence[Token], options: Options, *, many: bool) -> list[Statement]:
    """Every statement of the answer, in the order of the text."""
    found = []
    for place, token in enumerate(tokens):
        if token.kind in ("cue", "right", "say", "so", "boxed"):
            found += list(_announced(text, tokens, place, options, many=many))
        elif token.kind in ("letter", "option"):
            found += list(_called_right(tokens, place, many=many))
    return found


def _announced(text: str, tokens: Sequence[Token], place: int, options: Options, *, many: bool) -> Iterator[Statement]:
    r"""What follows a noun with ``is`` or a colon, a verb of choosing, ``therefore``, or ``\boxed``."""
    if in_condition(tokens, place) or denied(tokens, place):
        return
    start, stated = _behind_words(tokens, place + 1)
    stated = stated or (place > 0 and tokens[place - 1].text.casefold() in _SPEAKER)
    kind = tokens[place].kind
    if kind in ("cue", "right") and not stated:
        return
    if kind_at(tokens, start) == "not":
        start = behind_turn(tokens, start) or start
    claim = claim_at(tokens, start, many=many)
    if not claim.picks and not claim.contrary and start < len(tokens) and kind != "so":
        claim = _whole_clause(text, tokens, start, options)
    if kind == "boxed" and claim.after < len(tokens) and tokens[claim.after - 1].kind != "close":
        return
    if len(claim.options) >= options.count > 2 or _is_listing(tokens, claim, many=many):
        return
    if claim.picks or claim.contrary:
        yield Statement(place, claim, "boxed" if kind == "boxed" else "statement")


def _behind_words(tokens: Sequence[Token], place: int) -> tuple[int, bool]:
    """Where the option must begin, and whether a verb or a colon stands before it."""
    stated, colon = False, False
    for _ in range(_FARTHEST):
        if place >= len(tokens):
            break
        token = tokens[place]
        if token.kind in _BETWEEN and not (token.kind == "open" and not stated):
            stated = stated or token.kind in _STATES
            colon = token.kind == "colon" or (colon and token.kind in ("open", "close"))
        elif token.kind == "line" and colon:
            for _ in range(_FARTHEST):
                place += place < len(tokens) and tokens[place].kind == "line"
            return behind_marker(tokens, place), True
        elif token.text != "," and not (token.text == "a" and kind_at(tokens, place + 1) == "option"):
            break
        place += 1
    return place, stated


def _whole_clause(text: str, tokens: Sequence[Token], start: int, options: Options) -> Claim:
    """An option whose words are common ones or misspelt: the whole clause must be it."""
    end = start
    while end < len(tokens) and tokens[end].kind not in ("stop", "line") and end - start < 30:
        end += 1
    if end == start:
        return Claim((), start)
    first, last = tokens[start].start, tokens[end - 1].end
    option = options.whole(text[first:last])
    return Claim((Pick(option, first, last),), end) if option is not None and last - first > 1 else Claim((), start)


def _is_listing(tokens: Sequence[Token], claim: Claim, *, many: bool) -> bool:
    """Whether the next line goes on with another letter: the options are repeated, not one of them chosen."""
    place = claim.after
    for _ in range(_FARTHEST):
        place += place < len(tokens) and tokens[place].kind in ("stop", "close")
    if many or not claim.picks or place >= len(tokens) or tokens[place].kind != "line":
        return False
    following = claim_at(tokens, behind_marker(tokens, place + 1), many=False)
    return bool(following.picks) and following.options[0] == claim.options[-1] + 1


def _called_right(tokens: Sequence[Token], place: int, *, many: bool) -> Iterator[Statement]:
    """An option that is called the answer: ``C is correct``."""
    if place and tokens[place - 1].kind in ("letter", "option", "and", "or"):
        return
    if place > 1 and tokens[place - 1].kind == "separator" and tokens[place - 2].kind in ("letter", "option", "close"):
        return
    if not any(token.kind == "is" or token.unspaced for token in tokens[place + 1 : place + 9]):
        return
    claim = claim_at(tokens, place, many=many)
    if not claim.picks or in_condition(tokens, place) or not affirmed(tokens, place):
        return
    verb = False
    for behind in range(claim.after, min(claim.after + 7, len(tokens))):
        kind, han = tokens[behind].kind, tokens[behind].unspaced
        if kind in ("right", "cue") and (verb or han) and not (kind == "cue" and han):
            if not rejected_behind(tokens, behind):
                yield Statement(place, claim, "statement")
            return
        verb = verb or kind == "is"
        if kind not in ("is", "fill", "close") and not (han and kind == "cue") and tokens[behind].text != "a":
            return
