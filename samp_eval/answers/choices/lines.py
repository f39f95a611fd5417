"""Lines that are nothing but an answer: a letter, the words of an option, or both, with or without an explanation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from samp_eval.answers.choices.claims import (
    NO_CLAIM,
    Claim,
    Pick,
    affirmed,
    behind_marker,
    behind_turn,
    claim_at,
    kind_at,
)
from samp_eval.answers.choices.options import Options
from samp_eval.answers.choices.sections import without_listed_lines
from samp_eval.answers.choices.tokens import Token
from samp_eval.answers.shapes.phrases import aside_label, introduces, is_sentence

__all__ = ["claim_of_sentence", "claims_of_lines", "contradicts", "first_sentence", "sentence_around"]

_BEFORE = frozenset({"fill", "right", "cue", "so", "say", "is", "colon", "open", "close", "boxed", "dash"})
_LITTLE = frozenset({"fill", "right", "say", "stop", "close"})
_BEHIND = frozenset({"stop", "dash", "colon", "separator", "because", "open", "close", "so", "but", "not", "line"})
_LONGEST_NUMBER = 9
"""Digits of a marker that count: Python refuses to read thousands of them."""
_BEHIND_LETTER = re.compile(r"[*_)\]]{0,6}[.:)]?[*_)\]]{0,6}[ \t]{1,9}(?P<words>[^\n.?!]{1,300})")
_OTHERS = re.compile(
    r"\b(?:other options|others|why not|not chosen|incorrect|wrong|rejected|alternatives|autres|andere|otr[ao]s)\b"
    r"|其他|其余",
    re.IGNORECASE,
)


def claims_of_lines(text: str, tokens: Sequence[Token], options: Options, requested: int) -> Claim:
    """What the lines choose, each sentence read by itself.

    Nothing is chosen where the lines repeat all options, or where one of the first is short and names none.
    """
    picks: dict[int, Pick] = {}
    for sentence, start, end in _sentences(text, tokens if requested > 1 else without_listed_lines(tokens)):
        written = text[start:end]
        if picks and (aside_label(written, written.strip(" *_#")) or _OTHERS.search(written)):
            break
        claim = _of_sentence(text, sentence, (start, end), options, many=requested > 1)
        if (claim.contrary and not picks) or claim.unsure:
            return claim
        if picks and any(token.kind in ("not", "bad") for token in sentence):
            continue
        for pick in claim.picks:
            picks.setdefault(pick.option, pick)
        if not claim.picks and requested > 1 and len(picks) < requested and _is_answer(written):
            return Claim((), 0, unsure=True)
    if len(picks) >= options.count > 2:
        return Claim((), 0)
    return Claim(tuple(picks.values()), 0)


def first_sentence(text: str, tokens: Sequence[Token]) -> list[Token]:
    """What stands before the first full stop or line end, which is whole even where the text was cut off."""
    return next((sentence for sentence, _, _ in _sentences(text, tokens)), [])


def sentence_around(tokens: Sequence[Token], place: int) -> Sequence[Token]:
    """The tokens of the sentence in which one stands."""
    begin = end = place
    while begin and tokens[begin - 1].kind not in ("stop", "line"):
        begin -= 1
    while end < len(tokens) and tokens[end].kind not in ("stop", "line"):
        end += 1
    return tokens[begin:end]


def _sentences(text: str, tokens: Sequence[Token]) -> Iterator[tuple[list[Token], int, int]]:
    """The tokens of each sentence that states something, with its place; the full stop of ``C. `` ends none."""
    sentence: list[Token] = []
    end = Token("line", len(text), len(text))
    for token, following in pairwise([*tokens, end, end]):
        lettered = following.kind == "option" and len(sentence) > 0 and sentence[-1].kind == "letter"
        ends = token.kind == "line" or (token.kind == "stop" and not lettered and not _is_marker(sentence))
        if not ends or token.kind == "stop":
            sentence.append(token)
        if ends and sentence:
            asks = sentence[-1].text == "?" and (len(sentence) > 2 or len(sentence) < len(tokens))
            if not asks:
                yield sentence, sentence[0].start, min(max(token.start, sentence[-1].end), sentence[-1].end + 200)
            sentence = []


def _is_marker(sentence: Sequence[Token]) -> bool:
    """Whether a sentence holds nothing yet but a letter or a number; the letter may be none of an option's."""
    return all(
        token.kind in ("letter", "open", "close", "dash")
        or token.text.isdecimal()
        or (len(token.text) == 1 and token.text.isupper())
        for token in sentence
    )


def claim_of_sentence(text: str, sentence: list[Token], options: Options, *, many: bool) -> Claim:
    """What a sentence chooses that must be nothing but an answer."""
    if not sentence:
        return NO_CLAIM
    return _of_sentence(text, sentence, (sentence[0].start, sentence[-1].end), options, many=many)


def _of_sentence(text: str, sentence: list[Token], span: tuple[int, int], options: Options, *, many: bool) -> Claim:
    start, written = span[0], text[slice(*span)]
    place = behind_marker(sentence, 0)
    number = sentence[place - 2].text[:_LONGEST_NUMBER] if place > 1 else ""
    marked = int(number) if number.isdecimal() else None
    while place < len(sentence) and sentence[place].kind in _BEFORE:
        place += 1
    if kind_at(sentence, place) == "not":
        place = behind_turn(sentence, place) or place
    claim = claim_at(sentence, place, many=many)
    if claim.contrary or (claim.picks and _ends_well(sentence, claim, many=many)):
        if marked is not None and marked > 1 and not many and claim.options[:1] != (marked - 1,):
            return Claim((), 0, contrary=True)
        return Claim((), 0, contrary=True) if contradicts(text, claim, options) else claim
    whole = options.whole(written)
    if whole is None and place < len(sentence):
        whole = options.whole(written[sentence[place].start - start :])
    if whole is not None and len(written.strip()) > 1:
        return Claim((Pick(whole, start, start + len(written)),), 0)
    return Claim((), 0)


def _ends_well(sentence: Sequence[Token], claim: Claim, *, many: bool) -> bool:
    """Whether nothing but an explanation follows; another entry of a list of options must be an option too."""
    rest = sentence[claim.after :]
    both = any(
        token.kind == "letter" and token.start == claim.picks[0].start < claim.picks[0].end - 1 for token in sentence
    )
    if not rest or (both and not many) or all(token.kind in _LITTLE for token in rest):
        return True
    if not many and len(rest) == 1 and rest[0].text == ",":
        return False
    joined = rest[0].kind in ("separator", "and")
    if not many and joined and any(affirmed(sentence, at) for at in _options_behind(sentence, claim)):
        return False
    if many and rest[0].kind in ("separator", "and") and rest[0].text != ";":
        return len(rest) > 1 and rest[1].kind in ("because", "not", "fill", "is")
    return rest[0].kind in _BEHIND or sentence[claim.after - 1].kind == "close"


def _options_behind(sentence: Sequence[Token], claim: Claim) -> list[int]:
    """Places of the other options that the sentence names behind a claim."""
    places = range(claim.after, len(sentence))
    return [at for at in places if sentence[at].kind == "option" and sentence[at].option not in claim.options]


def contradicts(text: str, claim: Claim, options: Options) -> bool:
    """Whether a lone letter is followed by words of another option, common or nearly the same: ``B. Give warfarin``."""
    if len(claim.picks) != 1 or claim.picks[0].end - claim.picks[0].start > 1:
        return False
    pick = claim.picks[0]
    behind = _BEHIND_LETTER.match(text, pick.end)
    if behind is None:
        return False
    named = options.exactly(behind["words"])
    return options.nearly_another(behind["words"], pick.option) if named is None else named != pick.option


def _is_answer(written: str) -> bool:
    """Whether a line that names no option may be meant as an answer."""
    text = written.strip(" *_#>-")
    return bool(text) and not is_sentence(text) and not introduces(text)
