"""Which option a response chooses: the first step that gives exactly the allowed number of options decides.

The steps go from what is plainest to what is least so: the answer field of JSON, the last sentence that states the
answer, lines that are nothing but an option, and the only options that are named and not rejected. Where none of them
decides, a person does; nothing is ever guessed from a letter that merely occurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from samp_eval.answers.choices.claims import NO_CLAIM, Claim, Pick, affirmed, rejected_in_clause
from samp_eval.answers.choices.lines import claims_of_lines, first_sentence
from samp_eval.answers.choices.options import Options, options_of
from samp_eval.answers.choices.statements import Statement, statements
from samp_eval.answers.choices.structured import structured_claim
from samp_eval.answers.choices.ticked import only_ticked
from samp_eval.answers.choices.tokens import Token, tokens_of
from samp_eval.answers.excerpt import Excerpt
from samp_eval.answers.shapes.inline import plain
from samp_eval.answers.shapes.markup import with_lines_for_markup, without_inline_tags
from samp_eval.answers.shapes.tables import table_answers
from samp_eval.literals import OptionStep, ReadingDoubt

__all__ = ["Choice", "ChosenOption", "read_choice"]

_BEFORE_RUN = frozenset({"line", "is", "colon", "say", "cue", "open"})


@dataclass(frozen=True, slots=True)
class ChosenOption:
    """One chosen option; ``start`` and ``end`` say where in the response, ``text`` how it is written there."""

    option: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a response chooses, by which step; no picks where a person must say."""

    picks: tuple[ChosenOption, ...] = ()
    step: OptionStep | None = None
    doubts: tuple[ReadingDoubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What one step found: a claim, or the reason why it ends the reading."""

    claim: Claim = NO_CLAIM
    doubt: ReadingDoubt | None = None
    step: OptionStep | None = None


def read_choice(excerpt: Excerpt, options: Sequence[str], requested: int, *, cut_off: bool) -> Choice:
    """Read the options that a response chooses.

    Parameters
    ----------
    excerpt : Excerpt
        Nothing but the answer part of a response.
    options : sequence of str
        In the order in which they were shown.
    requested : int
        How many are to be chosen (N); of more, the first N count.
    cut_off : bool
        Whether the text ended at the limit of tokens: then only what its first line says is taken.
    """
    index = options_of(tuple(options))
    claim = structured_claim(excerpt.text, index)
    if claim is not None:
        return _choice(excerpt, _judged(claim, "json", requested), requested)
    excerpt = only_ticked(without_inline_tags(with_lines_for_markup(excerpt)), requested)
    tokens = _tokens(excerpt, index, requested)
    table = table_answers(excerpt.text)
    if table and not statements(excerpt.text, tokens, index, many=requested > 1):
        excerpt = excerpt.only(table)
        tokens = _tokens(excerpt, index, requested)
    if cut_off:
        tokens = first_sentence(excerpt.text, tokens)
    best = _Found(doubt="no_option")
    for found in _steps(excerpt.text, tokens, index, requested)[: 2 if cut_off else 3]:
        if found.doubt is not None and not found.claim.picks:
            return Choice((), None, (found.doubt,))
        if len(found.claim.options) >= requested:
            return _choice(excerpt, found, requested)
        if found.claim.picks and not best.claim.picks:
            best = found
    return _choice(excerpt, best, requested)


def _tokens(excerpt: Excerpt, index: Options, requested: int) -> list[Token]:
    tokens = tokens_of(excerpt.text, index)
    return _with_runs(tokens, index.count, requested) if requested > 1 else tokens


def _steps(text: str, tokens: list[Token], index: Options, requested: int) -> list[_Found]:
    stated = statements(text, tokens, index, many=requested > 1)
    lines = claims_of_lines(text, tokens, index, requested)
    return [
        _judged_statements(stated, requested),
        _judged(lines, "alone", requested),
        _judged(_named(tokens), "text", requested),
    ]


def _judged_statements(stated: list[Statement], requested: int) -> _Found:
    """The last statement; where it names fewer than asked for, all of them together if that is the number."""
    if not stated:
        return _Found()
    last = _judged(stated[-1].claim, stated[-1].step, requested)
    if requested == 1 or last.doubt is not None or len(last.claim.options) >= requested:
        return last
    picks = tuple(pick for statement in stated for pick in statement.claim.picks)
    together = Claim(tuple({pick.option: pick for pick in reversed(picks)}.values())[::-1], 0)
    return replace(last, claim=together) if len(together.options) == requested else last


def _judged(claim: Claim, step: OptionStep, requested: int) -> _Found:
    """Whether a claim decides: not where it contradicts itself, leaves a choice open, or names several for the best."""
    if claim.contrary:
        return _Found(doubt="letter_and_text")
    if claim.unsure and not claim.picks:
        return _Found(doubt="no_option")
    if claim.unsure or (requested == 1 and len(claim.options) > 1):
        return _Found(doubt="several_options")
    if len(claim.options) > requested and step == "text":
        return _Found(doubt="several_options")
    return _Found(claim, None, step)


def _named(tokens: list[Token]) -> Claim:
    """The options that are named anywhere and not rejected."""
    first: dict[int, Pick] = {}
    for place, token in enumerate(tokens):
        if token.kind == "option" and affirmed(tokens, place) and not rejected_in_clause(tokens, place):
            first.setdefault(token.option, Pick(token.option, token.start, token.end))
    return Claim(tuple(first.values()), 0)


def _with_runs(tokens: list[Token], count: int, requested: int) -> list[Token]:
    """``AF`` as two letters where it stands like an answer."""
    found: list[Token] = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1].kind if place else "line"
        behind = tokens[place + 1].kind if place + 1 < len(tokens) else "line"
        letters = [ord(sign) - ord("A") for sign in token.text]
        run = token.kind == "word" and len(letters) == requested and all(0 <= letter < count for letter in letters)
        if run and before in _BEFORE_RUN and behind in ("line", "stop", "close"):
            places = range(token.start, token.end)
            found += [
                Token("letter", at, at + 1, letter, chr(65 + letter))
                for at, letter in zip(places, letters, strict=True)
            ]
        else:
            found.append(token)
    return found


def _choice(excerpt: Excerpt, found: _Found, requested: int) -> Choice:
    if not found.claim.picks:
        return Choice((), None, (found.doubt or "no_option",))
    picks = tuple(
        ChosenOption(pick.option, *excerpt.place(pick.start, pick.end), plain(excerpt.text[pick.start : pick.end]))
        for pick in found.claim.picks
    )
    doubts: tuple[ReadingDoubt, ...] = ()
    if len(found.claim.options) > requested:
        doubts = ("several_options",)
    elif len(found.claim.options) < requested:
        doubts = ("fewer_options",)
    return Choice(picks, found.step, doubts)
