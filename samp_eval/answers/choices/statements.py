r"""Where a text states its answer: ``The answer is C``, ``Réponse : C``, ``\boxed{C}``, ``C is the best choice``.

Explanations speak of every option (``B is recommended in pregnancy``, ``D can also cause jaundice``), so a statement
has a force, and a weaker one never stands against a stronger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

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
from samp_eval.answers.choices.lines import claim_of_sentence, contradicts, first_sentence
from samp_eval.answers.choices.options import Options
from samp_eval.answers.choices.tokens import Token
from samp_eval.answers.word_lists import read_sections
from samp_eval.literals import OptionStep

__all__ = ["Force", "Statement", "statements"]

Force = Literal[0, 1, 2]
"""2: the answer is named as such, or chosen by the speaker; 1: an option is called right; 0: words that explanations
use of any option."""

_BETWEEN = frozenset({"is", "fill", "right", "cue", "colon", "open", "dash", "so", "say", "boxed", "close"})
_STATES = frozenset({"is", "colon", "dash", "boxed"})
_SPEAKER = frozenset({"i", "would", "will", "i'd", "i’d", "i'll", "i’ll"})
"""Before ``answer``, which is a verb then."""
_EXPLAINING = frozenset(" ".join(read_sections("samp_eval.answers.choices", "words.txt")["explaining"]).split())
_COPULAS = frozenset({"it is", "es ist", "c'est"})
_SEVERAL = frozenset({"options", "choices", "statements", "propositions", "opciones", "optionen", "aussagen"})
_OF_ALL = frozenset(
    {"other", "others", "remaining", "each", "every", "all", "autres", "chaque", "toutes", "andere", "anderen"}
    | {"übrigen", "jede", "alle", "otras", "otros", "cada", "其他", "其余"}
)
"""Before a colon these begin a list of options, none of them chosen: ``The other options are less suitable:``."""
_INDEFINITE = frozenset({"also", "both", "now", "then", "likely", "more", "still", "an", "un", "une"})
"""Between a verb and a noun: ``can also cause``, ``is an intervention`` say nothing of the question."""
_SINGULAR = frozenset({"is", "be", "est", "ist", "es"})
_BEHIND_MARKER = frozenset({"stop", "close", "colon"})
_SAYING = frozenset({"is", "not", "bad", "because", "right", "but", "so"})
_BLANK = 2
"""Line ends between two lines, one of which may be blank."""
_LONGEST_SENTENCE = 60
_FARTHEST = 14
"""Tokens between the noun or verb and the option; sentences that state an answer are short."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim that a text makes in so many words, and the token where it begins."""

    place: int
    claim: Claim
    step: OptionStep
    force: Force


def statements(text: str, tokens: Sequence[Token], options: Options, *, many: bool) -> list[Statement]:
    """Every statement of the answer, in the order of the text."""
    found = []
    for place, token in enumerate(tokens):
        if token.kind in ("cue", "right", "say", "so", "boxed"):
            found += list(_announced(text, tokens, place, options, many=many))
        elif token.kind in ("letter", "option"):
            found += list(_called_right(tokens, place, many=many))
        elif token.kind == "colon" and not many:
            found += list(_on_next_line(text, tokens, place, options))
    return found


def _on_next_line(text: str, tokens: Sequence[Token], place: int, options: Options) -> Iterator[Statement]:
    """A line that is nothing but an option, below a sentence that ends with ``is:``, whatever its noun."""
    if kind_at(tokens, place - 1) != "is" or tokens[place - 1].text.casefold() not in _SINGULAR:
        return
    start = place + 1
    while start < len(tokens) and tokens[start].kind in ("line", "close") and start - place < _FARTHEST:
        start += 1
    if start == place + 1 or tokens[start - 1].kind != "line" or in_condition(tokens, place):
        return
    line = first_sentence(text, tokens[start:])
    claim = claim_of_sentence(text, line, options, many=False)
    behind = start + len(line)
    if len(claim.options) != 1 or _more_options(tokens, behind, claim):
        return
    if _stacked_with_words(tokens, replace(claim, after=start + claim.after)):
        claim = replace(claim, unsure=True)
    rejecting = any(token.kind in ("not", "bad") for token in _sentence_before(tokens, place, _LONGEST_SENTENCE))
    if not rejecting or all(token.kind in ("stop", "line") for token in tokens[behind:]):
        yield Statement(place, claim, "statement", 2)


def _more_options(tokens: Sequence[Token], place: int, claim: Claim) -> bool:
    """Whether the next line is nothing but an option with a later letter, so that several stand there."""
    place += kind_at(tokens, place) == "stop"
    if kind_at(tokens, place) != "line":
        return False
    place += 1
    following = claim_at(tokens, behind_marker(tokens, place), many=False)
    if following.contrary and kind_at(tokens, place) == "letter":
        return kind_at(tokens, place + 1) == "stop" and tokens[place].option > claim.options[-1]
    alone = kind_at(tokens, following.after) in ("stop", "line", "")
    return bool(following.picks) and alone and following.options[0] > claim.options[-1]


def _stacked_with_words(tokens: Sequence[Token], claim: Claim) -> bool:
    """Whether the next line is a later letter with a few words too, nothing said of either: ``a: nose``, ``b: ear``."""
    place, behind = claim.after, _line_end(tokens, claim.after)
    lone = bool(claim.picks) and claim.picks[-1].end - claim.picks[-1].start == 1
    if lone and not {kind_at(tokens, place), tokens[place - 1].kind} & _BEHIND_MARKER:
        return False
    below = behind
    while below < len(tokens) and tokens[below].kind == "line" and below - behind < _BLANK:
        below += 1
    below = behind_marker(tokens, below)
    below += kind_at(tokens, below) == "open"
    if kind_at(tokens, below) != "letter" or kind_at(tokens, below + 1) not in _BEHIND_MARKER:
        return False
    other = tokens[below : _line_end(tokens, below)]
    short = behind - place < _FARTHEST and 2 < len(other) < _FARTHEST
    said = any(token.kind in _SAYING for token in [*tokens[place:behind], *other])
    return short and not said and tokens[below].option > claim.options[-1]


def _line_end(tokens: Sequence[Token], place: int) -> int:
    """Place of the line end behind another place, or one too far away for a short line."""
    last = min(len(tokens), place + _FARTHEST)
    while place < last and tokens[place].kind != "line":
        place += 1
    return place


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
    if _lists(tokens, place, start, many=many):
        return
    claim = claim_at(tokens, start, many=many)
    if not claim.picks and not claim.contrary and start < len(tokens) and kind != "so":
        claim = _whole_clause(text, tokens, start, options)
    if kind == "boxed" and claim.after < len(tokens) and tokens[claim.after - 1].kind != "close":
        return
    if not many and claim.picks and (_more_options(tokens, claim.after, claim) or _stacked_with_words(tokens, claim)):
        claim = replace(claim, unsure=True)
    if len(claim.options) >= options.count > 2 or _is_listing(tokens, claim, many=many) or _breaks_off(tokens, claim):
        return
    if not many and contradicts(text, claim, options):
        claim = Claim((), claim.after, contrary=True)
    if claim.picks or claim.contrary:
        force = _force_announced(tokens, place, claim)
        yield Statement(place, claim, "boxed" if kind == "boxed" else "statement", force)


def _lists(tokens: Sequence[Token], place: int, start: int, *, many: bool) -> bool:
    """Whether a list of options follows, or of those that are not chosen: ``Here is why the others are wrong:``."""
    if not any(token.kind in ("colon", "dash") for token in tokens[place:start]):
        return False
    before = _clause_before(tokens, place)
    words = {token.text.casefold() for token in [*before, *tokens[place:start]]}
    named = any(token.kind in ("letter", "option") for token in before)
    return bool(words & _OF_ALL) or (
        not many and (bool(words & _SEVERAL) or (named and tokens[start - 1].kind == "line"))
    )


def _clause_before(tokens: Sequence[Token], place: int) -> Sequence[Token]:
    """Behind the last comma: ``Having looked at each option, the answer is:`` is no list of each."""
    before = list(_sentence_before(tokens, place))
    commas = [at for at, token in enumerate(before) if token.text == ","]
    return before[commas[-1] + 1 :] if commas else before


def _sentence_before(tokens: Sequence[Token], place: int, farthest: int = _FARTHEST) -> Sequence[Token]:
    begin = place
    while begin and place - begin < farthest and tokens[begin - 1].kind not in ("stop", "line"):
        begin -= 1
    return tokens[begin:place]


def _breaks_off(tokens: Sequence[Token], claim: Claim) -> bool:
    """Whether the text ends before it says what the option is: ``Therefore, option A is the``, ``A is redu``."""
    rest = tokens[claim.after :]
    unended = bool(rest) and len(rest) < _FARTHEST and rest[0].kind == "is"
    return unended and all(token.kind in ("is", "fill", "word") for token in rest)


def _force_announced(tokens: Sequence[Token], place: int, claim: Claim) -> Force:
    word, kind = tokens[place].text.casefold(), tokens[place].kind
    letter = bool(claim.picks) and claim.picks[0].end - claim.picks[0].start == 1
    if kind == "so":
        return 1 if letter else 0
    if word in _COPULAS:
        return 2 if letter else 0
    if word not in _EXPLAINING:
        return 2
    if kind == "say" and any(token.text.casefold() in _SPEAKER for token in tokens[max(0, place - 3) : place]):
        return 2
    return 1 if letter and kind == "cue" else 0


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
    """An option whose words are common ones or misspelt: the whole clause must be it, or what stands before a comma."""
    end = start
    while end < len(tokens) and tokens[end].kind not in ("stop", "line") and end - start < 30:
        end += 1
    if end == start:
        return Claim((), start)
    first, last = tokens[start].start, tokens[end - 1].end
    option = options.whole(text[first:last])
    if option is None:
        end = next((at for at in range(start, end) if tokens[at].kind in ("separator", "because", "dash")), start)
        last = tokens[end - 1].end
        option = options.exactly(text[first:last]) if end > start else None
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


def _ends_sentence(tokens: Sequence[Token], place: int, *, many: bool) -> bool:
    """Whether a letter with the words of its option ends a sentence, as in ``The likeliest cause is C. Croup``."""
    before = place - 1 - (kind_at(tokens, place - 1) in ("cue", "open"))
    if before < 0 or tokens[before].kind != "is" or in_condition(tokens, place) or not affirmed(tokens, place):
        return False
    if denied(tokens, before):
        return False
    claim = claim_at(tokens, place, many=many)
    both = len(claim.options) == 1 and claim.picks[0].end - claim.picks[0].start > 1
    return both and kind_at(tokens, claim.after) in ("stop", "line", "")


def _called_right(tokens: Sequence[Token], place: int, *, many: bool) -> Iterator[Statement]:
    """An option that is called the answer: ``C is correct``."""
    if place and tokens[place - 1].kind in ("letter", "option", "and", "or"):
        return
    if place > 1 and tokens[place - 1].kind == "open" and tokens[place - 2].kind == "letter":
        return
    if tokens[place].kind == "letter" and _ends_sentence(tokens, place, many=many):
        yield Statement(place, claim_at(tokens, place, many=many), "statement", 1)
        return
    if place > 1 and tokens[place - 1].kind == "separator" and tokens[place - 2].kind in ("letter", "option", "close"):
        return
    if not any(token.kind == "is" or token.unspaced for token in tokens[place + 1 : place + 9]):
        return
    claim = claim_at(tokens, place, many=many)
    if not claim.picks or in_condition(tokens, place) or not affirmed(tokens, place):
        return
    verb = definite = False
    for behind in range(claim.after, min(claim.after + 7, len(tokens))):
        kind, han = tokens[behind].kind, tokens[behind].unspaced
        if kind in ("right", "cue") and (verb or han) and not (kind == "cue" and han):
            explaining = tokens[behind].text.casefold() in _EXPLAINING
            if not rejected_behind(tokens, behind) and not (kind == "cue" and explaining and not definite):
                yield Statement(place, claim, "statement", 0 if explaining else 1)
            return
        verb = verb or kind == "is"
        definite = definite or (kind == "fill" and tokens[behind].text.casefold() not in _INDEFINITE)
        if kind not in ("is", "fill", "close") and not (han and kind == "cue") and tokens[behind].text != "a":
            return
