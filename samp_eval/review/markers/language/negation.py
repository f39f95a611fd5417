"""Negations that another word undoes: ``do not delay``, ``not relieved``, ``do not start until``."""

from __future__ import annotations

from itertools import pairwise

from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import kind_words, word_stem

__all__ = ["NO_NEED", "is_stopping", "without_double_negatives", "without_unrelieved"]

NO_NEED = "no need"
_PURPOSE = frozenset({"so", "where"})
_UNABLE = frozenset({"cannot", "cant", "wont", "doesnt", "couldnt"})
_NOT_RELIEF = frozenset({"help", "free", "exclud", "gone"})
"""Words of the kind that a negation does not turn into a complaint that lasts: ``it would not help``."""
_NOT_DELAYED = frozenset({"delai", "wait", "forget", "hesit"})


def without_double_negatives(tokens: list[Token]) -> list[Token]:
    """Read every negation that is taken back again as what it means."""
    return _without_double_negative(without_unrelieved(_without_inability(_waiting(tokens))))


def _without_inability(tokens: list[Token]) -> list[Token]:
    """Read ``where the boy cannot get at them`` as a purpose: it takes nothing back."""
    purpose = -1
    out = []
    for token in tokens:
        purpose = token.part if token.written in _PURPOSE else purpose
        unable = token.stem == "no" and token.written in _UNABLE and token.part == purpose
        out.append(token._replace(stem="can") if unable else token)
    return out


def is_stopping(token: Token) -> bool:
    """Say whether the word means stop or avoid, and not that something is absent."""
    return token.stem == "no" and word_stem(token.written) in kind_words("stopping")


def without_unrelieved(tokens: list[Token]) -> list[Token]:
    """Read ``not relieved``, ``never improves`` as the complaint that lasts."""
    for position, (first, second) in enumerate(pairwise(tokens)):
        conditional = position > 0 and tokens[position - 1].written == "if"
        if (
            first.stem == "no"
            and not (is_stopping(first) or conditional)
            and second.stem in kind_words("resolving") - _NOT_RELIEF
        ):
            return tokens[:position] + tokens[position + 2 :]
    return tokens


def _waiting(tokens: list[Token]) -> list[Token]:
    """Read ``do not start until he is in withdrawal`` as waiting until then."""
    for position, token in enumerate(tokens):
        if token.stem == "no" and not is_stopping(token):
            for place in range(position + 1, len(tokens)):
                if tokens[place].written == "until" and tokens[place].part == token.part:
                    return [*tokens[:position], token._replace(stem="wait", written="wait"), *tokens[position + 1 :]]
    return tokens


def _without_double_negative(tokens: list[Token]) -> list[Token]:
    """Take both words out where one undoes the other: ``do not delay antibiotics`` asks for antibiotics.

    ``Do not stop`` becomes ``continue``: the opposite of the answer where the question asks what to stop.
    """
    for position, (first, second) in enumerate(pairwise(tokens)):
        if first.stem == "no" and second.stem == "no" and word_stem(second.written) in kind_words("stopping"):
            return [*tokens[:position], second._replace(stem="continu"), *tokens[position + 2 :]]
        if first.stem == "no" and (second.stem in _NOT_DELAYED or second.stem == "no"):
            return tokens[:position] + tokens[position + 2 :]
        if first.stem == "no" and second.stem == "need":
            return [*tokens[:position], first._replace(stem=NO_NEED), *tokens[position + 2 :]]
    return tokens
