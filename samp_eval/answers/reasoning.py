"""What a response holds beside its answer: reasoning in the markups that models write, answer tags, chat tokens.

Reasoning is taken off wherever it opens and closes, where only its end is there (the chat template had written the
beginning), and where it never ends. Only whole tags count: ``<think-aloud>`` is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from samp_eval.answers.excerpt import Excerpt
from samp_eval.literals import RemovedPart

__all__ = ["AnswerPart", "Removed", "answer_part"]

_REASONING_NAMES = (
    "think(?:ing)?|thoughts?|thought_process|reason(?:ing)?|analysis|reflections?|scratch_?pad|inner_monologue"
    "|internal_(?:reasoning|monologue|thoughts?)|chain_of_thoughts?|cot|antthinking|rationale|explanations?|planning"
)
_ANSWER_NAMES = (
    r"(?:final[_ -]?)?(?:answers?|response|output|result|solution)|final|réponses?|antwort(?:en)?|respuestas?"
)
_NAMED = rf"(?:antml:|seed:)?(?:{_REASONING_NAMES})"
_BRACKETED = r"(?:think(?:ing)?|reasoning|thoughts?)"
_TAG = re.compile(
    rf"(?P<empty><{_NAMED}\s{{0,3}}/>)"
    rf"|(?P<opens><\s?{_NAMED}(?:\s[^<>]{{0,200}})?>|\[{_BRACKETED}\]|◁think▷|<\|think(?:ing)?\|>|<\|begin_of_thought\|>|<\|start_thinking\|>"
    r"|<unused94>(?:thought\b)?|<\|channel>thought\b)"
    rf"|(?P<closes><\s?/\s?{_NAMED}\s?>|\[/{_BRACKETED}\]|◁/think▷|<\|/think(?:ing)?\|>|<\|end_of_thought\|>|<\|end_thinking\|>|<unused95>|<channel\|>)"
    r"|(?P<details><details\b[^<>]{0,200}>\s{0,9}<summary>[^<>]{0,99}</summary>)|(?P<details_end></details>)",
    re.IGNORECASE,
)
_MAY_HOLD_TAGS = re.compile(r"<[^<>]{1,300}>|\[/?[A-Za-z]|◁")
_ANSWER_TAG = re.compile(
    rf"<\s?(?P<close>/?)\s?(?:{_ANSWER_NAMES})[\s_]?\d{{0,2}}(?:\s[^<>]{{0,200}})?(?<!/)>"
    r"|\[(?P<close2>/?)(?:final )?answers?\]"
    r"|<\|(?P<token>(?:begin|end)_of_solution|(?:start|end)_response)\|>",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"(?:<\|start\|>\s?assistant)?<\|channel\|>\s?(\w+)[^<]{0,99}(?:<\|constrain\|>[^<]{0,99})?<\|message\|>"
)
_CHANNEL_END = re.compile(r"<\|(?:end|return|call|start|channel)\|>")
_BARE_CHANNEL = re.compile(r"\s{0,9}analysis(?=[A-Z]|\s?\n|\s[A-Z])")
_BARE_FINAL = re.compile(
    r"(?:assistant\s{0,3}(?:<\|channel\|>)?\s?final(?=[^a-z]|$)|(?<=[.!?])final(?=[A-Z0-9*-])|(?<=\n)final(?=\n))"
    r"(?:<\|message\|>)?:?"
)
_SPOKEN = (
    (
        re.compile(r"\s{0,9}thinking(?:\.{3}|…)\s{0,3}\n", re.IGNORECASE),
        re.compile(r"\.{3}done thinking\.?", re.IGNORECASE),
    ),
    (
        re.compile(r"\s{0,9}here is my thought process:", re.IGNORECASE),
        re.compile(r"here is my response:", re.IGNORECASE),
    ),
)
_THINKING_WORD = re.compile("think|thought|reason", re.IGNORECASE)
_MAY_FOLLOW = re.compile("rationale|explanation", re.IGNORECASE)
"""What is also written behind an answer, so that its end alone says nothing of what stands before it."""
_WORD = re.compile(r"\w")
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|eot_id|end|endoftext|end_of_text|return|eom_id|end_of_turn_token)\|>|<(?:end_of_turn|eos|eot)>"
    r"|<｜end▁of▁sentence｜>|</s>(?=\s*$)"
)
_TOKEN = re.compile(
    r"<\|start_header_id\|>\w{1,20}<\|end_header_id\|>|<\|im_start\|>(?:assistant\b)?|<\|[A-Za-z_0-9]{1,40}\|>|<｜[^｜<>]{1,40}｜>|<(?:bos|pad|unk|start_of_turn)>(?:model\b)?|\[/?INST\]|\A\s{0,9}<s>"
)
_NOT_YET = re.compile(rf"\s+|{_TOKEN.pattern}")
_MOST_LINES, _MOST_TAGS = 1_000, 500


@dataclass(frozen=True, slots=True)
class Removed:
    """A part that was taken off; ``start`` and ``end`` are places in the response."""

    part: RemovedPart
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """What is left to read, and what was taken off.

    Attributes
    ----------
    excerpt : Excerpt
    removed : tuple of Removed
        In the order of their places.
    unfinished : bool
        Whether reasoning never ends, or ends with nothing behind it.
    """

    excerpt: Excerpt
    removed: tuple[Removed, ...]
    unfinished: bool


class _Parts:
    """An excerpt from which parts are taken off, one kind after the other."""

    def __init__(self, excerpt: Excerpt) -> None:
        self.excerpt = excerpt
        self.removed: list[Removed] = []
        self.unfinished = False

    def remove(self, spans: list[tuple[int, int]], part: RemovedPart, instead: str = "") -> None:
        spans = [(start, end) for start, end in spans if end > start]
        self.removed += [Removed(part, *self.excerpt.place(start, end)) for start, end in spans[:_MOST_TAGS]]
        self.excerpt = self.excerpt.replaced((start, end, instead) for start, end in spans)

    def keep(self, spans: list[tuple[int, int]], part: RemovedPart) -> None:
        position = 0
        for start, end in [*spans, (len(self.excerpt.text), len(self.excerpt.text))]:
            if self.excerpt.text[position:start].strip():
                self.removed.append(Removed(part, *self.excerpt.place(position, start)))
            position = end
        self.excerpt = self.excerpt.only(spans)


def answer_part(text: str, requested: int, longest: int) -> AnswerPart:
    """Take off of a response whatever is not its answer.

    Parameters
    ----------
    text : str
        The response as received.
    requested : int
        How many answers were asked for; of more answer tags than that, one answer each, the last is meant.
    longest : int
        Characters of either end; of a text that is longer than both ends, the middle is taken off.
    """
    parts = _Parts(Excerpt(text))
    _take_channels_off(parts)
    _take_spoken_reasoning_off(parts)
    tagged = _MAY_HOLD_TAGS.search(text) is not None
    if tagged:
        _take_reasoning_off(parts)
    _take_middle_off(parts, longest)
    if tagged:
        _unwrap_answers(parts, requested)
        _take_tokens_off(parts)
    return AnswerPart(
        parts.excerpt, tuple(sorted(parts.removed, key=lambda removed: (removed.start, removed.end))), parts.unfinished
    )


def _take_channels_off(parts: _Parts) -> None:
    """Keep the final channel of a response in channels, with their markers or with what is left of them."""
    text = parts.excerpt.text
    channels = list(_CHANNEL.finditer(text)) if "<|channel|>" in text else []
    final = [channel for channel in channels if channel.group(1) == "final"]
    if final:
        ends = _CHANNEL_END.search(text, final[-1].end())
        parts.keep([(final[-1].end(), ends.start() if ends else len(text))], "reasoning")
        return
    only = _BARE_FINAL.match(text)
    if only:
        parts.remove([only.span()], "token")
        return
    bare = _BARE_CHANNEL.match(text)
    if bare:
        finals = list(_BARE_FINAL.finditer(text, bare.end()))
        if finals:
            parts.remove([(0, finals[-1].end())], "reasoning")
        elif text[bare.end()].isupper() and not text[bare.end() - 1].isspace():
            parts.unfinished = True
            parts.remove([(bare.start(), len(text))], "unclosed_reasoning")
        return
    if channels:
        parts.unfinished = True
        parts.remove([(channels[0].start(), len(text))], "unclosed_reasoning")


def _take_spoken_reasoning_off(parts: _Parts) -> None:
    for beginning, end in _SPOKEN:
        opened = beginning.match(parts.excerpt.text)
        closed = end.search(parts.excerpt.text, opened.end()) if opened else None
        if opened and closed:
            parts.remove([(opened.start(), closed.end())], "reasoning")


def _take_reasoning_off(parts: _Parts) -> None:
    text = parts.excerpt.text
    spans, opened_at = _reasoning_spans(text)
    if spans and spans[-1] == (0, len(text.rstrip())):
        parts.unfinished = True
    if opened_at is not None:
        parts.unfinished = True
        parts.removed.append(Removed("unclosed_reasoning", *parts.excerpt.place(opened_at, len(text))))
        parts.excerpt = parts.excerpt.replaced([(opened_at, len(text), "")])
    parts.remove(spans, "reasoning", "\n")


def _reasoning_spans(text: str) -> tuple[list[tuple[int, int]], int | None]:
    """Where reasoning stands, and from where it never closes. A close without an opening ends all before it."""
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    for tag in _TAG.finditer(text):
        kind = tag.lastgroup
        if kind == "opens" or (kind == "details" and _THINKING_WORD.search(tag.group())):
            opened = tag.start() if opened is None else opened
        elif kind == "empty":
            spans.append(tag.span())
        elif opened is not None and kind != "details":
            spans.append((opened, tag.end()))
            opened = None
        elif kind == "closes" and spans and not _WORD.search(text, tag.end()):
            spans.append(tag.span())
        elif kind == "closes" and not _MAY_FOLLOW.search(tag.group()):
            spans = [(0, tag.end())]
    return spans, opened


def _unwrap_answers(parts: _Parts, requested: int) -> None:
    """Keep what stands inside answer tags: of several, all up to the number asked for, else the last."""
    text = parts.excerpt.text
    tags = list(islice(_ANSWER_TAG.finditer(text), _MOST_TAGS))
    if not tags:
        return
    pairs: list[tuple[int, int]] = []
    opened: int | None = None
    for tag in tags:
        if tag["close"] or tag["close2"] or (tag["token"] or "").lower().startswith("end"):
            if opened is not None:
                pairs.append((opened, tag.start()))
            opened = None
        else:
            opened = tag.end()
    pairs = [pair for pair in pairs if _WORD.search(text, *pair)]
    if not pairs and opened is not None and _WORD.search(text, opened):
        pairs = [(opened, len(text))]
    if not pairs:
        parts.remove([tag.span() for tag in tags], "token")
        return
    if len(pairs) > 1 and (requested == 1 or any("\n" in text[slice(*pair)].strip() for pair in pairs)):
        pairs = pairs[-1:]
    parts.keep(pairs, "outside_answer")


def _take_tokens_off(parts: _Parts) -> None:
    text = parts.excerpt.text
    begin = 0
    while skipped := _NOT_YET.match(text, begin):
        begin = skipped.end()
    ended = _END_OF_TURN.search(text, begin)
    if ended and _WORD.search(text, begin, ended.start()):
        parts.remove([(ended.start(), len(text))], "token")
    parts.remove([token.span() for token in _TOKEN.finditer(parts.excerpt.text)], "token", "\n")


def _take_middle_off(parts: _Parts, longest: int) -> None:
    text = parts.excerpt.text
    if len(text) <= 2 * longest and text.count("\n") <= 2 * _MOST_LINES:
        return
    first, last = 0, len(text)
    for _ in range(_MOST_LINES):
        after, before = text.find("\n", first + 1), text.rfind("\n", 0, last)
        first, last = after if after >= 0 else len(text), max(before, 0)
    first, last = min(first, longest), max(last, len(text) - longest)
    if first < last:
        parts.remove([(first, last)], "middle", "\n")
