"""Which option a response chooses: the first step that gives exactly the allowed number of options decides.

The steps go from what is plainest to what is least so: the answer field of JSON, the last sentence that states the
answer, lines that are nothing but an option, and the only options that are named and not rejected. What an explanation
says of other options never stands against an answer that begins the text. Where no step decides, a person does; nothing
is ever guessed from a letter that merely occurs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from samp_eval.answers.choices.claims import NO_CLAIM, Claim, Pick, affirmed, claim_at, kind_at, rejected_in_clause
from samp_eval.answers.choices.lines import claims_of_lines, first_sentence, sentence_around
from samp_eval.answers.choices.next_questions import next_questions
from samp_eval.answers.choices.options import Options, options_of
from samp_eval.answers.choices.places import with_places
from samp_eval.answers.choices.sections import goes_on_listing, listed_lines, without_section_letters
from samp_eval.answers.choices.statements import Statement, statements
from samp_eval.answers.choices.structured import structured_claim
from samp_eval.answers.choices.ticked import only_ticked
from samp_eval.answers.choices.tokens import Token, tokens_of
from samp_eval.answers.excerpt import Excerpt
from samp_eval.answers.shapes.inline import plain
from samp_eval.answers.shapes.markup import with_lines_for_markup, without_inline_tags
from samp_eval.answers.shapes.tables import table_answers
from samp_eval.answers.word_lists import read_sections
from samp_eval.literals import OptionStep, ReadingDoubt

__all__ = ["Choice", "ChosenOption", "read_choice"]

_SECOND_THOUGHTS = re.compile(
    r"\b(?:(?:but|oh|no) wait|wait(?=[,.!:])|hmm|not (?:entirely |completely |quite |so )?(?:sure|certain)"
    r"|let(?:'s|’s| me| us) (?:re)?-?(?:think|check|consider|read|look|confirm)\w{0,3})\b"
    r"|혹시|다시 (?:생각|읽)|확실하지",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[^\w,;(-]\s*\Z")
"""A text that ends in a word or a comma breaks off."""
_ANSWER_HEADING = re.compile(
    r"^[ \t#*>_]{0,20}(?:[A-Z\d][.)] )?(?:(?:my|the|updated|revised|final|correct|best) ){0,3}(?:answer|decision)"
    r"[ \t#*:_]{0,20}$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that is nothing but the heading of what is answered."""
_NO_OPTION_FITS = re.compile(
    r"\b(?:none of (?:the|these|those)|aucune des|keine der|ninguna de las) (?:[^\W\d_]{1,20} ){0,2}"
    r"(?:options?|choices|answers|alternatives|propositions|réponses|optionen|antworten|opciones|respuestas)\b",
    re.IGNORECASE,
)
"""What is named beside it is what the model would have liked to choose."""
_UNDECIDED = [
    (max(phrase.split(), key=len), phrase)
    for phrase in read_sections("samp_eval.answers.choices", "words.txt")["undecided"]
]
"""The longest word of each phrase, which most texts lack, and the phrase: ``I cannot choose one``."""
_SAME_WORDS, _EACH = 3, 3
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
    claim = _structured(excerpt.text, index, requested)
    if claim is not None:
        return _choice(excerpt, _judged(claim, "json", requested), requested)
    excerpt = only_ticked(without_inline_tags(with_lines_for_markup(excerpt)), requested)
    tokens = _tokens(excerpt, index, requested)
    table = table_answers(excerpt.text)
    if table and not statements(excerpt.text, tokens, index, many=requested > 1):
        excerpt = excerpt.only(table)
        tokens = _tokens(excerpt, index, requested)
    excerpt, tokens = _until_next_question(excerpt, tokens, index, requested)
    tokens = without_section_letters(excerpt.text, tokens)
    if not cut_off:
        excerpt, tokens = _under_answer_heading(excerpt, tokens)
    if cut_off:
        if goes_on_listing(tokens):
            return Choice((), None, ("several_options",))
        tokens = first_sentence(excerpt.text, tokens)
    best = _Found(doubt="no_option")
    for found in _steps(excerpt.text, tokens, index, requested)[: 2 if cut_off else None]:
        if found.doubt is not None and not found.claim.picks:
            return Choice((), None, (found.doubt,))
        if any(option >= index.count for option in found.claim.options):
            return Choice((), None, ("no_option",))
        if len(found.claim.options) >= requested:
            return _choice(excerpt, found, requested)
        if found.claim.picks and not best.claim.picks:
            best = found
    return _choice(excerpt, best, requested)


def _structured(text: str, index: Options, requested: int) -> Claim | None:
    """What JSON chooses before the model writes itself another question, else anywhere."""
    for question in next_questions(text):
        before = structured_claim(text[: question.start], index, many=requested > 1)
        if before is not None and (before.picks or before.contrary):
            return before
    return structured_claim(text, index, many=requested > 1)


def _tokens(excerpt: Excerpt, index: Options, requested: int) -> list[Token]:
    tokens = tokens_of(excerpt.text, index)
    return _with_runs(tokens, index.count, requested) if requested > 1 else with_places(tokens, index)


def _until_next_question(
    excerpt: Excerpt, tokens: list[Token], index: Options, requested: int
) -> tuple[Excerpt, list[Token]]:
    """Leave out the questions that a model without an end of its answer goes on to write for itself."""
    for question in next_questions(excerpt.text):
        before = [token for token in tokens if token.end <= question.start]
        stated = statements(excerpt.text, before, index, many=requested > 1)
        answered = any(statement.force >= (1 if question.headed else 2) for statement in stated)
        if answered or _head(excerpt.text, before, index, requested).picks:
            return excerpt.only([(0, question.start)]), before
    return excerpt, tokens


def _under_answer_heading(excerpt: Excerpt, tokens: list[Token]) -> tuple[Excerpt, list[Token]]:
    """Keep what stands under the last heading such as ``Updated answer``, also if it names no option."""
    headings = list(_ANSWER_HEADING.finditer(excerpt.text))
    if not headings:
        return excerpt, tokens
    below = [token for token in tokens if token.start >= headings[-1].end()]
    return (excerpt, below) if any(token.kind != "line" for token in below) else (excerpt, tokens)


def _head(text: str, tokens: list[Token], index: Options, requested: int) -> Claim:
    """What the first sentence chooses, where it is nothing but an answer and no list of the options begins there."""
    head = claims_of_lines(text, first_sentence(text, tokens), index, requested)
    lines = claims_of_lines(text, tokens, index, requested)
    if head.picks and lines.options[:1] == head.options:
        below = "\n" in text[head.picks[0].end : lines.picks[-1].start]
        return head if lines.options == head.options or not below else NO_CLAIM
    return NO_CLAIM


def _steps(text: str, tokens: list[Token], index: Options, requested: int) -> list[_Found]:
    stated = statements(text, tokens, index, many=requested > 1)
    if requested == 1:
        stated = _of_their_lines(tokens, stated)
    lines = _judged(claims_of_lines(text, tokens, index, requested), "alone", requested)
    named = _judged(_named(tokens), "text", requested)
    if requested == 1:
        named = _Found(doubt="no_option") if _NO_OPTION_FITS.search(text) else _unambiguous(tokens, named)
    if requested > 1:
        return [
            _judged_statements([statement for statement in stated if statement.force] or stated, requested),
            lines,
            named,
        ]
    if _undecided(text, stated):
        return [_Found(doubt="several_options")]
    explained = _judged_statements([statement for statement in stated if not statement.force], requested, agreed=True)
    return [_answer(text, tokens, index, stated), lines, explained, named]


def _undecided(text: str, stated: list[Statement]) -> bool:
    """Whether a text says, behind the last answer that it names, that it cannot choose one option."""
    named = [pick.end for statement in stated if statement.force == 2 for pick in statement.claim.picks]
    behind = text[max(named, default=0) :].lower().replace("’", "'")
    words = {word for word in {word for word, _ in _UNDECIDED} if word in behind}
    return any(word in words and phrase in behind for word, phrase in _UNDECIDED)


def _of_their_lines(tokens: list[Token], stated: list[Statement]) -> list[Statement]:
    """Leave out what a line about one option says of another, unless it is called the answer."""
    of_place = {at: option for option, begin, end in listed_lines(tokens) for at in range(begin, end)}
    return [
        statement
        for statement in stated
        if statement.force == 2 or of_place.get(statement.place) in (None, *statement.claim.options)
    ]


def _answer(text: str, tokens: list[Token], index: Options, stated: list[Statement]) -> _Found:
    """The last sentence that names the answer; else what the text begins with; else the last option called right."""
    named = [statement for statement in stated if statement.force == 2]
    if named and _thinks_on(text, named[-1]):
        return _Found(doubt="no_option")
    if named:
        repeated = _stacked(tokens, named) or _begin_alike(tokens, named)
        return _Found(doubt="several_options") if repeated else _judged_statements(named, 1)
    called = [statement for statement in stated if statement.force == 1]
    head = _head(text, tokens, index, 1)
    if len(head.options) != 1:
        return _judged_statements(called, 1)
    if any(statement.claim.options != head.options for statement in called):
        return _Found(doubt="several_options")
    return _Found(head, None, "alone")


def _thinks_on(text: str, last: Statement) -> bool:
    """Whether the last answer was doubted in thoughts that never ended: ``I think it is C. But I am not sure. Let``."""
    behind = last.claim.picks[-1].end if last.claim.picks else len(text)
    return not _ENDED.search(text[-20:]) and _SECOND_THOUGHTS.search(text, behind) is not None


def _stacked(tokens: list[Token], named: list[Statement]) -> bool:
    """Whether the last two statements are lines one below the other that begin alike and answer differently."""
    if len(named) < 2 or named[-1].claim.options == named[-2].claim.options:
        return False
    first, last = named[-2].place, named[-1].place
    begins = [place == 0 or tokens[place - 1].kind == "line" for place in (first, last)]
    breaks = sum(token.kind == "line" for token in tokens[first:last])
    return all(begins) and breaks == 1 and tokens[first].text.casefold() == tokens[last].text.casefold()


def _begin_alike(tokens: list[Token], named: list[Statement]) -> bool:
    """Whether three lines begin with the same words and answer differently, so that each option is gone through."""
    answers: dict[tuple[str, ...], set[tuple[int, ...]]] = {}
    for statement in named:
        place = statement.place
        while place and tokens[place - 1].kind == "fill":
            place -= 1
        if place == 0 or tokens[place - 1].kind == "line":
            words = tuple(token.text.casefold() for token in tokens[place : place + _SAME_WORDS])
            answers.setdefault(words, set()).add(statement.claim.options)
    return any(len(options) >= _EACH for options in answers.values())


def _judged_statements(stated: list[Statement], requested: int, *, agreed: bool = False) -> _Found:
    """The last statement; where it names fewer than asked for, all of them together if that is the number."""
    if not stated:
        return _Found()
    if agreed and len({statement.claim.options for statement in stated}) > 1:
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


def _unambiguous(tokens: list[Token], named: _Found) -> _Found:
    """Leave to a person what begins with ``B.`` and words of no option, with several letters, or rejects elsewhere.

    Which option is meant by a text that rejects some depends on the question: it may ask which is not useful.
    """
    numbered = bool(tokens) and tokens[0].text[:1].isdecimal()
    first = claim_at(tokens, int(numbered), many=False)
    if first.contrary:
        return _Found(doubt="letter_and_text")
    if len(first.options) > 1 or kind_at(tokens, 0) == kind_at(tokens, 1) == "letter":
        return _Found(doubt="several_options")
    if kind_at(tokens, 0) == "letter" and kind_at(tokens, 1) == "stop" and not first.picks:
        return _Found(doubt="no_option")
    if not named.claim.picks:
        return named
    chosen = named.claim.picks[0]
    place = next(at for at, token in enumerate(tokens) if token.start == chosen.start)
    around = {token.option for token in sentence_around(tokens, place)}
    others = {token.option for token in tokens if token.kind == "option"}
    return named if others <= around | {chosen.option} else _Found(doubt="several_options")


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
