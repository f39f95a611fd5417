"""Answers that leave the patient's side: something given to another person, done for another, or done unasked."""

from __future__ import annotations

from itertools import pairwise

from samp_eval.review.markers.first_answer import Line, Turn
from samp_eval.review.markers.language.negation import NO_NEED, is_stopping
from samp_eval.review.markers.language.senses import EntrySense, QuestionSense
from samp_eval.review.markers.language.vocabulary import kind_words
from samp_eval.review.markers.wording import Wording

__all__ = ["other_side"]


_WHOSE = frozenset({"her", "his", "a", "an", "the", "their", "other"})
_OF_SOMEBODY = frozenset({"her", "his", "their"})
_FOR = frozenset({"for", "of", "on", "to", "against"})
_ONESELF = frozenset({"herself", "himself", "themselves", "themself"})
_TALES = frozenset(
    {"novel", "film", "movie", "dream", "fiction", "fictional", "character", "newspaper", "story", "song"}
)
_CHILDREN = frozenset({"baby", "child", "children", "kid", "kids", "infant", "toddler", "newborn"})
_STAFF = frozenset({"nurs", "doctor", "physician", "intern", "resident", "staff", "teacher"})
_GIVING = frozenset({"to", "for"})
_UNASKED = frozenset({"secretly", "covertly", "unasked", "unbeknownst"})
_WANTING = frozenset({"prefer", "want", "wish", "choos", "decid", "chose", "hope", "think", "believ", "demand"})
_MORE = frozenset({"more", "extra", "additional"})
_COPULAS = frozenset({"is", "are", "be", "remains", "stays", "seems", "makes"})


def other_side(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """Find who is given the answer in the patient's place, whom it serves, and who was not asked.

    Parameters
    ----------
    line : Line
    wording : Wording
    entry : EntrySense
    sense : QuestionSense
    """
    if sense.asks_for_findings:
        return _only_told(line, sense) or _of_her_child(line, entry, sense)
    return (
        _given_to_another(line, wording, entry, sense)
        or _of_the_named(line, entry)
        or _for_another(line)
        or _wanted_by_another(line, entry)
        or _unasked(line, entry, sense)
        or _praised(line, sense)
        or _no_reason_to_stop(line, wording, sense)
        or _condemned(line, wording, sense)
    )


def _only_told(line: Line, sense: QuestionSense) -> Turn | None:
    """``Suicide of a character in a novel`` has happened to nobody."""
    for place, token in line.extras():
        is_read = token.written in ("read", "heard") and line.written(place + 1) in ("about", "of")
        if is_read or (token.written in _TALES and token.stem not in sense.context):
            return Turn(f"is only told of ({token.written})", open=True)
    return None


def _of_her_child(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Appetite of her baby``, where the patient has no part in a child's."""
    for place, token in line.extras():
        is_hers = line.written(place - 1) in _OF_SOMEBODY and line.written(place - 2) in ("of", "in")
        if is_hers and token.written in _CHILDREN and token.stem not in sense.context | entry.stems:
            return Turn(f"speaks of somebody else ({token.written})", open=True)
    return None


def _given_to_another(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Give the shelter number to the husband``: not to her whom it is for."""
    if wording.spoken & {"family", "relativ", "contact"}:
        return None
    for place, token in enumerate(line.tokens):
        if place < line.start or token.stem not in kind_words("outsider") or token.stem in entry.stems | sense.people:
            continue
        before = [line.written(at) for at in (place - 1, place - 2, place - 3)]
        is_his = before[1] in _WHOSE and before[2] in _GIVING
        if is_his or before[0] in _GIVING or (before[0] in _WHOSE and before[1] in _GIVING):
            return Turn(f"speaks of somebody else ({token.written})", open=True)
    return None


def _of_the_named(line: Line, entry: EntrySense) -> Turn | None:
    """``Treat the partner's cousin``, where the entry treats the partner."""
    people = kind_words("person")
    for place, token in line.extras():
        if token.stem not in people or token.stem in entry.stems | {"physician", "family", "employer"}:
            continue
        if place - 1 in line.places and line.tokens[place - 1].stem in people:
            return Turn(f"speaks of somebody else ({token.written})", open=True)
    return None


def _for_another(line: Line) -> Turn | None:
    """``Daughter exercises for her own stress``: whoever is named first does it for the patient, not for herself."""
    for place in range(line.last + 2, len(line.tokens)):
        named = line.tokens[place - 1].stem in kind_words("person") | _STAFF
        if named and line.written(place) in _ONESELF and line.written(place - 3) in _GIVING:
            return Turn(f"speaks of somebody else ({line.written(place - 1)})", open=True)
    if not any(token.stem in kind_words("person") for token in line.tokens[: line.start]):
        return None
    for place, (first, second) in enumerate(pairwise(line.tokens)):
        is_own = second.written in _OF_SOMEBODY and line.written(place + 2) == "own"
        if first.written in _FOR and (is_own or second.written in _ONESELF):
            return Turn(f"speaks of somebody else ({first.written} {second.written})", open=True)
    return None


def _wanted_by_another(line: Line, entry: EntrySense) -> Turn | None:
    """``What her brother would have preferred`` is not what she prefers."""
    for place, token in enumerate(line.tokens):
        is_other = token.stem in kind_words("person") and token.stem != "physician"
        if not is_other and token.stem not in kind_words("outsider"):
            continue
        wanting = next((after for after in line.tokens[place + 1 : place + 4] if after.stem in _WANTING), None)
        if wanting and (wanting.stem not in entry.stems or token.stem not in entry.stems):
            return Turn(f"speaks of somebody else ({token.written} {wanting.written})", open=True)
    return None


def _unasked(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Phone the boss without asking him``."""
    if "no" in entry.stems or "without" in sense.spoken:
        return None
    for place, token in enumerate(line.tokens):
        if token.written not in _UNASKED and token.written not in ("without", "behind"):
            continue
        after = {later.stem for later in line.tokens[place + 1 : place + 4]}
        if token.written == "without" and after & kind_words("agreeing"):
            return Turn("without asking or telling", open=True)
        if token.written in _UNASKED or (token.written == "behind" and "back" in after and "back" not in entry.stems):
            return Turn(f"without asking or telling ({token.written})", open=True)
    return None


def _praised(line: Line, sense: QuestionSense) -> Turn | None:
    """``Paroxetine is the one to prefer``, where the question asks what to avoid."""
    if sense.spoken.isdisjoint(kind_words("stopping")):
        return None
    for place in range(line.last + 1, len(line.tokens)):
        rest = line.tokens[place + 1 :]
        praise = next((token for token in rest[:6] if token.stem in kind_words("praising")), None)
        if line.written(place) in _COPULAS and praise and not any(token.stem == "no" for token in rest):
            return Turn(f"says the opposite: {praise.written}")
    return None


def _no_reason_to_stop(line: Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """``No reason to avoid fluoxetine``, where the question asks what to avoid."""
    if not wording.stopping and sense.spoken.isdisjoint(kind_words("stopping")):
        return None
    for place, token in enumerate(line.tokens[: line.last]):
        if token.written in _MORE and place + 1 == line.start:
            return Turn(f"says the opposite: {token.written} {line.written(place + 1)}")
        if token.stem not in ("no", NO_NEED) or is_stopping(token):
            continue
        stopped = next((after for after in line.tokens[place + 1 : place + 5] if is_stopping(after)), None)
        if stopped:
            return Turn(f"says the opposite: {token.written} {stopped.written}")
    return None


def _condemned(line: Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """``Metoclopramide is to be avoided``, where the question asks what to give."""
    if "no" in wording.spoken or not sense.spoken.isdisjoint(kind_words("stopping")):
        return None
    for place in range(line.last + 1, len(line.tokens)):
        rest = line.tokens[place + 1 : place + 5]
        avoided = next((token for token in rest if is_stopping(token)), None)
        if line.written(place) in _COPULAS and avoided:
            return Turn(f"says that it is to {avoided.written}")
    return None
